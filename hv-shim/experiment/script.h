/* SPDX-License-Identifier: BSD-2-Clause */
/* What a guest of the experiment runs, and the files that it needs for that. */
#ifndef EPML_EXPERIMENT_SCRIPT_H
#define EPML_EXPERIMENT_SCRIPT_H

#include "run.h"
#include "xen_job.h"

#define SCRIPT_FILES 64u

struct script {
	char *text;
	struct xen_file file[SCRIPT_FILES];
	char *path[SCRIPT_FILES];	/* memory of the paths, or NULL */
	size_t n_files;
};

/**
 * Make the script: of ooh-bench, or of ooh-track with the user's program.
 * @return	0, or STATUS_BAD after one line on standard error, with nothing to free
 */
int script_make(struct script *s, const struct xp_request *request);
void script_free(struct script *s);

#endif
