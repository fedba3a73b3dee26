// SPDX-License-Identifier: BSD-2-Clause
/*
 * Usage: ooh-module-test [GROUP...]
 *
 * Tests of the OoH Module, for a guest in which it is loaded: TAP on standard output, exit status 1
 * if one fails. Without arguments all groups.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "world.h"

static const struct {
	const char *name;
	void (*run)(void);
	bool complete;		/* expects that no page is missing */
} groups[] = {
	{"calls", test_calls, false},	{"life", test_life, true},
	{"pages", test_pages, true},	{"kernel", test_kernel, true},
	{"storage", test_storage, true}, {"published", test_published, false},
};

static bool is_wanted(const char *name, int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++) {
		if (!strcmp(argv[i], name))
			return true;
	}
	return argc == 1;
}

int main(int argc, char **argv)
{
	int fd = open_ooh();
	size_t i;

	setvbuf(stdout, NULL, _IOLBF, 0);
	check(!call(fd, OOH_IOC_CAPS, &caps), "the module tells what there is");
	close(fd);
	for (i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
		if (groups[i].complete && caps & CAP_EPT_DIRTY)
			skip(groups[i].name, "this processor's log is not complete");
		else if (is_wanted(groups[i].name, argc, argv)) {
			printf("# %s\n", groups[i].name);
			groups[i].run();
		}
	}
	return finish();
}
