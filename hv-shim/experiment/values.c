/* SPDX-License-Identifier: BSD-2-Clause */
/* What rows say, alone and together. */
#include "cli_error.h"
#include "experiment.h"

static double ratio(uint64_t a, uint64_t b)
{
	return b ? (double)a / (double)b : 0;
}

/* The array is made before tracking begins, so that it takes the same time in both. */
double xp_slowdown(const struct experiment *x, const struct xp_row *row)
{
	const struct xp_row *alone = xp_alone(x, row);
	const uint64_t made = alone ? alone->number[XPN_MADE] * x->plan.rounds : 0;

	return alone ? ratio(made + row->number[XPN_ELAPSED],
			     made + alone->number[XPN_ELAPSED]) : 0;
}

double xp_slowdown_rounds(const struct experiment *x, const struct xp_row *row)
{
	const struct xp_row *alone = xp_alone(x, row);

	return alone ? ratio(row->number[XPN_ELAPSED], alone->number[XPN_ELAPSED]) : 0;
}

double xp_slowdown_tracked(const struct experiment *x, const struct xp_row *row)
{
	const struct xp_row *alone = xp_alone(x, row);

	return alone ? ratio(row->number[XPN_WRITTEN], alone->number[XPN_WRITTEN]) : 0;
}

/* The base line's Tracker does nothing but take turns. */
double xp_tracker_cycles(const struct experiment *x, const struct xp_row *row)
{
	const struct xp_row *alone = xp_alone(x, row);

	return alone ? (double)row->number[XPN_CPU_TRACKER] -
		       (double)alone->number[XPN_CPU_TRACKER] : 0;
}

double xp_part_cycles(const struct experiment *x, const struct xp_row *row, enum xp_part part)
{
	struct timing_cycles c = { { 0 } };

	timing_cycles_add(&c, x->timing[row->profile].processor.price, row->count[part],
			  TIMING_ALL_CAUSES);
	return (double)c.milli[TIMING_LIKELY] / 1000;
}

uint64_t xp_count(const struct xp_row *row, enum timing_cost cost)
{
	return row->count[XP_TRACKED][cost] + row->count[XP_COLLECT][cost] +
	       row->count[XP_REARM][cost];
}

uint64_t xp_exits(const struct xp_row *row)
{
	uint64_t n = 0;

	for (int cost = TIMING_EXIT_EPT_VIOLATION; cost <= TIMING_EXIT_OTHER; cost++)
		n += xp_count(row, (enum timing_cost)cost);
	return n;
}

/* ---- The verdict ----------------------------------------------------------------------------- */

bool xp_must_be_complete(const struct xp_row *row)
{
	return row->technique != XP_ALONE &&
	       !(row->technique == XP_EPML && row->profile == PROFILE_PUBLISHED);
}

/* A technique that is left out has said why; one that fails shows nothing. */
static bool fails(const struct xp_row *row)
{
	return row->outcome == XP_FAILED || row->outcome == XP_MISSING ||
	       (xp_must_be_complete(row) && row->number[XPN_MISSED]);
}

int xp_verdict(const struct experiment *x)
{
	for (unsigned i = 0; i < x->n; i++)
		if (fails(&x->rows[i]))
			return STATUS_FAILED;
	return 0;
}
