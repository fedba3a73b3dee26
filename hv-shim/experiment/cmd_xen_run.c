/* SPDX-License-Identifier: BSD-2-Clause */
/* epml xen run: options, and what they ask for. */
#define _GNU_SOURCE
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bochs_child.h"
#include "cli_options.h"
#include "cmd_xen_run.h"
#include "output.h"
#include "output_dir.h"
#include "run.h"
#include "timing_print.h"
#include "timing_run.h"
#include "track_result.h"

#define DEFAULT_ROUNDS	4u
#define DEFAULT_LIMIT	5u
#define MAX_ROUNDS	1000u
#define MAX_VCPUS	4u

static const char usage[] =
	"usage: epml xen run [OPTION]... [-- PROGRAM [ARGUMENT]...]\n"
	"       epml xen run --from DIR [OPTION]...\n"
	"\n"
	"Boot Xen and a Linux guest on the model, write to each page of an array under each\n"
	"technique that tracks modified pages, and compare what it reports with what was\n"
	"written, and what it costs with what was published. With PROGRAM, that is tracked.\n"
	"\n"
	"  --sizes MB,...       default 1,10; published: 1,10,50,100,250,500,1000\n"
	"  --techniques T,...   proc, ufd, ufd-async, spml, spml-indexed, epml, oracle: all\n"
	"  --profile P,...      published, hardened or all (default)\n"
	"  --rounds N           rounds that are timed, default 4; three more are only compared\n"
	"  --every PAGES        collect after so many pages, not only at the end of a round\n"
	"  --timer MS           collect at notifications and every MS, while pages are written\n"
	"  --limit SECONDS      of the guest: leave out what would take longer, default 5\n"
	"  --timing MODE        full (default), or events: without caches and TLBs\n"
	"  --costs NAME|FILE    processor whose cycles are counted, default i7-8565u\n"
	"  --vcpus N            of the guest, default 1\n"
	"  -j N                 boots at the same time, default one for each processor\n"
	"  --verbose            print the serial line\n"
	"\n"
	"  -o DIR               keep results in DIR: result.json, result.csv, and the records\n"
	"  --from DIR           run nothing; take the records of an earlier -o\n"
	"  --format FORMAT      of the tables: text (default) or markdown\n"
	"  --csv FILE           write the rows\n"
	"  --plots DIR          draw slowdown, parts and overhead (needs gnuplot)\n"
	"  --published FILE     other published figures\n"
	"  --help               print this; docs/experiment.md explains the tables\n"
	"\n"
	"Exit status: 0 all techniques were complete; 1 pages were missed by one that must not\n"
	"miss any (epml under \"published\" may), or there is no result; 2 bad input, or\n"
	"something is missing.\n";

struct options {
	struct xp_request request;
	const char *costs, *output, *from;
	struct output_options out;
	bool has_run_option, help;
};

/* ---- Options --------------------------------------------------------------------------------- */

/* Call a function with each word of a list. */
static int each_word(const char *option, const char *list, struct options *o,
		     int (*take)(struct options *o, const char *word))
{
	char *copy = strdup(list), *rest = copy, *word;
	int status = copy ? 0 : cli_error("out of memory");

	while (!status && (word = strsep(&rest, ",")))
		status = *word ? take(o, word) : cli_error("%s %s: expected no empty word", option,
							   list);
	free(copy);
	return status;
}

static int take_size(struct options *o, const char *word)
{
	struct xp_plan *plan = &o->request.plan;
	uint64_t mb;

	if (option_number("--sizes", word, 1, XP_MAX_MB, &mb))
		return STATUS_BAD;
	if (plan->n_sizes == XP_SIZES)
		return cli_error("--sizes: expected at most %u", XP_SIZES);
	if (plan->n_sizes && mb <= plan->mb[plan->n_sizes - 1])
		return cli_error("--sizes %s: expected them in ascending order", word);
	plan->mb[plan->n_sizes++] = (unsigned)mb;
	return 0;
}

static int take_technique(struct options *o, const char *word)
{
	for (unsigned t = 0; t < XP_ALONE; t++)
		if (!strcmp(xp_technique_names[t], word)) {
			o->request.plan.technique[t] = true;
			return 0;
		}
	return cli_error("--techniques %s: expected proc, ufd, ufd-async, spml, spml-indexed, epml "
			 "or oracle", word);
}

static int take_profile(struct options *o, const char *word)
{
	int profile;

	if (option_profiles(word, &profile))
		return STATUS_BAD;
	for (int p = 0; p < PROFILES; p++)
		if (profile == ALL_PROFILES || profile == p)
			o->request.profile[p] = true;
	return 0;
}

enum { OPT_COSTS = 256, OPT_CSV, OPT_EVERY, OPT_FORMAT, OPT_FROM, OPT_HELP, OPT_LIMIT, OPT_PLOTS,
       OPT_PROFILE, OPT_PUBLISHED, OPT_ROUNDS, OPT_SIZES, OPT_TECHNIQUES, OPT_TIMER, OPT_TIMING,
       OPT_VCPUS, OPT_VERBOSE };

static const struct option long_options[] = {
	{ "costs", required_argument, NULL, OPT_COSTS },
	{ "csv", required_argument, NULL, OPT_CSV },
	{ "every", required_argument, NULL, OPT_EVERY },
	{ "format", required_argument, NULL, OPT_FORMAT },
	{ "from", required_argument, NULL, OPT_FROM },
	{ "help", no_argument, NULL, OPT_HELP },
	{ "limit", required_argument, NULL, OPT_LIMIT },
	{ "plots", required_argument, NULL, OPT_PLOTS },
	{ "profile", required_argument, NULL, OPT_PROFILE },
	{ "published", required_argument, NULL, OPT_PUBLISHED },
	{ "rounds", required_argument, NULL, OPT_ROUNDS },
	{ "sizes", required_argument, NULL, OPT_SIZES },
	{ "techniques", required_argument, NULL, OPT_TECHNIQUES },
	{ "timer", required_argument, NULL, OPT_TIMER },
	{ "timing", required_argument, NULL, OPT_TIMING },
	{ "vcpus", required_argument, NULL, OPT_VCPUS },
	{ "verbose", no_argument, NULL, OPT_VERBOSE },
	{ NULL, 0, NULL, 0 },
};

/* Options of a run: there is none with --from. @return as parse_option(), -1: none of these */
static int parse_run_option(int option, struct options *o)
{
	struct xp_request *r = &o->request;

	switch (option) {
	case OPT_COSTS:
		o->costs = optarg;
		return 0;
	case OPT_EVERY:
		return option_count("--every", optarg, XP_MAX_MB * 256, &r->every);
	case OPT_LIMIT:
		return option_count("--limit", optarg, 3600, &r->limit);
	case OPT_PROFILE:
		return each_word("--profile", optarg, o, take_profile);
	case OPT_ROUNDS:
		return option_count("--rounds", optarg, MAX_ROUNDS, &r->plan.rounds);
	case OPT_SIZES:
		return each_word("--sizes", optarg, o, take_size);
	case OPT_TECHNIQUES:
		return each_word("--techniques", optarg, o, take_technique);
	case OPT_TIMER:
		return option_count("--timer", optarg, 60000, &r->timer);
	case OPT_TIMING:
		return timing_parse_mode("--timing", optarg, &r->mode);
	case OPT_VCPUS:
		return option_count("--vcpus", optarg, MAX_VCPUS, &r->vcpus);
	case OPT_VERBOSE:
		r->verbose = true;
		return 0;
	case 'j':
		return option_jobs(optarg, &r->jobs);
	case 'o':
		o->output = optarg;
		return 0;
	default:
		return -1;
	}
}

static int parse_option(int option, struct options *o)
{
	const int status = parse_run_option(option, o);

	if (status >= 0) {
		o->has_run_option = true;
		return status;
	}
	switch (option) {
	case OPT_CSV:
		o->out.csv = optarg;
		return 0;
	case OPT_FORMAT:
		if (table_format_by_name(optarg, &o->out.format) && o->out.format != TABLE_JSON)
			return 0;
		return cli_error("--format %s: expected text or markdown", optarg);
	case OPT_FROM:
		o->from = optarg;
		return 0;
	case OPT_HELP:
		o->help = true;
		return 0;
	case OPT_PLOTS:
		o->out.plots = optarg;
		return 0;
	case OPT_PUBLISHED:
		o->out.published = optarg;
		return 0;
	default:
		/* getopt has printed what is wrong. */
		return STATUS_BAD;
	}
}

static void set_defaults(struct options *o)
{
	struct xp_request *r = &o->request;
	bool any = false;

	for (unsigned t = 0; t < XP_ALONE; t++)
		any |= r->plan.technique[t];
	for (unsigned t = 0; t < XP_ALONE && !any; t++)
		r->plan.technique[t] = true;
	r->plan.technique[XP_ALONE] = true;
	if (!r->plan.n_sizes) {
		r->plan.mb[r->plan.n_sizes++] = 1;
		if (!r->program)
			r->plan.mb[r->plan.n_sizes++] = 10;
	}
	if (!r->profile[PROFILE_PUBLISHED] && !r->profile[PROFILE_HARDENED])
		take_profile(o, "all");
	if (!r->jobs) {
		const long cpus = sysconf(_SC_NPROCESSORS_ONLN);

		r->jobs = cpus >= PROFILES ? PROFILES : 1;
	}
}

static int check_options(struct options *o, int argc, char **argv)
{
	struct xp_request *r = &o->request;

	if (optind < argc && strcmp(argv[optind - 1], "--"))
		return cli_error("%s: expected options, or -- in front of a program", argv[optind]);
	if (optind < argc)
		r->program = argv + optind;
	if (o->from && (o->has_run_option || r->program))
		return cli_error("--from: expected no option of a run beside it");
	if (r->every && r->timer)
		return cli_error("--every and --timer: expected one of them");
	if (r->program && (r->plan.n_sizes || r->every || r->timer || o->out.csv || o->out.plots))
		return cli_error("--sizes, --every, --timer, --csv and --plots: expected no "
				 "program");
	return 0;
}

static int parse_options(int argc, char **argv, struct options *o)
{
	int option;

	cli_begin(argv, "epml xen run");
	while ((option = getopt_long(argc, argv, "+j:o:", long_options, NULL)) >= 0)
		if (parse_option(option, o))
			return STATUS_BAD;
	if (o->help)
		return 0;
	if (check_options(o, argc, argv))
		return STATUS_BAD;
	set_defaults(o);
	return 0;
}

/* ---- What they ask for ----------------------------------------------------------------------- */

/* What was recorded, as tables and files. */
static int show(const struct options *o, const char *directory, const struct paths *paths)
{
	struct xt_result tracked;
	struct table t;
	int status;

	if (!o->request.program)
		return xp_output(&o->out, directory, o->output, paths);
	status = xt_load(&tracked, directory, &o->request.plan, o->request.profile);
	if (status)
		return status;
	xt_table(&t, &tracked);
	status = timing_print_table(&t, o->out.format);
	return status ? status : xt_verdict(&tracked);
}

/* A boot that failed has its result shown as far as it came. */
static int run_into(struct options *o, const char *directory, const struct paths *paths)
{
	int run, status;

	o->request.directory = directory;
	run = xp_run(&o->request);
	if (run == STATUS_BAD || bochs_stopped())
		return run;
	status = show(o, directory, paths);
	return status ? status : run;
}

static int run(struct options *o, const struct paths *paths)
{
	char temporary[TEMPDIR_PATH];
	const char *directory = output_dir_make(o->output, temporary);
	int status;

	if (!directory)
		return STATUS_BAD;
	status = run_into(o, directory, paths);
	if (!o->output)
		tempdir_remove(temporary);
	return status;
}

/* What every boot would miss is told about once. */
static int check_tools(const struct xp_request *r, const struct paths *paths)
{
	const bool full = r->mode == TIMING_FULL;
	const char *bochs = full ? paths->bochs_timing : paths->bochs;
	const char *program = r->program ? r->program[0] : paths->ooh_bench;

	if (access(bochs, X_OK))
		return cli_error("%s is missing; run \"make bochs-%s\"", bochs,
				 full ? "timing" : "model");
	if (access(paths->xen_hypervisor, R_OK))
		return cli_error("%s is missing; run \"make xen-hypervisor\"",
				 paths->xen_hypervisor);
	if (access(program, R_OK))
		return cli_error("cannot read %s: %s", program, strerror(errno));
	return 0;
}

/* Bad costs and figures are told about before anything is started. */
static int check_and_run(struct options *o, const struct paths *paths)
{
	char *costs = timing_find_costs(paths->costs, o->costs);
	int status;

	if (!costs)
		return STATUS_BAD;
	o->request.costs = costs;
	o->request.paths = paths;
	status = xp_output_check(&o->out, paths) || check_tools(&o->request, paths)
		 ? STATUS_BAD : 0;
	if (!status) {
		bochs_catch_signals();
		status = run(o, paths);
	}
	free(costs);
	if (bochs_stopped())
		bochs_reraise();
	return status;
}

int cmd_xen_run(int argc, char **argv)
{
	struct options o = { .request = {
		.plan = { .rounds = DEFAULT_ROUNDS }, .mode = TIMING_FULL, .vcpus = 1,
		.limit = DEFAULT_LIMIT,
	} };
	struct paths paths;
	int status = parse_options(argc, argv, &o);

	if (status)
		return status;
	if (o.help) {
		fputs(usage, stdout);
		return 0;
	}
	paths_init(&paths);
	status = o.from ? xp_output(&o.out, o.from, NULL, &paths) : check_and_run(&o, &paths);
	paths_free(&paths);
	return status;
}
