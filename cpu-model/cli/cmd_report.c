/* SPDX-License-Identifier: BSD-2-Clause */
/* epml report: run the vectors or read their results, and write the report. */
#define _GNU_SOURCE
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bochs_run.h"
#include "cli_options.h"
#include "cmd_report.h"
#include "load.h"
#include "output_dir.h"
#include "print_results.h"
#include "report_doc.h"

static const char usage[] =
	"usage: epml report [OPTION]...\n"
	"\n"
	"Run all vectors in both profiles, on the standalone machine and on the two builds of\n"
	"Bochs if they exist, and print what they show, as Markdown.\n"
	"\n"
	"  -o DIR           write report.md, report.html and plots (needs gnuplot) into DIR\n"
	"  --results FILE   run nothing, take results of \"epml vectors --format json\"\n"
	"  --bench FILE     add measurements of \"make bench\" (default: bench.json beside the\n"
	"                   program, if it exists)\n"
	"  --micro DIR      add what \"epml timing micro -o DIR\" has counted (default: what\n"
	"                   \"make micro\" has left beside the program, if it exists)\n"
	"  --xen DIR        add the comparison of techniques of \"epml xen run -o DIR\"\n"
	"  -j N             run N hosts at the same time\n"
	"  --help           print this\n"
	"\n"
	"Exit status: 0 written, whatever the vectors showed; 2 bad input, or something is\n"
	"missing.\n";

struct options {
	const char *directory;		/* NULL: Markdown to standard output */
	const char *results, *bench, *micro, *xen;
	unsigned jobs;
};

static int parse_options(int argc, char **argv, struct options *o, bool *help)
{
	static const struct option options[] = {
		{ "results", required_argument, NULL, 'r' },
		{ "bench", required_argument, NULL, 'b' },
		{ "micro", required_argument, NULL, 'm' },
		{ "xen", required_argument, NULL, 'x' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int option, status = 0;

	cli_begin(argv, "epml report");
	while (!status && (option = getopt_long(argc, argv, "o:j:", options, NULL)) >= 0) {
		if (option == 'o')
			o->directory = optarg;
		else if (option == 'j')
			status = option_jobs(optarg, &o->jobs);
		else if (option == 'r')
			o->results = optarg;
		else if (option == 'b')
			o->bench = optarg;
		else if (option == 'm')
			o->micro = optarg;
		else if (option == 'x')
			o->xen = optarg;
		else if (option == 'h')
			*help = true;
		else
			status = -1;
	}
	if (!status && optind < argc)
		status = cli_error("%s: expected options only", argv[optind]);
	return status;
}

/* ---- Running all vectors ---- */

static bool host_exists(const struct paths *p, enum host host)
{
	if (host == ON_MODEL)
		return true;
	return !access(host == ON_BOCHS ? p->bochs : p->bochs_stock, X_OK) && !access(p->rom, R_OK);
}

static unsigned select_all(const struct vector_set *set, const struct paths *paths,
			   struct result *results)
{
	unsigned n = 0;

	for (int host = 0; host < HOSTS; host++) {
		for (unsigned i = 0; host_exists(paths, (enum host)host) && i < set->n; i++) {
			if (!runs_on(set->vectors[i], (enum host)host))
				continue;
			results[n].v = set->vectors[i];
			results[n++].host = (enum host)host;
		}
	}
	return n;
}

static int run_set(const struct options *o, const struct vector_set *set,
		   const struct paths *paths, struct jsonfile *f)
{
	const struct run_options run = {
		.paths = paths, .jobs = o->jobs, .timeout = USUAL_TIMEOUT,
		.progress = isatty(STDERR_FILENO),
	};
	struct result *results = calloc((size_t)set->n * HOSTS + 1, sizeof(*results));
	char text[600];
	unsigned n;
	int status;

	if (!results)
		return cli_error("out of memory");
	n = select_all(set, paths, results);
	status = run_vectors(&run, results, n, text, sizeof(text));
	if (status && !bochs_stopped())
		cli_error("%s", text);
	if (!status && !bochs_stopped())
		f->root = results_json(results, n);
	for (unsigned i = 0; i < n; i++)
		free(results[i].text);
	free(results);
	return f->root ? 0 : -1;
}

/* The results of this run, as if they had been read from a file. */
static int run_all(const struct options *o, const struct paths *paths, struct jsonfile *f)
{
	struct vector_set set = { .n = 0 };
	int status;

	bochs_catch_signals();
	status = vectors_load_dir(&set, paths->vectors);
	if (!status)
		status = run_set(o, &set, paths, f);
	vectors_free(&set);
	f->path = strdup("results");
	f->text = strdup("");
	return f->path && f->text ? status : cli_error("out of memory");
}

/* ---- Files of the report ---- */

struct file {
	const char *name;
	char *text;
	size_t size;
};

static int write_document(struct file *file, const char *name, const struct doc_ops *ops,
			  const struct plot *plots, const struct report_data *d)
{
	struct doc doc = { .ops = ops, .plots = plots };
	int status;

	file->name = name;
	doc.out = open_memstream(&file->text, &file->size);
	if (!doc.out)
		return cli_error("out of memory");
	status = report_write(&doc, d);
	if (fclose(doc.out) || status)
		return cli_error("out of memory");
	return 0;
}

static int write_files(const char *directory, const struct file *files, unsigned n,
		       const struct plot *plots)
{
	if (mkdir(directory, 0777) && errno != EEXIST)
		return cli_error("cannot make %s: %s", directory, strerror(errno));
	for (unsigned i = 0; i < PLOTS; i++)
		if (plots[i].svg && output_dir_write(directory, plots[i].file, plots[i].svg,
						     strlen(plots[i].svg)))
			return -1;
	for (unsigned i = 0; i < n; i++)
		if (output_dir_write(directory, files[i].name, files[i].text, files[i].size))
			return -1;
	return 0;
}

static int write_directory(const char *directory, const struct report_data *d)
{
	struct plot plots[PLOTS] = { { .svg = NULL } };
	struct file files[2] = { { .text = NULL } };
	int status = report_plots_make(plots, d);

	if (!status)
		status = write_document(&files[0], "report.md", &doc_markdown, plots, d);
	if (!status)
		status = write_document(&files[1], "report.html", &doc_html, plots, d);
	if (!status)
		status = write_files(directory, files, 2, plots);
	for (unsigned i = 0; i < 2; i++)
		free(files[i].text);
	report_plots_free(plots);
	return status;
}

static int write_output(const struct report_data *d)
{
	struct doc doc = { .out = stdout, .ops = &doc_markdown };

	if (report_write(&doc, d))
		return cli_error("cannot write the report: %s", strerror(errno));
	return 0;
}

/* ---- The command ---- */

/* The measurements that were asked for, or those that "make bench" has left. */
static int load_bench(const char *asked, const char *usual, struct jsonfile *bench,
		      struct report_data *d)
{
	const char *path = asked ? asked : usual;

	if (!asked && access(usual, R_OK))
		return 0;
	return jsonfile_load(bench, path) || report_data_bench(d, bench) ? -1 : 0;
}

/* The same for the micro-operations, all runs of them. */
static int load_micro(const char *asked, const struct paths *paths, struct micro_results *micro,
		      struct micro_published *published, struct report_data *d)
{
	if (!asked && access(paths->micro, R_OK))
		return 0;
	for (unsigned run = 0; run < MICRO_RUNS; run++)
		micro->has[run] = true;
	if (micro_published_load(published, paths->published) ||
	    micro_read_all(micro, asked ? asked : paths->micro, NULL))
		return -1;
	d->micro = micro;
	d->published = published;
	return 0;
}

/* The experiment has no usual place: it takes minutes. */
static int load_experiment(const char *directory, const struct paths *paths,
			   struct experiment *x, struct xp_published *published,
			   struct report_data *d)
{
	if (!directory)
		return 0;
	if (xp_published_load(published, paths->published_tracking) || xp_load(x, directory))
		return -1;
	d->experiment = x;
	d->tracking = published;
	return 0;
}

static int report(const struct options *o, const struct paths *paths,
		  const struct jsonfile *results)
{
	static struct micro_published published;
	static struct xp_published tracking;
	struct micro_results micro = { .has = { false } };
	struct experiment experiment = { .n = 0 };
	struct jsonfile bench = { .root = NULL };
	struct report_data d;
	int status = report_data_load(&d, results);

	if (!status)
		status = load_bench(o->bench, paths->bench, &bench, &d);
	if (!status)
		status = load_micro(o->micro, paths, &micro, &published, &d);
	if (!status)
		status = load_experiment(o->xen, paths, &experiment, &tracking, &d);
	if (!status)
		status = o->directory ? write_directory(o->directory, &d) : write_output(&d);
	report_data_free(&d);
	jsonfile_free(&bench);
	micro_free_all(&micro);
	xp_free(&experiment);
	return status;
}

int cmd_report(int argc, char **argv)
{
	struct options o = { .jobs = 1 };
	struct jsonfile results = { .root = NULL };
	struct paths paths;
	bool help = false;
	int status = parse_options(argc, argv, &o, &help);

	if (help && !status)
		fputs(usage, stdout);
	if (status || help)
		return status ? STATUS_BAD : 0;
	paths_init(&paths);
	status = o.results ? jsonfile_load(&results, o.results) : run_all(&o, &paths, &results);
	if (!status)
		status = report(&o, &paths, &results);
	jsonfile_free(&results);
	paths_free(&paths);
	if (bochs_stopped())
		bochs_reraise();
	return status ? STATUS_BAD : 0;
}
