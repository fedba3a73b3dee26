/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tables that the commands print.
 */
#include "table.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include <jansson.h>

#define WRAP_MIN	30	/* characters that the last column gets at least */
#define GAP		2	/* spaces between columns */

void table_init(struct table *t, const struct table_column *columns, size_t n_columns)
{
	memset(t, 0, sizeof(*t));
	t->columns = columns;
	t->n_columns = n_columns;
}

void table_free(struct table *t)
{
	size_t i;

	for (i = 0; i < t->n_cells; i++)
		free(t->cells[i]);
	free(t->cells);
	memset(t, 0, sizeof(*t));
}

static bool table_reserve(struct table *t)
{
	size_t space = t->space ? t->space * 2 : 64;
	char **cells;

	if (t->n_cells < t->space)
		return true;
	cells = realloc(t->cells, space * sizeof(*cells));
	if (!cells)
		return false;
	t->cells = cells;
	t->space = space;
	return true;
}

void table_cell(struct table *t, const char *fmt, ...)
{
	char *text = NULL;
	va_list args;
	int length;

	va_start(args, fmt);
	length = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	if (length >= 0 && table_reserve(t))
		text = malloc((size_t)length + 1);
	if (!text) {
		t->failed = true;
		return;
	}
	va_start(args, fmt);
	vsnprintf(text, (size_t)length + 1, fmt, args);
	va_end(args);
	t->cells[t->n_cells++] = text;
}

static const char *cell(const struct table *t, size_t row, size_t column)
{
	return t->cells[row * t->n_columns + column];
}

static size_t n_rows(const struct table *t)
{
	return t->n_cells / t->n_columns;
}

/* ---- Text ------------------------------------------------------------------------------- */

/* Characters of the first @p bytes of a UTF-8 text. */
static size_t width_of(const char *text, size_t bytes)
{
	size_t i, width = 0;

	for (i = 0; i < bytes; i++)
		width += ((unsigned char)text[i] & 0xC0) != 0x80;
	return width;
}

static size_t column_width(const struct table *t, size_t column)
{
	size_t row, width = strlen(t->columns[column].title), n;

	for (row = 0; row < n_rows(t); row++) {
		n = width_of(cell(t, row, column), strlen(cell(t, row, column)));
		if (n > width)
			width = n;
	}
	return width;
}

/* Width of the terminal; what goes to a file or a pipe keeps each row on one line. */
static size_t line_width(FILE *out)
{
	struct winsize size;

	if (ioctl(fileno(out), TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		return size.ws_col;
	return SIZE_MAX;
}

/* Bytes of the next line: as many words as fit, but one word at least. */
static size_t line_length(const char *text, size_t width)
{
	size_t length = strcspn(text, " "), next;

	while (text[length]) {
		next = length + 1 + strcspn(text + length + 1, " ");
		if (width_of(text, next) > width)
			break;
		length = next;
	}
	return length;
}

/* The last column, wrapped; continuation lines begin below its first. */
static void print_wrapped(FILE *out, const char *text, size_t indent)
{
	size_t all = line_width(out);
	size_t width = indent + WRAP_MIN > all ? WRAP_MIN : all - indent;
	size_t length = line_length(text, width);

	fprintf(out, "%.*s\n", (int)length, text);
	while (text[length]) {
		text += length + 1;
		length = line_length(text, width);
		fprintf(out, "%*s%.*s\n", (int)indent, "", (int)length, text);
	}
}

typedef const char *cell_fn(const struct table *t, size_t row, size_t column);

static void print_text_row(const struct table *t, cell_fn *text, size_t row, const size_t *widths,
			   FILE *out)
{
	size_t column, indent = 0, used;
	const char *s;

	for (column = 0; column + 1 < t->n_columns; column++) {
		s = text(t, row, column);
		used = width_of(s, strlen(s));
		fprintf(out, "%s%*s", s, (int)(widths[column] - used + GAP), "");
		indent += widths[column] + GAP;
	}
	print_wrapped(out, text(t, row, column), indent);
}

static const char *heading(const struct table *t, size_t row, size_t column)
{
	(void)row;
	return t->columns[column].title;
}

static int print_text(const struct table *t, FILE *out)
{
	size_t *widths = calloc(t->n_columns, sizeof(*widths)), i;

	if (!widths)
		return -1;
	for (i = 0; i < t->n_columns; i++)
		widths[i] = column_width(t, i);
	print_text_row(t, heading, 0, widths, out);
	for (i = 0; i < n_rows(t); i++)
		print_text_row(t, cell, i, widths, out);
	free(widths);
	return 0;
}

/* ---- Markdown and JSON ------------------------------------------------------------------ */

static void print_markdown(const struct table *t, FILE *out)
{
	size_t row, column;
	const char *p;

	for (column = 0; column < t->n_columns; column++)
		fprintf(out, "| %s ", t->columns[column].title);
	fputs("|\n", out);
	for (column = 0; column < t->n_columns; column++)
		fputs("| --- ", out);
	fputs("|\n", out);
	for (row = 0; row < n_rows(t); row++) {
		for (column = 0; column < t->n_columns; column++) {
			fputs("| ", out);
			for (p = cell(t, row, column); *p; p++)
				fprintf(out, *p == '|' ? "\\%c" : "%c", *p);
			fputc(' ', out);
		}
		fputs("|\n", out);
	}
}

/* A number's cell that is not a decimal number, such as "natural", stays a text. */
static json_t *json_cell(const struct table *t, size_t row, size_t column)
{
	const char *text = cell(t, row, column);
	char *end;
	long long number;

	if (t->columns[column].kind == COLUMN_FLAG)
		return json_boolean(*text != '\0');
	if (t->columns[column].kind == COLUMN_NUMBER) {
		number = strtoll(text, &end, 10);
		if (end != text && !*end)
			return json_integer(number);
	}
	return json_string(text);
}

static int print_json(const struct table *t, FILE *out)
{
	json_t *rows = json_array(), *object;
	size_t row, column;
	int ret = 0;

	for (row = 0; row < n_rows(t) && !ret; row++) {
		object = json_object();
		for (column = 0; column < t->n_columns; column++)
			ret |= json_object_set_new(object, t->columns[column].key,
						   json_cell(t, row, column));
		ret |= json_array_append_new(rows, object);
	}
	if (!ret)
		ret = json_dumpf(rows, out, JSON_INDENT(2));
	fputc('\n', out);
	json_decref(rows);
	return ret;
}

int table_print(const struct table *t, enum table_format format, FILE *out)
{
	int ret = 0;

	if (t->failed)
		return -1;
	if (format == TABLE_TEXT)
		ret = print_text(t, out);
	else if (format == TABLE_MARKDOWN)
		print_markdown(t, out);
	else
		ret = print_json(t, out);
	return ret || fflush(out) || ferror(out) ? -1 : 0;
}

bool table_format_by_name(const char *name, enum table_format *format)
{
	static const char *const names[] = { "text", "markdown", "json" };
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(name, names[i]) == 0) {
			*format = (enum table_format)i;
			return true;
		}
	}
	return false;
}
