/* SPDX-License-Identifier: BSD-2-Clause */
/* Writer: the vector as a whole, its steps, and what its parts share. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "addrexpr.h"
#include "epml/epml.h"
#include "forms.h"
#include "newfile.h"
#include "save.h"
#include "spec-tables.h"

/* ---- Values ---- */

json_t *save_hex(uint64_t value)
{
	return json_sprintf("0x%" PRIx64, value);
}

json_t *save_addr(const struct addr *a)
{
	char text[100];

	addr_format(a, text, sizeof(text));
	return json_string(text);
}

/* The name of a field, or its encoding if there is no such field. */
json_t *save_field_name(uint32_t field)
{
	const struct spec_field *f = spec_field_by_encoding(field);

	return f ? json_sprintf("%s%s", f->name, field & 1 ? "_HIGH" : "") : save_hex(field);
}

void save_set(json_t *object, const char *key, json_t *value)
{
	if (value)
		json_object_set_new(object, key, value);
}

json_t *save_fields(const struct vfield *fields, unsigned n)
{
	json_t *object = n ? json_object() : NULL;

	for (unsigned i = 0; i < n; i++) {
		json_t *name = save_field_name(fields[i].field);

		save_set(object, json_string_value(name), save_addr(&fields[i].value));
		json_decref(name);
	}
	return object;
}

json_t *save_memory(const struct vmem *memory, unsigned n)
{
	json_t *list = n ? json_array() : NULL;

	for (unsigned i = 0; i < n; i++) {
		json_t *item = json_object();

		save_set(item, "at", save_addr(&memory[i].where));
		save_set(item, "value", save_addr(&memory[i].value));
		if (memory[i].size != 8)
			save_set(item, "size", json_integer(memory[i].size));
		json_array_append_new(list, item);
	}
	return list;
}

/* ---- Steps ---- */

static json_t *save_operand(const struct vstep *s, const struct addr *a, enum operand kind)
{
	switch (kind) {
	case FIELD:
		return a->a > UINT32_MAX ? save_hex(a->a) : save_field_name((uint32_t)a->a);
	case ONE:
		return json_integer(1);
	case CR3:
		return s->current_cr3 ? json_integer(1) : save_hex(a->a);
	case COUNT_OF: case BYTE: case TYPE: case NUMBER:
		return a->a > INT32_MAX ? save_hex(a->a) : json_integer((json_int_t)a->a);
	default:
		return save_addr(a);
	}
}

static const struct step_form *form_of(const struct vstep *s)
{
	for (unsigned i = 0; i < step_form_count; i++)
		if (step_forms[i].op == s->op)
			return &step_forms[i];
	return NULL;
}

static json_t *save_step(const struct vstep *step)
{
	struct vstep s = *step;
	const struct step_form *f = form_of(&s);
	json_t *object = json_object();

	if (!f)
		return object;
	save_set(object, f->key, save_operand(&s, step_slot(&s, f->slot), f->kind));
	for (const struct operand_form *o = f->more; o < f->more + STEP_OPERANDS && o->key; o++)
		save_set(object, o->key, save_operand(&s, step_slot(&s, o->slot), o->kind));
	if (f->sizes && s.size != f->size)
		save_set(object, "size", json_integer(s.size));
	return object;
}

json_t *save_steps(const struct vector *v, unsigned handler)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < v->n_steps; i++)
		if (v->steps[i].handler == handler)
			json_array_append_new(list, save_step(&v->steps[i]));
	return list;
}

json_t *save_handlers(const struct vector *v)
{
	json_t *object = NULL;
	char key[16];

	for (unsigned i = 0; i < v->n_steps; i++) {
		if (!v->steps[i].handler)
			continue;
		snprintf(key, sizeof(key), "0x%02x", v->steps[i].handler - 1);
		if (!object)
			object = json_object();
		if (!json_object_get(object, key))
			save_set(object, key, save_steps(v, v->steps[i].handler));
	}
	return object;
}

/* ---- The vector ---- */

json_t *strings_to_json(const char *const *strings, unsigned n)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < n; i++)
		json_array_append_new(list, json_string(strings[i]));
	return list;
}

json_t *properties_to_json(unsigned properties)
{
	json_t *list = json_array();

	for (unsigned n = 1; n <= 5; n++)
		if (properties & 1u << (n - 1))
			json_array_append_new(list, json_sprintf("P%u", n));
	return list;
}

json_t *params_to_json(const struct epml_params *p, const struct epml_params *usual)
{
	static const char *const keys[] = {
		"trigger", "translation", "full", "notification", "walk-writes"
	};
	json_t *object = json_object();

	for (unsigned i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		const char *value = epml_params_get(p, keys[i]);

		if (!usual || strcmp(value, epml_params_get(usual, keys[i])))
			save_set(object, keys[i], json_string(value));
	}
	return object;
}

/* What is empty is left out of a file. */
static json_t *unless_empty(json_t *value)
{
	if (json_object_size(value) || json_array_size(value))
		return value;
	json_decref(value);
	return NULL;
}

/* The parameters that differ from the profile's. */
static json_t *save_params(const struct vector *v)
{
	struct epml_params profile;

	epml_params_profile(&profile, profile_names[v->profile]);
	return unless_empty(params_to_json(&v->params, &profile));
}

static json_t *save_stock(const struct vector *v)
{
	if (!v->stock_defect)
		return NULL;
	return json_pack("{s:i, s:s}", "defect", (int)v->stock_defect, "text", v->stock_text);
}

json_t *vector_to_json(const struct vector *v)
{
	const char *const profile[] = { profile_names[v->profile] };
	json_t *object = json_object();

	save_set(object, "id", json_string(v->id));
	save_set(object, "title", json_string(v->title));
	save_set(object, "rules", strings_to_json(v->rules, v->n_rules));
	save_set(object, "properties", unless_empty(properties_to_json(v->properties)));
	save_set(object, "requires", json_string(v->sdm ? "sdm" : "epml"));
	save_set(object, "profiles", strings_to_json(profile, 1));
	if (!v->sdm)
		save_set(object, "params", save_params(v));
	save_set(object, "stock", save_stock(v));
	save_set(object, "setup", save_setup(v));
	save_set(object, "steps", save_steps(v, 0));
	save_set(object, "handlers", save_handlers(v));
	save_set(object, "expect", save_expect(v));
	return object;
}

int vector_save(const struct vector *v, const char *path, char *text, size_t size)
{
	json_t *root = json_pack("{s:[o]}", "vectors", vector_to_json(v));
	struct newfile file;
	int status = newfile_open(&file, path);

	if (!status)
		status = newfile_close(&file, !json_dumpf(root, file.out, JSON_INDENT(1)) &&
					      putc('\n', file.out) != EOF);
	if (status)
		snprintf(text, size, "%s: %s", path, strerror(errno));
	json_decref(root);
	return status;
}
