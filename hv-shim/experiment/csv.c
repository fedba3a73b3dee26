/* SPDX-License-Identifier: BSD-2-Clause */
/* Rows for spreadsheets: what has no number is empty. */
#include <inttypes.h>

#include "experiment.h"

static const char *const outcome_names[XP_OUTCOMES] = { "ok", "failed", "left-out", "missing" };

/* Sums of costs that have a column of their own. */
static const struct column {
	const char *name;
	enum timing_cost first, last;
} columns[] = {
	{ "page_faults", TIMING_EXCEPTION_PF, TIMING_EXCEPTION_PF },
	{ "interrupts", TIMING_INTERRUPT_EXTERNAL, TIMING_INTERRUPT_VIRTUAL },
	{ "self_ipis", TIMING_SELF_IPI, TIMING_SELF_IPI },
	{ "dirty_flags", TIMING_ASSIST_DIRTY, TIMING_ASSIST_DIRTY },
	{ "ept_dirty_flags", TIMING_ASSIST_EPT_DIRTY, TIMING_ASSIST_EPT_DIRTY },
	{ "pml_entries", TIMING_PML_ENTRY, TIMING_PML_ENTRY },
	{ "guest_log_entries", TIMING_GPML_AT_VMWRITE, TIMING_GPML_AT_LOG },
	{ "guest_log_drops", TIMING_GPML_DROP, TIMING_GPML_DROP },
	{ "guest_vmreads", TIMING_VMREAD_SHADOW, TIMING_VMREAD_SHADOW },
	{ "guest_vmwrites", TIMING_VMWRITE_SHADOW, TIMING_VMWRITE_SHADOW },
	{ "guest_pml_vmreads", TIMING_VMREAD_GPML, TIMING_VMREAD_GPML },
	{ "guest_pml_vmwrites", TIMING_VMWRITE_GPML, TIMING_VMWRITE_GPML },
	{ "vm_exits", TIMING_EXIT_EPT_VIOLATION, TIMING_EXIT_OTHER },
};

#define N_COLUMNS (sizeof(columns) / sizeof(columns[0]))

static void write_head(FILE *out)
{
	fputs("profile,run,mb,outcome", out);
	for (unsigned i = 0; i < XP_N_NUMBERS; i++)
		fprintf(out, ",%s", xp_number_names[i]);
	fputs(",slowdown,slowdown_rounds,slowdown_tracked,published_slowdown", out);
	for (unsigned part = 0; part < XP_PARTS; part++)
		fprintf(out, ",%s_cycles", xp_part_names[part]);
	for (unsigned i = 0; i < N_COLUMNS; i++)
		fprintf(out, ",%s", columns[i].name);
	for (int cost = TIMING_EXIT_EPT_VIOLATION; cost <= TIMING_EXIT_OTHER; cost++)
		fprintf(out, ",%s", timing_costs[cost].name);
	fputc('\n', out);
}

static void write_ratio(FILE *out, double value)
{
	fprintf(out, value > 0 ? ",%.4f" : ",", value);
}

static void write_counts(FILE *out, const struct experiment *x, const struct xp_row *row)
{
	for (unsigned part = 0; part < XP_PARTS; part++)
		if (row->counted && row->phase[part])
			fprintf(out, ",%.0f", xp_part_cycles(x, row, (enum xp_part)part));
		else
			fputc(',', out);
	for (unsigned i = 0; i < N_COLUMNS; i++) {
		uint64_t n = 0;

		for (int cost = (int)columns[i].first; cost <= (int)columns[i].last; cost++)
			n += xp_count(row, (enum timing_cost)cost);
		fprintf(out, row->counted ? ",%" PRIu64 : ",", n);
	}
	for (int cost = TIMING_EXIT_EPT_VIOLATION; cost <= TIMING_EXIT_OTHER; cost++)
		fprintf(out, row->counted ? ",%" PRIu64 : ",",
			xp_count(row, (enum timing_cost)cost));
}

static void write_row(FILE *out, const struct experiment *x, const struct xp_row *row,
		      const struct xp_published *p)
{
	const char *name = xp_technique_names[row->technique];
	const unsigned numbers = row->outcome != XP_OK ? 0
				 : row->technique == XP_ALONE ? XP_ALONE_NUMBERS : XP_N_NUMBERS;
	const bool tracks = row->technique != XP_ALONE;

	fprintf(out, "%s,%s,%u,%s", profile_names[row->profile], name, row->mb,
		outcome_names[row->outcome]);
	for (unsigned i = 0; i < XP_N_NUMBERS; i++)
		fprintf(out, i < numbers ? ",%" PRIu64 : ",", row->number[i]);
	write_ratio(out, tracks ? xp_slowdown(x, row) : 0);
	write_ratio(out, tracks ? xp_slowdown_rounds(x, row) : 0);
	write_ratio(out, tracks ? xp_slowdown_tracked(x, row) : 0);
	write_ratio(out, xp_published(p, XPF_SLOWDOWN, name, row->mb));
	write_counts(out, x, row);
	fputc('\n', out);
}

void xp_write_csv(FILE *out, const struct experiment *x, const struct xp_published *p)
{
	write_head(out);
	for (unsigned i = 0; i < x->n; i++)
		write_row(out, x, &x->rows[i], p);
}
