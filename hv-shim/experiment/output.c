/* SPDX-License-Identifier: BSD-2-Clause */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli_error.h"
#include "newfile.h"
#include "output.h"
#include "timing_print.h"

/* ---- Standard output ------------------------------------------------------------------------- */

static void heading(enum table_format format, const char *title, const char *text)
{
	if (format == TABLE_MARKDOWN)
		printf("\n## %s\n\n%s\n\n", title, text);
	else
		printf("\n%s. %s\n\n", title, text);
}

static const struct timing_result *any_timing(const struct experiment *x)
{
	for (unsigned i = 0; i < PROFILES; i++)
		if (x->timing[i].n_cpus)
			return &x->timing[i];
	return NULL;
}

static int print_counted(const struct experiment *x, const struct xp_published *p,
			 enum table_format format)
{
	struct table t;
	int status;

	heading(format, "Events", "In the timed rounds, by the processor; N: context switches to "
		"and from Tracked.");
	xp_table_events(&t, x);
	status = timing_print_table(&t, format);
	if (status)
		return status;
	heading(format, "Parts", "Of one round, in ms, beside what was published for them.");
	xp_table_parts(&t, x, p);
	status = timing_print_table(&t, format);
	if (status)
		return status;
	heading(format, "The published formulas", "Cycles of the timed rounds.");
	xp_table_formulas(&t, x);
	return timing_print_table(&t, format);
}

int xp_print(const struct experiment *x, const struct xp_published *p, enum table_format format)
{
	const struct timing_result *timing = any_timing(x);
	struct table t;
	int status;

	if (timing)
		printf("%s, %s mode, %u timed rounds. ", timing->processor.name,
		       timing_mode_names[timing->mode], x->plan.rounds);
	puts("Slowdown: of a program that makes its\n"
	     "array and writes to each page once; \"rounds only\": without the making. Tracked\n"
	     "and Tracker: cycles for each page and round.\n");
	xp_table_rows(&t, x, p);
	status = timing_print_table(&t, format);
	if (!status && timing)
		status = print_counted(x, p, format);
	putchar('\n');
	xp_write_text(stdout, x, p);
	return status;
}

/* ---- Files ----------------------------------------------------------------------------------- */

static int write_csv(const char *path, const struct experiment *x, const struct xp_published *p)
{
	struct newfile file;

	if (newfile_open(&file, path))
		return cli_error("cannot write %s: %s", path, strerror(errno));
	xp_write_csv(file.out, x, p);
	if (newfile_close(&file, !ferror(file.out)))
		return cli_error("cannot write %s: %s", path, strerror(errno));
	return 0;
}

static int write_json(const char *path, const struct experiment *x, const struct xp_published *p)
{
	json_t *root = xp_json(x, p);
	struct newfile file;
	int status;

	if (!root)
		return cli_error("out of memory");
	status = newfile_open(&file, path);
	if (!status)
		status = newfile_close(&file, !json_dumpf(root, file.out, JSON_INDENT(1) |
							  JSON_REAL_PRECISION(6)) &&
					      fputc('\n', file.out) != EOF);
	json_decref(root);
	return status ? cli_error("cannot write %s: %s", path, strerror(errno)) : 0;
}

static int write_kept(const char *directory, const struct experiment *x,
		      const struct xp_published *p)
{
	char *json = NULL, *csv = NULL;
	int status;

	if (asprintf(&json, "%s/result.json", directory) < 0 ||
	    asprintf(&csv, "%s/result.csv", directory) < 0)
		return cli_error("out of memory");
	status = write_json(json, x, p) || write_csv(csv, x, p) ? STATUS_BAD : 0;
	free(json);
	free(csv);
	return status;
}

static int write_files(const struct output_options *o, const char *keep,
		       const struct experiment *x, const struct xp_published *p)
{
	int status = keep ? write_kept(keep, x, p) : 0;

	if (!status && o->csv)
		status = write_csv(o->csv, x, p);
	if (!status && o->plots) {
		if (mkdir(o->plots, 0777) && errno != EEXIST)
			return cli_error("--plots %s: %s", o->plots, strerror(errno));
		status = xp_plot(o->plots, x, p);
	}
	return status;
}

/* ---- Both ------------------------------------------------------------------------------------ */

static int load_published(struct xp_published *p, const struct output_options *o,
			  const struct paths *paths)
{
	return xp_published_load(p, o->published ? o->published : paths->published_tracking);
}

int xp_output_check(const struct output_options *o, const struct paths *paths)
{
	static struct xp_published published;

	return load_published(&published, o, paths);
}

int xp_output(const struct output_options *o, const char *directory, const char *keep,
	      const struct paths *paths)
{
	static struct xp_published published;
	struct experiment x;
	int status = load_published(&published, o, paths);

	if (!status)
		status = xp_load(&x, directory);
	if (status)
		return status;
	status = write_files(o, keep, &x, &published);
	if (!status)
		status = xp_print(&x, &published, o->format);
	if (!status)
		status = xp_verdict(&x);
	xp_free(&x);
	return status;
}
