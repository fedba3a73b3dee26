/* SPDX-License-Identifier: BSD-2-Clause */
/* Loader: steps and handlers. The forms of all steps are the rows of one table. */
#include <inttypes.h>
#include <string.h>

#include "forms.h"
#include "load_priv.h"

#define SIZES_REG	(1 | 2 | 4 | 8)
#define SIZES_STRING	(1 | 8)
#define MAX_COUNT	0x10000

#define NEED(key, slot, kind)		{ key, slot, kind, false, 0 }
#define MAY(key, slot, kind, absent)	{ key, slot, kind, true, absent }

const struct step_form step_forms[] = {
	{ "store", NULL, VI_STORE, SIZES_REG | 16 | 32 | 64, 8, A, GVA,
	  { NEED("value", B, VALUE) } },
	{ "load", NULL, VI_LOAD, SIZES_REG, 8, A, GVA, {{ 0 }} },
	{ "rmw", NULL, VI_RMW, SIZES_REG, 8, A, GVA, { NEED("value", B, VALUE) } },
	{ "lock_xadd", NULL, VI_LOCK_RMW, SIZES_REG, 8, A, GVA, { NEED("value", B, VALUE) } },
	{ "cmpxchg", NULL, VI_CMPXCHG, SIZES_REG, 8, A, GVA,
	  { NEED("expected", B, VALUE), NEED("value", C, VALUE) } },
	{ "cmpxchg16b", NULL, VI_CMPXCHG16B, 0, 16, A, GVA,
	  { NEED("expected", B, VALUE), NEED("value", C, VALUE) } },
	{ "push", NULL, VI_PUSH, 0, 8, A, GVA, { NEED("value", B, VALUE) } },
	{ "stos", NULL, VI_STOS, SIZES_STRING, 8, A, GVA,
	  { NEED("count", B, COUNT_OF), NEED("value", C, VALUE) } },
	{ "movs", NULL, VI_MOVS, SIZES_STRING, 8, A, GVA,
	  { NEED("from", B, GVA), NEED("count", C, COUNT_OF) } },
	{ "fxsave", NULL, VI_FXSAVE, 0, VI_FXSAVE_SIZE, A, GVA, { NEED("value", B, VALUE) } },
	{ "xsave", NULL, VI_XSAVE, 0, VI_XSAVE_SIZE, A, GVA, { NEED("value", B, VALUE) } },
	{ "vmread", "to", VI_VMREAD_MEM, 0, 8, B, FIELD, { NEED("to", A, GVA) } },
	{ "vmread", NULL, VI_VMREAD, 0, 8, A, FIELD, {{ 0 }} },
	{ "vmwrite", "from", VI_VMWRITE_MEM, 0, 8, B, FIELD,
	  { NEED("from", A, GVA) } },
	{ "vmwrite", NULL, VI_VMWRITE, 0, 8, A, FIELD, { NEED("value", B, VALUE) } },
	{ "invlpg", NULL, VI_INVLPG, 0, 0, A, GVA, {{ 0 }} },
	{ "mov_cr3", NULL, VI_MOV_CR3, 0, 0, A, CR3, {{ 0 }} },
	{ "cli", NULL, VI_CLI, 0, 0, A, ONE, {{ 0 }} },
	{ "sti", NULL, VI_STI, 0, 0, A, ONE, {{ 0 }} },
	{ "hlt", NULL, VI_HLT, 0, 0, A, ONE, {{ 0 }} },
	{ "nop", NULL, VI_NOP, 0, 0, A, ONE, {{ 0 }} },
	{ "int", NULL, VI_INT, 0, 0, A, BYTE, {{ 0 }} },
	{ "vmcall", NULL, VI_VMCALL, 0, 0, A, ONE, {{ 0 }} },
	{ "vmfunc", NULL, VI_VMFUNC, 0, 0, A, NUMBER, {{ 0 }} },
	{ "wrtpr", NULL, VI_WRTPR, 0, 0, A, BYTE, {{ 0 }} },
	{ "eoi", NULL, VI_EOI, 0, 0, A, ONE, {{ 0 }} },
	{ "self_ipi", NULL, VI_SELF_IPI, 0, 0, A, BYTE, {{ 0 }} },
	{ "poke", NULL, VI_H_POKE, SIZES_REG, 8, A, HPA, { NEED("value", B, VALUE) } },
	{ "peek", NULL, VI_H_PEEK, SIZES_REG, 8, A, HPA, {{ 0 }} },
	{ "invept", NULL, VI_H_INVEPT, 0, 0, A, TYPE, {{ 0 }} },
	{ "invvpid", NULL, VI_H_INVVPID, 0, 0, A, TYPE,
	  { MAY("vpid", B, NUMBER, 1), MAY("gva", C, GVA, 0) } },
	{ "host_vmread", NULL, VI_H_VMREAD, 0, 8, A, FIELD, {{ 0 }} },
	{ "host_vmwrite", NULL, VI_H_VMWRITE, 0, 8, A, FIELD, { NEED("value", B, VALUE) } },
	{ "vmclear", NULL, VI_H_VMCLEAR, 0, 0, A, ONE, {{ 0 }} },
	{ "resume", NULL, VI_H_RESUME, 0, 0, A, ONE, {{ 0 }} },
	{ "skip", NULL, VI_H_SKIP, 0, 0, A, ONE, {{ 0 }} },
};

const unsigned step_form_count = COUNT(step_forms);

struct addr *step_slot(struct vstep *s, enum slot slot)
{
	return slot == A ? &s->a : slot == B ? &s->b : &s->c;
}

static int load_limited(struct reader *r, const json_t *value, const char *key, uint64_t max,
			struct addr *a)
{
	a->at = value;
	return read_number(r, value, key, max, &a->a);
}

static int load_operand(struct reader *r, const json_t *value, const char *key,
			enum operand kind, struct vstep *s, struct addr *a)
{
	uint32_t field;

	switch (kind) {
	case GVA:
		return read_expr(r, value, key, EXPR_GVA, a);
	case HPA:
		return read_expr(r, value, key, EXPR_HPA, a);
	case VALUE:
		return read_expr(r, value, key, EXPR_ANY, a);
	case COUNT_OF:
		return load_limited(r, value, key, MAX_COUNT, a);
	case BYTE:
		return load_limited(r, value, key, 255, a);
	case TYPE:
		return load_limited(r, value, key, 3, a);
	case NUMBER:
		return load_limited(r, value, key, UINT64_MAX, a);
	case FIELD:
		/* A number may have any 64 bits: bits 63:15 are checked by the instruction. */
		if (!read_number_quietly(value, &a->a)) {
			if (read_field(r, value, &field))
				return -1;
			a->a = field;
		}
		return 0;
	case CR3:
		s->current_cr3 = json_is_integer(value) && json_integer_value(value) == 1;
		return s->current_cr3 ? 0 : load_limited(r, value, key, UINT64_MAX, a);
	default:
		if (json_is_integer(value) && json_integer_value(value) == 1)
			return 0;
		return vector_error(r->v, json_is_boolean(value) ? s->at : value,
				    "%s: expected 1, the step has no operand", key);
	}
}

static const struct step_form *find_form(const json_t *object)
{
	for (const struct step_form *f = step_forms; f < step_forms + COUNT(step_forms); f++)
		if (json_object_get(object, f->key) &&
		    (!f->variant || json_object_get(object, f->variant)))
			return f;
	return NULL;
}

static int check_step_keys(struct reader *r, const json_t *object, const struct step_form *f)
{
	const char *keys[COUNT(f->more) + 3];
	unsigned n = 0;

	keys[n++] = f->key;
	for (const struct operand_form *o = f->more; o < f->more + COUNT(f->more) && o->key; o++)
		keys[n++] = o->key;
	if (f->sizes)
		keys[n++] = "size";
	keys[n] = NULL;
	return check_keys(r, object, f->key, keys);
}

static int check_value_size(struct reader *r, const struct vstep *s, const struct addr *value)
{
	if (s->size && s->size < 8 && value->kind == ADDR_NUMBER && value->a >> (8 * s->size))
		return vector_error(r->v, value->at, "value %" PRIX64 "H does not fit in %u bytes",
				    value->a, s->size);
	return 0;
}

static int load_more(struct reader *r, const json_t *object, const struct operand_form *o,
		     struct vstep *s)
{
	struct addr *slot = step_slot(s, o->slot);
	const json_t *value = json_object_get(object, o->key);

	if (!value && !o->optional)
		return vector_error(r->v, object, "expected the key \"%s\"", o->key);
	if (!value) {
		slot->a = o->absent;
		return 0;
	}
	if (load_operand(r, value, o->key, o->kind, s, slot))
		return -1;
	return o->kind == VALUE ? check_value_size(r, s, slot) : 0;
}

static int load_step(struct reader *r, const json_t *object, unsigned handler, struct vstep *s)
{
	const struct step_form *f;
	const json_t *size;

	s->at = object;
	s->handler = handler;
	if (need_object(r, object, "a step", NULL))
		return -1;
	f = find_form(object);
	if (!f)
		return vector_error(r->v, object, "this is no step of docs/vectors.md");
	if (check_step_keys(r, object, f))
		return -1;
	if (handler && f->op > VI_GUEST_LAST)
		return vector_error(r->v, object, "%s is a host step, a handler has guest steps",
				    f->key);
	s->op = f->op;
	s->size = f->size;
	s->invept_eptp = f->op == VI_H_INVEPT;
	size = json_object_get(object, "size");
	if (size && read_size(r, size, f->sizes, &s->size))
		return -1;
	if (load_operand(r, json_object_get(object, f->key), f->key, f->kind, s,
			 step_slot(s, f->slot)))
		return -1;
	for (const struct operand_form *o = f->more; o < f->more + COUNT(f->more) && o->key; o++)
		if (load_more(r, object, o, s))
			return -1;
	return 0;
}

static size_t count_steps(const json_t *steps, const json_t *handlers)
{
	size_t n = json_array_size(steps);
	const char *key;
	json_t *list;

	json_object_foreach((json_t *)handlers, key, list)
		n += json_array_size(list);
	return n;
}

static int load_list(struct reader *r, const json_t *list, unsigned handler)
{
	struct vector *v = r->v;
	json_t *item;
	size_t i;

	json_array_foreach(list, i, item)
		if (load_step(r, item, handler, &v->steps[v->n_steps++]))
			return -1;
	return 0;
}

int load_steps(struct reader *r, const json_t *steps, const json_t *handlers)
{
	struct vector *v = r->v;
	const char *key;
	uint64_t number;
	json_t *list;

	if (need_array(r, steps, "steps", v->at) ||
	    (handlers && need_object(r, handlers, "handlers", NULL)))
		return -1;
	v->steps = arena_array(&r->set->arena, count_steps(steps, handlers), struct vstep);
	if (load_list(r, steps, 0))
		return -1;
	json_object_foreach((json_t *)handlers, key, list) {
		if (key_number(r, key, list, 255, &number) ||
		    need_array(r, list, "a handler", NULL))
			return -1;
		/* A handler without steps still handles: faults restart. */
		if (!json_array_size(list))
			return vector_error(r->v, list, "handler %s: expected steps", key);
		if (load_list(r, list, (unsigned)number + 1))
			return -1;
	}
	return 0;
}
