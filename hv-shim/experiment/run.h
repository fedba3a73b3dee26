/* SPDX-License-Identifier: BSD-2-Clause */
/* Running the experiment: one boot of the stack for each profile. */
#ifndef EPML_EXPERIMENT_RUN_H
#define EPML_EXPERIMENT_RUN_H

#include "experiment.h"
#include "paths.h"

struct xp_request {
	const struct paths *paths;
	struct xp_plan plan;
	bool profile[PROFILES];
	enum timing_mode mode;
	const char *costs;		/* file */
	unsigned vcpus;
	unsigned limit;			/* seconds of the guest that one row may take */
	unsigned every, timer;		/* of ooh-bench; 0: not given */
	unsigned jobs;			/* boots at the same time */
	bool verbose;
	char *const *program;		/* a program of the user's instead of ooh-bench; or NULL */
	const char *directory;		/* takes what is recorded */
};

#define XP_MAX_GUEST_MEMORY	1360u	/* MByte, of the 2 GByte that Bochs gives the machine */

/** MByte that each guest needs; what it cannot have is left out by ooh-bench. */
unsigned xp_guest_memory(const struct xp_plan *plan);

/**
 * Boot and run in every profile. What was recorded is kept, whatever happens. The
 * caller takes care of signals, as for xen_job_run().
 * @return	0; STATUS_FAILED if a guest or a boot failed; STATUS_BAD if nothing could be
 *		started; with lines on standard error
 */
int xp_run(const struct xp_request *request);

#endif
