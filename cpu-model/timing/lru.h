/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Set-associative structures with true LRU replacement.
 *
 * The entries of a set stand in the order of their last use, the latest first. So a look-up that
 * repeats the last one ends at the first entry, and the one to replace is the last.
 */
#ifndef EPML_TIMING_LRU_H
#define EPML_TIMING_LRU_H

#include <string.h>

#include "timing.h"

#define LRU_VALID	(UINT64_C(1) << 63)

/* Index of the first entry of a set. Division is slow, and most structures can do without. */
static inline size_t lru_set(const struct timing_lru *l, uint64_t number)
{
	return (l->mask ? number & l->mask : number % l->sets) * l->ways;
}

/* ---- Caches: a line is its physical address / TIMING_LINE --------------------------------- */

/** Look a line up and bring it in. @return was it there? */
static inline bool lru_line(struct timing_lru *l, uint64_t line)
{
	uint64_t *set = l->line + lru_set(l, line);
	const uint64_t key = line | LRU_VALID;
	uint32_t way = 0;

	if (set[0] == key)
		return true;
	while (way < l->ways && set[way] != key)
		way++;
	memmove(set + 1, set, (way < l->ways ? way : l->ways - 1) * sizeof(*set));
	set[0] = key;
	return way < l->ways;
}

/* ---- Translations ------------------------------------------------------------------------ */

/* Bits of timing_entry.key; the rest of it is a page number. */
#define ENTRY_GLOBAL	(UINT64_C(1) << 62)
#define ENTRY_DIRTY	(UINT64_C(1) << 61)
#define ENTRY_SIZE(n)	((uint64_t)(n) << 56)	/* enum page_size */
#define ENTRY_PAGE	((UINT64_C(1) << 56) - 1)

/* Parts of timing_entry.tag: what a translation belongs to. */
#define TAG_PCID	UINT64_C(0x0000000000000fff)
#define TAG_VPID	UINT64_C(0x000000000ffff000)
#define TAG_EP4TA	UINT64_C(0xfffffffff0000000)	/* bits 47:12 of EPTP */

struct timing_entry {
	uint64_t key;			/* 0: free */
	uint64_t tag;
	uint64_t value;			/* paging-structure caches: HPA of the next table */
};

/* A global translation is good for all PCIDs. */
static inline bool entry_matches(const struct timing_entry *e, uint64_t key, uint64_t tag)
{
	const uint64_t other = e->tag ^ tag;

	return !((e->key ^ key) & ~(ENTRY_GLOBAL | ENTRY_DIRTY)) &&
	       !(e->key & ENTRY_GLOBAL ? other & ~TAG_PCID : other);
}

/** @return the entry, now the first of its set, or NULL. @param key without GLOBAL and DIRTY */
static inline struct timing_entry *lru_find(struct timing_lru *l, uint64_t key, uint64_t tag)
{
	struct timing_entry *set, found;
	uint32_t way;

	if (!l->sets)
		return NULL;
	set = l->entry + lru_set(l, key & ENTRY_PAGE);
	key |= LRU_VALID;
	for (way = 0; way < l->ways; way++)
		if (entry_matches(&set[way], key, tag))
			break;
	if (way == l->ways)
		return NULL;
	if (way) {
		found = set[way];
		memmove(set + 1, set, way * sizeof(*set));
		set[0] = found;
	}
	return set;
}

/** Put an entry in, in place of the same one if it is there, else of the least recently used. */
static inline void lru_fill(struct timing_lru *l, uint64_t key, uint64_t tag, uint64_t value)
{
	struct timing_entry *set;

	if (!l->sets)
		return;
	set = lru_find(l, key & ~(ENTRY_GLOBAL | ENTRY_DIRTY), tag);
	if (!set) {
		set = l->entry + lru_set(l, key & ENTRY_PAGE);
		memmove(set + 1, set, (l->ways - 1) * sizeof(*set));
	}
	*set = (struct timing_entry){ .key = key | LRU_VALID, .tag = tag, .value = value };
}

#endif
