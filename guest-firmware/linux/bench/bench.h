/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The published micro-benchmark: Tracked writes one word to each page of a locked array, round
 * after round, and Tracker collects which pages it has written. The two are processes that take
 * turns, so that the set of pages of each round is known and can be compared with what was
 * collected.
 *
 * All times are in cycles of the TSC.
 */
#ifndef OOH_BENCH_H
#define OOH_BENCH_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <ooh.h>

#define PAGE		4096u
#define MB_PAGES	(1048576u / PAGE)
#define MAX_MB		1024u
#define MAX_TEXT	200

/* ---- What is to be run ------------------------------------------------------------------- */

/*
 * Rounds of the first kind are timed. One of each other kind follows, in which a technique that
 * reports all pages, or yesterday's, is found out.
 */
enum round_kind {
	ROUND_ALL,		/* every page, in ascending order */
	ROUND_HALF,		/* a random half, in random order */
	ROUND_FEW,		/* some single pages */
	ROUND_NONE,
	ROUND_KINDS
};

struct settings {
	unsigned rounds;	/* timed ones */
	uint64_t seed;
	unsigned every;		/* Tracker collects after so many pages; 0: after the round */
	int timer_ms;		/* ... or whenever this has passed, while Tracked runs on; 0 */
	int tracker_cpu;	/* Tracked runs on processor 0 */
	double limit;		/* seconds that one technique may take at one size; 0: no limit */
};

/* ---- Tracked (tracked.c) ----------------------------------------------------------------- */

/* Shared by the two processes. */
struct board {
	uint64_t address;	/* of the array, in Tracked */
	uint64_t made;		/* cycles that allocating, locking and first writing it took */
	uint64_t begin, end;	/* TSC when Tracked began and ended its last turn */
	uint64_t cpu;		/* CPU time of that turn */
	int error;		/* why Tracked could not begin */
	unsigned phase;		/* of the cycle count during a turn */
	unsigned from, to;	/* places in order[] of this turn's pages */
	unsigned value;		/* what is written; another in each round */
	uint32_t order[];	/* page numbers; behind them the bitmap of pages written */
};

struct tracked {
	pid_t pid;
	int go, done;		/* pipes */
	unsigned pages;
	struct board *board;
	size_t board_bytes;
	uint8_t *truth;		/* pages that Tracked has written since it was cleared */
};

/**
 * Start Tracked: it has allocated, written and locked its array when this returns.
 * @param error	set to one line if it fails
 * @return	0 or -1
 */
int tracked_start(struct tracked *t, unsigned pages, const struct settings *s,
		  char error[MAX_TEXT]);

/** Fill order[] for a round. @return the number of pages in it */
unsigned tracked_plan(struct tracked *t, enum round_kind kind, unsigned round, uint64_t seed);

/** Let Tracked write the pages from..to of order[]; returns at once. @return 0, or -1: it died */
int tracked_go(struct tracked *t, unsigned from, unsigned to);

/** Wait until it has. @param timeout_ms -1: for ever @return 1 done, 0 not yet, -1 it died */
int tracked_wait(struct tracked *t, int timeout_ms);

/** End Tracked. */
void tracked_stop(struct tracked *t);

/* ---- Clocks (clock.c) -------------------------------------------------------------------- */

static inline uint64_t tsc(void)
{
	uint32_t low, high;

	__asm__ volatile("lfence; rdtsc; lfence" : "=a"(low), "=d"(high) : : "memory");
	return (uint64_t)high << 32 | low;
}

/** Rate of the TSC, measured against the system's clock. Call once, before the first fork. */
void clock_begin(void);
uint64_t clock_khz(void);

/** CPU time of all threads of the calling process, in cycles. */
uint64_t clock_cpu(void);

/* ---- Phases of the cycle count (mark.c) -------------------------------------------------- */

#define MARK_OTHER	0u
#define MARK_MAX	255u

/** Get ready to mark phases. @return 0, or -1 with @p error set */
int mark_begin(char error[MAX_TEXT]);

/** What follows on this processor is counted in this phase; nothing without mark_begin(). */
void mark(unsigned phase);

/* ---- One technique at one size (run.c) --------------------------------------------------- */

/* Parts of a run that the cycle count tells apart. */
enum part { PART_SETUP, PART_TRACKED, PART_COLLECT, PART_REARM, PART_STOP, PARTS };

extern const char *const part_names[PARTS];

enum outcome { RUN_OK, RUN_FAILED, RUN_LEFT_OUT };

struct run {
	/* in */
	bool alone;			/* no tracker: the base line */
	enum ooh_technique technique;
	unsigned mb;
	unsigned phase;			/* of the first part; MARK_OTHER: mark nothing */
	/* out */
	enum outcome outcome;
	char text[MAX_TEXT];		/* why it failed or was left out */
	double estimate;		/* seconds, if it was left out for its time; else 0 */
	unsigned rounds;		/* all, and those that were timed */
	uint64_t made;			/* once: making the array, before it is tracked */
	uint64_t tracked, tracker;	/* CPU time of the timed rounds */
	uint64_t written, elapsed;	/* their duration: of writing, and with collecting */
	uint64_t setup, stop;		/* once: register and start; stop and close */
	uint64_t dirty, reported, missed, spurious;	/* pages, over all rounds */
	struct ooh_statistics statistics;
};

/** Run it. @param r in and out; everything that was started has ended when this returns */
void run_technique(struct run *r, const struct settings *s);

/* ---- All techniques at one size (plan.c) ------------------------------------------------- */

/* What a technique took at the largest size so far. */
struct basis {
	unsigned mb;
	double seconds;
};

struct plan {
	const struct settings *s;
	unsigned phase;			/* the next free one */
	unsigned runs;			/* whose results have been printed */
	struct basis basis[OOH_TECHNIQUES];
};

void plan_begin(struct plan *p, const struct settings *s);

/** Run and report the base line and n techniques. */
void plan_size(struct plan *p, unsigned mb, const enum ooh_technique *technique, unsigned n);

/* ---- Sets of pages (sets.c) -------------------------------------------------------------- */

static inline void set_add(uint8_t *set, unsigned page)
{
	set[page / 8] |= (uint8_t)(1u << page % 8);
}

/** Pages of the one set that the other has not. */
uint64_t set_less(const uint8_t *a, const uint8_t *b, unsigned pages);
uint64_t set_size(const uint8_t *a, unsigned pages);

/* ---- Result lines (result.c) ------------------------------------------------------------- */

/** Print "EPML-RESULT {...}" for a run; for the end, with the number of runs. */
void result_print(const struct run *r);
void result_print_end(unsigned runs);

#endif
