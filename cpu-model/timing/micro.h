/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the micro-operations of the ROM (guest-firmware/rom/micro) cost, from the results of its
 * runs, and the published figures that they stand beside.
 */
#ifndef EPML_TIMING_MICRO_H
#define EPML_TIMING_MICRO_H

#include "formulas.h"
#include "timing_result.h"

/* The ROM runs with these design parameters: what a full log does, and when the address of the
 * guest's log is translated, is another operation in each. */
enum micro_run { MICRO_RUN_HARDENED, MICRO_RUN_VE, MICRO_RUN_PUBLISHED, MICRO_RUNS };

extern const char *const micro_run_names[MICRO_RUNS];	/* of files */
extern const char *const micro_run_params[MICRO_RUNS];	/* for the option of Bochs */

#define MICRO_ANY_RUN	MICRO_RUNS		/* all runs say the same */

struct micro_row {
	const char *name, *text;
	unsigned phase;
	enum micro_run run;			/* in which it is this, or MICRO_ANY_RUN */
	unsigned baseline;			/* instead of that of the phase, or 0 */
};

/** Row by its place, NULL behind the last; by its name, NULL if there is none. */
const struct micro_row *micro_row(unsigned i);
const struct micro_row *micro_row_find(const char *name);

/* Cycles of one operation. */
struct micro_cycles {
	double bound[TIMING_BOUNDS];
};

/**
 * What one operation costs: its phase less its baseline.
 *
 * Both have the same prices, so what they share drops out, however uncertain it is. A cost that
 * the baseline has more of lowers the result by its price, at its high end for the low result.
 * @return	false if the run has not counted in these phases
 */
bool micro_measure(struct micro_cycles *c, const struct micro_row *row,
		   const struct timing_result *r);

/**
 * The part of a run that belongs to one technique, with the phases that timing_validate() knows.
 * @param out	release with timing_result_free()
 * @return	0, or -1 if memory is short
 */
int micro_technique(struct timing_result *out, enum timing_technique technique,
		    const struct timing_result *r);

/* ---- Published figures -------------------------------------------------------------------- */

#define MICRO_FIGURES	64
#define MICRO_TEXT	200

struct micro_figure {
	const struct micro_row *row;
	char value[48];				/* as published: "0.3 us" */
	char source[MICRO_TEXT], holds[MICRO_TEXT];	/* where it stands; what it includes */
	double low, high;			/* cycles, over the clocks that it may mean */
	bool calibrates[TIMING_N_COSTS];	/* costs that are set so that it comes out */
};

struct micro_published {
	struct micro_figure figure[MICRO_FIGURES];
	unsigned n;
};

/**
 * Read published figures; docs/timing.md describes the file.
 * @return	0, or -1 after one line "path:line: what is wrong" on stderr
 */
int micro_published_load(struct micro_published *p, const char *path);

/** Is the operation set to what was published, with this processor's costs, or predicted? */
bool micro_calibrated(const struct micro_figure *f, const struct timing_processor *p);

/** How far a number of cycles is from what was published, in %; 0 if it is within. */
double micro_error(const struct micro_figure *f, double cycles);

#endif
