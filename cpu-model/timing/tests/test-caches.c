/* SPDX-License-Identifier: BSD-2-Clause */
/* Caches and branches against traces worked out by hand. */
#include "fixture.h"

#define LINE(n) ((uint64_t)(n) * TIMING_LINE)

/* As a test reads: where was this line found? 1000 = L1, 100 = L2, 10 = LLC, 1 = memory. */
static unsigned read_line(struct fixture *f, unsigned line)
{
	timing_data(&f->t, LINE(line), LINE(line), 8, TIMING_DATA_READ);
	return levels(f, TIMING_READ_L1);
}

/* Lines 0, 2 and 4 share the first of two sets of two lines. */
static void test_lru_of_one_set(void **state)
{
	struct fixture *f = *state;

	fixture_begin(f);
	assert_int_equal(read_line(f, 0), 1);
	assert_int_equal(read_line(f, 2), 1);
	assert_int_equal(read_line(f, 0), 1000);	/* now 2 is the older one */
	assert_int_equal(read_line(f, 4), 1);		/* replaces 2 */
	assert_int_equal(read_line(f, 0), 1000);
	assert_int_equal(read_line(f, 2), 100);		/* L2 set 2 has it still; replaces 4 */
	assert_int_equal(read_line(f, 1), 1);		/* the other set */
	assert_int_equal(read_line(f, 0), 1000);
	fixture_end(f);
}

/* A hit in the middle of a set keeps all others. */
static void test_lru_of_four_ways(void **state)
{
	struct fixture *f = *state;

	f->processor.geometry[TIMING_L1D] = (struct timing_geometry){ 4, 4 };
	fixture_begin(f);
	for (unsigned line = 0; line < 4; line++)
		assert_int_equal(read_line(f, line), 1);
	assert_int_equal(read_line(f, 2), 1000);	/* now 2 3 1 0 */
	assert_int_equal(read_line(f, 0), 1000);	/* 0 2 3 1 */
	assert_int_equal(read_line(f, 9), 1);		/* 9 0 2 3 */
	assert_int_equal(read_line(f, 3), 1000);	/* 3 9 0 2 */
	assert_int_equal(read_line(f, 1) / 1000, 0);	/* 1 3 9 0 */
	assert_int_equal(read_line(f, 2) / 1000, 0);
	fixture_end(f);
}

/* The second-level cache has two lines in a set: 0, 4, 8 collide; the last level keeps all. */
static void test_levels_replace_on_their_own(void **state)
{
	struct fixture *f = *state;

	fixture_begin(f);
	assert_int_equal(read_line(f, 0), 1);
	assert_int_equal(read_line(f, 4), 1);
	assert_int_equal(read_line(f, 8), 1);		/* 0 leaves L1 and L2 */
	assert_int_equal(read_line(f, 0), 10);
	for (unsigned line = 100; line < 116; line++)	/* 16 others empty the last level */
		assert_int_equal(read_line(f, line), 1);
	assert_int_equal(read_line(f, 0), 1);
	fixture_end(f);
}

static void test_code_and_data_meet_in_the_second_level(void **state)
{
	struct fixture *f = *state;

	fixture_begin(f);
	timing_fetch(&f->t, LINE(3), LINE(3));
	assert_int_equal(levels(f, TIMING_FETCH_L1), 1);
	assert_int_equal(read_line(f, 3), 100);
	timing_fetch(&f->t, LINE(3) + 5, LINE(3) + 5);	/* same line: not counted again */
	assert_int_equal(levels(f, TIMING_FETCH_L1), 0);
	timing_fetch(&f->t, LINE(4), LINE(4));
	assert_int_equal(levels(f, TIMING_FETCH_L1), 1);
	timing_fetch(&f->t, LINE(3), LINE(3));
	assert_int_equal(levels(f, TIMING_FETCH_L1), 1000);
	fixture_end(f);
}

static unsigned fetch_line(struct fixture *f, unsigned line)
{
	timing_fetch(&f->t, LINE(line), LINE(line));
	return levels(f, TIMING_FETCH_L1);
}

/* A loop across two lines: each fetch is counted, whether or not the two are in one set. */
static void test_fetches_in_turn(void **state)
{
	struct fixture *f = *state;

	for (unsigned ways = 2; ways <= 128; ways += 126) {
		f->processor.geometry[TIMING_L1I] = (struct timing_geometry){ 128, ways };
		fixture_begin(f);
		assert_int_equal(fetch_line(f, 0), 1);
		assert_int_equal(fetch_line(f, 1), 1);
		for (unsigned i = 0; i < 10; i++)
			assert_int_equal(fetch_line(f, i % 2), 1000);
		assert_int_equal(fetch_line(f, 2), 1);
		assert_int_equal(fetch_line(f, 0), 1000);
		fixture_end(f);
	}
}

/* Lines 0 and 1 in one set of two: what the loop used last stays, the other one is replaced. */
static void test_fetches_in_turn_in_one_set(void **state)
{
	struct fixture *f = *state;

	f->processor.geometry[TIMING_L1I] = (struct timing_geometry){ 2, 2 };
	fixture_begin(f);
	for (unsigned i = 0; i < 5; i++)
		fetch_line(f, i % 2);
	assert_int_equal(fetch_line(f, 9), 1);		/* replaces 1 */
	assert_int_equal(fetch_line(f, 0), 1000);
	assert_int_equal(fetch_line(f, 1), 100);
	fixture_end(f);
}

static void test_access_across_lines(void **state)
{
	struct fixture *f = *state;

	fixture_begin(f);
	timing_data(&f->t, LINE(1) - 4, LINE(1) - 4, 8, TIMING_DATA_WRITE);
	assert_int_equal(levels(f, TIMING_WRITE_L1), 2);
	assert_int_equal(read_line(f, 0), 1000);
	assert_int_equal(read_line(f, 1), 1000);
	/* Within the line again, then across its end. */
	timing_data(&f->t, LINE(2) - 8, LINE(2) - 8, 8, TIMING_DATA_READ);
	assert_int_equal(levels(f, TIMING_READ_L1), 1000);
	timing_data(&f->t, LINE(2) - 4, LINE(2) - 4, 8, TIMING_DATA_READ);
	assert_int_equal(levels(f, TIMING_READ_L1), 1001);
	fixture_end(f);
}

/* The way past the look-up for a repeated line must not change what is counted. */
static void test_top_of_the_address_space(void **state)
{
	struct fixture *f = *state;

	fixture_begin(f);
	timing_data(&f->t, UINT64_MAX - 7, 0x1000, 8, TIMING_DATA_READ);
	timing_fetch(&f->t, UINT64_MAX - 7, 0x2000);
	assert_int_equal(levels(f, TIMING_READ_L1), 1);
	assert_int_equal(levels(f, TIMING_FETCH_L1), 1);
	fixture_end(f);
}

static void test_logs_go_through_the_data_caches(void **state)
{
	struct fixture *f = *state;

	fixture_begin(f);
	timing_pml_write(&f->t, LINE(5));
	timing_pml_write(&f->t, LINE(5) - 8);
	timing_gpml_write(&f->t, false, 0, LINE(5));
	assert_int_equal(charged(f, TIMING_PML_ENTRY), 2);
	assert_int_equal(levels(f, TIMING_PML_L1), 2);
	assert_int_equal(charged(f, TIMING_GPML_AT_VMWRITE), 1);
	assert_int_equal(levels(f, TIMING_GPML_L1), 1000);
	assert_int_equal(read_line(f, 5), 1000);
	fixture_end(f);
}

/* The last line is not known to hit any longer when others have replaced it meanwhile. */
static void test_replaced_behind_the_back(void **state)
{
	struct fixture *f = *state;

	fixture_begin(f);
	assert_int_equal(read_line(f, 0), 1);
	assert_int_equal(read_line(f, 0), 1000);
	timing_pml_write(&f->t, LINE(2));
	timing_pml_write(&f->t, LINE(6));
	assert_int_equal(read_line(f, 0), 100);
	fixture_end(f);
}

/* ---- Branches ---------------------------------------------------------------------------- */

static unsigned missed(struct fixture *f, enum timing_branch kind, uint64_t rip, uint64_t target,
		       bool taken)
{
	timing_branch(&f->t, kind, rip, target, rip + 5, taken);
	return (unsigned)charged(f, TIMING_BRANCH_MISPREDICTED);
}

/* Without history, a counter that begins at "weakly taken" needs two to change its mind. */
static void test_two_bit_counter(void **state)
{
	struct fixture *f = *state;

	f->processor.geometry[TIMING_PREDICTOR].entries = 1;
	fixture_begin(f);
	assert_int_equal(missed(f, TIMING_CONDITIONAL, 0x100, 0x80, true), 0);	/* to 3 */
	assert_int_equal(missed(f, TIMING_CONDITIONAL, 0x100, 0x80, false), 1);	/* to 2 */
	assert_int_equal(missed(f, TIMING_CONDITIONAL, 0x100, 0x80, false), 1);	/* to 1 */
	assert_int_equal(missed(f, TIMING_CONDITIONAL, 0x100, 0x80, false), 0);
	assert_int_equal(missed(f, TIMING_CONDITIONAL, 0x100, 0x80, true), 1);
	assert_int_equal(charged(f, TIMING_BRANCH), 5);
	assert_int_equal(f->t.insns, 5);
	fixture_end(f);
}

/* With history, a pattern is learnt: after some turns no branch of it is missed. */
static void test_history(void **state)
{
	struct fixture *f = *state;
	unsigned late = 0;

	f->processor.geometry[TIMING_PREDICTOR].entries = 4096;
	fixture_begin(f);
	for (unsigned i = 0; i < 400; i++) {
		const unsigned miss = missed(f, TIMING_CONDITIONAL, 0x100, 0x80, i % 4 != 3);

		late += i >= 200 ? miss : 0;
	}
	assert_int_equal(late, 0);
	fixture_end(f);
}

static void test_targets(void **state)
{
	struct fixture *f = *state;

	fixture_begin(f);
	assert_int_equal(missed(f, TIMING_INDIRECT, 0x100, 0x80, true), 1);
	assert_int_equal(missed(f, TIMING_INDIRECT, 0x100, 0x80, true), 0);
	assert_int_equal(missed(f, TIMING_INDIRECT, 0x100, 0x90, true), 1);
	assert_int_equal(missed(f, TIMING_JUMP, 0x100, 0x5000, true), 0);
	fixture_end(f);
}

/* The stack has two entries: of three calls, the return of the outermost is not foreseen. */
static void test_returns(void **state)
{
	struct fixture *f = *state;

	fixture_begin(f);
	assert_int_equal(missed(f, TIMING_CALL, 0x100, 0x1000, true), 0);
	assert_int_equal(missed(f, TIMING_CALL, 0x1000, 0x2000, true), 0);
	assert_int_equal(missed(f, TIMING_CALL, 0x2000, 0x3000, true), 0);
	assert_int_equal(missed(f, TIMING_RETURN, 0x3000, 0x2005, true), 0);
	assert_int_equal(missed(f, TIMING_RETURN, 0x2010, 0x1005, true), 0);
	assert_int_equal(missed(f, TIMING_RETURN, 0x1010, 0x105, true), 1);
	fixture_end(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_lru_of_one_set, test_setup),
		cmocka_unit_test_setup(test_lru_of_four_ways, test_setup),
		cmocka_unit_test_setup(test_levels_replace_on_their_own, test_setup),
		cmocka_unit_test_setup(test_code_and_data_meet_in_the_second_level, test_setup),
		cmocka_unit_test_setup(test_fetches_in_turn, test_setup),
		cmocka_unit_test_setup(test_fetches_in_turn_in_one_set, test_setup),
		cmocka_unit_test_setup(test_access_across_lines, test_setup),
		cmocka_unit_test_setup(test_top_of_the_address_space, test_setup),
		cmocka_unit_test_setup(test_logs_go_through_the_data_caches, test_setup),
		cmocka_unit_test_setup(test_replaced_behind_the_back, test_setup),
		cmocka_unit_test_setup(test_two_bit_counter, test_setup),
		cmocka_unit_test_setup(test_history, test_setup),
		cmocka_unit_test_setup(test_targets, test_setup),
		cmocka_unit_test_setup(test_returns, test_setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
