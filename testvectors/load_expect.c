/* SPDX-License-Identifier: BSD-2-Clause */
/* Loader: the key "expect". */
#include <string.h>

#include "load_priv.h"
#include "spec-tables.h"

/* An optional member of an expectation: present in the object, then its bit in "has" is set. */
static bool member(const json_t *object, const char *key, unsigned bit, unsigned *has,
		   const json_t **value)
{
	*value = json_object_get(object, key);
	if (*value)
		*has |= bit;
	return *value != NULL;
}

static int load_reason(struct reader *r, const json_t *value, uint32_t *reason)
{
	const struct spec_number *named = NULL;
	uint64_t n;

	if (json_is_string(value))
		named = spec_exit_reason_by_name(json_string_value(value));
	if (named) {
		*reason = named->value;
		return 0;
	}
	if (!read_number_quietly(value, &n))
		return vector_error(r->v, value,
				    "reason: expected a number or a name as EPT_VIOLATION");
	if (n > 0xffff)
		return vector_error(r->v, value, "reason: expected a basic exit reason, "
				    "at most FFFFH");
	*reason = (uint32_t)n;
	return 0;
}

static int load_step_number(struct reader *r, const json_t *value, unsigned *step)
{
	uint64_t n;

	if (read_number(r, value, "step", UINT32_MAX, &n))
		return -1;
	if (n >= r->v->n_steps)
		return vector_error(r->v, value, "step: the vector has %u steps, the first is 0",
				    r->v->n_steps);
	*step = (unsigned)n;
	return 0;
}

static int load_exit(struct reader *r, const json_t *item, struct xexit *x)
{
	static const char *const keys[] = {
		"reason", "qualification", "gpa", "gva", "step", "idt_vectoring", "idt_error",
		"int_info", NULL
	};
	const json_t *value;

	if (need_object(r, item, "a VM exit", NULL) || check_keys(r, item, "a VM exit", keys))
		return -1;
	value = json_object_get(item, "reason");
	if (!value)
		return vector_error(r->v, item, "a VM exit: expected the key reason");
	if (load_reason(r, value, &x->reason) ||
	    (member(item, "qualification", HAS_QUAL, &x->has, &value) &&
	     read_expr(r, value, "qualification", EXPR_ANY, &x->qualification)) ||
	    (member(item, "gpa", HAS_GPA, &x->has, &value) &&
	     read_expr(r, value, "gpa", EXPR_ANY, &x->gpa)) ||
	    (member(item, "gva", HAS_GVA, &x->has, &value) &&
	     read_expr(r, value, "gva", EXPR_ANY, &x->gva)) ||
	    (member(item, "step", HAS_STEP, &x->has, &value) &&
	     load_step_number(r, value, &x->step)) ||
	    (member(item, "idt_vectoring", HAS_IDT, &x->has, &value) &&
	     read_number(r, value, "idt_vectoring", UINT32_MAX, &x->idt_vectoring)) ||
	    (member(item, "idt_error", HAS_IDT_ERROR, &x->has, &value) &&
	     read_number(r, value, "idt_error", UINT32_MAX, &x->idt_error)) ||
	    (member(item, "int_info", HAS_INT, &x->has, &value) &&
	     read_number(r, value, "int_info", UINT32_MAX, &x->int_info)))
		return -1;
	return 0;
}

static int load_event(struct reader *r, const json_t *item, struct xevent *x)
{
	static const char *const keys[] = { "vector", "error", "cr2", "step", NULL };
	const json_t *value;
	uint64_t vector;

	if (need_object(r, item, "an event", NULL) || check_keys(r, item, "an event", keys))
		return -1;
	value = json_object_get(item, "vector");
	if (!value)
		return vector_error(r->v, item, "an event: expected the key vector");
	if (read_number(r, value, "vector", 255, &vector) ||
	    (member(item, "error", HAS_ERROR, &x->has, &value) &&
	     read_number(r, value, "error", UINT32_MAX, &x->error)) ||
	    (member(item, "cr2", HAS_CR2, &x->has, &value) &&
	     read_expr(r, value, "cr2", EXPR_GVA, &x->cr2)) ||
	    (member(item, "step", HAS_STEP, &x->has, &value) &&
	     load_step_number(r, value, &x->step)))
		return -1;
	x->vector = (unsigned)vector;
	return 0;
}

static int load_flag(struct reader *r, const json_t *item, const char *key, unsigned bit,
		     unsigned *has, bool *flag)
{
	const json_t *value = json_object_get(item, key);
	uint64_t n;

	if (!value)
		return 0;
	*has |= bit;
	if (json_is_boolean(value)) {
		*flag = json_is_true(value);
		return 0;
	}
	if (read_number(r, value, key, 1, &n))
		return -1;
	*flag = n != 0;
	return 0;
}

static int load_result(struct reader *r, const json_t *item, struct xresult *x)
{
	static const char *const keys[] = { "value", "cf", "zf", NULL };
	const json_t *value;

	if (!json_is_object(item)) {
		x->has = HAS_VALUE;
		return read_expr(r, item, "a result", EXPR_ANY, &x->value);
	}
	if (check_keys(r, item, "a result", keys) ||
	    (member(item, "value", HAS_VALUE, &x->has, &value) &&
	     read_expr(r, value, "value", EXPR_ANY, &x->value)) ||
	    load_flag(r, item, "cf", HAS_CF, &x->has, &x->cf) ||
	    load_flag(r, item, "zf", HAS_ZF, &x->has, &x->zf))
		return -1;
	return 0;
}

static int load_exits(struct reader *r, const json_t *list)
{
	struct vexpect *e = &r->v->expect;
	json_t *item;
	size_t i;

	if (!list)
		return 0;
	if (need_array(r, list, "exits", NULL))
		return -1;
	e->n_exits = (unsigned)json_array_size(list);
	e->exits = arena_array(&r->set->arena, e->n_exits, struct xexit);
	json_array_foreach(list, i, item)
		if (load_exit(r, item, &e->exits[i]))
			return -1;
	return 0;
}

static int load_events(struct reader *r, const json_t *list)
{
	struct vexpect *e = &r->v->expect;
	json_t *item;
	size_t i;

	if (!list)
		return 0;
	if (need_array(r, list, "events", NULL))
		return -1;
	e->n_events = (unsigned)json_array_size(list);
	e->events = arena_array(&r->set->arena, e->n_events, struct xevent);
	json_array_foreach(list, i, item)
		if (load_event(r, item, &e->events[i]))
			return -1;
	return 0;
}

static int load_results(struct reader *r, const json_t *list)
{
	struct vexpect *e = &r->v->expect;
	json_t *item;
	size_t i;

	if (!list)
		return 0;
	if (need_array(r, list, "results", NULL))
		return -1;
	e->has_results = true;
	e->n_results = (unsigned)json_array_size(list);
	e->results = arena_array(&r->set->arena, e->n_results, struct xresult);
	json_array_foreach(list, i, item)
		if (load_result(r, item, &e->results[i]))
			return -1;
	return 0;
}

static int load_entry(struct reader *r, const json_t *value)
{
	static const char *const keys[] = { "error", "reason", "qualification", NULL };
	struct vexpect *e = &r->v->expect;
	const json_t *error = json_object_get(value, "error");
	uint64_t n;

	if (!value || (json_is_string(value) && !strcmp(json_string_value(value), "ok")))
		return 0;
	if (!json_is_object(value))
		return vector_error(r->v, value, "entry: expected \"ok\" or an object");
	if (check_keys(r, value, "entry", keys))
		return -1;
	if (!error) {
		e->entry = ENTRY_EXIT;
		return load_exit(r, value, &e->entry_exit);
	}
	if (json_object_size(value) != 1)
		return vector_error(r->v, value, "entry: expected either error or reason");
	if (read_number(r, error, "error", 0xffff, &n))
		return -1;
	e->entry = ENTRY_VMFAIL;
	e->entry_error = (unsigned)n;
	return 0;
}

static int load_log(struct reader *r, const struct layers *l, const char *log_key,
		    const char *index_key, const char *control, bool on, struct xlog *log)
{
	const json_t *list = layer_get(l, log_key), *index = layer_get(l, index_key);
	uint64_t n;
	json_t *item;
	size_t i;

	log->compared = on;
	if (!on && list)
		return vector_error(r->v, list, "%s needs the control %s", log_key, control);
	if (index) {
		if (read_number(r, index, index_key, 0xffff, &n))
			return -1;
		log->has_index = true;
		log->index = (uint16_t)n;
	}
	if (!list)
		return 0;
	if (need_array(r, list, log_key, NULL))
		return -1;
	log->n = (unsigned)json_array_size(list);
	log->entries = arena_array(&r->set->arena, log->n, struct addr);
	json_array_foreach(list, i, item)
		if (read_expr(r, item, log_key, EXPR_ANY, &log->entries[i]))
			return -1;
	return 0;
}

static int load_xflags(struct reader *r, const json_t *value, const char *what,
		       const char *letters, struct xflags **flags, unsigned *n)
{
	const char *key, *text;
	json_t *item;

	if (!value)
		return 0;
	if (need_object(r, value, what, NULL))
		return -1;
	*flags = arena_array(&r->set->arena, json_object_size(value), struct xflags);
	json_object_foreach((json_t *)value, key, item) {
		struct xflags *x = &(*flags)[(*n)++];

		x->at = item;
		if (key_number(r, key, item, UINT64_MAX, &x->address))
			return -1;
		text = json_is_string(item) ? json_string_value(item) : "?";
		if (text[strspn(text, letters)])
			return vector_error(r->v, item,
					    "%s: expected a string of the flags %c and %c", what,
					    letters[0], letters[1]);
		x->accessed = strchr(text, letters[0]);
		x->dirty = strchr(text, letters[1]);
	}
	return 0;
}

static bool gives_result(enum vi_op op)
{
	switch (op) {
	case VI_LOAD: case VI_LOCK_RMW: case VI_CMPXCHG: case VI_VMREAD: case VI_VMWRITE:
	case VI_VMREAD_MEM: case VI_VMWRITE_MEM: case VI_H_INVEPT: case VI_H_INVVPID:
	case VI_H_VMREAD: case VI_H_VMWRITE: case VI_H_PEEK:
		return true;
	default:
		return false;
	}
}

/* What can be seen to be impossible without running the vector. */
static int check_possible(struct reader *r, const struct layers *l)
{
	struct vexpect *e = &r->v->expect;
	unsigned n = 0;

	for (unsigned i = 0; i < r->v->n_steps; i++) {
		if (r->v->steps[i].handler)
			return 0;	/* may run any number of times */
		n += gives_result(r->v->steps[i].op);
	}
	if (e->n_results > n)
		return vector_error(r->v, layer_get(l, "results"),
				    "%u results are expected, but only %u steps give one",
				    e->n_results, n);
	return 0;
}

int load_expect(struct reader *r, const struct layers *l)
{
	static const char *const keys[] = {
		"entry", "exits", "events", "results", "guest_log", "guest_index", "pml_log",
		"pml_index", "fields", "memory", "ept", "pte", NULL
	};
	struct vexpect *e = &r->v->expect;
	const unsigned controls = r->v->setup.controls;
	const json_t *fields = layer_get(l, "fields"), *memory = layer_get(l, "memory");

	if (check_layer_keys(r, l, "expect", keys) ||
	    load_entry(r, layer_get(l, "entry")) ||
	    load_exits(r, layer_get(l, "exits")) ||
	    load_events(r, layer_get(l, "events")) ||
	    load_results(r, layer_get(l, "results")) ||
	    load_log(r, l, "guest_log", "guest_index", "guest-pml",
		     controls & CTL_GUEST_PML, &e->guest_log) ||
	    load_log(r, l, "pml_log", "pml_index", "pml", controls & CTL_PML, &e->pml_log) ||
	    load_xflags(r, layer_get(l, "ept"), "ept", "AD", &e->ept, &e->n_ept) ||
	    load_xflags(r, layer_get(l, "pte"), "pte", "ad", &e->pte, &e->n_pte))
		return -1;
	if (fields && read_fields(r, fields, &e->fields, &e->n_fields))
		return -1;
	if (memory && read_memory(r, memory, "memory", &e->memory, &e->n_memory))
		return -1;
	return check_possible(r, l);
}
