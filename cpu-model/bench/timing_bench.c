/* SPDX-License-Identifier: BSD-2-Clause */
/* The timing model alone: data accesses in a second of CPU time, and its memory. */
#include "bench.h"
#include "timing_run.h"

#define PAGES		4096u	/* more than any TLB has entries */
#define LINES		64u	/* less than any cache */
#define MIN_SECONDS	0.1	/* of one sample */
#define PTE_FLAGS	0x67u	/* present, writable, accessed, dirty */

struct rate timing_rates[TIMING_RATES] = {
	[RATE_TIMING_HIT] = {
		.name = "timing-hit", .title = "data accesses of the timing model that hit"
	},
	[RATE_TIMING_MISS] = {
		.name = "timing-miss",
		.title = "data accesses of the timing model that miss the TLB"
	},
};

/* Four tables, in the pages 1 to 4; each entry leads to the next table, and from the last one to a
 * page. */
static uint64_t read_entry(void *host, uint64_t hpa)
{
	(void)host;
	return ((hpa & ~UINT64_C(0xfff)) + 0x1000) | PTE_FLAGS;
}

static const struct timing_ops ops = { .read = read_entry };

static void hits(struct timing *t)
{
	for (unsigned i = 0; i < PAGES; i++)
		timing_data(t, i % LINES * 64, i % LINES * 64, 8, TIMING_DATA_READ);
}

static void misses(struct timing *t)
{
	for (uint64_t i = 0; i < PAGES; i++)
		timing_data(t, i << 12, i << 12, 8, TIMING_DATA_WRITE);
}

static int measure(const struct timing_processor *p, struct rate *rate,
		   void (*batch)(struct timing *t))
{
	const struct timing_context context = { .paging = TIMING_PAGING_4LEVEL, .cr3 = 0x1000 };
	struct timing t;
	double begin, seconds;
	uint64_t n = 0;

	if (timing_init(&t, p, TIMING_FULL, &ops, NULL, 0))
		return bench_error("out of memory");
	timing_context(&t, &context);
	batch(&t);
	begin = seconds_of_thread();
	do {
		batch(&t);
		n += PAGES;
		seconds = seconds_of_thread() - begin;
	} while (seconds < MIN_SECONDS);
	samples_add(&rate->per_second, (double)n / seconds);
	timing_free(&t);
	return 0;
}

int timing_round(const struct bench_options *o, unsigned round)
{
	struct timing_processor p;

	if (!bench_selected(o, "timing"))
		return 0;
	bench_progress(o, "round %u of %u: timing model", round + 1, o->rounds);
	if (timing_read_costs(&p, o->paths.costs, o->costs) ||
	    measure(&p, &timing_rates[RATE_TIMING_HIT], hits))
		return -1;
	return measure(&p, &timing_rates[RATE_TIMING_MISS], misses);
}

size_t timing_memory(const struct bench_options *o)
{
	struct timing_processor p;
	struct timing t;
	size_t bytes = 0;

	if (!timing_read_costs(&p, o->paths.costs, o->costs) &&
	    !timing_init(&t, &p, TIMING_FULL, &ops, NULL, 0)) {
		bytes = t.bytes;
		timing_free(&t);
	}
	return bytes;
}
