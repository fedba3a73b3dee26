/* SPDX-License-Identifier: BSD-2-Clause */
/* Lists of costs and of processors. */
#define _GNU_SOURCE
#include <glob.h>
#include <inttypes.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>

#include "cli_error.h"
#include "costs_load.h"
#include "timing_print.h"

int timing_print_costs(const struct timing_processor *p, enum table_format format)
{
	static const struct table_column names[] = {
		{ "cost", "cost", COLUMN_TEXT }, { "cause", "cause", COLUMN_TEXT },
		{ "text", "one of it", COLUMN_TEXT },
	};
	static const struct table_column prices[] = {
		{ "cost", "cost", COLUMN_TEXT }, { "cause", "cause", COLUMN_TEXT },
		{ "low", "low", COLUMN_NUMBER }, { "likely", "likely", COLUMN_NUMBER },
		{ "high", "high", COLUMN_NUMBER }, { "status", "status", COLUMN_TEXT },
		{ "text", "one of it", COLUMN_TEXT },
	};
	struct table table;

	table_init(&table, p ? prices : names, p ? 7 : 3);
	for (unsigned i = 0; i < TIMING_N_COSTS; i++) {
		table_cell(&table, "%s", timing_costs[i].name);
		table_cell(&table, "%s", timing_causes[timing_costs[i].cause].name);
		for (unsigned bound = 0; p && bound < TIMING_BOUNDS; bound++)
			timing_cell(&table, format, p->price[i].milli[bound]);
		if (p)
			table_cell(&table, "%s", timing_status_names[p->price[i].status]);
		table_cell(&table, "%s", timing_costs[i].text);
	}
	return timing_print_table(&table, format);
}

static int add_processor(struct table *table, char *path)
{
	struct timing_processor p;
	unsigned n[TIMING_STATUSES] = { 0 };
	char *name;

	if (timing_costs_load(&p, path))
		return STATUS_BAD;
	for (unsigned i = 0; i < TIMING_N_COSTS; i++)
		n[p.price[i].status]++;
	name = basename(path);
	table_cell(table, "%.*s", (int)(strlen(name) - strlen(".json")), name);
	table_cell(table, "%" PRIu64, p.khz / 1000);
	for (unsigned status = 0; status < TIMING_STATUSES; status++)
		table_cell(table, "%u", n[status]);
	table_cell(table, "%s", p.name);
	return 0;
}

int timing_print_processors(const char *directory, enum table_format format)
{
	static const struct table_column columns[] = {
		{ "name", "name", COLUMN_TEXT }, { "mhz", "MHz", COLUMN_NUMBER },
		{ "published", "published", COLUMN_NUMBER },
		{ "measured", "measured", COLUMN_NUMBER },
		{ "estimated", "estimated", COLUMN_NUMBER },
		{ "calibrated", "calibrated", COLUMN_NUMBER },
		{ "recalled", "recalled", COLUMN_NUMBER },
		{ "processor", "processor", COLUMN_TEXT },
	};
	char pattern[4096];
	struct table table;
	glob_t files;
	int status = 0;

	snprintf(pattern, sizeof(pattern), "%s/*.json", directory);
	if (glob(pattern, 0, NULL, &files))
		return cli_error("there are no costs files in %s", directory);
	table_init(&table, columns, sizeof(columns) / sizeof(columns[0]));
	for (size_t i = 0; i < files.gl_pathc && !status; i++)
		status = add_processor(&table, files.gl_pathv[i]);
	globfree(&files);
	if (!status)
		return timing_print_table(&table, format);
	table_free(&table);
	return status;
}
