/* SPDX-License-Identifier: BSD-2-Clause */
/* The generator of random vectors. */
#ifndef EPML_FUZZ_GENERATE_H
#define EPML_FUZZ_GENERATE_H

#include "fuzz_case.h"
#include "rng.h"

/**
 * Give an empty vector (case_init) its setup, steps and handlers.
 * @param seed		what the vector depends on, together with
 * @param number	its number among the vectors of the seed, and its parameters
 */
void fuzz_generate(struct fuzz_case *c, uint64_t seed, uint64_t number);

/* ---- Shared by the parts ---- */

/* GVAs of the world of random vectors. */
#define GVA_SMALL	0x400000ull	/* 4-KByte pages */
#define SMALL_PAGES	6		/* the last is another address of the first */
#define SMALL_GPA	0x200000ull
#define GVA_UNMAPPED	0x700000ull
#define GVA_LARGE	0x800000ull	/* 2-MByte page of the guest */
#define GVA_EPT_LARGE	0xC00000ull	/* 4-KByte pages in a 2-MByte page of EPT */
#define GVA_IN_HUGE	0xE00000ull	/* 4-KByte page in a 1-GByte page of EPT */
#define GVA_HUGE	0x80000000ull	/* 1-GByte page of the guest and of EPT */
#define GUEST_TABLES	4		/* pages of paging structures that all vectors have */
#define NONCANONICAL	(1ull << 47)

struct generator {
	struct rng rng;
	struct fuzz_case *c;
	bool huge;		/* GVA_IN_HUGE and GVA_HUGE are mapped */
};

void generate_setup(struct generator *g);
void generate_steps(struct generator *g);

uint16_t random_index(struct generator *g);
uint64_t random_guest_flags(struct generator *g);
/** Without memory type. */
uint64_t random_ept_flags(struct generator *g);

/* ---- generate_spp.c ---- */

/** Does the vector have sub-page write permissions = 1? */
bool sub_pages_on(const struct generator *g);
/** Give a 4-KByte page of EPT sub-page permissions, or not. */
void choose_sub_pages(struct generator *g, struct vpage *p);
/** An address at or up to @p size bytes before a boundary of sub-pages. */
uint64_t random_sub_page_boundary(struct generator *g, uint64_t page, unsigned size);
/**
 * Have a step write an entry of the SPPT; its operation is given.
 * @return	the page whose permissions it changes, or NULL: there is none, s is as it was
 */
const struct vpage *sppt_step(struct generator *g, struct vstep *s);

#endif
