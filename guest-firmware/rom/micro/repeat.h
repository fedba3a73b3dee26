/* SPDX-License-Identifier: BSD-2-Clause */
/* The loop of an operation between its two marks, the same for root and guest. */
#ifndef EPML_MICRO_REPEAT_H
#define EPML_MICRO_REPEAT_H

#include "micro.h"

/* i counts; the compiler neither unrolls the loop nor moves anything out of it. */
#define REPEAT(number, n, statement)					\
	do {								\
		unsigned i;						\
									\
		phase(number);						\
		for (i = 0; i < (n); i++) {				\
			statement;					\
			__asm__ volatile("" : "+r"(i) : : "memory");	\
		}							\
		phase(0);						\
	} while (0)

#define WALK_STRIDE	997u	/* pages; has no common divisor with their number */

/* The next page in an order in which neighbours are far from each other, as in a hash table. */
static inline unsigned next_page(unsigned page)
{
	page += WALK_STRIDE;
	return page < MICRO_WALK_PAGES ? page : page - MICRO_WALK_PAGES;
}

/* A load from each of more pages than a TLB holds. The first pass leaves caches as the second
 * finds them. */
static inline void loads(unsigned number, uint64_t base)
{
	unsigned page = 0;

	REPEAT(0, MICRO_WALK_PAGES, page = next_page(page); load(base + word_in(page)));
	REPEAT(number, MICRO_WALK_PAGES, page = next_page(page); load(base + word_in(page)));
}

#endif
