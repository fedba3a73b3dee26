/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The guest's 4-level paging (SDM 3A, "4-level paging and 5-level paging"), as the guest of the
 * vectors runs: CR0.WP = 1, CR4.PGE = 1, IA32_EFER.NXE = 1, no SMEP, SMAP or protection keys.
 *
 * Guest paging-structure entry:
 *	bit	0	present
 *		1	writable		2	user-mode access
 *		5	accessed		6	dirty (entry that maps a page)
 *		7	maps a page (PDPTE, PDE); reserved in a PML4E
 *		8	global (entry that maps a page)
 *		N-1:12	address; bits 29:13 (1 GByte) or 20:13 (2 MByte) of a large page reserved
 *		51:N	reserved
 *		63	execute-disable
 *
 * Each entry is read through EPT before the next level is known, so that a walk that ends early
 * has had the effects of the levels it reached. All that the access itself entails is done by
 * epml_guest_access() in one piece. Without EPT, guest-physical addresses are host-physical.
 */
#include "machine_priv.h"

#define TOP_LEVEL	4
#define PAT_LARGE	(1ull << 12)
#define PHYS_RESERVED	((EPML_PTE_ADDRESS_MASK >> MAXPHYADDR) << MAXPHYADDR)

/* Bits of a page fault's error code. */
#define PF_PRESENT	0x01u
#define PF_WRITE	0x02u
#define PF_USER		0x04u
#define PF_RESERVED	0x08u
#define PF_FETCH	0x10u

struct walk {
	struct epml_guest_walk g;
	bool user;
	uint64_t rights;	/* AND of the R/W and U/S bits of all entries */
	bool nx;
	uint64_t offset_mask;	/* of the page */
	bool global;
};

static enum outcome page_fault(struct machine *m, const struct walk *w, uint32_t error)
{
	if (w->g.access.flags & EPML_ACCESS_WRITE)
		error |= PF_WRITE;
	if (w->g.access.flags & EPML_ACCESS_FETCH)
		error |= PF_FETCH;
	if (w->user)
		error |= PF_USER;
	m->fault = (struct event){
		.vector = EPML_VECTOR_PF, .type = EPML_EVENT_TYPE_EXCEPTION,
		.has_error = true, .error = error, .cr2 = w->g.access.gva };
	return FAULTED;
}

static enum outcome outcome_of(struct machine *m, enum epml_result r)
{
	switch (r) {
	case EPML_OK:
		return DONE;
	case EPML_VE:
		return fault(m, EPML_VECTOR_VE);
	default:
		m->trap_like = false;
		return EXITED;
	}
}

static bool ept_on(const struct machine *m)
{
	return controls2(m, EPML_PROC2_ENABLE_EPT);
}

static unsigned shift_of(unsigned level)
{
	return 12 + 9 * (level - 1);
}

/* Read the entry of @p level from the table at @p table (GPA). */
static enum outcome read_entry(struct machine *m, struct walk *w, unsigned level, uint64_t table)
{
	uint64_t index = w->g.access.gva >> shift_of(level) & 0x1FF;
	struct epml_access a = {
		.gpa = table + 8 * index,
		.gva = w->g.access.gva,
		.flags = (w->g.access.flags & EPML_ACCESS_IN_EVENT) | EPML_ACCESS_READ |
			 EPML_ACCESS_LINEAR | EPML_ACCESS_WALK,
	};
	enum outcome o = DONE;
	uint64_t hpa = a.gpa;

	if (ept_on(m))
		o = outcome_of(m, epml_ept_access(&m->cpu, &a, &hpa));
	if (o != DONE)
		return o;
	w->g.entry[level].gpa = a.gpa;
	w->g.entry[level].hpa = hpa;
	w->g.entry[level].value = mem_read(m, hpa, 8);
	return DONE;
}

/* Does this entry map a page? */
static bool is_leaf(unsigned level, uint64_t entry)
{
	return level == 1 || (level <= 3 && (entry & EPML_PTE_LARGE));
}

static uint64_t reserved_bits(unsigned level, uint64_t entry)
{
	uint64_t reserved = PHYS_RESERVED;

	if (level == TOP_LEVEL)
		reserved |= EPML_PTE_LARGE;
	else if (level > 1 && is_leaf(level, entry))
		reserved |= ((1ull << shift_of(level)) - 1) & ~PAGE_OFFSET & ~PAT_LARGE;
	return reserved;
}

/* Present, and no reserved bit set? */
static enum outcome check_entry(struct machine *m, struct walk *w, unsigned level)
{
	uint64_t entry = w->g.entry[level].value;

	if (!(entry & EPML_PTE_PRESENT))
		return page_fault(m, w, 0);
	if (entry & reserved_bits(level, entry))
		return page_fault(m, w, PF_PRESENT | PF_RESERVED);
	w->rights &= entry;
	w->nx |= entry & EPML_PTE_NX;
	return DONE;
}

/* From CR3 down to the entry that maps the page. */
static enum outcome descend(struct machine *m, struct walk *w)
{
	uint64_t table = m->guest.cr3 & EPML_PTE_ADDRESS_MASK;

	for (unsigned level = TOP_LEVEL;; level--) {
		enum outcome o = read_entry(m, w, level, table);
		uint64_t entry;

		if (o == DONE)
			o = check_entry(m, w, level);
		if (o != DONE)
			return o;
		entry = w->g.entry[level].value;
		table = entry & EPML_PTE_ADDRESS_MASK;
		if (is_leaf(level, entry)) {
			w->g.leaf = level;
			w->offset_mask = (1ull << shift_of(level)) - 1;
			w->global = entry & EPML_PTE_GLOBAL;
			w->g.access.gpa = (table & ~w->offset_mask) |
					  (w->g.access.gva & w->offset_mask);
			return DONE;
		}
	}
}

/* SDM 3A, "Determination of access rights" */
static bool allowed(const struct walk *w)
{
	unsigned flags = w->g.access.flags;

	if (w->user && !(w->rights & EPML_PTE_USER))
		return false;
	if ((flags & EPML_ACCESS_WRITE) && !(w->rights & EPML_PTE_WRITE))
		return false;
	return !((flags & EPML_ACCESS_FETCH) && w->nx);
}

/* What a walk that was made for this access may put into the cache. */
static unsigned cached_rights(const struct walk *w)
{
	bool write = w->g.access.flags & EPML_ACCESS_WRITE;
	unsigned rights = TLB_SUPERVISOR;

	if (write)
		rights |= TLB_SUPERVISOR_WRITE;
	if (w->user)
		rights |= write ? TLB_USER | TLB_USER_WRITE : TLB_USER;
	if (w->global)
		rights |= TLB_GLOBAL;
	return rights;
}

/* Set accessed and dirty flags where there is no EPT that could refuse it. GWALK-1 */
static void set_flags(struct machine *m, const struct walk *w)
{
	for (unsigned level = w->g.top; level >= w->g.leaf; level--) {
		uint64_t set = EPML_PTE_ACCESSED;

		if (level == w->g.leaf && (w->g.access.flags & EPML_ACCESS_WRITE))
			set |= EPML_PTE_DIRTY;
		if (set & ~w->g.entry[level].value)
			mem_write(m, w->g.entry[level].hpa, 8, w->g.entry[level].value | set);
	}
}

static enum outcome complete(struct machine *m, struct walk *w, uint64_t *hpa)
{
	if (ept_on(m))
		return outcome_of(m, epml_guest_access(&m->cpu, &w->g, hpa));
	set_flags(m, w);
	*hpa = w->g.access.gpa;
	return DONE;
}

/* What the completed access, to @p hpa, lets the processor cache. SPP-TLB-1 */
static void cache(const struct machine *m, const struct walk *w, struct tlb *tlb, uint64_t hpa)
{
	struct tlb_entry e = {
		.page = w->g.access.gva & ~PAGE_OFFSET,
		.frame = hpa & ~PAGE_OFFSET,
		.offset_mask = w->offset_mask,
		.rights = cached_rights(w),
	};

	if (ept_on(m))
		e.spp = m->cpu.spp;
	if (!e.spp.write_only)
		tlb_insert(tlb, &e);
}

static enum outcome walk(struct machine *m, struct walk *w, struct tlb *tlb, uint64_t *hpa)
{
	enum outcome o = descend(m, w);

	if (o != DONE)
		return o;
	if (!allowed(w))					/* GWALK-3 */
		return page_fault(m, w, PF_PRESENT);
	o = complete(m, w, hpa);
	if (o == DONE)
		cache(m, w, tlb, *hpa);
	return o;
}

static unsigned needed_rights(unsigned access, bool user)
{
	if (access & EPML_ACCESS_WRITE)
		return user ? TLB_USER_WRITE : TLB_SUPERVISOR_WRITE;
	return user ? TLB_USER : TLB_SUPERVISOR;
}

enum outcome walk_translate(struct machine *m, uint64_t gva, unsigned size, unsigned access,
			    bool user, uint64_t *hpa)
{
	struct tlb *tlb = access & EPML_ACCESS_FETCH ? &m->code : &m->data;
	struct walk w = {
		.user = user,
		.rights = EPML_PTE_WRITE | EPML_PTE_USER,
		.g = {
			.access = { .gva = gva, .size = size,
				    .flags = access | EPML_ACCESS_LINEAR },
			.entry_size = 8,
			.top = TOP_LEVEL,
		},
	};

	if (tlb_lookup(tlb, gva, size, needed_rights(access, user), hpa))
		return DONE;
	if (m->guest.in_event)
		w.g.access.flags |= EPML_ACCESS_IN_EVENT;
	return walk(m, &w, tlb, hpa);
}

void walk_flush(struct machine *m, bool keep_global)
{
	tlb_flush(&m->data, keep_global);
	tlb_flush(&m->code, keep_global);
}
