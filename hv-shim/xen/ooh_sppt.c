/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The sub-page-permission table of a domain, and the EPT entries that refer to it.
 *
 * The table says which sub-pages of a pool page may be written, the EPT entry that the page is in a
 * pool. Where Xen itself takes the write permission away (a shared page, log-dirty mode without
 * PML), the table is not in force: Xen has to see the write, and gives the permission back itself.
 * Tables stay until the domain ends. Callers hold the p2m lock, but for the last function.
 */
#include <xen/domain_page.h>
#include <xen/lib.h>
#include <xen/sched.h>

#include <asm/p2m.h>
#include <asm/paging.h>

#include "../../mm/mm-locks.h"
#include "epml-spec.h"
#include "ooh.h"

/* No access type has these three bits, whichever of the two places it is at. */
#define MARK	((1UL << 62) | (1UL << 60) | (1UL << 59))
#define OURS	(1UL << 62)

#define SPPT_LEVELS	4

bool ooh_sppt_is_pool(const ept_entry_t *entry)
{
	return (entry->epte & MARK) == MARK;
}

bool ooh_sppt_in_force(const ept_entry_t *entry)
{
	return ooh_sppt_is_pool(entry) && (entry->epte & EPML_EPT_SPP);
}

void ooh_sppt_mark(ept_entry_t *entry)
{
	entry->access = p2m_access_rwx;
	entry->epte = (entry->epte | OURS) & ~EPML_EPT_SPP;
}

/* The page becomes an ordinary one. */
void ooh_sppt_unmark(ept_entry_t *entry)
{
	if (ooh_sppt_in_force(entry))
		entry->w = 1;
	entry->epte &= ~(OURS | EPML_EPT_SPP);
	entry->access = p2m_access_rwx;
}

/* The entry of a pool page has the permissions of its type: put the table in force if it can be. */
void ooh_sppt_permissions(struct domain *d, ept_entry_t *entry)
{
	if (!entry->w) {
		entry->epte &= ~EPML_EPT_SPP;
		return;
	}
	entry->w = 0;
	entry->epte |= EPML_EPT_SPP;
	ooh_domain(d)->memory.granted++;
}

static struct page_info *new_table(struct domain *d)
{
	struct page_info *page = d->arch.paging.alloc_page(d);

	if (page)
		page_list_add_tail(page, &ooh_domain(d)->memory.tables);
	return page;
}

struct page_info *ooh_sppt_root(struct domain *d)
{
	struct ooh_memory *m = &ooh_domain(d)->memory;

	if (!m->sppt)
		m->sppt = new_table(d);
	return m->sppt;
}

/*
 * Map the leaf of a page, to be unmapped.
 * @param make	with the tables above it; NULL is then out of memory
 */
static uint64_t *map_leaf(struct domain *d, unsigned long gfn, bool make)
{
	struct page_info *page = ooh_domain(d)->memory.sppt;
	unsigned int level;

	if (!page)
		return NULL;
	for (level = SPPT_LEVELS - 1;; level--) {
		uint64_t *entry = __map_domain_page(page);

		entry += (gfn >> level * EPT_TABLE_ORDER) & (EPT_PAGETABLE_ENTRIES - 1);
		if (!level)
			return entry;
		if (!*entry && make) {
			page = new_table(d);
			if (page)
				write_atomic(entry, page_to_maddr(page) | EPML_SPPT_VALID);
		}
		page = *entry ? maddr_to_page(*entry & EPML_SPPT_ADDRESS_MASK) : NULL;
		unmap_domain_page(entry);
		if (!page)
			return NULL;
	}
}

int ooh_sppt_set(struct domain *d, unsigned long gfn, uint64_t vector)
{
	uint64_t *leaf = map_leaf(d, gfn, true);

	if (!leaf)
		return -ENOMEM;
	write_atomic(leaf, vector);
	ooh_domain(d)->memory.granted++;
	unmap_domain_page(leaf);
	return 0;
}

uint64_t ooh_sppt_get(struct domain *d, unsigned long gfn)
{
	uint64_t *leaf = map_leaf(d, gfn, false), vector = 0;

	if (leaf) {
		vector = *leaf;
		unmap_domain_page(leaf);
	}
	return vector;
}

/* One page of the pools less. */
void ooh_sppt_forget(struct domain *d, unsigned long gfn)
{
	uint64_t *leaf = map_leaf(d, gfn, false);

	if (!leaf)
		return;
	write_atomic(leaf, 0);
	unmap_domain_page(leaf);
	ooh_domain(d)->memory.pool_pages--;
}

void ooh_sppt_free(struct domain *d)
{
	struct p2m_domain *p2m = p2m_get_hostp2m(d);
	struct ooh_memory *m;
	struct page_info *page;

	if (!ooh_domain(d))
		return;
	m = &ooh_domain(d)->memory;
	p2m_lock(p2m);
	m->sppt = NULL;
	m->pool_pages = 0;
	while ((page = page_list_remove_head(&m->tables)))
		d->arch.paging.free_page(d, page);
	p2m_unlock(p2m);
}
