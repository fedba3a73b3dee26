/* SPDX-License-Identifier: BSD-2-Clause */
/* epml fuzz: options and the summary. */
#define _GNU_SOURCE
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "addrexpr.h"
#include "bochs_run.h"
#include "campaign.h"
#include "cmd_fuzz.h"

#define STATUS_FAILED	1
#define STATUS_BAD	2
#define DEFAULT_COUNT	10000
#define BOCHS_TIMEOUT	20

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

/* One line on standard error; always STATUS_BAD. */
static int bad(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

static int bad(const char *fmt, ...)
{
	va_list ap;

	fputs("epml fuzz: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	return STATUS_BAD;
}

/* ---- Options ------------------------------------------------------------------------------ */

static int parse_number(const char *option, uint64_t min, uint64_t max, uint64_t *n)
{
	const char *end = optarg;

	if (!number_parse(&end, n) || *end || *n < min || *n > max)
		return bad("%s %s: expected a number from %" PRIu64 " to %" PRIu64, option, optarg,
			   min, max);
	return 0;
}

static int parse_unsigned(const char *option, uint64_t max, unsigned *n)
{
	uint64_t value;

	if (parse_number(option, 1, max, &value))
		return STATUS_BAD;
	*n = (unsigned)value;
	return 0;
}

static int parse_hosts(unsigned *hosts)
{
	char *copy = strdup(optarg), *rest = copy, *name;
	int status = 0;

	while (!status && copy && (name = strsep(&rest, ","))) {
		int host = 0;

		while (host < HOSTS && strcmp(host_names[host], name))
			host++;
		if (host == HOSTS)
			status = bad("--on %s: expected model, bochs or stock", optarg);
		else
			*hosts |= 1u << host;
	}
	free(copy);
	return status;
}

static int parse_profile(int *profile)
{
	*profile = -1;
	if (!strcmp(optarg, "all"))
		return 0;
	for (int p = 0; p < PROFILES; p++)
		if (!strcmp(optarg, profile_names[p]))
			*profile = p;
	return *profile >= 0 ? 0 : bad("--profile %s: expected published, hardened or all",
				       optarg);
}

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
		return parse_number("--count", 1, UINT32_MAX, &c->count);
	case OPT_MINUTES:
		return parse_unsigned("--minutes", 100000, &c->minutes);
	case OPT_SEED:
		return parse_number("--seed", 0, UINT64_MAX, &c->seed);
	case OPT_ON:
		return parse_hosts(&c->trial.hosts);
	case OPT_PROFILE:
		return parse_profile(&c->profile);
	case OPT_TIMEOUT:
		return parse_unsigned("--timeout", 3600, &c->trial.run.timeout);
	case 'o':
		c->directory = optarg;
		return 0;
	case 'j':
		return parse_unsigned("-j", 64, &c->trial.run.jobs);
	default:
		/* getopt has printed what is wrong. */
		return STATUS_BAD;
	}
}

static int parse_options(int argc, char **argv, struct campaign *c, bool *help)
{
	int option;

	argv[0] = "epml fuzz";	/* for getopt's messages */
	while ((option = getopt_long(argc, argv, "o:j:", long_options, NULL)) >= 0) {
		if (option == OPT_HELP) {
			*help = true;
			return 0;
		}
		if (parse_option(option, c))
			return STATUS_BAD;
	}
	if (optind < argc)
		return bad("%s: expected no further argument", argv[optind]);
	if (c->count && c->minutes)
		return bad("--count and --minutes: expected one of them");
	if (!c->count && !c->minutes)
		c->count = DEFAULT_COUNT;
	return 0;
}

/* ---- What is there ------------------------------------------------------------------------ */

static int check_directory(const struct campaign *c)
{
	struct stat st;

	if (stat(c->directory, &st))
		return bad("-o %s: %s", c->directory, strerror(errno));
	if (!S_ISDIR(st.st_mode) || access(c->directory, W_OK))
		return bad("-o %s: expected a directory that can be written", c->directory);
	return 0;
}

static int check_hosts(struct campaign *c)
{
	const struct paths *p = c->trial.run.paths;
	const bool bochs = !access(p->bochs, X_OK), stock = !access(p->bochs_stock, X_OK);
	unsigned *hosts = &c->trial.hosts;

	if (!*hosts)
		*hosts = 1u << ON_MODEL | (unsigned)bochs << ON_BOCHS |
			 (unsigned)stock << ON_STOCK;
	if ((*hosts & 1u << ON_BOCHS) && !bochs)
		return bad("%s is missing; run \"make bochs-model\" or set EPML_BOCHS", p->bochs);
	if ((*hosts & 1u << ON_STOCK) && !stock)
		return bad("%s is missing; run \"make bochs-stock\" or set EPML_BOCHS_STOCK",
			   p->bochs_stock);
	if ((*hosts & ~(1u << ON_MODEL)) && access(p->rom, R_OK))
		return bad("%s is missing; run \"make\" or set EPML_DATADIR", p->rom);
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

	if (check_directory(c) || check_hosts(c))
		return STATUS_BAD;
	bochs_catch_signals();
	if (campaign_run(c, text, sizeof(text)) && !bochs_stopped())
		return bad("%s", text);
	if (bochs_stopped())
		return STATUS_BAD;
	print_summary(c);
	if (fflush(stdout) || ferror(stdout))
		return bad("cannot write the results: %s", strerror(errno));
	return c->failed ? STATUS_FAILED : 0;
}

int cmd_fuzz(int argc, char **argv)
{
	struct paths paths;
	struct campaign c = {
		.seed = 1, .profile = -1, .directory = ".", .progress = isatty(STDERR_FILENO),
		.trial = { .run = { .paths = &paths, .jobs = 1, .timeout = BOCHS_TIMEOUT,
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
