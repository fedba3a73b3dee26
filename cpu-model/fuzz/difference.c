/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "difference.h"
#include "spec-tables.h"

#define H PRIX64 "H"

/* The ROM's own memory in the system alias: code, stacks and tables. */
static uint64_t comparable(uint64_t value)
{
	return value >= W_ALIAS && value < W_ALIAS + W_SYS_END ? W_ALIAS : value;
}

bool value_same(uint64_t a, uint64_t b)
{
	return comparable(a) == comparable(b);
}

static bool happened(char kind)
{
	return strchr("nxer!", kind);
}

static bool same_report(const struct report *a, const struct report *b)
{
	if (a->kind != b->kind || a->n != b->n)
		return false;
	for (unsigned i = 0; i < a->n; i++)
		if (!value_same(a->v[i], b->v[i]))
			return false;
	return true;
}

/* The next line of what happened, or NULL. */
static const struct report *next_line(const struct outcome *o, unsigned *i)
{
	for (; *i < o->n; ++*i)
		if (happened(o->reports[*i].kind))
			return &o->reports[*i];
	return NULL;
}

static struct difference *add(struct differences *r, char kind)
{
	static struct difference overflow;
	struct difference *d = r->n < MAX_DIFFERENCES ? &r->d[r->n++] : &overflow;

	*d = (struct difference){ .kind = kind };
	return d;
}

/* Returns whether the state at the end can be compared. */
static bool compare_lines(const struct outcome *model, const struct outcome *other,
			  struct differences *result, same_line_fn *same, void *ctx)
{
	for (unsigned i = 0, j = 0; ; i++, j++) {
		const struct report *a = next_line(model, &i), *b = next_line(other, &j);
		struct difference d = {
			.model = a, .other = b, .model_line = i, .other_line = j };

		if (!a && !b)
			return true;
		if (a && b && same_report(a, b))
			continue;
		d.kind = a ? a->kind : b->kind;
		if (same && same(ctx, &d))
			continue;
		*add(result, d.kind) = d;
		return false;
	}
}

/* ---- State at the end --------------------------------------------------------------------- */

static const struct report *find(const struct outcome *o, char kind, uint64_t key, unsigned *hint)
{
	for (unsigned n = 0; n < o->n; n++) {
		const struct report *r = &o->reports[(*hint + n) % o->n];

		if (r->kind == kind && r->v[0] == key) {
			*hint += n + 1;
			return r;
		}
	}
	return NULL;
}

static void compare_value(struct differences *result, char kind, uint64_t key, uint64_t model,
			  uint64_t other)
{
	struct difference *d;

	if (value_same(model, other))
		return;
	d = add(result, kind);
	d->key = key;
	d->model_value = model;
	d->other_value = other;
}

/* A word of memory that is not reported is zero. */
static void compare_state(const struct outcome *model, const struct outcome *other,
			  struct differences *result)
{
	unsigned hint = 0;

	for (unsigned i = 0; i < model->n; i++) {
		const struct report *a = &model->reports[i], *b;

		if (a->kind != 'f' && a->kind != 'm')
			continue;
		b = find(other, a->kind, a->v[0], &hint);
		compare_value(result, a->kind, a->v[0], a->v[1], b ? b->v[1] : 0);
	}
	hint = 0;
	for (unsigned i = 0; i < other->n; i++) {
		const struct report *b = &other->reports[i];

		if ((b->kind == 'f' || b->kind == 'm') &&
		    !find(model, b->kind, b->v[0], &hint))
			compare_value(result, b->kind, b->v[0], 0, b->v[1]);
	}
}

static bool same_state(const struct outcome *model, const struct outcome *other)
{
	unsigned i = model->n, j = other->n;

	/* Most often all lines are the same to the very end. */
	while (i && j && same_report(&model->reports[i - 1], &other->reports[j - 1])) {
		i--;
		j--;
	}
	return !i && !j;
}

void outcome_difference(const struct outcome *model, const struct outcome *other,
			struct differences *result, same_line_fn *same, void *ctx)
{
	result->n = 0;
	if (same_state(model, other))
		return;
	if (compare_lines(model, other, result, same, ctx))
		compare_state(model, other, result);
}

/* ---- Words -------------------------------------------------------------------------------- */

static void exit_text(const struct report *r, char *text, size_t size)
{
	const uint64_t *v = r->v;
	const char *name = spec_exit_reason_name(v[1] & 0xFFFF);

	snprintf(text, size, "VM exit %" PRIu64 " (%s) in step %" PRIu64 ", qualification %" H
		 ", GPA %" H ", GVA %" H ", IDT-vectoring information %" H, v[1] & 0xFFFF,
		 name ? name : "?", v[0], v[2], v[3], v[4], v[7]);
}

static void report_text(const struct report *r, char *text, size_t size)
{
	if (!r) {
		snprintf(text, size, "nothing more");
		return;
	}
	switch (r->kind) {
	case 'n':
		snprintf(text, size, "VM entry fails with VM-instruction error %" PRIu64, r->v[0]);
		break;
	case 'x':
		exit_text(r, text, size);
		break;
	case 'e':
		snprintf(text, size, "event %" PRIu64 " in step %" PRIu64 ", error code %" H
			 ", CR2 %" H, r->v[1], r->v[0], r->v[2], r->v[3]);
		break;
	case 'r':
		snprintf(text, size, "result %" H " of step %" PRIu64 ", flags %" H, r->v[1],
			 r->v[0], r->v[2]);
		break;
	default:
		snprintf(text, size, "gives up: %s", r->text);
	}
}

void difference_text(const struct difference *d, const char *other, char *text, size_t size)
{
	const struct spec_field *field;
	char a[300], b[300];

	switch (d->kind) {
	case 'f':
		field = spec_field_by_encoding((uint32_t)d->key);
		snprintf(text, size, "%s: model %" H ", %s %" H, field ? field->name : "a field",
			 d->model_value, other, d->other_value);
		break;
	case 'm':
		snprintf(text, size, "memory at HPA %" H ": model %" H ", %s %" H, d->key,
			 d->model_value, other, d->other_value);
		break;
	default:
		report_text(d->model, a, sizeof(a));
		report_text(d->other, b, sizeof(b));
		snprintf(text, size, "model: %s; %s: %s", a, other, b);
	}
}

/* What a line is about, without its numbers: exit reasons and vectors. */
static uint64_t sort_of(const struct report *r)
{
	if (!r)
		return 0;
	return (uint64_t)r->kind << 32 | (r->kind == 'x' || r->kind == 'e' ? r->v[1] : 0);
}

bool difference_alike(const struct difference *a, const struct difference *b)
{
	if (a->kind != b->kind)
		return false;
	if (a->kind == 'f')
		return a->key == b->key;
	return sort_of(a->model) == sort_of(b->model) && sort_of(a->other) == sort_of(b->other);
}
