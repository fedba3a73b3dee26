/* SPDX-License-Identifier: BSD-2-Clause */
/* What the report says, section by section. */
#define _GNU_SOURCE
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report_doc.h"
#include "spec-tables.h"

#define COLUMNS(a) (a), sizeof(a) / sizeof((a)[0])

static const char *const property_titles[PROPERTY_COUNT] = {
	"no modified page is ever missing from the log",
	"the guest never sees a host-physical address",
	"the processor never writes outside the pages that EPT lets the guest write",
	"re-arming after a collection needs no hypervisor",
	"nothing is logged that was not modified",
};

static void paragraph(struct doc *doc, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void paragraph(struct doc *doc, const char *fmt, ...)
{
	char text[1000];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	doc->ops->paragraph(doc, text);
}

/* Print a table and end its life. */
static void put_table(struct doc *doc, struct table *t, bool *failed)
{
	doc->ops->table(doc, t);
	*failed |= t->failed;
	table_free(t);
}

/* ---- What was run, and the totals ---- */

static unsigned count_vectors(const struct report_data *d)
{
	unsigned n = 0;

	for (unsigned i = 0; i < d->n; i++)
		n += report_data_first(d, i);
	return n;
}

static void write_summary(struct doc *doc, const struct report_data *d)
{
	struct report_count sum = { 0 };

	for (unsigned place = 0; place < d->n_places; place++) {
		const struct report_count c = report_data_count(d, UINT_MAX, place);

		sum.passed += c.passed;
		sum.failed += c.failed;
		sum.known += c.known;
	}
	paragraph(doc, "Version %s of the model, %s. %u vectors made %u runs: %u passed, %u "
		  "failed. %u of those that passed had to fail, on stock Bochs, because of a known "
		  "defect.", d->version, d->date, count_vectors(d), d->n, sum.passed + sum.known,
		  sum.failed, sum.known);
	paragraph(doc, "`model` is the standalone machine, `bochs` Bochs 2.6.11 with the model "
		  "inside, `stock` Bochs 2.6.11 as published, which runs only the vectors that any "
		  "processor with PML must pass. `published` and `hardened` are profiles of the "
		  "design parameters.");
}

static void count_cell(struct table *t, struct report_count c)
{
	char failed[40] = "", known[40] = "";

	if (!c.passed && !c.failed && !c.known) {
		table_cell(t, "-");
		return;
	}
	if (c.failed)
		snprintf(failed, sizeof(failed), ", %u failed", c.failed);
	if (c.known)
		snprintf(known, sizeof(known), ", %u known", c.known);
	table_cell(t, "%u passed%s%s", c.passed, failed, known);
}

static void write_totals(struct doc *doc, const struct report_data *d, bool *failed)
{
	struct table_column *columns = calloc(d->n_places + 1, sizeof(*columns));
	struct table t;

	if (!columns) {
		*failed = true;
		return;
	}
	columns[0] = (struct table_column){ "chapter", "chapter", COLUMN_TEXT };
	for (unsigned i = 0; i < d->n_places; i++)
		columns[i + 1] = (struct table_column){
			DOC_COUNT, d->places[i].label, COLUMN_TEXT
		};
	table_init(&t, columns, d->n_places + 1);
	for (unsigned chapter = 0; chapter <= d->n_chapters; chapter++) {
		const bool all = chapter == d->n_chapters;

		table_cell(&t, "%s", all ? "all" : d->chapters[chapter]);
		for (unsigned place = 0; place < d->n_places; place++)
			count_cell(&t, report_data_count(d, all ? UINT_MAX : chapter, place));
	}
	doc->ops->heading(doc, 2, "Vectors by chapter");
	put_table(doc, &t, failed);
	free(columns);
}

/* ---- Failures and known defects ---- */

static void rules_cell(struct table *t, const struct report_entry *e)
{
	const json_t *rule;
	char text[300] = "";
	size_t i;

	json_array_foreach(e->rules, i, rule)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s", i ? ", " : "",
			 json_string_value(rule));
	table_cell(t, "%s", text);
}

static void write_failures(struct doc *doc, const struct report_data *d, bool *failed)
{
	static const struct table_column columns[] = {
		{ "id", "vector", COLUMN_TEXT }, { "place", "run", COLUMN_TEXT },
		{ "rules", "rules", COLUMN_TEXT }, { "text", "first difference", COLUMN_TEXT },
	};
	struct table t;

	table_init(&t, COLUMNS(columns));
	for (unsigned i = 0; i < d->n; i++) {
		const struct report_entry *e = &d->entries[i];

		if (e->status != FAILED)
			continue;
		table_cell(&t, "`%s`", e->id);
		table_cell(&t, "%s", d->places[e->place].label);
		rules_cell(&t, e);
		table_cell(&t, "%s", e->text);
	}
	doc->ops->heading(doc, 2, "Failed vectors");
	if (t.n_cells)
		put_table(doc, &t, failed);
	else
		paragraph(doc, "None.");
}

/* "stock defect 4: text" without what the first column says. */
static const char *defect_text(const char *text)
{
	const char *colon = strstr(text, ": ");

	return colon ? colon + 2 : text;
}

static bool same_defect(const struct report_entry *a, const struct report_entry *b)
{
	return a->status == KNOWN && b->status == KNOWN && a->defect == b->defect &&
	       !strcmp(a->text, b->text);
}

/* Is this the first entry that tells this about this defect? */
static bool first_of_defect(const struct report_data *d, unsigned entry)
{
	for (unsigned i = 0; i < entry; i++)
		if (same_defect(&d->entries[i], &d->entries[entry]))
			return false;
	return d->entries[entry].status == KNOWN;
}

static unsigned greatest_defect(const struct report_data *d)
{
	unsigned greatest = 0;

	for (unsigned i = 0; i < d->n; i++)
		if (d->entries[i].status == KNOWN && d->entries[i].defect > greatest)
			greatest = d->entries[i].defect;
	return greatest;
}

static void defect_row(struct table *t, const struct report_data *d, unsigned first)
{
	char *ids = NULL;
	size_t size;
	FILE *out = open_memstream(&ids, &size);

	for (unsigned i = first; out && i < d->n; i++)
		if (same_defect(&d->entries[i], &d->entries[first]))
			fprintf(out, "%s`%s`", i > first ? ", " : "", d->entries[i].id);
	t->failed |= !out || fclose(out);
	table_cell(t, "%u", d->entries[first].defect);
	table_cell(t, "%s", defect_text(d->entries[first].text));
	table_cell(t, "%s", ids ? ids : "");
	free(ids);
}

static void write_defects(struct doc *doc, const struct report_data *d, bool *failed)
{
	static const struct table_column columns[] = {
		{ "defect", "defect", COLUMN_NUMBER },
		{ "text", "what stock Bochs does", COLUMN_TEXT },
		{ "ids", "vectors that show it", COLUMN_TEXT },
	};
	const unsigned last = greatest_defect(d);
	struct table t;

	doc->ops->heading(doc, 2, "Known defects of stock Bochs");
	if (!last) {
		paragraph(doc, "None was met.");
		return;
	}
	paragraph(doc, "The numbers are those of docs/bochs.md.");
	table_init(&t, COLUMNS(columns));
	for (unsigned n = 1; n <= last; n++)
		for (unsigned i = 0; i < d->n; i++)
			if (d->entries[i].defect == n && first_of_defect(d, i))
				defect_row(&t, d, i);
	put_table(doc, &t, failed);
}

/* ---- Properties ---- */

/* What differs from the profile: " + full=ve". */
static void params_text(const struct report_entry *e, const char *profile, char *text, size_t size)
{
	const json_t *value;
	const char *key;

	json_object_foreach(e->params, key, value) {
		const char *usual = spec_profile_value(profile, key);

		if (usual && json_is_string(value) && strcmp(usual, json_string_value(value)))
			snprintf(text + strlen(text), size - strlen(text), " + %s=%s", key,
				 json_string_value(value));
	}
}

static void append(char *text, size_t size, const char *word)
{
	if (!strstr(text, word))
		snprintf(text + strlen(text), size - strlen(text), "%s%s", *text ? ", " : "",
			 word);
}

/* Where a vector ran with which profiles, and how it ended: one row for all its runs. */
static void property_row(struct table *t, const struct report_data *d, unsigned first)
{
	const char *id = d->entries[first].id;
	char profiles[300] = "", hosts[60] = "";
	struct report_count c = { 0 };

	for (unsigned i = first; i < d->n; i++) {
		const struct report_entry *e = &d->entries[i];
		const struct report_place *place = &d->places[e->place];
		char profile[150];

		if (strcmp(e->id, id))
			continue;
		append(hosts, sizeof(hosts), place->host);
		c.passed += e->status != FAILED;
		c.failed += e->status == FAILED;
		if (!place->profile)
			continue;
		snprintf(profile, sizeof(profile), "%s", place->profile);
		params_text(e, place->profile, profile, sizeof(profile));
		append(profiles, sizeof(profiles), profile);
	}
	table_cell(t, "`%s`", id);
	table_cell(t, "%s", profiles);
	if (c.failed)
		table_cell(t, "%u of %u failed", c.failed, c.passed + c.failed);
	else
		table_cell(t, "passed");
	table_cell(t, "%s", hosts);
	table_cell(t, "%s", d->entries[first].title);
}

static void write_property(struct doc *doc, const struct report_data *d, unsigned p, bool *failed)
{
	static const struct table_column columns[] = {
		{ "id", "vector", COLUMN_TEXT }, { "profiles", "profiles", COLUMN_TEXT },
		{ DOC_COUNT, "result", COLUMN_TEXT }, { "hosts", "on", COLUMN_TEXT },
		{ "title", "finding", COLUMN_TEXT },
	};
	char title[120];
	struct table t;

	table_init(&t, COLUMNS(columns));
	for (unsigned i = 0; i < d->n; i++)
		if ((d->entries[i].properties & 1u << p) && report_data_first(d, i))
			property_row(&t, d, i);
	snprintf(title, sizeof(title), "P%u: %s", p + 1, property_titles[p]);
	doc->ops->heading(doc, 3, title);
	if (t.n_cells)
		put_table(doc, &t, failed);
	else
		paragraph(doc, "No vector shows it.");
}

static void write_properties(struct doc *doc, const struct report_data *d, bool *failed)
{
	doc->ops->heading(doc, 2, "Properties");
	paragraph(doc, "Each vector shows what a profile does about a property. A vector that "
		  "passed has confirmed its finding, be it that the property holds or that it is "
		  "broken.");
	for (unsigned p = 0; p < PROPERTY_COUNT; p++)
		write_property(doc, d, p, failed);
}

/* ---- Rules ---- */

static bool has_rule(const struct report_entry *e, const char *id)
{
	const json_t *rule;
	size_t i;

	json_array_foreach(e->rules, i, rule)
		if (!strcmp(json_string_value(rule), id))
			return true;
	return false;
}

static bool rule_is_tested(const struct report_data *d, const char *id)
{
	for (unsigned i = 0; i < d->n; i++)
		if (has_rule(&d->entries[i], id))
			return true;
	return false;
}

static void write_rules(struct doc *doc, const struct report_data *d, bool *failed)
{
	static const struct table_column columns[] = {
		{ "id", "rule without vector", COLUMN_TEXT }, { "text", "text", COLUMN_TEXT },
	};
	unsigned missing = 0;
	struct table t;

	table_init(&t, COLUMNS(columns));
	for (size_t i = 0; i < spec_rule_count; i++) {
		if (rule_is_tested(d, spec_rules[i].id))
			continue;
		missing++;
		table_cell(&t, "%s", spec_rules[i].id);
		table_cell(&t, "%s", spec_rules[i].text);
	}
	doc->ops->heading(doc, 2, "Rules");
	paragraph(doc, "%u of %u rules have vectors in this run.",
		  (unsigned)spec_rule_count - missing, (unsigned)spec_rule_count);
	if (missing)
		put_table(doc, &t, failed);
}

/* ---- Cost ---- */

static double number(const json_t *item, const char *summary, const char *key)
{
	return json_number_value(json_object_get(json_object_get(item, summary), key));
}

static const char *string(const json_t *item, const char *key)
{
	return json_string_value(json_object_get(item, key));
}

static void ratio_row(struct table *t, const json_t *workload, const json_t *on)
{
	const json_t *goal = json_object_get(on, "goal");
	const double ratio = number(on, "ratio", "median");

	table_cell(t, "%s", string(workload, "title"));
	table_cell(t, "%s", string(on, "title"));
	table_cell(t, "%.3f", number(on, "seconds", "median"));
	table_cell(t, "%.3f", ratio);
	table_cell(t, "%.3f to %.3f", number(on, "ratio", "min"), number(on, "ratio", "max"));
	if (goal)
		table_cell(t, "%.2f, %s", json_number_value(goal),
			   ratio <= json_number_value(goal) ? "met" : "missed");
	else
		table_cell(t, "-");
}

static void write_ratios(struct doc *doc, const json_t *workloads, bool *failed)
{
	static const struct table_column columns[] = {
		{ "workload", "guest program", COLUMN_TEXT }, { "on", "Bochs", COLUMN_TEXT },
		{ "seconds", "CPU seconds", COLUMN_TEXT }, { "ratio", "ratio", COLUMN_TEXT },
		{ "range", "least to greatest", COLUMN_TEXT }, { "goal", "goal", COLUMN_TEXT },
	};
	const json_t *workload, *on;
	struct table t;
	size_t i, j;

	table_init(&t, COLUMNS(columns));
	json_array_foreach(workloads, i, workload)
		json_array_foreach(json_object_get(workload, "on"), j, on)
			ratio_row(&t, workload, on);
	if (t.n_cells)
		put_table(doc, &t, failed);
}

static void write_rates(struct doc *doc, const json_t *rates, bool *failed)
{
	static const struct table_column columns[] = {
		{ "what", "what", COLUMN_TEXT }, { "median", "per second", COLUMN_TEXT },
		{ "range", "least to greatest", COLUMN_TEXT },
	};
	const json_t *rate;
	struct table t;
	size_t i;

	table_init(&t, COLUMNS(columns));
	json_array_foreach(rates, i, rate) {
		table_cell(&t, "%s", string(rate, "title"));
		table_cell(&t, "%.0f", number(rate, "per_second", "median"));
		table_cell(&t, "%.0f to %.0f", number(rate, "per_second", "min"),
			   number(rate, "per_second", "max"));
	}
	if (t.n_cells)
		put_table(doc, &t, failed);
}

static void put_plot(struct doc *doc, unsigned which)
{
	if (doc->plots && doc->plots[which].svg)
		doc->ops->plot(doc, &doc->plots[which]);
}

static void write_bench(struct doc *doc, const struct report_data *d, bool *failed)
{
	doc->ops->heading(doc, 2, "What the model costs");
	paragraph(doc, "Measured by `make bench` on %s, %s: medians, and ratios of CPU time to "
		  "stock Bochs in the same round.", string(d->bench, "processor"),
		  string(d->bench, "date"));
	put_plot(doc, PLOT_BENCH);
	write_ratios(doc, json_object_get(d->bench, "workloads"), failed);
	write_rates(doc, json_object_get(d->bench, "rates"), failed);
}

int report_write(struct doc *doc, const struct report_data *d)
{
	bool failed = false;

	doc->ops->begin(doc, "EPML reference model: test report");
	write_summary(doc, d);
	write_totals(doc, d, &failed);
	put_plot(doc, PLOT_VECTORS);
	write_failures(doc, d, &failed);
	write_defects(doc, d, &failed);
	write_properties(doc, d, &failed);
	write_rules(doc, d, &failed);
	if (d->micro)
		report_write_timing(doc, d, &failed);
	if (d->experiment)
		report_write_experiment(doc, d, &failed);
	if (d->bench)
		write_bench(doc, d, &failed);
	doc->ops->end(doc);
	return failed || fflush(doc->out) || ferror(doc->out) ? -1 : 0;
}
