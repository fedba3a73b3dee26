/* SPDX-License-Identifier: BSD-2-Clause */
/* Values of options of the programs here. */
#ifndef OOH_BENCH_OPTIONS_H
#define OOH_BENCH_OPTIONS_H

#include <stdint.h>

#include "cli_error.h"

/**
 * A number from min to max.
 * @param option	without "--"
 * @return		0, or STATUS_BAD after one line on standard error
 */
int parse_number(const char *option, const char *text, uint64_t min, uint64_t max, uint64_t *n);

#endif
