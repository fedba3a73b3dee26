/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The order in which the guest executes its steps.
 *
 * The main sequence is interrupted by events; the steps of a handler are a sequence of their own
 * on top of it. Between two steps lies the instruction boundary: pending virtual interrupts are
 * delivered there, and the fetch of the next instruction can walk the guest's paging structures.
 */
#include "machine_priv.h"

const struct vi_step *next_step(const struct machine *m, const struct frame *f)
{
	for (uint32_t i = f->next; i < m->img.head->n_steps; i++)
		if (m->img.steps[i].handler == f->handler)
			return m->img.steps[i].op == VI_END ? NULL : &m->img.steps[i];
	return NULL;
}

bool interrupt_due(const struct machine *m)
{
	return m->guest.interrupts && vapic_pending(m);
}

/* An event that VM entry injects, because a VM exit broke its delivery off. */
static enum outcome deliver_injected(struct machine *m)
{
	if (!m->inject_valid)
		return DONE;
	m->inject_valid = false;
	return event_deliver(m, &m->inject);
}

/* Nothing can wake the guest but the VMX-preemption timer. */
static enum outcome stay_halted(struct machine *m)
{
	if (m->cpu.v.pin & EPML_PIN_PREEMPTION_TIMER)
		return vmx_exit(m, EPML_REASON_PREEMPTION_TIMER, 0);
	m->why = "the guest is halted, and nothing is left that could wake it";
	return GAVE_UP;
}

static enum outcome boundary(struct machine *m)
{
	if (m->guest.interrupts && (m->cpu.v.proc & EPML_PROC_INTERRUPT_WINDOW_EXITING))
		return vmx_exit(m, EPML_REASON_INTERRUPT_WINDOW, 0);
	if (interrupt_due(m)) {				/* NOTIFY-4, NOTIFY-5 */
		m->guest.halted = false;			/* NOTIFY-6 */
		return event_deliver(m, &(struct event){
			.vector = vapic_acknowledge(m), .type = EPML_EVENT_TYPE_EXTERNAL });
	}
	return m->guest.halted ? stay_halted(m) : DONE;
}

static enum outcome fetch(struct machine *m)
{
	uint64_t hpa;

	return walk_translate(m, W_ALIAS + SYS_CODE, 1, EPML_ACCESS_FETCH, m->guest.user, &hpa);
}

/* Execute the current step of the running frame. */
static enum outcome execute(struct machine *m)
{
	struct frame *f = top_frame(m);
	const struct vi_step *s = &m->img.steps[f->current];
	enum outcome o;

	m->step = f->current;
	o = step_execute(m, s);
	/* Repeated instructions and INT n say themselves when they are done. */
	if (o == DONE && s->op != VI_STOS && s->op != VI_MOVS && s->op != VI_INT)
		f->busy = false;
	return o;
}

static void begin(struct machine *m, const struct vi_step *s)
{
	struct frame *f = top_frame(m);

	f->current = s - m->img.steps;
	f->next = f->current + 1;
	f->progress = 0;
	f->has_result = false;
	f->busy = true;
}

/* The step has ended: report its result. */
static void end(struct machine *m)
{
	struct frame *f = top_frame(m);

	m->step = f->current;
	if (f->has_result)
		report_result(m, f->result, f->result_flags);
	f->has_result = false;
}

/* Handlers consist of guest steps and end with IRET. */
static enum outcome advance_handler(struct machine *m, const struct vi_step *s)
{
	if (!s) {
		event_return(m);
		return DONE;
	}
	if (host_step(s)) {
		m->why = "a handler has a host step";
		return GAVE_UP;
	}
	begin(m, s);
	return execute(m);
}

/* An instruction boundary and an instruction: the handler's, if the boundary brought an event. */
static enum outcome advance(struct machine *m, bool *stopped, enum stop *stop)
{
	const struct vi_step *s;
	enum outcome o;

	m->step = top_frame(m)->current;
	o = boundary(m);
	if (o == DONE)
		o = fetch(m);
	if (o != DONE)
		return o;
	if (top_frame(m)->busy)
		return execute(m);
	/* The guest's program has instructions of its own before the next step. */
	if (interrupt_due(m))
		return DONE;
	end(m);
	s = next_step(m, top_frame(m));
	if (m->guest.depth)
		return advance_handler(m, s);
	if (!s || host_step(s)) {
		*stopped = true;
		*stop = s ? STOP_HOST : STOP_END;
		return DONE;
	}
	begin(m, s);
	return execute(m);
}

enum stop guest_run(struct machine *m)
{
	enum stop stop = STOP_END;
	bool stopped = false;
	enum outcome o;

	m->step = top_frame(m)->current;
	o = deliver_injected(m);

	while (!stopped && (o == DONE || o == FAULTED)) {
		if (m->reports >= VI_MAX_REPORTS) {
			m->why = "too many events";
			return STOP_GAVE_UP;
		}
		if (o == FAULTED)
			o = event_deliver(m, &m->fault);
		else
			o = advance(m, &stopped, &stop);
	}
	if (stopped)
		return stop;
	return o == EXITED ? STOP_EXIT : STOP_GAVE_UP;
}
