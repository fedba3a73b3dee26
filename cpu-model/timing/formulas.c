/* SPDX-License-Identifier: BSD-2-Clause */
#include <math.h>
#include <string.h>

#include "formulas.h"

const char *const timing_technique_names[TIMING_TECHNIQUES] = { "proc", "spml", "epml" };

/* ---- The formulas ------------------------------------------------------------------------ */

double timing_formula_technique(enum timing_technique technique, const struct timing_terms *x)
{
	switch (technique) {
	case TIMING_PROC:
		return x->clear_refs + x->page_walk;
	case TIMING_SPML:
		return x->ring_copy + x->disable + x->reverse_mapping;
	default:
		return x->ring_copy + x->disable;
	}
}

double timing_formula_tracker(enum timing_technique technique, const struct timing_terms *x)
{
	return x->processing + timing_formula_technique(technique, x);
}

double timing_formula_impact(enum timing_technique technique, const struct timing_terms *x)
{
	switch (technique) {
	case TIMING_PROC:
		return x->page_faults;
	case TIMING_SPML:
		return x->vm_exits + x->switches * x->vmcs;
	default:
		return x->switches * x->vmcs;
	}
}

double timing_formula_tracked(enum timing_technique technique, const struct timing_terms *x)
{
	return x->alone + timing_formula_tracker(technique, x) +
	       timing_formula_impact(technique, x);
}

double timing_accuracy(double estimated, double measured)
{
	if (measured <= 0)
		return estimated <= 0;
	return fmax(0, 1 - fabs(estimated - measured) / measured);
}

/* ---- From a run -------------------------------------------------------------------------- */

static double cycles_of(const struct timing_result *r, const uint64_t *count, int cause)
{
	struct timing_cycles c = { { 0 } };

	timing_cycles_add(&c, r->processor.price, count, cause);
	return (double)c.milli[TIMING_LIKELY] / 1000;
}

static double phase_cycles(const struct timing_result *r, const char *phase)
{
	uint64_t count[TIMING_N_COSTS];

	timing_result_sum(r, phase, count);
	return cycles_of(r, count, TIMING_ALL_CAUSES);
}

static double price(const struct timing_result *r, enum timing_cost cost)
{
	return (double)r->processor.price[cost].milli[TIMING_LIKELY] / 1000;
}

/* Events that tracking has added; a program has page faults of its own. */
static double more(const uint64_t *tracked, const uint64_t *alone, enum timing_cost cost)
{
	return tracked[cost] > alone[cost] ? (double)(tracked[cost] - alone[cost]) : 0;
}

/*
 * Terms of formula 4 from events, and what of each cause they cover. IRET is part of the handling
 * of a page fault, although it has another cause.
 */
static void count_events(struct timing_terms *x, double *covered, const struct timing_result *r,
			 const uint64_t *tracked, const uint64_t *alone)
{
	const double faults = more(tracked, alone, TIMING_EXCEPTION_PF);
	const double reads = more(tracked, alone, TIMING_VMREAD_GPML) +
			     more(tracked, alone, TIMING_VMREAD_SHADOW);
	const double writes = more(tracked, alone, TIMING_VMWRITE_GPML) +
			      more(tracked, alone, TIMING_VMWRITE_SHADOW);

	covered[TIMING_CAUSE_EXCEPTION] = faults * price(r, TIMING_EXCEPTION_PF);
	covered[TIMING_CAUSE_INTERRUPT] = faults * price(r, TIMING_IRET);
	for (int cost = TIMING_EXIT_EPT_VIOLATION; cost <= TIMING_EXIT_OTHER; cost++) {
		const double exits = more(tracked, alone, cost);

		covered[TIMING_CAUSE_VM_EXIT] += exits * price(r, cost);
		covered[TIMING_CAUSE_VM_ENTRY] += exits * price(r, TIMING_ENTRY);
	}
	covered[TIMING_CAUSE_VMCS] = reads * price(r, TIMING_VMREAD_GPML) +
				     writes * price(r, TIMING_VMWRITE_GPML);
	x->page_faults = covered[TIMING_CAUSE_EXCEPTION] + covered[TIMING_CAUSE_INTERRUPT];
	x->vm_exits = covered[TIMING_CAUSE_VM_EXIT] + covered[TIMING_CAUSE_VM_ENTRY];
	/* The formulas take a pair for each context switch. */
	x->switches = fmax(reads, writes);
	if (x->switches > 0)
		x->vmcs = covered[TIMING_CAUSE_VMCS] / x->switches;
}

static bool cause_in_formula(enum timing_technique technique, int cause)
{
	switch (cause) {
	case TIMING_CAUSE_EXCEPTION:
	case TIMING_CAUSE_INTERRUPT:
		return technique == TIMING_PROC;
	case TIMING_CAUSE_VM_EXIT:
	case TIMING_CAUSE_VM_ENTRY:
		return technique == TIMING_SPML;
	case TIMING_CAUSE_VMCS:
		return technique != TIMING_PROC;
	default:
		return false;
	}
}

static bool phase_in_formula(enum timing_technique technique, const char *phase)
{
	static const struct {
		const char *phase;
		bool in[TIMING_TECHNIQUES];
	} terms[] = {
		{ "processing", { true, true, true } },
		{ "clear-refs", { [TIMING_PROC] = true } },
		{ "page-walk", { [TIMING_PROC] = true } },
		{ "ring-copy", { [TIMING_SPML] = true, [TIMING_EPML] = true } },
		{ "disable", { [TIMING_SPML] = true, [TIMING_EPML] = true } },
		{ "reverse-mapping", { [TIMING_SPML] = true } },
	};

	for (size_t i = 0; i < sizeof(terms) / sizeof(terms[0]); i++)
		if (!strcmp(phase, terms[i].phase))
			return terms[i].in[technique];
	return false;
}

/* Keeps the list in order; of what is too much for it, the least is left out. */
static void add_lack(struct timing_estimate *e, const struct timing_lack *lack)
{
	unsigned i = e->n_lacks;

	if (fabs(lack->cycles) < e->counted / 100)
		return;
	while (i && fabs(e->lacks[i - 1].cycles) < fabs(lack->cycles))
		i--;
	if (i == TIMING_LACKS)
		return;
	if (e->n_lacks < TIMING_LACKS)
		e->n_lacks++;
	memmove(&e->lacks[i + 1], &e->lacks[i], (e->n_lacks - i - 1) * sizeof(*lack));
	e->lacks[i] = *lack;
}

static void find_missing_phases(struct timing_estimate *e, enum timing_technique technique,
				const struct timing_result *r)
{
	for (unsigned id = 0; id < TIMING_PHASES; id++) {
		const char *name = timing_result_phase_name(r, id);

		if (!name || !strcmp(name, "alone") || !strcmp(name, "tracked") ||
		    phase_in_formula(technique, name))
			continue;
		add_lack(e, &(struct timing_lack){ name, true, phase_cycles(r, name) });
	}
}

static void find_missing_causes(struct timing_estimate *e, enum timing_technique technique,
				const struct timing_result *r, const uint64_t *tracked,
				const uint64_t *alone, const double *covered)
{
	for (int cause = 0; cause < TIMING_N_CAUSES; cause++) {
		double lack = cycles_of(r, tracked, cause) - cycles_of(r, alone, cause);

		if (cause_in_formula(technique, cause))
			lack -= covered[cause];
		add_lack(e, &(struct timing_lack){ timing_causes[cause].name, false, lack });
	}
}

static void complete(struct timing_estimate *e)
{
	e->completed = e->estimated;
	for (unsigned i = 0; i < e->n_lacks; i++)
		e->completed += e->lacks[i].cycles;
}

const char *timing_validate(struct timing_validation *v, enum timing_technique technique,
			    const struct timing_result *r)
{
	uint64_t alone[TIMING_N_COSTS], tracked[TIMING_N_COSTS];
	double covered[TIMING_N_CAUSES] = { 0 };
	struct timing_terms *x = &v->terms;
	double tracked_cycles;

	*v = (struct timing_validation){ .terms = {
		.processing = phase_cycles(r, "processing"),
		.clear_refs = phase_cycles(r, "clear-refs"),
		.page_walk = phase_cycles(r, "page-walk"),
		.ring_copy = phase_cycles(r, "ring-copy"),
		.disable = phase_cycles(r, "disable"),
		.reverse_mapping = phase_cycles(r, "reverse-mapping"),
		.alone = phase_cycles(r, "alone"),
	} };
	tracked_cycles = phase_cycles(r, "tracked");
	if (x->alone <= 0)
		return "alone";
	if (tracked_cycles <= 0)
		return "tracked";
	timing_result_sum(r, "alone", alone);
	timing_result_sum(r, "tracked", tracked);
	count_events(x, covered, r, tracked, alone);
	v->tracker.estimated = timing_formula_tracker(technique, x);
	v->tracker.counted = phase_cycles(r, NULL) - x->alone - tracked_cycles;
	find_missing_phases(&v->tracker, technique, r);
	complete(&v->tracker);
	v->tracked.estimated = timing_formula_tracked(technique, x);
	v->tracked.counted = tracked_cycles + v->tracker.counted;
	find_missing_phases(&v->tracked, technique, r);
	find_missing_causes(&v->tracked, technique, r, tracked, alone, covered);
	complete(&v->tracked);
	return NULL;
}
