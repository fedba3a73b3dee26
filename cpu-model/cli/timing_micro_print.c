/* SPDX-License-Identifier: BSD-2-Clause */
/* Tables of micro-operations and of the formulas on their tracker. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli_error.h"
#include "timing_micro.h"

/* Cycles: rounded for readers, in 1/1000 as in all of JSON. */
static void cycles_cell(struct table *t, enum table_format format, double cycles)
{
	if (format == TABLE_JSON)
		table_cell(t, "%.0f", cycles * 1000);
	else
		table_cell(t, "%.1f", fabs(cycles) < 0.05 ? 0 : cycles);
}

/* ---- Operations ------------------------------------------------------------------------------ */

const struct timing_result *micro_first(const struct micro_results *m)
{
	for (unsigned run = 0; run < MICRO_RUNS; run++)
		if (m->has[run])
			return &m->run[run];
	return NULL;
}

/* The run that has this operation; NULL if it was not asked for. */
static const struct timing_result *run_of(const struct micro_results *m,
					  const struct micro_row *row)
{
	if (row->run == MICRO_ANY_RUN)
		return micro_first(m);
	return m->has[row->run] ? &m->run[row->run] : NULL;
}

static const struct micro_figure *figure_of(const struct micro_published *p,
					    const struct micro_row *row)
{
	for (unsigned i = 0; i < p->n; i++)
		if (p->figure[i].row == row)
			return &p->figure[i];
	return NULL;
}

static void published_cells(struct table *t, const struct micro_figure *f,
			    const struct timing_result *r, double likely)
{
	if (!f) {
		for (unsigned i = 0; i < 2; i++)
			table_cell(t, "%s", "");
		table_cell(t, "predicted");
		table_cell(t, "%s", "");
		return;
	}
	table_cell(t, "%s", f->value);
	if (f->low < f->high)
		table_cell(t, "%.0f to %.0f", f->low, f->high);
	else
		table_cell(t, "%.0f", f->low);
	table_cell(t, "%s", micro_calibrated(f, &r->processor) ? "calibrated" : "predicted");
	table_cell(t, "%+.0f", micro_error(f, likely));
}

static int operation_row(struct table *t, enum table_format format, const struct micro_row *row,
			 const struct micro_figure *f, const struct timing_result *r)
{
	struct micro_cycles c;

	if (!micro_measure(&c, row, r))
		return cli_error("the run has nothing of \"%s\": it was not made by this ROM",
				 row->name);
	table_cell(t, "%s", row->name);
	cycles_cell(t, format, c.bound[TIMING_LIKELY]);
	cycles_cell(t, format, c.bound[TIMING_LOW]);
	cycles_cell(t, format, c.bound[TIMING_HIGH]);
	published_cells(t, f, r, c.bound[TIMING_LIKELY]);
	table_cell(t, "%s", row->text);
	return 0;
}

int micro_table(struct table *t, const struct micro_results *m, const struct micro_published *p,
		enum table_format format)
{
	static const struct table_column columns[] = {
		{ "operation", "operation", COLUMN_TEXT }, { "likely", "cycles", COLUMN_NUMBER },
		{ "low", "low", COLUMN_NUMBER }, { "high", "high", COLUMN_NUMBER },
		{ "published", "published", COLUMN_TEXT },
		{ "published_cycles", "in cycles", COLUMN_TEXT },
		{ "status", "status", COLUMN_TEXT }, { "error", "error %", COLUMN_TEXT },
		{ "what", "what", COLUMN_TEXT },
	};
	const struct micro_row *row;

	table_init(t, columns, sizeof(columns) / sizeof(columns[0]));
	for (unsigned i = 0; (row = micro_row(i)); i++) {
		const struct timing_result *r = run_of(m, row);

		if (r && operation_row(t, format, row, figure_of(p, row), r)) {
			table_free(t);
			return STATUS_BAD;
		}
	}
	return 0;
}

/* ---- Formulas -------------------------------------------------------------------------------- */

static double phase_cycles(const struct timing_result *r, const char *name)
{
	struct timing_cycles c = { { 0 } };
	uint64_t count[TIMING_N_COSTS];

	timing_result_sum(r, name, count);
	timing_cycles_add(&c, r->processor.price, count, TIMING_ALL_CAUSES);
	return (double)c.milli[TIMING_LIKELY] / 1000;
}

static void formula_row(struct table *t, const char *technique, const char *formula,
			double estimated, double counted)
{
	table_cell(t, "%s", technique);
	table_cell(t, "%s", formula);
	table_cell(t, "%.0f", estimated);
	table_cell(t, "%.0f", counted);
	table_cell(t, "%.2f", 100 * timing_accuracy(estimated, counted));
}

/* All causes that make up a twentieth of what was counted, and have no term. */
static void lacks_cell(struct table *t, const struct timing_validation *v)
{
	char text[300] = "";
	size_t used = 0;

	for (int cause = 0; cause < TIMING_N_CAUSES && used < sizeof(text); cause++)
		if (v->lacks[cause] >= v->tracked_counted / 20)
			used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s: %.0f",
						 used ? ", " : "", timing_causes[cause].name,
						 v->lacks[cause]);
	table_cell(t, "%s", text);
}

/* The tracker does nothing that has no phase; re-arming is what the formulas do not know. */
static void formula_rows(struct table *t, const char *name, const struct timing_result *r,
			 const struct timing_validation *v)
{
	const double rearm = phase_cycles(r, "re-arm");

	formula_row(t, name, "1 tracker", v->tracker_estimated, v->tracker_counted);
	if (rearm > 0)
		table_cell(t, "re-arm: %.0f", rearm);
	else
		table_cell(t, "%s", "");
	formula_row(t, name, "3 tracked with tracker", v->tracked_estimated, v->tracked_counted);
	lacks_cell(t, v);
}

static int formulas_of(struct table *t, const char *name, enum timing_technique technique,
		       const struct timing_result *r)
{
	struct timing_validation v;
	struct timing_result part;
	const char *missing;

	if (micro_technique(&part, technique, r))
		return cli_error("out of memory");
	missing = timing_validate(&v, technique, &part);
	if (!missing)
		formula_rows(t, name, &part, &v);
	timing_result_free(&part);
	return missing ? cli_error("the run has no phase \"%s\": it was not made by this ROM",
				   missing) : 0;
}

/* proc and spml do not depend on the design parameters, epml does. */
int micro_formulas_table(struct table *t, const struct micro_results *m)
{
	static const struct table_column columns[] = {
		{ "technique", "technique", COLUMN_TEXT }, { "formula", "formula", COLUMN_TEXT },
		{ "estimated", "estimated", COLUMN_NUMBER },
		{ "counted", "counted", COLUMN_NUMBER },
		{ "accuracy", "accuracy %", COLUMN_TEXT },
		{ "missing", "not in the formula", COLUMN_TEXT },
	};
	int status;

	table_init(t, columns, sizeof(columns) / sizeof(columns[0]));
	status = formulas_of(t, "proc", TIMING_PROC, micro_first(m));
	if (!status)
		status = formulas_of(t, "spml", TIMING_SPML, micro_first(m));
	if (!status && m->has[MICRO_RUN_PUBLISHED])
		status = formulas_of(t, "epml published", TIMING_EPML,
				     &m->run[MICRO_RUN_PUBLISHED]);
	if (!status && m->has[MICRO_RUN_HARDENED])
		status = formulas_of(t, "epml hardened", TIMING_EPML, &m->run[MICRO_RUN_HARDENED]);
	if (status)
		table_free(t);
	return status;
}
