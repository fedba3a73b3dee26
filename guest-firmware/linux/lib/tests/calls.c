/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls with wrong arguments, or in the wrong order, are answered with an error and one line. */
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include "ooh_test.h"

static void refused(int result, int error, const struct ooh *o, const char *text)
{
	ok(result == -error && strstr(ooh_error(o), text), "refused: %s", ooh_error(o));
}

static void test_names(void)
{
	enum ooh_technique technique = OOH_ORACLE;
	bool same = true;

	for (int i = 0; i < OOH_TECHNIQUES; i++)
		same = same && !ooh_technique_by_name(ooh_technique_name(i), &technique) &&
		       (int)technique == i;
	ok(same, "the techniques have names");
	ok(ooh_technique_by_name("none", &technique) == -EINVAL &&
		   ooh_technique_by_name(NULL, &technique) == -EINVAL &&
		   ooh_technique_by_name("", &technique) == -EINVAL &&
		   !ooh_technique_name(OOH_TECHNIQUES),
	   "other names and numbers are refused");
}

static void test_arguments(struct ooh *o)
{
	refused(ooh_register(o, 0, 4096, 4096), EINVAL, o, "process 0; a number above 0");
	refused(ooh_register(o, -1, 4096, 4096), EINVAL, o, "process -1; a number above 0");
	refused(ooh_register(o, getpid(), 4096, 0), EINVAL, o, "whole pages were expected");
	refused(ooh_register(o, getpid(), 4097, 4096), EINVAL, o, "whole pages were expected");
	refused(ooh_register(o, getpid(), 4096, 100), EINVAL, o, "whole pages were expected");
	refused(ooh_register(o, getpid(), 1ull << 63, 4096), EINVAL, o, "user addresses");
	refused(ooh_register(o, getpid(), 4096, ~0xfffull), EINVAL, o, "user addresses");
	/* The largest process number is 2^22. */
	refused(ooh_register(o, 1 << 23, 4096, 4096), ESRCH, o, "no such process");
	refused(ooh_set_ring(o, 1), EINVAL, o, "a power of two from 2 to 4096");
	refused(ooh_set_ring(o, 24), EINVAL, o, "a power of two from 2 to 4096");
	refused(ooh_set_ring(o, 8192), EINVAL, o, "a power of two from 2 to 4096");
}

static void test_order(struct ooh *o)
{
	const uint64_t *page;
	uint8_t bits[1];

	refused(ooh_start(o), EINVAL, o, "no process is registered");
	refused((int)ooh_collect(o, &page), EINVAL, o, "no process is registered");
	refused((int)ooh_collect_bitmap(o, bits, 1), EINVAL, o, "no process is registered");
	refused(ooh_wait(o, 0), EINVAL, o, "no process is registered");
	refused(ooh_rearm(o), EINVAL, o, "no process is registered");
	refused(ooh_stop(o), EINVAL, o, "no process is registered");
	ok(ooh_set_ring(o, 64) == 0 && ooh_set_ring(o, 0) == 0, "a size of the ring");
	ok(ooh_register(o, getpid(), 4096, 4096) == 0, "a range in which nothing is mapped");
	refused(ooh_register(o, getpid(), 4096, 4096), EINVAL, o, "tracking has not begun");
	refused(ooh_set_ring(o, 64), EINVAL, o, "tracking has not begun");
	refused((int)ooh_collect(o, &page), EINVAL, o, "tracking has not begun");
	ok(ooh_start(o) == 0 && ooh_collect(o, &page) == 0, "nothing is reported of it");
	refused(ooh_start(o), EINVAL, o, "tracking has begun");
	ok(ooh_wait(o, 10) == 0, "waiting ends after the time");
	ok(ooh_stop(o) == 0, "stop");
	refused(ooh_stop(o), EINVAL, o, "tracking has ended");
	refused(ooh_wait(o, 0), EINVAL, o, "tracking has ended");
}

void test_calls(void)
{
	struct ooh *o;

	test_names();
	refused(ooh_open(&o, OOH_TECHNIQUES), EINVAL, NULL, "0 to 6 were expected");
	ok(!o, "there is no handle then");
	ooh_close(NULL);
	/* The oracle is possible everywhere. */
	if (!ok(ooh_open(&o, OOH_ORACLE) == 0, "ooh_open"))
		return;
	test_arguments(o);
	test_order(o);
	ooh_close(o);
}
