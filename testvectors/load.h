/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading of vector files. Everything is checked here: unknown keys, types, ranges, names, and
 * combinations that cannot happen. A file is taken whole or not at all.
 */
#ifndef EPML_LOAD_H
#define EPML_LOAD_H

#include "vector.h"

/* All vectors of some files: one element per vector and profile. */
struct vector_set {
	struct arena arena;
	struct vector **vectors;
	unsigned n;
	struct jsonfile **files;
	unsigned n_files;
};

/**
 * Add the vectors of one file, in the order of the file, each in its profiles.
 * @return	0, or -1 after one line "file:line: what is wrong" on stderr
 */
int vectors_load(struct vector_set *set, const char *path);

/**
 * Add the vectors of all files *.json of a directory, in alphabetical order.
 * @return	as vectors_load()
 */
int vectors_load_dir(struct vector_set *set, const char *path);

/**
 * Add the vectors of a file, or of the files of a directory.
 * @return	as vectors_load()
 */
int vectors_load_path(struct vector_set *set, const char *path);

/** Release everything. */
void vectors_free(struct vector_set *set);

#endif
