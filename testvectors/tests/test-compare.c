/* SPDX-License-Identifier: BSD-2-Clause */
/* Protocol lines, and the first difference between a run and its expectations. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "one_vector.h"
#include "report.h"

static struct vector_set set;

static int teardown(void **state)
{
	(void)state;
	vectors_free(&set);
	return 0;
}

static void add_lines(struct outcome *o, const char *lines)
{
	char line[200];

	while (*lines) {
		size_t len = strcspn(lines, "\n");
		struct report r;

		snprintf(line, sizeof(line), "%.*s", (int)len, lines);
		if (!report_parse(line, &r))
			fail_msg("cannot parse: %s", line);
		outcome_add(o, &r);
		lines += len + (lines[len] == '\n');
	}
}

/* The first difference is @p difference; NULL: there is none. */
static void compares(const struct vector *v, const char *lines, const char *difference)
{
	struct outcome o = { .n = 0 };
	char text[400] = "no difference";

	add_lines(&o, lines);
	if (outcome_compare(v, &o, text, sizeof(text)))
		assert_null(difference);
	else
		assert_string_equal(text, difference ? difference : "no difference");
	outcome_clear(&o);
}

static void parsing(void **state)
{
	struct report r;

	(void)state;
	assert_true(report_parse("x 3 30 182 200000 400008 0 0 80000041 ffffffffffffffff", &r));
	assert_int_equal(r.kind, 'x');
	assert_int_equal(r.n, 9);
	assert_int_equal(r.v[1], 0x30);
	assert_int_equal(r.v[8], ~0ull);
	assert_true(report_parse("! too many events", &r));
	assert_string_equal(r.text, "too many events");
	assert_true(report_parse("g rflags 202", &r));
	assert_string_equal(r.text, "rflags");
	assert_int_equal(r.v[0], 0x202);
	assert_false(report_parse("", &r));
	assert_false(report_parse("Q 1", &r));
	assert_false(report_parse("V", &r));
	assert_false(report_parse("V 1 2", &r));
	assert_false(report_parse("V  1", &r));
	assert_false(report_parse("V -1", &r));
	assert_false(report_parse("V 1g", &r));
	assert_false(report_parse("m 1", &r));
	assert_false(report_parse("m 1 11112222333344445", &r));
	assert_false(report_parse("g rax", &r));
}

static void nothing_expected(void **state)
{
	const struct vector *v = one_vector(&set, "{}", "[{'nop': 1}]", "{}");

	(void)state;
	compares(v, "V 0\nz 0", NULL);
	compares(v, "V 0\nr 0 5 0\nz 0", NULL);
	compares(v, "V 0", "the run did not come to the end of the vector");
	compares(v, "V 0\n! no memory\nz 0", "gave up: no memory");
	compares(v, "V 0\nn 7\nz 0", "VM entry failed with VM-instruction error 7");
	compares(v, "V 0\nx 0 80000021 4 0 0 0 0 0 0\nz 0",
		 "VM entry failed with exit reason 33 (INVALID_GUEST_STATE), qualification 4H");
	compares(v, "V 0\nx 0 30 182 200000 400008 0 0 0 0\nz 0",
		 "VM exit 0 is unexpected: reason 48 (EPT_VIOLATION) in step 0, qualification "
		 "182H, GPA 200000H, GVA 400008H");
	compares(v, "V 0\ne 0 e 2 400000\nz 0",
		 "event 0 is unexpected: vector 14 in step 0, error code 2H, CR2 400000H");
}

static void failed_entry(void **state)
{
	const struct vector *v = one_vector(&set, "{}", "[{'nop': 1}]", "{'entry': {'error': 7}}");

	(void)state;
	compares(v, "n 7\nz 0", NULL);
	compares(v, "n 8\nz 0", "VM entry failed with VM-instruction error 8");
	compares(v, "z 0", "VM entry did not fail, expected VM-instruction error 7");
	vectors_free(&set);
	v = one_vector(&set, "{}", "[]", "{'entry': {'reason': 33, 'qualification': 4}}");
	compares(v, "x 0 80000021 4 0 0 0 0 0 0\nz 0", NULL);
	compares(v, "x 0 80000021 2 0 0 0 0 0 0\nz 0",
		 "failed VM entry 0: qualification is 2H, expected 4H");
	compares(v, "z 0", "VM entry did not fail, expected exit reason 33 (INVALID_GUEST_STATE)");
}

static void exits(void **state)
{
	const struct vector *v = one_vector(
		&set, "{}", "[{'load': 0}, {'nop': 1}]",
		"{'exits': [{'reason': 'EPT_VIOLATION', 'qualification': '0x181', 'gpa': 4096,"
		" 'gva': 0, 'step': 0, 'idt_vectoring': 1, 'idt_error': 2, 'int_info': 3},"
		" {'reason': 62}]}");
	static const char second[] = "\nx 1 3e 0 0 0 0 0 0 0\nz 0";
	char lines[200];

#define FIRST(text, difference) \
	snprintf(lines, sizeof(lines), "%s%s", text, second); \
	compares(v, lines, difference)

	(void)state;
	FIRST("x 0 30 181 1000 0 3 0 1 2", NULL);
	FIRST("x 0 31 181 1000 0 3 0 1 2",
	      "VM exit 0 has reason 49 (EPT_MISCONFIGURATION) in step 0 with qualification 181H, "
	      "GPA 1000H, GVA 0H; expected reason 48 (EPT_VIOLATION)");
	FIRST("x 1 30 181 1000 0 3 0 1 2", "VM exit 0: in step 1, expected in step 0");
	FIRST("x 0 30 182 1000 0 3 0 1 2", "VM exit 0: qualification is 182H, expected 181H");
	FIRST("x 0 30 181 2000 0 3 0 1 2", "VM exit 0: GPA is 2000H, expected 1000H");
	FIRST("x 0 30 181 1000 8 3 0 1 2", "VM exit 0: GVA is 8H, expected 0H");
	FIRST("x 0 30 181 1000 0 0 0 1 2",
	      "VM exit 0: interruption information is 0H, expected 3H");
	FIRST("x 0 30 181 1000 0 3 0 0 2",
	      "VM exit 0: IDT-vectoring information is 0H, expected 1H");
	FIRST("x 0 30 181 1000 0 3 0 1 0",
	      "VM exit 0: IDT-vectoring error code is 0H, expected 2H");
	compares(v, "x 0 30 181 1000 0 3 0 1 2\nz 0",
		 "there are 1 VM exits, expected 2; the next has reason 62 (PML_FULL)");
}

static void events_and_results(void **state)
{
	const struct vector *v = one_vector(
		&set, "{}", "[{'load': 0}, {'vmread': 16}]",
		"{'events': [{'vector': 14, 'error': 2, 'cr2': '0x400000', 'step': 0}],"
		" 'results': [{'value': 5, 'cf': 0, 'zf': true}]}");

	(void)state;
	compares(v, "e 0 e 2 400000\nr 1 5 40\nz 0", NULL);
	compares(v, "e 0 d 0 0\nr 1 5 40\nz 0", "event 0 has vector 13 in step 0 "
		 "(error code 0H, CR2 0H), expected vector 14");
	compares(v, "e 1 e 2 400000\nr 1 5 40\nz 0", "event 0: in step 1, expected in step 0");
	compares(v, "e 0 e 3 400000\nr 1 5 40\nz 0", "event 0: error code is 3H, expected 2H");
	compares(v, "e 0 e 2 400008\nr 1 5 40\nz 0", "event 0: CR2 is 400008H, expected 400000H");
	compares(v, "r 1 5 40\nz 0", "there are 0 events, expected 1; the next has vector 14");
	compares(v, "e 0 e 2 400000\nr 1 6 40\nz 0", "result 0: value is 6H, expected 5H");
	compares(v, "e 0 e 2 400000\nr 1 5 41\nz 0", "result 0: CF is 1, expected 0");
	compares(v, "e 0 e 2 400000\nr 1 5 0\nz 0", "result 0: ZF is 0, expected 1");
	compares(v, "e 0 e 2 400000\nz 0", "there are 0 results, expected 1");
	compares(v, "e 0 e 2 400000\nr 1 5 40\nr 1 5 40\nz 0",
		 "result 1 is unexpected: step 1 gave 5H");
}

static void logs(void **state)
{
	const struct vector *v = one_vector(&set, "{'controls': ['guest-pml']}", "[]",
					    "{'guest_log': ['0x400000'], 'guest_index': 510,"
					    " 'memory': [{'at': 'glog(0)', 'value': 1}]}");

	(void)state;
	compares(v, "f 820 1fe\nm 2300ff8 400000\nm 2300000 1\nz 0", NULL);
	compares(v, "f 820 1fe\nm 2300ff8 400008\nm 2300000 1\nz 0",
		 "guest log entry 511 is 400008H, expected 400000H");
	compares(v, "f 820 1fe\nm 2300000 1\nz 0",
		 "guest log entry 511 is 0H, expected 400000H");
	compares(v, "f 820 1fe\nm 2300ff8 400000\nm 2300ff0 401000\nm 2300000 1\nz 0",
		 "guest log entry 510 is 401000H, expected no entry");
	compares(v, "f 820 1ff\nm 2300ff8 400000\nm 2300000 1\nz 0",
		 "GUEST_PML_INDEX is 1FFH, expected 1FEH");
	compares(v, "m 2300ff8 400000\nm 2300000 1\nz 0",
		 "GUEST_PML_INDEX cannot be read, expected 1FEH");
	compares(v, "f 820 1fe\nm 2300ff8 400000\nm 2300000 2\nz 0",
		 "memory at HPA 2300000H is 2H, expected 1H");
}

static void words(void **state)
{
	const struct vector *v = one_vector(
		&set, "{'pages': [{'gva': '0x400000', 'gpa': '0x200000'}]}", "[]",
		"{'memory': [{'at': '0x2200006', 'value': '0x44332211', 'size': 4}],"
		" 'ept': {'0x200000': 'AD'}, 'pte': {'0x400000': ''}}");

	(void)state;
	compares(v, "m 2200000 2211000000000000\nm 2200008 4433\nm 1004000 300\n"
		    "m 2103000 7\nz 0", NULL);
	compares(v, "m 2200000 2211000000000000\nm 2200008 44330\nm 1004000 300\n"
		    "m 2103000 7\nz 0", "memory at HPA 2200006H is 43302211H, expected 44332211H");
	compares(v, "m 2200000 2211000000000000\nm 1004000 300\nm 2103000 7\nz 0",
		 "memory at HPA 2200006H was not reported");
	compares(v, "m 2200000 2211000000000000\nm 2200008 4433\nm 1004000 100\n"
		    "m 2103000 7\nz 0", "the EPT entry of GPA 200000H has flags A, expected "
		    "A and D (entry 100H at HPA 1004000H)");
	compares(v, "m 2200000 2211000000000000\nm 2200008 4433\nm 1004000 300\n"
		    "m 2103000 67\nz 0", "the guest entry of GVA 400000H has flags a and d, "
		    "expected none (entry 67H at HPA 2103000H)");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parsing),
		cmocka_unit_test_teardown(nothing_expected, teardown),
		cmocka_unit_test_teardown(failed_entry, teardown),
		cmocka_unit_test_teardown(exits, teardown),
		cmocka_unit_test_teardown(events_and_results, teardown),
		cmocka_unit_test_teardown(logs, teardown),
		cmocka_unit_test_teardown(words, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
