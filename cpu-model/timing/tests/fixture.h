/* SPDX-License-Identifier: BSD-2-Clause */
/* A small processor for tests, whose hits and misses can be worked out by hand. */
#ifndef EPML_TIMING_FIXTURE_H
#define EPML_TIMING_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "timing.h"

/*
 * L1: 2 sets of 2 lines. L2: 4 sets of 2. LLC: 16 lines, fully associative. TLBs: 2 entries for
 * each page size, STLB 4, no paging-structure caches and no nested TLB; a test can add them. The
 * likely price of the cost i is i + 1 cycles, the low one half of it and the high one twice.
 */
struct fixture {
	struct timing_processor processor;
	struct timing_ops ops;
	struct timing t;
	uint64_t memory[0x10000 / 8];	/* what page walks read, from address 0 */
	unsigned reads;			/* of it */
};

/** The processor, without struct timing. */
void fixture_setup(struct fixture *f);

/** The same as the setup of a test, which finds it in *state. */
int test_setup(void **state);

/** Begin struct timing in full mode, with the processor as it is now. */
void fixture_begin(struct fixture *f);
void fixture_end(struct fixture *f);

/** How often a cost was charged since the last call for it. */
uint64_t charged(struct fixture *f, enum timing_cost cost);

/** The four costs of a kind of access since the last call, as the number L1 L2 LLC memory. */
unsigned levels(struct fixture *f, enum timing_cost kind);

#endif
