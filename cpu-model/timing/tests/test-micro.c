/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a micro-operation costs, out of counters that are made up; the published figures and the
 * costs that they calibrate. The runs themselves are tested by micro.sh.
 */
#include "fixture.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "costs_load.h"
#include "micro.h"
#include "micro_ops.h"

static void close_to(double value, double expected)
{
	if (fabs(value - expected) > 1e-6)
		fail_msg("%.6f, but %.6f was expected", value, expected);
}

static double price(enum timing_cost cost)
{
	return (double)cost + 1;
}

/* ---- Rows ----------------------------------------------------------------------------------- */

static void test_rows(void **state)
{
	const struct micro_row *row;
	unsigned i;

	(void)state;
	for (i = 0; (row = micro_row(i)); i++) {
		assert_ptr_equal(micro_row_find(row->name), row);
		assert_in_range(row->phase, 1, MICRO_END - 1);
		assert_true(row->run <= MICRO_ANY_RUN);
	}
	assert_true(i > MICRO_OPS_END / 2);
	assert_null(micro_row_find("no-such-operation"));
	/* An OUT names a phase with one byte. */
	assert_true(MICRO_END <= TIMING_PHASES);
}

/* ---- Cycles --------------------------------------------------------------------------------- */

/* Two processors; the baseline of PML is STORE_CLEAN, with as many operations. */
static void test_measure(void **state)
{
	static struct timing_result_phase phase[3] = {
		{ .id = MICRO_STORE_CLEAN }, { .id = MICRO_PML }, { .id = MICRO_PML }
	};
	struct timing_result_cpu cpu[2] = {
		{ .id = 0, .n_phases = 2, .phases = phase },
		{ .id = 1, .n_phases = 1, .phases = phase + 2 },
	};
	struct fixture *f = *state;
	struct timing_result r = { .processor = f->processor, .n_cpus = 2, .cpus = cpu };
	const struct micro_row *row = micro_row_find("pml-entry");
	struct micro_cycles c;
	const double store = price(TIMING_INSN_STORE), entry = price(TIMING_PML_ENTRY);

	phase[0].count[TIMING_INSN_STORE] = 3 * MICRO_PAGES;
	phase[1].count[TIMING_INSN_STORE] = 2 * MICRO_PAGES;
	phase[1].count[TIMING_PML_ENTRY] = MICRO_PAGES / 2;
	phase[2].count[TIMING_PML_ENTRY] = MICRO_PAGES / 2;
	assert_true(micro_measure(&c, row, &r));
	/* The fixture's low price is one half of the likely one, the high one twice. */
	close_to(c.bound[TIMING_LIKELY], entry - store);
	close_to(c.bound[TIMING_LOW], entry / 2 - 2 * store);
	close_to(c.bound[TIMING_HIGH], 2 * entry - store / 2);

	/* What both have drops out, with its uncertainty. */
	phase[1].count[TIMING_INSN_STORE] = 3 * MICRO_PAGES;
	assert_true(micro_measure(&c, row, &r));
	close_to(c.bound[TIMING_LOW], entry / 2);
	close_to(c.bound[TIMING_HIGH], 2 * entry);

	phase[0].id = 0;
	assert_false(micro_measure(&c, row, &r));
}

/* INVLPG has another number of operations than its baseline. */
static void test_measure_counts(void **state)
{
	static struct timing_result_phase phase[2] = {
		{ .id = MICRO_LOOP }, { .id = MICRO_INVLPG }
	};
	struct timing_result_cpu cpu = { .n_phases = 2, .phases = phase };
	struct fixture *f = *state;
	struct timing_result r = { .processor = f->processor, .n_cpus = 1, .cpus = &cpu };
	struct micro_cycles c;

	phase[0].count[TIMING_INSN_SIMPLE] = MICRO_REPEATS;
	phase[1].count[TIMING_INSN_SIMPLE] = MICRO_PAGES;
	phase[1].count[TIMING_INVLPG] = MICRO_PAGES;
	assert_true(micro_measure(&c, micro_row_find("invlpg-native"), &r));
	close_to(c.bound[TIMING_LIKELY], price(TIMING_INVLPG));
}

/* ---- The tracker ---------------------------------------------------------------------------- */

static void test_technique(void **state)
{
	static struct timing_result_phase phase[4] = {
		{ .id = MICRO_ALONE }, { .id = MICRO_EPML_TRACKED }, { .id = MICRO_SPML_RING },
		{ .id = MICRO_LOOP }
	};
	struct timing_result_cpu cpu = { .n_phases = 4, .phases = phase };
	struct fixture *f = *state;
	struct timing_result r = { .processor = f->processor, .n_cpus = 1, .cpus = &cpu }, part;

	for (unsigned i = 0; i < 4; i++)
		phase[i].count[TIMING_INSN_SIMPLE] = i + 1;
	assert_int_equal(micro_technique(&part, TIMING_EPML, &r), 0);
	assert_int_equal(part.cpus[0].n_phases, 2);
	assert_string_equal(part.cpus[0].phases[0].name, "alone");
	assert_string_equal(part.cpus[0].phases[1].name, "tracked");
	assert_int_equal(part.cpus[0].phases[1].count[TIMING_INSN_SIMPLE], 2);
	timing_result_free(&part);
	assert_int_equal(micro_technique(&part, TIMING_SPML, &r), 0);
	assert_string_equal(part.cpus[0].phases[1].name, "ring-copy");
	timing_result_free(&part);
}

/* ---- Published figures ----------------------------------------------------------------------- */

static void test_error(void **state)
{
	const struct micro_figure f = { .low = 100, .high = 400 };

	(void)state;
	close_to(micro_error(&f, 100), 0);
	close_to(micro_error(&f, 400), 0);
	close_to(micro_error(&f, 50), -50);
	close_to(micro_error(&f, 600), 50);
}

/* Costs that are calibrated, and costs that a figure says are, are the same. */
static void test_calibrated(void **state)
{
	static struct micro_published p;
	static struct timing_processor processor;
	unsigned named[TIMING_N_COSTS] = { 0 }, calibrated = 0;

	(void)state;
	assert_int_equal(micro_published_load(&p, PUBLISHED), 0);
	assert_int_equal(timing_costs_load(&processor, COSTS_DIR "/i7-8565u.json"), 0);
	for (unsigned i = 0; i < p.n; i++) {
		bool any = false;

		for (unsigned cost = 0; cost < TIMING_N_COSTS; cost++) {
			named[cost] += p.figure[i].calibrates[cost];
			any |= p.figure[i].calibrates[cost];
		}
		assert_int_equal(micro_calibrated(&p.figure[i], &processor), any);
		calibrated += any;
	}
	for (unsigned cost = 0; cost < TIMING_N_COSTS; cost++)
		assert_int_equal(named[cost],
				 processor.price[cost].status == TIMING_CALIBRATED);
	assert_true(calibrated > 0 && calibrated < p.n);
	/* With another processor's costs the same figure is predicted. */
	assert_int_equal(timing_costs_load(&processor, COSTS_DIR "/xeon-8480.json"), 0);
	for (unsigned i = 0; i < p.n; i++)
		assert_false(micro_calibrated(&p.figure[i], &processor));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test_setup(test_measure, test_setup),
		cmocka_unit_test_setup(test_measure_counts, test_setup),
		cmocka_unit_test_setup(test_technique, test_setup),
		cmocka_unit_test(test_error),
		cmocka_unit_test(test_calibrated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
