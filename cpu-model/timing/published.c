/* SPDX-License-Identifier: BSD-2-Clause */
/* Published figures: data, and how they compare with a run. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "jsonfile.h"
#include "micro.h"

#define MAX_VALUE	1e9
#define MAX_MHZ		100000

/* ---- Reading -------------------------------------------------------------------------------- */

static int check_keys(const struct jsonfile *f, json_t *figure)
{
	static const char *const keys[] = {
		"operation", "value", "unit", "mhz", "source", "holds", "calibrates"
	};
	const size_t n = sizeof(keys) / sizeof(keys[0]);
	const char *key;
	json_t *value;
	size_t i;

	json_object_foreach(figure, key, value) {
		for (i = 0; i < n && strcmp(keys[i], key); i++)
			continue;
		if (i == n) {
			jsonfile_error(f, figure, "unknown key \"%s\"; expected operation, value, "
				       "unit, mhz, source, holds or calibrates", key);
			return -1;
		}
	}
	return 0;
}

static int read_text(const struct jsonfile *f, const json_t *figure, const char *key,
		     char text[MICRO_TEXT])
{
	const char *value = json_string_value(json_object_get(figure, key));

	if (!value || !*value || strlen(value) >= MICRO_TEXT) {
		jsonfile_error(f, figure, "\"%s\": expected a text of 1 to %d characters", key,
			       MICRO_TEXT - 1);
		return -1;
	}
	strcpy(text, value);
	return 0;
}

/* One of the two clocks; NAN if it is none. */
static double read_mhz(const json_t *mhz, size_t i)
{
	const json_t *value = json_array_get(mhz, i);
	const double number = json_number_value(value);

	return json_array_size(mhz) == 2 && number >= 1 && number <= MAX_MHZ ? number : NAN;
}

/* Cycles, or microseconds at the clocks that may be meant. */
static int read_value(const struct jsonfile *f, const json_t *figure, struct micro_figure *m)
{
	const json_t *mhz = json_object_get(figure, "mhz");
	const char *unit = json_string_value(json_object_get(figure, "unit"));
	const double value = json_number_value(json_object_get(figure, "value"));
	const bool us = unit && !strcmp(unit, "us");

	if (!(value > 0) || value > MAX_VALUE) {
		jsonfile_error(f, figure, "\"value\": expected a number above 0, up to %.0f",
			       MAX_VALUE);
		return -1;
	}
	if (!unit || (!us && strcmp(unit, "cycles"))) {
		jsonfile_error(f, figure, "\"unit\": expected cycles or us");
		return -1;
	}
	m->low = us ? value * read_mhz(mhz, 0) : value;
	m->high = us ? value * read_mhz(mhz, 1) : value;
	if (!us != !mhz || !(m->low <= m->high)) {
		jsonfile_error(f, figure, "\"mhz\": expected, for us only, the lowest and the "
			       "highest clock, from 1 to %d", MAX_MHZ);
		return -1;
	}
	snprintf(m->value, sizeof(m->value), "%g %s", value, unit);
	return 0;
}

static int read_calibrates(const struct jsonfile *f, const json_t *figure,
			   struct micro_figure *m)
{
	const json_t *names = json_object_get(figure, "calibrates"), *name;
	size_t i;

	if (names && !json_array_size(names)) {
		jsonfile_error(f, figure, "\"calibrates\": expected a list of costs");
		return -1;
	}
	json_array_foreach(names, i, name) {
		const char *text = json_string_value(name);
		const int cost = text ? timing_cost_find(text) : -1;

		if (cost < 0) {
			jsonfile_error(f, name, "\"%s\" is not a cost; expected one that \"epml "
				       "timing --list costs\" prints", text ? text : "");
			return -1;
		}
		m->calibrates[cost] = true;
	}
	return 0;
}

static int read_figure(const struct jsonfile *f, json_t *figure, struct micro_figure *m)
{
	const char *operation = json_string_value(json_object_get(figure, "operation"));

	if (!json_is_object(figure)) {
		jsonfile_error(f, figure, "expected an object with operation, value and unit");
		return -1;
	}
	m->row = operation ? micro_row_find(operation) : NULL;
	if (!m->row) {
		jsonfile_error(f, figure, "\"operation\" is \"%s\"; expected one that \"epml "
			       "timing micro\" prints", operation ? operation : "");
		return -1;
	}
	return check_keys(f, figure) || read_text(f, figure, "source", m->source) ||
	       read_text(f, figure, "holds", m->holds) || read_value(f, figure, m) ||
	       read_calibrates(f, figure, m) ? -1 : 0;
}

static int read_figures(const struct jsonfile *f, struct micro_published *p)
{
	json_t *figures = json_object_get(f->root, "figures"), *figure;
	size_t i;

	if (!json_is_array(figures) || json_array_size(figures) > MICRO_FIGURES) {
		jsonfile_error(f, figures, "expected a list \"figures\" of at most %d",
			       MICRO_FIGURES);
		return -1;
	}
	json_array_foreach(figures, i, figure)
		if (read_figure(f, figure, &p->figure[p->n++]))
			return -1;
	return 0;
}

int micro_published_load(struct micro_published *p, const char *path)
{
	struct jsonfile f;
	int status;

	memset(p, 0, sizeof(*p));
	if (jsonfile_load(&f, path))
		return -1;
	status = read_figures(&f, p);
	jsonfile_free(&f);
	return status;
}

/* ---- Comparing ------------------------------------------------------------------------------ */

bool micro_calibrated(const struct micro_figure *f, const struct timing_processor *p)
{
	bool any = false;

	for (unsigned cost = 0; cost < TIMING_N_COSTS; cost++) {
		if (!f->calibrates[cost])
			continue;
		if (p->price[cost].status != TIMING_CALIBRATED)
			return false;
		any = true;
	}
	return any;
}

double micro_error(const struct micro_figure *f, double cycles)
{
	if (cycles < f->low)
		return 100 * (cycles - f->low) / f->low;
	if (cycles > f->high)
		return 100 * (cycles - f->high) / f->high;
	return 0;
}
