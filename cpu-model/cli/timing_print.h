/* SPDX-License-Identifier: BSD-2-Clause */
/* Tables and plots of epml timing. */
#ifndef EPML_TIMING_PRINT_H
#define EPML_TIMING_PRINT_H

#include "formulas.h"
#include "table.h"
#include "timing_result.h"

/* What a table has one row for. */
enum timing_by { BY_CAUSE, BY_PHASE, BY_COST, BY_ALL };

/** Table of a result. @return 0, or STATUS_BAD after one line on standard error */
int timing_print(const struct timing_result *r, enum timing_by by, enum table_format format);

/** Difference of two results with equal prices, by cause or cost. @return as timing_print() */
int timing_print_diff(const struct timing_result *a, const struct timing_result *b,
		      enum timing_by by, enum table_format format);

/** The formulas beside what was counted. @return as timing_print() */
int timing_print_formulas(const struct timing_result *r, enum timing_technique technique,
			  enum table_format format);

/** Begin a table of formulas. */
void timing_formulas_begin(struct table *t);

/** Rows of one technique, under a name. @return NULL, or the phase that the run lacks */
const char *timing_formulas_add(struct table *t, const char *name, enum timing_technique technique,
				const struct timing_result *r);

/**
 * Cells of an estimate: estimated, counted, accuracy in % without and with the terms that it lacks,
 * and these terms.
 */
void timing_estimate_cells(struct table *t, const struct timing_estimate *e);

/** All costs, with those of a processor unless it is NULL. @return as timing_print() */
int timing_print_costs(const struct timing_processor *p, enum table_format format);

/** All costs files of a directory. @return as timing_print() */
int timing_print_processors(const char *directory, enum table_format format);

/**
 * Cycles by cause, stacked, a bar for each phase.
 * @param path	ends with ".svg" or ".png"
 * @return	as timing_print()
 */
int timing_plot(const struct timing_result *r, const char *path);

/** Cell with cycles: exact for text, in 1/1000 cycle for JSON. */
void timing_cell(struct table *t, enum table_format format, uint64_t milli);

/** Print, and say so if it could not be done. @return as timing_print() */
int timing_print_table(struct table *t, enum table_format format);

#endif
