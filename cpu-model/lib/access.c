/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One guest-physical access, from check to effect.
 *
 * The order is the same for every access, so that nothing of it happens unless all of it can. Only
 * the log entry's own access (3) is done when it has been checked, as a page walk's accesses are:
 *	1. EPT violation or misconfiguration		ept.c	GPML-ORDER-2
 *	   SPPT miss or misconfiguration		spp.c	SPP-ORDER-1
 *	2. guest's log full				gpml.c	GPML-ORDER-1
 *	3. the guest log entry's own access		gpml.c	GPML-ADDR-3, GPML-ADDR-4
 *	4. hypervisor's log full			pml.c	GPML-ORDER-3
 *	5. hypervisor's log entry, EPT flags, guest flags, guest's log entry
 * The order of 2 to 4 is GPML-ORDER-4. The host writes the data after all of it: GPML-ORDER-5
 */
#include "internal.h"

/*
 * Steps 2 to 4 for an access that EPT allows.
 * @param w		the access's EPT walk; read again if step 3 may have set flags in it
 * @param pte_dirty	will the access set the dirty flag of a guest paging-structure entry?
 * @param slot		where the guest's log entry goes, if one is due
 */
enum epml_result epml_access_prepare(struct epml_cpu *cpu, const struct epml_access *a,
				     struct ept_walk *w, bool pte_dirty, struct gpml_slot *slot)
{
	bool ept_dirty = epml_ept_sets_dirty(cpu, a, w);

	/* Each log by its own condition, GPML-LOG-4; a full log stops what needs it, GPML-FULL-5 */
	*slot = (struct gpml_slot){ .wanted = epml_gpml_triggered(cpu, a, ept_dirty, pte_dirty) };
	if (slot->wanted) {
		/* GPML-ORDER-1, GPML-ORDER-4 */
		enum epml_result r = epml_gpml_prepare(cpu, a, slot);

		/* The log page may be the page of the access: its flag is set once, PML-LOG-4 */
		if (r == EPML_OK)
			r = epml_ept_check(cpu, a, w);
		if (r != EPML_OK)
			return r;
		ept_dirty = epml_ept_sets_dirty(cpu, a, w);
	}
	/* PML-FULL-1, GPML-ORDER-3; an access that needs no entry passes, PML-FULL-2 */
	if (ept_dirty && epml_pml_enabled(&cpu->v) && epml_pml_full(&cpu->v))
		return epml_pml_full_exit(cpu, a);
	return EPML_OK;
}

/* Step 5, as far as EPT and the hypervisor's log are concerned. */
void epml_access_effects(struct epml_cpu *cpu, const struct epml_access *a, struct ept_walk *w)
{
	if (epml_ept_sets_dirty(cpu, a, w) && epml_pml_enabled(&cpu->v))	/* PML-LOG-4 */
		epml_pml_log(cpu, a->gpa);			/* PML-LOG-6: of the entry */
	epml_ept_set_flags(cpu, a, w);				/* SPP-GRANT-1 */
	cpu->spp = w->spp;					/* SPP-TLB-1 */
	if (w->spp.limited)
		epml_emit(cpu, &(struct epml_event){
			.type = EPML_EV_SPP, .gpa = a->gpa, .value = w->spp.writable });
	epml_emit(cpu, &(struct epml_event){
		.type = EPML_EV_WALK, .access = a->flags, .gva = a->gva, .gpa = a->gpa,
		.hpa = w->hpa });
}

enum epml_result epml_ept_access(struct epml_cpu *cpu, const struct epml_access *a, uint64_t *hpa)
{
	struct ept_walk w;
	struct gpml_slot slot;
	enum epml_result r = epml_ept_check(cpu, a, &w);	/* GPML-ORDER-2 */

	if (r == EPML_OK)
		r = epml_access_prepare(cpu, a, &w, false, &slot);
	if (r != EPML_OK)
		return r;					/* EPT-AD-5 */
	epml_access_effects(cpu, a, &w);
	epml_gpml_log(cpu, a, &slot);
	*hpa = w.hpa;
	return EPML_OK;
}
