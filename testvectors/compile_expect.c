/* SPDX-License-Identifier: BSD-2-Clause */
/* Compiler: what a run must report. */
#include <inttypes.h>

#include "compile_priv.h"
#include "epml-spec.h"

#define AD_SHIFT_EPT	8
#define AD_SHIFT_PTE	5

static int resolve_exit(struct compiler *c, struct xexit *x)
{
	return compile_addr(c, &x->qualification) || compile_addr(c, &x->gpa) ||
	       compile_addr(c, &x->gva) ? -1 : 0;
}

static int resolve_reports(struct compiler *c)
{
	struct vexpect *e = &c->v->expect;

	if (resolve_exit(c, &e->entry_exit))
		return -1;
	for (unsigned i = 0; i < e->n_exits; i++)
		if (resolve_exit(c, &e->exits[i]))
			return -1;
	for (unsigned i = 0; i < e->n_events; i++)
		if (compile_addr(c, &e->events[i].cr2))
			return -1;
	for (unsigned i = 0; i < e->n_results; i++)
		if (compile_addr(c, &e->results[i].value))
			return -1;
	return 0;
}

/* ---- Words of RAM ---- */

static struct word_check *add_word(struct compiler *c, enum word_kind kind, uint64_t hpa)
{
	struct word_check *w = &c->c->words[c->c->n_words++];

	w->kind = kind;
	w->hpa = hpa;
	w->size = 8;
	return w;
}

static int expect_memory(struct compiler *c, struct vmem *m)
{
	struct word_check *w;

	if (compile_hpa(c, &m->where, m->size) || compile_addr(c, &m->value))
		return -1;
	w = add_word(c, WORD_MEMORY, m->where.a);
	w->size = m->size;
	w->value = m->value.a;
	return 0;
}

static int expect_flags(struct compiler *c, const struct xflags *x, enum word_kind kind)
{
	const struct tree *t = kind == WORD_EPT ? &c->w->ept : &c->w->guest;
	const unsigned shift = kind == WORD_EPT ? AD_SHIFT_EPT : AD_SHIFT_PTE;
	const struct wmap *m = tree_lookup(t, x->address);
	struct word_check *w;

	if (!m)
		return vector_error(c->v, x->at, "%s %" PRIX64 "H is not mapped in this vector",
				    kind == WORD_EPT ? "GPA" : "GVA", x->address);
	w = add_word(c, kind, tree_entry(t, x->address, m->level));
	w->address = x->address;
	w->value = (uint64_t)x->accessed << shift | (uint64_t)x->dirty << (shift + 1);
	return 0;
}

static int expect_words(struct compiler *c)
{
	struct vexpect *e = &c->v->expect;

	c->c->words = arena_array(c->arena, e->n_memory + e->n_ept + e->n_pte,
				  struct word_check);
	for (unsigned i = 0; i < e->n_memory; i++)
		if (expect_memory(c, &e->memory[i]))
			return -1;
	for (unsigned i = 0; i < e->n_ept; i++)
		if (expect_flags(c, &e->ept[i], WORD_EPT))
			return -1;
	for (unsigned i = 0; i < e->n_pte; i++)
		if (expect_flags(c, &e->pte[i], WORD_PTE))
			return -1;
	return 0;
}

/* ---- Fields ---- */

static void add_field(struct compiler *c, uint32_t field, uint64_t value)
{
	c->c->fields[c->c->n_fields++] = (struct field_check){ field, value };
}

static int expect_fields(struct compiler *c)
{
	struct vexpect *e = &c->v->expect;

	/* Two more for the indices of the logs. */
	c->c->fields = arena_alloc(c->arena, (e->n_fields + 2) * sizeof(*c->c->fields));
	for (unsigned i = 0; i < e->n_fields; i++) {
		if (compile_addr(c, &e->fields[i].value))
			return -1;
		add_field(c, e->fields[i].field, e->fields[i].value.a);
	}
	return 0;
}

/* ---- Logs ---- */

/* Words that "memory" expects are compared there, whatever the log's entries say. */
static void skip_named_words(struct compiler *c, struct log_check *log)
{
	for (const struct word_check *w = c->c->words; w < c->c->words + c->c->n_words; w++)
		for (uint64_t hpa = w->hpa & -8ull; hpa < w->hpa + w->size; hpa += 8)
			if (hpa >= log->hpa && hpa < log->hpa + PAGE_SIZE)
				log->skip[(hpa - log->hpa) / 8] = true;
}

/* Entry n, counted from the first that is written: the index goes down and starts again at 511. */
static uint16_t log_position(uint16_t first, unsigned n)
{
	return (uint16_t)((first + PAGE_WORDS - n % PAGE_WORDS) % PAGE_WORDS);
}

static int expect_log(struct compiler *c, struct xlog *x, uint64_t hpa, uint32_t index_field,
		      struct log_check *log)
{
	const uint16_t start = (uint16_t)field_value(c, index_field);
	const uint16_t first = start < PAGE_WORDS ? start : PAGE_WORDS - 1;
	uint16_t index = start;

	log->compared = x->compared;
	log->hpa = hpa;
	for (unsigned i = 0; i < PAGE_WORDS; i++)
		log->words[i] = world_word(c->w, hpa + 8 * i);
	for (unsigned i = 0; i < x->n; i++) {
		if (compile_addr(c, &x->entries[i]))
			return -1;
		index = log_position(first, i);
		log->words[index] = x->entries[i].a;
		index = (uint16_t)(index - 1);	/* FFFFH below 0 */
	}
	skip_named_words(c, log);
	if (x->has_index)
		index = x->index;
	if (x->compared || x->has_index)
		add_field(c, index_field, index);
	return 0;
}

int compile_expect(struct compiler *c)
{
	struct vexpect *e = &c->v->expect;

	if (resolve_reports(c) || expect_words(c) || expect_fields(c))
		return -1;
	if (expect_log(c, &e->guest_log, c->w->guest_log, EPML_VMCS_GUEST_PML_INDEX,
		       &c->c->guest_log) ||
	    expect_log(c, &e->pml_log, c->w->pml_log, EPML_VMCS_PML_INDEX, &c->c->pml_log))
		return -1;
	return 0;
}
