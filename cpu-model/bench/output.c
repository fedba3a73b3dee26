/* SPDX-License-Identifier: BSD-2-Clause */
/* Results of epml-bench: tables on standard output, JSON for "epml report". */
#define _GNU_SOURCE
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench.h"
#include "newfile.h"
#include "table.h"

/* ---- Tables ---- */

static void ratio_cells(struct table *t, const struct bochs_samples *s, unsigned c, double goal)
{
	const struct summary ratio = samples_summary(&s->ratio[c]);

	table_cell(t, "%.3f", ratio.median);
	table_cell(t, "%.3f", ratio.min);
	table_cell(t, "%.3f", ratio.max);
	if (!goal)
		table_cell(t, "-");
	else
		table_cell(t, "%.2f %s", goal, ratio.median <= goal ? "met" : "missed");
}

static int print_bochs(const struct bench_results *r)
{
	static const struct table_column columns[] = {
		{ "workload", "workload", COLUMN_TEXT }, { "on", "on Bochs", COLUMN_TEXT },
		{ "seconds", "seconds", COLUMN_TEXT }, { "ns", "ns/access", COLUMN_TEXT },
		{ "mips", "MIPS", COLUMN_TEXT },
		{ "ratio", "ratio", COLUMN_TEXT }, { "min", "min", COLUMN_TEXT },
		{ "max", "max", COLUMN_TEXT }, { "goal", "goal", COLUMN_TEXT },
	};
	struct table t;
	int status;

	table_init(&t, columns, sizeof(columns) / sizeof(columns[0]));
	for (unsigned i = 0; i < WORKLOADS; i++) {
		const struct bochs_samples *s = &r->bochs[i];
		const double accesses = (double)s->passes * workloads[i].accesses;

		for (unsigned c = 0; s->measured && c < CONFIGURATIONS; c++) {
			const double seconds = samples_summary(&s->seconds[c]).median;

			table_cell(&t, "%s", workloads[i].name);
			table_cell(&t, "%s", configurations[c].name);
			table_cell(&t, "%.3f", seconds);
			table_cell(&t, "%.2f", 1e9 * seconds / accesses);
			table_cell(&t, "%.1f", accesses * workloads[i].insns / seconds / 1e6);
			ratio_cells(&t, s, c, workloads[i].has_goal ? configurations[c].goal : 0);
		}
	}
	status = t.n_cells ? table_print(&t, TABLE_TEXT, stdout) : 0;
	table_free(&t);
	return status;
}

static int print_rates(void)
{
	static const struct table_column columns[] = {
		{ "what", "per second", COLUMN_TEXT }, { "median", "median", COLUMN_TEXT },
		{ "min", "min", COLUMN_TEXT }, { "max", "max", COLUMN_TEXT },
	};
	const struct rate *groups[] = { library_rates, vector_rates, timing_rates };
	const unsigned counts[] = { LIBRARY_RATES, VECTOR_RATES, TIMING_RATES };
	struct table t;
	int status;

	table_init(&t, columns, sizeof(columns) / sizeof(columns[0]));
	for (unsigned g = 0; g < 3; g++) {
		for (unsigned i = 0; i < counts[g]; i++) {
			const struct summary s = samples_summary(&groups[g][i].per_second);

			if (!groups[g][i].per_second.n)
				continue;
			table_cell(&t, "%s", groups[g][i].title);
			table_cell(&t, "%.0f", s.median);
			table_cell(&t, "%.0f", s.min);
			table_cell(&t, "%.0f", s.max);
		}
	}
	if (t.n_cells)
		putchar('\n');
	status = t.n_cells ? table_print(&t, TABLE_TEXT, stdout) : 0;
	table_free(&t);
	return status;
}

int print_tables(const struct bench_results *r)
{
	printf("%u rounds; seconds and ns are medians, ratios are to stock Bochs in the same "
	       "round\n\n", r->o->rounds);
	if (print_bochs(r) || print_rates())
		return bench_error("cannot write the tables: %s", strerror(errno));
	if (timing_rates[0].per_second.n)
		printf("\nmemory of the timing model: %zu KByte\n", timing_memory(r->o) >> 10);
	return 0;
}

/* ---- JSON ---- */

static json_t *json_summary(const struct samples *samples)
{
	const struct summary s = samples_summary(samples);

	return json_pack("{s:f, s:f, s:f}", "median", s.median, "min", s.min, "max", s.max);
}

static json_t *json_configuration(const struct bochs_samples *s, const struct workload *w,
				  unsigned c)
{
	json_t *object = json_pack("{s:s, s:s, s:o, s:o}", "name", configurations[c].name,
				   "title", configurations[c].title,
				   "seconds", json_summary(&s->seconds[c]),
				   "ratio", json_summary(&s->ratio[c]));

	if (w->has_goal && configurations[c].goal)
		json_object_set_new(object, "goal", json_real(configurations[c].goal));
	return object;
}

static json_t *json_bochs(const struct bench_results *r)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < WORKLOADS; i++) {
		const struct bochs_samples *s = &r->bochs[i];
		json_t *on = json_array();

		for (unsigned c = 0; c < CONFIGURATIONS; c++)
			json_array_append_new(on, json_configuration(s, &workloads[i], c));
		if (s->measured)
			json_array_append_new(list, json_pack(
				"{s:s, s:s, s:f, s:O}", "name", workloads[i].name,
				"title", workloads[i].title,
				"accesses", (double)s->passes * workloads[i].accesses,
				"on", on));
		json_decref(on);
	}
	return list;
}

static void add_rates(json_t *list, const struct rate *rates, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (rates[i].per_second.n)
			json_array_append_new(list, json_pack(
				"{s:s, s:s, s:o}", "name", rates[i].name, "title", rates[i].title,
				"per_second", json_summary(&rates[i].per_second)));
}

/* Name of the processor that runs this. */
static void processor_name(char *name, size_t size)
{
	FILE *f = fopen("/proc/cpuinfo", "re");
	char line[200];

	snprintf(name, size, "unknown");
	while (f && fgets(line, sizeof(line), f)) {
		const char *value = strstr(line, ": ");

		if (strncmp(line, "model name", 10) || !value)
			continue;
		snprintf(name, size, "%.*s", (int)strcspn(value + 2, "\n"), value + 2);
		break;
	}
	if (f)
		fclose(f);
}

static json_t *json_results(const struct bench_results *r)
{
	json_t *rates = json_array();
	char processor[100], date[40];
	const time_t now = time(NULL);

	processor_name(processor, sizeof(processor));
	strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%SZ", gmtime(&now));
	add_rates(rates, library_rates, LIBRARY_RATES);
	add_rates(rates, vector_rates, VECTOR_RATES);
	add_rates(rates, timing_rates, TIMING_RATES);
	return json_pack("{s:s, s:s, s:s, s:i, s:o, s:o}", "version", PACKAGE_VERSION,
			 "date", date, "processor", processor, "rounds", (int)r->o->rounds,
			 "workloads", json_bochs(r), "rates", rates);
}

int write_json(const struct bench_results *r)
{
	json_t *root = json_results(r);
	struct newfile file;
	int status;

	if (!root)
		return bench_error("out of memory");
	status = newfile_open(&file, r->o->output);
	if (!status)
		status = newfile_close(&file, !json_dumpf(root, file.out,
							  JSON_INDENT(1) | JSON_REAL_PRECISION(9)));
	json_decref(root);
	return status ? bench_error("cannot write %s: %s", r->o->output, strerror(errno)) : 0;
}
