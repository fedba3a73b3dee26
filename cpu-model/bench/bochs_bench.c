/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Workloads on Bochs. A sample is the CPU time of a run less that of a run with 0 passes, which
 * follows at once; samples of all configurations are taken in turn, and the turn begins with
 * another configuration in each round. So a change of the machine's speed touches all of them.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>

#include "bench.h"
#include "bochs_run.h"
#include "report.h"

#define FIRST_PASSES	16u
#define ENOUGH_SECONDS	0.2	/* for a first idea of a program's speed */
#define MAX_PASSES	(1ull << 32)
#define PATIENCE	60u	/* times the seconds of a run */

const struct configuration configurations[CONFIGURATIONS] = {
	[BOCHS_STOCK] = {
		.name = "stock", .title = "Bochs as published", .options.spp_inverted = true
	},
	[BOCHS_OFF] = {
		.name = "off", .title = "EPML off", .options.spp_inverted = true, .goal = 1.02
	},
	[BOCHS_ON] = {
		.name = "on", .title = "EPML on", .epml = "enabled=1", .goal = 1.05
	},
	[BOCHS_LOG] = {
		.name = "guest-log", .title = "EPML on, guest log in use", .epml = "enabled=1",
		.options.guest_log = true
	},
	[BOCHS_TRACE] = {
		.name = "trace", .title = "EPML on, trace to /dev/null",
		.epml = "enabled=1, trace=/dev/null"
	},
};

static bool take_line(void *ctx, const char *line)
{
	struct report r;

	if (!report_parse(line, &r))
		return false;
	outcome_add(ctx, &r);
	return true;
}

/* Run a program once; its CPU time in seconds, or -1 after one line. */
static double run_program(const struct bench_options *o, const struct configuration *c,
			  const struct program *p)
{
	const struct bochs_options options = {
		.program = c == &configurations[BOCHS_STOCK] ? o->paths.bochs_stock
							     : o->paths.bochs,
		.rom = o->paths.rom, .epml = c->epml,
		.timeout = (unsigned)(PATIENCE * (o->seconds + 1)),
	};
	struct outcome outcome = { .n = 0 };
	char text[400];
	const double before = seconds_of_children();
	const enum bochs_end end = bochs_run(&options, p->image, p->size, take_line, &outcome,
					     text, sizeof(text));
	const double seconds = seconds_of_children() - before;
	bool good = end == BOCHS_DONE && outcome_compare(p->v, &outcome, text, sizeof(text));

	outcome_clear(&outcome);
	if (end == BOCHS_STOPPED)
		return -1;
	if (!good)
		return bench_error("%s on %s: %s", p->v->id, c->name, text);
	return seconds;
}

/* CPU time of a number of passes on a configuration, or -1. */
static double run_passes(const struct bench_options *o, const struct workload *w,
			 const struct configuration *c, uint64_t passes)
{
	struct program p;
	double seconds;

	if (program_make(&p, w, passes, &c->options))
		return -1;
	seconds = run_program(o, c, &p);
	program_free(&p);
	return seconds;
}

/* CPU time of the passes alone. */
static int measure(const struct bench_options *o, const struct workload *w,
		   const struct configuration *c, uint64_t passes, double *seconds)
{
	const double all = run_passes(o, w, c, passes);
	const double start = all < 0 ? -1 : run_passes(o, w, c, 0);

	*seconds = all - start;
	return start < 0 ? -1 : 0;
}

static int calibrate(const struct bench_options *o, const struct workload *w, uint64_t *passes)
{
	double seconds = 0;

	for (*passes = FIRST_PASSES; *passes < MAX_PASSES; *passes *= 4) {
		bench_progress(o, "%s: number of passes", w->name);
		if (measure(o, w, &configurations[BOCHS_STOCK], *passes, &seconds))
			return -1;
		if (seconds >= ENOUGH_SECONDS)
			break;
	}
	*passes = (uint64_t)((double)*passes * o->seconds / seconds) + 1;
	return 0;
}

int bochs_calibrate(const struct bench_options *o, struct bochs_samples *s)
{
	for (unsigned i = 0; i < WORKLOADS; i++) {
		if (!bench_selected(o, workloads[i].name))
			continue;
		if (calibrate(o, &workloads[i], &s[i].passes))
			return -1;
		s[i].measured = true;
	}
	return 0;
}

static int measure_all(const struct bench_options *o, unsigned round, const struct workload *w,
		       struct bochs_samples *s)
{
	double seconds[CONFIGURATIONS];

	for (unsigned i = 0; i < CONFIGURATIONS; i++) {
		const unsigned c = (round + i) % CONFIGURATIONS;

		bench_progress(o, "round %u of %u: %s on %s", round + 1, o->rounds, w->name,
			       configurations[c].name);
		if (measure(o, w, &configurations[c], s->passes, &seconds[c]))
			return -1;
	}
	for (unsigned c = 0; c < CONFIGURATIONS; c++) {
		samples_add(&s->seconds[c], seconds[c]);
		samples_add(&s->ratio[c], seconds[c] / seconds[BOCHS_STOCK]);
	}
	return 0;
}

int bochs_round(const struct bench_options *o, unsigned round, struct bochs_samples *s)
{
	for (unsigned i = 0; i < WORKLOADS; i++)
		if (s[i].measured && measure_all(o, round, &workloads[i], &s[i]))
			return -1;
	return 0;
}
