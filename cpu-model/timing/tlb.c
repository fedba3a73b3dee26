/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Translation look-aside buffers, and what invalidates them.
 *
 * Every translation carries the VPID, PCID and EP4TA that it was made with (SDM 3C "Creating and
 * using cached translation information"). Bits 47:12 of EP4TA tell them apart. A write needs a
 * translation that has the dirty flag; without it the processor walks again to set the flag.
 */
#include "internal.h"

static uint64_t make_tag(uint64_t eptp, uint16_t vpid, uint16_t pcid)
{
	return ((eptp >> 12) << 28) | (uint64_t)vpid << 12 | (pcid & TAG_PCID);
}

void timing_context(struct timing *t, const struct timing_context *c)
{
	t->context = *c;
	t->tag = make_tag(c->eptp, c->vpid, c->pcid);
	forget_lines(t);
}

/* ---- Look-up ----------------------------------------------------------------------------- */

/* Where the translations of each page size are. */
static const enum timing_structure first_itlb[PAGE_SIZES] = {
	TIMING_ITLB_4K, TIMING_ITLB_LARGE, TIMING_ITLB_LARGE
};
static const enum timing_structure first_dtlb[PAGE_SIZES] = {
	TIMING_DTLB_4K, TIMING_DTLB_2M, TIMING_DTLB_1G
};
static const enum timing_structure second_tlb[PAGE_SIZES] = {
	TIMING_STLB, TIMING_STLB, TIMING_STLB_1G
};

static uint64_t page_key(uint64_t lin, enum page_size size)
{
	return (lin >> page_shift[size]) | ENTRY_SIZE(size);
}

/* Returns the entry for any page size, or NULL. */
static struct timing_entry *find(struct timing *t, const enum timing_structure *in, uint64_t lin,
				 bool write, enum page_size *size)
{
	unsigned i;

	for (i = 0; i < PAGE_SIZES; i++) {
		struct timing_entry *e = lru_find(&t->lru[in[i]], page_key(lin, i), t->tag);

		if (e && (!write || e->key & ENTRY_DIRTY)) {
			*size = i;
			return e;
		}
	}
	return NULL;
}

static enum page_size size_of(const struct walk_leaf *leaf)
{
	if (leaf->shift >= page_shift[PAGE_1G])
		return PAGE_1G;
	return leaf->shift >= page_shift[PAGE_2M] ? PAGE_2M : PAGE_4K;
}

/* An access that faults leaves nothing behind. */
static bool walk_and_fill(struct timing *t, const enum timing_structure *first, uint64_t lin,
			  bool write)
{
	struct walk_leaf leaf;
	enum page_size size;
	uint64_t key;

	if (!walk_linear(t, lin, &leaf))
		return false;
	size = size_of(&leaf);
	key = page_key(lin, size) | (leaf.global ? ENTRY_GLOBAL : 0) |
	      (leaf.dirty ? ENTRY_DIRTY : 0);
	lru_fill(&t->lru[first[size]], key, t->tag, 0);
	lru_fill(&t->lru[second_tlb[size]], key, t->tag, 0);
	return !write || leaf.dirty;
}

bool tlb_access(struct timing *t, uint64_t lin, bool fetch, bool write)
{
	const enum timing_structure *first = fetch ? first_itlb : first_dtlb;
	const struct timing_entry *e;
	enum page_size size;

	if (!is_translated(t) || find(t, first, lin, write, &size))
		return true;
	e = find(t, second_tlb, lin, write, &size);
	if (!e)
		return walk_and_fill(t, first, lin, write);
	timing_charge(t, fetch ? TIMING_ITLB_STLB : TIMING_DTLB_STLB, 1);
	lru_fill(&t->lru[first[size]], e->key & ~LRU_VALID, t->tag, 0);
	return true;
}

/* ---- Invalidation ------------------------------------------------------------------------ */

/* Translations to forget: those whose tag is "tag" under "mask". */
struct scope {
	uint64_t mask, tag;
	bool not_vpid0, not_ep4ta0;	/* only tags in which this is not 0 */
	bool globals;			/* global ones too, whatever their PCID */
	bool one_page;			/* only the page of "lin" */
	uint64_t lin;
};

static bool tag_in_scope(const struct timing_entry *e, const struct scope *s)
{
	const uint64_t mask = e->key & ENTRY_GLOBAL ? s->mask & ~TAG_PCID : s->mask;

	return !((e->tag ^ s->tag) & mask) && !(s->not_vpid0 && !(e->tag & TAG_VPID)) &&
	       !(s->not_ep4ta0 && !(e->tag & TAG_EP4TA));
}

static bool page_in_scope(const struct timing_entry *e, const struct scope *s)
{
	const unsigned size = (unsigned)(e->key >> 56) & 3;

	return !s->one_page || (e->key & ENTRY_PAGE) == s->lin >> page_shift[size];
}

static void forget(struct timing_lru *l, const struct scope *s, bool pages)
{
	struct timing_entry *e = l->entry, *end = e + (size_t)l->sets * l->ways;

	for (; e < end; e++)
		if (e->key && (s->globals || !(e->key & ENTRY_GLOBAL)) && tag_in_scope(e, s) &&
		    (!pages || page_in_scope(e, s)))
			e->key = 0;
}

/* An invalidation of one page still forgets all paging-structure entries of its context. */
static void invalidate(struct timing *t, const struct scope *s)
{
	unsigned i;

	for (i = TIMING_ITLB_4K; i <= TIMING_STLB_1G; i++)
		forget(&t->lru[i], s, true);
	for (i = TIMING_PDE_CACHE; i <= TIMING_PML4E_CACHE; i++)
		forget(&t->lru[i], s, false);
	forget_lines(t);
}

static void invalidate_guest_physical(struct timing *t, const struct scope *s)
{
	unsigned i;

	for (i = TIMING_EPT_PDE_CACHE; i <= TIMING_NESTED_TLB; i++)
		forget(&t->lru[i], s, false);
}

void timing_mov_cr3(struct timing *t, uint64_t cr3, uint16_t pcid, bool keep)
{
	struct timing_context c = t->context;

	c.cr3 = cr3;
	c.pcid = pcid;
	timing_context(t, &c);
	timing_event(t, keep ? TIMING_CR3_KEEP : TIMING_CR3_FLUSH, 1);
	if (!keep)
		invalidate(t, &(struct scope){ .mask = TAG_VPID | TAG_PCID, .tag = t->tag });
}

void timing_flush_all(struct timing *t)
{
	invalidate(t, &(struct scope){ .mask = TAG_VPID, .tag = t->tag, .globals = true });
}

void timing_forget_page(struct timing *t, uint64_t lin)
{
	invalidate(t, &(struct scope){ .mask = TAG_VPID | TAG_PCID, .tag = t->tag,
				       .globals = true, .one_page = true, .lin = lin });
}

void timing_fault(struct timing *t, uint64_t lin, bool fetch, bool write)
{
	tlb_access(t, lin, fetch, write);
	timing_forget_page(t, lin);
}

void timing_invlpg(struct timing *t, uint64_t lin)
{
	timing_event(t, TIMING_INVLPG, 1);
	timing_forget_page(t, lin);
}

void timing_invpcid(struct timing *t, unsigned type, uint16_t pcid, uint64_t lin)
{
	const struct scope s = {
		.mask = type < 2 ? TAG_VPID | TAG_PCID : TAG_VPID,
		.tag = (t->tag & ~TAG_PCID) | (pcid & TAG_PCID),
		.globals = type == 2, .one_page = type == 0, .lin = lin
	};

	timing_event(t, TIMING_INVPCID, 1);
	invalidate(t, &s);
}

void timing_invept(struct timing *t, uint64_t eptp)
{
	const struct scope s = {
		.mask = eptp ? TAG_EP4TA : 0, .tag = make_tag(eptp, 0, 0), .not_ep4ta0 = true,
		.globals = true
	};

	timing_event(t, TIMING_INVEPT, 1);
	invalidate(t, &s);
	invalidate_guest_physical(t, &s);
}

void timing_invvpid(struct timing *t, unsigned type, uint16_t vpid, uint64_t lin)
{
	const struct scope s = {
		.mask = type == 2 ? 0 : TAG_VPID, .tag = make_tag(0, vpid, 0), .not_vpid0 = true,
		.globals = type != 3, .one_page = type == 0, .lin = lin
	};

	timing_event(t, TIMING_INVVPID, 1);
	invalidate(t, &s);
}
