/* SPDX-License-Identifier: BSD-2-Clause */
/* A run of the fuzzer: batches of random vectors until their number or the time is up. */
#ifndef EPML_FUZZ_CAMPAIGN_H
#define EPML_FUZZ_CAMPAIGN_H

#include "trial.h"

struct campaign {
	struct trial_options trial;
	uint64_t seed;
	uint64_t count;			/* vectors; 0: the time decides */
	unsigned minutes;
	int profile;			/* enum profile; -1: both, and other parameters */
	const char *directory;		/* of the files of failing vectors */
	bool progress;			/* on standard error */
	/* Results. */
	uint64_t vectors, steps, failed;
	double seconds;
};

/**
 * Run it. Each failing vector is printed as one line on standard output; the first ones are made
 * small and written to files.
 * @return	0, or -1 with @p text if the environment does not let vectors run
 */
int campaign_run(struct campaign *c, char *text, size_t size);

#endif
