/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Random accesses over random paging structures, with every combination of the design parameters.
 *
 * The guest points its log anywhere, its own page tables included; the hypervisor changes EPT,
 * empties logs or lets them be full. After each call the invariants of stress_check.c must hold.
 * The numbers are the same in every run. Built with the address and undefined-behaviour sanitizers.
 */
#include "stress.h"

#define STEPS		25000	/* for each of the 48 combinations */
#define EPOCH		250	/* steps until the world is made anew */

static const char *const seen_names[N_SEEN] = {
	"completed access", "page fault", "EPT violation", "EPT misconfiguration",
	"guest's log full", "hypervisor's log full", "virtualization exception", "entry lost",
	"entry", "notification", "VMfail", "VMWRITE", "write to the log's own page",
	"write granted by sub-page permissions", "write denied by them", "SPPT miss",
	"SPPT misconfiguration",
};

static uint64_t random_state;

uint64_t stress_random(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state;
}

static void stress(void **state)
{
	run.fx = *state;
	run.base = run.fx->cpu.v;
	random_state = 0x9E3779B97F4A7C15;
	for (run.combination = 0; run.combination < STRESS_COMBINATIONS; run.combination++) {
		run.fx->cpu.params = stress_params(run.combination);
		for (run.step = 0; run.step < STEPS; run.step++) {
			if (run.step % EPOCH == 0)
				stress_world();
			stress_step();
		}
	}
	for (unsigned i = 0; i < N_SEEN; i++)
		if (run.seen[i] < 100)
			fail_msg("%s: met %lu times only", seen_names[i], run.seen[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = { fx_test(stress) };

	return cmocka_run_group_tests_name("stress", tests, NULL, NULL);
}
