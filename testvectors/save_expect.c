/* SPDX-License-Identifier: BSD-2-Clause */
/* Writer: the key "expect". */
#include <inttypes.h>
#include <stdio.h>

#include "save.h"
#include "spec-tables.h"

static json_t *save_reason(uint32_t reason)
{
	const char *name = spec_exit_reason_name(reason);

	return name ? json_string(name) : json_integer(reason);
}

static json_t *save_exit(const struct xexit *x)
{
	json_t *object = json_object();

	save_set(object, "reason", save_reason(x->reason));
	if (x->has & HAS_STEP)
		save_set(object, "step", json_integer(x->step));
	if (x->has & HAS_QUAL)
		save_set(object, "qualification", save_addr(&x->qualification));
	if (x->has & HAS_GPA)
		save_set(object, "gpa", save_addr(&x->gpa));
	if (x->has & HAS_GVA)
		save_set(object, "gva", save_addr(&x->gva));
	if (x->has & HAS_INT)
		save_set(object, "int_info", save_hex(x->int_info));
	if (x->has & HAS_IDT)
		save_set(object, "idt_vectoring", save_hex(x->idt_vectoring));
	if (x->has & HAS_IDT_ERROR)
		save_set(object, "idt_error", save_hex(x->idt_error));
	return object;
}

static json_t *save_exits(const struct vexpect *e)
{
	json_t *list = e->n_exits ? json_array() : NULL;

	for (unsigned i = 0; i < e->n_exits; i++)
		json_array_append_new(list, save_exit(&e->exits[i]));
	return list;
}

static json_t *save_events(const struct vexpect *e)
{
	json_t *list = e->n_events ? json_array() : NULL;

	for (unsigned i = 0; i < e->n_events; i++) {
		const struct xevent *x = &e->events[i];
		json_t *object = json_pack("{s:i}", "vector", (int)x->vector);

		if (x->has & HAS_STEP)
			save_set(object, "step", json_integer(x->step));
		if (x->has & HAS_ERROR)
			save_set(object, "error", save_hex(x->error));
		if (x->has & HAS_CR2)
			save_set(object, "cr2", save_addr(&x->cr2));
		json_array_append_new(list, object);
	}
	return list;
}

static json_t *save_results(const struct vexpect *e)
{
	json_t *list = e->has_results ? json_array() : NULL;

	for (unsigned i = 0; i < e->n_results; i++) {
		const struct xresult *x = &e->results[i];
		json_t *object = json_object();

		if (x->has & HAS_VALUE)
			save_set(object, "value", save_addr(&x->value));
		if (x->has & HAS_CF)
			save_set(object, "cf", json_integer(x->cf));
		if (x->has & HAS_ZF)
			save_set(object, "zf", json_integer(x->zf));
		json_array_append_new(list, object);
	}
	return list;
}

static json_t *save_entry(const struct vexpect *e)
{
	switch (e->entry) {
	case ENTRY_VMFAIL:
		return json_pack("{s:i}", "error", (int)e->entry_error);
	case ENTRY_EXIT:
		return json_pack("{s:o, s:o}", "reason", save_reason(e->entry_exit.reason),
				 "qualification", save_addr(&e->entry_exit.qualification));
	default:
		return NULL;
	}
}

static json_t *save_log(const struct xlog *log)
{
	json_t *list = log->n ? json_array() : NULL;

	for (unsigned i = 0; i < log->n; i++)
		json_array_append_new(list, save_addr(&log->entries[i]));
	return list;
}

static json_t *save_index(const struct xlog *log)
{
	return log->has_index ? save_hex(log->index) : NULL;
}

static json_t *save_entry_flags(const struct xflags *flags, unsigned n, const char *letters)
{
	json_t *object = n ? json_object() : NULL;
	char key[24];

	for (unsigned i = 0; i < n; i++) {
		const struct xflags *x = &flags[i];

		snprintf(key, sizeof(key), "0x%" PRIx64, x->address);
		save_set(object, key, json_sprintf("%.*s%.*s", x->accessed, letters, x->dirty,
						   letters + 1));
	}
	return object;
}

json_t *save_expect(const struct vector *v)
{
	const struct vexpect *e = &v->expect;
	json_t *object = json_object();

	save_set(object, "entry", save_entry(e));
	save_set(object, "exits", save_exits(e));
	save_set(object, "events", save_events(e));
	save_set(object, "results", save_results(e));
	save_set(object, "guest_log", save_log(&e->guest_log));
	save_set(object, "guest_index", save_index(&e->guest_log));
	save_set(object, "pml_log", save_log(&e->pml_log));
	save_set(object, "pml_index", save_index(&e->pml_log));
	save_set(object, "fields", save_fields(e->fields, e->n_fields));
	save_set(object, "memory", save_memory(e->memory, e->n_memory));
	save_set(object, "ept", save_entry_flags(e->ept, e->n_ept, "AD"));
	save_set(object, "pte", save_entry_flags(e->pte, e->n_pte, "ad"));
	return object;
}
