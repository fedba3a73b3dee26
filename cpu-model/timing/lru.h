/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Set-associative structures with true LRU replacement.
 *
 * The lines of a cache stand in the order of their last use, the latest first: a look-up that
 * repeats the last one ends at once, and a line takes 8 bytes. Translations are larger and are
 * looked for more often than they are found; they stay where they are, with the time of their last
 * use.
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

/**
 * Look a line up and bring it in. @return was it there?
 *
 * One pass: it becomes the first, and all others move back by one, as far as the place where it was
 * found; or to the end, where the last one drops out.
 */
static inline bool lru_line(struct timing_lru *l, uint64_t line)
{
	const uint64_t key = line | LRU_VALID;
	uint64_t latest = key, here, *way, *end;

	if (!l->sets)
		return false;
	way = l->line + lru_set(l, line);
	end = way + l->ways;
	do {
		here = *way;
		*way = latest;
		latest = here;
	} while (here != key && ++way < end);
	return here == key;
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
	uint64_t used;			/* when it was last used, by timing_lru.uses */
};

/* A global translation is good for all PCIDs. */
static inline bool entry_matches(const struct timing_entry *e, uint64_t key, uint64_t tag)
{
	const uint64_t other = e->tag ^ tag;

	return !((e->key ^ key) & ~(ENTRY_GLOBAL | ENTRY_DIRTY)) &&
	       !(e->key & ENTRY_GLOBAL ? other & ~TAG_PCID : other);
}

static inline struct timing_entry *entry_set(const struct timing_lru *l, uint64_t key)
{
	return l->entry + lru_set(l, key & ENTRY_PAGE);
}

/** @return the entry, now the latest of its set, or NULL. @param key without GLOBAL and DIRTY */
static inline struct timing_entry *lru_find(struct timing_lru *l, uint64_t key, uint64_t tag)
{
	struct timing_entry *e, *end;

	if (!l->uses)
		return NULL;
	e = entry_set(l, key);
	for (end = e + l->ways; e < end; e++)
		if (entry_matches(e, key | LRU_VALID, tag)) {
			e->used = ++l->uses;
			return e;
		}
	return NULL;
}

/* The least recently used; what has been invalidated since has kept its place. */
static inline struct timing_entry *lru_oldest(const struct timing_lru *l, uint64_t key)
{
	struct timing_entry *e = entry_set(l, key), *end = e + l->ways, *oldest = e;

	while (++e < end)
		if (e->used < oldest->used)
			oldest = e;
	return oldest;
}

/** Put an entry in, in place of the same one if it is there, else of the least recently used. */
static inline void lru_fill(struct timing_lru *l, uint64_t key, uint64_t tag, uint64_t value)
{
	struct timing_entry *e;

	if (!l->sets)
		return;
	e = lru_find(l, key & ~(ENTRY_GLOBAL | ENTRY_DIRTY), tag);
	if (!e)
		e = lru_oldest(l, key);
	*e = (struct timing_entry){
		.key = key | LRU_VALID, .tag = tag, .value = value, .used = ++l->uses
	};
}

#endif
