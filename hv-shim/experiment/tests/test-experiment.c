/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Records of runs become rows, tables and a verdict. The records are written here, with numbers
 * that are easy to follow; nothing is booted.
 */
#define _GNU_SOURCE
#include "fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli_error.h"
#include "experiment.h"

/* ---- Records --------------------------------------------------------------------------------- */

struct world {
	char directory[32];
	struct fixture timing;
	struct xp_published published;
};

static int setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	strcpy(w->directory, "experiment.XXXXXX");
	assert_non_null(mkdtemp(w->directory));
	fixture_setup(&w->timing);
	assert_int_equal(xp_published_load(&w->published, PUBLISHED_TRACKING), 0);
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	static const char *const files[] = {
		"plan.json", "published.lines", "hardened.lines", "hardened.timing.json"
	};
	struct world *w = *state;
	char path[80];

	for (unsigned i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", w->directory, files[i]);
		unlink(path);
	}
	rmdir(w->directory);
	free(w);
	return 0;
}

static FILE *create(const struct world *w, const char *name)
{
	char path[80];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", w->directory, name);
	f = fopen(path, "w");
	assert_non_null(f);
	return f;
}

#define ALONE_LINE \
	"{\"run\": \"alone\", \"mb\": 1, \"outcome\": \"ok\", \"phases\": {\"alone\": 1}, " \
	"\"tsc_khz\": 1000, \"made\": 250, \"written\": 1000, \"elapsed\": 1000, " \
	"\"tracked\": 1100, \"tracker\": 500}"

/* A technique with its phases from 2 on; the numbers that the tests are about are parameters. */
#define ROW_LINE(run, dirty, reported, missed, spurious) \
	"{\"run\": \"" run "\", \"mb\": 1, \"outcome\": \"ok\", \"phases\": {\"setup\": 2, " \
	"\"tracked\": 3, \"collect\": 4, \"rearm\": 5, \"stop\": 6}, \"tsc_khz\": 1000, " \
	"\"made\": 260, \"written\": 2000, \"elapsed\": 3500, \"tracked\": 2100, " \
	"\"tracker\": 2500, \"setup\": 70, \"stop\": 80, \"rounds\": 8, \"dirty\": " dirty ", " \
	"\"reported\": " reported ", \"missed\": " missed ", \"spurious\": " spurious ", " \
	"\"syscalls\": 9, " \
	"\"faults\": 10, \"entries\": 11, \"duplicates\": 12, \"foreign\": 13, \"lost\": 14, " \
	"\"overflows\": 15, \"lookups\": 16, \"notifications\": 17, \"switches\": 18, " \
	"\"spills\": 19, \"calls\": 20, \"vmaccesses\": 21}"

#define LEFT_OUT_LINE(run) \
	"{\"run\": \"" run "\", \"mb\": 1, \"outcome\": \"left-out\", \"phases\": {\"setup\": 2, " \
	"\"tracked\": 3, \"collect\": 4, \"rearm\": 5, \"stop\": 6}, " \
	"\"text\": \"would take about 90 s\", \"estimate\": 90}"

#define END_LINE "{\"run\": \"end\", \"runs\": 2}"

/* One technique at 1 MB, in one profile, with these lines. */
static void record(const struct world *w, enum xp_technique technique, enum profile profile,
		   const char *line)
{
	struct xp_plan plan = { .mb = { 1 }, .n_sizes = 1, .rounds = 1 };
	bool profiles[PROFILES] = { false };
	char name[40];
	FILE *f;

	plan.technique[technique] = true;
	profiles[profile] = true;
	assert_int_equal(xp_write_plan(w->directory, &plan, profiles), 0);
	snprintf(name, sizeof(name), "%s.lines", profile_names[profile]);
	f = create(w, name);
	fprintf(f, "%s\n", ALONE_LINE);
	if (line)
		fprintf(f, "%s\n%s\n", line, END_LINE);
	fclose(f);
}

static int verdict(const struct world *w)
{
	struct experiment x;
	int status;

	assert_int_equal(xp_load(&x, w->directory), 0);
	status = xp_verdict(&x);
	xp_free(&x);
	return status;
}

/* ---- Lines ----------------------------------------------------------------------------------- */

static void test_line(void **state)
{
	struct xp_row row;
	char error[XP_TEXT];

	(void)state;
	assert_int_equal(xp_parse_line(&row, ALONE_LINE, error), 1);
	assert_int_equal(row.technique, XP_ALONE);
	assert_int_equal(row.number[XPN_CPU_TRACKER], 500);
	assert_int_equal(row.phase[XP_TRACKED], 1);
	assert_int_equal(row.phase[XP_COLLECT], 0);
	assert_int_equal(xp_parse_line(&row, ROW_LINE("ufd-async", "5", "6", "1", "2"), error), 1);
	assert_int_equal(row.technique, XP_UFD_ASYNC);
	assert_int_equal(row.outcome, XP_OK);
	assert_int_equal(row.number[XPN_SPURIOUS], 2);
	assert_int_equal(row.number[XPN_VMACCESSES], 21);
	assert_int_equal(row.phase[XP_STOP], 6);
	assert_int_equal(xp_parse_line(&row, LEFT_OUT_LINE("spml"), error), 1);
	assert_int_equal(row.outcome, XP_LEFT_OUT);
	assert_string_equal(row.text, "would take about 90 s");
	assert_int_equal(xp_parse_line(&row, END_LINE, error), 0);
}

static void test_bad_lines(void **state)
{
	static const struct {
		const char *line, *error;
	} bad[] = {
		{ "", "expected an object with \"run\", a technique, \"alone\" or \"end\"" },
		{ "[1]", "expected an object with \"run\", a technique, \"alone\" or \"end\"" },
		{ "{\"run\": 7}",
		  "expected an object with \"run\", a technique, \"alone\" or \"end\"" },
		{ "{\"run\": \"magic\"}",
		  "expected an object with \"run\", a technique, \"alone\" or \"end\"" },
		{ "{\"run\": \"proc\", \"mb\": 0}", "\"mb\": expected a number from 1 to 1024" },
		{ "{\"run\": \"proc\", \"mb\": 1, \"outcome\": \"fine\"}",
		  "\"outcome\": expected ok, or failed or left-out with a \"text\"" },
		{ "{\"run\": \"proc\", \"mb\": 1, \"outcome\": \"failed\"}",
		  "\"outcome\": expected ok, or failed or left-out with a \"text\"" },
		{ "{\"run\": \"proc\", \"mb\": 1, \"outcome\": \"ok\"}",
		  "\"phases\": expected a number \"setup\"" },
		{ "{\"run\": \"alone\", \"mb\": 1, \"outcome\": \"ok\", "
		  "\"phases\": {\"alone\": 256}}", "\"phases\": expected a number \"alone\"" },
		{ "{\"run\": \"alone\", \"mb\": 1, \"outcome\": \"ok\", "
		  "\"phases\": {\"alone\": 1}, \"tsc_khz\": -1}",
		  "\"tsc_khz\": expected a whole number" },
		{ ROW_LINE("proc", "1.5", "0", "0", "0"), "\"dirty\": expected a whole number" },
	};
	struct xp_row row;
	char error[XP_TEXT];

	(void)state;
	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(xp_parse_line(&row, bad[i].line, error), -1);
		assert_string_equal(error, bad[i].error);
	}
}

/* ---- Verdict --------------------------------------------------------------------------------- */

static void test_verdict(void **state)
{
	const struct world *w = *state;

	record(w, XP_PROC, PROFILE_HARDENED, ROW_LINE("proc", "5", "5", "0", "0"));
	assert_int_equal(verdict(w), 0);
	/* What is reported in excess costs time, but no page. */
	record(w, XP_PROC, PROFILE_HARDENED, ROW_LINE("proc", "5", "6", "0", "1"));
	assert_int_equal(verdict(w), 0);
	record(w, XP_PROC, PROFILE_HARDENED, ROW_LINE("proc", "5", "4", "1", "0"));
	assert_int_equal(verdict(w), STATUS_FAILED);
	record(w, XP_EPML, PROFILE_HARDENED, ROW_LINE("epml", "5", "4", "1", "0"));
	assert_int_equal(verdict(w), STATUS_FAILED);
	record(w, XP_SPML, PROFILE_HARDENED, LEFT_OUT_LINE("spml"));
	assert_int_equal(verdict(w), 0);
}

/* The published design loses pages, and it alone. */
static void test_verdict_published(void **state)
{
	const struct world *w = *state;

	record(w, XP_EPML, PROFILE_PUBLISHED, ROW_LINE("epml", "5", "4", "1", "0"));
	assert_int_equal(verdict(w), 0);
	record(w, XP_SPML, PROFILE_PUBLISHED, ROW_LINE("spml", "5", "4", "1", "0"));
	assert_int_equal(verdict(w), STATUS_FAILED);
}

/* A guest that dies in the middle leaves rows without a result, not fewer rows. */
static void test_missing(void **state)
{
	const struct world *w = *state;
	struct experiment x;

	record(w, XP_EPML, PROFILE_PUBLISHED, NULL);
	assert_int_equal(xp_load(&x, w->directory), 0);
	assert_int_equal(x.n, 2);
	assert_int_equal(x.rows[1].outcome, XP_MISSING);
	assert_int_equal(xp_verdict(&x), STATUS_FAILED);
	xp_free(&x);
}

/* What was not asked for, what comes twice, and what is no result line. */
static void test_bad_records(void **state)
{
	const struct world *w = *state;
	struct experiment x;

	record(w, XP_PROC, PROFILE_HARDENED, ROW_LINE("ufd", "5", "5", "0", "0"));
	assert_int_equal(xp_load(&x, w->directory), STATUS_BAD);
	record(w, XP_PROC, PROFILE_HARDENED, ALONE_LINE);
	assert_int_equal(xp_load(&x, w->directory), STATUS_BAD);
	record(w, XP_PROC, PROFILE_HARDENED, "{");
	assert_int_equal(xp_load(&x, w->directory), STATUS_BAD);
	fclose(create(w, "plan.json"));
	assert_int_equal(xp_load(&x, w->directory), STATUS_BAD);
}

/* ---- Values ---------------------------------------------------------------------------------- */

static void close_to(double value, double expected)
{
	if (value < expected - 1e-6 || value > expected + 1e-6)
		fail_msg("%.6f, but %.6f was expected", value, expected);
}

static void test_values(void **state)
{
	const struct world *w = *state;
	struct experiment x;

	record(w, XP_PROC, PROFILE_HARDENED, ROW_LINE("proc", "5", "5", "0", "0"));
	assert_int_equal(xp_load(&x, w->directory), 0);
	assert_int_equal(x.n, 2);
	assert_int_equal(x.rows[0].technique, XP_ALONE);
	assert_ptr_equal(xp_alone(&x, &x.rows[1]), &x.rows[0]);
	/* One round: 250 to make the array, and 3500 or 1000. */
	close_to(xp_slowdown(&x, &x.rows[1]), 3);
	close_to(xp_slowdown_rounds(&x, &x.rows[1]), 3.5);
	close_to(xp_slowdown_tracked(&x, &x.rows[1]), 2);
	close_to(xp_tracker_cycles(&x, &x.rows[1]), 2000);
	assert_false(x.rows[1].counted);
	xp_free(&x);
}

/* ---- The cycle count ------------------------------------------------------------------------- */

/* A count of the same run: one processor, the phases that the lines name, and one that is none. */
static void record_timing(struct world *w)
{
	static struct timing_result_phase phase[5];
	struct timing_result_cpu cpu = { .n_phases = 5, .phases = phase };
	const struct timing_result r = {
		.processor = w->timing.processor, .mode = TIMING_FULL, .n_cpus = 1, .cpus = &cpu,
		.hash = timing_processor_hash(&w->timing.processor),
	};
	const unsigned id[] = { 0, 1, 3, 4, 5 };
	struct timing_cycles total;
	FILE *f;

	memset(phase, 0, sizeof(phase));
	for (unsigned i = 0; i < 5; i++) {
		phase[i].id = id[i];
		snprintf(phase[i].name, sizeof(phase[i].name), "phase %u", id[i]);
	}
	phase[0].count[TIMING_EXCEPTION_PF] = 1000;
	phase[1].count[TIMING_INSN_STORE] = 256;
	phase[2].count[TIMING_INSN_STORE] = 256;
	phase[2].count[TIMING_EXCEPTION_PF] = 250;
	phase[2].count[TIMING_EXIT_EPT_VIOLATION] = 3;
	phase[3].count[TIMING_EXIT_VMCALL] = 2;
	phase[3].count[TIMING_EXCEPTION_PF] = 1;
	phase[4].count[TIMING_INSN_LOAD] = 40;
	total = timing_result_total(&r);
	cpu.clock = total.milli[TIMING_LIKELY];
	f = create(w, "hardened.timing.json");
	timing_result_write(f, &r);
	fclose(f);
}

static void test_counts(void **state)
{
	struct world *w = *state;
	struct experiment x;
	const struct xp_row *alone, *proc;

	record(w, XP_PROC, PROFILE_HARDENED, ROW_LINE("proc", "5", "5", "0", "0"));
	record_timing(w);
	assert_int_equal(xp_load(&x, w->directory), 0);
	alone = &x.rows[0];
	proc = &x.rows[1];
	assert_true(alone->counted && proc->counted);
	assert_int_equal(xp_count(alone, TIMING_EXCEPTION_PF), 0);
	assert_int_equal(xp_count(proc, TIMING_EXCEPTION_PF), 251);
	assert_int_equal(xp_exits(proc), 5);
	/* The fixture's cost i is i + 1 cycles. */
	close_to(xp_part_cycles(&x, proc, XP_REARM), 40 * (TIMING_INSN_LOAD + 1));
	close_to(xp_part_cycles(&x, alone, XP_TRACKED), 256 * (TIMING_INSN_STORE + 1));
	assert_string_equal(timing_result_phase_name(&x.timing[PROFILE_HARDENED], 5),
			    "proc, 1 MB: rearm");
	xp_free(&x);
}

/* Formula 3 gets 250 page faults from the count, formula 1 both parts of the tracker. */
static void test_formulas(void **state)
{
	struct world *w = *state;
	const double fault = TIMING_EXCEPTION_PF + 1 + TIMING_IRET + 1;
	const double alone = 256 * (TIMING_INSN_STORE + 1);
	const double tracker = 2 * (TIMING_EXIT_VMCALL + 1) + TIMING_EXCEPTION_PF + 1 +
			       40 * (TIMING_INSN_LOAD + 1);
	const unsigned columns = 9;
	struct experiment x;
	struct table t;
	char expected[40];

	record(w, XP_PROC, PROFILE_HARDENED, ROW_LINE("proc", "5", "5", "0", "0"));
	record_timing(w);
	assert_int_equal(xp_load(&x, w->directory), 0);
	xp_table_formulas(&t, &x);
	assert_int_equal(t.n_cells, 2 * columns);
	snprintf(expected, sizeof(expected), "%.0f", tracker);
	assert_string_equal(t.cells[4], expected);
	assert_string_equal(t.cells[5], expected);
	snprintf(expected, sizeof(expected), "%.0f", alone + tracker + 250 * fault);
	assert_string_equal(t.cells[columns + 4], expected);
	table_free(&t);
	xp_free(&x);
}

/* ---- Files ----------------------------------------------------------------------------------- */

static char *csv_of(const struct world *w)
{
	struct experiment x;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	assert_int_equal(xp_load(&x, w->directory), 0);
	xp_write_csv(out, &x, &w->published);
	fclose(out);
	xp_free(&x);
	return text;
}

static void test_csv(void **state)
{
	struct world *w = *state;
	static const char proc[] =
		"\nhardened,proc,1,ok,1000,260,2000,3500,2100,2500,70,80,8,5,5,0,0,9,10,11,12,13,"
		"14,15,16,17,18,19,20,21,3.0000,3.5000,2.0000,2.0423,";
	char *text;

	record(w, XP_PROC, PROFILE_HARDENED, ROW_LINE("proc", "5", "5", "0", "0"));
	text = csv_of(w);
	assert_non_null(strstr(text, proc));
	free(text);
	record_timing(w);
	text = csv_of(w);
	/* Page faults are the first of the counts behind the five parts. */
	assert_non_null(strstr(strstr(text, proc) + strlen(proc), ",251,0,0,"));
	free(text);
}

static void test_json(void **state)
{
	struct world *w = *state;
	struct experiment x;
	json_t *root;
	const json_t *row;

	record(w, XP_PROC, PROFILE_HARDENED, ROW_LINE("proc", "5", "4", "1", "0"));
	record_timing(w);
	assert_int_equal(xp_load(&x, w->directory), 0);
	root = xp_json(&x, &w->published);
	row = json_array_get(json_object_get(root, "rows"), 1);
	assert_int_equal(json_integer_value(json_object_get(row, "missed")), 1);
	close_to(json_real_value(json_object_get(row, "slowdown")), 3);
	row = json_object_get(json_object_get(row, "parts"), "collect");
	assert_int_equal(json_integer_value(json_object_get(json_object_get(row, "counts"),
							    "exit-vmcall")), 2);
	json_decref(root);
	xp_free(&x);
}

static void test_published(void **state)
{
	const struct world *w = *state;

	close_to(xp_published(&w->published, XPF_SLOWDOWN, "spml", 1000), 66.466);
	close_to(xp_published(&w->published, XPF_TRACKER, "ufd", 10), 169);
	close_to(xp_published(&w->published, XPF_COST, "reverse-mapping", 1), 6.183);
	close_to(xp_published(&w->published, XPF_SLOWDOWN, "spml", 2), 0);
	close_to(xp_published(&w->published, XPF_SLOWDOWN, "oracle", 1), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_line),
		cmocka_unit_test(test_bad_lines),
		cmocka_unit_test_setup_teardown(test_verdict, setup, teardown),
		cmocka_unit_test_setup_teardown(test_verdict_published, setup, teardown),
		cmocka_unit_test_setup_teardown(test_missing, setup, teardown),
		cmocka_unit_test_setup_teardown(test_bad_records, setup, teardown),
		cmocka_unit_test_setup_teardown(test_values, setup, teardown),
		cmocka_unit_test_setup_teardown(test_counts, setup, teardown),
		cmocka_unit_test_setup_teardown(test_formulas, setup, teardown),
		cmocka_unit_test_setup_teardown(test_csv, setup, teardown),
		cmocka_unit_test_setup_teardown(test_json, setup, teardown),
		cmocka_unit_test_setup_teardown(test_published, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
