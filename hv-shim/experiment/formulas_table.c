/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The published formulas on the runs. Each run's counters are given the names of phases that
 * timing_validate() knows. Preparing and ending a tracker, which happens once, is left out: the
 * formulas are of collections.
 */
#include <string.h>

#include "timing_print.h"
#include "experiment.h"

static const struct table_column columns[] = {
	{ "profile", "profile", COLUMN_TEXT }, { "technique", "technique", COLUMN_TEXT },
	{ "mb", "MB", COLUMN_NUMBER }, { "formula", "formula", COLUMN_TEXT },
	{ "estimated", "estimated", COLUMN_NUMBER }, { "counted", "counted", COLUMN_NUMBER },
	{ "accuracy", "accuracy %", COLUMN_NUMBER },
	{ "completed", "with all terms %", COLUMN_NUMBER },
	{ "missing", "terms that it lacks, the most first", COLUMN_TEXT },
};

enum { ALONE, TRACKED, COLLECT, REARM, PHASES };

/* Re-arming is clear_refs for /proc, and no term of the others. */
static const char *const phase_names[TIMING_TECHNIQUES][PHASES] = {
	[TIMING_PROC] = { "alone", "tracked", "page-walk", "clear-refs" },
	[TIMING_SPML] = { "alone", "tracked", "reverse-mapping", "re-arm" },
	[TIMING_EPML] = { "alone", "tracked", "ring-copy", "re-arm" },
};

static int formula_technique(enum xp_technique technique)
{
	switch (technique) {
	case XP_PROC:
		return TIMING_PROC;
	case XP_SPML:
	case XP_SPML_INDEXED:
		return TIMING_SPML;
	case XP_EPML:
		return TIMING_EPML;
	default:
		return -1;
	}
}

static void set_phase(struct timing_result_phase *phase, unsigned id, const char *name,
		      const uint64_t *count)
{
	phase->id = id + 1;
	strcpy(phase->name, name);
	memcpy(phase->count, count, sizeof(phase->count));
}

static void formula_row(struct table *t, const struct xp_row *row, const char *formula,
			const struct timing_estimate *e)
{
	table_cell(t, "%s", profile_names[row->profile]);
	table_cell(t, "%s", xp_technique_names[row->technique]);
	table_cell(t, "%u", row->mb);
	table_cell(t, "%s", formula);
	timing_estimate_cells(t, e);
}

static void add_row(struct table *t, const struct experiment *x, const struct xp_row *row,
		    const struct xp_row *alone, enum timing_technique technique)
{
	static struct timing_result_phase phases[PHASES];
	struct timing_result_cpu cpu = { .n_phases = PHASES, .phases = phases };
	const struct timing_result *timing = &x->timing[row->profile];
	const struct timing_result r = {
		.processor = timing->processor, .mode = timing->mode, .n_cpus = 1, .cpus = &cpu
	};
	const char *const *names = phase_names[technique];
	struct timing_validation v;

	set_phase(&phases[ALONE], ALONE, names[ALONE], alone->count[XP_TRACKED]);
	set_phase(&phases[TRACKED], TRACKED, names[TRACKED], row->count[XP_TRACKED]);
	set_phase(&phases[COLLECT], COLLECT, names[COLLECT], row->count[XP_COLLECT]);
	set_phase(&phases[REARM], REARM, names[REARM], row->count[XP_REARM]);
	if (timing_validate(&v, technique, &r))
		return;
	formula_row(t, row, "1 tracker", &v.tracker);
	formula_row(t, row, "3 tracked with tracker", &v.tracked);
}

void xp_table_formulas(struct table *t, const struct experiment *x)
{
	table_init(t, columns, sizeof(columns) / sizeof(columns[0]));
	for (unsigned i = 0; i < x->n; i++) {
		const struct xp_row *row = &x->rows[i];
		const struct xp_row *alone = xp_alone(x, row);
		const int technique = formula_technique(row->technique);

		if (technique >= 0 && row->counted && alone && alone->counted)
			add_row(t, x, row, alone, (enum timing_technique)technique);
	}
}
