/* SPDX-License-Identifier: BSD-2-Clause */
/* Time lines in the Chrome trace-event format, which Perfetto and chrome://tracing open. */
#ifndef EPML_TIMING_TIMELINE_H
#define EPML_TIMING_TIMELINE_H

#include <stdio.h>

#include "timing.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Three tracks for each processor: the phases, the stays in VMX root operation with the reason of
 * the VM exit, and everything else that was marked.
 */
struct timing_timeline {
	FILE *out;
	uint64_t events, limit;		/* written so far; most that are written */
	bool began;			/* a line has been written */
	bool full;			/* the limit was reached, and a last event says so */
};

/* What a processor's tracks show at the moment. */
struct timing_tracks {
	bool in_phase, in_root;
};

#define TIMING_TIMELINE_LIMIT	1000000u

/** Begin a time line; the caller closes the stream and checks it. */
void timing_timeline_begin(struct timing_timeline *tl, FILE *out, uint64_t limit);

/**
 * A mark, as struct timing_ops gets it.
 * @param name	name of the phase, for TIMING_MARK_PHASE; NULL: its number
 */
void timing_timeline_mark(struct timing_timeline *tl, struct timing_tracks *tracks,
			  const struct timing *t, enum timing_mark mark, unsigned what,
			  const char *name);

/** End what is still open on the tracks of a processor. */
void timing_timeline_end_cpu(struct timing_timeline *tl, struct timing_tracks *tracks,
			     const struct timing *t);

/** The end of the file. */
void timing_timeline_end(struct timing_timeline *tl);

#ifdef __cplusplus
}
#endif

#endif
