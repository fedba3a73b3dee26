/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Delivery of events through the guest's IDT in 64-bit mode (SDM 3A, "Interrupt and exception
 * handling"), and the return from their handlers.
 *
 * Handlers move their frame to a stack in the system alias at once, so that the steps of a
 * handler, and its IRET, use nothing of the vector's memory.
 *
 * Stack frame, from higher to lower addresses, 8 bytes each: SS, RSP, RFLAGS, CS, RIP and, for
 * some exceptions, the error code. The stack is IST1 if the vector says so, otherwise one in the
 * system alias. RSP is aligned to 16 bytes first. Each push is a supervisor-mode write that can
 * fault or exit.
 */
#include "machine_priv.h"

#define SELECTOR_CODE	0x08
#define SELECTOR_DATA	0x10
#define SELECTOR_USER_DATA 0x1B
#define SELECTOR_USER_CODE 0x23
#define WORD		8
#define FRAME_WORDS	5		/* without error code */

enum outcome fault(struct machine *m, uint8_t vector)
{
	m->fault = (struct event){ .vector = vector, .type = EPML_EVENT_TYPE_EXCEPTION };
	return FAULTED;
}

enum outcome fault_code(struct machine *m, uint8_t vector, uint32_t error)
{
	fault(m, vector);
	m->fault.has_error = true;
	m->fault.error = error;
	return FAULTED;
}

/* ---- Two exceptions at once --------------------------------------------------------------- */

/* SDM 3A, "Interrupt 8: double fault exception" */
enum event_class { BENIGN, CONTRIBUTORY, PAGE_FAULT };

static enum event_class class_of(const struct event *ev)
{
	if (ev->type != EPML_EVENT_TYPE_EXCEPTION)
		return BENIGN;
	switch (ev->vector) {
	case EPML_VECTOR_DE:
	case EPML_VECTOR_TS:
	case EPML_VECTOR_NP:
	case EPML_VECTOR_SS:
	case EPML_VECTOR_GP:
		return CONTRIBUTORY;
	case EPML_VECTOR_PF:
	case EPML_VECTOR_VE:
		return PAGE_FAULT;
	default:
		return BENIGN;
	}
}

static bool is_double_fault(const struct event *ev)
{
	return ev->type == EPML_EVENT_TYPE_EXCEPTION && ev->vector == EPML_VECTOR_DF;
}

/* The event that is delivered when delivery of @p first has met @p second. */
static struct event combine(const struct event *first, const struct event *second)
{
	enum event_class a = class_of(first), b = class_of(second);

	if ((a == CONTRIBUTORY && b == CONTRIBUTORY) || (a == PAGE_FAULT && b != BENIGN))
		return (struct event){ .vector = EPML_VECTOR_DF, .has_error = true,
				       .type = EPML_EVENT_TYPE_EXCEPTION };
	return *second;
}

/* ---- Delivery ----------------------------------------------------------------------------- */

static enum outcome push(struct machine *m, uint64_t *rsp, uint64_t value)
{
	struct operand op;
	enum outcome o;

	if (!canonical(*rsp - WORD))
		return fault_code(m, EPML_VECTOR_SS, 0);
	o = operand_translate(m, *rsp - WORD, WORD, EPML_ACCESS_WRITE, false, &op);
	if (o != DONE)
		return o;
	operand_set(m, &op, value);
	*rsp -= WORD;
	return DONE;
}

/* The processor looks at the IDT, the GDT and the TSS. */
static enum outcome read_tables(struct machine *m)
{
	uint64_t hpa;

	return walk_translate(m, W_ALIAS + SYS_TABLES, 1, EPML_ACCESS_READ, false, &hpa);
}

static uint64_t handler_stack(const struct machine *m)
{
	uint64_t top = m->img.head->ist ? m->img.head->ist : W_ALIAS + SYS_STACK_TOP;

	return top & ~15ull;
}

static enum outcome push_frame(struct machine *m, const struct event *ev)
{
	bool user = m->guest.user;
	uint64_t rsp = handler_stack(m);
	const uint64_t words[] = {
		user ? SELECTOR_USER_DATA : SELECTOR_DATA,
		W_ALIAS + SYS_STACK_TOP,
		EPML_RFLAGS_FIXED | (m->guest.interrupts ? EPML_RFLAGS_IF : 0),
		user ? SELECTOR_USER_CODE : SELECTOR_CODE,
		W_ALIAS + SYS_CODE,
	};
	enum outcome o = read_tables(m);

	for (unsigned i = 0; o == DONE && i < FRAME_WORDS; i++)
		o = push(m, &rsp, words[i]);			/* SPP-MULTI-1 */
	if (o == DONE && ev->has_error)
		o = push(m, &rsp, ev->error);
	return o;
}

static bool has_handler(const struct machine *m, uint8_t vector)
{
	for (uint32_t i = 0; i < m->img.head->n_steps; i++)
		if (m->img.steps[i].handler == vector + 1u)
			return true;
	return false;
}

/*
 * The handler has been entered. A fault that has no handler steps ends its step, as the ROM's
 * handler does; everything else returns to where it happened.
 */
static enum outcome start_handler(struct machine *m, const struct event *ev)
{
	struct frame *f = top_frame(m);

	report(m, 'e', 4, (uint64_t[]){
		m->step, ev->vector, ev->error,
		ev->vector == EPML_VECTOR_PF ? m->guest.cr2 : 0 });
	if (ev->type == EPML_EVENT_TYPE_EXCEPTION && !has_handler(m, ev->vector)) {
		f->busy = false;
		return DONE;
	}
	if (m->guest.depth + 1 == MAX_FRAMES) {
		m->why = "handlers nest too deeply";
		return GAVE_UP;
	}
	if (ev->type == EPML_EVENT_TYPE_SOFTWARE_INTERRUPT)
		f->busy = false;		/* the handler returns behind INT n */
	f->user = m->guest.user;
	f->interrupts = m->guest.interrupts;
	m->guest.depth++;
	*top_frame(m) = (struct frame){ .handler = ev->vector + 1u, .current = f->current };
	m->guest.user = false;
	m->guest.interrupts = false;
	return DONE;
}

enum outcome event_deliver(struct machine *m, const struct event *first)
{
	struct event ev = *first;
	enum outcome o;

	for (;;) {
		if (ev.type == EPML_EVENT_TYPE_EXCEPTION && ev.vector == EPML_VECTOR_PF)
			m->guest.cr2 = ev.cr2;
		m->guest.in_event = true;
		m->delivering = ev;
		o = push_frame(m, &ev);
		if (o != FAULTED)
			break;
		if (is_double_fault(&ev)) {
			m->guest.in_event = false;
			return vmx_exit(m, EPML_REASON_TRIPLE_FAULT, 0);
		}
		ev = combine(&ev, &m->fault);
	}
	if (o != DONE)
		return o;
	m->guest.in_event = false;
	return start_handler(m, &ev);
}

void event_return(struct machine *m)
{
	const struct frame *f;

	m->guest.depth--;
	f = top_frame(m);
	m->guest.user = f->user;
	m->guest.interrupts = f->interrupts;
}
