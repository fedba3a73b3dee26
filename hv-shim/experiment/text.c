/* SPDX-License-Identifier: BSD-2-Clause */
/* What a run has shown, in sentences made of its numbers. Why they differ from the published ones
 * is in docs/experiment.md. */
#include <inttypes.h>
#include <math.h>

#include "experiment.h"

/* ---- Sets ------------------------------------------------------------------------------------ */

struct sums {
	uint64_t rows, dirty, missed, spurious;
};

static struct sums sum_sets(const struct experiment *x, unsigned profile, unsigned technique)
{
	struct sums s = { 0 };

	for (unsigned i = 0; i < x->n; i++) {
		const struct xp_row *row = &x->rows[i];

		if (row->profile != profile || row->technique != technique ||
		    row->outcome != XP_OK)
			continue;
		s.rows++;
		s.dirty += row->number[XPN_DIRTY];
		s.missed += row->number[XPN_MISSED];
		s.spurious += row->number[XPN_SPURIOUS];
	}
	return s;
}

static void write_sets(FILE *out, const struct experiment *x, unsigned profile)
{
	bool exact = true;

	fprintf(out, "Under `%s`,", profile_names[profile]);
	for (unsigned t = 0; t < XP_ALONE; t++) {
		const struct sums s = sum_sets(x, profile, t);

		if (!s.missed && !s.spurious)
			continue;
		fprintf(out, "%s `%s` missed %" PRIu64 " of %" PRIu64 " pages and reported "
			"%" PRIu64 " that had not been written", exact ? "" : ";",
			xp_technique_names[t], s.missed, s.dirty, s.spurious);
		exact = false;
	}
	fputs(exact ? " every technique that ran reported exactly the pages that had been "
		      "written.\n" : ". All others were exact.\n", out);
}

/* ---- Slowdown -------------------------------------------------------------------------------- */

/* Counted to published, least and greatest. */
struct span {
	double least, greatest;
};

static void add_to_span(struct span *s, double value)
{
	s->least = s->least > 0 ? fmin(s->least, value) : value;
	s->greatest = fmax(s->greatest, value);
}

static void write_slowdowns(FILE *out, const struct experiment *x, const struct xp_published *p,
			    unsigned profile, unsigned technique)
{
	struct span span = { 0, 0 };
	unsigned n = 0;

	for (unsigned i = 0; i < x->n; i++) {
		const struct xp_row *row = &x->rows[i];
		const double slowdown = xp_slowdown(x, row);
		const double published = xp_published(p, XPF_SLOWDOWN,
						      xp_technique_names[technique], row->mb);

		if (row->profile != profile || row->technique != technique || slowdown <= 0 ||
		    published <= 0)
			continue;
		if (!n++)
			fprintf(out, " `%s`:", xp_technique_names[technique]);
		fprintf(out, "%s %.2f at %u MB (published %.2f)", n > 1 ? "," : "", slowdown,
			row->mb, published);
		add_to_span(&span, slowdown / published);
	}
	if (n > 1)
		fprintf(out, ", %.2g to %.2g times as much;", span.least, span.greatest);
	else if (n)
		fprintf(out, ", %.2g times as much;", span.least);
}

static void write_comparison(FILE *out, const struct experiment *x, const struct xp_published *p,
			     unsigned profile)
{
	fprintf(out, "Slowdown under `%s`:", profile_names[profile]);
	for (unsigned t = 0; t < XP_ALONE; t++)
		write_slowdowns(out, x, p, profile, t);
	fputs(" the other techniques were not published.\n", out);
}

/* ---- Two clocks ------------------------------------------------------------------------------ */

/* The guest's own measurement beside the count of the same phase, which has the two RDTSCs too. */
static void write_clocks(FILE *out, const struct experiment *x)
{
	double most = 0;
	unsigned n = 0;

	for (unsigned i = 0; i < x->n; i++) {
		const struct xp_row *row = &x->rows[i];
		double difference;

		if (row->outcome != XP_OK || !row->counted)
			continue;
		difference = xp_part_cycles(x, row, XP_TRACKED) - (double)row->number[XPN_WRITTEN];
		most = fmax(most, fabs(difference) / x->plan.rounds);
		n++;
	}
	if (n)
		fprintf(out, "The guest measured its turns by its TSC, and the processor counted "
			"them by phase: the two differ by at most %.0f cycles in a round, in %u "
			"runs.\n", most, n);
}

void xp_write_text(FILE *out, const struct experiment *x, const struct xp_published *p)
{
	for (unsigned i = 0; i < PROFILES; i++)
		if (x->profile[i])
			write_sets(out, x, i);
	fputc('\n', out);
	for (unsigned i = 0; i < PROFILES; i++)
		if (x->profile[i])
			write_comparison(out, x, p, i);
	fputc('\n', out);
	write_clocks(out, x);
}
