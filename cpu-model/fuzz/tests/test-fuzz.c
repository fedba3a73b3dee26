/* SPDX-License-Identifier: BSD-2-Clause */
/* Parts of epml fuzz: the generator, the comparison of runs, and what defects explain. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "epml-spec.h"
#include "generate.h"
#include "load.h"
#include "save.h"
#include "trial.h"

#define PATH	"test-fuzz.json"

static void generate(struct fuzz_case *c, uint64_t number, bool sdm)
{
	struct epml_params params;

	epml_params_profile(&params, profile_names[number % 2]);
	case_init(c, number % 2, &params, "", sdm);
	fuzz_generate(c, 7, number);
}

/* ---- The generator ------------------------------------------------------------------------ */

static bool same_record(const struct vi_vector *a, const struct vi_vector *b)
{
	return a->size == b->size && !memcmp(a, b, a->size);
}

static void a_seed_gives_the_same_vectors(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 50; i++) {
		struct fuzz_program p, q;
		struct fuzz_case c, d;

		generate(&c, i, false);
		generate(&d, i, false);
		assert_true(program_make(&p, &c, true) && program_make(&q, &d, true));
		assert_true(same_record(p.compiled.record, q.compiled.record));
		program_free(&p);
		program_free(&q);
		case_free(&c);
		case_free(&d);
	}
}

/* A vector file has the same vector: the same record. */
static void vectors_can_be_written(void **state)
{
	static const char *rules[] = { "GPML-LOG-1" };
	char text[200];

	(void)state;
	for (unsigned i = 0; i < 200; i++) {
		struct vector_set set = { .n = 0 };
		struct fuzz_program p;
		struct fuzz_case c;

		generate(&c, i, i % 3 == 0);
		c.v.rules = rules;
		c.v.n_rules = 1;
		assert_true(program_make(&p, &c, false));
		assert_int_equal(vector_save(&c.v, PATH, text, sizeof(text)), 0);
		assert_int_equal(vectors_load(&set, PATH), 0);
		/* The loader asks for the logs' words and indices too: compare without them. */
		assert_int_equal(set.vectors[0]->compiled->record->n_pokes,
				 p.compiled.record->n_pokes);
		assert_int_equal(set.vectors[0]->compiled->record->n_steps,
				 p.compiled.record->n_steps);
		assert_memory_equal(set.vectors[0]->compiled->record + 1, p.compiled.record + 1,
				    p.compiled.record->n_pages * 8 +
				    p.compiled.record->n_pokes * sizeof(struct vi_poke) +
				    p.compiled.record->n_fields * sizeof(struct vi_field) +
				    p.compiled.record->n_steps * sizeof(struct vi_step));
		vectors_free(&set);
		program_free(&p);
		case_free(&c);
	}
	remove(PATH);
}

static void a_vector_that_contradicts_itself(void **state)
{
	struct fuzz_program p;
	struct fuzz_case c;

	(void)state;
	generate(&c, 1, false);
	c.v.setup.n_pages = 0;
	c.v.n_steps = 1;
	c.v.steps[0] = (struct vstep){ .op = VI_STORE, .size = 8,
				       .a = { .kind = ADDR_PTE, .alias = true, .a = GVA_SMALL } };
	assert_false(program_make(&p, &c, true));
	case_free(&c);
}

/* ---- Comparison --------------------------------------------------------------------------- */

static void add(struct outcome *o, const char *line)
{
	struct report r;

	assert_true(report_parse(line, &r));
	outcome_add(o, &r);
}

struct pair {
	struct outcome model, other;
	struct differences list;
};

static void compare(struct pair *p)
{
	outcome_difference(&p->model, &p->other, &p->list, NULL, NULL);
}

static void release(struct pair *p)
{
	outcome_clear(&p->model);
	outcome_clear(&p->other);
	memset(p, 0, sizeof(*p));
}

static void runs_that_are_the_same(void **state)
{
	struct pair p = { .list.n = 9 };

	(void)state;
	add(&p.model, "x 0 30 182 1000 8000010008 0 0 0 0");
	add(&p.other, "x 0 30 182 1000 8000123450 0 0 0 0");
	add(&p.model, "m 3000000 5");
	add(&p.other, "m 3000000 5");
	add(&p.model, "! halted");
	add(&p.other, "! too many events");
	compare(&p);
	assert_int_equal(p.list.n, 0);
	release(&p);
}

static void the_first_line_that_differs(void **state)
{
	struct pair p = { .list.n = 0 };
	char text[800];

	(void)state;
	add(&p.model, "r 0 5 0");
	add(&p.other, "r 0 5 0");
	add(&p.model, "x 1 30 182 200000 400000 0 0 0 0");
	add(&p.other, "e 1 e 6 400000");
	add(&p.model, "m 3000000 5");
	compare(&p);
	assert_int_equal(p.list.n, 1);
	assert_int_equal(p.list.d[0].model_line, 1);
	difference_text(&p.list.d[0], "bochs", text, sizeof(text));
	assert_non_null(strstr(text, "model: VM exit 48 (EPT_VIOLATION) in step 1"));
	assert_non_null(strstr(text, "bochs: event 14 in step 1"));
	assert_true(difference_alike(&p.list.d[0], &p.list.d[0]));
	release(&p);
	add(&p.model, "r 0 5 0");
	compare(&p);
	assert_int_equal(p.list.n, 1);
	assert_null(p.list.d[0].other);
	release(&p);
}

static void each_word_and_field_that_differs(void **state)
{
	struct pair p = { .list.n = 0 };

	(void)state;
	add(&p.model, "f 812 1ff");
	add(&p.other, "f 812 1fe");
	add(&p.model, "m 3000000 5");
	add(&p.model, "m 3000008 6");
	add(&p.other, "m 3000008 6");
	add(&p.other, "m 3000010 7");
	compare(&p);
	assert_int_equal(p.list.n, 3);
	assert_int_equal(p.list.d[0].kind, 'f');
	assert_int_equal(p.list.d[1].key, 0x3000000);
	assert_int_equal(p.list.d[1].other_value, 0);
	assert_int_equal(p.list.d[2].key, 0x3000010);
	assert_int_equal(p.list.d[2].model_value, 0);
	release(&p);
}

/* ---- Defects ------------------------------------------------------------------------------ */

struct bed {
	struct trial t;
	struct line_facts facts[8];
	struct pair p;
};

static unsigned explained(struct bed *b)
{
	b->t.model = b->p.model;
	b->t.facts = b->facts;
	compare(&b->p);
	assert_int_equal(b->p.list.n, 1);
	return defect_of(&b->t, &b->p.list.d[0], &b->p.other);
}

static void expect_defect(unsigned expected, unsigned controls, uint64_t eptp, const char *model,
			  const char *stock)
{
	struct bed b = { .p.list.n = 0 };

	b.t.p.v.setup.controls = controls;
	b.t.p.v.setup.eptp = eptp;
	b.facts[0].pml_index = 0xFFFF;
	add(&b.p.model, model);
	add(&b.p.other, stock);
	assert_int_equal(explained(&b), expected);
	release(&b.p);
}

static void defects_have_conditions(void **state)
{
	(void)state;
	expect_defect(4, CTL_PML, 0x5E, "r 0 1 0", "x 0 3e 0 0 0 0 0 0 0");
	expect_defect(0, 0, 0x5E, "r 0 1 0", "x 0 3e 0 0 0 0 0 0 0");
	expect_defect(5, CTL_PML, 0x5E, "m 1100ff8 200000", "m 1100ff8 200128");
	expect_defect(0, CTL_PML, 0x5E, "m 1100ff8 200000", "m 1100ff8 201000");
	expect_defect(13, 0, 0x1E, "x 0 30 8b 200000 400000 0 0 0 0", "r 0 1 0");
	expect_defect(0, 0, 0x5E, "x 0 30 8b 200000 400000 0 0 0 0", "r 0 1 0");
	expect_defect(0, 0, 0x1E, "x 0 30 18b 200000 400000 0 0 0 0", "r 0 1 0");
	expect_defect(15, 0, 0x5E, "x 0 30 ab 100000 400000 0 0 0 0",
		      "x 0 30 aa 100000 400000 0 0 0 0");
	expect_defect(0, 0, 0x5E, "x 0 30 ab 100000 400000 0 0 0 0",
		      "x 0 30 a8 100000 400000 0 0 0 0");
	expect_defect(0, 0, 0x5E, "m 2103000 7", "m 2103000 27");
	expect_defect(18, 0, 0x5E, "m 1104020 1", "m 1104020 0");
	expect_defect(19, 0, 0xDE, "n 7", "r 0 1 0");
	expect_defect(0, 0, 0x5E, "n 7", "r 0 1 0");
}

/* Between two lines the model has had these writes granted, denied and refused above the leaf. */
static unsigned explained_writes(unsigned controls, unsigned granted, unsigned denied,
				 unsigned refused_above, const char *model, const char *stock)
{
	struct bed b = { .p.list.n = 0 };
	unsigned defect;

	b.t.p.v.setup.controls = controls;
	b.t.p.v.setup.eptp = 0x5E;
	b.facts[0] = (struct line_facts){ .granted = 5, .denied = 5, .refused_above = 5 };
	b.facts[1] = (struct line_facts){
		.granted = 5 + granted, .denied = 5 + denied,
		.refused_above = 5 + refused_above };
	add(&b.p.model, "r 0 1 0");
	add(&b.p.other, "r 0 1 0");
	add(&b.p.model, model);
	add(&b.p.other, stock);
	defect = explained(&b);
	release(&b.p);
	return defect;
}

static void defects_of_sub_pages(void **state)
{
	static const char result[] = "r 2 1 0";
	static const char violation[] = "x 1 30 1aa 200000 400000 0 0 0 0";
	static const char exception[] = "e 1 14 0 0";
	static const char spp[] = "x 1 42 0 200000 400000 0 0 0 0";
	static const char miss[] = "x 1 42 800 200000 400000 0 0 0 0";

	(void)state;
	assert_int_equal(explained_writes(CTL_SPP, 0, 1, 0, violation, result), 1);
	assert_int_equal(explained_writes(CTL_SPP, 0, 0, 0, violation, result), 0);
	assert_int_equal(explained_writes(CTL_SPP, 1, 0, 0, result, violation), 1);
	assert_int_equal(explained_writes(CTL_SPP, 0, 0, 0, result, violation), 0);
	assert_int_equal(explained_writes(CTL_SPP, 1, 0, 0, result, "x 1 12 0 0 0 0 0 0 0"), 0);
	assert_int_equal(explained_writes(CTL_SPP | CTL_EPT_VE, 1, 0, 0, result, exception), 1);
	assert_int_equal(explained_writes(CTL_SPP, 1, 0, 0, result, exception), 0);
	assert_int_equal(explained_writes(CTL_SPP, 0, 0, 0, spp, result), 3);
	assert_int_equal(explained_writes(CTL_SPP, 0, 0, 0, miss, result), 0);
	assert_int_equal(explained_writes(CTL_SPP, 0, 0, 0, result, spp), 0);
	assert_int_equal(explained_writes(CTL_SPP, 0, 0, 1, violation, miss), 20);
	assert_int_equal(explained_writes(CTL_SPP, 0, 0, 0, violation, miss), 0);
	assert_int_equal(explained_writes(CTL_SPP, 1, 0, 0, "z 0", violation), 1);
	assert_int_equal(explained_writes(CTL_SPP, 0, 0, 0, "z 0", violation), 0);
	assert_false(defect_is_local(1) || defect_is_local(3) || defect_is_local(20));
}

/* The same exception in both, but for another write of the step: what follows differs. */
static void an_exception_for_another_write(void **state)
{
	struct bed b = { .p.list.n = 0 };

	(void)state;
	b.t.p.v.setup.controls = CTL_SPP | CTL_EPT_VE;
	b.facts[1] = (struct line_facts){ .ve_count = 1, .granted = 3 };
	add(&b.p.model, "e 0 14 0 0");
	add(&b.p.other, "e 0 14 0 0");
	add(&b.p.model, "r 1 1fd 0");
	add(&b.p.other, "r 1 1fe 0");
	assert_int_equal(explained(&b), 1);
	b.facts[1].granted = 0;
	assert_int_equal(explained(&b), 0);
	b.facts[1].denied = 1;
	assert_int_equal(explained(&b), 1);
	release(&b.p);
	b.facts[1] = b.facts[0] = (struct line_facts){ .granted = 1 };
	add(&b.p.model, "x 0 2 0 0 0 0 0 0 0");
	add(&b.p.other, "x 0 2 0 0 0 0 0 0 0");
	add(&b.p.model, "m 1004000 2000000002200335");
	add(&b.p.other, "m 1004000 2000000002200035");
	assert_int_equal(explained(&b), 1);
	b.t.p.v.setup.controls = CTL_SPP;
	assert_int_equal(explained(&b), 0);
	release(&b.p);
	b.t.p.v.setup.controls = CTL_SPP | CTL_EPT_VE;
	b.facts[0] = (struct line_facts){ .ve_count = 1, .granted = 1 };
	add(&b.p.model, "f 812 1fe");
	add(&b.p.other, "f 812 1ff");
	assert_int_equal(explained(&b), 1);
	release(&b.p);
}

/* 13 as a virtualization exception that is not delivered, because its own delivery faults. */
static void an_exception_that_is_not_reported(void **state)
{
	struct bed b = { .p.list.n = 0 };

	(void)state;
	b.t.p.v.setup.controls = CTL_EPT_VE;
	b.t.p.v.setup.eptp = 0x1E;
	b.facts[0] = (struct line_facts){ .ve_count = 1, .ve_qualification = 0xAB };
	add(&b.p.model, "x 1 2 0 0 0 0 0 0 0");
	add(&b.p.other, "x 1 30 1aa 203000 403000 0 0 0 0");
	assert_int_equal(explained(&b), 13);
	b.facts[0].ve_count = 0;
	assert_int_equal(explained(&b), 0);
	release(&b.p);
}

static void old_idt_vectoring_information(void **state)
{
	struct bed b = { .p.list.n = 0 };

	(void)state;
	add(&b.p.model, "e 0 40 0 0");
	add(&b.p.other, "e 0 40 0 0");
	add(&b.p.model, "x 1 12 0 0 0 0 0 0 0");
	add(&b.p.other, "x 1 12 0 0 0 0 0 80000040 0");
	assert_int_equal(explained(&b), 9);
	assert_true(defect_is_local(9));
	release(&b.p);
}

static void fields_that_are_undefined(void **state)
{
	struct pair p = { .list.n = 0 };

	(void)state;
	add(&p.model, "x 0 31 0 200000 0 0 0 0 0");
	add(&p.other, "x 0 31 0 200000 400000 0 0 0 0");
	compare(&p);
	assert_true(undefined_fields(&p.list.d[0]));
	release(&p);
	add(&p.model, "x 0 30 182 200000 0 0 0 0 0");
	add(&p.other, "x 0 30 182 200000 400000 0 0 0 0");
	compare(&p);
	assert_false(undefined_fields(&p.list.d[0]));
	release(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_seed_gives_the_same_vectors),
		cmocka_unit_test(vectors_can_be_written),
		cmocka_unit_test(a_vector_that_contradicts_itself),
		cmocka_unit_test(runs_that_are_the_same),
		cmocka_unit_test(the_first_line_that_differs),
		cmocka_unit_test(each_word_and_field_that_differs),
		cmocka_unit_test(defects_have_conditions),
		cmocka_unit_test(defects_of_sub_pages),
		cmocka_unit_test(an_exception_for_another_write),
		cmocka_unit_test(an_exception_that_is_not_reported),
		cmocka_unit_test(old_idt_vectoring_information),
		cmocka_unit_test(fields_that_are_undefined),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
