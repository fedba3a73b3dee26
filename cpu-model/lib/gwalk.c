/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Completion of a guest page walk: accessed and dirty flags of the guest's paging structures.
 *
 * The host has walked the structures and checked the guest's own permissions (GWALK-3). Here the
 * linear access is completed as one: either all its flags and log entries are written, or none.
 */
#include "internal.h"

/* The flags that the access sets in the entry of @p level. GWALK-1 */
static uint64_t flags_to_set(const struct epml_guest_walk *w, unsigned level)
{
	uint64_t set = EPML_PTE_ACCESSED;

	if (level == w->leaf && (w->access.flags & EPML_ACCESS_WRITE))
		set |= EPML_PTE_DIRTY;
	return set & ~w->entry[level].value;
}

/* May EPT let the processor write the entries that need a flag set? GWALK-2 */
static enum epml_result check_entries(struct epml_cpu *cpu, const struct epml_guest_walk *w)
{
	for (unsigned level = w->top; level >= w->leaf; level--) {
		struct ept_walk ept;
		enum epml_result r;

		if (!flags_to_set(w, level))
			continue;
		r = epml_ept_check(cpu, &(struct epml_access){
			.gpa = w->entry[level].gpa, .gva = w->access.gva,
			.flags = (w->access.flags & ~EPML_ACCESS_FETCH) | EPML_ACCESS_WALK |
				 EPML_ACCESS_READ | EPML_ACCESS_WRITE }, &ept);
		if (r != EPML_OK)
			return r;
	}
	return EPML_OK;
}

/* The host lets no other processor change an entry between its walk and here. CPUS-2 */
static void set_flags(struct epml_cpu *cpu, struct epml_guest_walk *w)
{
	for (unsigned level = w->top; level >= w->leaf; level--) {
		uint64_t set = flags_to_set(w, level);

		if (!set)
			continue;
		w->entry[level].value |= set;
		epml_write(cpu, w->entry[level].hpa, w->entry_size, w->entry[level].value,
			   EPML_MEM_GUEST_PTE);
		epml_emit(cpu, &(struct epml_event){
			.type = EPML_EV_PTE_FLAGS, .addr = w->entry[level].gpa, .level = level,
			.value = set, .gva = w->access.gva });
	}
}

enum epml_result epml_guest_access(struct epml_cpu *cpu, struct epml_guest_walk *w, uint64_t *hpa)
{
	bool pte_dirty = flags_to_set(w, w->leaf) & EPML_PTE_DIRTY;
	struct ept_walk ept;
	struct gpml_slot slot;
	enum epml_result r = check_entries(cpu, w);

	if (r == EPML_OK)
		r = epml_ept_check(cpu, &w->access, &ept);
	if (r == EPML_OK)
		r = epml_access_prepare(cpu, &w->access, &ept, pte_dirty, &slot);
	if (r != EPML_OK)
		return r;
	epml_access_effects(cpu, &w->access, &ept);
	set_flags(cpu, w);		/* PML-RESTART-1: the next walk finds them set */
	epml_gpml_log(cpu, &w->access, &slot);			/* GPML-ORDER-5 */
	*hpa = ept.hpa;
	return EPML_OK;
}
