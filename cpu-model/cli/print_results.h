/* SPDX-License-Identifier: BSD-2-Clause */
/* Results of vectors as text, TAP, JUnit XML or JSON. */
#ifndef EPML_PRINT_RESULTS_H
#define EPML_PRINT_RESULTS_H

#include <jansson.h>
#include <stdio.h>

#include "run_vectors.h"

typedef void print_results_fn(FILE *out, const struct result *results, unsigned n);

/** The printer of a format, or NULL if there is no such format. */
print_results_fn *results_printer(const char *format);

/** Results as JSON, with the version of the model and the date: what "json" prints. */
json_t *results_json(const struct result *results, unsigned n);

/** Number of results that passed; a known defect of stock Bochs passes. */
unsigned count_passed(const struct result *results, unsigned n);

#endif
