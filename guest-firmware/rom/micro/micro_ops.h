/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The micro-operations: one list for the ROM, which executes them, and for "epml timing micro",
 * which prints what they cost. Freestanding.
 *
 * Each line is a phase of the run, marked by guest or root: its enumerator, where it runs,
 * the phase that holds all it does but the operation itself, how many operations are in it, how
 * many VM exits they must cause, and what is prepared before it (PREP_*, micro.h). What one costs
 * is the difference of the two phases, each divided by its number of operations.
 *
 * MICRO_VARIES: how often the design parameters decide, and the ROM does not count.
 */
#ifndef EPML_MICRO_OPS_H
#define EPML_MICRO_OPS_H

#define MICRO_PAGES		256	/* of most operations: an operation on each */
#define MICRO_WALK_PAGES	2560	/* more than any second-level TLB has entries */
#define MICRO_REPEATS		1000	/* of operations without a page */
#define MICRO_VARIES		0xFFFF

#define MICRO_OPS(X) \
	/* VMX root operation: as an operating system without virtualization */ \
	X(LOOP, ROOT, NONE, MICRO_REPEATS, 0, 0) \
	X(LOAD_2M, ROOT, NONE, MICRO_WALK_PAGES, 0, 0) \
	X(WALK, ROOT, LOAD_2M, MICRO_WALK_PAGES, 0, 0) \
	X(INVLPG, ROOT, LOOP, MICRO_PAGES, 0, 0) \
	X(WALK_COLD, ROOT, INVLPG, MICRO_PAGES, 0, 0) \
	X(FAULT, ROOT, LOOP, MICRO_PAGES, 0, PREP_ABSENT) \
	X(FAULT_ZERO, ROOT, LOOP, MICRO_PAGES, 0, PREP_ABSENT) \
	X(PROTECT, ROOT, LOOP, MICRO_PAGES, 0, PREP_READ_ONLY) \
	X(CR3, ROOT, LOOP, MICRO_REPEATS, 0, 0) \
	X(VMREAD, ROOT, LOOP, MICRO_REPEATS, 0, 0) \
	X(VMWRITE, ROOT, LOOP, MICRO_REPEATS, 0, 0) \
	X(INVEPT, ROOT, LOOP, MICRO_REPEATS, 0, 0) \
	X(INVVPID, ROOT, LOOP, MICRO_REPEATS, 0, 0) \
	/* VMX non-root operation with EPT */ \
	X(G_LOOP, GUEST, NONE, MICRO_REPEATS, 0, 0) \
	X(G_LOAD_2M, GUEST, NONE, MICRO_WALK_PAGES, 0, 0) \
	X(G_WALK, GUEST, G_LOAD_2M, MICRO_WALK_PAGES, 0, 0) \
	X(G_INVLPG, GUEST, G_LOOP, MICRO_PAGES, 0, 0) \
	X(G_WALK_COLD, GUEST, G_INVLPG, MICRO_PAGES, 0, 0) \
	X(G_FAULT, GUEST, G_LOOP, MICRO_PAGES, 0, PREP_ABSENT) \
	X(G_FAULT_ZERO, GUEST, G_LOOP, MICRO_PAGES, 0, PREP_ABSENT) \
	X(G_PROTECT, GUEST, G_LOOP, MICRO_PAGES, 0, PREP_READ_ONLY) \
	X(G_CR3, GUEST, G_LOOP, MICRO_REPEATS, 0, 0) \
	X(EPT_FAULT, GUEST, G_LOOP, MICRO_PAGES, MICRO_PAGES, PREP_NO_EPT) \
	X(EPT_FAULT_ZERO, GUEST, G_LOOP, MICRO_PAGES, MICRO_PAGES, PREP_NO_EPT) \
	X(VMCALL, GUEST, G_LOOP, MICRO_REPEATS, MICRO_REPEATS, 0) \
	X(VMREAD_SHADOW, GUEST, G_LOOP, MICRO_REPEATS, 0, 0) \
	X(VMWRITE_SHADOW, GUEST, G_LOOP, MICRO_REPEATS, 0, 0) \
	X(VMREAD_EXIT, GUEST, G_LOOP, MICRO_REPEATS, MICRO_REPEATS, 0) \
	X(VMWRITE_EXIT, GUEST, G_LOOP, MICRO_REPEATS, MICRO_REPEATS, 0) \
	X(VMREAD_GPML, GUEST, G_LOOP, MICRO_REPEATS, 0, PREP_GPML) \
	X(VMWRITE_GPML, GUEST, G_LOOP, MICRO_REPEATS, 0, PREP_GPML) \
	X(VMWRITE_ADDRESS, GUEST, G_LOOP, MICRO_REPEATS, 0, PREP_GPML) \
	/* Logs: a store to each of the pages, clean in both dimensions */ \
	X(STORE, GUEST, G_LOOP, MICRO_PAGES, 0, 0) \
	X(STORE_CLEAN, GUEST, STORE, MICRO_PAGES, 0, PREP_CLEAN) \
	X(PML, GUEST, STORE_CLEAN, MICRO_PAGES, 0, PREP_CLEAN | PREP_PML) \
	X(GPML, GUEST, STORE_CLEAN, MICRO_PAGES, 0, PREP_CLEAN | PREP_GPML) \
	X(PML_FULL, GUEST, PML, MICRO_PAGES, MICRO_PAGES, PREP_CLEAN | PREP_PML | PREP_FULL) \
	X(GPML_FULL, GUEST, GPML, MICRO_PAGES, MICRO_VARIES, PREP_CLEAN | PREP_GPML | PREP_FULL) \
	X(NOTIFY, GUEST, GPML, MICRO_PAGES, 0, PREP_CLEAN | PREP_GPML | PREP_LAST) \
	/* Sub-page write permissions */ \
	X(SPP_WALK, GUEST, STORE, MICRO_PAGES, 0, PREP_SPP_GRANT) \
	X(STORE_AGAIN, GUEST, G_LOOP, MICRO_PAGES, 0, 0) \
	X(SPP_CACHED, GUEST, STORE_AGAIN, MICRO_PAGES, 0, PREP_SPP_GRANT) \
	X(SPP_DENY, GUEST, G_LOOP, MICRO_PAGES, MICRO_PAGES, PREP_SPP_DENY) \
	X(SPP_DENY_VE, GUEST, G_LOOP, MICRO_PAGES, 0, PREP_SPP_DENY | PREP_VE)

/*
 * The phases of the tracker (tracker.c): enumerator, technique, and the name of the phase in the
 * formulas (docs/timing.md). A program writes to all its pages, and a tracker finds out which.
 */
#define MICRO_TRACKED_PAGES	640	/* more than a log has entries */
#define MICRO_ROUNDS		4

#define MICRO_TRACKER(X) \
	X(ALONE, ALL, "alone") \
	X(PROC_CLEAR, PROC, "clear-refs") \
	X(PROC_TRACKED, PROC, "tracked") \
	X(PROC_WALK, PROC, "page-walk") \
	X(PROC_PROCESSING, PROC, "processing") \
	X(SPML_TRACKED, SPML, "tracked") \
	X(SPML_DISABLE, SPML, "disable") \
	X(SPML_RING, SPML, "ring-copy") \
	X(SPML_REVERSE, SPML, "reverse-mapping") \
	X(SPML_PROCESSING, SPML, "processing") \
	X(EPML_TRACKED, EPML, "tracked") \
	X(EPML_DISABLE, EPML, "disable") \
	X(EPML_RING, EPML, "ring-copy") \
	X(EPML_PROCESSING, EPML, "processing") \
	X(EPML_REARM, EPML, "re-arm")

/* Numbers of phases; 0 is all that is not measured. */
enum micro_op {
	MICRO_NONE,
#define MICRO_ENUM(ID, where, baseline, n, exits, prepare) MICRO_##ID,
	MICRO_OPS(MICRO_ENUM)
#undef MICRO_ENUM
	MICRO_OPS_END,
	MICRO_BEFORE_TRACKER = MICRO_OPS_END - 1,
#define MICRO_ENUM(ID, technique, name) MICRO_##ID,
	MICRO_TRACKER(MICRO_ENUM)
#undef MICRO_ENUM
	MICRO_END
};

#endif
