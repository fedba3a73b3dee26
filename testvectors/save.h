/* SPDX-License-Identifier: BSD-2-Clause */
/* Writing of vectors, so that vectors_load() reads what was written. */
#ifndef EPML_SAVE_H
#define EPML_SAVE_H

#include "vector.h"

/**
 * The vector as JSON, for its one profile.
 * @return	to be released with json_decref()
 */
json_t *vector_to_json(const struct vector *v);

/** Parts of it that other outputs have too; lists may be empty. */
json_t *strings_to_json(const char *const *strings, unsigned n);
json_t *properties_to_json(unsigned properties);

/**
 * Design parameters as an object of their keys and values.
 * @param usual	parameters that are the same here are left out; NULL: none is
 */
json_t *params_to_json(const struct epml_params *p, const struct epml_params *usual);

/**
 * Write a vector file with one vector. The file is there as a whole or not at all.
 * @return	0, or -1 with one line in @p text
 */
int vector_save(const struct vector *v, const char *path, char *text, size_t size);

/* ---- Shared by the parts ---- */

json_t *save_hex(uint64_t value);
json_t *save_addr(const struct addr *a);
json_t *save_field_name(uint32_t field);
json_t *save_fields(const struct vfield *fields, unsigned n);
json_t *save_memory(const struct vmem *memory, unsigned n);
/** Set a member unless the value is NULL. */
void save_set(json_t *object, const char *key, json_t *value);

json_t *save_setup(const struct vector *v);
/** The steps of the main sequence (@p handler 0), or of a handler. */
json_t *save_steps(const struct vector *v, unsigned handler);
json_t *save_handlers(const struct vector *v);
json_t *save_expect(const struct vector *v);

#endif
