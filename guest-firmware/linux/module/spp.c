// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pools of pages with write-protected sub-pages, for heap allocators. The hypervisor sets them up,
 * and makes them ordinary again before they go back to the kernel.
 */
#define pr_fmt(fmt) "ooh: " fmt

#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "hw.h"
#include "module.h"

struct ooh_spp_pool {
	void *memory;
	unsigned int pages;
};

static bool is_frequency(u32 n)
{
	return n >= 2 && n <= 32 && is_power_of_2(n);
}

/* Set up the pool of a descriptor, which has none yet. */
int ooh_spp_create(struct ooh_file *file, const struct ooh_spp *arg)
{
	struct ooh_spp_pool *pool;
	long error;

	if (!(ooh_caps & OOH_CAP_SPP))
		return -EOPNOTSUPP;
	if (!arg->pages || arg->pages > OOH_SPP_PAGES_MAX || !is_frequency(arg->frequency))
		return -EINVAL;
	pool = kzalloc(sizeof(*pool), GFP_KERNEL);
	if (!pool)
		return -ENOMEM;
	pool->pages = arg->pages;
	pool->memory = alloc_pages_exact(pool->pages * PAGE_SIZE, GFP_KERNEL | __GFP_ZERO);
	error = pool->memory ? ooh_call(OOH_OP_SPP_SET, __pa(pool->memory), pool->pages,
					arg->frequency)
			     : -ENOMEM;
	if (error) {
		if (pool->memory)
			free_pages_exact(pool->memory, pool->pages * PAGE_SIZE);
		kfree(pool);
		return error;
	}
	file->pool = pool;
	return 0;
}

/* The pool is shared or not at all: a private copy would have no protected sub-pages. */
int ooh_spp_mmap(struct ooh_file *file, struct vm_area_struct *vma)
{
	const struct ooh_spp_pool *pool = file->pool;
	unsigned long at, n = vma_pages(vma);
	int error;

	if (!pool || !(vma->vm_flags & VM_SHARED))
		return -EINVAL;
	if (vma->vm_pgoff >= pool->pages || n > pool->pages - vma->vm_pgoff)
		return -EINVAL;
	vm_flags_set(vma, VM_DONTEXPAND | VM_DONTDUMP);
	for (at = 0; at < n; at++) {
		error = vm_insert_page(vma, vma->vm_start + at * PAGE_SIZE,
				       virt_to_page(pool->memory) + vma->vm_pgoff + at);
		if (error)
			return error;
	}
	return 0;
}

/* Pages that the hypervisor does not make ordinary again must not be used for anything else. */
void ooh_spp_destroy(struct ooh_file *file)
{
	struct ooh_spp_pool *pool = file->pool;
	long error = ooh_call(OOH_OP_SPP_CLEAR, __pa(pool->memory), pool->pages, 0);

	if (error)
		pr_err("%u pages of a pool stay write-protected: error %ld\n", pool->pages, error);
	else
		free_pages_exact(pool->memory, pool->pages * PAGE_SIZE);
	kfree(pool);
	file->pool = NULL;
}
