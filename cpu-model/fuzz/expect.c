/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "epml-spec.h"
#include "expect.h"
#include "save.h"

#define FLAG_CF		0x01u
#define FLAG_ZF		0x40u

/* Expectations in the making. */
struct maker {
	struct fuzz_case c;		/* the vector that is written; its arena keeps all */
	struct vexpect *e;
	const struct trial *t;
};

static bool in_rom(uint64_t address)
{
	return address >= W_ALIAS && address < W_ALIAS + W_SYS_END;
}

static void expect_exit(struct maker *m, const struct report *r)
{
	const uint64_t *v = r->v;
	struct xexit *x;

	if (v[1] & EPML_EXIT_ENTRY_FAILURE) {
		m->e->entry = ENTRY_EXIT;
		m->e->entry_exit.reason = v[1] & 0xFFFF;
		m->e->entry_exit.has = HAS_QUAL;
		m->e->entry_exit.qualification.a = v[2];
		return;
	}
	x = &m->e->exits[m->e->n_exits++];
	x->reason = v[1] & 0xFFFF;
	x->has = HAS_QUAL | HAS_IDT;
	x->qualification.a = v[2];
	x->idt_vectoring = v[7];
	if (v[0] < m->c.v.n_steps) {
		x->has |= HAS_STEP;
		x->step = (unsigned)v[0];
	}
	if (!in_rom(v[3])) {
		x->has |= HAS_GPA;
		x->gpa.a = v[3];
	}
	if (!in_rom(v[4])) {
		x->has |= HAS_GVA;
		x->gva.a = v[4];
	}
}

static void expect_event(struct maker *m, const struct report *r)
{
	struct xevent *x = &m->e->events[m->e->n_events++];

	x->vector = (unsigned)r->v[1];
	x->has = HAS_ERROR;
	x->error = r->v[2];
	if (r->v[0] < m->c.v.n_steps) {
		x->has |= HAS_STEP;
		x->step = (unsigned)r->v[0];
	}
	if (r->v[1] == EPML_VECTOR_PF && !in_rom(r->v[3])) {
		x->has |= HAS_CR2;
		x->cr2.a = r->v[3];
	}
}

static void expect_result(struct maker *m, const struct report *r)
{
	struct xresult *x = &m->e->results[m->e->n_results++];

	x->has = HAS_VALUE | HAS_CF | HAS_ZF;
	x->value.a = r->v[1];
	x->cf = r->v[2] & FLAG_CF;
	x->zf = r->v[2] & FLAG_ZF;
}

static void expect_index(struct maker *m, const struct report *r)
{
	struct xlog *log = NULL;

	if (r->v[0] == EPML_VMCS_PML_INDEX && (m->c.v.setup.controls & CTL_PML))
		log = &m->e->pml_log;
	if (r->v[0] == EPML_VMCS_GUEST_PML_INDEX && (m->c.v.setup.controls & CTL_GUEST_PML))
		log = &m->e->guest_log;
	if (!log)
		return;
	log->has_index = true;
	log->index = (uint16_t)r->v[1];
}

static void expect_line(struct maker *m, const struct report *r)
{
	switch (r->kind) {
	case 'n':
		m->e->entry = ENTRY_VMFAIL;
		m->e->entry_error = (unsigned)r->v[0];
		break;
	case 'x':
		expect_exit(m, r);
		break;
	case 'e':
		expect_event(m, r);
		break;
	case 'r':
		expect_result(m, r);
		break;
	case 'f':
		expect_index(m, r);
		break;
	default:
		break;
	}
}

/* ---- Memory ------------------------------------------------------------------------------- */

static void add_memory(struct maker *m, struct addr where, uint64_t value)
{
	m->e->memory = array_grow(m->e->memory, m->e->n_memory, sizeof(*m->e->memory));
	m->e->memory[m->e->n_memory++] = (struct vmem){
		.where = where, .value = { .a = value }, .size = 8 };
}

/* The words of a log that are not what they were at the start. */
static void expect_log(struct maker *m, const struct log_check *log, enum addr_kind kind)
{
	uint64_t words[PAGE_WORDS] = { 0 };

	for (unsigned i = 0; i < m->t->model.n; i++) {
		const struct report *r = &m->t->model.reports[i];

		if (r->kind == 'm' && r->v[0] - log->hpa < PAGE_SIZE)
			words[(r->v[0] - log->hpa) / 8] = r->v[1];
	}
	for (unsigned i = PAGE_WORDS; i-- > 0;)
		if (words[i] != log->words[i])
			add_memory(m, (struct addr){ .kind = kind, .a = i }, words[i]);
}

/* The word or field that is the finding. */
static void expect_finding(struct maker *m)
{
	const struct finding *f = &m->t->finding;
	const struct compiled *k = &m->t->p.compiled;

	if (f->kind != FOUND_DIFFERENCE)
		return;
	if (f->d.kind == 'f' && !m->e->n_fields) {
		m->e->fields = arena_alloc(&m->c.arena, sizeof(*m->e->fields));
		m->e->fields[m->e->n_fields++] = (struct vfield){
			.field = (uint32_t)f->d.key, .value = { .a = f->d.model_value } };
	}
	if (f->d.kind == 'm' && f->d.key - k->guest_log.hpa >= PAGE_SIZE &&
	    f->d.key - k->pml_log.hpa >= PAGE_SIZE)
		add_memory(m, (struct addr){ .a = f->d.key }, f->d.model_value);
}

/* ---- All of it ---------------------------------------------------------------------------- */

/* A rule of the chapter that the finding belongs to. */
static const char *rule_of(const struct finding *f)
{
	const struct report *r = f->d.model ? f->d.model : f->d.other;

	if (f->kind == FOUND_DIFFERENCE && r && r->kind == 'x') {
		switch (r->v[1] & 0xFFFF) {
		case EPML_REASON_EPT_VIOLATION:
			return "EPT-QUAL-1";
		case EPML_REASON_EPT_MISCONFIGURATION:
			return "EPT-MISC-4";
		case EPML_REASON_PML_FULL:
			return "PML-FULL-1";
		case EPML_REASON_SPP:
			return "SPP-EXIT-1";
		default:
			break;
		}
	}
	if (f->kind == FOUND_DIFFERENCE && f->host == ON_STOCK)
		return "PML-LOG-1";
	return "GPML-LOG-1";
}

static void name(struct maker *m, uint64_t seed)
{
	const struct finding *f = &m->t->finding;
	struct vector *v = &m->c.v;

	v->id = arena_printf(&m->c.arena, "fuzz/seed-%" PRIu64 "-vector-%" PRIu64, seed,
			     m->c.number);
	v->title = arena_printf(&m->c.arena, "Random vector. Found: %s.", f->text);
	v->rules = arena_alloc(&m->c.arena, sizeof(*v->rules));
	v->rules[v->n_rules++] = rule_of(f);
}

int fuzz_save(const struct trial *t, uint64_t seed, const char *path, char *text, size_t size)
{
	const struct compiled *k = &t->p.compiled;
	struct maker m = { .t = t };
	int status;

	case_copy(&m.c, t->c);
	m.e = &m.c.v.expect;
	name(&m, seed);
	m.e->exits = arena_array(&m.c.arena, t->model.n, struct xexit);
	m.e->events = arena_array(&m.c.arena, t->model.n, struct xevent);
	m.e->results = arena_array(&m.c.arena, t->model.n, struct xresult);
	m.e->has_results = true;
	for (unsigned i = 0; i < t->model.n; i++)
		expect_line(&m, &t->model.reports[i]);
	if (m.c.v.setup.controls & CTL_GUEST_PML)
		expect_log(&m, &k->guest_log, ADDR_GLOG);
	if (m.c.v.setup.controls & CTL_PML)
		expect_log(&m, &k->pml_log, ADDR_PLOG);
	expect_finding(&m);
	status = vector_save(&m.c.v, path, text, size);
	free(m.e->memory);
	case_free(&m.c);
	return status;
}
