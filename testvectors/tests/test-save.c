/* SPDX-License-Identifier: BSD-2-Clause */
/* What is written is read as the same vector: all vectors of the project, written and read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "load.h"
#include "one_vector.h"
#include "save.h"

#define PATH "test-save.json"

static void assert_same_check(const struct compiled *a, const struct compiled *b, const char *id)
{
	if (a->n_words != b->n_words || a->n_fields != b->n_fields)
		fail_msg("%s: other expectations", id);
	for (unsigned i = 0; i < a->n_words; i++)
		if (a->words[i].hpa != b->words[i].hpa || a->words[i].value != b->words[i].value)
			fail_msg("%s: word %u", id, i);
	for (unsigned i = 0; i < a->n_fields; i++)
		if (a->fields[i].field != b->fields[i].field ||
		    a->fields[i].value != b->fields[i].value)
			fail_msg("%s: field %u", id, i);
	assert_memory_equal(&a->guest_log, &b->guest_log, sizeof(a->guest_log));
	assert_memory_equal(&a->pml_log, &b->pml_log, sizeof(a->pml_log));
}

static void assert_same_events(const struct vexpect *a, const struct vexpect *b, const char *id)
{
	if (a->n_exits != b->n_exits || a->n_events != b->n_events ||
	    a->n_results != b->n_results || a->entry != b->entry)
		fail_msg("%s: other events", id);
	for (unsigned i = 0; i < a->n_exits; i++)
		if (a->exits[i].reason != b->exits[i].reason ||
		    a->exits[i].has != b->exits[i].has ||
		    a->exits[i].qualification.a != b->exits[i].qualification.a)
			fail_msg("%s: VM exit %u", id, i);
	for (unsigned i = 0; i < a->n_events; i++)
		if (a->events[i].vector != b->events[i].vector ||
		    a->events[i].has != b->events[i].has)
			fail_msg("%s: event %u", id, i);
	for (unsigned i = 0; i < a->n_results; i++)
		if (a->results[i].value.a != b->results[i].value.a ||
		    a->results[i].has != b->results[i].has)
			fail_msg("%s: result %u", id, i);
}

static void assert_round_trip(const struct vector *v)
{
	struct vector_set set = { .n = 0 };
	char text[200];

	assert_int_equal(vector_save(v, PATH, text, sizeof(text)), 0);
	assert_int_equal(vectors_load(&set, PATH), 0);
	assert_int_equal(set.n, 1);
	if (set.vectors[0]->compiled->record->size != v->compiled->record->size ||
	    memcmp(set.vectors[0]->compiled->record, v->compiled->record,
		   v->compiled->record->size))
		fail_msg("%s: another record", v->id);
	assert_same_check(v->compiled, set.vectors[0]->compiled, v->id);
	assert_same_events(&v->expect, &set.vectors[0]->expect, v->id);
	assert_string_equal(set.vectors[0]->title, v->title);
	assert_int_equal(set.vectors[0]->properties, v->properties);
	assert_int_equal(set.vectors[0]->stock_defect, v->stock_defect);
	vectors_free(&set);
}

static void all_vectors(void **state)
{
	const char *source = getenv("abs_srcdir");
	struct vector_set set = { .n = 0 };
	char path[4096];

	(void)state;
	snprintf(path, sizeof(path), "%s/testvectors/vectors", source ? source : ".");
	assert_int_equal(vectors_load_dir(&set, path), 0);
	assert_true(set.n > 100);
	for (unsigned i = 0; i < set.n; i++)
		assert_round_trip(set.vectors[i]);
	vectors_free(&set);
	remove(PATH);
}

/* All forms of a page's sub-page permissions. */
static void sub_pages(void **state)
{
	struct vector_set set = { .n = 0 };

	(void)state;
	assert_round_trip(one_vector(
		&set, "{'controls': ['spp'], 'pages': ["
		      "{'gva': '0x400000', 'spp': '0xf000000f'},"
		      "{'gva': '0x401000', 'spp': 0, 'ept': 'rw'},"
		      "{'gva': '0x402000', 'ept': 'rxs'},"
		      "{'gva': '0x600000', 'spp': {'writable': 3, 'raw_set': 8, 'raw_clear': 1,"
		      " 'upper': [{'level': 2, 'raw_clear': 1}]}}]}",
		"[{'poke': 'sppte(0x400000)', 'value': 'spp(0xf0)'}]", "{}"));
	vectors_free(&set);
	remove(PATH);
}

static void a_file_that_cannot_be_written(void **state)
{
	struct vector v = { .id = "a/b", .title = "x", .param_text = "" };
	char text[200] = "";

	(void)state;
	epml_params_profile(&v.params, "hardened");
	v.profile = PROFILE_HARDENED;
	assert_int_equal(vector_save(&v, "/nonexistent/x.json", text, sizeof(text)), -1);
	assert_non_null(strstr(text, "/nonexistent/x.json: "));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_vectors),
		cmocka_unit_test(sub_pages),
		cmocka_unit_test(a_file_that_cannot_be_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
