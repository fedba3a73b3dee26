/* SPDX-License-Identifier: BSD-2-Clause */
#include <math.h>

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

static void count_events(struct timing_terms *x, const struct timing_result *r,
			 const uint64_t *tracked, const uint64_t *alone)
{
	const double entry = price(r, TIMING_ENTRY);
	const double reads = more(tracked, alone, TIMING_VMREAD_GPML) +
			     more(tracked, alone, TIMING_VMREAD_SHADOW);
	const double writes = more(tracked, alone, TIMING_VMWRITE_GPML) +
			      more(tracked, alone, TIMING_VMWRITE_SHADOW);

	x->page_faults = more(tracked, alone, TIMING_EXCEPTION_PF) *
			 (price(r, TIMING_EXCEPTION_PF) + price(r, TIMING_IRET));
	for (int cost = TIMING_EXIT_EPT_VIOLATION; cost <= TIMING_EXIT_OTHER; cost++)
		x->vm_exits += more(tracked, alone, cost) * (price(r, cost) + entry);
	/* The formulas take a pair for each context switch. */
	x->switches = fmax(reads, writes);
	if (x->switches > 0)
		x->vmcs = (reads * price(r, TIMING_VMREAD_GPML) +
			   writes * price(r, TIMING_VMWRITE_GPML)) / x->switches;
}

static bool cause_in_formula(enum timing_technique technique, int cause)
{
	switch (cause) {
	case TIMING_CAUSE_EXCEPTION:
	case TIMING_CAUSE_INTERRUPT:	/* IRET, of page faults */
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

static void find_missing(struct timing_validation *v, enum timing_technique technique,
			 const struct timing_result *r, const uint64_t *tracked,
			 const uint64_t *alone)
{
	v->missing = -1;
	for (int cause = 0; cause < TIMING_N_CAUSES; cause++) {
		const double extra = cycles_of(r, tracked, cause) - cycles_of(r, alone, cause);

		if (cause_in_formula(technique, cause))
			continue;
		v->lacks[cause] = extra;
		if (extra > v->missing_cycles) {
			v->missing = cause;
			v->missing_cycles = extra;
		}
	}
}

const char *timing_validate(struct timing_validation *v, enum timing_technique technique,
			    const struct timing_result *r)
{
	uint64_t alone[TIMING_N_COSTS], tracked[TIMING_N_COSTS];
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
	count_events(x, r, tracked, alone);
	v->tracker_estimated = timing_formula_tracker(technique, x);
	v->tracker_counted = phase_cycles(r, NULL) - x->alone - tracked_cycles;
	v->tracked_estimated = timing_formula_tracked(technique, x);
	v->tracked_counted = tracked_cycles + v->tracker_counted;
	find_missing(v, technique, r, tracked, alone);
	return NULL;
}
