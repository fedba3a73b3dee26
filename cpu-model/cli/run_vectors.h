/* SPDX-License-Identifier: BSD-2-Clause */
/* Vectors on hosts: the standalone machine, Bochs with the model, stock Bochs. */
#ifndef EPML_RUN_VECTORS_H
#define EPML_RUN_VECTORS_H

#include <stdbool.h>
#include <stdio.h>

#include "paths.h"
#include "report.h"

enum host { ON_MODEL, ON_BOCHS, ON_STOCK, HOSTS };

extern const char *const host_names[HOSTS];

enum status {
	NOT_RUN,
	PASSED,
	FAILED,
	KNOWN,		/* stock Bochs failed as its defect makes it fail: as expected */
};

/* One vector on one host. */
struct result {
	struct vector *v;
	enum host host;
	enum status status;
	char *text;			/* why it failed, or the defect; NULL if it passed */
	struct outcome outcome;		/* kept if keep_outcomes is set */
};

#define USUAL_TIMEOUT	20	/* seconds, without --timeout */

struct run_options {
	const struct paths *paths;
	unsigned jobs;			/* runs at the same time */
	FILE *trace;			/* for the architectural trace, with one job; or NULL */
	unsigned timeout;		/* seconds without progress on Bochs */
	bool keep_outcomes;
	bool progress;			/* count on standard error */
};

/** Does this vector run on this host? Stock Bochs runs what any processor with PML must pass. */
bool runs_on(const struct vector *v, enum host host);

/**
 * Run vectors; fills in status, text and outcome.
 * @return	0, or -1 with one line in @p text if the environment does not let them run
 */
int run_vectors(const struct run_options *o, struct result *results, unsigned n, char *text,
		size_t size);

#endif
