/* SPDX-License-Identifier: BSD-2-Clause */
/* Export of vectors: what the formats share. */
#include <stdlib.h>
#include <string.h>

#include "compile.h"
#include "export.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/*
 * Names of the format, not of the vector files: those may change, these may not. Numbers are those
 * of enum vi_op, whose order may not change either.
 */
const struct export_op export_ops[] = {
	{ VI_STORE, "store", { "gva", "value" } },
	{ VI_LOAD, "load", { "gva" } },
	{ VI_RMW, "rmw", { "gva", "value" } },
	{ VI_LOCK_RMW, "lock_xadd", { "gva", "value" } },
	{ VI_CMPXCHG, "cmpxchg", { "gva", "expected", "value" } },
	{ VI_CMPXCHG16B, "cmpxchg16b", { "gva", "expected", "value" } },
	{ VI_PUSH, "push", { "gva", "value" } },
	{ VI_STOS, "stos", { "gva", "count", "value" } },
	{ VI_MOVS, "movs", { "gva", "from", "count" } },
	{ VI_VMREAD, "vmread", { "field" } },
	{ VI_VMWRITE, "vmwrite", { "field", "value" } },
	{ VI_VMREAD_MEM, "vmread_mem", { "gva", "field" } },
	{ VI_VMWRITE_MEM, "vmwrite_mem", { "gva", "field" } },
	{ VI_INVLPG, "invlpg", { "gva" } },
	{ VI_MOV_CR3, "mov_cr3", { "value" } },
	{ VI_CLI, "cli", { NULL } },
	{ VI_STI, "sti", { NULL } },
	{ VI_HLT, "hlt", { NULL } },
	{ VI_INT, "int", { "vector" } },
	{ VI_VMCALL, "vmcall", { NULL } },
	{ VI_VMFUNC, "vmfunc", { "index" } },
	{ VI_WRTPR, "wrtpr", { "value" } },
	{ VI_EOI, "eoi", { NULL } },
	{ VI_SELF_IPI, "self_ipi", { "vector" } },
	{ VI_CALL, "call", { "gva" } },
	{ VI_NOP, "nop", { NULL } },
	{ VI_FXSAVE, "fxsave", { "gva", "value" } },
	{ VI_XSAVE, "xsave", { "gva", "value" } },
	{ VI_H_POKE, "host_poke", { "hpa", "value" } },
	{ VI_H_INVEPT, "host_invept", { "type", "eptp" } },
	{ VI_H_INVVPID, "host_invvpid", { "type", "vpid", "gva" } },
	{ VI_H_VMREAD, "host_vmread", { "field" } },
	{ VI_H_VMWRITE, "host_vmwrite", { "field", "value" } },
	{ VI_H_VMCLEAR, "host_vmclear", { NULL } },
	{ VI_H_RESUME, "host_resume", { NULL } },
	{ VI_H_SKIP, "host_skip", { NULL } },
	{ VI_H_PEEK, "host_peek", { "hpa" } },
};

const unsigned export_op_count = COUNT(export_ops);

export_fn *export_format(const char *name)
{
	static const struct {
		const char *name;
		export_fn *fn;
	} formats[] = { { "json", export_json }, { "c", export_c }, { "hex", export_hex } };

	for (size_t i = 0; i < COUNT(formats); i++)
		if (!strcmp(formats[i].name, name))
			return formats[i].fn;
	return NULL;
}

const struct export_op *export_op(enum vi_op op)
{
	for (unsigned i = 0; i < export_op_count; i++)
		if (export_ops[i].op == op)
			return &export_ops[i];
	abort();	/* an operation without a row */
}

char *export_rules(const struct vector *v)
{
	size_t size = 1;
	char *text;

	for (unsigned i = 0; i < v->n_rules; i++)
		size += strlen(v->rules[i]) + 1;
	text = array_grow(NULL, 0, size);
	text[0] = '\0';
	for (unsigned i = 0; i < v->n_rules; i++) {
		if (i)
			strcat(text, " ");
		strcat(text, v->rules[i]);
	}
	return text;
}

struct export_arrays export_arrays(const struct vector *v)
{
	const struct vi_vector *record = v->compiled->record;
	struct export_arrays a;

	a.pages = (const uint64_t *)(record + 1);
	a.pokes = (const struct vi_poke *)(a.pages + record->n_pages);
	a.fields = (const struct vi_field *)(a.pokes + record->n_pokes);
	return a;
}

uint64_t export_mask(const struct word_check *w)
{
	switch (w->kind) {
	case WORD_EPT:
		return 0x300;	/* accessed and dirty flags of an EPT entry */
	case WORD_PTE:
		return 0x60;	/* of an entry of the guest */
	default:
		return w->size == 8 ? ~0ull : (1ull << 8 * w->size) - 1;
	}
}

/* ---- Vectors as numbers ---- */

struct flattener {
	struct arena *arena;
	const struct vector *v;
	struct export_flat *f;
};

static uint64_t *section(struct flattener *fl, unsigned which, unsigned n, unsigned width)
{
	struct export_section *s = &fl->f->sections[which];

	s->n = n;
	s->width = width;
	s->words = n ? arena_alloc(fl->arena, (size_t)n * width * sizeof(*s->words)) : NULL;
	return s->words;
}

/* Eight characters to a word, the first in bits 63:56; a short text has zero bytes in front. */
static void flatten_text(struct flattener *fl, unsigned which, const char *text)
{
	const size_t len = strlen(text), n = (len + 7) / 8;
	uint64_t *words = section(fl, which, (unsigned)n, 1);

	for (size_t i = 0; i < len; i++) {
		const size_t at = i + 8 * n - len;

		words[at / 8] |= (uint64_t)(unsigned char)text[i] << 8 * (7 - at % 8);
	}
}

static void flatten_setup(struct flattener *fl)
{
	const struct vi_vector *record = fl->v->compiled->record;
	const struct export_arrays a = export_arrays(fl->v);
	uint64_t *w = section(fl, SEC_PAGES, record->n_pages, 1);

	for (unsigned i = 0; i < record->n_pages; i++)
		*w++ = a.pages[i];
	w = section(fl, SEC_MEMORY, record->n_pokes, 2);
	for (unsigned i = 0; i < record->n_pokes; i++) {
		*w++ = a.pokes[i].hpa;
		*w++ = a.pokes[i].value;
	}
	w = section(fl, SEC_FIELDS, record->n_fields, 2);
	for (unsigned i = 0; i < record->n_fields; i++) {
		*w++ = a.fields[i].field;
		*w++ = a.fields[i].value;
	}
}

static void flatten_steps(struct flattener *fl)
{
	uint64_t *w = section(fl, SEC_STEPS, fl->v->n_steps, 6);

	for (unsigned i = 0; i < fl->v->n_steps; i++) {
		const struct vstep *s = &fl->v->steps[i];

		*w++ = s->op;
		*w++ = s->size;
		*w++ = s->handler;
		*w++ = s->a.a;
		*w++ = s->b.a;
		*w++ = s->c.a;
	}
}

static void flatten_exits(struct flattener *fl, unsigned which, const struct xexit *exits,
			  unsigned n)
{
	uint64_t *w = section(fl, which, n, 9);

	for (const struct xexit *x = exits; x < exits + n; x++) {
		*w++ = x->has;
		*w++ = x->reason;
		*w++ = x->qualification.a;
		*w++ = x->gpa.a;
		*w++ = x->gva.a;
		*w++ = x->step;
		*w++ = x->int_info;
		*w++ = x->idt_vectoring;
		*w++ = x->idt_error;
	}
}

static void flatten_events(struct flattener *fl)
{
	const struct vexpect *e = &fl->v->expect;
	uint64_t *w = section(fl, SEC_EVENTS, e->n_events, 5);

	for (const struct xevent *x = e->events; x < e->events + e->n_events; x++) {
		*w++ = x->has;
		*w++ = x->vector;
		*w++ = x->step;
		*w++ = x->error;
		*w++ = x->cr2.a;
	}
	w = section(fl, SEC_RESULTS, e->n_results, 3);
	for (const struct xresult *x = e->results; x < e->results + e->n_results; x++) {
		*w++ = x->has;
		*w++ = x->value.a;
		*w++ = (uint64_t)x->cf | (uint64_t)x->zf << 6;
	}
}

static void flatten_end(struct flattener *fl)
{
	const struct compiled *c = fl->v->compiled;
	uint64_t *w = section(fl, SEC_WORDS, c->n_words, 3);

	for (const struct word_check *x = c->words; x < c->words + c->n_words; x++) {
		*w++ = x->hpa;
		*w++ = export_mask(x);
		*w++ = x->value & export_mask(x);
	}
	w = section(fl, SEC_END_FIELDS, c->n_fields, 2);
	for (unsigned i = 0; i < c->n_fields; i++) {
		*w++ = c->fields[i].field;
		*w++ = c->fields[i].value;
	}
}

static void flatten_log(struct flattener *fl, const struct log_check *log, unsigned entries,
			unsigned ignored)
{
	unsigned n_entries = 0, n_ignored = 0;
	uint64_t *w, *skip;

	for (unsigned i = 0; log->compared && i < PAGE_WORDS; i++) {
		n_ignored += log->skip[i];
		n_entries += !log->skip[i] && log->words[i];
	}
	w = section(fl, entries, n_entries, 2);
	skip = section(fl, ignored, n_ignored, 1);
	for (unsigned i = PAGE_WORDS; log->compared && i-- > 0;) {
		if (log->skip[i]) {
			*skip++ = i;
		} else if (log->words[i]) {
			*w++ = i;
			*w++ = log->words[i];
		}
	}
}

static uint64_t flags(const struct vector *v)
{
	return (v->setup.cpl == 3 ? EXPORT_F_CPL3 : 0) |
	       (v->setup.interrupts ? EXPORT_F_IF : 0) |
	       (v->sdm ? 0 : EXPORT_F_EPML) |
	       (v->profile == PROFILE_HARDENED ? EXPORT_F_HARDENED : 0) |
	       (v->compiled->guest_log.compared ? EXPORT_F_GUEST_LOG : 0) |
	       (v->compiled->pml_log.compared ? EXPORT_F_PML_LOG : 0) |
	       (v->expect.has_results ? EXPORT_F_RESULTS : 0) |
	       (uint64_t)v->expect.entry << EXPORT_ENTRY_SHIFT |
	       (uint64_t)v->params.trigger << EXPORT_TRIGGER_SHIFT |
	       (uint64_t)v->params.translation << EXPORT_TRANSLATION_SHIFT |
	       (uint64_t)v->params.full << EXPORT_FULL_SHIFT |
	       (uint64_t)v->params.notification << EXPORT_NOTIFICATION_SHIFT |
	       (uint64_t)v->params.walk_writes << EXPORT_WALK_SHIFT;
}

void export_flatten(struct arena *arena, const struct vector *v, struct export_flat *f)
{
	struct flattener fl = { .arena = arena, .v = v, .f = f };
	const struct vexpect *e = &v->expect;
	char *rules = export_rules(v);

	f->head[HEAD_FLAGS] = flags(v);
	f->head[HEAD_IST] = v->setup.ist;
	f->head[HEAD_ENTRY_ERROR] = e->entry_error;
	f->head[HEAD_GUEST_LOG] = v->compiled->guest_log.hpa;
	f->head[HEAD_PML_LOG] = v->compiled->pml_log.hpa;
	flatten_text(&fl, SEC_ID, v->id);
	flatten_text(&fl, SEC_RULES, rules);
	free(rules);
	flatten_setup(&fl);
	flatten_steps(&fl);
	flatten_exits(&fl, SEC_ENTRY_EXIT, &e->entry_exit, e->entry == ENTRY_EXIT);
	flatten_exits(&fl, SEC_EXITS, e->exits, e->n_exits);
	flatten_events(&fl);
	flatten_end(&fl);
	flatten_log(&fl, &v->compiled->guest_log, SEC_GUEST_LOG, SEC_GUEST_IGNORED);
	flatten_log(&fl, &v->compiled->pml_log, SEC_PML_LOG, SEC_PML_IGNORED);
}
