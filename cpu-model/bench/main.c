/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * epml-bench: what the model costs.
 *
 * The goal is a ratio of CPU time to stock Bochs of at most 1.02 without the option "epml" and
 * 1.05 with it. It is printed beside what was measured and never decides the exit status: a ratio
 * depends on what else the machine does.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"
#include "bochs_dir.h"
#include "cli_options.h"
#include "timing_run.h"

#define MAX_SECONDS	60.0

static const char usage[] =
	"usage: epml-bench [OPTION]...\n"
	"\n"
	"Measure what the model costs, from one interleaved run: guest programs on Bochs with the\n"
	"model against stock Bochs, libepml alone, and vectors in a second.\n"
	"\n"
	"  --rounds N      samples of everything, 1 to 100 (default 5)\n"
	"  --seconds S     length of one run on stock Bochs (default 0.5)\n"
	"  --only NAME     memory, tlb-miss, dirty, store, spp, trapped (guest programs),\n"
	"                  library, vectors or timing (its model alone)\n"
	"  --output FILE   write the results as JSON too\n"
	"  --help          print this\n"
	"\n"
	"Exit status: 0 measured, 2 something is wrong or missing.\n";

int bench_error(const char *fmt, ...)
{
	va_list ap;

	if (isatty(STDERR_FILENO))
		fprintf(stderr, "\r%60s\r", "");
	va_start(ap, fmt);
	cli_verror(fmt, ap);
	va_end(ap);
	return -1;
}

void bench_progress(const struct bench_options *o, const char *fmt, ...)
{
	char text[80];
	va_list ap;

	if (!o->progress)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	fprintf(stderr, "\r%-60s%s", text, *text ? "" : "\r");
}

bool bench_selected(const struct bench_options *o, const char *name)
{
	return !o->only || !strcmp(o->only, name);
}

/* ---- Options ---- */

static int parse_seconds(const char *text, double *seconds)
{
	char *end;
	const double s = strtod(text, &end);

	if (end == text || *end || !(s >= 0.01 && s <= MAX_SECONDS))
		return bench_error("--seconds %s: expected a number from 0.01 to %.0f", text,
				   MAX_SECONDS);
	*seconds = s;
	return 0;
}

static int parse_only(const char *text, const char **only)
{
	*only = text;
	for (unsigned i = 0; i < WORKLOADS; i++)
		if (!strcmp(text, workloads[i].name))
			return 0;
	if (!strcmp(text, "library") || !strcmp(text, "vectors") || !strcmp(text, "timing"))
		return 0;
	return bench_error("--only %s: expected memory, tlb-miss, dirty, store, spp, trapped, "
			   "library, vectors or timing", text);
}

static int parse_options(int argc, char **argv, struct bench_options *o, bool *help)
{
	static const struct option options[] = {
		{ "rounds", required_argument, NULL, 'r' },
		{ "seconds", required_argument, NULL, 's' },
		{ "only", required_argument, NULL, 'n' },
		{ "output", required_argument, NULL, 'o' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int option, status = 0;

	cli_begin(argv, "epml-bench");
	while (!status && (option = getopt_long(argc, argv, "", options, NULL)) >= 0) {
		if (option == 'r')
			status = option_count("--rounds", optarg, MAX_ROUNDS, &o->rounds);
		else if (option == 's')
			status = parse_seconds(optarg, &o->seconds);
		else if (option == 'n')
			status = parse_only(optarg, &o->only);
		else if (option == 'o')
			o->output = optarg;
		else if (option == 'h')
			*help = true;
		else
			status = -1;
	}
	if (!status && optind < argc)
		status = bench_error("%s: expected options only", argv[optind]);
	return status;
}

/* ---- The run ---- */

static int check_file(const char *path, int mode, const char *target)
{
	if (!access(path, mode))
		return 0;
	return bench_error("%s is missing; run \"make %s\"", path, target);
}

static int check_files(const struct bench_options *o)
{
	if (o->only && (!strcmp(o->only, "library") || !strcmp(o->only, "timing")))
		return 0;
	return check_file(o->paths.rom, R_OK, "all") ||
	       check_file(o->paths.bochs, X_OK, "bochs-model") ||
	       check_file(o->paths.bochs_stock, X_OK, "bochs-stock") ||
	       check_file(o->paths.bochs_timing, X_OK, "bochs-timing") ? -1 : 0;
}

/* Bochs gets the costs file by its whole path. */
static int find_costs(struct bench_options *o)
{
	char *path = timing_costs_path(o->paths.costs, TIMING_DEFAULT_COSTS);

	o->costs = path ? bochs_absolute_path(path) : NULL;
	free(path);
	return o->costs ? 0 : -1;
}

static int measure(const struct bench_options *o, struct bochs_samples *bochs)
{
	if (bochs_calibrate(o, bochs))
		return -1;
	for (unsigned round = 0; round < o->rounds; round++)
		if (bochs_round(o, round, bochs) || library_round(o, round) ||
		    vectors_round(o, round) || timing_round(o, round))
			return -1;
	bench_progress(o, "%s", "");
	return 0;
}

int main(int argc, char **argv)
{
	struct bench_options o = {
		.rounds = 5, .seconds = 0.5, .progress = isatty(STDERR_FILENO)
	};
	static struct bochs_samples bochs[WORKLOADS];
	const struct bench_results results = { &o, bochs };
	bool help = false;
	int status = parse_options(argc, argv, &o, &help);

	if (status)
		return STATUS_BAD;
	if (help) {
		fputs(usage, stdout);
		return 0;
	}
	paths_init(&o.paths);
	bochs_catch_signals();
	if (check_files(&o) || find_costs(&o) || measure(&o, bochs) || print_tables(&results) ||
	    (o.output && write_json(&results)))
		status = STATUS_BAD;
	free(o.costs);
	paths_free(&o.paths);
	if (bochs_stopped())
		bochs_reraise();
	return status;
}
