/* SPDX-License-Identifier: BSD-2-Clause */
/* Reading of the reports of a run. */
#include <string.h>

#include "asm_result.h"

#define EXCEPTIONS 32u

const char *const asm_register_names[ASM_REGISTERS] = {
	"rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi",
	"r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", "rip", "rflags",
};

static void read_register(struct asm_result *r, const struct report *g)
{
	for (unsigned i = 0; i < ASM_REGISTERS; i++)
		if (!strcmp(asm_register_names[i], g->text))
			r->regs[i] = g->v[0];
}

static void read_word(struct asm_result *r, const struct compiled *c, uint64_t hpa,
		      uint64_t value)
{
	if (hpa - c->guest_log.hpa < PAGE_SIZE)
		r->guest.words[(hpa - c->guest_log.hpa) / 8] = value;
	else if (hpa - c->pml_log.hpa < PAGE_SIZE)
		r->hypervisor.words[(hpa - c->pml_log.hpa) / 8] = value;
	else if (hpa - ASM_TEXT_HPA < PAGE_SIZE)
		memcpy(r->text + (hpa - ASM_TEXT_HPA), &value, sizeof(value));
}

/* The text ends at its first 0; what a terminal or JSON would not take becomes '?'. */
static void clean_text(char *text)
{
	for (; *text; text++)
		if (*text != '\n' && (*text < ' ' || *text > '~'))
			*text = '?';
}

static void read_field(struct asm_result *r, uint64_t field, uint64_t value)
{
	switch (field) {
	case EPML_VMCS_GUEST_PML_INDEX:
		r->guest.index = (uint16_t)value;
		break;
	case EPML_VMCS_PML_INDEX:
		r->hypervisor.index = (uint16_t)value;
		break;
	case EPML_VMCS_GUEST_PML_ADDRESS:
		r->log_address = value;
		break;
	}
}

/* Does an event end the step that it comes in, unless the program handles it? */
static bool may_end(const struct asm_program *p, const struct report *e)
{
	switch (e->v[1]) {
	case EPML_VECTOR_DB:
	case EPML_VECTOR_NMI:
	case EPML_VECTOR_BP:
	case 4:				/* #OF */
		return false;
	default:
		return e->v[1] < EXCEPTIONS && !p->handlers[e->v[1]];
	}
}

/* Vector of the program's own handler that a step belongs to, or -1. */
static int handler_of(const struct asm_program *p, const struct vector *v, uint64_t step)
{
	const unsigned handler = step < v->n_steps ? v->steps[step].handler : 0;

	return handler && p->handlers[handler - 1] ? (int)handler - 1 : -1;
}

static void read_event(struct asm_result *r, const struct asm_program *p, const struct vector *v,
		       const struct report *e)
{
	if (e->v[1] < ASM_VECTORS)
		r->events[e->v[1]]++;
	if (!may_end(p, e))
		return;
	if (e->v[0] == ASM_CALL_STEP) {
		r->end = ASM_FAULT;
		r->last = *e;
	} else {
		r->failed_handler = handler_of(p, v, e->v[0]);
		r->handler_fault = *e;
	}
}

static void read_exit(struct asm_result *r, const struct asm_program *p, const struct vector *v,
		      const struct report *x)
{
	switch (x->v[1]) {
	case EPML_REASON_PREEMPTION_TIMER:
		r->end = ASM_TIMEOUT;
		break;
	case EPML_REASON_TRIPLE_FAULT:
		r->end = ASM_TRIPLE_FAULT;
		break;
	default:
		r->end = ASM_EXIT;
	}
	r->last = *x;
	r->in_handler = handler_of(p, v, x->v[0]);
}

static void read_report(struct asm_result *r, const struct asm_program *p,
			const struct vector *v, const struct report *line)
{
	switch (line->kind) {
	case 'e':
		read_event(r, p, v, line);
		break;
	case 'x':
		read_exit(r, p, v, line);
		break;
	case 'n':
		r->end = ASM_NO_ENTRY;
		r->last = *line;
		break;
	case 'g':
		read_register(r, line);
		break;
	case 'f':
		read_field(r, line->v[0], line->v[1]);
		break;
	case 'm':
		read_word(r, v->compiled, line->v[0], line->v[1]);
		break;
	case '!':
		r->end = ASM_GAVE_UP;
		snprintf(r->why, sizeof(r->why), "%s", line->text);
		break;
	}
}

void asm_result_read(struct asm_result *r, const struct asm_program *p, const struct vector *v,
		     const struct outcome *o)
{
	memset(r, 0, sizeof(*r));
	r->in_handler = r->failed_handler = -1;
	for (unsigned i = 0; i < o->n; i++)
		read_report(r, p, v, &o->reports[i]);
	clean_text(r->text);
	/* A virtual interrupt with the vector of an exception ends nothing, so RIP is not saved. */
	if (r->end == ASM_FAULT && r->regs[ASM_RIP] == VI_NO_RIP)
		r->end = ASM_RETURNED;
	/* The registers of a handler are the ROM's business. */
	r->complete = o->ended;
	r->has_regs = r->complete && r->in_handler < 0 &&
		      (r->end == ASM_RETURNED || r->regs[ASM_RIP] != VI_NO_RIP);
	if (o->failure[0]) {
		r->end = ASM_GAVE_UP;
		snprintf(r->why, sizeof(r->why), "%s", o->failure);
	}
}
