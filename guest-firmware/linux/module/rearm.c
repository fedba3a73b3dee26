// SPDX-License-Identifier: GPL-2.0-only
/*
 * Re-arming: the dirty flags of pages are cleared, so that the next write to each is logged again.
 *
 * With the trigger in the guest's page tables this is done here. The flag is the kernel's too: what
 * it said is handed on to the folio. Translations that were cached with the flag set are flushed
 * before the lock of the page table is released, since reclaim and write-back take a clean entry
 * for a page that nobody is writing to. With the trigger in EPT the hypervisor does it.
 */
#include <linux/hugetlb.h>
#include <linux/mm.h>
#include <linux/sched/coredump.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/swapops.h>
#include <linux/uaccess.h>

#include "hw.h"
#include "module.h"

/* More pages than this are flushed all at once. */
#define FLUSH_SINGLY 33
/* A page that migrates is waited for so often. */
#define PATIENCE 16

/* A walk through one page table, under its lock. */
struct walk {
	struct ooh_tracker *tracker;
	struct mm_struct *mm;
	const unsigned long *wanted;	/* bitmap of the table's pages, NULL: all */
	unsigned long last;		/* page at which the walk ends */
	unsigned long migrates;		/* page at which it was given up; 0: none */
	unsigned int n;			/* pages whose translations are to be flushed */
	unsigned long pages[FLUSH_SINGLY];
	u64 *gpas;			/* with the trigger in EPT: a page for the list, */
	unsigned int n_gpas;		/* and how many are in it */
};

static void flush_here(void *data)
{
	const struct walk *walk = data;
	unsigned int i;

	if (boot_cpu_has(X86_FEATURE_PTI)) {
		__flush_tlb_all();
	} else if (walk->n > FLUSH_SINGLY) {
		native_write_cr3(__native_read_cr3());
	} else {
		for (i = 0; i < walk->n; i++)
			asm volatile("invlpg (%0)" ::"r"(walk->pages[i]) : "memory");
	}
}

/*
 * A processor that has the address space loaded flushes now. One that has had it, and may have
 * translations under another PCID, sees the new generation when it loads it again.
 */
static void flush(struct walk *walk)
{
	if (!walk->n)
		return;
	atomic64_inc(&walk->mm->context.tlb_gen);
	smp_mb__after_atomic();
	on_each_cpu_mask(mm_cpumask(walk->mm), flush_here, walk, true);
	walk->n = 0;
}

static void clean(struct walk *walk, pte_t *pte, pte_t value, unsigned long address)
{
	do {
		if (!pte_dirty(value))
			return;
	} while (!try_cmpxchg(&pte->pte, &value.pte, pte_mkclean(value).pte));
	if (!pte_special(value))
		folio_mark_dirty(page_folio(pte_page(value)));
	if (walk->n < FLUSH_SINGLY)
		walk->pages[walk->n] = address;
	walk->n++;
}

static bool is_wanted(const struct walk *walk, unsigned long address)
{
	return !walk->wanted || test_bit(pte_index(address), walk->wanted);
}

/*
 * A page that is migrated comes back as dirty as it went. Its entry cannot be changed meanwhile.
 */
static bool migrates(pte_t value)
{
	return !pte_none(value) && !pte_present(value) &&
	       is_migration_entry(pte_to_swp_entry(value));
}

static int clean_wanted(pte_t *pte, unsigned long address, void *data)
{
	struct walk *walk = data;
	pte_t value = ptep_get(pte);

	if (is_wanted(walk, address)) {
		if (migrates(value)) {
			walk->migrates = address;
			flush(walk);
			return -EAGAIN;
		}
		if (pte_present(value))
			clean(walk, pte, value, address);
	}
	if (address == walk->last)
		flush(walk);
	return 0;
}

/* The list of GPAs has room for a whole page table. */
static int list_wanted(pte_t *pte, unsigned long address, void *data)
{
	struct walk *walk = data;
	pte_t value = ptep_get(pte);

	if (is_wanted(walk, address) && pte_present(value) && !pte_special(value))
		walk->gpas[walk->n_gpas++] = PFN_PHYS(pte_pfn(value));
	return 0;
}

static int rearm_gpas(struct ooh_tracker *tracker, const u64 *gpas, unsigned int n)
{
	long result;

	tracker->hypercalls++;
	result = ooh_call(OOH_OP_REARM, __pa(gpas), n, 0);
	return result < 0 ? result : 0;
}

/* A fault for reading waits until the page has arrived. */
static void wait_for(struct mm_struct *mm, unsigned long address)
{
	struct page *page;

	if (get_user_pages_remote(mm, address, 1, FOLL_FORCE, &page, NULL) == 1)
		put_page(page);
}

static void clean_table(struct walk *walk, unsigned long start, unsigned long end)
{
	unsigned int patience = PATIENCE;
	u64 entry;

	walk->last = end - PAGE_SIZE;
	for (; start < end; start = walk->migrates) {
		walk->migrates = 0;
		apply_to_existing_page_range(walk->mm, start, end - start, clean_wanted, walk);
		if (!walk->migrates)
			return;
		if (patience--) {
			wait_for(walk->mm, walk->migrates);
			continue;
		}
		/* It counts as modified until it can be re-armed. */
		entry = walk->migrates;
		ooh_target_push(walk->tracker->target, OOH_KIND_EPML, &entry, 1);
		walk->migrates += PAGE_SIZE;
		patience = PATIENCE;
	}
}

/* The pages from start to end are in one page table. */
static int rearm_table(struct walk *walk, unsigned long start, unsigned long end)
{
	if (!ooh_trigger_is_ept()) {
		clean_table(walk, start, end);
		return 0;
	}
	walk->n_gpas = 0;
	apply_to_existing_page_range(walk->mm, start, end - start, list_wanted, walk);
	return walk->n_gpas ? rearm_gpas(walk->tracker, walk->gpas, walk->n_gpas) : 0;
}

/* Page tables are safe only below mappings: others may just be freed. */
static int rearm_range(struct walk *walk, unsigned long start, unsigned long end)
{
	struct vm_area_struct *vma;
	unsigned long at, next;
	int error;
	VMA_ITERATOR(vmi, walk->mm, start);

	for_each_vma_range(vmi, vma, end) {
		if (is_vm_hugetlb_page(vma))
			return -EOPNOTSUPP;
		for (at = max(start, vma->vm_start); at < min(end, vma->vm_end); at = next) {
			next = pmd_addr_end(at, min(end, vma->vm_end));
			error = rearm_table(walk, at, next);
			if (error)
				return error;
			cond_resched();
		}
	}
	return 0;
}

/* Addresses in the same page table, one after the other, are done in one walk. */
static int rearm_addresses(struct walk *walk, const u64 *addresses, unsigned int n)
{
	DECLARE_BITMAP(wanted, PTRS_PER_PTE);
	unsigned long first, last;
	unsigned int i = 0;
	int error;

	walk->wanted = wanted;
	while (i < n) {
		bitmap_zero(wanted, PTRS_PER_PTE);
		first = last = addresses[i] & PAGE_MASK;
		for (; i < n && (addresses[i] & PMD_MASK) == (first & PMD_MASK); i++) {
			__set_bit(pte_index(addresses[i]), wanted);
			first = min_t(unsigned long, first, addresses[i] & PAGE_MASK);
			last = max_t(unsigned long, last, addresses[i] & PAGE_MASK);
		}
		error = rearm_range(walk, first, last + PAGE_SIZE);
		if (error)
			return error;
	}
	return 0;
}

static struct walk *walk_create(struct ooh_tracker *tracker)
{
	struct walk *walk = kzalloc(sizeof(*walk), GFP_KERNEL);

	if (!walk)
		return ERR_PTR(-ENOMEM);
	walk->tracker = tracker;
	walk->mm = tracker->target->mm;
	walk->gpas = (u64 *)__get_free_page(GFP_KERNEL);
	if (!walk->gpas) {
		kfree(walk);
		return ERR_PTR(-ENOMEM);
	}
	return walk;
}

static void walk_free(struct walk *walk)
{
	free_page((unsigned long)walk->gpas);
	kfree(walk);
}

/* The address space stays, and stays as it is, from begin to end. */
static int mm_begin(struct mm_struct *mm)
{
	if (!mmget_not_zero(mm))
		return -ESRCH;
	if (mmap_read_lock_killable(mm)) {
		mmput(mm);
		return -EINTR;
	}
	return 0;
}

static void mm_end(struct mm_struct *mm)
{
	mmap_read_unlock(mm);
	mmput(mm);
}

/*
 * No huge page is made any more; in a process that goes on without being tracked, neither. What the
 * process asks of prctl(PR_SET_THP_DISABLE) comes later and counts.
 */
static int clean_all(struct ooh_tracker *tracker)
{
	struct walk *walk = walk_create(tracker);
	struct mm_struct *mm = tracker->target->mm;
	int error;

	if (IS_ERR(walk))
		return PTR_ERR(walk);
	error = mm_begin(mm);
	if (!error) {
		set_bit(MMF_DISABLE_THP, &mm->flags);
		error = ooh_pages_small(mm);
		if (!error)
			error = rearm_range(walk, 0, TASK_SIZE_MAX);
		mm_end(mm);
	}
	walk_free(walk);
	return error;
}

/**
 * ooh_rearm_all - re-arm all pages of the process, or of the guest where the hypervisor does it
 * @tracker: tracker
 *
 * Return: 0; -ESRCH if the address space is gone, -EOPNOTSUPP if it has pages of hugetlbfs, errors
 * of the hypervisor.
 */
int ooh_rearm_all(struct ooh_tracker *tracker)
{
	if (tracker->kind == OOH_KIND_SPML || ooh_trigger_is_ept())
		return rearm_gpas(tracker, NULL, 0);
	return clean_all(tracker);
}

static int rearm_chunk(struct walk *walk, const u64 *addresses, unsigned int n)
{
	unsigned int i;
	int error;

	if (walk->tracker->kind == OOH_KIND_SPML)
		return rearm_gpas(walk->tracker, addresses, n);
	for (i = 0; i < n; i++) {
		if (addresses[i] >= TASK_SIZE_MAX)
			return -EINVAL;
	}
	error = mm_begin(walk->mm);
	if (error)
		return error;
	error = rearm_addresses(walk, addresses, n);
	mm_end(walk->mm);
	return error;
}

/**
 * ooh_rearm_list - re-arm some pages; quicker if they are sorted
 * @tracker: tracker
 * @from: array of GVAs (EPML) or GPAs (SPML) in user space
 * @n: how many
 *
 * Return: 0; -EFAULT, -EINVAL for an address outside of user space, else as ooh_rearm_all. After an
 * error some of the pages may be re-armed.
 */
int ooh_rearm_list(struct ooh_tracker *tracker, const u64 __user *from, u64 n)
{
	u64 *chunk = (u64 *)__get_free_page(GFP_KERNEL);
	struct walk *walk = walk_create(tracker);
	int error = !chunk || IS_ERR(walk) ? -ENOMEM : 0;

	while (n && !error) {
		unsigned int part = min_t(u64, n, OOH_REARM_MAX);

		if (fatal_signal_pending(current))
			error = -EINTR;
		else if (copy_from_user(chunk, from, part * sizeof(*chunk)))
			error = -EFAULT;
		else
			error = rearm_chunk(walk, chunk, part);
		from += part;
		n -= part;
	}
	if (!IS_ERR(walk))
		walk_free(walk);
	free_page((unsigned long)chunk);
	return error;
}
