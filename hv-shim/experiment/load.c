/* SPDX-License-Identifier: BSD-2-Clause */
/* From what a run has recorded to rows. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli_error.h"
#include "experiment.h"
#include "jsonfile.h"
#include "newfile.h"
#include "timing_run.h"

#define PATH_SIZE	4200
#define MAX_ROUNDS	1000

/* ---- The plan ------------------------------------------------------------------------------- */

int xp_write_plan(const char *directory, const struct xp_plan *plan, const bool *profile)
{
	json_t *root = json_object(), *list = json_array();
	struct newfile file;
	char path[PATH_SIZE];
	int status;

	snprintf(path, sizeof(path), "%s/plan.json", directory);
	json_object_set_new(root, "rounds", json_integer(plan->rounds));
	for (unsigned i = 0; i < plan->n_sizes; i++)
		json_array_append_new(list, json_integer(plan->mb[i]));
	json_object_set_new(root, "sizes", list);
	list = json_array();
	for (unsigned i = 0; i < XP_ALONE; i++)
		if (plan->technique[i])
			json_array_append_new(list, json_string(xp_technique_names[i]));
	json_object_set_new(root, "techniques", list);
	list = json_array();
	for (unsigned i = 0; i < PROFILES; i++)
		if (profile[i])
			json_array_append_new(list, json_string(profile_names[i]));
	json_object_set_new(root, "profiles", list);
	status = newfile_open(&file, path);
	if (!status)
		status = newfile_close(&file, !json_dumpf(root, file.out, JSON_INDENT(1)) &&
					      fputc('\n', file.out) != EOF);
	json_decref(root);
	return status ? cli_error("cannot write %s: %s", path, strerror(errno)) : 0;
}

static int bad_plan(const struct jsonfile *f, const json_t *at, const char *key,
		    const char *expected)
{
	jsonfile_error(f, at, "\"%s\": expected %s", key, expected);
	return STATUS_BAD;
}

static int read_sizes(struct xp_plan *plan, const struct jsonfile *f)
{
	const json_t *sizes = json_object_get(f->root, "sizes"), *mb;
	size_t i;

	if (!json_array_size(sizes) || json_array_size(sizes) > XP_SIZES)
		return bad_plan(f, sizes, "sizes", "a list of sizes");
	json_array_foreach(sizes, i, mb) {
		const json_int_t n = json_integer_value(mb);

		if (n < 1 || n > XP_MAX_MB || (i && n <= (json_int_t)plan->mb[i - 1]))
			return bad_plan(f, mb, "sizes", "MB, in ascending order");
		plan->mb[plan->n_sizes++] = (unsigned)n;
	}
	return 0;
}

/* Names of a list, as flags. */
static int read_names(const struct jsonfile *f, const char *key, const char *const names[],
		      unsigned n, bool *flags)
{
	const json_t *list = json_object_get(f->root, key), *name;
	size_t i;

	if (!json_array_size(list))
		return bad_plan(f, list, key, "a list of names");
	json_array_foreach(list, i, name) {
		unsigned j = 0;

		while (j < n && (!json_is_string(name) ||
				 strcmp(names[j], json_string_value(name))))
			j++;
		if (j == n)
			return bad_plan(f, name, key, "names that are known");
		flags[j] = true;
	}
	return 0;
}

static int read_plan(struct experiment *x, const struct jsonfile *f)
{
	const json_int_t rounds = json_integer_value(json_object_get(f->root, "rounds"));

	if (rounds < 1 || rounds > MAX_ROUNDS)
		return bad_plan(f, NULL, "rounds", "a number");
	x->plan.rounds = (unsigned)rounds;
	x->plan.technique[XP_ALONE] = true;
	return read_sizes(&x->plan, f) ||
	       read_names(f, "techniques", xp_technique_names, XP_ALONE, x->plan.technique) ||
	       read_names(f, "profiles", profile_names, PROFILES, x->profile) ? STATUS_BAD : 0;
}

/* ---- Rows ----------------------------------------------------------------------------------- */

/* Rows that there have to be, until lines say otherwise. The base line comes first. */
static int make_rows(struct experiment *x)
{
	static const char nothing[] = "no result: the guest ended before";

	x->rows = calloc((size_t)PROFILES * XP_SIZES * XP_TECHNIQUES, sizeof(*x->rows));
	if (!x->rows)
		return cli_error("out of memory");
	for (unsigned p = 0; p < PROFILES; p++)
		for (unsigned s = 0; x->profile[p] && s < x->plan.n_sizes; s++)
			for (unsigned i = 0; i < XP_TECHNIQUES; i++) {
				const unsigned t = (i + XP_ALONE) % XP_TECHNIQUES;
				struct xp_row *row = &x->rows[x->n];

				if (!x->plan.technique[t])
					continue;
				row->profile = (enum profile)p;
				row->technique = (enum xp_technique)t;
				row->mb = x->plan.mb[s];
				row->outcome = XP_MISSING;
				strcpy(row->text, nothing);
				x->n++;
			}
	return 0;
}

static struct xp_row *find_row(const struct experiment *x, enum profile profile,
			       enum xp_technique technique, unsigned mb)
{
	for (unsigned i = 0; i < x->n; i++) {
		struct xp_row *row = &x->rows[i];

		if (row->profile == profile && row->technique == technique && row->mb == mb)
			return row;
	}
	return NULL;
}

static int take_line(void *ctx, enum profile profile, const char *path, unsigned number,
		     const char *text)
{
	const struct experiment *x = ctx;
	struct xp_row read, *row;
	char error[XP_TEXT];
	const int kind = xp_parse_line(&read, text, error);

	if (kind == 0)
		return 0;
	if (kind < 0) {
		fprintf(stderr, "%s:%u: %s\n", path, number, error);
		return STATUS_BAD;
	}
	row = find_row(x, profile, read.technique, read.mb);
	if (!row || row->outcome != XP_MISSING) {
		fprintf(stderr, "%s:%u: %s at %u MB was not expected%s\n", path, number,
			xp_technique_names[read.technique], read.mb, row ? " again" : "");
		return STATUS_BAD;
	}
	read.profile = profile;
	*row = read;
	return 0;
}

/* ---- The cycle count ------------------------------------------------------------------------ */

/* The part of a run that a phase is; -1: of none. */
static int part_of(const struct xp_row *row, unsigned phase)
{
	for (unsigned part = 0; part < XP_PARTS; part++)
		if (phase && row->phase[part] == phase)
			return (int)part;
	return -1;
}

static void name_phase(struct timing_result_phase *phase, const struct xp_row *row, int part)
{
	if (row->technique == XP_ALONE)
		snprintf(phase->name, sizeof(phase->name), "alone, %u MB", row->mb);
	else
		snprintf(phase->name, sizeof(phase->name), "%s, %u MB: %s",
			 xp_technique_names[row->technique], row->mb, xp_part_names[part]);
}

static void take_counts(struct xp_row *row, struct timing_result_cpu *cpu)
{
	for (unsigned i = 0; i < cpu->n_phases; i++) {
		const int part = part_of(row, cpu->phases[i].id);

		if (part < 0)
			continue;
		name_phase(&cpu->phases[i], row, part);
		for (unsigned cost = 0; cost < TIMING_N_COSTS; cost++)
			row->count[part][cost] += cpu->phases[i].count[cost];
	}
}

static int read_timing(struct experiment *x, enum profile profile, const char *directory)
{
	struct timing_result *timing = &x->timing[profile];
	char path[PATH_SIZE];

	snprintf(path, sizeof(path), "%s/%s.timing.json", directory, profile_names[profile]);
	if (access(path, F_OK))
		return 0;
	if (timing_read_result(timing, path, NULL))
		return STATUS_BAD;
	for (unsigned i = 0; i < x->n; i++) {
		struct xp_row *row = &x->rows[i];

		if (row->profile != profile)
			continue;
		row->counted = row->phase[XP_TRACKED] != 0;
		for (unsigned cpu = 0; cpu < timing->n_cpus; cpu++)
			take_counts(row, &timing->cpus[cpu]);
	}
	return 0;
}

int xp_load(struct experiment *x, const char *directory)
{
	struct jsonfile f;
	char path[PATH_SIZE];
	int status;

	memset(x, 0, sizeof(*x));
	snprintf(path, sizeof(path), "%s/plan.json", directory);
	if (jsonfile_load(&f, path))
		return STATUS_BAD;
	status = read_plan(x, &f);
	jsonfile_free(&f);
	if (!status)
		status = make_rows(x);
	for (unsigned p = 0; p < PROFILES && !status; p++)
		if (x->profile[p])
			status = xp_read_lines(directory, (enum profile)p, take_line, x) ||
				 read_timing(x, (enum profile)p, directory) ? STATUS_BAD : 0;
	if (status)
		xp_free(x);
	return status;
}

void xp_free(struct experiment *x)
{
	for (unsigned p = 0; p < PROFILES; p++)
		timing_result_free(&x->timing[p]);
	free(x->rows);
	x->rows = NULL;
	x->n = 0;
}

const struct xp_row *xp_alone(const struct experiment *x, const struct xp_row *row)
{
	const struct xp_row *alone = find_row(x, row->profile, XP_ALONE, row->mb);

	return alone && alone->outcome == XP_OK && row->outcome == XP_OK ? alone : NULL;
}
