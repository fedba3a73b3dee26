/* SPDX-License-Identifier: BSD-2-Clause */
/* epml vectors: what runs where, and the report. */
#define _GNU_SOURCE
#include <errno.h>
#include <fnmatch.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "addrexpr.h"
#include "bochs_run.h"
#include "cli_options.h"
#include "cmd_export.h"
#include "cmd_vectors.h"
#include "load.h"
#include "print_results.h"

static const char usage[] =
	"usage: epml vectors [OPTION]... [FILE]...\n"
	"       epml vectors export --format FORMAT [OPTION]... [FILE]...\n"
	"\n"
	"Run test vectors and compare what happened with what they expect. FILE is a vector file\n"
	"or a directory of them; without one, all vectors of the project run.\n"
	"\n"
	"  --on HOST[,HOST]     model (standalone machine), bochs (Bochs with the model), stock\n"
	"                       (Bochs as published; vectors that need no EPML). Without it:\n"
	"                       model, and bochs and stock if they are built\n"
	"  --profile P          published, hardened or all (default)\n"
	"  --filter GLOB        only vectors whose id matches, for example 'gpml/*'\n"
	"  --shard I/N          only the I-th of N equal parts, 1 is the first\n"
	"  -j N                 run N hosts at the same time\n"
	"  --format F           text (default), tap, junit or json\n"
	"  --trace FILE         write the model's architectural trace\n"
	"  --timeout S          seconds without progress after which Bochs hangs (default 20)\n"
	"  --help               print this\n"
	"\n"
	"A vector that shows a defect of stock Bochs passes on stock if it fails there; such\n"
	"results are marked KNOWN. Exit status: 0 all passed, 1 some failed, 2 bad input or Bochs\n"
	"is missing.\n";

struct options {
	unsigned hosts;			/* bit per enum host; 0: what is built */
	int profile;			/* enum profile, or ALL_PROFILES */
	const char *filter;
	unsigned shard, shards;
	struct run_options run;
	const char *trace;		/* file, or NULL */
	print_results_fn *print;
	char *const *files;
	unsigned n_files;
};

/* ---- Options ---- */

static int parse_shard(const char *text, struct options *o)
{
	const char *end = text;
	uint64_t i = 0, n = 0;
	bool good = number_parse(&end, &i) && *end++ == '/' && number_parse(&end, &n) && !*end;

	if (!good || n > 10000 || i < 1 || i > n)
		return cli_error("--shard %s: expected I/N with I from 1 to N", text);
	o->shard = (unsigned)i - 1;
	o->shards = (unsigned)n;
	return 0;
}

enum { OPT_ON = 256, OPT_PROFILE, OPT_FILTER, OPT_SHARD, OPT_FORMAT, OPT_TRACE, OPT_TIMEOUT,
       OPT_HELP };

static int parse_option(int option, struct options *o)
{
	switch (option) {
	case OPT_ON:
		return option_hosts(optarg, &o->hosts);
	case OPT_PROFILE:
		return option_profiles(optarg, &o->profile);
	case OPT_FILTER:
		o->filter = optarg;
		return 0;
	case OPT_SHARD:
		return parse_shard(optarg, o);
	case 'j':
		return option_jobs(optarg, &o->run.jobs);
	case OPT_FORMAT:
		o->print = results_printer(optarg);
		return o->print ? 0 :
			cli_error("--format %s: expected text, tap, junit or json", optarg);
	case OPT_TRACE:
		o->trace = optarg;
		return 0;
	case OPT_TIMEOUT:
		return option_timeout(optarg, &o->run.timeout);
	default:
		/* getopt has printed what is wrong. */
		return STATUS_BAD;
	}
}

static int parse_options(int argc, char **argv, struct options *o, bool *help)
{
	static const struct option options[] = {
		{ "on", required_argument, NULL, OPT_ON },
		{ "profile", required_argument, NULL, OPT_PROFILE },
		{ "filter", required_argument, NULL, OPT_FILTER },
		{ "shard", required_argument, NULL, OPT_SHARD },
		{ "format", required_argument, NULL, OPT_FORMAT },
		{ "trace", required_argument, NULL, OPT_TRACE },
		{ "timeout", required_argument, NULL, OPT_TIMEOUT },
		{ "help", no_argument, NULL, OPT_HELP },
		{ NULL, 0, NULL, 0 },
	};
	int option;

	cli_begin(argv, "epml vectors");
	while ((option = getopt_long(argc, argv, "j:", options, NULL)) >= 0) {
		if (option == OPT_HELP) {
			*help = true;
			return 0;
		}
		if (parse_option(option, o))
			return STATUS_BAD;
	}
	o->files = argv + optind;
	o->n_files = (unsigned)(argc - optind);
	/* The trace is in the order of the vectors. */
	if (o->trace)
		o->run.jobs = 1;
	return 0;
}

/* ---- Vectors ---- */

static int load_all(struct vector_set *set, const struct options *o)
{
	int status = o->n_files ? 0 : vectors_load_path(set, o->run.paths->vectors);

	for (unsigned i = 0; i < o->n_files && !status; i++)
		status = vectors_load_path(set, o->files[i]);
	return status ? STATUS_BAD : 0;
}

static bool selected(const struct options *o, const struct vector *v, enum host host)
{
	if (!(o->hosts & 1u << host) || !runs_on(v, host))
		return false;
	if (o->filter && fnmatch(o->filter, v->id, 0))
		return false;
	/* Stock Bochs knows no profiles. */
	return host == ON_STOCK || o->profile == ALL_PROFILES ||
	       o->profile == (int)v->profile;
}

/* All selected vectors, host by host, then this shard's share of them. */
static unsigned select_vectors(const struct options *o, const struct vector_set *set,
			       struct result *results)
{
	unsigned n = 0, ordinal = 0;

	for (int host = 0; host < HOSTS; host++) {
		for (unsigned i = 0; i < set->n; i++) {
			if (!selected(o, set->vectors[i], (enum host)host) ||
			    ordinal++ % o->shards != o->shard)
				continue;
			results[n].v = set->vectors[i];
			results[n++].host = (enum host)host;
		}
	}
	return n;
}

/* ---- The command ---- */

static int run_and_print(const struct options *o, struct result *results, unsigned n)
{
	char text[600];

	bochs_catch_signals();
	if (run_vectors(&o->run, results, n, text, sizeof(text))) {
		if (bochs_stopped())
			return STATUS_BAD;
		return cli_error("%s", text);
	}
	if (bochs_stopped())
		return STATUS_BAD;
	o->print(stdout, results, n);
	if (fflush(stdout) || ferror(stdout))
		return cli_error("cannot write the results: %s", strerror(errno));
	return count_passed(results, n) == n ? 0 : STATUS_FAILED;
}

/* As run_and_print(), with the trace in its file. */
static int run_with_trace(struct options *o, struct result *results, unsigned n)
{
	int status;

	if (!o->trace)
		return run_and_print(o, results, n);
	o->run.trace = fopen(o->trace, "we");
	if (!o->run.trace)
		return cli_error("--trace %s: %s", o->trace, strerror(errno));
	status = run_and_print(o, results, n);
	if (fclose(o->run.trace))
		return cli_error("--trace %s: %s", o->trace, strerror(errno));
	return status;
}

static int select_and_run(struct options *o, const struct vector_set *set)
{
	struct result *results;
	unsigned n;
	int status;

	if (require_hosts(o->run.paths, &o->hosts))
		return STATUS_BAD;
	results = calloc((size_t)set->n * HOSTS + 1, sizeof(*results));
	if (!results)
		return cli_error("out of memory");
	n = select_vectors(o, set, results);
	if (n || o->shards > 1)
		status = run_with_trace(o, results, n);
	else
		status = cli_error("no vector is selected");
	for (unsigned i = 0; i < n; i++)
		free(results[i].text);
	free(results);
	return status;
}

int cmd_vectors(int argc, char **argv)
{
	struct paths paths;
	struct options o = {
		.profile = ALL_PROFILES, .shards = 1, .print = results_printer("text"),
		.run = {
			.paths = &paths, .jobs = 1, .timeout = USUAL_TIMEOUT,
			.progress = isatty(STDERR_FILENO),
		},
	};
	struct vector_set set = { .n = 0 };
	bool help = false;
	int status;

	if (argc > 1 && !strcmp(argv[1], "export"))
		return cmd_export(argc - 1, argv + 1);
	status = parse_options(argc, argv, &o, &help);
	if (help)
		fputs(usage, stdout);
	if (status || help)
		return status;
	paths_init(&paths);
	status = load_all(&set, &o);
	if (!status)
		status = select_and_run(&o, &set);
	vectors_free(&set);
	paths_free(&paths);
	if (bochs_stopped())
		bochs_reraise();
	return status;
}
