/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory that lives as long as a set of vectors: allocated piece by piece, released at once.
 */
#ifndef EPML_ARENA_H
#define EPML_ARENA_H

#include <stddef.h>

struct arena {
	struct arena_block *blocks;
};

/**
 * Allocate zeroed memory. Ends the program with status 2 if there is none.
 * @param size	bytes
 */
void *arena_alloc(struct arena *a, size_t size);

/** Copy of a string. */
char *arena_strdup(struct arena *a, const char *s);

/** A string made as by sprintf. */
char *arena_printf(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/** Release all memory; the arena can be used again. */
void arena_free(struct arena *a);

/**
 * Make room for one more element in a growing array outside of any arena (release it with free).
 * Ends the program with status 2 if there is no memory.
 * @param array	the array, or NULL
 * @param n	elements in use
 * @param size	bytes per element
 * @return	the array, perhaps moved, with room for element @p n
 */
void *array_grow(void *array, size_t n, size_t size);

/** Array of @p n elements of the arena, or NULL for n = 0. */
#define arena_array(a, n, type) ((n) ? (type *)arena_alloc((a), (n) * sizeof(type)) : NULL)

#endif
