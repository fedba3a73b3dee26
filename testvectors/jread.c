/* SPDX-License-Identifier: BSD-2-Clause */
/* Loader: typed reading of JSON values. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "addrexpr.h"
#include "load_priv.h"
#include "spec-tables.h"

int vector_error(const struct vector *v, const json_t *at, const char *fmt, ...)
{
	char text[400];
	va_list ap;

	if (v->silent)
		return -1;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (v->file)
		jsonfile_error(v->file, at ? at : v->at, "%s%s%s", v->id ? v->id : "",
			       v->id ? ": " : "", text);
	else
		fprintf(stderr, "%s: %s\n", v->id, text);
	return -1;
}

const json_t *layer_get(const struct layers *l, const char *key)
{
	const json_t *value = json_object_get(l->over, key);

	return value ? value : json_object_get(l->base, key);
}

const json_t *layer_at(const struct layers *l)
{
	return l->base ? l->base : l->over;
}

int check_keys(struct reader *r, const json_t *object, const char *what, const char *const *keys)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)object, key, value) {
		const char *const *k = keys;
		char list[240] = "";

		while (*k && strcmp(*k, key))
			k++;
		if (*k)
			continue;
		for (k = keys; *k; k++)
			snprintf(list + strlen(list), sizeof(list) - strlen(list), "%s%s",
				 k == keys ? "" : ", ", *k);
		/* There is only one true, false and null: these have no line of their own. */
		if (json_is_boolean(value) || json_is_null(value))
			value = (json_t *)object;
		return vector_error(r->v, value, "%s has no key \"%s\"; expected one of: %s",
				    what, key, list);
	}
	return 0;
}

int check_layer_keys(struct reader *r, const struct layers *l, const char *what,
		     const char *const *keys)
{
	if (l->over && check_keys(r, l->over, what, keys))
		return -1;
	return l->base ? check_keys(r, l->base, what, keys) : 0;
}

int need_object(struct reader *r, const json_t *value, const char *what, const json_t *at)
{
	if (json_is_object(value))
		return 0;
	return vector_error(r->v, value ? value : at, "%s: expected an object", what);
}

int need_array(struct reader *r, const json_t *value, const char *what, const json_t *at)
{
	if (json_is_array(value))
		return 0;
	return vector_error(r->v, value ? value : at, "%s: expected a list", what);
}

bool read_number_quietly(const json_t *value, uint64_t *result)
{
	if (json_is_integer(value)) {
		json_int_t n = json_integer_value(value);

		*result = (uint64_t)n;
		return n >= 0;
	}
	if (json_is_string(value)) {
		const char *text = json_string_value(value);

		return number_parse(&text, result) && !*text;
	}
	return false;
}

int read_number(struct reader *r, const json_t *value, const char *what, uint64_t max,
		uint64_t *result)
{
	if (!read_number_quietly(value, result))
		return vector_error(r->v, value, "%s: expected a number, as 4096 or \"0x1000\"",
				    what);
	if (*result > max)
		return vector_error(r->v, value, "%s is %" PRIX64 "H, expected at most %" PRIX64
				    "H", what, *result, max);
	return 0;
}

int key_number(struct reader *r, const char *key, const json_t *at, uint64_t max,
	       uint64_t *result)
{
	const char *text = key;

	if (!number_parse(&text, result) || *text)
		return vector_error(r->v, at, "key \"%s\": expected a number, as 64 or 0x40", key);
	if (*result > max)
		return vector_error(r->v, at, "key \"%s\": expected at most %" PRIX64 "H", key,
				    max);
	return 0;
}

int read_bool(struct reader *r, const json_t *value, const char *what, const json_t *at,
	      bool *result)
{
	if (!json_is_boolean(value))
		return vector_error(r->v, at, "%s: expected true or false", what);
	*result = json_is_true(value);
	return 0;
}

int read_string(struct reader *r, const json_t *value, const char *what, const char **result)
{
	if (!json_is_string(value) || !json_string_length(value))
		return vector_error(r->v, value, "%s: expected a string", what);
	*result = json_string_value(value);
	return 0;
}

/* An expression that gives an HPA is no GVA, and the reverse: most often "alias:" was forgotten. */
static const char *kind_mismatch(const struct addr *a, unsigned kinds)
{
	if (a->kind == ADDR_SPP && kinds != EXPR_ANY)
		return "is a value, expected an address";
	if (a->kind != ADDR_NUMBER && !a->alias && !(kinds & EXPR_HPA))
		return "is an HPA, expected a GVA; did you mean alias:?";
	if (a->alias && !(kinds & EXPR_GVA))
		return "is a GVA, expected an HPA; leave out alias:";
	return NULL;
}

int read_expr(struct reader *r, const json_t *value, const char *what, unsigned kinds,
	      struct addr *result)
{
	const char *error;

	memset(result, 0, sizeof(*result));
	result->at = value;
	if (json_is_integer(value))
		return read_number(r, value, what, UINT64_MAX, &result->a);
	if (!json_is_string(value))
		return vector_error(r->v, value, "%s: expected a number or an address expression",
				    what);
	error = addr_parse(json_string_value(value), result);
	if (error)
		return vector_error(r->v, value, "%s \"%s\": %s", what, json_string_value(value),
				    error);
	error = kind_mismatch(result, kinds);
	if (error)
		return vector_error(r->v, value, "%s \"%s\" %s", what, json_string_value(value),
				    error);
	return 0;
}

int read_size(struct reader *r, const json_t *value, unsigned allowed, unsigned *result)
{
	uint64_t n = 0;
	char list[40] = "";

	if (read_number_quietly(value, &n) && n <= 64 && !(n & (n - 1)) && (allowed & n)) {
		*result = (unsigned)n;
		return 0;
	}
	for (unsigned bit = 1; bit <= 64; bit <<= 1)
		if (allowed & bit)
			snprintf(list + strlen(list), sizeof(list) - strlen(list), "%s%u",
				 *list ? ", " : "", bit);
	return vector_error(r->v, value, "size: expected one of: %s", list);
}

/* Bits 14:13 of an encoding give the width, bit 0 selects the high half of a 64-bit field. */
static unsigned field_bits(uint32_t encoding)
{
	static const unsigned bits[] = { 16, 64, 32, 64 };

	return encoding & 1 ? 32 : bits[encoding >> 13 & 3];
}

int field_by_name(struct reader *r, const char *name, const json_t *at, uint32_t *result)
{
	if (spec_field_encoding(name, result))
		return 0;
	return vector_error(r->v, at,
			    "there is no VMCS field \"%s\"; \"epml spec fields\" lists them", name);
}

int read_field(struct reader *r, const json_t *value, uint32_t *result)
{
	uint64_t n;

	if (read_number_quietly(value, &n)) {
		if (n > UINT32_MAX)
			return vector_error(r->v, value, "expected a VMCS encoding of 32 bits");
		*result = (uint32_t)n;
		return 0;
	}
	if (!json_is_string(value))
		return vector_error(r->v, value, "expected the name of a VMCS field");
	return field_by_name(r, json_string_value(value), value, result);
}

static int check_field_value(struct reader *r, const char *name, const struct vfield *f)
{
	unsigned bits = field_bits(f->field);

	if (f->value.kind == ADDR_NUMBER && bits < 64 && f->value.a >> bits)
		return vector_error(r->v, f->at, "%s has %u bits, %" PRIX64 "H does not fit", name,
				    bits, f->value.a);
	return 0;
}

int read_fields(struct reader *r, const json_t *value, struct vfield **fields, unsigned *n)
{
	const char *name;
	json_t *item;

	if (need_object(r, value, "fields", NULL))
		return -1;
	*n = 0;
	*fields = arena_array(&r->set->arena, json_object_size(value), struct vfield);
	json_object_foreach((json_t *)value, name, item) {
		struct vfield *f = &(*fields)[(*n)++];

		f->at = item;
		if (field_by_name(r, name, item, &f->field) ||
		    read_expr(r, item, name, EXPR_ANY, &f->value) ||
		    check_field_value(r, name, f))
			return -1;
	}
	return 0;
}

static int read_memory_item(struct reader *r, const json_t *item, const char *what,
			    struct vmem *m)
{
	static const char *const keys[] = { "at", "value", "size", NULL };
	const json_t *size;

	m->at = item;
	m->size = 8;
	if (need_object(r, item, what, NULL) || check_keys(r, item, what, keys))
		return -1;
	if (!json_object_get(item, "at") || !json_object_get(item, "value"))
		return vector_error(r->v, item, "%s: expected the keys at and value", what);
	size = json_object_get(item, "size");
	if ((size && read_size(r, size, 1 | 2 | 4 | 8, &m->size)) ||
	    read_expr(r, json_object_get(item, "at"), "at", EXPR_HPA, &m->where) ||
	    read_expr(r, json_object_get(item, "value"), "value", EXPR_ANY, &m->value))
		return -1;
	if (m->value.kind == ADDR_NUMBER && m->size < 8 && m->value.a >> (8 * m->size))
		return vector_error(r->v, item, "value %" PRIX64 "H does not fit in %u bytes",
				    m->value.a, m->size);
	return 0;
}

int read_memory(struct reader *r, const json_t *value, const char *what, struct vmem **memory,
		unsigned *n)
{
	json_t *item;
	size_t i;

	if (need_array(r, value, what, NULL))
		return -1;
	*n = (unsigned)json_array_size(value);
	*memory = arena_array(&r->set->arena, *n, struct vmem);
	json_array_foreach(value, i, item)
		if (read_memory_item(r, item, what, &(*memory)[i]))
			return -1;
	return 0;
}
