/* SPDX-License-Identifier: BSD-2-Clause */
#include "epml-spec.h"
#include "oracle.h"

#define R	1u
#define W	2u
#define X	4u
#define EPT_A	0x100u
#define EPT_D	0x200u
#define EPT_SPP	(1ull << 61)
#define PTE_A	0x20u
#define PTE_D	0x40u

/* A guest-physical access: the walk's read of the guest entry, or the access itself. */
struct step {
	uint64_t *leaf;
	uint64_t gpa;
	unsigned rights;	/* R, W, X that it needs */
	bool walk;
	bool reads;		/* a write that is a read-modify-write */
};

static bool stop(struct oracle *o, bool convertible, uint32_t reason, uint64_t qualification)
{
	o->end = convertible && o->ve ? ORACLE_VE : ORACLE_EXIT;
	o->reason = reason;
	o->qualification = qualification;
	return false;
}

/* EPT-QUAL-1 to -4; EPT-VE-1: bit 63 of the entry is 0. */
static bool violation(struct oracle *o, const struct step *s, unsigned rights)
{
	uint64_t q = rights | (*s->leaf & 7) << 3 | 1u << 7 | (s->walk ? 0u : 1u << 8);

	return stop(o, true, EPML_REASON_EPT_VIOLATION, q);
}

/* SPP-ELIG-1 to -4; SPP-MISS-1, SPP-MISC-2, SPP-DENY-1, SPP-EXIT-1 */
static bool sub_page_allowed(struct oracle *o, const struct step *s)
{
	if (s->walk || s->rights != W || !(*s->leaf & EPT_SPP) || (s->reads && !(*s->leaf & R)))
		return violation(o, s, s->rights);
	switch (o->spp) {
	case SPP_MISS:
		return stop(o, false, EPML_REASON_SPP, 1u << 11);
	case SPP_MISCONFIGURED:
		return stop(o, false, EPML_REASON_SPP, 0);
	case SPP_GRANTS:
		return true;
	default:
		return violation(o, s, s->rights);
	}
}

/* EPT-WALK-3, EPT-MISC-1, EPT-MISC-3, EPT-PERM-1 */
static bool allowed(struct oracle *o, const struct step *s)
{
	unsigned rwx = *s->leaf & 7, type = *s->leaf >> 3 & 7;

	if (!rwx)
		return violation(o, s, s->rights);
	if ((rwx & (R | W)) == W || type == 2 || type == 3 || type == 7)
		return stop(o, false, EPML_REASON_EPT_MISCONFIGURATION, 0);
	if (s->rights & ~rwx)
		return sub_page_allowed(o, s);
	return true;
}

/* GPML-FULL-1 to -4, GPML-ORDER-1, GPML-ORDER-3, PML-FULL-1 */
static bool logs_have_room(struct oracle *o, bool due, bool dirty)
{
	if (due && o->gpml_index > 511 && o->params.full != EPML_FULL_DROP)
		return stop(o, o->params.full == EPML_FULL_VE, EPML_REASON_PML_FULL, 1);
	if (dirty && o->pml && o->pml_index > 511)
		return stop(o, false, EPML_REASON_PML_FULL, 0);
	return true;
}

/* GPML-LOG-1, GPML-LOG-2, NOTIFY-1, NOTIFY-2, GPML-FULL-1 */
static void guest_entry(struct oracle *o)
{
	uint16_t at = o->params.notification == EPML_NOTIFY_WHEN_FULL ? 0xFFFF : o->threshold;

	if (o->gpml_index > 511) {
		o->n_notify++;
		return;
	}
	o->gpml_entry[o->n_gpml++] = ORACLE_GVA;
	o->gpml_index--;
	o->n_notify += o->gpml_index == at;
}

/* EPT-AD-1 to -3, PML-LOG-1 to -6 */
static void settle(struct oracle *o, const struct step *s, bool dirty)
{
	if (dirty && o->pml) {
		o->pml_entry[o->n_pml++] = s->gpa & ~0xFFFull;
		o->pml_index--;
	}
	if (o->ad)
		*s->leaf |= dirty ? EPT_A | EPT_D : EPT_A;
}

/*
 * One guest-physical access.
 * @param pte_dirty	it completes an access that sets the dirty flag of the guest's entry
 */
static bool physical(struct oracle *o, const struct step *s, bool pte_dirty)
{
	bool dirty = o->ad && (s->rights & W) && !(*s->leaf & EPT_D);
	bool due = o->gpml && (o->params.trigger == EPML_TRIGGER_GUEST_DIRTY ? pte_dirty : dirty);

	/* GPML-WALK-1, GPML-WALK-2 */
	if (s->walk && o->params.walk_writes == EPML_WALKS_NOT_LOGGED)
		due = false;
	if (!logs_have_room(o, due, dirty))
		return false;
	settle(o, s, dirty);
	if (pte_dirty)
		o->pte |= PTE_D;
	if (due)
		guest_entry(o);
	return true;
}

void oracle_access(struct oracle *o)
{
	bool write = o->access & EPML_ACCESS_WRITE;
	uint64_t flags = (write ? PTE_A | PTE_D : PTE_A) & ~o->pte;
	/* EPT-QUAL-6: with accessed and dirty flags in EPT a page walk's access is a write too */
	struct step walk = { &o->table_leaf, ORACLE_TABLE, o->ad ? R | W : R, true, false };
	struct step data = {
		&o->data_leaf, ORACLE_GPA, o->access == EPML_ACCESS_FETCH ? X : write ? W : R,
		false, o->access & EPML_ACCESS_READ };

	o->end = ORACLE_DONE;
	if (!allowed(o, &walk) || !physical(o, &walk, false))
		return;
	/* GWALK-2: a flag that is set is a write to the guest's entry */
	if (flags && !(o->table_leaf & W)) {
		violation(o, &walk, R | W);
		return;
	}
	if (!allowed(o, &data) || !physical(o, &data, flags & PTE_D))
		return;
	o->pte |= flags;
}
