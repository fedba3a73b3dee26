/* SPDX-License-Identifier: BSD-2-Clause */
/* epml vectors export: vectors as numbers, for other models and RTL. */
#define _GNU_SOURCE
#include <errno.h>
#include <fnmatch.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cli_options.h"
#include "cmd_export.h"
#include "export.h"
#include "load.h"
#include "newfile.h"
#include "paths.h"

static const char usage[] =
	"usage: epml vectors export --format FORMAT [OPTION]... [FILE]...\n"
	"\n"
	"Write test vectors with everything resolved to numbers, for other models and RTL. FILE\n"
	"is a vector file or a directory of them; without one, all vectors of the project are\n"
	"exported. docs/export.md describes the formats.\n"
	"\n"
	"  --format FORMAT      json, c (constant arrays) or hex (words for $readmemh)\n"
	"  -o FILE              write to FILE, which is replaced as a whole or not at all\n"
	"  --profile P          published, hardened or all (default)\n"
	"  --filter GLOB        only vectors whose id matches, for example 'gpml/*'\n"
	"  --help               print this\n";

struct options {
	export_fn *write;
	const char *output;		/* file, or NULL: standard output */
	int profile;			/* enum profile, or ALL_PROFILES */
	const char *filter;
	char *const *files;
	unsigned n_files;
	bool help;
};

/* ---- Options ---- */

static int parse_format(const char *text, struct options *o)
{
	o->write = export_format(text);
	return o->write ? 0 : cli_error("--format %s: expected json, c or hex", text);
}

enum { OPT_FORMAT = 256, OPT_PROFILE, OPT_FILTER, OPT_HELP };

static int parse_option(int option, struct options *o)
{
	switch (option) {
	case OPT_FORMAT:
		return parse_format(optarg, o);
	case 'o':
		o->output = optarg;
		return 0;
	case OPT_PROFILE:
		return option_profiles(optarg, &o->profile);
	case OPT_FILTER:
		o->filter = optarg;
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
	static const struct option options[] = {
		{ "format", required_argument, NULL, OPT_FORMAT },
		{ "profile", required_argument, NULL, OPT_PROFILE },
		{ "filter", required_argument, NULL, OPT_FILTER },
		{ "help", no_argument, NULL, OPT_HELP },
		{ NULL, 0, NULL, 0 },
	};
	int option;

	cli_begin(argv, "epml vectors export");
	while ((option = getopt_long(argc, argv, "o:", options, NULL)) >= 0)
		if (parse_option(option, o))
			return STATUS_BAD;
	o->files = argv + optind;
	o->n_files = (unsigned)(argc - optind);
	if (!o->write && !o->help)
		return cli_error("--format is missing: expected json, c or hex");
	return 0;
}

/* ---- Vectors ---- */

static int load_all(struct vector_set *set, const struct options *o)
{
	struct paths paths;
	int status = 0;

	if (!o->n_files) {
		paths_init(&paths);
		status = vectors_load_path(set, paths.vectors);
		paths_free(&paths);
	}
	for (unsigned i = 0; i < o->n_files && !status; i++)
		status = vectors_load_path(set, o->files[i]);
	return status ? STATUS_BAD : 0;
}

/* Moves the selected vectors to the front and returns their number. */
static unsigned select_vectors(const struct options *o, struct vector_set *set)
{
	unsigned n = 0;

	for (unsigned i = 0; i < set->n; i++) {
		struct vector *v = set->vectors[i];

		if ((o->profile == ALL_PROFILES || o->profile == (int)v->profile) &&
		    (!o->filter || !fnmatch(o->filter, v->id, 0)))
			set->vectors[n++] = v;
	}
	return n;
}

/* ---- Output ---- */

/*
 * A file is replaced when all of the new one is there; devices, pipes and links (as /dev/stdout is)
 * are written.
 */
static bool is_special(const char *path)
{
	struct stat st;

	return !lstat(path, &st) && !S_ISREG(st.st_mode);
}

static int write_special(const struct options *o, const struct vector_set *set, unsigned n)
{
	FILE *out = fopen(o->output, "we");
	bool failed;

	if (!out)
		return -1;
	errno = 0;
	o->write(out, set->vectors, n);
	failed = ferror(out);
	return fclose(out) || failed ? -1 : 0;
}

static int write_regular(const struct options *o, const struct vector_set *set, unsigned n)
{
	struct newfile file;

	if (newfile_open(&file, o->output))
		return -1;
	o->write(file.out, set->vectors, n);
	return newfile_close(&file, true);
}

static int write_file(const struct options *o, const struct vector_set *set, unsigned n)
{
	if (is_special(o->output) ? write_special(o, set, n) : write_regular(o, set, n))
		return cli_error("-o %s: %s", o->output, strerror(errno ? errno : EIO));
	return 0;
}

static int write_vectors(const struct options *o, const struct vector_set *set, unsigned n)
{
	if (!n)
		return cli_error("no vector is selected");
	if (o->output)
		return write_file(o, set, n);
	o->write(stdout, set->vectors, n);
	if (fflush(stdout) || ferror(stdout))
		return cli_error("cannot write: %s", strerror(errno));
	return 0;
}

int cmd_export(int argc, char **argv)
{
	struct options o = { .profile = ALL_PROFILES };
	struct vector_set set = { .n = 0 };
	int status = parse_options(argc, argv, &o);

	if (status)
		return status;
	if (o.help) {
		fputs(usage, stdout);
		return 0;
	}
	status = load_all(&set, &o);
	if (!status)
		status = write_vectors(&o, &set, select_vectors(&o, &set));
	vectors_free(&set);
	return status;
}
