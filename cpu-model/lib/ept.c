/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The extended page tables: walk, checks, accessed and dirty flags.
 *
 * EPT entry (SDM 3C, "EPT translation mechanism"):
 *	bit	0, 1, 2		read, write, execute access
 *		5:3		memory type (entry that maps a page), else reserved
 *		6		ignore PAT (entry that maps a page), else reserved
 *		7		1 = maps a page (PDPTE, PDE); reserved in a PML4E, ignored in a PTE
 *		8, 9		accessed; dirty (entry that maps a page)
 *		N-1:12		physical address; N = MAXPHYADDR; 51:N reserved
 *		61		sub-page write permissions (PTE)
 *		63		suppress #VE
 */
#include "internal.h"

#define RWX		(EPML_EPT_READ | EPML_EPT_WRITE | EPML_EPT_EXECUTE)
#define ADDRESS		0x000FFFFFFFFFF000ull

static unsigned level_shift(unsigned level)
{
	return 3 + 9 * level;
}

static bool maps_page(const struct epml_cpu *cpu, uint64_t entry, unsigned level)
{
	if (level == 1)
		return true;
	if (!(entry & EPML_EPT_LARGE))
		return false;
	/* cover: the processor of the vectors has 1-GByte pages; test_ept.c has one without */
	return level == 2 || (level == 3 && cpu->ept_1g);	/* EPT-WALK-2 */
}

static bool bad_memory_type(uint64_t entry)
{
	unsigned type = entry >> EPML_EPT_MEMTYPE_SHIFT & 7;

	return type == 2 || type == 3 || type == 7;
}

static bool misconfigured(const struct epml_cpu *cpu, uint64_t entry, unsigned level)
{
	if ((entry & (EPML_EPT_READ | EPML_EPT_WRITE)) == EPML_EPT_WRITE)
		return true;					/* EPT-MISC-1 */
	if ((entry & ADDRESS) >> cpu->maxphyaddr)
		return true;					/* EPT-MISC-2 */
	if (!maps_page(cpu, entry, level))
		return entry & 0xF8;				/* EPT-MISC-2: bits 7:3 */
	if (entry & ADDRESS & (BIT64(level_shift(level)) - 1))
		return true;					/* EPT-MISC-2 */
	return bad_memory_type(entry);				/* EPT-MISC-3 */
}

enum walk_end { WALK_DONE, WALK_NOT_PRESENT, WALK_MISCONFIGURED };

static enum walk_end walk(const struct epml_cpu *cpu, uint64_t gpa, struct ept_walk *w)
{
	uint64_t table = cpu->v.eptp & ADDRESS;			/* EPT-WALK-1 */

	w->perms = RWX;
	for (unsigned level = EPT_LEVELS;; level--) {
		uint64_t entry;

		w->leaf = level;
		w->addr[level] = table + (gpa >> level_shift(level) & 0x1FF) * 8;
		entry = epml_read(cpu, w->addr[level], 8, EPML_MEM_EPT);
		w->entry[level] = entry;
		w->perms &= entry & RWX;
		if (!(entry & RWX))
			return WALK_NOT_PRESENT;		/* EPT-WALK-3 */
		if (misconfigured(cpu, entry, level))
			return WALK_MISCONFIGURED;
		table = entry & ADDRESS;
		if (maps_page(cpu, entry, level)) {
			w->hpa = table | (gpa & (BIT64(level_shift(level)) - 1));
			return WALK_DONE;
		}
	}
}

static bool ad_enabled(const struct epml_cpu *cpu)
{
	return cpu->v.eptp & EPML_EPTP_AD;
}

/* The access as EPT sees it, in the encoding of EPT permissions and of qualification bits 2:0. */
static unsigned ept_rights(const struct epml_cpu *cpu, const struct epml_access *a)
{
	if (a->flags & EPML_ACCESS_FETCH)
		return EPML_EPT_EXECUTE;
	if (a->flags & EPML_ACCESS_WALK) {
		/* EPT-QUAL-6, GWALK-2: with accessed and dirty flags each is a write too */
		if (ad_enabled(cpu) || (a->flags & EPML_ACCESS_WRITE))
			return EPML_EPT_READ | EPML_EPT_WRITE;
		return EPML_EPT_READ;
	}
	return a->flags & EPML_ACCESS_WRITE ? EPML_EPT_WRITE : EPML_EPT_READ;	/* EPT-QUAL-7 */
}

static uint64_t violation_qualification(const struct epml_access *a, unsigned rights,
					unsigned perms)
{
	uint64_t q = rights;					/* EPT-QUAL-1 */

	q |= (uint64_t)perms << EPML_QUAL_EPT_PERM_SHIFT;	/* EPT-QUAL-2 */
	if (a->flags & EPML_ACCESS_LINEAR) {
		q |= EPML_QUAL_EPT_LINEAR;			/* EPT-QUAL-3 */
		if (!(a->flags & EPML_ACCESS_WALK))
			q |= EPML_QUAL_EPT_TRANSLATION;		/* EPT-QUAL-4 */
	}
	/* cover: the guest of the vectors gets no NMI; test_ept.c: accesses of an IRET */
	if (a->flags & EPML_ACCESS_NMI_IRET)
		q |= EPML_QUAL_NMI_UNBLOCKING;			/* EPT-QUAL-5 */
	return q;
}

static enum epml_result violation(struct epml_cpu *cpu, const struct epml_access *a,
				  const struct ept_walk *w, unsigned rights)
{
	uint64_t q = violation_qualification(a, rights, w->perms);
	bool convertible = !(w->entry[w->leaf] & EPML_EPT_SUPPRESS_VE) &&
			   !(a->flags & EPML_ACCESS_LOG);	/* EPT-VE-1, GPML-ADDR-4 */

	if (convertible && epml_ve_possible(cpu, a))
		return epml_ve(cpu, a, EPML_REASON_EPT_VIOLATION, q);
	return epml_exit(cpu, a, EPML_REASON_EPT_VIOLATION, q, true,
			 a->flags & EPML_ACCESS_LINEAR);
}

/*
 * Sub-page permissions for an access that lacks permission by EPT. SPP-ORDER-1
 * @return	EPML_OK if they grant it; else an EPT violation or SPP-related event
 */
static enum epml_result check_sub_pages(struct epml_cpu *cpu, const struct epml_access *a,
					struct ept_walk *w, unsigned rights)
{
	enum epml_result r;

	if (!epml_spp_eligible(cpu, a, w, rights))
		return violation(cpu, a, w, rights);
	r = epml_spp_walk(cpu, a, &w->spp);
	w->spp.write_only = !(w->perms & EPML_EPT_READ);	/* SPP-TLB-1 */
	if (r == EPML_OK && !epml_spp_grants(w->spp.writable, a->gpa, a->size))
		return violation(cpu, a, w, rights);		/* SPP-DENY-1 */
	return r;
}

/*
 * Walk EPT for an access and check it; nothing is changed but cpu->exit.
 * @param w	the walk, complete for EPML_OK
 * @return	EPML_OK, EPML_VMEXIT or EPML_VE
 */
enum epml_result epml_ept_check(struct epml_cpu *cpu, const struct epml_access *a,
				struct ept_walk *w)
{
	unsigned rights = ept_rights(cpu, a);

	w->spp = (struct epml_spp){ 0 };
	/* cover: there is no fourth end of a walk */
	switch (walk(cpu, a->gpa, w)) {
	case WALK_MISCONFIGURED:				/* EPT-MISC-4 */
		return epml_exit(cpu, a, EPML_REASON_EPT_MISCONFIGURATION, 0, true, false);
	case WALK_NOT_PRESENT:
		return violation(cpu, a, w, rights);
	case WALK_DONE:
		break;
	}
	if (rights & ~w->perms)					/* EPT-PERM-1, EPT-PERM-2 */
		return check_sub_pages(cpu, a, w, rights);
	return EPML_OK;
}

/*
 * Will this checked access set the dirty flag of its page? EPT-AD-2, EPT-AD-3, EPT-AD-4; not if
 * it is done again: PML-RESTART-1
 */
bool epml_ept_sets_dirty(const struct epml_cpu *cpu, const struct epml_access *a,
			 const struct ept_walk *w)
{
	return ad_enabled(cpu) && (ept_rights(cpu, a) & EPML_EPT_WRITE) &&
	       !(w->entry[w->leaf] & EPML_EPT_DIRTY);
}

/* Set accessed and dirty flags for a checked access. EPT-AD-1, EPT-AD-2 */
void epml_ept_set_flags(struct epml_cpu *cpu, const struct epml_access *a, struct ept_walk *w)
{
	if (!ad_enabled(cpu))					/* EPT-AD-3 */
		return;
	for (unsigned level = EPT_LEVELS; level >= w->leaf; level--) {
		uint64_t set = EPML_EPT_ACCESSED & ~w->entry[level];

		if (level == w->leaf && epml_ept_sets_dirty(cpu, a, w))
			set |= EPML_EPT_DIRTY;
		if (!set)
			continue;
		w->entry[level] |= set;
		epml_write(cpu, w->addr[level], 8, w->entry[level], EPML_MEM_EPT);
		epml_emit(cpu, &(struct epml_event){
			.type = EPML_EV_EPT_FLAGS, .addr = w->addr[level], .level = level,
			.value = set, .gpa = a->gpa });
	}
}
