/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Cached translations (SDM 3C, "Caching translation information").
 *
 * An entry stands for a 4-KByte page of linear addresses; a larger page fills one entry for each
 * piece that is used. A write is granted from the cache only if the walk that filled the entry
 * was made for a write: the dirty flags are then known to be set. A user-mode access is granted
 * only if the walk was made for one. Of a page with sub-page write permissions the entry keeps the
 * permissions themselves; they go when the entry goes.
 */
#include "machine_priv.h"

static struct tlb_entry *entry_of(struct tlb *t, uint64_t gva)
{
	return &t->entry[gva / PAGE_SIZE % TLB_ENTRIES];
}

static void remove_entry(struct tlb_entry *e)
{
	e->page = TLB_FREE;
}

/* SPP-TLB-1 */
static bool has_rights(const struct tlb_entry *e, uint64_t gva, unsigned size, unsigned rights)
{
	if ((e->rights & rights) != rights)
		return false;
	return !(rights & TLB_WRITES) || !e->spp.limited ||
	       epml_spp_grants(e->spp.writable, gva, size);
}

/* A hit sets no flag and writes no log. EPT-TLB-1 */
bool tlb_lookup(struct tlb *t, uint64_t gva, unsigned size, unsigned rights, uint64_t *hpa)
{
	struct tlb_entry *e = entry_of(t, gva);

	if (e->page != (gva & ~PAGE_OFFSET))
		return false;
	if (!has_rights(e, gva, size, rights)) {
		remove_entry(e);
		return false;
	}
	*hpa = e->frame | (gva & PAGE_OFFSET);
	return true;
}

void tlb_insert(struct tlb *t, const struct tlb_entry *e)
{
	*entry_of(t, e->page) = *e;
}

/* EPT-TLB-2, EPT-TLB-3, SPP-TLB-2 */
void tlb_flush(struct tlb *t, bool keep_global)
{
	for (unsigned i = 0; i < TLB_ENTRIES; i++)
		if (!keep_global || !(t->entry[i].rights & TLB_GLOBAL))
			remove_entry(&t->entry[i]);
}

/* EPT-TLB-3 */
void tlb_invlpg(struct tlb *t, uint64_t gva)
{
	for (unsigned i = 0; i < TLB_ENTRIES; i++) {
		struct tlb_entry *e = &t->entry[i];

		if (e->page != TLB_FREE && !((e->page ^ gva) & ~e->offset_mask))
			remove_entry(e);
	}
}
