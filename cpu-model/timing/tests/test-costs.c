/* SPDX-License-Identifier: BSD-2-Clause */
/* Charges, results and the costs files of the tree. */
#define _GNU_SOURCE
#include "fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "costs_load.h"
#include "timing_result.h"

static const char *const files[] = { COSTS_DIR "/i7-8565u.json", COSTS_DIR "/xeon-8480.json" };

/* Charge everything, cost i exactly i + 1 times, in three phases. */
static void charge_all(struct timing *t)
{
	for (unsigned i = 0; i < TIMING_N_COSTS; i++) {
		timing_phase(t, i % 3);
		timing_charge(t, i, i);
		timing_event(t, i, 1);
	}
}

static struct timing_result take(struct fixture *f)
{
	const struct timing *cpu = &f->t;
	struct timing_result r;

	assert_int_equal(timing_result_take(&r, &cpu, 1, NULL), 0);
	return r;
}

/* One cycle more for one cost changes each total by exactly as many cycles as it was charged. */
static void test_each_cost(void **state)
{
	struct fixture *f = *state;
	struct timing_result r;
	struct timing_cycles before, after;

	fixture_begin(f);
	charge_all(&f->t);
	r = take(f);
	before = timing_result_total(&r);
	assert_int_equal(before.milli[TIMING_LIKELY], f->t.clock);
	for (unsigned i = 0; i < TIMING_N_COSTS; i++) {
		for (unsigned bound = 0; bound < TIMING_BOUNDS; bound++) {
			r.processor.price[i].milli[bound] += 1000;
			after = timing_result_total(&r);
			r.processor.price[i].milli[bound] -= 1000;
			assert_int_equal(after.milli[bound] - before.milli[bound], (i + 1) * 1000);
			after.milli[bound] = before.milli[bound];
			assert_memory_equal(&after, &before, sizeof(after));
		}
	}
	timing_result_free(&r);
	fixture_end(f);
}

/* The same by running again: the clock itself follows each price. */
static void test_each_cost_moves_the_clock(void **state)
{
	struct fixture *f = *state;
	uint64_t before;

	fixture_begin(f);
	charge_all(&f->t);
	before = f->t.clock;
	fixture_end(f);
	for (unsigned i = 0; i < TIMING_N_COSTS; i++) {
		f->processor.price[i].milli[TIMING_LIKELY] += 1;
		fixture_begin(f);
		charge_all(&f->t);
		assert_int_equal(f->t.clock - before, i + 1);
		fixture_end(f);
		f->processor.price[i].milli[TIMING_LIKELY] -= 1;
	}
}

/* Causes sum up to the total, phases too, and the clock is that and what was idle. */
static void test_conservation(void **state)
{
	struct fixture *f = *state;
	struct timing_cycles causes = { { 0 } }, phases = { { 0 } }, total;
	struct timing_result r;
	uint64_t count[TIMING_N_COSTS], busy;

	fixture_begin(f);
	charge_all(&f->t);
	busy = f->t.clock;
	timing_idle_until(&f->t, busy / 1000 + 500);
	timing_idle_until(&f->t, 1);		/* time does not go back */
	assert_int_equal(timing_now(&f->t), busy / 1000 + 500);
	r = take(f);
	total = timing_result_total(&r);
	timing_result_sum(&r, NULL, count);
	for (int cause = 0; cause < TIMING_N_CAUSES; cause++)
		timing_cycles_add(&causes, r.processor.price, count, cause);
	assert_int_equal(r.cpus[0].n_phases, 3);
	for (unsigned p = 0; p < 3; p++)
		timing_cycles_add(&phases, r.processor.price, r.cpus[0].phases[p].count,
				  TIMING_ALL_CAUSES);
	assert_memory_equal(&causes, &total, sizeof(total));
	assert_memory_equal(&phases, &total, sizeof(total));
	assert_int_equal(total.milli[TIMING_LIKELY] + r.cpus[0].idle, r.cpus[0].clock);
	timing_result_free(&r);
	fixture_end(f);
}

static void test_write_and_load(void **state)
{
	struct fixture *f = *state;
	struct timing_result r, back;
	char path[] = "/tmp/epml-timing-XXXXXX";
	const int fd = mkstemp(path);
	FILE *out = fdopen(fd, "w");

	fixture_begin(f);
	strcpy(f->processor.name, "a \"name\" with \\");
	charge_all(&f->t);
	timing_idle_until(&f->t, 1000000);
	r = take(f);
	timing_result_write(out, &r);
	assert_int_equal(fclose(out), 0);
	assert_int_equal(timing_result_load(&back, path), 0);
	unlink(path);
	assert_string_equal(back.processor.name, f->processor.name);
	assert_int_equal(back.hash, r.hash);
	assert_int_equal(back.mode, TIMING_FULL);
	assert_int_equal(back.cpus[0].clock, 1000000000);
	assert_memory_equal(back.processor.price, r.processor.price, sizeof(r.processor.price));
	assert_memory_equal(back.cpus[0].phases, r.cpus[0].phases, 3 * sizeof(*r.cpus[0].phases));
	timing_result_free(&r);
	timing_result_free(&back);
	fixture_end(f);
}

static void test_names(void **state)
{
	(void)state;
	for (int i = 0; i < TIMING_N_COSTS; i++)
		assert_int_equal(timing_cost_find(timing_costs[i].name), i);
	for (int i = 1; i < TIMING_N_COSTS; i++)	/* those of a cause stand together */
		assert_true(timing_costs[i].cause >= timing_costs[i - 1].cause);
	assert_int_equal(timing_cost_find("no-such-cost"), -1);
	assert_string_equal(timing_costs[TIMING_EPT_MEMORY].name, "ept-entry-memory");
	assert_int_equal(timing_costs[TIMING_EPT_MEMORY].cause, TIMING_CAUSE_EPT_WALK);
}

/* Every processor of the tree can be loaded, and its model fits into the limit. */
static void test_processors(void **state)
{
	struct timing_processor p;
	struct timing t;

	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		assert_int_equal(timing_costs_load(&p, files[i]), 0);
		assert_int_equal(timing_init(&t, &p, TIMING_FULL, NULL, NULL, 0), 0);
		assert_in_range(t.bytes, 1 << 20, TIMING_MAX_BYTES);
		timing_free(&t);
	}
	/* Too large a cache is refused. */
	p.geometry[TIMING_STLB] = (struct timing_geometry){ TIMING_MAX_ENTRIES, 1 };
	p.geometry[TIMING_DTLB_4K] = (struct timing_geometry){ TIMING_MAX_ENTRIES, 1 };
	assert_int_equal(timing_init(&t, &p, TIMING_FULL, NULL, NULL, 0), -1);
}

/* Each number of a processor is in its hash. */
static void test_hash(void **state)
{
	struct fixture *f = *state;
	const uint64_t hash = timing_processor_hash(&f->processor);

	f->processor.price[TIMING_N_COSTS - 1].milli[TIMING_HIGH]++;
	assert_int_not_equal(timing_processor_hash(&f->processor), hash);
	f->processor.price[TIMING_N_COSTS - 1].milli[TIMING_HIGH]--;
	f->processor.geometry[TIMING_L1I].ways++;
	assert_int_not_equal(timing_processor_hash(&f->processor), hash);
	f->processor.geometry[TIMING_L1I].ways--;
	assert_int_equal(timing_processor_hash(&f->processor), hash);
}

/* Events mode has no memory of its own and can be told everything that is not an access. */
static void test_events_mode(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(timing_init(&f->t, &f->processor, TIMING_EVENTS, NULL, NULL, 0), 0);
	timing_insns(&f->t, 10);
	timing_pml_write(&f->t, 0x1000);
	timing_gpml_write(&f->t, true, 0x1000, 0x1000);
	timing_spp_walk(&f->t, 0x1000, 0x1000);
	timing_invlpg(&f->t, 0x1000);
	timing_invept(&f->t, 0);
	timing_mov_cr3(&f->t, 0x1000, 0, false);
	timing_vm_exit(&f->t, TIMING_EXIT_CPUID);
	assert_int_equal(f->t.insns, 10);
	assert_int_equal(f->t.clock, 1000 *
			 (10 * (TIMING_INSN_AVERAGE + 1) + TIMING_PML_ENTRY + 1 +
			  TIMING_GPML_AT_LOG + 1 + TIMING_SPP_START + 1 + TIMING_INVLPG + 1 +
			  TIMING_INVEPT + 1 + TIMING_CR3_FLUSH + 1 + TIMING_EXIT_CPUID + 1));
	timing_free(&f->t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_each_cost, test_setup),
		cmocka_unit_test_setup(test_each_cost_moves_the_clock, test_setup),
		cmocka_unit_test_setup(test_conservation, test_setup),
		cmocka_unit_test_setup(test_write_and_load, test_setup),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_processors),
		cmocka_unit_test_setup(test_hash, test_setup),
		cmocka_unit_test_setup(test_events_mode, test_setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
