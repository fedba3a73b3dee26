/* SPDX-License-Identifier: BSD-2-Clause */
/* A random vector that failed, as a vector file. */
#ifndef EPML_FUZZ_EXPECT_H
#define EPML_FUZZ_EXPECT_H

#include "trial.h"

/**
 * Write a failing vector with what the model reports as its expectation, and the finding as its
 * title. "epml vectors" then shows the difference on the other host.
 * @param t	the vector, after trials_run()
 * @return	0, or -1 with one line in @p text
 */
int fuzz_save(const struct trial *t, uint64_t seed, const char *path, char *text, size_t size);

#endif
