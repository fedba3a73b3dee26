/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libepml-timing: how many cycles a run takes on a given processor.
 *
 * A host (Bochs, the trace replayer, a test) tells one struct timing per logical processor what
 * the processor does. The model of caches, TLBs and branch predictor only decides WHICH costs are
 * charged; a charge is one addition to a counter, and cycles are counters times prices. So each
 * cycle has exactly one cause, and the same counters can be priced with other costs later.
 *
 * Plain C11: no global state, no input or output, and no allocation but in timing_init().
 * Addresses are in bytes, times in 1/1000 cycle ("millicycles") unless said otherwise.
 */
#ifndef EPML_TIMING_H
#define EPML_TIMING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "timing_costs.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Costs and geometry: data, one file for each processor ------------------------------- */

enum timing_cause {
#define TIMING_ENUM(ID, name, text) TIMING_CAUSE_##ID,
	TIMING_CAUSES(TIMING_ENUM)
#undef TIMING_ENUM
	TIMING_N_CAUSES
};

enum timing_cost {
#define TIMING_ENUM(ID, name, cause, text) TIMING_##ID,
	TIMING_COST_LIST(TIMING_ENUM)
#undef TIMING_ENUM
	TIMING_N_COSTS
};

extern const struct timing_cost_name {
	const char *name;
	enum timing_cause cause;
	const char *text;
} timing_costs[TIMING_N_COSTS];

extern const struct timing_cause_name {
	const char *name, *text;
} timing_causes[TIMING_N_CAUSES];

/** Cost by its name; -1 if there is none. */
int timing_cost_find(const char *name);

/* A price is known as a range; the clock runs with the likely value. */
enum timing_bound { TIMING_LOW, TIMING_LIKELY, TIMING_HIGH, TIMING_BOUNDS };

/* How well a number is known: looked up in a publication about this core; measured by this
 * project; an estimate; set so that a published micro-operation comes out; or said to be
 * published, but from memory, and not looked up. */
enum timing_status {
	TIMING_PUBLISHED, TIMING_MEASURED, TIMING_ESTIMATED, TIMING_CALIBRATED, TIMING_RECALLED,
	TIMING_STATUSES
};

extern const char *const timing_status_names[TIMING_STATUSES];

struct timing_price {
	uint64_t milli[TIMING_BOUNDS];	/* 1/1000 cycle */
	enum timing_status status;
};

/* Set-associative structures with true LRU replacement; "entries" = "ways" is fully associative. */
#define TIMING_STRUCTURES(X) \
	X(L1I, "l1i", "first-level instruction cache, in lines") \
	X(L1D, "l1d", "first-level data cache, in lines") \
	X(L2, "l2", "second-level cache, in lines") \
	X(LLC, "llc", "last-level cache, in lines") \
	X(ITLB_4K, "itlb-4k", "instruction TLB, 4-KByte pages") \
	X(ITLB_LARGE, "itlb-large", "instruction TLB, larger pages") \
	X(DTLB_4K, "dtlb-4k", "data TLB, 4-KByte pages") \
	X(DTLB_2M, "dtlb-2m", "data TLB, 2-MByte and 4-MByte pages") \
	X(DTLB_1G, "dtlb-1g", "data TLB, 1-GByte pages") \
	X(STLB, "stlb", "second-level TLB, 4-KByte, 2-MByte and 4-MByte pages") \
	X(STLB_1G, "stlb-1g", "second-level TLB, 1-GByte pages") \
	X(PDE_CACHE, "pde-cache", "paging-structure cache: PDEs") \
	X(PDPTE_CACHE, "pdpte-cache", "paging-structure cache: PDPTEs") \
	X(PML4E_CACHE, "pml4e-cache", "paging-structure cache: PML4Es") \
	X(EPT_PDE_CACHE, "ept-pde-cache", "the same for EPT: PDEs") \
	X(EPT_PDPTE_CACHE, "ept-pdpte-cache", "the same for EPT: PDPTEs") \
	X(EPT_PML4E_CACHE, "ept-pml4e-cache", "the same for EPT: PML4Es") \
	X(NESTED_TLB, "nested-tlb", "guest-physical pages, for the accesses of page walks") \
	X(PREDICTOR, "predictor", "conditional branches: 2-bit counters") \
	X(BTB, "btb", "targets of indirect branches") \
	X(RETURN_STACK, "return-stack", "return addresses")

enum timing_structure {
#define TIMING_ENUM(ID, name, text) TIMING_##ID,
	TIMING_STRUCTURES(TIMING_ENUM)
#undef TIMING_ENUM
	TIMING_N_STRUCTURES
};

extern const char *const timing_structure_names[TIMING_N_STRUCTURES];

struct timing_geometry {
	uint32_t entries, ways;		/* entries = 0: the processor has none */
};

#define TIMING_LINE		64u		/* bytes in a line, in all caches */
#define TIMING_MAX_ENTRIES	(2u << 20)	/* of one structure: 128 MByte of cache */
#define TIMING_MAX_BYTES	(64u << 20)	/* of a whole struct timing */
#define TIMING_NAME		64

/* A processor, as its costs file describes it. */
struct timing_processor {
	char name[TIMING_NAME];
	uint64_t khz;			/* frequency that turns cycles into time */
	struct timing_price price[TIMING_N_COSTS];
	struct timing_geometry geometry[TIMING_N_STRUCTURES];
};

/** FNV-1a hash of all numbers of a processor: equal means that runs can be compared. */
uint64_t timing_processor_hash(const struct timing_processor *p);

/* ---- One logical processor --------------------------------------------------------------- */

/* How much is modelled. With TIMING_EVENTS, timing_insns() stands for all that instructions do,
 * and only what is charged by name is added to it. */
enum timing_mode { TIMING_OFF, TIMING_EVENTS, TIMING_FULL, TIMING_MODES };

extern const char *const timing_mode_names[TIMING_MODES];

enum timing_paging {
	TIMING_PAGING_OFF, TIMING_PAGING_32BIT, TIMING_PAGING_PAE, TIMING_PAGING_4LEVEL
};

/* What addresses are translated with. */
struct timing_context {
	enum timing_paging paging;
	uint64_t cr3;
	uint64_t eptp;			/* 0: no EPT */
	uint16_t pcid, vpid;
};

/* What a time line shows. */
enum timing_mark {
	TIMING_MARK_EVENT,		/* something happened: a cost */
	TIMING_MARK_EXIT,		/* VMX root operation begins: the cost of the VM exit */
	TIMING_MARK_ENTRY,		/* and ends: the cost of the VM entry */
	TIMING_MARK_PHASE		/* a phase begins: its number */
};

struct timing_ops {
	/* Read 8 aligned bytes at a host-physical address, without any side effect. Only needed
	 * if there is paging or EPT. */
	uint64_t (*read)(void *host, uint64_t hpa);
	/* For a time line, or NULL. Called after the charge of a cost. */
	void (*mark)(void *host, enum timing_mark mark, unsigned what);
};

#define TIMING_PHASES	256		/* numbers that a guest can write with one OUT */

struct timing_branches;

/* A set-associative structure; lru.h has its functions. */
struct timing_lru {
	uint32_t sets, ways;
	uint32_t mask;			/* sets - 1 if that is a mask, else 0 */
	uint64_t *line;			/* caches: sets * ways lines, each set by last use */
	struct timing_entry *entry;	/* TLBs and paging-structure caches: sets * ways */
	uint64_t uses;			/* of entries, so far; 0: all are free */
};

struct timing {
	uint64_t clock;			/* millicycles, at likely prices */
	uint64_t *row;			/* the counters of the current phase */
	uint64_t price[TIMING_N_COSTS];	/* likely */
	uint64_t fetch_line, data_line;	/* last linear address / TIMING_LINE; UINT64_MAX: none */
	bool data_written;		/* to the last data line, whose page is known to be dirty */
	uint64_t fetch_before;		/* fetch_line before the last, or UINT64_MAX */
	uint64_t fetch_page;		/* last linear page with a fetch; UINT64_MAX: none */
	uint64_t data_page;		/* ... with a data access */
	bool page_written;		/* ... and there was a write to it */
	enum timing_mode mode;
	unsigned phase, id;
	struct timing_context context;
	uint64_t tag;			/* of translations made in this context */
	uint64_t insns;			/* instructions executed, for IPC */
	uint64_t idle;			/* millicycles without work, part of the clock */
	uint64_t (*counts)[TIMING_N_COSTS];	/* TIMING_PHASES rows */
	struct timing_lru lru[TIMING_N_STRUCTURES];
	struct timing_branches *branches;
	const struct timing_processor *processor;
	const struct timing_ops *ops;
	void *host;
	size_t bytes;			/* memory of the model */
};

/**
 * Begin a logical processor at cycle 0, phase 0, paging off, with everything empty.
 * @param p	kept; must stay valid
 * @param ops	kept; may be NULL as long as paging and EPT are off and no time line is wanted
 * @param id	number of the logical processor
 * @return	0, or -1 if memory is short or the model would need more than TIMING_MAX_BYTES
 */
int timing_init(struct timing *t, const struct timing_processor *p, enum timing_mode mode,
		const struct timing_ops *ops, void *host, unsigned id);
void timing_free(struct timing *t);

/** Whole cycles since the beginning: what RDTSC reads. */
static inline uint64_t timing_now(const struct timing *t)
{
	return t->clock / 1000;
}

/** Charge a cost @p n times, by hosts that know themselves what has happened. */
static inline void timing_charge(struct timing *t, enum timing_cost cost, uint64_t n)
{
	t->row[cost] += n;
	t->clock += t->price[cost] * n;
}

/** As timing_charge(), and a mark in the time line: for what is rare. */
void timing_event(struct timing *t, enum timing_cost cost, uint64_t n);

/** @p n instructions, in events mode. */
static inline void timing_insns(struct timing *t, uint64_t n)
{
	t->insns += n;
	timing_charge(t, TIMING_INSN_AVERAGE, n);
}

/** One instruction of a class: one of TIMING_INSN_*, TIMING_BRANCH, or another cost. */
static inline void timing_insn(struct timing *t, enum timing_cost cost)
{
	t->insns++;
	timing_charge(t, cost, 1);
}

/** All that follows is charged to phase @p phase, modulo TIMING_PHASES. */
void timing_phase(struct timing *t, unsigned phase);

/** Let time pass without work, as in HLT: advances the clock to @p cycle, charges nothing. */
void timing_idle_until(struct timing *t, uint64_t cycle);

/* ---- Memory and branches ----------------------------------------------------------------- */

/* timing_fetch(), timing_data(), timing_physical() and timing_branch() are for full mode only;
 * all others can be called in any mode and charge less in events mode. */

enum timing_rw { TIMING_DATA_READ, TIMING_DATA_WRITE };

void timing_fetch_line(struct timing *t, uint64_t lin, uint64_t phys);
void timing_data_access(struct timing *t, uint64_t lin, uint64_t phys, unsigned size,
			enum timing_rw rw);

/**
 * Instruction fetch. Cheap while it stays in a line.
 * @param lin	linear address
 * @param phys	host-physical address that it was translated to
 */
static inline void timing_fetch(struct timing *t, uint64_t lin, uint64_t phys)
{
	if (lin / TIMING_LINE != t->fetch_line)
		timing_fetch_line(t, lin, phys);
}

/**
 * Data access that does not cross a page. The second of two accesses to one line is known to hit.
 * @param rw	a read-modify-write is a write
 */
static inline void timing_data(struct timing *t, uint64_t lin, uint64_t phys, unsigned size,
			       enum timing_rw rw)
{
	if (lin / TIMING_LINE == t->data_line && lin % TIMING_LINE + size <= TIMING_LINE &&
	    (rw == TIMING_DATA_READ || t->data_written))
		timing_charge(t, rw == TIMING_DATA_READ ? TIMING_READ_L1 : TIMING_WRITE_L1, 1);
	else
		timing_data_access(t, lin, phys, size, rw);
}

/**
 * One access to physical memory that no TLB is involved in.
 * @param kind	first of the four costs: TIMING_PML_L1, TIMING_GPML_L1, TIMING_WALK_L1, ...
 */
void timing_physical(struct timing *t, enum timing_cost kind, uint64_t hpa);

/** Write of an entry of the hypervisor's log. */
void timing_pml_write(struct timing *t, uint64_t hpa);

/**
 * Write of an entry of the guest's log.
 * @param at_log	translated when written: EPT is walked for @p gpa
 */
void timing_gpml_write(struct timing *t, bool at_log, uint64_t gpa, uint64_t hpa);

/** EPT walk for a guest-physical access of the processor's own, such as a guest's log entry. */
void timing_ept_walk(struct timing *t, uint64_t gpa);

/** Walk of the SPP table for a write to a page with sub-page permissions. */
void timing_spp_walk(struct timing *t, uint64_t sppt, uint64_t gpa);

/** Branch; charges TIMING_BRANCH and learns. */
enum timing_branch { TIMING_CONDITIONAL, TIMING_INDIRECT, TIMING_CALL, TIMING_INDIRECT_CALL,
		     TIMING_RETURN, TIMING_JUMP };

/**
 * @param rip		address of the branch
 * @param target	where it goes if it is taken; for calls too
 * @param next		address of the instruction behind it
 */
void timing_branch(struct timing *t, enum timing_branch kind, uint64_t rip, uint64_t target,
		   uint64_t next, bool taken);

/* ---- Translations ------------------------------------------------------------------------ */

/** What follows is translated like this. Charges and invalidates nothing. */
void timing_context(struct timing *t, const struct timing_context *c);

/** MOV to CR3. @param keep PCIDs are on and bit 63 was set: nothing is invalidated */
void timing_mov_cr3(struct timing *t, uint64_t cr3, uint16_t pcid, bool keep);

/** Forget all translations of this VPID, global ones too: as a write of CR0.PG or CR4.PGE does. */
void timing_flush_all(struct timing *t);

/** INVLPG; charged. */
void timing_invlpg(struct timing *t, uint64_t lin);

/** INVPCID; charged. @param type 0 to 3, as its register operand */
void timing_invpcid(struct timing *t, unsigned type, uint16_t pcid, uint64_t lin);

/** INVEPT; charged. @param eptp single-context; 0: all contexts */
void timing_invept(struct timing *t, uint64_t eptp);

/** INVVPID; charged. @param type 0 to 3, as its register operand */
void timing_invvpid(struct timing *t, unsigned type, uint16_t vpid, uint64_t lin);

/** The translation of an access that then faults: walks, and leaves nothing behind. */
void timing_fault(struct timing *t, uint64_t lin, bool fetch, bool write);

/** An EPT violation, a page fault or an assist makes the processor forget a page, uncharged. */
void timing_forget_page(struct timing *t, uint64_t lin);

/* ---- VM exits and entries ---------------------------------------------------------------- */

/** Cost of a VM exit with this basic exit reason and qualification. */
enum timing_cost timing_exit_cost(unsigned reason, uint64_t qualification);

/**
 * VM exit; charged. Call it while the context is still the guest's: with VPID 0 it invalidates
 * what was translated for VPID 0 (SDM 3C "Operations that invalidate cached mappings").
 * @param cost	from timing_exit_cost()
 */
void timing_vm_exit(struct timing *t, enum timing_cost cost);

/**
 * VM entry; charged. Call it when the context is already the guest's.
 * @param injects	it injects an event
 */
void timing_vm_entry(struct timing *t, bool injects);

#ifdef __cplusplus
}
#endif

#endif
