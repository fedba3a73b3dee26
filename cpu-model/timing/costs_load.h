/* SPDX-License-Identifier: BSD-2-Clause */
/* Costs files: a processor as data. docs/timing.md describes the format. */
#ifndef EPML_TIMING_COSTS_LOAD_H
#define EPML_TIMING_COSTS_LOAD_H

#include "timing.h"

/**
 * Read a costs file and the files that it is based on, and check them: every cost and every
 * structure is there, with a sensible value.
 * @param p	filled in on success
 * @param path	name of the file
 * @return	0, or -1 after one line "path:line: what is wrong" on stderr
 */
int timing_costs_load(struct timing_processor *p, const char *path);

#endif
