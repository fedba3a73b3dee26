/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the parts of the standalone machine share with each other.
 *
 *	mem.c		physical memory
 *	tlb.c		cached translations
 *	walk.c		the guest's 4-level paging
 *	linear.c	accesses with linear addresses, also across pages
 *	vmcs.c		fields of the current and of the shadow VMCS
 *	vmx.c		VM entries and VM exits
 *	vapic.c		virtual-interrupt delivery
 *	event.c		delivery of events through the IDT, and IRET
 *	steps.c		guest steps;  steps_mem.c, steps_xsave.c, steps_vmx.c: their larger groups
 *	host.c		host steps
 *	guest.c		the order of steps: instruction boundaries, handlers
 *	machine.c	one vector from 'V' to 'z'
 */
#ifndef EPML_MACHINE_PRIV_H
#define EPML_MACHINE_PRIV_H

#include "epml-spec.h"
#include "machine.h"

#define PAGE_SIZE	4096ull
#define PAGE_OFFSET	(PAGE_SIZE - 1)

/* What of its own the guest has in W_SYS_END's memory; the ROM has it elsewhere in there. */
#define SYS_CODE	0x00010000ull
#define SYS_TABLES	0x00020000ull	/* IDT, GDT, TSS */
#define SYS_STACK_TOP	0x00030000ull

#define MAXPHYADDR	40

/* How an operation of the processor ended. */
enum outcome {
	DONE,
	FAULTED,	/* m->fault is to be delivered to the guest */
	EXITED,		/* the VM exit in m->cpu.exit has happened */
	GAVE_UP		/* the machine cannot execute this vector */
};

/* ---- Cached translations ------------------------------------------------------------------ */

#define TLB_ENTRIES	2048
#define TLB_FREE	UINT64_MAX
#define TLB_SUPERVISOR	0x1u	/* supervisor-mode accesses: read or fetch */
#define TLB_USER	0x2u	/* user-mode accesses: read or fetch */
#define TLB_SUPERVISOR_WRITE 0x4u
#define TLB_USER_WRITE	0x8u
#define TLB_WRITES	(TLB_SUPERVISOR_WRITE | TLB_USER_WRITE)
#define TLB_GLOBAL	0x10u

struct tlb_entry {
	uint64_t page;		/* linear address of the 4-KByte page, TLB_FREE: unused */
	uint64_t frame;		/* HPA */
	uint64_t offset_mask;	/* of the guest's page that the translation came from */
	unsigned rights;	/* TLB_* */
	struct epml_spp spp;	/* with a right to write: to which sub-pages */
};

struct tlb {
	struct tlb_entry entry[TLB_ENTRIES];
};

/**
 * HPA of @p gva, if an entry has all of @p rights for @p size bytes in its page. An entry without
 * them is removed, since its access walks the paging structures again.
 */
bool tlb_lookup(struct tlb *t, uint64_t gva, unsigned size, unsigned rights, uint64_t *hpa);
void tlb_insert(struct tlb *t, const struct tlb_entry *e);
void tlb_flush(struct tlb *t, bool keep_global);
/** Remove all that was cached for the guest's page, of whatever size, that maps @p gva. */
void tlb_invlpg(struct tlb *t, uint64_t gva);

/* ---- VMCS --------------------------------------------------------------------------------- */

#define VMCS_SLOTS	256

struct vmcs {
	unsigned count;
	struct {
		uint32_t field;		/* encoding, access type full */
		uint64_t value;
	} slot[VMCS_SLOTS];
};

/** Is @p field an encoding that this processor has? */
bool vmcs_supported(uint64_t field);
uint64_t vmcs_read(const struct vmcs *v, uint32_t field);
/** Write as much of @p value as the field is wide. */
void vmcs_write(struct vmcs *v, uint32_t field, uint64_t value);

/* ---- State of the processor --------------------------------------------------------------- */

/* An event for the guest; type is one of EPML_EVENT_TYPE_*. */
struct event {
	uint8_t vector;
	uint8_t type;
	bool has_error;
	uint32_t error;
	uint64_t cr2;		/* of a page fault */
};

/* Where one sequence of steps stands: the main sequence, or a handler that interrupted it. */
struct frame {
	uint32_t handler;	/* as in vi_step */
	uint32_t current;	/* the step executed last */
	uint32_t next;
	bool busy;		/* current is to be executed (again) */
	uint64_t progress;	/* iterations that a repeated string instruction has done */
	/* The guest's program reports a result after what interrupts it behind the instruction. */
	bool has_result;
	uint64_t result, result_flags;
	/* What IRET from the frame above this one restores. */
	bool user, interrupts;
};

#define MAX_FRAMES	33

struct guest {
	bool user;		/* CPL is 3, otherwise 0 */
	bool interrupts;	/* RFLAGS.IF */
	bool halted;
	bool in_event;		/* an event is being delivered through the IDT */
	uint64_t cr2, cr3;
	struct frame frame[MAX_FRAMES];
	unsigned depth;		/* index of the running frame */
};

struct vapic {
	uint8_t rvi, svi, vppr;
};

/* The parts of a vi_vector. */
struct image {
	const struct vi_vector *head;
	const uint64_t *pages;
	const struct vi_poke *pokes;
	const struct vi_field *fields;
	const struct vi_step *steps;
	const uint64_t *dump_pages;
	const uint64_t *dump_words;
	const struct vi_field *dump_fields;
};

struct machine {
	struct epml_cpu cpu;
	struct epml_ops ops;
	machine_event_fn *trace;
	void *trace_ctx;
	uint8_t *ram;
	uint64_t touched[W_RAM_SIZE / PAGE_SIZE / 64];	/* pages written since mem_reset() */
	struct tlb data, code;
	struct vmcs vmcs, shadow;
	struct guest guest;
	struct vapic vapic;
	struct event fault;	/* after FAULTED */
	struct event delivering;	/* with guest.in_event */
	struct event inject;	/* at the next VM entry, if inject_valid */
	bool inject_valid;
	bool trap_like;		/* the last VM exit came after its instruction */
	const char *why;	/* after GAVE_UP */
	struct image img;
	uint32_t step;		/* index of the step being executed, for reports */
	machine_report_fn *report;
	void *ctx;
	unsigned reports;
};

static inline struct frame *top_frame(struct machine *m)
{
	return &m->guest.frame[m->guest.depth];
}

static inline bool canonical(uint64_t gva)
{
	return (uint64_t)((int64_t)(gva << 16) >> 16) == gva;
}

static inline bool controls2(const struct machine *m, uint32_t mask)
{
	return (m->cpu.v.proc2 & mask) == mask;
}

/* ---- mem.c -------------------------------------------------------------------------------- */

bool mem_init(struct machine *m);
void mem_reset(struct machine *m);
/* Up to 8 bytes, little-endian. What is beyond the memory reads as ones and cannot be written. */
uint64_t mem_read(const struct machine *m, uint64_t hpa, unsigned size);
void mem_write(struct machine *m, uint64_t hpa, unsigned size, uint64_t value);
void mem_zero_page(struct machine *m, uint64_t hpa);

/* ---- walk.c, linear.c --------------------------------------------------------------------- */

/**
 * Translate one linear address for an access.
 * @param size		bytes of the access in its page
 * @param access	EPML_ACCESS_READ, _WRITE (read-modify-write too) or _FETCH
 * @param user		a user-mode access
 */
enum outcome walk_translate(struct machine *m, uint64_t gva, unsigned size, unsigned access,
			    bool user, uint64_t *hpa);
void walk_flush(struct machine *m, bool keep_global);

/* A translated operand: one piece, or two if it crosses a page boundary. */
struct operand {
	unsigned size;		/* bytes */
	unsigned first;		/* bytes on the first page */
	uint64_t hpa[2];
};

#define MAX_OPERAND	64

/** Translate an operand, its pages in ascending order, before memory is touched. */
enum outcome operand_translate(struct machine *m, uint64_t gva, unsigned size, unsigned access,
			       bool user, struct operand *op);
void operand_read(const struct machine *m, const struct operand *op, uint8_t *bytes);
void operand_write(struct machine *m, const struct operand *op, const uint8_t *bytes);
uint64_t operand_value(const struct machine *m, const struct operand *op);
void operand_set(struct machine *m, const struct operand *op, uint64_t value);

/* ---- vmx.c -------------------------------------------------------------------------------- */

/** VMCS content before the image's fields are written, and the shadow VMCS region. */
void vmx_reset(struct machine *m);
/** Write a field of the image, with the bits that must be 1. */
void vmx_write_field(struct machine *m, uint64_t field, uint64_t value);
enum entry {
	ENTERED,
	ENTRY_VMFAIL,		/* reported: 'n' */
	ENTRY_EXIT		/* failed while loading guest state; reported: 'x' */
};

/** VMLAUNCH or VMRESUME. */
enum entry vmx_enter(struct machine *m);
/** A VM exit that the machine causes itself. Always EXITED. */
enum outcome vmx_exit(struct machine *m, uint32_t reason, uint64_t qualification);
/** Save the guest's state in the VMCS after any VM exit. */
void vmx_save(struct machine *m, bool internal);
/** VMfailValid in VMX root or non-root operation. */
void vmx_fail(struct machine *m, unsigned error);
/** Is @p eptp a value that VM entry accepts? */
bool vmx_eptp_ok(struct machine *m, uint64_t eptp);

/* ---- vapic.c ------------------------------------------------------------------------------ */

void vapic_enter(struct machine *m);
/** Bits 7:4 of VTPR in a virtual-APIC page. */
uint8_t vapic_tpr_class(const struct machine *m, uint64_t page);
void vapic_self_ipi(struct machine *m, uint8_t vector);
/** The pending virtual interrupt that may be delivered when RFLAGS.IF = 1. */
bool vapic_pending(const struct machine *m);
/** Virtual-interrupt delivery up to the IDT; the vector. */
uint8_t vapic_acknowledge(struct machine *m);
/** WRMSR to an x2APIC register. */
enum outcome vapic_wrmsr(struct machine *m, uint32_t msr, uint64_t value);

/* ---- event.c ------------------------------------------------------------------------------ */

/** Have a hardware exception delivered. Always FAULTED. */
enum outcome fault(struct machine *m, uint8_t vector);
enum outcome fault_code(struct machine *m, uint8_t vector, uint32_t error);
/** Deliver an event through the guest's IDT and start its handler's steps. */
enum outcome event_deliver(struct machine *m, const struct event *ev);
/** End of a handler: IRET. */
void event_return(struct machine *m);

/* ---- steps.c, steps_*.c, host.c, guest.c -------------------------------------------------- */

enum outcome step_execute(struct machine *m, const struct vi_step *s);
enum outcome step_memory(struct machine *m, const struct vi_step *s);
enum outcome step_save_state(struct machine *m, const struct vi_step *s);
enum outcome step_vmx(struct machine *m, const struct vi_step *s);
/** Result of the current guest step, to be reported when the step has ended. */
void step_result(struct machine *m, uint64_t value, uint64_t flags);

/** Is @p s a host step? */
bool host_step(const struct vi_step *s);
/**
 * Execute host steps from the main sequence's next step.
 * @param after_exit	they deal with a VM exit; otherwise the guest asked for them, or has not
 *			been entered yet
 * @return		false at the end of the vector
 */
bool host_run(struct machine *m, bool after_exit);

enum stop {
	STOP_END,	/* all steps done */
	STOP_HOST,	/* a host step comes next */
	STOP_EXIT,	/* VM exit */
	STOP_GAVE_UP
};

/** Execute guest steps in VMX non-root operation. */
enum stop guest_run(struct machine *m);
/** The step that follows in the sequence of @p f, or NULL. */
const struct vi_step *next_step(const struct machine *m, const struct frame *f);
/** Between iterations of a repeated instruction: is an interrupt to be delivered? */
bool interrupt_due(const struct machine *m);

/* ---- machine.c ---------------------------------------------------------------------------- */

void report(struct machine *m, char kind, unsigned n, const uint64_t *v);
void report_result(struct machine *m, uint64_t value, uint64_t flags);
void emit(struct machine *m, const struct epml_event *ev);

#endif
