/* SPDX-License-Identifier: BSD-2-Clause */
/* A file is replaced as a whole or not at all, and nothing is left beside it. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "newfile.h"

static char dir[] = "/tmp/epml-newfile-XXXXXX";

static int enter(void **state)
{
	(void)state;
	return mkdtemp(dir) ? chdir(dir) : -1;
}

static int leave(void **state)
{
	(void)state;
	unlink("file");
	return chdir("/") || rmdir(dir);
}

static int write_text(const char *path, const char *text, bool good)
{
	struct newfile f;

	if (newfile_open(&f, path))
		return -1;
	fputs(text, f.out);
	if (!good)
		errno = EDOM;
	return newfile_close(&f, good);
}

/* "file" is all that is there, with this text. */
static void assert_text(const char *text)
{
	char buf[100] = "";
	FILE *in = fopen("file", "r");
	DIR *d = opendir(".");
	unsigned n = 0;

	assert_non_null(in);
	assert_non_null(d);
	buf[fread(buf, 1, sizeof(buf) - 1, in)] = '\0';
	assert_string_equal(buf, text);
	fclose(in);
	while (readdir(d))
		n++;
	closedir(d);
	assert_int_equal(n, 3);		/* ".", ".." and the file */
}

static void replaces(void **state)
{
	(void)state;
	assert_int_equal(write_text("file", "old", true), 0);
	assert_text("old");
	assert_int_equal(write_text("file", "new", true), 0);
	assert_text("new");
}

static void keeps_old(void **state)
{
	(void)state;
	assert_int_equal(write_text("file", "old", true), 0);
	assert_int_equal(write_text("file", "new", false), -1);
	assert_int_equal(errno, EDOM);
	assert_text("old");
}

static void old_is_there_until_closed(void **state)
{
	struct newfile f;
	char c;
	FILE *in;

	(void)state;
	assert_int_equal(write_text("file", "old", true), 0);
	assert_int_equal(newfile_open(&f, "file"), 0);
	fputs("new", f.out);
	in = fopen("file", "r");
	assert_non_null(in);
	c = (char)getc(in);
	fclose(in);
	assert_int_equal(newfile_close(&f, true), 0);
	assert_int_equal(c, 'o');
}

/* As on a full disk. */
static void cannot_write(void **state)
{
	struct rlimit limit, small;

	(void)state;
	assert_int_equal(write_text("file", "old", true), 0);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	small = limit;
	small.rlim_cur = 2;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	assert_int_equal(write_text("file", "new text", true), -1);
	assert_int_equal(errno, EFBIG);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	signal(SIGXFSZ, SIG_DFL);
	assert_text("old");
}

static void cannot_open(void **state)
{
	(void)state;
	assert_int_equal(write_text("none/file", "new", true), -1);
	assert_int_equal(errno, ENOENT);
}

static void permissions(void **state)
{
	const mode_t mask = umask(027);
	struct stat st;

	(void)state;
	assert_int_equal(write_text("file", "new", true), 0);
	umask(mask);
	assert_int_equal(stat("file", &st), 0);
	assert_int_equal(st.st_mode & 0777, 0640);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(replaces),
		cmocka_unit_test(keeps_old),
		cmocka_unit_test(old_is_there_until_closed),
		cmocka_unit_test(cannot_write),
		cmocka_unit_test(cannot_open),
		cmocka_unit_test(permissions),
	};

	return cmocka_run_group_tests(tests, enter, leave);
}
