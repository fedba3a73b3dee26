/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "fixture.h"

static uint64_t read_memory(void *host, uint64_t hpa)
{
	struct fixture *f = host;

	assert_in_range(hpa, 0, sizeof(f->memory) - 8);
	assert_int_equal(hpa % 8, 0);
	f->reads++;
	return f->memory[hpa / 8];
}

static const struct {
	enum timing_structure structure;
	struct timing_geometry geometry;
} small[] = {
	{ TIMING_L1I, { 4, 2 } },
	{ TIMING_L1D, { 4, 2 } },
	{ TIMING_L2, { 8, 2 } },
	{ TIMING_LLC, { 16, 16 } },
	{ TIMING_ITLB_4K, { 2, 2 } },
	{ TIMING_ITLB_LARGE, { 2, 2 } },
	{ TIMING_DTLB_4K, { 2, 2 } },
	{ TIMING_DTLB_2M, { 2, 2 } },
	{ TIMING_DTLB_1G, { 2, 2 } },
	{ TIMING_STLB, { 4, 4 } },
	{ TIMING_STLB_1G, { 2, 2 } },
	{ TIMING_PREDICTOR, { 64, 1 } },
	{ TIMING_BTB, { 16, 1 } },
	{ TIMING_RETURN_STACK, { 2, 1 } },
};

void fixture_setup(struct fixture *f)
{
	memset(f, 0, sizeof(*f));
	strcpy(f->processor.name, "small");
	f->processor.khz = 1000000;
	for (unsigned i = 0; i < TIMING_N_COSTS; i++) {
		f->processor.price[i].milli[TIMING_LOW] = (i + 1) * 500;
		f->processor.price[i].milli[TIMING_LIKELY] = (i + 1) * 1000;
		f->processor.price[i].milli[TIMING_HIGH] = (i + 1) * 2000;
	}
	for (unsigned i = 0; i < TIMING_N_STRUCTURES; i++)
		f->processor.geometry[i].ways = 1;
	for (size_t i = 0; i < sizeof(small) / sizeof(small[0]); i++)
		f->processor.geometry[small[i].structure] = small[i].geometry;
}

int test_setup(void **state)
{
	static struct fixture f;

	fixture_setup(&f);
	*state = &f;
	return 0;
}

void fixture_begin(struct fixture *f)
{
	f->ops.read = read_memory;
	assert_int_equal(timing_init(&f->t, &f->processor, TIMING_FULL, &f->ops, f, 0), 0);
}

void fixture_end(struct fixture *f)
{
	timing_free(&f->t);
}

uint64_t charged(struct fixture *f, enum timing_cost cost)
{
	const uint64_t n = f->t.row[cost];

	f->t.row[cost] = 0;
	return n;
}

unsigned levels(struct fixture *f, enum timing_cost kind)
{
	unsigned n = 0;

	for (unsigned level = 0; level < 4; level++) {
		const uint64_t count = charged(f, kind + level);

		assert_in_range(count, 0, 9);
		n = n * 10 + (unsigned)count;
	}
	return n;
}
