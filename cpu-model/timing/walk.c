/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Page walks in one and two dimensions. Each entry is read through the data caches; entries that
 * lead to another table are kept in paging-structure caches, which shorten later walks.
 *
 *	dimension	table addresses	each table address is	caches hold
 *	native		HPA		used as it is		HPA of the next table
 *	guest		GPA		walked through EPT	HPA of the next table
 *	EPT		HPA		used as it is		HPA of the next table
 *
 * Pages that hold the guest's tables may be found in the nested TLB and then need no EPT walk.
 */
#include "internal.h"

#define PAGE_SIZE_BIT	0x80u
#define GLOBAL_BIT	0x100u
#define DIRTY_BIT	0x40u
#define EPT_DIRTY_BIT	0x200u
#define EPTP_AD_BIT	0x40u
#define ADDRESS		UINT64_C(0x000ffffffffff000)

struct shape {
	unsigned levels, bits;		/* bits of an address that each level takes */
	unsigned entry_size;		/* bytes */
};

static const struct shape shapes[] = {
	[TIMING_PAGING_32BIT] = { 2, 10, 4 },
	[TIMING_PAGING_PAE] = { 3, 9, 8 },
	[TIMING_PAGING_4LEVEL] = { 4, 9, 8 },
};

struct dimension {
	enum timing_cost start, entry;
	enum timing_structure caches;	/* that of PDEs; PDPTEs and PML4Es follow */
	uint64_t present;		/* an entry with none of these bits ends the walk */
	bool is_ept;
};

static const struct dimension linear = {
	TIMING_WALK_START, TIMING_WALK_L1, TIMING_PDE_CACHE, 0x1, false
};
static const struct dimension ept = {
	TIMING_EPT_START, TIMING_EPT_L1, TIMING_EPT_PDE_CACHE, 0x7, true
};

static bool nested_address(struct timing *t, uint64_t gpa, uint64_t *hpa);

static unsigned shift_of(const struct shape *s, unsigned level)
{
	return 12 + (level - 1) * s->bits;
}

static uint64_t read_entry(struct timing *t, const struct dimension *d, const struct shape *s,
			   uint64_t table, uint64_t address, unsigned level)
{
	const uint64_t index = (address >> shift_of(s, level)) & ((1u << s->bits) - 1);
	const uint64_t hpa = table + index * s->entry_size;
	uint64_t value;

	timing_physical(t, d->entry, hpa);
	value = t->ops->read(t->host, hpa & ~UINT64_C(7));
	return s->entry_size == 8 ? value : (uint32_t)(value >> (hpa & 4) * 8);
}

/* The lowest table that is cached. Returns its level, or 0. */
static unsigned cached_table(struct timing *t, const struct dimension *d, const struct shape *s,
			     uint64_t address, uint64_t tag, uint64_t *table)
{
	unsigned level;

	for (level = 2; level <= s->levels; level++) {
		const struct timing_entry *e = lru_find(&t->lru[d->caches + level - 2],
							address >> shift_of(s, level), tag);

		if (e) {
			*table = e->value;
			return level - 1;
		}
	}
	return 0;
}

/* HPA of a table from its address in this dimension. */
static bool table_address(struct timing *t, const struct dimension *d, uint64_t address,
			  uint64_t *table)
{
	*table = address & ADDRESS;
	return d->is_ept || !t->context.eptp || nested_address(t, *table, table);
}

static void make_leaf(struct walk_leaf *leaf, const struct dimension *d, const struct shape *s,
		      uint64_t value, unsigned level)
{
	leaf->shift = shift_of(s, level);
	leaf->address = (value & ADDRESS) >> leaf->shift << leaf->shift;
	leaf->global = !d->is_ept && (value & GLOBAL_BIT);
	leaf->dirty = value & (d->is_ept ? EPT_DIRTY_BIT : DIRTY_BIT);
}

static bool walk(struct timing *t, const struct dimension *d, const struct shape *s, uint64_t root,
		 uint64_t address, uint64_t tag, struct walk_leaf *leaf)
{
	uint64_t table, value;
	unsigned level;

	timing_charge(t, d->start, 1);
	level = cached_table(t, d, s, address, tag, &table);
	if (!level) {
		level = s->levels;
		if (!table_address(t, d, root, &table))
			return false;
	}
	for (;; level--) {
		value = read_entry(t, d, s, table, address, level);
		if (!(value & d->present))
			return false;
		if (level == 1 || (level < 4 && value & PAGE_SIZE_BIT))
			break;
		if (!table_address(t, d, value, &table))
			return false;
		lru_fill(&t->lru[d->caches + level - 2], address >> shift_of(s, level), tag, table);
	}
	make_leaf(leaf, d, s, value, level);
	return true;
}

static bool walk_ept(struct timing *t, uint64_t gpa, struct walk_leaf *leaf)
{
	if (!walk(t, &ept, &shapes[TIMING_PAGING_4LEVEL], t->context.eptp, gpa,
		  t->tag & TAG_EP4TA, leaf))
		return false;
	if (!(t->context.eptp & EPTP_AD_BIT))
		leaf->dirty = true;
	return true;
}

/* GPA to HPA for a page that holds the guest's paging structures. */
static bool nested_address(struct timing *t, uint64_t gpa, uint64_t *hpa)
{
	const uint64_t tag = t->tag & TAG_EP4TA;
	const struct timing_entry *e = lru_find(&t->lru[TIMING_NESTED_TLB], gpa >> 12, tag);
	struct walk_leaf leaf;
	uint64_t page;

	if (e) {
		*hpa = e->value;
		return true;
	}
	if (!walk_ept(t, gpa, &leaf))
		return false;
	page = leaf.address | (gpa & ((UINT64_C(1) << leaf.shift) - 1));
	lru_fill(&t->lru[TIMING_NESTED_TLB], gpa >> 12, tag, page);
	*hpa = page;
	return true;
}

bool walk_linear(struct timing *t, uint64_t lin, struct walk_leaf *leaf)
{
	struct walk_leaf nested;
	uint64_t gpa = lin;

	*leaf = (struct walk_leaf){ .address = lin, .shift = 63, .dirty = true };
	if (t->context.paging != TIMING_PAGING_OFF) {
		if (!walk(t, &linear, &shapes[t->context.paging], t->context.cr3, lin, t->tag,
			  leaf))
			return false;
		gpa = leaf->address | (lin & ((UINT64_C(1) << leaf->shift) - 1));
	}
	if (!t->context.eptp)
		return true;
	if (!walk_ept(t, gpa, &nested))
		return false;
	leaf->shift = leaf->shift < nested.shift ? leaf->shift : nested.shift;
	leaf->dirty = leaf->dirty && nested.dirty;
	return true;
}

void timing_ept_walk(struct timing *t, uint64_t gpa)
{
	struct walk_leaf leaf;

	if (t->context.eptp && t->mode == TIMING_FULL)
		walk_ept(t, gpa, &leaf);
}

void timing_spp_walk(struct timing *t, uint64_t sppt, uint64_t gpa)
{
	uint64_t table = sppt & ADDRESS, entry;
	unsigned level;

	timing_event(t, TIMING_SPP_START, 1);
	if (t->mode != TIMING_FULL)
		return;
	for (level = 4; level; level--) {
		const uint64_t hpa = table + ((gpa >> (12 + 9 * (level - 1))) & 0x1ff) * 8;

		timing_physical(t, TIMING_SPP_L1, hpa);
		entry = t->ops->read(t->host, hpa);
		if (!(entry & 1))
			return;
		table = entry & ADDRESS;
	}
}
