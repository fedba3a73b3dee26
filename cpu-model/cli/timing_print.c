/* SPDX-License-Identifier: BSD-2-Clause */
/* Tables of results. */
#define _GNU_SOURCE
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli_error.h"
#include "timing_print.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

void timing_cell(struct table *t, enum table_format format, uint64_t milli)
{
	if (format == TABLE_JSON)
		table_cell(t, "%" PRIu64, milli);
	else if (milli % 1000)
		table_cell(t, "%" PRIu64 ".%03" PRIu64, milli / 1000, milli % 1000);
	else
		table_cell(t, "%" PRIu64, milli / 1000);
}

int timing_print_table(struct table *t, enum table_format format)
{
	const int status = table_print(t, format, stdout);

	table_free(t);
	return status ? cli_error("cannot write the table") : 0;
}

static double percent(uint64_t part, uint64_t whole)
{
	return whole ? 100.0 * (double)part / (double)whole : 0;
}

/* ---- Summary ----------------------------------------------------------------------------- */

static void print_statuses(const struct timing_result *r, uint64_t total)
{
	uint64_t count[TIMING_N_COSTS], milli[TIMING_STATUSES] = { 0 };
	const char *comma = "";

	timing_result_sum(r, NULL, count);
	for (unsigned i = 0; i < TIMING_N_COSTS; i++)
		milli[r->processor.price[i].status] +=
			count[i] * r->processor.price[i].milli[TIMING_LIKELY];
	fputs("Prices: ", stdout);
	for (unsigned status = 0; status < TIMING_STATUSES; status++) {
		if (!milli[status])
			continue;
		printf("%s%.1f %% of the cycles %s", comma, percent(milli[status], total),
		       timing_status_names[status]);
		comma = ", ";
	}
	fputs(".\n\n", stdout);
}

static void print_summary(const struct timing_result *r)
{
	const struct timing_cycles total = timing_result_total(r);
	uint64_t insns = 0, idle = 0;

	for (unsigned i = 0; i < r->n_cpus; i++) {
		insns += r->cpus[i].insns;
		idle += r->cpus[i].idle;
	}
	printf("%s, %s mode, processors: %u, instructions: %" PRIu64 ".\n", r->processor.name,
	       timing_mode_names[r->mode], r->n_cpus, insns);
	printf("Cycles: %" PRIu64 ", from %" PRIu64 " to %" PRIu64 ".",
	       total.milli[TIMING_LIKELY] / 1000, total.milli[TIMING_LOW] / 1000,
	       total.milli[TIMING_HIGH] / 1000);
	if (insns && total.milli[TIMING_LIKELY])
		printf(" Instructions per cycle: %.2f.",
		       (double)insns * 1000 / (double)total.milli[TIMING_LIKELY]);
	if (idle)
		printf(" Idle: %" PRIu64 ".", idle / 1000);
	putchar('\n');
	print_statuses(r, total.milli[TIMING_LIKELY]);
}

/* ---- Tables of one result ---------------------------------------------------------------- */

/* The last five columns of each table. */
#define RANGE_COLUMNS \
	{ "likely", "likely", COLUMN_NUMBER }, { "low", "low", COLUMN_NUMBER }, \
	{ "high", "high", COLUMN_NUMBER }, { "share", "share %", COLUMN_TEXT }

static const struct table_column cause_columns[] = {
	{ "cause", "cause", COLUMN_TEXT }, RANGE_COLUMNS
};
static const struct table_column phase_columns[] = {
	{ "phase", "phase", COLUMN_TEXT }, RANGE_COLUMNS
};
static const struct table_column all_columns[] = {
	{ "phase", "phase", COLUMN_TEXT }, { "cause", "cause", COLUMN_TEXT }, RANGE_COLUMNS
};
static const struct table_column cost_columns[] = {
	{ "cost", "cost", COLUMN_TEXT }, { "status", "price", COLUMN_TEXT },
	{ "count", "count", COLUMN_NUMBER }, RANGE_COLUMNS
};

struct printer {
	const struct timing_result *r;
	struct table table;
	enum table_format format;
	uint64_t total;			/* millicycles that are 100 % */
};

static void range_cells(struct printer *p, const struct timing_cycles *c)
{
	timing_cell(&p->table, p->format, c->milli[TIMING_LIKELY]);
	timing_cell(&p->table, p->format, c->milli[TIMING_LOW]);
	timing_cell(&p->table, p->format, c->milli[TIMING_HIGH]);
	table_cell(&p->table, "%.2f", percent(c->milli[TIMING_LIKELY], p->total));
}

static bool is_zero(const uint64_t *count, int cause)
{
	for (unsigned i = 0; i < TIMING_N_COSTS; i++)
		if (count[i] && (int)timing_costs[i].cause == cause)
			return false;
	return true;
}

/* A row for each cause that was counted; "phase" is their first cell, unless NULL. */
static void cause_rows(struct printer *p, const uint64_t *count, const char *phase)
{
	for (int cause = 0; cause < TIMING_N_CAUSES; cause++) {
		struct timing_cycles c = { { 0 } };

		if (is_zero(count, cause))
			continue;
		timing_cycles_add(&c, p->r->processor.price, count, cause);
		if (phase)
			table_cell(&p->table, "%s", phase);
		table_cell(&p->table, "%s", timing_causes[cause].name);
		range_cells(p, &c);
	}
}

static void cost_rows(struct printer *p, const uint64_t *count)
{
	for (unsigned i = 0; i < TIMING_N_COSTS; i++) {
		const struct timing_price *price = &p->r->processor.price[i];
		struct timing_cycles c;

		if (!count[i])
			continue;
		for (unsigned bound = 0; bound < TIMING_BOUNDS; bound++)
			c.milli[bound] = count[i] * price->milli[bound];
		table_cell(&p->table, "%s", timing_costs[i].name);
		table_cell(&p->table, "%s", timing_status_names[price->status]);
		table_cell(&p->table, "%" PRIu64, count[i]);
		range_cells(p, &c);
	}
}

/* Phases of the same name are one phase; each name once, in the order of their numbers. */
static void phase_rows(struct printer *p, bool causes)
{
	const struct timing_result *r = p->r;
	uint64_t count[TIMING_N_COSTS];

	for (unsigned id = 0; id < TIMING_PHASES; id++) {
		const char *name = timing_result_phase_name(r, id);
		struct timing_cycles c = { { 0 } };

		if (!name)
			continue;
		timing_result_sum(r, name, count);
		if (causes) {
			cause_rows(p, count, name);
			continue;
		}
		timing_cycles_add(&c, r->processor.price, count, TIMING_ALL_CAUSES);
		table_cell(&p->table, "%s", name);
		range_cells(p, &c);
	}
}

int timing_print(const struct timing_result *r, enum timing_by by, enum table_format format)
{
	static const struct {
		const struct table_column *columns;
		size_t n;
	} tables[] = {
		[BY_CAUSE] = { cause_columns, ARRAY_SIZE(cause_columns) },
		[BY_PHASE] = { phase_columns, ARRAY_SIZE(phase_columns) },
		[BY_COST] = { cost_columns, ARRAY_SIZE(cost_columns) },
		[BY_ALL] = { all_columns, ARRAY_SIZE(all_columns) },
	};
	struct printer p = { .r = r, .format = format };
	uint64_t count[TIMING_N_COSTS];

	p.total = timing_result_total(r).milli[TIMING_LIKELY];
	table_init(&p.table, tables[by].columns, tables[by].n);
	timing_result_sum(r, NULL, count);
	if (by == BY_CAUSE)
		cause_rows(&p, count, NULL);
	else if (by == BY_COST)
		cost_rows(&p, count);
	else
		phase_rows(&p, by == BY_ALL);
	if (format != TABLE_JSON)
		print_summary(r);
	return timing_print_table(&p.table, format);
}

/* ---- Differences ------------------------------------------------------------------------- */

/* As signed numbers: how much more B costs than A. */
struct difference {
	uint64_t a, b;			/* likely */
	int64_t milli[TIMING_BOUNDS];
};

/* Prices are the same on both sides, so the range of a difference is that of the counters. */
static void add_difference(struct difference *d, const struct timing_price *price, uint64_t a,
			   uint64_t b)
{
	const bool more = b >= a;
	const uint64_t n = more ? b - a : a - b;

	d->a += a * price->milli[TIMING_LIKELY];
	d->b += b * price->milli[TIMING_LIKELY];
	for (unsigned bound = 0; bound < TIMING_BOUNDS; bound++) {
		const unsigned from = more ? bound : TIMING_HIGH - bound;
		const int64_t milli = (int64_t)(n * price->milli[from]);

		d->milli[bound] += more ? milli : -milli;
	}
}

static void signed_cell(struct table *t, enum table_format format, int64_t milli)
{
	const uint64_t size = milli < 0 ? -(uint64_t)milli : (uint64_t)milli;
	const char *sign = milli < 0 ? "-" : milli && format != TABLE_JSON ? "+" : "";

	if (format == TABLE_JSON)
		table_cell(t, "%s%" PRIu64, sign, size);
	else if (size % 1000)
		table_cell(t, "%s%" PRIu64 ".%03" PRIu64, sign, size / 1000, size % 1000);
	else
		table_cell(t, "%s%" PRIu64, sign, size / 1000);
}

static void difference_row(struct table *t, enum table_format format, const char *name,
			   const struct difference *d)
{
	table_cell(t, "%s", name);
	timing_cell(t, format, d->a);
	timing_cell(t, format, d->b);
	signed_cell(t, format, d->milli[TIMING_LIKELY]);
	signed_cell(t, format, d->milli[TIMING_LOW]);
	signed_cell(t, format, d->milli[TIMING_HIGH]);
}

/* Costs that neither has counted have no row. */
static void difference_rows(struct table *t, enum table_format format, enum timing_by by,
			    const struct timing_price *price, const uint64_t *a, const uint64_t *b)
{
	struct difference total = { 0 }, d = { 0 };
	bool used = false;

	for (unsigned i = 0; i < TIMING_N_COSTS; i++) {
		const bool last = i + 1 == TIMING_N_COSTS || by == BY_COST ||
				  timing_costs[i + 1].cause != timing_costs[i].cause;

		used |= a[i] || b[i];
		add_difference(&d, &price[i], a[i], b[i]);
		add_difference(&total, &price[i], a[i], b[i]);
		if (!last)
			continue;
		if (used)
			difference_row(t, format, by == BY_COST ? timing_costs[i].name
				       : timing_causes[timing_costs[i].cause].name, &d);
		d = (struct difference){ 0 };
		used = false;
	}
	difference_row(t, format, "total", &total);
}

int timing_print_diff(const struct timing_result *a, const struct timing_result *b,
		      enum timing_by by, enum table_format format)
{
	static const struct table_column columns[] = {
		{ "what", "what", COLUMN_TEXT }, { "a", "A", COLUMN_NUMBER },
		{ "b", "B", COLUMN_NUMBER }, { "likely", "B - A", COLUMN_NUMBER },
		{ "low", "low", COLUMN_NUMBER }, { "high", "high", COLUMN_NUMBER },
	};
	uint64_t count_a[TIMING_N_COSTS], count_b[TIMING_N_COSTS];
	struct table table;

	timing_result_sum(a, NULL, count_a);
	timing_result_sum(b, NULL, count_b);
	table_init(&table, columns, ARRAY_SIZE(columns));
	difference_rows(&table, format, by, a->processor.price, count_a, count_b);
	return timing_print_table(&table, format);
}

/* ---- Formulas ---------------------------------------------------------------------------- */

static void lacks_cell(struct table *t, const struct timing_estimate *e)
{
	char text[400] = "";
	size_t used = 0;

	for (unsigned i = 0; i < e->n_lacks && used < sizeof(text); i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s%s: %.0f",
					 i ? ", " : "", e->lacks[i].is_phase ? "phase " : "",
					 e->lacks[i].name, e->lacks[i].cycles);
	table_cell(t, "%s", text);
}

void timing_estimate_cells(struct table *t, const struct timing_estimate *e)
{
	table_cell(t, "%.0f", e->estimated);
	table_cell(t, "%.0f", e->counted);
	table_cell(t, "%.2f", 100 * timing_accuracy(e->estimated, e->counted));
	table_cell(t, "%.2f", 100 * timing_accuracy(e->completed, e->counted));
	lacks_cell(t, e);
}

static void formula_row(struct table *t, const char *technique, const char *formula,
			const struct timing_estimate *e)
{
	table_cell(t, "%s", technique);
	table_cell(t, "%s", formula);
	timing_estimate_cells(t, e);
}

void timing_formulas_begin(struct table *t)
{
	static const struct table_column columns[] = {
		{ "technique", "technique", COLUMN_TEXT }, { "formula", "formula", COLUMN_TEXT },
		{ "estimated", "estimated", COLUMN_NUMBER },
		{ "counted", "counted", COLUMN_NUMBER },
		{ "accuracy", "accuracy %", COLUMN_TEXT },
		{ "completed", "with these %", COLUMN_TEXT },
		{ "missing", "terms that it lacks, the most first", COLUMN_TEXT },
	};

	table_init(t, columns, ARRAY_SIZE(columns));
}

const char *timing_formulas_add(struct table *t, const char *name, enum timing_technique technique,
				const struct timing_result *r)
{
	struct timing_validation v;
	const char *missing = timing_validate(&v, technique, r);

	if (missing)
		return missing;
	formula_row(t, name, "1 tracker", &v.tracker);
	formula_row(t, name, "3 tracked with tracker", &v.tracked);
	return NULL;
}

int timing_print_formulas(const struct timing_result *r, enum timing_technique technique,
			  enum table_format format)
{
	struct table table;
	const char *missing;

	timing_formulas_begin(&table);
	missing = timing_formulas_add(&table, timing_technique_names[technique], technique, r);
	if (!missing)
		return timing_print_table(&table, format);
	table_free(&table);
	return cli_error("--formulas: the run has no phase \"%s\"", missing);
}
