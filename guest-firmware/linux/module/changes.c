// SPDX-License-Identifier: GPL-2.0-only
/*
 * Dirty flags that the kernel sets or moves itself. The processor logs a page when *it* sets the
 * flag; a page that the kernel has made dirty before is never logged. docs/linux-guest.md has the
 * table of all places. They come down to four functions, at whose return an entry is due:
 *
 *	handle_mm_fault			a fault for writing, also on account of get_user_pages
 *	move_page_tables		mremap: the flag moves to another address
 *	mfill_atomic_install_pte	UFFDIO_COPY and UFFDIO_CONTINUE
 *	move_pages			UFFDIO_MOVE
 *
 * The entry is made after the flag was set and, since the instruction is restarted later, before
 * the page is written. Were it made before, a tracker could take it and re-arm the page in between.
 */
#define pr_fmt(fmt) "ooh: " fmt

#include <linux/hugetlb.h>
#include <linux/kprobes.h>
#include <linux/mm.h>
#include <linux/userfaultfd_k.h>

#include "module.h"

/* Faults that sleep hold one instance each. What has found none is counted, and is not lost. */
#define FAULTS_AT_ONCE 256
#define MOVES_AT_ONCE  16

/* What a call is going to change; kept until it returns. */
struct change {
	struct mm_struct *mm;
	struct vm_area_struct *vma;
	unsigned long start;
	unsigned long length;
};

static bool is_tracked(const struct mm_struct *mm)
{
	const struct ooh_target *target = ooh_target_find(mm);

	return target && target->epml;
}

static int enter_fault(struct kretprobe_instance *instance, struct pt_regs *regs)
{
	struct change *change = (struct change *)instance->data;
	struct vm_area_struct *vma = (void *)regs_get_kernel_argument(regs, 0);

	if (!(regs_get_kernel_argument(regs, 2) & FAULT_FLAG_WRITE) || !is_tracked(vma->vm_mm))
		return 1;
	change->mm = vma->vm_mm;
	change->vma = vma;
	change->start = regs_get_kernel_argument(regs, 1) & PAGE_MASK;
	return 0;
}

/*
 * A large folio may have been mapped as a whole, with all of its pages dirty. The caller of
 * handle_mm_fault holds the lock that keeps the page tables.
 */
static unsigned long mapped_size(struct vm_area_struct *vma, unsigned long address)
{
	pgd_t *pgd = pgd_offset(vma->vm_mm, address);
	p4d_t *p4d;
	pud_t *pud;
	pmd_t *pmd, entry;
	pte_t pte;

	if (pgd_none(*pgd))
		return PAGE_SIZE;
	p4d = p4d_offset(pgd, address);
	if (p4d_none(*p4d))
		return PAGE_SIZE;
	pud = pud_offset(p4d, address);
	if (pud_none(*pud))
		return PAGE_SIZE;
	if (pud_leaf(*pud))
		return PUD_SIZE;
	pmd = pmd_offset(pud, address);
	entry = READ_ONCE(*pmd);
	if (pmd_none(entry) || !pmd_present(entry))
		return PAGE_SIZE;
	if (pmd_leaf(entry))
		return PMD_SIZE;
	pte = ptep_get(pte_offset_kernel(&entry, address));
	if (!pte_present(pte) || pte_special(pte))
		return PAGE_SIZE;
	return folio_size(page_folio(pte_page(pte)));
}

/* A folio is aligned by its size in memory, but not necessarily where it is mapped. */
static void push_fault(struct ooh_target *target, struct vm_area_struct *vma, unsigned long address)
{
	unsigned long size = vma ? mapped_size(vma, address) : PAGE_SIZE;

	ooh_target_push_fault(target, address);
	if (size == PAGE_SIZE)
		return;
	ooh_target_push_range(target, max(vma->vm_start, address - min(address, size)),
			      min(vma->vm_end, address + size));
}

static int leave_fault(struct kretprobe_instance *instance, struct pt_regs *regs)
{
	const struct change *change = (struct change *)instance->data;
	struct ooh_target *target = ooh_target_find(change->mm);
	const unsigned long result = regs_return_value(regs);

	if (!target || (result & (VM_FAULT_ERROR | VM_FAULT_RETRY)))
		return 0;
	/* With VM_FAULT_COMPLETED the locks are not held any more. */
	push_fault(target, result & VM_FAULT_COMPLETED ? NULL : change->vma, change->start);
	return 0;
}

static int enter_mremap(struct kretprobe_instance *instance, struct pt_regs *regs)
{
	struct change *change = (struct change *)instance->data;
	const struct vm_area_struct *vma = (void *)regs_get_kernel_argument(regs, 0);

	if (!is_tracked(vma->vm_mm))
		return 1;
	change->mm = vma->vm_mm;
	change->start = regs_get_kernel_argument(regs, 3);
	change->length = regs_get_kernel_argument(regs, 4);
	return 0;
}

static int enter_uffd_move(struct kretprobe_instance *instance, struct pt_regs *regs)
{
	struct change *change = (struct change *)instance->data;
	const struct userfaultfd_ctx *ctx = (void *)regs_get_kernel_argument(regs, 0);

	if (!is_tracked(ctx->mm))
		return 1;
	change->mm = ctx->mm;
	change->start = regs_get_kernel_argument(regs, 1);
	change->length = regs_get_kernel_argument(regs, 3);
	return 0;
}

/* The whole range, also if only a part of it was moved: dirty pages are looked for later. */
static int leave_move(struct kretprobe_instance *instance, struct pt_regs *regs)
{
	const struct change *change = (struct change *)instance->data;
	struct ooh_target *target = ooh_target_find(change->mm);

	if (target)
		ooh_target_push_range(target, change->start, change->start + change->length);
	return 0;
}

static int enter_uffd_fill(struct kretprobe_instance *instance, struct pt_regs *regs)
{
	struct change *change = (struct change *)instance->data;
	const struct vm_area_struct *vma = (void *)regs_get_kernel_argument(regs, 1);

	if (!is_tracked(vma->vm_mm))
		return 1;
	change->mm = vma->vm_mm;
	change->start = regs_get_kernel_argument(regs, 2) & PAGE_MASK;
	return 0;
}

static int leave_uffd_fill(struct kretprobe_instance *instance, struct pt_regs *regs)
{
	const struct change *change = (struct change *)instance->data;
	struct ooh_target *target = ooh_target_find(change->mm);

	if (target && !regs_return_value(regs))
		ooh_target_push_fault(target, change->start);
	return 0;
}

#define PROBE(function, enter, leave, at_once)                                                     \
	{                                                                                          \
		.kp.symbol_name = function, .entry_handler = enter, .handler = leave,              \
		.maxactive = at_once, .data_size = sizeof(struct change),                          \
	}

static struct kretprobe probes[] = {
	PROBE("handle_mm_fault", enter_fault, leave_fault, FAULTS_AT_ONCE),
	PROBE("move_page_tables", enter_mremap, leave_move, MOVES_AT_ONCE),
	PROBE("mfill_atomic_install_pte", enter_uffd_fill, leave_uffd_fill, MOVES_AT_ONCE),
	PROBE("move_pages", enter_uffd_move, leave_move, MOVES_AT_ONCE),
};

static unsigned int users;
static unsigned int missed;

static void unregister(int n)
{
	while (n--)
		unregister_kretprobe(&probes[n]);
}

int ooh_changes_init(void)
{
	int i, error;

	for (i = 0; i < ARRAY_SIZE(probes); i++) {
		probes[i].kp.flags = KPROBE_FLAG_DISABLED;
		error = register_kretprobe(&probes[i]);
		if (error) {
			pr_err("cannot hook %s: error %d\n", probes[i].kp.symbol_name, error);
			unregister(i);
			return error;
		}
	}
	return 0;
}

void ooh_changes_exit(void)
{
	unregister(ARRAY_SIZE(probes));
}

static void disable(int n)
{
	while (n--)
		disable_kretprobe(&probes[n]);
}

/* Call both with ooh_mutex held. */
int ooh_changes_on(void)
{
	int i, error;

	if (users++)
		return 0;
	for (i = 0; i < ARRAY_SIZE(probes); i++) {
		error = enable_kretprobe(&probes[i]);
		if (error) {
			disable(i);
			users--;
			return error;
		}
	}
	return 0;
}

void ooh_changes_off(void)
{
	if (!--users)
		disable(ARRAY_SIZE(probes));
}

/* Calls that could not be followed, since there were too many at once, count as lost entries. */
void ooh_changes_missed(void)
{
	unsigned int now = 0;
	int i;

	for (i = 0; i < ARRAY_SIZE(probes); i++)
		now += READ_ONCE(probes[i].nmissed) + READ_ONCE(probes[i].kp.nmissed);
	if (xchg(&missed, now) != now)
		ooh_targets_lost();
}
