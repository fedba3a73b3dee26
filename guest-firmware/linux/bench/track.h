/* SPDX-License-Identifier: BSD-2-Clause */
/* The parts of ooh-track: a process's writable memory, tracked as it comes and goes. */
#ifndef OOH_TRACK_H
#define OOH_TRACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <ooh.h>

#define PAGE		4096u
#define MAX_TEXT	200

/* ---- Mappings (maps.c) ------------------------------------------------------------------- */

struct range {
	uint64_t begin, end;
};

struct ranges {
	struct range *range;	/* ascending; neighbours are one */
	size_t n, space;
};

/** Writable memory of a process. @return 0 or the negative of an error number */
int maps_read(struct ranges *r, pid_t pid);

/** Append a range behind the last. @return as maps_read() */
int ranges_add(struct ranges *r, uint64_t begin, uint64_t end);

/** The parts of "a" that are not in "b". @param out emptied first @return as maps_read() */
int ranges_less(struct ranges *out, const struct ranges *a, const struct ranges *b);

void ranges_free(struct ranges *r);

/* ---- What is tracked (watch.c) ----------------------------------------------------------- */

struct watch {
	struct range range;
	struct ooh *tracker, *oracle;
};

struct totals {
	uint64_t changed;	/* pages whose contents have changed, by the oracle */
	uint64_t reported;	/* by the technique */
	uint64_t missed;	/* changed, not reported */
	uint64_t unchanged;	/* reported; written perhaps, but with what they held */
	uint64_t fresh;		/* came since the last interval: not known to either */
};

struct watches {
	pid_t pid;
	enum ooh_technique technique;
	struct watch *watch;
	size_t n, space;
	char error[MAX_TEXT];	/* one line if a function has failed */
};

/* Of a process that is stopped. All return 0, or -1 with w->error set. */

/** Give up what is no longer mapped; call it before watches_collect(). */
int watches_drop(struct watches *w);

/** Collect from all trackers and compare with the oracle. @param t the interval is added */
int watches_collect(struct watches *w, struct totals *t);

/** Track what has been mapped since. @param fresh number of pages */
int watches_add(struct watches *w, uint64_t *fresh);

void watches_free(struct watches *w);

#endif
