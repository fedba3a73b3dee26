/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Usage: track TECHNIQUE PID ROUNDS
 *
 * Print how many pages a process modifies in each half second, and the first of them.
 *
 *	cc track.c $(pkg-config --cflags --libs ooh) -o track
 */
#include <stdio.h>
#include <stdlib.h>
#include <ooh.h>

static int fail(struct ooh *o)
{
	fprintf(stderr, "track: %s\n", ooh_error(o));
	ooh_close(o);
	return 2;
}

static ssize_t print_round(struct ooh *o)
{
	const uint64_t *pages;
	ssize_t n;

	/* 1: there is something; 0: the time is over. */
	if (ooh_wait(o, 500) < 0)
		return -1;
	n = ooh_collect(o, &pages);
	if (n >= 0)
		printf("%zd pages", n);
	for (ssize_t i = 0; i < n && i < 4; i++)
		printf(" %#llx", (unsigned long long)pages[i]);
	if (n >= 0)
		putchar('\n');
	return n;
}

int main(int argc, char **argv)
{
	const uint64_t first = 0x10000, end = 0x7ffffffff000; /* all user addresses */
	enum ooh_technique technique;
	struct ooh *o;

	if (argc != 4 || ooh_technique_by_name(argv[1], &technique)) {
		fprintf(stderr, "usage: track TECHNIQUE PID ROUNDS\n");
		return 2;
	}
	if (ooh_open(&o, technique))
		return fail(NULL);
	if (ooh_register(o, atoi(argv[2]), first, end - first) || ooh_start(o))
		return fail(o);
	for (int round = atoi(argv[3]); round > 0; round--)
		if (print_round(o) < 0)
			return fail(o);
	ooh_stop(o);
	ooh_close(o);
	return 0;
}
