/* SPDX-License-Identifier: BSD-2-Clause */
/* Tables on standard output, and the files beside them. */
#ifndef EPML_EXPERIMENT_OUTPUT_H
#define EPML_EXPERIMENT_OUTPUT_H

#include "experiment.h"
#include "paths.h"

struct output_options {
	enum table_format format;
	const char *csv, *plots;	/* file and directory, or NULL */
	const char *published;		/* figures other than the project's, or NULL */
};

/** Can the published figures be read? @return 0, or STATUS_BAD after one line */
int xp_output_check(const struct output_options *o, const struct paths *paths);

/**
 * Print what a directory holds, and write what was asked for.
 * @param keep	directory for result.json and result.csv, or NULL
 * @return	the verdict, or STATUS_BAD after one line on standard error
 */
int xp_output(const struct output_options *o, const char *directory, const char *keep,
	      const struct paths *paths);

/** The tables and paragraphs. @return 0, or STATUS_BAD */
int xp_print(const struct experiment *x, const struct xp_published *p, enum table_format format);

#endif
