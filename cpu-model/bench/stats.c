/* SPDX-License-Identifier: BSD-2-Clause */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "stats.h"

void samples_add(struct samples *s, double value)
{
	if (s->n < MAX_ROUNDS)
		s->v[s->n++] = value;
}

static int ascending(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

struct summary samples_summary(const struct samples *s)
{
	double v[MAX_ROUNDS];
	const unsigned n = s->n;

	if (!n)
		return (struct summary){ 0 };
	memcpy(v, s->v, n * sizeof(v[0]));
	qsort(v, n, sizeof(v[0]), ascending);
	return (struct summary){
		.median = (v[(n - 1) / 2] + v[n / 2]) / 2, .min = v[0], .max = v[n - 1],
	};
}

static double clock_seconds(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

double seconds_now(void)
{
	return clock_seconds(CLOCK_MONOTONIC);
}

double seconds_of_thread(void)
{
	return clock_seconds(CLOCK_THREAD_CPUTIME_ID);
}

static double timeval_seconds(struct timeval t)
{
	return (double)t.tv_sec + 1e-6 * (double)t.tv_usec;
}

double seconds_of_children(void)
{
	struct rusage u;

	getrusage(RUSAGE_CHILDREN, &u);
	return timeval_seconds(u.ru_utime) + timeval_seconds(u.ru_stime);
}
