/* SPDX-License-Identifier: BSD-2-Clause */
/* Tables of micro-operations and of the formulas on their tracker. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli_error.h"
#include "timing_micro.h"
#include "timing_print.h"

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

static int formulas_of(struct table *t, const char *name, enum timing_technique technique,
		       const struct timing_result *r)
{
	struct timing_result part;
	const char *missing;

	if (micro_technique(&part, technique, r))
		return cli_error("out of memory");
	missing = timing_formulas_add(t, name, technique, &part);
	timing_result_free(&part);
	return missing ? cli_error("the run has no phase \"%s\": it was not made by this ROM",
				   missing) : 0;
}

/* proc and spml do not depend on the design parameters, epml does. */
int micro_formulas_table(struct table *t, const struct micro_results *m)
{
	int status;

	timing_formulas_begin(t);
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
