/* SPDX-License-Identifier: BSD-2-Clause */
/* Samples of one measured quantity, and the clocks. */
#ifndef EPML_BENCH_STATS_H
#define EPML_BENCH_STATS_H

#define MAX_ROUNDS 100u

struct samples {
	double v[MAX_ROUNDS];
	unsigned n;
};

struct summary {
	double median, min, max;
};

/** Add one sample; those beyond MAX_ROUNDS are dropped. */
void samples_add(struct samples *s, double value);

/** Median, least and greatest sample; all 0 if there is none. */
struct summary samples_summary(const struct samples *s);

/** Seconds of a clock that never jumps. */
double seconds_now(void);

/** CPU time in seconds, user and system, of all children that have ended. */
double seconds_of_children(void);

/** CPU time in seconds of this thread. */
double seconds_of_thread(void);

#endif
