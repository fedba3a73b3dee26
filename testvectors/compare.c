/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Comparison of a run with the expectations of its vector. What happened first is compared first:
 * entry, exits, events and results, then the logs, fields, memory and flags at the end.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "epml-spec.h"
#include "report.h"
#include "spec-tables.h"

#define H PRIX64 "H"

#define ENTRY_FAILURE	(1ull << 31)	/* of an exit reason: VM entry failed */
#define FLAG_CF		0x01u
#define FLAG_ZF		0x40u

struct comparison {
	const struct vector *v;
	const struct outcome *o;
	char *text;
	size_t size;
};

static bool differ(struct comparison *c, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* The first difference: always false. */
static bool differ(struct comparison *c, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(c->text, c->size, fmt, ap);
	va_end(ap);
	return false;
}

/* The next report of a kind from *i on, or NULL. */
static const struct report *next_report(const struct outcome *o, char kind, unsigned *i)
{
	while (*i < o->n) {
		const struct report *r = &o->reports[(*i)++];

		if (r->kind == kind)
			return r;
	}
	return NULL;
}

static const char *reason_text(uint64_t reason, char *buf, size_t size)
{
	const char *name = spec_exit_reason_name(reason & 0xffff);

	snprintf(buf, size, "%u%s%s%s", (unsigned)(reason & 0xffff), name ? " (" : "",
		 name ? name : "", name ? ")" : "");
	return buf;
}

/* ---- Steps that happened ---- */

static bool compare_hex(struct comparison *c, const char *what, unsigned number, const char *key,
			uint64_t is, uint64_t expected)
{
	if (is == expected)
		return true;
	return differ(c, "%s %u: %s is %" H ", expected %" H, what, number, key, is, expected);
}

static bool compare_step(struct comparison *c, const char *what, unsigned number, uint64_t is,
			 unsigned expected)
{
	if (is == expected)
		return true;
	return differ(c, "%s %u: in step %" PRIu64 ", expected in step %u", what, number, is,
		      expected);
}

static bool compare_exit(struct comparison *c, const struct report *r, const struct xexit *x,
			 const char *what, unsigned i)
{
	const uint64_t *v = r->v;
	char is[60], expected[60];

	if ((v[1] & 0xffff) != x->reason)
		return differ(c, "%s %u has reason %s in step %" PRIu64 " with qualification %" H
			      ", GPA %" H ", GVA %" H "; expected reason %s", what, i,
			      reason_text(v[1], is, sizeof(is)), v[0], v[2], v[3], v[4],
			      reason_text(x->reason, expected, sizeof(expected)));
	return (!(x->has & HAS_STEP) || compare_step(c, what, i, v[0], x->step)) &&
	       (!(x->has & HAS_QUAL) ||
		compare_hex(c, what, i, "qualification", v[2], x->qualification.a)) &&
	       (!(x->has & HAS_GPA) || compare_hex(c, what, i, "GPA", v[3], x->gpa.a)) &&
	       (!(x->has & HAS_GVA) || compare_hex(c, what, i, "GVA", v[4], x->gva.a)) &&
	       (!(x->has & HAS_INT) ||
		compare_hex(c, what, i, "interruption information", v[5], x->int_info)) &&
	       (!(x->has & HAS_IDT) || compare_hex(c, what, i, "IDT-vectoring information", v[7],
						   x->idt_vectoring)) &&
	       (!(x->has & HAS_IDT_ERROR) ||
		compare_hex(c, what, i, "IDT-vectoring error code", v[8], x->idt_error));
}

/* A failed entry by VMfail, or by an exit with bit 31 of the reason set; it ends the vector. */
static bool compare_entry(struct comparison *c)
{
	const struct vexpect *e = &c->v->expect;
	const struct report *fail, *r, *exit = NULL;
	unsigned i = 0;
	char buf[60];

	fail = next_report(c->o, 'n', &i);
	for (i = 0; (r = next_report(c->o, 'x', &i));)
		if (r->v[1] & ENTRY_FAILURE)
			exit = r;
	if (fail && (e->entry != ENTRY_VMFAIL || fail->v[0] != e->entry_error))
		return differ(c, "VM entry failed with VM-instruction error %" PRIu64, fail->v[0]);
	if (exit && e->entry != ENTRY_EXIT)
		return differ(c, "VM entry failed with exit reason %s, qualification %" H,
			      reason_text(exit->v[1], buf, sizeof(buf)), exit->v[2]);
	if (e->entry == ENTRY_VMFAIL && !fail)
		return differ(c, "VM entry did not fail, expected VM-instruction error %u",
			      e->entry_error);
	if (e->entry == ENTRY_EXIT && !exit)
		return differ(c, "VM entry did not fail, expected exit reason %s",
			      reason_text(e->entry_exit.reason, buf, sizeof(buf)));
	return !exit || compare_exit(c, exit, &e->entry_exit, "failed VM entry", 0);
}

static const struct report *next_exit(const struct outcome *o, unsigned *i)
{
	const struct report *r;

	do {
		r = next_report(o, 'x', i);
	} while (r && (r->v[1] & ENTRY_FAILURE));
	return r;
}

static bool compare_exits(struct comparison *c)
{
	const struct vexpect *e = &c->v->expect;
	const struct report *r;
	unsigned i = 0, n = 0;
	char buf[60];

	while ((r = next_exit(c->o, &i))) {
		if (n == e->n_exits)
			return differ(c, "VM exit %u is unexpected: reason %s in step %" PRIu64
				      ", qualification %" H ", GPA %" H ", GVA %" H, n,
				      reason_text(r->v[1], buf, sizeof(buf)), r->v[0], r->v[2],
				      r->v[3], r->v[4]);
		if (!compare_exit(c, r, &e->exits[n], "VM exit", n))
			return false;
		n++;
	}
	if (n < e->n_exits)
		return differ(c, "there are %u VM exits, expected %u; the next has reason %s", n,
			      e->n_exits, reason_text(e->exits[n].reason, buf, sizeof(buf)));
	return true;
}

static bool compare_event(struct comparison *c, const struct report *r, const struct xevent *x,
			  unsigned i)
{
	const uint64_t *v = r->v;

	if (v[1] != x->vector)
		return differ(c, "event %u has vector %" PRIu64 " in step %" PRIu64 " (error code %"
			      H ", CR2 %" H "), expected vector %u", i, v[1], v[0], v[2], v[3],
			      x->vector);
	return (!(x->has & HAS_STEP) || compare_step(c, "event", i, v[0], x->step)) &&
	       (!(x->has & HAS_ERROR) ||
		compare_hex(c, "event", i, "error code", v[2], x->error)) &&
	       (!(x->has & HAS_CR2) || compare_hex(c, "event", i, "CR2", v[3], x->cr2.a));
}

static bool compare_events(struct comparison *c)
{
	const struct vexpect *e = &c->v->expect;
	const struct report *r;
	unsigned i = 0, n = 0;

	while ((r = next_report(c->o, 'e', &i))) {
		if (n == e->n_events)
			return differ(c, "event %u is unexpected: vector %" PRIu64 " in step %"
				      PRIu64 ", error code %" H ", CR2 %" H, n, r->v[1], r->v[0],
				      r->v[2], r->v[3]);
		if (!compare_event(c, r, &e->events[n], n))
			return false;
		n++;
	}
	if (n < e->n_events)
		return differ(c, "there are %u events, expected %u; the next has vector %u", n,
			      e->n_events, e->events[n].vector);
	return true;
}

static bool compare_flag(struct comparison *c, unsigned n, const char *name, bool is,
			 bool expected)
{
	if (is == expected)
		return true;
	return differ(c, "result %u: %s is %d, expected %d", n, name, is, expected);
}

static bool compare_result(struct comparison *c, const struct report *r, const struct xresult *x,
			   unsigned n)
{
	return (!(x->has & HAS_CF) ||
		compare_flag(c, n, "CF", r->v[2] & FLAG_CF, x->cf)) &&
	       (!(x->has & HAS_ZF) ||
		compare_flag(c, n, "ZF", r->v[2] & FLAG_ZF, x->zf)) &&
	       (!(x->has & HAS_VALUE) ||
		compare_hex(c, "result", n, "value", r->v[1], x->value.a));
}

static bool compare_results(struct comparison *c)
{
	const struct vexpect *e = &c->v->expect;
	const struct report *r;
	unsigned i = 0, n = 0;

	if (!e->has_results)
		return true;
	while ((r = next_report(c->o, 'r', &i))) {
		if (n == e->n_results)
			return differ(c, "result %u is unexpected: step %" PRIu64 " gave %" H, n,
				      r->v[0], r->v[1]);
		if (!compare_result(c, r, &e->results[n], n))
			return false;
		n++;
	}
	if (n < e->n_results)
		return differ(c, "there are %u results, expected %u", n, e->n_results);
	return true;
}

/* ---- State at the end ---- */

/* The last report of a kind for an address or field, or NULL. */
static const struct report *find_report(const struct outcome *o, char kind, uint64_t key)
{
	for (unsigned i = o->n; i-- > 0;)
		if (o->reports[i].kind == kind && o->reports[i].v[0] == key)
			return &o->reports[i];
	return NULL;
}

static bool compare_log(struct comparison *c, const struct log_check *log, const char *name)
{
	uint64_t words[PAGE_WORDS] = { 0 };

	if (!log->compared)
		return true;
	for (unsigned i = 0; i < c->o->n; i++) {
		const struct report *r = &c->o->reports[i];

		if (r->kind == 'm' && r->v[0] >= log->hpa && r->v[0] < log->hpa + PAGE_SIZE)
			words[(r->v[0] - log->hpa) / 8] = r->v[1];
	}
	for (unsigned i = PAGE_WORDS; i-- > 0;) {
		if (log->skip[i] || words[i] == log->words[i])
			continue;
		if (log->words[i])
			return differ(c, "%s entry %u is %" H ", expected %" H, name, i, words[i],
				      log->words[i]);
		return differ(c, "%s entry %u is %" H ", expected no entry", name, i, words[i]);
	}
	return true;
}

static bool compare_fields(struct comparison *c)
{
	const struct compiled *k = c->v->compiled;

	for (unsigned i = 0; i < k->n_fields; i++) {
		const struct field_check *f = &k->fields[i];
		const struct spec_field *field = spec_field_by_encoding(f->field);
		const struct report *r = find_report(c->o, 'f', f->field);
		const char *name = field ? field->name : "a field";
		const char *half = f->field & 1 ? "_HIGH" : "";

		if (!r)
			return differ(c, "%s%s cannot be read, expected %" H, name, half, f->value);
		if (r->v[1] != f->value)
			return differ(c, "%s%s is %" H ", expected %" H, name, half, r->v[1],
				      f->value);
	}
	return true;
}

/* Bytes [hpa, hpa + size) of the reported words; false if one was not reported. */
static bool read_bytes(const struct outcome *o, uint64_t hpa, unsigned size, uint64_t *value)
{
	*value = 0;
	for (unsigned i = 0; i < size; i++) {
		const struct report *r = find_report(o, 'm', (hpa + i) & -8ull);

		if (!r)
			return false;
		*value |= (r->v[1] >> 8 * ((hpa + i) % 8) & 0xff) << 8 * i;
	}
	return true;
}

static const char *flags_text(enum word_kind kind, uint64_t word)
{
	static const char *const names[2][4] = {
		{ "none", "A", "D", "A and D" }, { "none", "a", "d", "a and d" },
	};

	return kind == WORD_EPT ? names[0][word >> 8 & 3] : names[1][word >> 5 & 3];
}

static bool compare_word(struct comparison *c, const struct word_check *w)
{
	const uint64_t flags = w->kind == WORD_EPT ? EPML_EPT_ACCESSED | EPML_EPT_DIRTY
						   : EPML_PTE_ACCESSED | EPML_PTE_DIRTY;
	uint64_t is;

	if (!read_bytes(c->o, w->hpa, w->size, &is))
		return differ(c, "memory at HPA %" H " was not reported", w->hpa);
	if (w->kind == WORD_MEMORY)
		return is == w->value ||
		       differ(c, "memory at HPA %" H " is %" H ", expected %" H, w->hpa, is,
			      w->value);
	if ((is & flags) == w->value)
		return true;
	return differ(c, "%s %" H " has flags %s, expected %s (entry %" H " at HPA %" H ")",
		      w->kind == WORD_EPT ? "the EPT entry of GPA" : "the guest entry of GVA",
		      w->address, flags_text(w->kind, is), flags_text(w->kind, w->value), is,
		      w->hpa);
}

static bool compare_words(struct comparison *c)
{
	const struct compiled *k = c->v->compiled;

	for (unsigned i = 0; i < k->n_words; i++)
		if (!compare_word(c, &k->words[i]))
			return false;
	return true;
}

/* Did the run come to its end? */
static bool compare_end(struct comparison *c)
{
	unsigned i = 0;
	const struct report *r = next_report(c->o, '!', &i);

	if (c->o->failure[0])
		return differ(c, "%s", c->o->failure);
	if (r)
		return differ(c, "gave up: %s", r->text);
	return c->o->ended || differ(c, "the run did not come to the end of the vector");
}

bool outcome_compare(const struct vector *v, const struct outcome *o, char *text, size_t size)
{
	struct comparison c = { v, o, text, size };

	return compare_end(&c) && compare_entry(&c) && compare_exits(&c) && compare_events(&c) &&
	       compare_results(&c) &&
	       compare_log(&c, &v->compiled->guest_log, "guest log") &&
	       compare_log(&c, &v->compiled->pml_log, "log") &&
	       compare_fields(&c) && compare_words(&c);
}
