/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * JSON files with line numbers: what specgen and the vector compiler read.
 *
 * Jansson parses; this adds the line of each value, so that a tool can say where a value that is
 * well-formed but wrong stands: "fields.json:12: ...".
 */
#ifndef EPML_JSONFILE_H
#define EPML_JSONFILE_H

#include <jansson.h>

struct jsonfile {
	char *path;
	char *text;
	json_t *root;
};

/**
 * Read and parse a JSON file. An object with two equal keys is refused.
 * @param f	filled in on success; all NULL on failure
 * @param path	name of the file, as messages print it
 * @return	0, or -1 after one line "path:line: what is wrong" on stderr
 */
int jsonfile_load(struct jsonfile *f, const char *path);

/** Release what jsonfile_load() has allocated. Does nothing to a zeroed structure. */
void jsonfile_free(struct jsonfile *f);

/**
 * Line on which a value begins.
 * @param value	a value that is part of f->root. Jansson has a single object for each of true, false
 *		and null: for these ask for the array or object that holds them.
 * @return	line, counted from 1; 1 if the value is not part of the file
 */
unsigned jsonfile_line(const struct jsonfile *f, const json_t *value);

/**
 * Print one line "path:line: text" on stderr.
 * @param at	the value that is wrong, or NULL for line 1
 */
void jsonfile_error(const struct jsonfile *f, const json_t *at, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif
