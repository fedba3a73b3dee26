/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Usage: ooh-test [TECHNIQUE]...
 *
 * Tests of OoH Lib with the kernel, and the hypervisor, that it runs on: all techniques, or those
 * that are named. One that is not possible here is left out, with the reason; one that is named has
 * to be possible. TAP on standard output.
 */
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "ooh_test.h"

static const struct subject subjects[OOH_TECHNIQUES] = {
	{.technique = OOH_PROC, .exact = true},
	{.technique = OOH_UFD, .exact = true},
	{.technique = OOH_UFD_ASYNC, .exact = true},
	/* Frames are also written to for other reasons than a write to the page. */
	{.technique = OOH_SPML, .by_frame = true},
	{.technique = OOH_SPML_INDEXED, .by_frame = true},
	{.technique = OOH_EPML, .exact = true},
	{.technique = OOH_ORACLE, .exact = true},
};

/* Descriptors or threads of the test itself. */
static int count_own(const char *what)
{
	char path[32];
	DIR *dir;
	int n = 0;

	snprintf(path, sizeof(path), "/proc/self/%s", what);
	dir = opendir(path);
	while (dir && readdir(dir))
		n++;
	if (dir)
		closedir(dir);
	return n;
}

static void test(enum ooh_technique technique, bool wanted)
{
	struct subject subject = subjects[technique];
	struct ooh *o;
	int files = count_own("fd"), error = ooh_open(&o, technique);

	subject.name = ooh_technique_name(technique);
	if (error == -EOPNOTSUPP && !wanted) {
		tap_skip(subject.name, ooh_error(NULL));
		return;
	}
	if (!ok(!error, "%s: ooh_open%s%s", subject.name, error ? ": " : "",
		error ? ooh_error(NULL) : ""))
		return;
	ooh_close(o);
	test_basic(&subject);
	test_mappings(&subject);
	test_process(&subject);
	test_races(&subject);
	ok(count_own("fd") == files && count_own("task") == 3, "%s: no file and no thread is left",
	   subject.name);
}

/* As the program that a tracked process executes: tell the test, then wait to be killed. The
 * descriptor is the one it would have answered on. */
__attribute__((noreturn)) static void wait_for_ever(void)
{
	for (int fd = 3; fd < 64; fd++)
		if (write(fd, "", 1) == 1)
			break;
	for (;;)
		pause();
}

int main(int argc, char **argv)
{
	enum ooh_technique technique;

	if (argc == 2 && strcmp(argv[1], "--wait") == 0)
		wait_for_ever();
	signal(SIGPIPE, SIG_IGN);
	for (int i = 1; i < argc; i++) {
		if (ooh_technique_by_name(argv[i], &technique)) {
			fprintf(stderr,
				"ooh-test: %s: proc, ufd, ufd-async, spml, spml-indexed, "
				"epml or oracle was expected\n",
				argv[i]);
			return 2;
		}
	}
	if (argc == 1) {
		test_calls();
		for (int i = 0; i < OOH_TECHNIQUES; i++)
			test((enum ooh_technique)i, false);
	}
	for (int i = 1; i < argc; i++)
		if (!ooh_technique_by_name(argv[i], &technique))
			test(technique, true);
	return tap_finish();
}
