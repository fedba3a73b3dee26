/* SPDX-License-Identifier: BSD-2-Clause */
/* For tests: one vector from text, and a look at its record. */
#ifndef EPML_ONE_VECTOR_H
#define EPML_ONE_VECTOR_H

#include "compile.h"
#include "load.h"

/**
 * Load one vector that requires EPML; the test fails if it is refused.
 * @param setup, steps, expect	JSON text; double quotes may be written as single ones
 * @return			its variant for the profile "hardened"
 */
struct vector *one_vector(struct vector_set *set, const char *setup, const char *steps,
			  const char *expect);

/** Value that the record gives to the word at @p hpa; 0 if it gives none. */
uint64_t record_word(const struct vector *v, uint64_t hpa);

/** Does the record zero the page at @p hpa first? */
bool record_zeroes(const struct vector *v, uint64_t hpa);

/** Value of a field in the record, the last if there are several. */
uint64_t record_field(const struct vector *v, uint32_t field);

/** The steps of the record. */
const struct vi_step *record_steps(const struct vector *v);

#endif
