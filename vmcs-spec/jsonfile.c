/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * JSON files with line numbers.
 *
 * Jansson keeps members in the order of the file and jsonfile_load() refuses equal keys, so the
 * n-th value of a walk over the tree is the n-th value of the text. jsonfile_line() counts to n
 * in the tree, then in the text. It is called for messages only and may be slow.
 */
#include "jsonfile.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Read a whole stream; a NUL follows the last byte. */
static char *read_all(FILE *in, size_t *size)
{
	size_t space = 65536, used = 0, n;
	char *text = malloc(space), *more;

	while (text) {
		n = fread(text + used, 1, space - used - 1, in);
		used += n;
		if (n == 0)
			break;
		if (used + 1 < space)
			continue;
		space *= 2;
		more = realloc(text, space);
		if (!more)
			free(text);
		text = more;
	}
	if (text && ferror(in)) {
		free(text);
		text = NULL;
	}
	if (text) {
		text[used] = '\0';
		*size = used;
	}
	return text;
}

/* A message of the parser quotes the text: keep it on one line. */
static void print_parse_error(const char *path, json_error_t *error)
{
	char *c;

	for (c = error->text; *c; c++) {
		if (iscntrl((unsigned char)*c))
			*c = ' ';
	}
	fprintf(stderr, "%s:%d: %s; expected JSON\n", path, error->line > 0 ? error->line : 1,
		error->text);
}

int jsonfile_load(struct jsonfile *f, const char *path)
{
	json_error_t error;
	size_t size = 0;
	FILE *in;

	memset(f, 0, sizeof(*f));
	in = fopen(path, "rb");
	if (in) {
		f->text = read_all(in, &size);
		if (!f->text && errno == 0)
			errno = EIO;
	}
	if (!f->text) {
		fprintf(stderr, "%s:1: cannot be read (%s); expected a JSON file\n", path,
			strerror(errno));
		if (in)
			fclose(in);
		return -1;
	}
	fclose(in);

	f->root = json_loadb(f->text, size, JSON_REJECT_DUPLICATES, &error);
	if (!f->root)
		print_parse_error(path, &error);
	else
		f->path = strdup(path);
	if (!f->path) {
		jsonfile_free(f);
		return -1;
	}
	return 0;
}

void jsonfile_free(struct jsonfile *f)
{
	json_decref(f->root);
	free(f->text);
	free(f->path);
	memset(f, 0, sizeof(*f));
}

/* Count the values of @p tree up to and with @p value; true if it was found. */
static bool count_to(const json_t *tree, const json_t *value, size_t *n)
{
	json_t *child;
	const char *key;
	size_t i;

	++*n;
	if (tree == value)
		return true;
	if (json_is_array(tree)) {
		for (i = 0; i < json_array_size(tree); i++) {
			if (count_to(json_array_get(tree, i), value, n))
				return true;
		}
	} else if (json_is_object(tree)) {
		json_object_foreach((json_t *)tree, key, child) {
			if (count_to(child, value, n))
				return true;
		}
	}
	return false;
}

static const char *skip_string(const char *p)
{
	for (p++; *p && *p != '"'; p++) {
		if (*p == '\\' && p[1])
			p++;
	}
	return *p ? p + 1 : p;
}

static bool is_key(const char *after_string)
{
	return after_string[strspn(after_string, " \t\r\n")] == ':';
}

/* The n-th value (from 1) of a text that the parser has accepted. */
static const char *nth_value(const char *p, size_t n)
{
	const char *end;

	while (*p) {
		end = p + 1;
		if (*p == '"') {
			end = skip_string(p);
			if (!is_key(end) && --n == 0)
				return p;
		} else if (*p == '{' || *p == '[') {
			if (--n == 0)
				return p;
		} else if (isalnum((unsigned char)*p) || *p == '-') {
			end = p + strcspn(p, " \t\r\n,]}");
			if (--n == 0)
				return p;
		}
		p = end;
	}
	return NULL;
}

unsigned jsonfile_line(const struct jsonfile *f, const json_t *value)
{
	const char *p, *at;
	unsigned line = 1;
	size_t n = 0;

	if (!value || !count_to(f->root, value, &n))
		return 1;
	at = nth_value(f->text, n);
	for (p = f->text; at && p < at; p++)
		line += *p == '\n';
	return line;
}

void jsonfile_error(const struct jsonfile *f, const json_t *at, const char *fmt, ...)
{
	va_list args;

	fprintf(stderr, "%s:%u: ", f->path, jsonfile_line(f, at));
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
}
