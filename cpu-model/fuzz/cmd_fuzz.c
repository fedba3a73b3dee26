/* SPDX-License-Identifier: BSD-2-Clause */
/* epml fuzz: options and the summary. */
#define _GNU_SOURCE
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bochs_run.h"
#include "campaign.h"
#include "cli_options.h"
#include "cmd_fuzz.h"

#define DEFAULT_COUNT	10000

static const char usage[] =
	"usage: epml fuzz [OPTION]...\n"
	"\n"
	"Run random vectors on the standalone machine, watch the properties P1 to P5 in its\n"
	"trace, and compare what it reports with Bochs, line by line. A vector that fails is made\n"
	"as small as it goes and written as a vector file, which \"epml vectors FILE\" runs.\n"
	"\n"
	"  --count N            number of vectors (default 10000)\n"
	"  --minutes N          go on for N minutes instead\n"
	"  --seed S             other vectors (default 1); the same seed gives the same vectors\n"
	"  --on HOST[,HOST]     model, bochs (Bochs with the model), stock (Bochs as published,\n"
	"                       whose known defects are counted). Without it: all that are built\n"
	"  --profile P          published, hardened or all (default): both, and combinations of\n"
	"                       parameters that are in neither\n"
	"  -o DIR               where the files of failing vectors go (default: here)\n"
	"  -j N                 run N hosts at the same time\n"
	"  --timeout S          seconds without progress after which Bochs hangs (default 20)\n"
	"  --help               print this\n"
	"\n"
	"Exit status: 0 all passed, 1 some failed, 2 bad input or Bochs is missing.\n";

/* ---- Options ------------------------------------------------------------------------------ */

enum { OPT_COUNT = 256, OPT_MINUTES, OPT_SEED, OPT_ON, OPT_PROFILE, OPT_TIMEOUT, OPT_HELP };

static const struct option long_options[] = {
	{ "count", required_argument, NULL, OPT_COUNT },
	{ "minutes", required_argument, NULL, OPT_MINUTES },
	{ "seed", required_argument, NULL, OPT_SEED },
	{ "on", required_argument, NULL, OPT_ON },
	{ "profile", required_argument, NULL, OPT_PROFILE },
	{ "timeout", required_argument, NULL, OPT_TIMEOUT },
	{ "help", no_argument, NULL, OPT_HELP },
	{ NULL, 0, NULL, 0 },
};

static int parse_option(int option, struct campaign *c)
{
	switch (option) {
	case OPT_COUNT:
		return option_number("--count", optarg, 1, UINT32_MAX, &c->count);
	case OPT_MINUTES:
		return option_count("--minutes", optarg, 100000, &c->minutes);
	case OPT_SEED:
		return option_number("--seed", optarg, 0, UINT64_MAX, &c->seed);
	case OPT_ON:
		return option_hosts(optarg, &c->trial.hosts);
	case OPT_PROFILE:
		return option_profiles(optarg, &c->profile);
	case OPT_TIMEOUT:
		return option_timeout(optarg, &c->trial.run.timeout);
	case 'o':
		c->directory = optarg;
		return 0;
	case 'j':
		return option_jobs(optarg, &c->trial.run.jobs);
	default:
		/* getopt has printed what is wrong. */
		return STATUS_BAD;
	}
}

static int parse_options(int argc, char **argv, struct campaign *c, bool *help)
{
	int option;

	cli_begin(argv, "epml fuzz");
	while ((option = getopt_long(argc, argv, "o:j:", long_options, NULL)) >= 0) {
		if (option == OPT_HELP) {
			*help = true;
			return 0;
		}
		if (parse_option(option, c))
			return STATUS_BAD;
	}
	if (optind < argc)
		return cli_error("%s: expected no further argument", argv[optind]);
	if (c->count && c->minutes)
		return cli_error("--count and --minutes: expected one of them");
	if (!c->count && !c->minutes)
		c->count = DEFAULT_COUNT;
	return 0;
}

/* ---- What is there ------------------------------------------------------------------------ */

static int check_directory(const struct campaign *c)
{
	struct stat st;

	if (stat(c->directory, &st))
		return cli_error("-o %s: %s", c->directory, strerror(errno));
	if (!S_ISDIR(st.st_mode) || access(c->directory, W_OK))
		return cli_error("-o %s: expected a directory that can be written", c->directory);
	return 0;
}

/* ---- The command -------------------------------------------------------------------------- */

static void print_summary(const struct campaign *c)
{
	bool known = false;

	printf("seed %" PRIu64 ": %" PRIu64 " vectors, %" PRIu64 " steps on model", c->seed,
	       c->vectors, c->steps);
	for (int host = ON_BOCHS; host < HOSTS; host++)
		if (c->trial.hosts & 1u << host)
			printf(", %s", host_names[host]);
	printf(" in %.1f s: %.2f million steps a minute\n", c->seconds,
	       (double)c->steps * 60 / c->seconds / 1e6);
	for (unsigned i = 0; i < DEFECTS_END; i++) {
		if (!c->trial.known[i])
			continue;
		printf("%s %u (%lu times)", known ? "," : "explained by defects of stock Bochs:", i,
		       c->trial.known[i]);
		known = true;
	}
	if (known)
		putchar('\n');
	printf("%" PRIu64 " passed, %" PRIu64 " failed\n", c->vectors - c->failed, c->failed);
}

static int run(struct campaign *c)
{
	char text[600] = "";

	if (check_directory(c) || require_hosts(c->trial.run.paths, &c->trial.hosts))
		return STATUS_BAD;
	bochs_catch_signals();
	if (campaign_run(c, text, sizeof(text)) && !bochs_stopped())
		return cli_error("%s", text);
	if (bochs_stopped())
		return STATUS_BAD;
	print_summary(c);
	if (fflush(stdout) || ferror(stdout))
		return cli_error("cannot write the results: %s", strerror(errno));
	return c->failed ? STATUS_FAILED : 0;
}

int cmd_fuzz(int argc, char **argv)
{
	struct paths paths;
	struct campaign c = {
		.seed = 1, .profile = ALL_PROFILES, .directory = ".",
		.progress = isatty(STDERR_FILENO),
		.trial = { .run = { .paths = &paths, .jobs = 1, .timeout = USUAL_TIMEOUT,
				    .keep_outcomes = true } },
	};
	bool help = false;
	int status = parse_options(argc, argv, &c, &help);

	if (help)
		fputs(usage, stdout);
	if (status || help)
		return status;
	paths_init(&paths);
	status = run(&c);
	paths_free(&paths);
	if (bochs_stopped())
		bochs_reraise();
	return status;
}
