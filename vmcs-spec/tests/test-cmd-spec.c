/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * epml spec: what it prints in each format, and its refusals.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "cmd_spec.h"
#include "spec-tables.h"

#define MAX_ARGUMENTS 8

static char out[200000], err[4096];

static void read_back(FILE *file, char *text, size_t size)
{
	size_t n;

	rewind(file);
	n = fread(text, 1, size - 1, file);
	text[n] = '\0';
	fclose(file);
}

/* Run "epml spec ARGUMENTS" (words separated by spaces); output goes to out and err. */
static int run(const char *arguments)
{
	FILE *files[2] = { tmpfile(), tmpfile() };
	int saved[2] = { dup(1), dup(2) }, argc = 0, status;
	char copy[256], *argv[MAX_ARGUMENTS], *word;

	snprintf(copy, sizeof(copy), "spec %s", arguments);
	for (word = strtok(copy, " "); word && argc < MAX_ARGUMENTS; word = strtok(NULL, " "))
		argv[argc++] = word;

	fflush(stdout);
	dup2(fileno(files[0]), 1);
	dup2(fileno(files[1]), 2);
	status = cmd_spec(argc, argv);
	fflush(stdout);
	dup2(saved[0], 1);
	dup2(saved[1], 2);
	close(saved[0]);
	close(saved[1]);
	read_back(files[0], out, sizeof(out));
	read_back(files[1], err, sizeof(err));
	return status;
}

static size_t count_lines(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += *text == '\n';
	return n;
}

static void test_text(void **state)
{
	(void)state;
	assert_int_equal(run("fields"), 0);
	assert_string_equal(err, "");
	assert_int_equal(count_lines(out), spec_field_count + 1);
	assert_non_null(strstr(out, "\nGUEST_PML_ADDRESS "));
	assert_non_null(strstr(out, " 0x2060 "));
	assert_int_equal(run("bits --layout PROC3"), 0);
	assert_non_null(strstr(out, "ENABLE_GUEST_PML"));
	assert_null(strstr(out, "ENABLE_EPT"));
	assert_int_equal(run("reasons"), 0);
	assert_int_equal(count_lines(out), spec_exit_reason_count + 1);
	assert_int_equal(run("errors"), 0);
	assert_non_null(strstr(out, "GPML_VALUE"));
	assert_int_equal(run("parameters"), 0);
	assert_non_null(strstr(out, "guest-dirty  hardened"));
	assert_int_equal(run("--help"), 0);
	assert_int_equal(strncmp(out, "usage: epml spec ", 17), 0);
}

static void test_markdown(void **state)
{
	(void)state;
	assert_int_equal(run("fields --format markdown"), 0);
	assert_int_equal(strncmp(out, "| name | ", 9), 0);
	assert_non_null(strstr(out, "\n| GUEST_PML_INDEX | 0x0820 | 16 | guest-state | EPML | "));
}

static void test_json(void **state)
{
	json_t *root, *field = NULL;
	size_t i;

	(void)state;
	assert_int_equal(run("fields --format json"), 0);
	root = json_loads(out, 0, NULL);
	assert_int_equal(json_array_size(root), spec_field_count);
	json_array_foreach(root, i, field) {
		if (!strcmp(json_string_value(json_object_get(field, "name")), "GUEST_PML_ADDRESS"))
			break;
	}
	assert_non_null(field);
	assert_string_equal(json_string_value(json_object_get(field, "encoding")), "0x2060");
	assert_int_equal(json_integer_value(json_object_get(field, "width")), 64);
	assert_true(json_is_true(json_object_get(field, "new")));
	field = json_array_get(root, 0);
	assert_true(json_is_false(json_object_get(field, "new")));
	json_decref(root);
}

static void test_rules(void **state)
{
	(void)state;
	assert_int_equal(run("rules"), 0);
	assert_int_equal(count_lines(out), spec_rule_count + 1);
	assert_int_equal(run("rules --chapter GPML --profile hardened"), 0);
	assert_non_null(strstr(out, "GPML-TRIG-2"));
	assert_null(strstr(out, "GPML-TRIG-1 "));
	assert_null(strstr(out, "NOTIFY-1"));
	assert_int_equal(run("rules --chapter GPML --format markdown"), 0);
	assert_non_null(strstr(out, "| full = exit or ve |"));
}

static void test_refused(void **state)
{
	static const char *const bad[] = {
		"", "nothing", "fields --format", "fields --format latex", "fields --chapter GPML",
		"rules --chapter gpml", "rules --profile none", "bits --layout NONE",
		"rules extra x",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(run(bad[i]), 2);
		assert_string_equal(out, "");
		assert_int_equal(count_lines(err), 1);
		assert_non_null(strstr(err, "expected "));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_markdown),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
