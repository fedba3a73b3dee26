/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ooh-bench: the micro-benchmark under each technique at each size, with a line of results for
 * each of them.
 */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "bench.h"
#include "options.h"

#define MAX_SIZES	16u
#define MAX_ROUNDS	1000u

static const char usage[] =
	"usage: ooh-bench [OPTION]...\n"
	"\n"
	"Write to each page of a locked array in rounds, under each technique that tracks\n"
	"modified pages, and compare what it reports with what was written. Prints EPML-RESULT\n"
	"lines.\n"
	"\n"
	"  --techniques T,...  proc, ufd, ufd-async, spml, spml-indexed, epml, oracle\n"
	"                      default: all\n"
	"  --sizes MB,...      sizes of the array, ascending, default 1\n"
	"  --rounds N          rounds that are timed, default 4\n"
	"  --every PAGES       collect after so many pages, not only at the end of a round\n"
	"  --timer MS          collect at notifications and every MS, while pages are written\n"
	"  --seed N            of the random rounds, default 1\n"
	"  --limit MS          leave out what would take longer, by what smaller sizes took\n"
	"  --tracker-cpu N     processor of the tracker, default 0, that of the tracked process\n"
	"  --marks             mark phases for the cycle count of Bochs\n"
	"  --help              print this\n"
	"\n"
	"Exit status: 0 all was run, whatever it showed; 2 bad options.\n";

struct options {
	struct settings s;
	unsigned mb[MAX_SIZES], n_sizes;
	enum ooh_technique technique[OOH_TECHNIQUES];
	unsigned n_techniques;
	bool marks, help;
};

/* ---- Options ----------------------------------------------------------------------------- */

static int add_size(struct options *o, const char *text)
{
	uint64_t mb;

	if (o->n_sizes == MAX_SIZES)
		return cli_error("--sizes: expected at most %u", MAX_SIZES);
	if (parse_number("sizes", text, 1, MAX_MB, &mb))
		return STATUS_BAD;
	/* What a larger size takes is known from a smaller one. */
	if (o->n_sizes && mb <= o->mb[o->n_sizes - 1])
		return cli_error("--sizes: expected them in ascending order");
	o->mb[o->n_sizes++] = (unsigned)mb;
	return 0;
}

static int add_technique(struct options *o, const char *text)
{
	enum ooh_technique technique;

	if (ooh_technique_by_name(text, &technique))
		return cli_error("--techniques %s: there is no such technique", text);
	for (unsigned i = 0; i < o->n_techniques; i++)
		if (o->technique[i] == technique)
			return cli_error("--techniques %s: expected it once", text);
	o->technique[o->n_techniques++] = technique;
	return 0;
}

static int parse_list(struct options *o, char *list, int (*add)(struct options *, const char *))
{
	char *word;
	int status = 0;

	while (!status && (word = strsep(&list, ",")))
		status = add(o, word);
	return status;
}

enum { OPT_TECHNIQUES = 256, OPT_SIZES, OPT_ROUNDS, OPT_EVERY, OPT_TIMER, OPT_SEED, OPT_LIMIT,
       OPT_TRACKER_CPU, OPT_MARKS, OPT_HELP };

static const struct option long_options[] = {
	{ "techniques", required_argument, NULL, OPT_TECHNIQUES },
	{ "sizes", required_argument, NULL, OPT_SIZES },
	{ "rounds", required_argument, NULL, OPT_ROUNDS },
	{ "every", required_argument, NULL, OPT_EVERY },
	{ "timer", required_argument, NULL, OPT_TIMER },
	{ "seed", required_argument, NULL, OPT_SEED },
	{ "limit", required_argument, NULL, OPT_LIMIT },
	{ "tracker-cpu", required_argument, NULL, OPT_TRACKER_CPU },
	{ "marks", no_argument, NULL, OPT_MARKS },
	{ "help", no_argument, NULL, OPT_HELP },
	{ NULL, 0, NULL, 0 },
};

static int parse_option(int option, struct options *o)
{
	uint64_t n = 0;
	int status = 0;

	switch (option) {
	case OPT_TECHNIQUES:
		return parse_list(o, optarg, add_technique);
	case OPT_SIZES:
		return parse_list(o, optarg, add_size);
	case OPT_ROUNDS:
		status = parse_number("rounds", optarg, 1, MAX_ROUNDS, &n);
		o->s.rounds = (unsigned)n;
		return status;
	case OPT_EVERY:
		status = parse_number("every", optarg, 1, MAX_MB * MB_PAGES, &n);
		o->s.every = (unsigned)n;
		return status;
	case OPT_TIMER:
		status = parse_number("timer", optarg, 1, 60000, &n);
		o->s.timer_ms = (int)n;
		return status;
	case OPT_SEED:
		return parse_number("seed", optarg, 1, UINT32_MAX, &o->s.seed);
	case OPT_LIMIT:
		status = parse_number("limit", optarg, 1, 86400000, &n);
		o->s.limit = (double)n / 1000;
		return status;
	case OPT_TRACKER_CPU:
		status = parse_number("tracker-cpu", optarg, 0, 1023, &n);
		o->s.tracker_cpu = (int)n;
		return status;
	case OPT_MARKS:
		o->marks = true;
		return 0;
	case OPT_HELP:
		o->help = true;
		return 0;
	default:
		/* getopt has printed what is wrong. */
		return STATUS_BAD;
	}
}

static int parse_options(int argc, char **argv, struct options *o)
{
	static char name[] = "ooh-bench";
	int option;

	cli_begin(argv, name);
	while ((option = getopt_long(argc, argv, "", long_options, NULL)) >= 0)
		if (parse_option(option, o))
			return STATUS_BAD;
	if (optind < argc)
		return cli_error("%s: expected options only", argv[optind]);
	if (o->s.every && o->s.timer_ms)
		return cli_error("--every and --timer: expected one of them");
	if (!o->n_sizes)
		o->mb[o->n_sizes++] = 1;
	for (unsigned i = 0; !o->n_techniques && i < OOH_TECHNIQUES; i++)
		o->technique[i] = (enum ooh_technique)i;
	if (!o->n_techniques)
		o->n_techniques = OOH_TECHNIQUES;
	if (o->marks && o->n_sizes * (1 + o->n_techniques * PARTS) > MARK_MAX)
		return cli_error("--marks: %u sizes with %u techniques have more than %u phases",
			   o->n_sizes, o->n_techniques, MARK_MAX);
	return 0;
}

/* ---- The runs ---------------------------------------------------------------------------- */

int main(int argc, char **argv)
{
	struct options o = { .s = { .rounds = 4, .seed = 1 } };
	struct plan plan;
	char error[MAX_TEXT];

	if (parse_options(argc, argv, &o))
		return STATUS_BAD;
	if (o.help) {
		fputs(usage, stdout);
		return 0;
	}
	/* Tracked's death is told by the pipe's end. */
	signal(SIGPIPE, SIG_IGN);
	clock_begin();
	if (o.marks && mark_begin(error))
		return cli_error("%s", error);
	plan_begin(&plan, &o.s);
	for (unsigned i = 0; i < o.n_sizes; i++)
		plan_size(&plan, o.mb[i], o.technique, o.n_techniques);
	result_print_end(plan.runs);
	return 0;
}
