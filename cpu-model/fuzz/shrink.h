/* SPDX-License-Identifier: BSD-2-Clause */
/* Delta debugging: a smaller vector that fails in the same way. */
#ifndef EPML_FUZZ_SHRINK_H
#define EPML_FUZZ_SHRINK_H

#include "trial.h"

/**
 * Take away steps, pages, fields, memory, controls and flags as long as the vector still fails
 * alike. All vectors that could come next run at the same time, the first that fails is taken.
 * @param c	the vector that fails; becomes the smallest one found
 * @param f	its finding; becomes that of the smallest one
 * @return	0, or -1 with @p text if the environment does not let them run
 */
int fuzz_shrink(const struct trial_options *o, struct fuzz_case *c, struct finding *f, char *text,
		size_t size);

#endif
