/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Caches: two first-level caches over a second-level and a last-level cache.
 *
 * A line that is brought in is brought in at every level; each level then replaces on its own.
 * Writes allocate. There is no prefetcher, and write-backs cost nothing: what that means for
 * results is in docs/timing.md.
 */
#include "internal.h"

/* Second-level cache, last, memory: 1 to 3. */
static unsigned outer_level(struct timing *t, uint64_t line)
{
	if (lru_line(&t->lru[TIMING_L2], line))
		return 1;
	return lru_line(&t->lru[TIMING_LLC], line) ? 2 : 3;
}

/* The same, and 0 for the first-level cache. Code and data get loops of their own, so that the
 * host's processor can foresee their branches. */
static inline unsigned cache_level(struct timing *t, enum timing_structure first, uint64_t hpa)
{
	const uint64_t line = hpa / TIMING_LINE;

	return lru_line(&t->lru[first], line) ? 0 : outer_level(t, line);
}

void timing_physical(struct timing *t, enum timing_cost kind, uint64_t hpa)
{
	timing_charge(t, kind + cache_level(t, TIMING_L1D, hpa), 1);
	t->data_line = NO_LINE;
}

/* The page of the last fetch, and that of the last data access, is the latest in its set of its
 * TLB: to find it again changes nothing. */

/* So is the line of the last fetch and, if it is in another set, that of the one before it: a loop
 * across two lines needs no look-ups. */
static bool is_latest_line(const struct timing *t, uint64_t lin)
{
	return lin / TIMING_LINE == t->fetch_before && lin >> 12 == t->fetch_page;
}

/* The lines of a page are all in different sets of a cache that has so many. */
static uint64_t line_before(const struct timing *t, uint64_t lin)
{
	const bool apart = t->lru[TIMING_L1I].sets >= 4096 / TIMING_LINE;

	return apart && t->fetch_line / (4096 / TIMING_LINE) == lin >> 12 ? t->fetch_line : NO_LINE;
}

void timing_fetch_line(struct timing *t, uint64_t lin, uint64_t phys)
{
	unsigned level = 0;

	if (!is_latest_line(t, lin)) {
		if (lin >> 12 != t->fetch_page)
			t->fetch_page = tlb_access(t, lin, true, false) ? lin >> 12 : NO_LINE;
		level = cache_level(t, TIMING_L1I, phys);
	}
	timing_charge(t, TIMING_FETCH_L1 + level, 1);
	t->fetch_before = line_before(t, lin);
	t->fetch_line = lin / TIMING_LINE;
}

static void translate_data(struct timing *t, uint64_t lin, bool write)
{
	if (lin >> 12 == t->data_page && (!write || t->page_written))
		return;
	t->data_page = tlb_access(t, lin, false, write) ? lin >> 12 : NO_LINE;
	t->page_written = write;
}

void timing_data_access(struct timing *t, uint64_t lin, uint64_t phys, unsigned size,
			enum timing_rw rw)
{
	const enum timing_cost kind = rw == TIMING_DATA_WRITE ? TIMING_WRITE_L1 : TIMING_READ_L1;
	const uint64_t last = (phys + size - 1) / TIMING_LINE;
	uint64_t line;

	translate_data(t, lin, rw == TIMING_DATA_WRITE);
	for (line = phys / TIMING_LINE; line <= last; line++)
		timing_physical(t, kind, line * TIMING_LINE);
	t->data_line = (lin + size - 1) / TIMING_LINE;
	t->data_written = rw == TIMING_DATA_WRITE;
}

void timing_pml_write(struct timing *t, uint64_t hpa)
{
	timing_event(t, TIMING_PML_ENTRY, 1);
	if (t->mode == TIMING_FULL)
		timing_physical(t, TIMING_PML_L1, hpa);
}

void timing_gpml_write(struct timing *t, bool at_log, uint64_t gpa, uint64_t hpa)
{
	timing_event(t, at_log ? TIMING_GPML_AT_LOG : TIMING_GPML_AT_VMWRITE, 1);
	if (t->mode != TIMING_FULL)
		return;
	if (at_log)
		timing_ept_walk(t, gpa);
	timing_physical(t, TIMING_GPML_L1, hpa);
}
