/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any bytes as a file of epml timing: costs, published figures, a result and a trace. What is
 * accepted can be used: a trace runs, and the result of the run can be written and read back.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "costs_load.h"
#include "micro.h"
#include "replay.h"
#include "target.h"

#define MAX_TURNS 8

/* A processor with small structures, so that a run is quick. */
static struct timing_processor small(void)
{
	struct timing_processor p = { .name = "small", .khz = 1000 };

	for (unsigned i = 0; i < TIMING_N_COSTS; i++)
		for (unsigned bound = 0; bound < TIMING_BOUNDS; bound++)
			p.price[i].milli[bound] = (i + 1) * (bound + 1);
	for (unsigned i = 0; i < TIMING_N_STRUCTURES; i++)
		p.geometry[i] = (struct timing_geometry){ 16, i < TIMING_PREDICTOR ? 2 : 1 };
	return p;
}

static bool is_short(const struct replay_trace *trace)
{
	for (unsigned i = 0; i < trace->n; i++)
		if (!strcmp(trace->records[i].verb->name, "repeat") &&
		    trace->records[i].arg[0].base > MAX_TURNS)
			return false;
	return trace->n < 1000;
}

/* What a run gives is accepted as a result. */
static void read_back(const struct timing_result *r)
{
	struct timing_result again;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	TARGET_ASSERT(out);
	timing_result_write(out, r);
	TARGET_ASSERT(!fclose(out));
	TARGET_ASSERT(!timing_result_load(&again, target_file((const uint8_t *)text, size)));
	TARGET_ASSERT(timing_result_total(&again).milli[TIMING_HIGH] ==
		      timing_result_total(r).milli[TIMING_HIGH]);
	timing_result_free(&again);
	free(text);
}

static void run(const struct replay_trace *trace)
{
	const struct timing_processor p = small();
	struct timing_result r;

	for (enum timing_mode mode = TIMING_EVENTS; mode <= TIMING_FULL; mode++) {
		if (replay_run(&r, trace, &p, mode, NULL))
			continue;
		read_back(&r);
		timing_result_free(&r);
	}
}

static void check_figures(const struct micro_published *p)
{
	for (unsigned i = 0; i < p->n; i++)
		TARGET_ASSERT(p->figure[i].row && p->figure[i].low > 0 &&
			      p->figure[i].low <= p->figure[i].high);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct micro_published published;
	struct timing_processor p;
	struct timing_result r;
	struct replay_trace trace;

	if (!timing_costs_load(&p, target_file(data, size)))
		TARGET_ASSERT(p.khz >= 1000);
	if (!micro_published_load(&published, target_file(data, size)))
		check_figures(&published);
	if (!timing_result_load(&r, target_file(data, size)))
		timing_result_free(&r);
	if (!replay_parse(&trace, target_file(data, size))) {
		if (is_short(&trace))
			run(&trace);
		replay_trace_free(&trace);
	}
	return 0;
}
