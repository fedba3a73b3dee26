/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * jsonfile: the line of each value, and messages of one line for what cannot be loaded.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "jsonfile.h"

static char path[] = "test-jsonfile.XXXXXX";

static void write_text(const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fputs(text, f) < 0, 0);
	assert_int_equal(fclose(f), 0);
}

/* Run @p fn with stderr going to a file, and return what it printed. */
static const char *capture(void (*fn)(void *), void *ctx)
{
	static char text[1024];
	FILE *file = tmpfile();
	int saved = dup(2);
	size_t n;

	assert_non_null(file);
	fflush(stderr);
	dup2(fileno(file), 2);
	fn(ctx);
	fflush(stderr);
	dup2(saved, 2);
	close(saved);
	rewind(file);
	n = fread(text, 1, sizeof(text) - 1, file);
	text[n] = '\0';
	fclose(file);
	return text;
}

static void load_bad(void *ctx)
{
	struct jsonfile f;

	assert_int_equal(jsonfile_load(&f, ctx), -1);
	assert_null(f.root);
	assert_null(f.text);
	assert_null(f.path);
}

/* Exactly one line, which begins with "path:line: ". */
static void assert_message(const char *text, unsigned line)
{
	char begin[64];

	snprintf(begin, sizeof(begin), "%s:%u: ", path, line);
	assert_int_equal(strncmp(text, begin, strlen(begin)), 0);
	assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
}

static void test_lines(void **state)
{
	static const char text[] =
		"{\n"						/* 1 */
		"  \"a:b\": 1, \"s\": \"{[,:\\\"]\",\n"		/* 2 */
		"  \"list\": [ -2.5e1,\n"			/* 3 */
		"    \"x\",\n"					/* 4 */
		"    {\"k\"\n"					/* 5 */
		" :\n"						/* 6 */
		"      {} }, true, null, []\n"			/* 7 */
		"  ], \"last\": \"\\\\\"\n"			/* 8 */
		"}\n";						/* 9 */
	struct jsonfile f;
	json_t *list;

	(void)state;
	write_text(text);
	assert_int_equal(jsonfile_load(&f, path), 0);
	list = json_object_get(f.root, "list");
	assert_int_equal(jsonfile_line(&f, f.root), 1);
	assert_int_equal(jsonfile_line(&f, json_object_get(f.root, "a:b")), 2);
	assert_int_equal(jsonfile_line(&f, json_object_get(f.root, "s")), 2);
	assert_int_equal(jsonfile_line(&f, list), 3);
	assert_int_equal(jsonfile_line(&f, json_array_get(list, 0)), 3);
	assert_int_equal(jsonfile_line(&f, json_array_get(list, 1)), 4);
	assert_int_equal(jsonfile_line(&f, json_array_get(list, 2)), 5);
	assert_int_equal(jsonfile_line(&f, json_object_get(json_array_get(list, 2), "k")), 7);
	assert_int_equal(jsonfile_line(&f, json_array_get(list, 5)), 7);
	assert_int_equal(jsonfile_line(&f, json_object_get(f.root, "last")), 8);
	assert_int_equal(jsonfile_line(&f, NULL), 1);
	jsonfile_free(&f);
}

/* More than the first buffer of the reader. */
static void test_large(void **state)
{
	size_t i, lines = 20000;
	struct jsonfile f;
	FILE *out = fopen(path, "w");

	(void)state;
	assert_non_null(out);
	fputs("[\n", out);
	for (i = 0; i < lines; i++)
		fprintf(out, "%zu,\n", i);
	fputs("0]\n", out);
	assert_int_equal(fclose(out), 0);
	assert_int_equal(jsonfile_load(&f, path), 0);
	assert_int_equal(json_array_size(f.root), lines + 1);
	assert_int_equal(jsonfile_line(&f, json_array_get(f.root, lines)), lines + 2);
	jsonfile_free(&f);
}

static void test_refused(void **state)
{
	static const struct {
		const char *text;
		unsigned line;
	} bad[] = {
		{ "{\n\"a\": 1,\n}", 3 },
		{ "{\"a\": 1,\n\"a\": 2}", 2 },
		{ "[\n1\n", 3 },
		{ "[\"a\nb\"]", 1 },
		{ "", 1 },
		{ "[1]\n[2]", 2 },
		{ "\n\nnot JSON", 3 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		write_text(bad[i].text);
		assert_message(capture(load_bad, path), bad[i].line);
	}
}

static void test_unreadable(void **state)
{
	static char missing[] = "no-such-directory/file.json", directory[] = ".";
	const char *text;

	(void)state;
	text = capture(load_bad, missing);
	assert_int_equal(strncmp(text, "no-such-directory/file.json:1: ", 31), 0);
	text = capture(load_bad, directory);
	assert_int_equal(strncmp(text, ".:1: ", 5), 0);
}

static void report_error(void *ctx)
{
	struct jsonfile *f = ctx;

	jsonfile_error(f, json_array_get(f->root, 1), "bad %s %d", "value", 2);
}

static void test_error(void **state)
{
	struct jsonfile f;
	char expected[64];

	(void)state;
	write_text("[1,\n2]");
	assert_int_equal(jsonfile_load(&f, path), 0);
	snprintf(expected, sizeof(expected), "%s:2: bad value 2\n", path);
	assert_string_equal(capture(report_error, &f), expected);
	jsonfile_free(&f);
	jsonfile_free(&f);
}

static int make_file(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	return fd < 0 ? -1 : close(fd);
}

static int remove_file(void **state)
{
	(void)state;
	return unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_large),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_unreadable),
		cmocka_unit_test(test_error),
	};

	return cmocka_run_group_tests(tests, make_file, remove_file);
}
