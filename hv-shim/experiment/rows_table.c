/* SPDX-License-Identifier: BSD-2-Clause */
/* Tables of rows: what was found and how long it took, what happened, and parts of the cost. */
#include <inttypes.h>

#include "experiment.h"

static const struct table_column row_columns[] = {
	{ "profile", "profile", COLUMN_TEXT }, { "run", "technique", COLUMN_TEXT },
	{ "mb", "MB", COLUMN_NUMBER }, { "dirty", "written", COLUMN_NUMBER },
	{ "missed", "missed", COLUMN_NUMBER }, { "spurious", "spurious", COLUMN_NUMBER },
	{ "slowdown", "slowdown", COLUMN_NUMBER }, { "published", "published", COLUMN_NUMBER },
	{ "rounds", "rounds only", COLUMN_NUMBER },
	{ "tracked", "Tracked", COLUMN_NUMBER }, { "tracker", "Tracker", COLUMN_NUMBER },
	{ "note", "note", COLUMN_TEXT },
};

static const struct table_column event_columns[] = {
	{ "profile", "profile", COLUMN_TEXT }, { "run", "technique", COLUMN_TEXT },
	{ "mb", "MB", COLUMN_NUMBER }, { "page_faults", "page faults", COLUMN_NUMBER },
	{ "exits", "VM exits", COLUMN_NUMBER }, { "by_reason", "most frequent", COLUMN_TEXT },
	{ "log", "log entries", COLUMN_NUMBER }, { "dropped", "dropped", COLUMN_NUMBER },
	{ "pml", "PML entries", COLUMN_NUMBER }, { "calls", "OoH calls", COLUMN_NUMBER },
	{ "notifications", "notifications", COLUMN_NUMBER },
	{ "interrupts", "interrupts", COLUMN_NUMBER }, { "switches", "N", COLUMN_NUMBER },
};

static const struct table_column part_columns[] = {
	{ "part", "part", COLUMN_TEXT }, { "profile", "profile", COLUMN_TEXT },
	{ "run", "technique", COLUMN_TEXT }, { "mb", "MB", COLUMN_NUMBER },
	{ "ms", "ms", COLUMN_NUMBER }, { "published", "published", COLUMN_NUMBER },
	{ "ratio", "ratio", COLUMN_NUMBER },
};

static void name_cells(struct table *t, const struct xp_row *row)
{
	table_cell(t, "%s", profile_names[row->profile]);
	table_cell(t, "%s", xp_technique_names[row->technique]);
	table_cell(t, "%u", row->mb);
}

/* "-": there is no such number. */
static void number_cell(struct table *t, bool known, double value, int decimals)
{
	if (known)
		table_cell(t, "%.*f", decimals, value);
	else
		table_cell(t, "-");
}

/* ---- What was found, and how long it took ---------------------------------------------------- */

/* Pages written in the rounds that were timed. */
static double timed_pages(const struct experiment *x, const struct xp_row *row)
{
	return 256.0 * row->mb * x->plan.rounds;
}

static void note_cell(struct table *t, const struct xp_row *row)
{
	static const char *const outcomes[XP_OUTCOMES] = {
		[XP_FAILED] = "failed: ", [XP_LEFT_OUT] = "not run: ", [XP_MISSING] = ""
	};

	if (row->outcome != XP_OK)
		table_cell(t, "%s%s", outcomes[row->outcome], row->text);
	else if (row->technique == XP_ALONE || !row->number[XPN_MISSED])
		table_cell(t, "%s", row->technique == XP_ALONE ? "base line" : "");
	else
		table_cell(t, "%s", xp_must_be_complete(row) ? "PAGES MISSED"
							     : "missed by design");
}

static void row_cells(struct table *t, const struct experiment *x, const struct xp_row *row,
		      const struct xp_published *p)
{
	const struct xp_row *alone = xp_alone(x, row);
	const bool sets = row->outcome == XP_OK && row->technique != XP_ALONE;
	const double pages = timed_pages(x, row);
	const double published = xp_published(p, XPF_SLOWDOWN,
					      xp_technique_names[row->technique], row->mb);

	name_cells(t, row);
	number_cell(t, sets, (double)row->number[XPN_DIRTY], 0);
	number_cell(t, sets, (double)row->number[XPN_MISSED], 0);
	number_cell(t, sets, (double)row->number[XPN_SPURIOUS], 0);
	number_cell(t, sets && alone, xp_slowdown(x, row), 2);
	number_cell(t, published > 0, published, 2);
	number_cell(t, sets && alone, xp_slowdown_rounds(x, row), 2);
	number_cell(t, row->outcome == XP_OK, (double)row->number[XPN_WRITTEN] / pages, 1);
	number_cell(t, sets && alone, xp_tracker_cycles(x, row) / pages, 1);
	note_cell(t, row);
}

void xp_table_rows(struct table *t, const struct experiment *x, const struct xp_published *p)
{
	table_init(t, row_columns, sizeof(row_columns) / sizeof(row_columns[0]));
	for (unsigned i = 0; i < x->n; i++)
		row_cells(t, x, &x->rows[i], p);
}

/* ---- What happened --------------------------------------------------------------------------- */

/* The reason for most VM exits. */
static void reason_cell(struct table *t, const struct xp_row *row)
{
	enum timing_cost most = TIMING_EXIT_EPT_VIOLATION;

	for (int cost = TIMING_EXIT_EPT_VIOLATION; cost <= TIMING_EXIT_OTHER; cost++)
		if (xp_count(row, (enum timing_cost)cost) > xp_count(row, most))
			most = (enum timing_cost)cost;
	if (xp_count(row, most))
		table_cell(t, "%" PRIu64 " %s", xp_count(row, most),
			   timing_costs[most].name + sizeof("exit-") - 1);
	else
		table_cell(t, "-");
}

static void count_cell(struct table *t, uint64_t n)
{
	table_cell(t, "%" PRIu64, n);
}

static void event_cells(struct table *t, const struct xp_row *row)
{
	name_cells(t, row);
	count_cell(t, xp_count(row, TIMING_EXCEPTION_PF));
	count_cell(t, xp_exits(row));
	reason_cell(t, row);
	count_cell(t, xp_count(row, TIMING_GPML_AT_LOG) + xp_count(row, TIMING_GPML_AT_VMWRITE));
	count_cell(t, xp_count(row, TIMING_GPML_DROP));
	count_cell(t, xp_count(row, TIMING_PML_ENTRY));
	count_cell(t, row->number[XPN_CALLS]);
	count_cell(t, xp_count(row, TIMING_SELF_IPI));
	count_cell(t, xp_count(row, TIMING_INTERRUPT_EXTERNAL) +
		      xp_count(row, TIMING_INTERRUPT_VIRTUAL));
	count_cell(t, row->number[XPN_SWITCHES]);
}

void xp_table_events(struct table *t, const struct experiment *x)
{
	table_init(t, event_columns, sizeof(event_columns) / sizeof(event_columns[0]));
	for (unsigned i = 0; i < x->n; i++)
		if (x->rows[i].outcome == XP_OK && x->rows[i].counted)
			event_cells(t, &x->rows[i]);
}

/* ---- Parts of the cost ----------------------------------------------------------------------- */

/* What was published by itself: a part of a technique, or what the technique adds to Tracked. */
static const struct cost {
	const char *name;
	enum xp_technique technique;
	enum xp_part part;
} costs[] = {
	{ "clear-refs", XP_PROC, XP_REARM },
	{ "page-walk", XP_PROC, XP_COLLECT },
	{ "faults-kernel", XP_PROC, XP_TRACKED },
	{ "faults-user", XP_UFD, XP_TRACKED },
	{ "reverse-mapping", XP_SPML, XP_COLLECT },
	{ "ring-copy", XP_EPML, XP_COLLECT },
};

static void part_cells(struct table *t, const struct experiment *x, const struct xp_row *row,
		       const struct cost *cost, const struct xp_published *p)
{
	const struct xp_row *alone = xp_alone(x, row);
	const double khz = (double)x->timing[row->profile].processor.khz;
	const double published = xp_published(p, XPF_COST, cost->name, row->mb);
	double cycles = xp_part_cycles(x, row, cost->part), ms;

	if (cost->part == XP_TRACKED)
		cycles -= alone ? xp_part_cycles(x, alone, XP_TRACKED) : 0;
	ms = cycles / x->plan.rounds / khz;
	table_cell(t, "%s", cost->name);
	name_cells(t, row);
	number_cell(t, true, ms, 3);
	number_cell(t, published > 0, published, 3);
	number_cell(t, published > 0, ms / published, 2);
}

void xp_table_parts(struct table *t, const struct experiment *x, const struct xp_published *p)
{
	table_init(t, part_columns, sizeof(part_columns) / sizeof(part_columns[0]));
	for (unsigned c = 0; c < sizeof(costs) / sizeof(costs[0]); c++)
		for (unsigned i = 0; i < x->n; i++) {
			const struct xp_row *row = &x->rows[i];

			if (row->technique == costs[c].technique && row->outcome == XP_OK &&
			    row->counted)
				part_cells(t, x, row, &costs[c], p);
		}
}
