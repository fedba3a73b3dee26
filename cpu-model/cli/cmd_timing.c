/* SPDX-License-Identifier: BSD-2-Clause */
/* epml timing: options, and what they ask for. */
#define _GNU_SOURCE
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "cli_error.h"
#include "cmd_timing.h"
#include "paths.h"
#include "timing_micro.h"
#include "timing_print.h"
#include "timing_run.h"

static const char usage[] =
	"usage: epml timing [OPTION]... RESULT\n"
	"       epml timing --diff [OPTION]... A B\n"
	"       epml timing --formulas TECHNIQUE [OPTION]... RESULT\n"
	"       epml timing --replay [OPTION]... TRACE\n"
	"       epml timing --list costs|processors [OPTION]...\n"
	"       epml timing micro [OPTION]...\n"
	"\n"
	"Print where the cycles of a run went, and from what range to what range. RESULT, A and B\n"
	"are files that a counted run has written; docs/timing.md explains them, and TRACE.\n"
	"\n"
	"  --by WHAT            rows: cause (default), phase, cost, or all (cause in phase)\n"
	"  --costs NAME|FILE    other prices for the same run; for --replay, the processor\n"
	"  --format FORMAT      text (default), markdown or json (in 1/1000 cycle)\n"
	"  --plot FILE          also draw causes stacked by phase; FILE ends with .svg or .png\n"
	"\n"
	"  --diff               what B takes more than A, at equal prices\n"
	"  --formulas TECHNIQUE the published formulas for proc, spml or epml, beside the count\n"
	"  --list WHAT          print all costs, or all processors there are costs files for\n"
	"\n"
	"  --replay             count what the text file TRACE says that a processor does\n"
	"  --mode MODE          for --replay: full (default), or events: without caches and TLBs\n"
	"  -o FILE              for --replay: write the result; prints no table\n"
	"  --timeline FILE      for --replay: time line for Perfetto (Chrome trace events)\n"
	"  --help               print this; \"epml timing micro --help\" explains micro\n"
	"\n"
	"Exit status: 0, or 2 for bad input.\n";

enum action { ACTION_PRINT, ACTION_DIFF, ACTION_FORMULAS, ACTION_REPLAY, ACTION_LIST };

struct options {
	enum action action;
	enum timing_by by;
	enum table_format format;
	enum timing_technique technique;
	enum timing_mode mode;
	bool list_processors, has_mode, help;
	const char *costs, *plot, *output, *timeline;
	char *const *files;
	int n_files;
};

/* ---- Options ------------------------------------------------------------------------------ */

static int find_word(const char *option, const char *text, const char *const words[], unsigned n,
		     const char *expected)
{
	for (unsigned i = 0; i < n; i++)
		if (!strcmp(words[i], text))
			return (int)i;
	cli_error("%s %s: expected %s", option, text, expected);
	return -1;
}

static int set_action(struct options *o, enum action action)
{
	if (o->action != ACTION_PRINT && o->action != action)
		return cli_error("--diff, --formulas, --replay and --list: expected one of them");
	o->action = action;
	return 0;
}

static int parse_by(const char *text, struct options *o)
{
	static const char *const words[] = {
		[BY_CAUSE] = "cause", [BY_PHASE] = "phase", [BY_COST] = "cost", [BY_ALL] = "all"
	};
	const int by = find_word("--by", text, words, 4, "cause, phase, cost or all");

	o->by = by < 0 ? BY_CAUSE : (enum timing_by)by;
	return by < 0 ? STATUS_BAD : 0;
}

static int parse_technique(const char *text, struct options *o)
{
	const int technique = find_word("--formulas", text, timing_technique_names,
					TIMING_TECHNIQUES, "proc, spml or epml");

	if (technique < 0)
		return STATUS_BAD;
	o->technique = (enum timing_technique)technique;
	return set_action(o, ACTION_FORMULAS);
}

static int parse_list(const char *text, struct options *o)
{
	static const char *const words[] = { "costs", "processors" };
	const int list = find_word("--list", text, words, 2, "costs or processors");

	if (list < 0)
		return STATUS_BAD;
	o->list_processors = list;
	return set_action(o, ACTION_LIST);
}

static int parse_format(const char *text, struct options *o)
{
	return table_format_by_name(text, &o->format)
		? 0 : cli_error("--format %s: expected text, markdown or json", text);
}

enum { OPT_BY = 256, OPT_COSTS, OPT_DIFF, OPT_FORMAT, OPT_FORMULAS, OPT_HELP, OPT_LIST, OPT_MODE,
       OPT_PLOT, OPT_REPLAY, OPT_TIMELINE };

static const struct option long_options[] = {
	{ "by", required_argument, NULL, OPT_BY },
	{ "costs", required_argument, NULL, OPT_COSTS },
	{ "diff", no_argument, NULL, OPT_DIFF },
	{ "format", required_argument, NULL, OPT_FORMAT },
	{ "formulas", required_argument, NULL, OPT_FORMULAS },
	{ "help", no_argument, NULL, OPT_HELP },
	{ "list", required_argument, NULL, OPT_LIST },
	{ "mode", required_argument, NULL, OPT_MODE },
	{ "plot", required_argument, NULL, OPT_PLOT },
	{ "replay", no_argument, NULL, OPT_REPLAY },
	{ "timeline", required_argument, NULL, OPT_TIMELINE },
	{ NULL, 0, NULL, 0 },
};

static int parse_option(int option, struct options *o)
{
	switch (option) {
	case OPT_BY:
		return parse_by(optarg, o);
	case OPT_COSTS:
		o->costs = optarg;
		return 0;
	case OPT_DIFF:
		return set_action(o, ACTION_DIFF);
	case OPT_FORMAT:
		return parse_format(optarg, o);
	case OPT_FORMULAS:
		return parse_technique(optarg, o);
	case OPT_HELP:
		o->help = true;
		return 0;
	case OPT_LIST:
		return parse_list(optarg, o);
	case OPT_MODE:
		o->has_mode = true;
		return timing_parse_mode("--mode", optarg, &o->mode);
	case OPT_PLOT:
		o->plot = optarg;
		return 0;
	case OPT_REPLAY:
		return set_action(o, ACTION_REPLAY);
	case OPT_TIMELINE:
		o->timeline = optarg;
		return 0;
	case 'o':
		o->output = optarg;
		return 0;
	default:
		/* getopt has printed what is wrong. */
		return STATUS_BAD;
	}
}

/* Options that the action would not look at are mistakes. */
static int check_options(const struct options *o)
{
	static const int files[] = {
		[ACTION_PRINT] = 1, [ACTION_DIFF] = 2, [ACTION_FORMULAS] = 1, [ACTION_REPLAY] = 1,
		[ACTION_LIST] = 0
	};

	if (o->n_files != files[o->action])
		return cli_error("expected %d file%s, %d were given", files[o->action],
				 files[o->action] == 1 ? "" : "s", o->n_files);
	if (o->action != ACTION_REPLAY && (o->output || o->timeline || o->has_mode))
		return cli_error("-o, --timeline and --mode are for --replay");
	if (o->plot && o->action != ACTION_PRINT && o->action != ACTION_REPLAY)
		return cli_error("--plot is for one RESULT or --replay");
	if (o->action == ACTION_DIFF && (o->by == BY_PHASE || o->by == BY_ALL))
		return cli_error("--diff: expected --by cause or cost");
	return 0;
}

static int parse_options(int argc, char **argv, struct options *o)
{
	int option;

	cli_begin(argv, "epml timing");
	while ((option = getopt_long(argc, argv, "o:", long_options, NULL)) >= 0)
		if (parse_option(option, o))
			return STATUS_BAD;
	o->files = argv + optind;
	o->n_files = argc - optind;
	return o->help ? 0 : check_options(o);
}

/* ---- Actions ------------------------------------------------------------------------------ */

/* The table, unless a file takes its place, and the plot. */
static int show(const struct options *o, const struct timing_result *r)
{
	int status = o->plot ? timing_plot(r, o->plot) : 0;

	if (!status && !o->output)
		status = timing_print(r, o->by, o->format);
	return status;
}

static int run_print(const struct options *o, const struct timing_processor *costs)
{
	struct timing_result r;
	int status = timing_read_result(&r, o->files[0], costs);

	if (status)
		return status;
	status = o->action == ACTION_FORMULAS ? timing_print_formulas(&r, o->technique, o->format)
					      : show(o, &r);
	timing_result_free(&r);
	return status;
}

static int run_diff(const struct options *o, const struct timing_processor *costs)
{
	struct timing_result a, b;
	int status = timing_read_result(&a, o->files[0], costs);

	if (status)
		return status;
	status = timing_read_result(&b, o->files[1], costs);
	if (!status) {
		if (memcmp(a.processor.price, b.processor.price, sizeof(a.processor.price)))
			status = cli_error("--diff: %s and %s have different prices; expected "
					   "--costs, for both", o->files[0], o->files[1]);
		else
			status = timing_print_diff(&a, &b, o->by, o->format);
		timing_result_free(&b);
	}
	timing_result_free(&a);
	return status;
}

static int run_replay(const struct options *o, const struct timing_processor *costs)
{
	struct timing_result r;
	int status = timing_replay(&r, o->files[0], costs, o->mode, o->output, o->timeline);

	if (status)
		return status;
	status = show(o, &r);
	timing_result_free(&r);
	return status;
}

static int run(const struct options *o, const struct paths *paths)
{
	const char *name = o->costs ? o->costs
			   : o->action == ACTION_REPLAY ? TIMING_DEFAULT_COSTS : NULL;
	struct timing_processor read, *costs = NULL;

	if (o->action == ACTION_LIST && o->list_processors)
		return timing_print_processors(paths->costs, o->format);
	if (name) {
		if (timing_read_costs(&read, paths->costs, name))
			return STATUS_BAD;
		costs = &read;
	}
	switch (o->action) {
	case ACTION_DIFF:
		return run_diff(o, costs);
	case ACTION_REPLAY:
		return run_replay(o, costs);
	case ACTION_LIST:
		return timing_print_costs(costs, o->format);
	default:
		return run_print(o, costs);
	}
}

int cmd_timing(int argc, char **argv)
{
	struct options o = { .mode = TIMING_FULL };
	struct paths paths;
	int status;

	if (argc > 1 && !strcmp(argv[1], "micro"))
		return cmd_timing_micro(argc - 1, argv + 1);
	status = parse_options(argc, argv, &o);
	if (status)
		return status;
	if (o.help) {
		fputs(usage, stdout);
		return 0;
	}
	paths_init(&paths);
	status = run(&o, &paths);
	paths_free(&paths);
	return status;
}
