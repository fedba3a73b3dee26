/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What runs in VMX non-root operation: the interpreter of guest steps and the event handler.
 *
 * This code and all it touches are reached through the system alias, so that a vector sees
 * nothing of it. It must not call functions of the root.
 */
#include "cpu.h"
#include "rom.h"

#define VISR		0x100		/* offset of VISR in the virtual-APIC page */
#define VECTOR_OF	4		/* #OF */

_Static_assert(VI_STORE == 1 && VI_GUEST_LAST == OP_ROWS, "op_table does not fit enum vi_op");

/* As guest_stub_tail (entry.S) builds it. */
struct event_frame {
	uint64_t regs[R_RIP];		/* by index; R_RSP is not a register here */
	uint64_t vector, has_error, error;
	uint64_t rip, cs, rflags, rsp, ss;
};

void guest_event(struct event_frame *f);

struct run run;
struct vi_step steps[ROMIMAGE_MAX_STEPS] __attribute__((section(".noinit")));

/* Call the root, which never returns to here: it re-enters at guest_start or not at all. */
static void __attribute__((noreturn)) call_root(uint64_t call)
{
	__asm__ volatile("vmcall" : : "a"(CALL_MAGIC + call) : "memory");
	__builtin_unreachable();
}

static void record(char kind, uint8_t n, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
	struct record *r;

	if (run.lines >= VI_MAX_REPORTS)
		call_root(CALL_REPORTS);
	run.lines++;
	r = &run.records[run.n_records++];
	r->kind = kind;
	r->n = n;
	r->v[0] = a;
	r->v[1] = b;
	r->v[2] = c;
	r->v[3] = d;
}

static bool has_result(unsigned op)
{
	switch (op) {
	case VI_LOAD:
	case VI_LOCK_RMW:
	case VI_CMPXCHG:
	case VI_VMREAD:
	case VI_VMWRITE:
	case VI_VMREAD_MEM:
	case VI_VMWRITE_MEM:
		return true;
	default:
		return false;
	}
}

static bool has_size(unsigned op)
{
	return op <= VI_CMPXCHG || op == VI_STOS || op == VI_MOVS;
}

/* Index into op_table, 0 columns for an operation without size; calls the root for a bad step. */
static unsigned op_slot(const struct vi_step *s)
{
	unsigned column = 0, slot;

	if (has_size(s->op)) {
		while (column < OP_COLUMNS && 1u << column != s->size)
			column++;
	}
	slot = (s->op - VI_STORE) * OP_COLUMNS + column;
	if (column == OP_COLUMNS || !op_table[slot])
		call_root(CALL_BAD_STEP);
	return slot;
}

static void execute(uint32_t i)
{
	const struct vi_step *s = &steps[i];
	struct op_result r;

	run.cur = i;
	r = op_run(op_slot(s), s->a, s->b, s->c);
	if (!(r.flags & OP_FAULTED) && has_result(s->op))
		record('r', 3, i, r.value, r.flags, 0);
}

/*
 * Run the handler of an exception or interrupt vector, if the test vector has one. That of a
 * program finds in RDI where the frame is that IRET will use.
 */
static bool run_handler(struct event_frame *f)
{
	bool found = false;
	uint32_t i;

	for (i = 0; i < run.n_steps; i++) {
		if (steps[i].handler != f->vector + 1)
			continue;
		found = true;
		if (steps[i].op == VI_END || steps[i].op > VI_GUEST_LAST)
			call_root(CALL_BAD_STEP);
		user_regs[R_RDI] = (uint64_t)&f->rip;
		execute(i);
	}
	return found;
}

/*
 * Is the event a virtual interrupt? Their vectors begin at 16, so they overlap with exceptions,
 * #VE among them; but delivery of an interrupt sets the vector's bit in VISR.
 */
static bool is_interrupt(uint64_t vector)
{
	const volatile uint32_t *visr = (const volatile uint32_t *)(W_ALIAS + W_VAPIC + VISR);

	return vector >= 32 || (visr[vector / 32 * 4] >> vector % 32 & 1);
}

/* Does the saved RIP point to the instruction that caused the event? */
static bool is_fault(const struct event_frame *f)
{
	const struct vi_step *s = &steps[run.cur];

	if (f->has_error)
		return true;
	if ((s->op == VI_INT && s->a == f->vector) || is_interrupt(f->vector))
		return false;
	switch (f->vector) {
	case EPML_VECTOR_DB:		/* here always a trap */
	case EPML_VECTOR_NMI:
	case EPML_VECTOR_BP:
	case VECTOR_OF:
		return false;
	default:
		return true;
	}
}

/* Let the IRET end the step instead of running its instruction again. */
static void end_step(struct event_frame *f)
{
	unsigned i;

	if (op_context) {
		if (steps[run.cur].op == VI_CALL) {
			for (i = 0; i < R_RIP; i++)
				user_regs[i] = f->regs[i];
			user_regs[R_RSP] = f->rsp;
			user_regs[R_RIP] = f->rip;
			user_regs[R_RFLAGS] = f->rflags;
		}
		f->rip = (uint64_t)op_abort;
	} else {
		/* The fetch of the step's first instruction faulted. */
		f->rip = (uint64_t)guest_start;
		f->rsp = (uint64_t)guest_stack_top;
	}
}

/**
 * Handle an event of the guest, at CPL 0 with interrupts off; called by guest_stub_tail.
 * @param f	the frame that IRET will use
 */
void guest_event(struct event_frame *f)
{
	bool page_fault = f->vector == EPML_VECTOR_PF && f->has_error;
	uint32_t step = run.cur;

	record('e', 4, step, f->vector, f->error, page_fault ? read_cr2() : 0);
	if (run.depth == 0)
		run.outer_rflags = f->rflags;
	if (run.depth++ == MAX_DEPTH)
		call_root(CALL_NESTING);
	if (!run_handler(f) && is_fault(f))
		end_step(f);
	run.depth--;
	run.cur = step;
}

/**
 * Run guest steps from run.next on until a host step or the end; called by guest_start with an
 * empty stack.
 */
void guest_run(void)
{
	uint32_t i;

	for (;;) {
		i = run_main_step(run.next);
		if (i == run.n_steps || steps[i].op == VI_END)
			call_root(CALL_END);
		run.next = i;
		if (steps[i].op > VI_GUEST_LAST)
			call_root(CALL_HOST);
		run.next = i + 1;
		execute(i);
	}
}
