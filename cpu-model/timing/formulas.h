/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The formulas with which the proposal's authors estimate what a tracking technique costs, because
 * no silicon has EPML. docs/timing.md tells how they were reconstructed.
 *
 *	1  tracker              = processing + technique
 *	2  technique            = proc: clear_refs + page_walk
 *	                          spml: ring_copy + disable + reverse_mapping
 *	                          epml: ring_copy + disable
 *	3  tracked with tracker = tracked alone + tracker + impact
 *	4  impact               = proc: page_faults
 *	                          spml: vm_exits + switches * vmcs
 *	                          epml: switches * vmcs
 */
#ifndef EPML_TIMING_FORMULAS_H
#define EPML_TIMING_FORMULAS_H

#include "timing_result.h"

enum timing_technique { TIMING_PROC, TIMING_SPML, TIMING_EPML, TIMING_TECHNIQUES };

extern const char *const timing_technique_names[TIMING_TECHNIQUES];

/* All but "switches" in one unit of time. */
struct timing_terms {
	double processing;		/* what the tracker does with the pages it finds */
	double clear_refs, page_walk;	/* clearing soft-dirty flags, reading pagemap */
	double ring_copy, disable, reverse_mapping;
	double alone;			/* the tracked program without a tracker */
	double page_faults;		/* handling all of them */
	double vm_exits;		/* all of them */
	double vmcs;			/* VMREAD and VMWRITE of one context switch */
	double switches;		/* number of context switches */
};

double timing_formula_tracker(enum timing_technique technique, const struct timing_terms *x);
double timing_formula_technique(enum timing_technique technique, const struct timing_terms *x);
double timing_formula_tracked(enum timing_technique technique, const struct timing_terms *x);
double timing_formula_impact(enum timing_technique technique, const struct timing_terms *x);

/** 1 less the relative error, but not below 0. */
double timing_accuracy(double estimated, double measured);

/* What a formula has no term for: a phase of the tracker, or what of a cause no term covers. */
struct timing_lack {
	const char *name;
	bool is_phase;
	double cycles;			/* below 0: its terms have too much */
};

#define TIMING_LACKS	8

/* What a formula says about a run, beside what was counted, in cycles. */
struct timing_estimate {
	double estimated, counted;
	unsigned n_lacks;
	/* Each a hundredth of "counted" or more, the most first. */
	struct timing_lack lacks[TIMING_LACKS];
	double completed;		/* the estimate with these added */
};

struct timing_validation {
	struct timing_terms terms;
	struct timing_estimate tracker, tracked;	/* formulas 1 and 3 */
};

/**
 * Feed the formulas with the phases and events of a run.
 *
 * Phases by name: "alone" and "tracked" are the program without and with a tracker; all others are
 * the tracker's: "processing", "clear-refs", "page-walk", "ring-copy", "disable",
 * "reverse-mapping", and any that the formulas do not know. Unit costs are the run's prices.
 * Names of phases in @p v are those in @p r.
 * @return	NULL, or the name of a phase that the formulas cannot do without
 */
const char *timing_validate(struct timing_validation *v, enum timing_technique technique,
			    const struct timing_result *r);

#endif
