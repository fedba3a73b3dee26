/* SPDX-License-Identifier: BSD-2-Clause */
/* epml timing micro: options. */
#define _GNU_SOURCE
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli_error.h"
#include "timing_micro.h"
#include "timing_print.h"
#include "timing_run.h"

static const char usage[] =
	"usage: epml timing micro [OPTION]...\n"
	"\n"
	"Execute micro-operations on Bochs (page walks, faults, VM exits, log entries, full logs,\n"
	"...) and print what one of each costs, beside published figures. docs/timing.md explains\n"
	"the table.\n"
	"\n"
	"  --costs NAME|FILE    the processor (default i7-8565u); with --from, other prices\n"
	"  --profile P          operations of one profile only: published or hardened\n"
	"  --mode MODE          full (default), or events: without caches and TLBs\n"
	"  --published FILE     other published figures, or measurements of your own\n"
	"  --formulas           the published formulas on a program and its tracker instead\n"
	"  --format FORMAT      text (default), markdown or json\n"
	"  -o DIR               keep the results of the runs in DIR\n"
	"  --from DIR           print what -o has kept, without running anything\n"
	"  --help               print this\n"
	"\n"
	"Exit status: 0, or 2 for bad input or if something is missing.\n";

struct options {
	const char *costs, *output, *from, *profile, *published;
	enum timing_mode mode;
	enum table_format format;
	bool formulas, has_mode, help;
};

enum { OPT_COSTS = 256, OPT_FORMAT, OPT_FORMULAS, OPT_FROM, OPT_HELP, OPT_MODE, OPT_PROFILE,
       OPT_PUBLISHED };

static const struct option long_options[] = {
	{ "costs", required_argument, NULL, OPT_COSTS },
	{ "format", required_argument, NULL, OPT_FORMAT },
	{ "formulas", no_argument, NULL, OPT_FORMULAS },
	{ "from", required_argument, NULL, OPT_FROM },
	{ "help", no_argument, NULL, OPT_HELP },
	{ "mode", required_argument, NULL, OPT_MODE },
	{ "profile", required_argument, NULL, OPT_PROFILE },
	{ "published", required_argument, NULL, OPT_PUBLISHED },
	{ NULL, 0, NULL, 0 },
};

static int parse_profile(const char *text, struct options *o)
{
	if (strcmp(text, "published") && strcmp(text, "hardened"))
		return cli_error("--profile %s: expected published or hardened", text);
	o->profile = text;
	return 0;
}

static int parse_option(int option, struct options *o)
{
	switch (option) {
	case OPT_COSTS:
		o->costs = optarg;
		return 0;
	case OPT_FORMAT:
		return table_format_by_name(optarg, &o->format) ? 0 :
		       cli_error("--format %s: expected text, markdown or json", optarg);
	case OPT_FORMULAS:
		o->formulas = true;
		return 0;
	case OPT_FROM:
		o->from = optarg;
		return 0;
	case OPT_HELP:
		o->help = true;
		return 0;
	case OPT_MODE:
		o->has_mode = true;
		return timing_parse_mode("--mode", optarg, &o->mode);
	case OPT_PROFILE:
		return parse_profile(optarg, o);
	case OPT_PUBLISHED:
		o->published = optarg;
		return 0;
	case 'o':
		o->output = optarg;
		return 0;
	default:
		/* getopt has printed what is wrong. */
		return STATUS_BAD;
	}
}

static int parse_options(int argc, char **argv, struct options *o)
{
	int option;

	cli_begin(argv, "epml timing micro");
	while ((option = getopt_long(argc, argv, "o:", long_options, NULL)) >= 0)
		if (parse_option(option, o))
			return STATUS_BAD;
	if (o->help)
		return 0;
	if (optind < argc)
		return cli_error("%s: expected no file", argv[optind]);
	if (o->formulas && o->published)
		return cli_error("--published is for the table of operations, not for --formulas");
	if (o->from && (o->output || o->has_mode))
		return cli_error("-o and --mode are for a run, not for --from");
	return 0;
}

/* Which runs: the operations that differ between profiles are in one of them only. */
static void choose_runs(const struct options *o, struct micro_results *m)
{
	const bool published = o->profile && !strcmp(o->profile, "published");

	m->has[MICRO_RUN_HARDENED] = !published;
	m->has[MICRO_RUN_VE] = !published && !o->formulas;
	m->has[MICRO_RUN_PUBLISHED] = !o->profile || published;
}

static int read_results(const struct options *o, const struct paths *paths,
			struct micro_results *m)
{
	struct timing_processor costs;

	if (o->costs && timing_read_costs(&costs, paths->costs, o->costs))
		return STATUS_BAD;
	return micro_read_all(m, o->from, o->costs ? &costs : NULL);
}

static int run_results(const struct options *o, const struct paths *paths,
		       struct micro_results *m)
{
	/* Bad costs are told about here, not by Bochs. */
	char *const costs = timing_find_costs(paths->costs, o->costs);
	const int status = costs ? micro_run_all(m, paths, costs, o->mode, o->output) : STATUS_BAD;

	free(costs);
	return status;
}

static int print(const struct options *o, const struct micro_results *m,
		 const struct micro_published *published)
{
	const struct timing_result *r = micro_first(m);
	struct table table;
	int status = o->formulas ? micro_formulas_table(&table, m)
				 : micro_table(&table, m, published, o->format);

	if (status)
		return status;
	if (o->format != TABLE_JSON)
		printf("%s, %s mode. Cycles%s.\n\n", r->processor.name,
		       timing_mode_names[r->mode], o->formulas ? "" : " of one operation");
	return timing_print_table(&table, o->format);
}

static int run(const struct options *o, const struct paths *paths)
{
	static struct micro_published published;
	struct micro_results m = { .has = { false } };
	int status;

	choose_runs(o, &m);
	if (!o->formulas &&
	    micro_published_load(&published, o->published ? o->published : paths->published))
		return STATUS_BAD;
	status = o->from ? read_results(o, paths, &m) : run_results(o, paths, &m);
	if (status)
		return status;
	status = print(o, &m, &published);
	micro_free_all(&m);
	return status;
}

int cmd_timing_micro(int argc, char **argv)
{
	struct options o = { .mode = TIMING_FULL };
	struct paths paths;
	int status = parse_options(argc, argv, &o);

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
