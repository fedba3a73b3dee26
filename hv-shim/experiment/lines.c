/* SPDX-License-Identifier: BSD-2-Clause */
/* Result lines of ooh-bench. They come over a serial line, so nothing about them is taken for
 * granted. */
#include <errno.h>
#include <string.h>

#include "cli_error.h"
#include "experiment.h"

#define PATH_SIZE	4200
#define LINE_SIZE	8192

const char *const xp_technique_names[XP_TECHNIQUES] = {
	"proc", "ufd", "ufd-async", "spml", "spml-indexed", "epml", "oracle", "alone"
};

const char *const xp_part_names[XP_PARTS] = { "setup", "tracked", "collect", "rearm", "stop" };

const char *const xp_number_names[XP_N_NUMBERS] = {
#define XP_NAME(ID, name) name,
	XP_NUMBERS(XP_NAME)
#undef XP_NAME
};

static int find(const char *const names[], unsigned n, const json_t *name)
{
	const char *text = json_string_value(name);

	for (unsigned i = 0; text && i < n; i++)
		if (!strcmp(names[i], text))
			return (int)i;
	return -1;
}

/* A whole number; -1 if it is none, negative or too large. */
static json_int_t whole(const json_t *line, const char *key, json_int_t max)
{
	const json_t *value = json_object_get(line, key);
	const json_int_t n = json_integer_value(value);

	return json_is_integer(value) && n >= 0 && n <= max ? n : -1;
}

static int read_numbers(struct xp_row *row, const json_t *line, unsigned from, unsigned to,
			char error[XP_TEXT])
{
	for (unsigned i = from; i < to; i++) {
		const json_int_t n = whole(line, xp_number_names[i], INT64_MAX);

		if (n < 0) {
			snprintf(error, XP_TEXT, "\"%s\": expected a whole number",
				 xp_number_names[i]);
			return -1;
		}
		row->number[i] = (uint64_t)n;
	}
	return 0;
}

static int read_phases(struct xp_row *row, const json_t *line, char error[XP_TEXT])
{
	const json_t *phases = json_object_get(line, "phases");

	for (unsigned part = 0; part < XP_PARTS; part++) {
		const bool alone = row->technique == XP_ALONE;
		const char *name = alone ? xp_technique_names[XP_ALONE] : xp_part_names[part];
		json_int_t n;

		if (alone && part != XP_TRACKED)
			continue;
		n = whole(phases, name, TIMING_PHASES - 1);
		if (n < 0) {
			snprintf(error, XP_TEXT, "\"phases\": expected a number \"%s\"", name);
			return -1;
		}
		row->phase[part] = (unsigned)n;
	}
	return 0;
}

static int read_outcome(struct xp_row *row, const json_t *line, char error[XP_TEXT])
{
	static const char *const names[] = { "ok", "failed", "left-out" };
	const int outcome = find(names, 3, json_object_get(line, "outcome"));
	const char *text = json_string_value(json_object_get(line, "text"));

	if (outcome < 0 || (outcome != XP_OK && !text)) {
		snprintf(error, XP_TEXT, "\"outcome\": expected ok, or failed or left-out with a "
			 "\"text\"");
		return -1;
	}
	row->outcome = (enum xp_outcome)outcome;
	snprintf(row->text, sizeof(row->text), "%s", text ? text : "");
	return 0;
}

static int read_row(struct xp_row *row, const json_t *line, char error[XP_TEXT])
{
	const json_int_t mb = whole(line, "mb", XP_MAX_MB);

	if (mb < 1) {
		snprintf(error, XP_TEXT, "\"mb\": expected a number from 1 to %u", XP_MAX_MB);
		return -1;
	}
	row->mb = (unsigned)mb;
	if (read_outcome(row, line, error) || read_phases(row, line, error))
		return -1;
	if (row->outcome == XP_OK && read_numbers(row, line, 0, XP_ALONE_NUMBERS, error))
		return -1;
	if (row->technique == XP_ALONE || row->outcome == XP_LEFT_OUT)
		return 0;
	/* What a technique reported before it failed counts as well. */
	return read_numbers(row, line, row->outcome == XP_OK ? XP_ALONE_NUMBERS : XPN_ROUNDS,
			    XP_N_NUMBERS, error);
}

int xp_parse_line(struct xp_row *row, const char *text, char error[XP_TEXT])
{
	json_t *line = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	const json_t *run = json_object_get(line, "run");
	const int technique = find(xp_technique_names, XP_TECHNIQUES, run);
	int status = -1;

	memset(row, 0, sizeof(*row));
	if (technique >= 0) {
		row->technique = (enum xp_technique)technique;
		status = read_row(row, line, error) ? -1 : 1;
	} else if (run && !strcmp(json_string_value(run) ? json_string_value(run) : "", "end")) {
		status = 0;
	} else {
		snprintf(error, XP_TEXT, "expected an object with \"run\", a technique, \"alone\" "
			 "or \"end\"");
	}
	json_decref(line);
	return status;
}

int xp_read_lines(const char *directory, enum profile profile, xp_take_line_fn *take, void *ctx)
{
	char path[PATH_SIZE], line[LINE_SIZE];
	unsigned number = 0;
	int status = 0;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s.lines", directory, profile_names[profile]);
	f = fopen(path, "re");
	if (!f)
		return cli_error("cannot read %s: %s", path, strerror(errno));
	while (!status && fgets(line, sizeof(line), f))
		status = take(ctx, profile, path, ++number, line);
	fclose(f);
	return status;
}
