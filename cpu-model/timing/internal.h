/* SPDX-License-Identifier: BSD-2-Clause */
/* Parts of libepml-timing that the others use. */
#ifndef EPML_TIMING_INTERNAL_H
#define EPML_TIMING_INTERNAL_H

#include "lru.h"

#define NO_LINE UINT64_MAX

/* Page sizes, as translations are cached. A 4-MByte page is cached as its halves. */
enum page_size { PAGE_4K, PAGE_2M, PAGE_1G, PAGE_SIZES };

static const unsigned char page_shift[PAGE_SIZES] = { 12, 21, 30 };

/** What the last access was is not to be relied on any longer. */
static inline void forget_lines(struct timing *t)
{
	t->fetch_line = NO_LINE;
	t->fetch_before = NO_LINE;
	t->data_line = NO_LINE;
	t->fetch_page = NO_LINE;
	t->data_page = NO_LINE;
}

/**
 * Translate for the TLB: charges TLB misses and walks.
 * @param fetch	through the instruction TLB
 * @param write	needs a translation with the dirty flag
 * @return	would the TLB have it for another access of that kind, as its latest translation?
 */
bool tlb_access(struct timing *t, uint64_t lin, bool fetch, bool write);

/* A finished translation. */
struct walk_leaf {
	uint64_t address;		/* of the page's first byte */
	unsigned shift;			/* size of the page */
	bool global, dirty;
};

/** Walk all dimensions for a linear address. @return false: not present somewhere */
bool walk_linear(struct timing *t, uint64_t lin, struct walk_leaf *leaf);

/** Is an address translated at all? */
static inline bool is_translated(const struct timing *t)
{
	return t->context.paging != TIMING_PAGING_OFF || t->context.eptp;
}

size_t branches_bytes(const struct timing_geometry *g);
int branches_init(struct timing *t);

#endif
