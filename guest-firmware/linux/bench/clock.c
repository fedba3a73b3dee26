/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Times in cycles of the TSC. The kernel's clocks count nanoseconds of the same counter, so that
 * CPU times can be turned back into cycles with the rate between the two.
 */
#include <time.h>

#include "bench.h"

#define MEASURE_NS	20000000	/* 1/50 s: the rate to some millionths */

static uint64_t khz;

static uint64_t nanoseconds(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

void clock_begin(void)
{
	const uint64_t ns = nanoseconds(CLOCK_MONOTONIC_RAW), cycles = tsc();
	uint64_t passed;

	do
		passed = nanoseconds(CLOCK_MONOTONIC_RAW) - ns;
	while (passed < MEASURE_NS);
	khz = (uint64_t)((double)(tsc() - cycles) * 1e6 / (double)passed + 0.5);
}

uint64_t clock_khz(void)
{
	return khz;
}

uint64_t clock_cpu(void)
{
	return (uint64_t)((double)nanoseconds(CLOCK_PROCESS_CPUTIME_ID) * (double)khz / 1e6);
}
