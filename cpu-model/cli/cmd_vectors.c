/* SPDX-License-Identifier: BSD-2-Clause */
/* epml vectors: what runs where, and the report. */
#define _GNU_SOURCE
#include <errno.h>
#include <fnmatch.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "addrexpr.h"
#include "bochs_run.h"
#include "cmd_vectors.h"
#include "load.h"
#include "print_results.h"

#define STATUS_FAILED	1
#define STATUS_BAD	2
#define MAX_JOBS	64
#define BOCHS_TIMEOUT	20

static const char usage[] =
	"usage: epml vectors [OPTION]... [FILE]...\n"
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
	unsigned profiles;		/* bit per enum profile */
	const char *filter;
	unsigned shard, shards;
	struct run_options run;
	const char *trace;		/* file, or NULL */
	print_results_fn *print;
	char *const *files;
	unsigned n_files;
};

/* One line on standard error; always STATUS_BAD. */
static int bad(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

static int bad(const char *fmt, ...)
{
	va_list ap;

	fputs("epml vectors: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	return STATUS_BAD;
}

/* ---- Options ---- */

static int parse_count(const char *option, const char *text, uint64_t max, unsigned *result)
{
	const char *end = text;
	uint64_t n;

	if (!number_parse(&end, &n) || *end || n < 1 || n > max)
		return bad("%s %s: expected a number from 1 to %u", option, text, (unsigned)max);
	*result = (unsigned)n;
	return 0;
}

static int parse_hosts(const char *text, unsigned *hosts)
{
	while (*text) {
		size_t len = strcspn(text, ",");
		int host = 0;

		while (host < HOSTS && (strlen(host_names[host]) != len ||
					strncmp(host_names[host], text, len)))
			host++;
		if (host == HOSTS)
			return bad("--on %.*s: expected model, bochs or stock", (int)len, text);
		*hosts |= 1u << host;
		text += len + (text[len] == ',');
	}
	return *hosts ? 0 : bad("--on: expected model, bochs or stock");
}

static int parse_profile(const char *text, unsigned *profiles)
{
	if (!strcmp(text, "all"))
		return 0;
	for (int p = 0; p < PROFILES; p++) {
		if (!strcmp(text, profile_names[p])) {
			*profiles = 1u << p;
			return 0;
		}
	}
	return bad("--profile %s: expected published, hardened or all", text);
}

static int parse_shard(const char *text, struct options *o)
{
	const char *end = text;
	uint64_t i = 0, n = 0;
	bool good = number_parse(&end, &i) && *end++ == '/' && number_parse(&end, &n) && !*end;

	if (!good || n > 10000 || i < 1 || i > n)
		return bad("--shard %s: expected I/N with I from 1 to N", text);
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
		return parse_hosts(optarg, &o->hosts);
	case OPT_PROFILE:
		return parse_profile(optarg, &o->profiles);
	case OPT_FILTER:
		o->filter = optarg;
		return 0;
	case OPT_SHARD:
		return parse_shard(optarg, o);
	case 'j':
		return parse_count("-j", optarg, MAX_JOBS, &o->run.jobs);
	case OPT_FORMAT:
		o->print = results_printer(optarg);
		return o->print ? 0 : bad("--format %s: expected text, tap, junit or json", optarg);
	case OPT_TRACE:
		o->trace = optarg;
		return 0;
	case OPT_TIMEOUT:
		return parse_count("--timeout", optarg, 3600, &o->run.timeout);
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

	argv[0] = "epml vectors";	/* for getopt's messages */
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

static int load_path(struct vector_set *set, const char *path)
{
	struct stat st;
	int status;

	if (!stat(path, &st) && S_ISDIR(st.st_mode))
		status = vectors_load_dir(set, path);
	else
		status = vectors_load(set, path);
	return status ? STATUS_BAD : 0;
}

static int load_all(struct vector_set *set, const struct options *o)
{
	if (!o->n_files)
		return load_path(set, o->run.paths->vectors);
	for (unsigned i = 0; i < o->n_files; i++)
		if (load_path(set, o->files[i]))
			return STATUS_BAD;
	return 0;
}

static bool selected(const struct options *o, const struct vector *v, enum host host)
{
	if (!(o->hosts & 1u << host) || !runs_on(v, host))
		return false;
	if (o->filter && fnmatch(o->filter, v->id, 0))
		return false;
	/* Stock Bochs knows no profiles. */
	return host == ON_STOCK || (o->profiles & 1u << v->profile);
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

/* ---- Hosts ---- */

static int find_hosts(struct options *o)
{
	const struct paths *p = o->run.paths;
	const bool bochs = !access(p->bochs, X_OK), stock = !access(p->bochs_stock, X_OK);

	if (!o->hosts)
		o->hosts = 1u << ON_MODEL | (unsigned)bochs << ON_BOCHS |
			   (unsigned)stock << ON_STOCK;
	if ((o->hosts & 1u << ON_BOCHS) && !bochs)
		return bad("%s is missing; run \"make bochs-model\" or set EPML_BOCHS", p->bochs);
	if ((o->hosts & 1u << ON_STOCK) && !stock)
		return bad("%s is missing; run \"make bochs-stock\" or set EPML_BOCHS_STOCK",
			   p->bochs_stock);
	if ((o->hosts & ~(1u << ON_MODEL)) && access(p->rom, R_OK))
		return bad("%s is missing; run \"make\" or set EPML_DATADIR", p->rom);
	return 0;
}

/* ---- The command ---- */

static int run_and_print(const struct options *o, struct result *results, unsigned n)
{
	char text[600];

	bochs_catch_signals();
	if (run_vectors(&o->run, results, n, text, sizeof(text))) {
		if (bochs_stopped())
			return STATUS_BAD;
		return bad("%s", text);
	}
	if (bochs_stopped())
		return STATUS_BAD;
	o->print(stdout, results, n);
	if (fflush(stdout) || ferror(stdout))
		return bad("cannot write the results: %s", strerror(errno));
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
		return bad("--trace %s: %s", o->trace, strerror(errno));
	status = run_and_print(o, results, n);
	if (fclose(o->run.trace))
		return bad("--trace %s: %s", o->trace, strerror(errno));
	return status;
}

static int select_and_run(struct options *o, const struct vector_set *set)
{
	struct result *results;
	unsigned n;
	int status;

	if (find_hosts(o))
		return STATUS_BAD;
	results = calloc((size_t)set->n * HOSTS + 1, sizeof(*results));
	if (!results)
		return bad("out of memory");
	n = select_vectors(o, set, results);
	if (n || o->shards > 1)
		status = run_with_trace(o, results, n);
	else
		status = bad("no vector is selected");
	for (unsigned i = 0; i < n; i++)
		free(results[i].text);
	free(results);
	return status;
}

int cmd_vectors(int argc, char **argv)
{
	struct paths paths;
	struct options o = {
		.profiles = (1u << PROFILES) - 1, .shards = 1, .print = results_printer("text"),
		.run = {
			.paths = &paths, .jobs = 1, .timeout = BOCHS_TIMEOUT,
			.progress = isatty(STDERR_FILENO),
		},
	};
	struct vector_set set = { .n = 0 };
	bool help = false;
	int status = parse_options(argc, argv, &o, &help);

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
