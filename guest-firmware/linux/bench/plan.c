/* SPDX-License-Identifier: BSD-2-Clause */
/* All techniques at one size; what would take too long or too much memory is left out, and said. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "bench.h"

#define BASIS_MB	1u
#define SPARE_KB	(16u * 1024)

/* Looking up each logged address anew makes it the square; everything else grows with the pages. */
static double growth(enum ooh_technique technique)
{
	return technique == OOH_SPML ? 2 : 1;
}

/* Copies of the array that there are beside it. */
static unsigned copies(enum ooh_technique technique)
{
	return technique == OOH_ORACLE ? 1 : 0;
}

/* What so many rounds take, by a run that has been. */
static double seconds(const struct run *r, unsigned timed, unsigned rounds)
{
	/* Those that are not timed come to one and a half. */
	const double cycles = (double)r->elapsed / timed * (rounds + 1.5);

	return (cycles + (double)(r->setup + r->stop)) / 1000 / (double)clock_khz();
}

void plan_begin(struct plan *p, const struct settings *s)
{
	*p = (struct plan){ .s = s, .phase = MARK_OTHER + 1 };
}

/* ---- Memory ------------------------------------------------------------------------------ */

/* 0 if the system does not tell. */
static unsigned long available_kb(void)
{
	FILE *f = fopen("/proc/meminfo", "re");
	char line[128];
	unsigned long kb = 0;

	while (f && !kb && fgets(line, sizeof(line), f))
		if (sscanf(line, "MemAvailable: %lu", &kb) != 1)
			kb = 0;
	if (f)
		fclose(f);
	return kb;
}

static bool lacks_memory(struct run *r)
{
	const unsigned long kb = available_kb();
	const unsigned long needed = r->mb * 1024ul * (1 + (r->alone ? 0 : copies(r->technique))) +
				     SPARE_KB;

	if (!kb || needed <= kb)
		return false;
	snprintf(r->text, sizeof(r->text), "needs %lu MB of memory, there are %lu", needed / 1024,
		 kb / 1024);
	return true;
}

/* ---- Time -------------------------------------------------------------------------------- */

/* A technique whose cost explodes needs a small run to know by how much; it is not reported. */
static void find_basis(struct plan *p, enum ooh_technique technique, unsigned mb)
{
	struct settings s = *p->s;
	struct run r = { .technique = technique, .mb = BASIS_MB };

	if (p->basis[technique].mb || growth(technique) < 2 || mb <= BASIS_MB)
		return;
	s.rounds = 1;
	run_technique(&r, &s);
	if (r.outcome == RUN_OK)
		p->basis[technique] = (struct basis){ BASIS_MB, seconds(&r, 1, p->s->rounds) };
}

static bool lacks_time(struct plan *p, struct run *r)
{
	const struct basis *b;

	if (!p->s->limit || r->alone)
		return false;
	find_basis(p, r->technique, r->mb);
	b = &p->basis[r->technique];
	if (!b->mb)
		return false;
	r->estimate = b->seconds * pow((double)r->mb / b->mb, growth(r->technique));
	if (r->estimate <= p->s->limit) {
		r->estimate = 0;
		return false;
	}
	snprintf(r->text, sizeof(r->text), "would take about %.3g s: %.3g s at %u MB, and grows "
		 "with %s", r->estimate, b->seconds, b->mb,
		 growth(r->technique) > 1 ? "the square of the size" : "the size");
	return true;
}

/* ---- The runs ---------------------------------------------------------------------------- */

static void run(struct plan *p, struct run *r)
{
	r->phase = p->phase;
	p->phase += r->alone ? 1 : PARTS;
	if (lacks_memory(r) || lacks_time(p, r)) {
		r->outcome = RUN_LEFT_OUT;
	} else {
		run_technique(r, p->s);
		if (r->outcome == RUN_OK && !r->alone)
			p->basis[r->technique] = (struct basis){
				r->mb, seconds(r, p->s->rounds, p->s->rounds)
			};
	}
	result_print(r);
	p->runs++;
}

void plan_size(struct plan *p, unsigned mb, const enum ooh_technique *technique, unsigned n)
{
	struct run alone = { .alone = true, .mb = mb };

	run(p, &alone);
	for (unsigned i = 0; i < n; i++) {
		struct run r = { .technique = technique[i], .mb = mb };

		run(p, &r);
	}
}
