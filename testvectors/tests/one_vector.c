/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "one_vector.h"

static void put_json(FILE *f, const char *text)
{
	for (; *text; text++)
		putc(*text == '\'' ? '"' : *text, f);
}

struct vector *one_vector(struct vector_set *set, const char *setup, const char *steps,
			  const char *expect)
{
	char path[] = "/tmp/one-vector-XXXXXX";
	FILE *f = fdopen(mkstemp(path), "w");

	assert_non_null(f);
	put_json(f, "{'vectors': [{'id': 'test/one', 'title': 'A test.', 'requires': 'epml', "
		    "'rules': ['GPML-LOG-1'], 'profiles': ['hardened'], 'setup': ");
	put_json(f, setup);
	put_json(f, ", 'steps': ");
	put_json(f, steps);
	put_json(f, ", 'expect': ");
	put_json(f, expect);
	put_json(f, "}]}\n");
	assert_int_equal(fclose(f), 0);
	assert_int_equal(vectors_load(set, path), 0);
	unlink(path);
	assert_int_equal(set->n, 1);
	return set->vectors[0];
}

/* The arrays behind the record's head, in the order of vecimg.h. */
static const uint64_t *pages(const struct vi_vector *r)
{
	return (const uint64_t *)(r + 1);
}

static const struct vi_poke *pokes(const struct vi_vector *r)
{
	return (const struct vi_poke *)(pages(r) + r->n_pages);
}

static const struct vi_field *fields(const struct vi_vector *r)
{
	return (const struct vi_field *)(pokes(r) + r->n_pokes);
}

uint64_t record_word(const struct vector *v, uint64_t hpa)
{
	const struct vi_vector *r = v->compiled->record;

	for (unsigned i = 0; i < r->n_pokes; i++)
		if (pokes(r)[i].hpa == hpa)
			return pokes(r)[i].value;
	return 0;
}

bool record_zeroes(const struct vector *v, uint64_t hpa)
{
	const struct vi_vector *r = v->compiled->record;

	for (unsigned i = 0; i < r->n_pages; i++)
		if (pages(r)[i] == hpa)
			return true;
	return false;
}

uint64_t record_field(const struct vector *v, uint32_t field)
{
	const struct vi_vector *r = v->compiled->record;

	for (unsigned i = r->n_fields; i-- > 0;)
		if (fields(r)[i].field == field)
			return fields(r)[i].value;
	fail_msg("the record has no field %x", field);
	return 0;
}

const struct vi_step *record_steps(const struct vector *v)
{
	const struct vi_vector *r = v->compiled->record;

	return (const struct vi_step *)(fields(r) + r->n_fields);
}
