/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tables that the commands print: as aligned text, Markdown or JSON.
 */
#ifndef EPML_TABLE_H
#define EPML_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum table_format { TABLE_TEXT, TABLE_MARKDOWN, TABLE_JSON };

struct table_column {
	const char *key;	/* member name in JSON */
	const char *title;	/* heading */
	enum { COLUMN_TEXT, COLUMN_NUMBER, COLUMN_FLAG } kind;
};

/* A flag's cell holds "" for no; JSON prints true and false. */
struct table {
	const struct table_column *columns;
	size_t n_columns;
	char **cells;		/* row by row */
	size_t n_cells, space;
	bool failed;		/* out of memory */
};

/** Begin an empty table; @p columns must stay valid. */
void table_init(struct table *t, const struct table_column *columns, size_t n_columns);

/** Release all cells. */
void table_free(struct table *t);

/** Append one cell, row by row from the left; printf format. */
void table_cell(struct table *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/**
 * Print the table. On a terminal, text wraps the last column.
 * @return	0, or -1 if memory or the output failed
 */
int table_print(const struct table *t, enum table_format format, FILE *out);

/**
 * Format by name.
 * @param name		"text", "markdown" or "json"
 * @param format	set if the name is known
 * @return		true if the name is known
 */
bool table_format_by_name(const char *name, enum table_format *format);

#endif
