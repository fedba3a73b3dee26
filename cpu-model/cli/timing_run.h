/* SPDX-License-Identifier: BSD-2-Clause */
/* What epml timing reads and writes: results, costs, traces. */
#ifndef EPML_TIMING_RUN_H
#define EPML_TIMING_RUN_H

#include "timing_result.h"

#define TIMING_DEFAULT_COSTS "i7-8565u"

/**
 * The file that a costs name means.
 * @param directory	of the project's costs files
 * @param name		of one of them, or a file: with a slash or ".json" at the end
 * @return		to be freed; NULL after one line on standard error
 */
char *timing_costs_path(const char *directory, const char *name);

/**
 * As timing_costs_path(), of costs that can be read.
 * @param name	NULL: those by default
 */
char *timing_find_costs(const char *directory, const char *name);

/**
 * Read costs.
 * @param directory	and name: as for timing_costs_path()
 * @return		0, or STATUS_BAD after one line on standard error
 */
int timing_read_costs(struct timing_processor *p, const char *directory, const char *name);

/** full or events, for --mode or the like. @return as timing_read_costs() */
int timing_parse_mode(const char *option, const char *text, enum timing_mode *mode);

/**
 * Read a result.
 * @param costs	prices that take the place of its own, or NULL
 * @return	as timing_read_costs()
 */
int timing_read_result(struct timing_result *r, const char *path,
		       const struct timing_processor *costs);

/**
 * Replay a trace.
 * @param output	file for the result, or NULL
 * @param timeline	file for the time line, or NULL; neither is left half-written
 * @return		as timing_read_costs()
 */
int timing_replay(struct timing_result *r, const char *trace, const struct timing_processor *costs,
		  enum timing_mode mode, const char *output, const char *timeline);

#endif
