// SPDX-License-Identifier: GPL-2.0-only
/*
 * Walks through the pages of a target: huge pages are made small, and dirty pages are looked for.
 */
#include <linux/hugetlb.h>
#include <linux/mm.h>
#include <linux/sched/coredump.h>
#include <linux/sched/mm.h>

#include "module.h"

static bool is_huge(struct mm_struct *mm, unsigned long address)
{
	pgd_t *pgd = pgd_offset(mm, address);
	p4d_t *p4d;
	pud_t *pud;
	pmd_t pmd;

	if (pgd_none(*pgd))
		return false;
	p4d = p4d_offset(pgd, address);
	if (p4d_none(*p4d))
		return false;
	pud = pud_offset(p4d, address);
	if (pud_none(*pud) || pud_leaf(*pud))
		return false;
	pmd = READ_ONCE(*pmd_offset(pud, address));
	return pmd_present(pmd) && pmd_leaf(pmd);
}

/* Split the huge pages of a mapping; of the address space, mmap_lock is held for reading. */
static int split_vma(struct vm_area_struct *vma)
{
	unsigned long address = vma->vm_start & PMD_MASK;
	struct page *page;
	long n;

	for (; address < vma->vm_end; address += PMD_SIZE) {
		unsigned long inside = max(address, vma->vm_start);

		if (!is_huge(vma->vm_mm, inside))
			continue;
		n = get_user_pages_remote(vma->vm_mm, inside, 1, FOLL_SPLIT_PMD | FOLL_FORCE, &page,
					  NULL);
		if (n == 1)
			put_page(page);
		if (is_huge(vma->vm_mm, inside))
			return -EOPNOTSUPP;
	}
	return 0;
}

/**
 * ooh_pages_small - take away the huge pages of an address space
 * @mm: address space, in which mmap_lock is held for reading
 *
 * A huge page has one dirty flag for all of its 4-KByte pages.
 *
 * Return: 0, or -EOPNOTSUPP if there are pages that stay huge (hugetlbfs).
 */
int ooh_pages_small(struct mm_struct *mm)
{
	struct vm_area_struct *vma;
	int error;
	VMA_ITERATOR(vmi, mm, 0);

	for_each_vma(vmi, vma) {
		if (is_vm_hugetlb_page(vma))
			return -EOPNOTSUPP;
		error = split_vma(vma);
		if (error)
			return error;
	}
	return 0;
}

static int push_if_dirty(pte_t *pte, unsigned long address, void *data)
{
	const u64 entry = address;
	pte_t value = ptep_get(pte);

	if (pte_present(value) && pte_dirty(value))
		ooh_target_push(data, OOH_KIND_EPML, &entry, 1);
	return 0;
}

static void push_dirty(struct ooh_target *target, const struct ooh_range *range)
{
	struct vm_area_struct *vma;
	VMA_ITERATOR(vmi, target->mm, range->start);

	for_each_vma_range(vmi, vma, range->end) {
		unsigned long start = max(range->start, vma->vm_start);
		unsigned long end = min(range->end, vma->vm_end);

		if (is_vm_hugetlb_page(vma) || split_vma(vma))
			ooh_target_lost(target);
		else
			apply_to_existing_page_range(target->mm, start, end - start, push_if_dirty,
						     target);
	}
}

/* Entries for the dirty pages of all ranges that were put aside. */
void ooh_pages_dirty(struct ooh_target *target)
{
	struct ooh_range ranges[OOH_RANGES];
	unsigned int i, n = ooh_target_take_ranges(target, ranges);

	if (!n || !mmget_not_zero(target->mm))
		return;
	mmap_read_lock(target->mm);
	for (i = 0; i < n; i++)
		push_dirty(target, &ranges[i]);
	mmap_read_unlock(target->mm);
	mmput(target->mm);
}
