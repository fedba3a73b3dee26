/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any bytes as a sequence of accesses and VMWRITEs over a small memory, directly on libepml: the
 * steps and the invariants of the stress test. The first bytes choose parameters and memory.
 */
#include "../../tests/stress.h"
#include "target.h"

#define MAX_STEPS	300

/* While the world is made, numbers come from a generator; afterwards from the input. */
static struct {
	const uint8_t *data;
	size_t left;
	uint64_t generator;
} input;

static uint64_t generate(void)
{
	input.generator ^= input.generator << 13;
	input.generator ^= input.generator >> 7;
	input.generator ^= input.generator << 17;
	return input.generator;
}

uint64_t stress_random(void)
{
	uint64_t n;

	if (input.generator)
		return generate();
	if (input.left < 2)
		return 0;
	n = input.data[0] | (uint64_t)input.data[1] << 8;
	input.data += 2;
	input.left -= 2;
	return n * 0x0001000100010001ull;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct epml_vmcs base;
	void *state = run.fx;

	if (size < 4)
		return 0;
	if (!state) {
		fx_setup(&state);
		run.fx = state;
		base = run.fx->cpu.v;
	}
	run.base = base;
	run.combination = data[0] % STRESS_COMBINATIONS;
	run.fx->cpu.params = stress_params(run.combination);
	input.generator = 1 + data[1] + (uint64_t)data[2] * 256;
	stress_world();
	input.generator = 0;
	input.data = data + 3;
	input.left = size - 3;
	for (run.step = 0; input.left >= 2 && run.step < MAX_STEPS; run.step++)
		stress_step();
	return 0;
}
