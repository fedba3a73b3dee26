/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The guest programs that are timed (guest.S), and the memory that they find.
 *
 * The same frames stand at two guest-virtual addresses, GUEST_DATA and GUEST_ALIAS. The two are
 * 2048 pages apart, the number of entries of Bochs's direct-mapped data TLB, so that a page of one
 * and the same page of the other never are in that TLB together.
 */
#ifndef EPML_BENCH_GUEST_H
#define EPML_BENCH_GUEST_H

#define GUEST_CODE	0x00200000	/* GVA and GPA: guest_code */
#define GUEST_PARAMS	0x00201000	/* GVA and GPA: words, by index below */
#define GUEST_DATA	0x00400000	/* GVA and GPA */
#define GUEST_ALIAS	0x00C00000	/* GVA of the same frames */
#define GUEST_PAGES	512

#define PARAM_PASSES	0	/* passes over the memory */
#define PARAM_PTES	1	/* GVA of the guest PTE of GUEST_DATA; its neighbours follow */
#define PARAM_LOG	2	/* not 0: empty the guest's log after each pass */
#define PARAM_DONE	3	/* passes done; counted by the program */
#define PARAM_COUNT	4

/* Accesses in a pass of each program. */
#define MEMORY_PAGES	64
#define MEMORY_STRIDE	64
#define MEMORY_ACCESSES	(MEMORY_PAGES * (4096 / MEMORY_STRIDE) * 2)
#define MISS_ACCESSES	(GUEST_PAGES * 2)
#define DIRTY_ACCESSES	(GUEST_PAGES * 2)
#define STORE_PAGES	64
#define STORE_ACCESSES	STORE_PAGES
#define STORE_LAST	(GUEST_DATA + 0x100)	/* the first store of the last pass, of 1 */

#ifndef __ASSEMBLER__

extern const unsigned char guest_code[], guest_code_end[];

/* Entry points, within guest_code. */
extern const unsigned char guest_memory[], guest_miss[], guest_dirty[], guest_store[];

#endif
#endif
