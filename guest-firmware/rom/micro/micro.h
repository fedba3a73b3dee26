/* SPDX-License-Identifier: BSD-2-Clause */
/* What the parts of the micro-operation ROM share; main.c explains it as a whole. */
#ifndef EPML_MICRO_H
#define EPML_MICRO_H

#include "../cpu.h"
#include "../rom.h"
#include "micro_ops.h"

/* ---- Memory ------------------------------------------------------------------------------ */

/*
 * Guest-physical addresses are host-physical addresses, and root and guest share their paging
 * structures: linear addresses below 4 GByte, and again from W_ALIAS, are physical addresses in
 * 2-MByte pages; from PAGES_LIN the same memory from PAGES_HPA is mapped by 4-KByte pages.
 */
#define PAGES_LIN	0x10000000000ull	/* PML4E 2 */
#define PAGES_HPA	0x02000000ull
#define PAGES_MAX	3072u			/* whole page tables */
#define PAGE_TABLES	(PAGES_MAX / 512)
#define LARGE_HPA	(PAGES_HPA + PAGES_MAX * 0x1000ull)	/* 2-MByte pages of EPT too */

#define M_PDPT		0x01200000ull
#define M_PD		0x01201000ull
#define M_PT		0x01202000ull		/* PAGE_TABLES of them */
#define M_EPT_PML4	0x01210000ull
#define M_EPT_PDPT	0x01211000ull
#define M_EPT_PD	0x01212000ull
#define M_EPT_PT	0x01213000ull		/* PAGE_TABLES of them */
#define M_LOG		0x01220000ull		/* guest's log */
#define M_RING		0x01230000ull		/* logged addresses, for the tracker */
#define M_LIST		0x01240000ull		/* the tracker's own copy */

#define RAM_2M_PAGES	(W_RAM_SIZE >> 21)
#define EPTP		(M_EPT_PML4 | EPML_EPTP_AD | 3u << EPML_EPTP_WALK_SHIFT | 6u)
#define VPID		1
#define NOTIFICATION	0x40
#define PTE_SOFT_DIRTY	(1ull << 55)		/* as Linux has it: for software */

static inline uint64_t *pte(unsigned page)
{
	return (uint64_t *)M_PT + page;
}

static inline uint64_t *ept_leaf(unsigned page)
{
	return (uint64_t *)M_EPT_PT + page;
}

/* A word of each page, so that many pages use all sets of a cache. */
static inline uint64_t word_in(unsigned page)
{
	return (uint64_t)page << 12 | ((page ^ page >> 4) & 63) << 6;
}

/* ---- What is prepared before a measurement ------------------------------------------------ */

#define PREP_ABSENT	0x001u	/* PTEs are not present */
#define PREP_READ_ONLY	0x002u	/* PTEs without write permission */
#define PREP_NO_EPT	0x004u	/* EPT entries are not present */
#define PREP_CLEAN	0x008u	/* dirty flags are 0, in PTEs and EPT */
#define PREP_SPP_GRANT	0x010u	/* all sub-pages are writable */
#define PREP_SPP_DENY	0x020u	/* none is */
#define PREP_PML	0x040u	/* the hypervisor's log is on */
#define PREP_GPML	0x080u	/* the guest's log is on */
#define PREP_FULL	0x100u	/* the log that is on is full */
#define PREP_LAST	0x200u	/* the guest's log has one entry left */
#define PREP_VE		0x400u	/* EPT violations are #VE */

/* ---- The run ------------------------------------------------------------------------------ */

/* Calls of the hypervisor: RAX of VMCALL. */
enum micro_call {
	CALL_NOTHING, CALL_NEXT, CALL_FAILED,
	CALL_TRACK_PML, CALL_TRACK_GPML, CALL_COLLECT, CALL_CLEAN_EPT, CALL_DISABLE
};

/* Root and guest share it. */
struct micro {
	uint32_t op;		/* what the guest shall do next: enum micro_op */
	uint32_t phase;		/* in which it is counted */
	uint32_t exits;		/* VM exits since the operation began */
	uint32_t ring_on;	/* full logs go to the ring */
	uint32_t ring;		/* entries in it */
	uint32_t failed_vector;
	uint64_t failed_rip, failed_address;
};

extern struct micro micro;

/** Count what follows in a phase. */
static inline void phase(unsigned number)
{
	outb(PORT_PHASE, (uint8_t)number);
}

/* The store that all operations make: 3 bytes, so that handlers can skip it. */
#define STORE_BYTES	3

static inline void store(uint64_t lin)
{
	__asm__ volatile("movq %%rax, (%%rdx)" : : "a"(lin), "d"(lin) : "memory");
}

static inline void load(uint64_t lin)
{
	uint64_t value;

	__asm__ volatile("movq (%1), %0" : "=r"(value) : "r"(lin) : "memory");
}

static inline void invlpg(uint64_t lin)
{
	__asm__ volatile("invlpg (%0)" : : "r"(lin) : "memory");
}

static inline uint64_t vmcall(enum micro_call call)
{
	uint64_t value = call;

	__asm__ volatile("vmcall" : "+a"(value) : : "memory");
	return value;
}

/* world.c: VMX root operation */
void world_init(void);
void world_prepare(unsigned prepare);
void world_control(uint64_t field, uint64_t bit, bool on);
void world_clean_ept(void);

/* hypervisor.c: VMX root operation */
void hypervisor_run(unsigned op, unsigned number);

/* root_ops.c, guest_ops.c: the operations */
void root_op(unsigned op, unsigned number);
void guest_op(unsigned op, unsigned number);

/* tracker.c: VMX non-root operation */
void tracker_run(bool measured);

/* handlers.c, stubs.S */
void ring_take_log(void);
extern char page_fault_stub[], ve_stub[], notification_stub[];

#endif
