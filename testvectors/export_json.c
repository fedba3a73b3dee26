/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Export as JSON: one object for each vector and profile, each on a line of its own. Numbers that
 * may need more than 32 bits are strings in hexadecimal, since many readers keep JSON numbers as
 * floating point.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "compile.h"
#include "export.h"
#include "save.h"
#include "spec-tables.h"

static void set(json_t *object, const char *key, json_t *value)
{
	if (!value || json_object_set_new(object, key, value)) {
		fprintf(stderr, "epml: out of memory\n");
		exit(2);
	}
}

static void append(json_t *array, json_t *value)
{
	if (!value || json_array_append_new(array, value)) {
		fprintf(stderr, "epml: out of memory\n");
		exit(2);
	}
}

static json_t *hex(uint64_t value)
{
	return json_sprintf("0x%" PRIx64, value);
}

static void set_hex(json_t *object, const char *key, uint64_t value)
{
	set(object, key, hex(value));
}

static void set_int(json_t *object, const char *key, unsigned value)
{
	set(object, key, json_integer(value));
}

/* A new member of an object that is an array or an object itself. */
static json_t *member(json_t *object, const char *key, json_t *value)
{
	set(object, key, value);
	return value;
}

static json_t *item(json_t *array)
{
	json_t *object = json_object();

	append(array, object);
	return object;
}

/* ---- The vector ---- */

static json_t *field(uint32_t encoding, uint64_t value)
{
	const struct spec_field *f = spec_field_by_encoding(encoding);
	json_t *object = json_object();

	set_hex(object, "encoding", encoding);
	if (f)
		set(object, "name", json_sprintf("%s%s", f->name, encoding & 1 ? "_HIGH" : ""));
	set_hex(object, "value", value);
	return object;
}

static json_t *setup(const struct vector *v)
{
	const struct vi_vector *record = v->compiled->record;
	const struct export_arrays a = export_arrays(v);
	json_t *object = json_object(), *array;

	set_int(object, "cpl", v->setup.cpl);
	set(object, "if", json_boolean(v->setup.interrupts));
	if (v->setup.ist)
		set_hex(object, "ist", v->setup.ist);
	array = member(object, "pages", json_array());
	for (unsigned i = 0; i < record->n_pages; i++)
		append(array, hex(a.pages[i]));
	array = member(object, "memory", json_array());
	for (unsigned i = 0; i < record->n_pokes; i++) {
		json_t *poke = item(array);

		set_hex(poke, "hpa", a.pokes[i].hpa);
		set_hex(poke, "value", a.pokes[i].value);
	}
	array = member(object, "fields", json_array());
	for (unsigned i = 0; i < record->n_fields; i++)
		append(array, field(a.fields[i].field, a.fields[i].value));
	return object;
}

static json_t *step(const struct vstep *s)
{
	const struct export_op *op = export_op(s->op);
	const uint64_t operands[] = { s->a.a, s->b.a, s->c.a };
	json_t *object = json_object();

	set(object, "op", json_string(op->name));
	if (s->handler)
		set_int(object, "handler", s->handler - 1);
	for (unsigned i = 0; i < 3; i++)
		if (op->operands[i])
			set_hex(object, op->operands[i], operands[i]);
	if (s->size)
		set_int(object, "size", s->size);
	return object;
}

static json_t *steps(const struct vector *v)
{
	json_t *array = json_array();

	for (unsigned i = 0; i < v->n_steps; i++)
		append(array, step(&v->steps[i]));
	return array;
}

/* ---- Expectations ---- */

static json_t *exit_object(const struct xexit *x)
{
	json_t *object = json_object();

	set_int(object, "reason", x->reason);
	if (x->has & HAS_STEP)
		set_int(object, "step", x->step);
	if (x->has & HAS_QUAL)
		set_hex(object, "qualification", x->qualification.a);
	if (x->has & HAS_GPA)
		set_hex(object, "gpa", x->gpa.a);
	if (x->has & HAS_GVA)
		set_hex(object, "gva", x->gva.a);
	if (x->has & HAS_INT)
		set_hex(object, "int_info", x->int_info);
	if (x->has & HAS_IDT)
		set_hex(object, "idt_vectoring", x->idt_vectoring);
	if (x->has & HAS_IDT_ERROR)
		set_hex(object, "idt_error", x->idt_error);
	return object;
}

static json_t *entry(const struct vexpect *e)
{
	json_t *object;

	switch (e->entry) {
	case ENTRY_OK:
		return json_string("ok");
	case ENTRY_VMFAIL:
		object = json_object();
		set_int(object, "error", e->entry_error);
		return object;
	default:
		return exit_object(&e->entry_exit);
	}
}

static json_t *event(const struct xevent *x)
{
	json_t *object = json_object();

	set_int(object, "vector", x->vector);
	if (x->has & HAS_STEP)
		set_int(object, "step", x->step);
	if (x->has & HAS_ERROR)
		set_hex(object, "error", x->error);
	if (x->has & HAS_CR2)
		set_hex(object, "cr2", x->cr2.a);
	return object;
}

static json_t *result(const struct xresult *x)
{
	json_t *object = json_object();

	if (x->has & HAS_VALUE)
		set_hex(object, "value", x->value.a);
	if (x->has & HAS_CF)
		set(object, "cf", json_boolean(x->cf));
	if (x->has & HAS_ZF)
		set(object, "zf", json_boolean(x->zf));
	return object;
}

static json_t *log_object(const struct log_check *log)
{
	json_t *object = json_object(), *entries, *ignored;

	set_hex(object, "hpa", log->hpa);
	entries = member(object, "entries", json_array());
	ignored = member(object, "ignored", json_array());
	for (unsigned i = PAGE_WORDS; i-- > 0;) {
		json_t *one;

		if (log->skip[i]) {
			append(ignored, json_integer(i));
			continue;
		}
		if (!log->words[i])
			continue;
		one = item(entries);
		set_int(one, "index", i);
		set_hex(one, "value", log->words[i]);
	}
	return object;
}

static void expect_end(json_t *object, const struct compiled *c)
{
	json_t *array = member(object, "memory", json_array());

	for (unsigned i = 0; i < c->n_words; i++) {
		json_t *word = item(array);

		set_hex(word, "hpa", c->words[i].hpa);
		set_hex(word, "mask", export_mask(&c->words[i]));
		set_hex(word, "value", c->words[i].value & export_mask(&c->words[i]));
	}
	array = member(object, "fields", json_array());
	for (unsigned i = 0; i < c->n_fields; i++)
		append(array, field(c->fields[i].field, c->fields[i].value));
	if (c->guest_log.compared)
		set(object, "guest_log", log_object(&c->guest_log));
	if (c->pml_log.compared)
		set(object, "pml_log", log_object(&c->pml_log));
}

static json_t *expect(const struct vector *v)
{
	const struct vexpect *e = &v->expect;
	json_t *object = json_object(), *array;

	set(object, "entry", entry(e));
	array = member(object, "exits", json_array());
	for (unsigned i = 0; i < e->n_exits; i++)
		append(array, exit_object(&e->exits[i]));
	array = member(object, "events", json_array());
	for (unsigned i = 0; i < e->n_events; i++)
		append(array, event(&e->events[i]));
	if (e->has_results) {
		array = member(object, "results", json_array());
		for (unsigned i = 0; i < e->n_results; i++)
			append(array, result(&e->results[i]));
	}
	expect_end(object, v->compiled);
	return object;
}

static json_t *vector(const struct vector *v)
{
	json_t *object = json_object();

	set(object, "id", json_string(v->id));
	set(object, "title", json_string(v->title));
	set(object, "rules", strings_to_json(v->rules, v->n_rules));
	set(object, "properties", properties_to_json(v->properties));
	set(object, "requires", json_string(v->sdm ? "sdm" : "epml"));
	set(object, "profile", json_string(profile_names[v->profile]));
	set(object, "params", params_to_json(&v->params, NULL));
	set(object, "setup", setup(v));
	set(object, "steps", steps(v));
	set(object, "expect", expect(v));
	return object;
}

void export_json(FILE *out, struct vector *const *vectors, unsigned n)
{
	fprintf(out, "{\"format\": \"epml-vectors\", \"version\": %u, \"vectors\": [\n",
		EXPORT_VERSION);
	for (unsigned i = 0; i < n; i++) {
		json_t *object = vector(vectors[i]);

		/* A failure of the stream is found by the caller. */
		json_dumpf(object, out, 0);
		json_decref(object);
		fputs(i + 1 < n ? ",\n" : "\n", out);
	}
	fputs("]}\n", out);
}
