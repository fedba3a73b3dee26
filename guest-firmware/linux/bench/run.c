/* SPDX-License-Identifier: BSD-2-Clause */
/* One technique at one size, from the start of Tracked to its end. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"

#define WARM_UP 1u		/* rounds before those that are timed, to fill the caches */

const char *const part_names[PARTS] = { "setup", "tracked", "collect", "rearm", "stop" };

struct session {
	struct run *r;
	const struct settings *s;
	struct tracked t;
	struct ooh *o;			/* NULL: the base line */
	uint8_t *reported;		/* pages that were collected in this round */
	uint64_t outside;		/* addresses that are none of the array's */
	uint64_t collecting;		/* cycles of collecting in this round */
	uint64_t written, tracked;	/* Tracked's turns in this round: duration and CPU time */
	bool timed;			/* this round is */
};

static int fail(struct session *x, const char *what, const char *why)
{
	x->r->outcome = RUN_FAILED;
	snprintf(x->r->text, sizeof(x->r->text), "%s: %s", what, why);
	return -1;
}

/* If ooh_open() failed there is no handle, and the message is this thread's. */
static int ooh_failed(struct session *x)
{
	x->r->outcome = RUN_FAILED;
	snprintf(x->r->text, sizeof(x->r->text), "%s", ooh_error(x->o));
	return -1;
}

/* Phase of a part, if this run has any. */
static unsigned phase_of(const struct run *r, enum part part)
{
	return r->phase ? r->phase + (r->alone ? 0 : (unsigned)part) : MARK_OTHER;
}

static void mark_part(const struct session *x, enum part part)
{
	if (x->timed)
		mark(phase_of(x->r, part));
}

/* ---- Collecting -------------------------------------------------------------------------- */

static void rearm_begins(void *ctx)
{
	mark_part(ctx, PART_REARM);
}

static void take_page(struct session *x, uint64_t address)
{
	const uint64_t page = (address - x->t.board->address) / PAGE;

	if (address < x->t.board->address || page >= x->t.pages || address % PAGE)
		x->outside++;
	else
		set_add(x->reported, (unsigned)page);
}

static int collect(struct session *x)
{
	const uint64_t begin = tsc();
	const uint64_t *pages;
	ssize_t n;

	mark_part(x, PART_COLLECT);
	n = ooh_collect(x->o, &pages);
	mark(MARK_OTHER);
	x->collecting += tsc() - begin;
	if (n < 0)
		return ooh_failed(x);
	for (ssize_t i = 0; i < n; i++)
		take_page(x, pages[i]);
	return 0;
}

/* ---- Rounds ------------------------------------------------------------------------------ */

static int tracked_died(struct session *x)
{
	return fail(x, "Tracked", "it died");
}

/* Let Tracked have a turn, and wait for its end. */
static int turn(struct session *x, unsigned from, unsigned to)
{
	if (tracked_go(&x->t, from, to) || tracked_wait(&x->t, -1) < 0)
		return tracked_died(x);
	x->written += x->t.board->end - x->t.board->begin;
	x->tracked += x->t.board->cpu;
	return 0;
}

/* Taking turns: Tracked rests while its pages are collected. */
static int take_turns(struct session *x, unsigned n)
{
	const unsigned step = x->s->every ? x->s->every : n;
	unsigned from = 0;

	do {
		const unsigned to = n - from < step ? n : from + step;

		if (turn(x, from, to) || (x->o && collect(x)))
			return -1;
		from = to;
	} while (from < n);
	return 0;
}

/* Tracked runs on while its pages are collected, at notifications and when time has passed. */
static int run_free(struct session *x, unsigned n)
{
	int done = 0;

	if (tracked_go(&x->t, 0, n))
		return tracked_died(x);
	while (!done) {
		const int status = ooh_wait(x->o, x->s->timer_ms);

		if (status < 0)
			return ooh_failed(x);
		done = tracked_wait(&x->t, 0);
		if (done < 0)
			return tracked_died(x);
		if (collect(x))
			return -1;
	}
	x->written += x->t.board->end - x->t.board->begin;
	x->tracked += x->t.board->cpu;
	return 0;
}

static void compare(struct session *x)
{
	struct run *r = x->r;

	r->rounds++;
	r->dirty += set_size(x->t.truth, x->t.pages);
	r->reported += set_size(x->reported, x->t.pages) + x->outside;
	r->missed += set_less(x->t.truth, x->reported, x->t.pages);
	r->spurious += set_less(x->reported, x->t.truth, x->t.pages) + x->outside;
}

static int run_round(struct session *x, enum round_kind kind, unsigned round)
{
	const unsigned n = tracked_plan(&x->t, kind, round, x->s->seed);
	const bool free = x->o && x->s->timer_ms;
	uint64_t cpu;

	memset(x->t.truth, 0, (x->t.pages + 7) / 8);
	memset(x->reported, 0, (x->t.pages + 7) / 8);
	x->outside = x->collecting = x->written = x->tracked = 0;
	x->t.board->phase = x->timed ? phase_of(x->r, PART_TRACKED) : MARK_OTHER;
	cpu = clock_cpu();
	if (free ? run_free(x, n) : take_turns(x, n))
		return -1;
	if (x->timed) {
		x->r->tracker += clock_cpu() - cpu;
		x->r->tracked += x->tracked;
		x->r->written += x->written;
		x->r->elapsed += free ? tsc() - x->t.board->begin : x->written + x->collecting;
	}
	if (x->o)
		compare(x);
	return 0;
}

static int run_rounds(struct session *x)
{
	const unsigned timed_end = WARM_UP + x->s->rounds;

	for (unsigned i = 0; i < timed_end; i++) {
		x->timed = i >= WARM_UP;
		if (run_round(x, ROUND_ALL, i))
			return -1;
	}
	x->timed = false;
	for (unsigned kind = ROUND_HALF; x->o && kind < ROUND_KINDS; kind++)
		if (run_round(x, (enum round_kind)kind, timed_end + kind))
			return -1;
	return 0;
}

/* ---- The tracker's life ------------------------------------------------------------------ */

static int set_up(struct session *x)
{
	const uint64_t begin = tsc();
	int status = ooh_open(&x->o, x->r->technique);

	if (status)
		return ooh_failed(x);
	ooh_on_rearm(x->o, rearm_begins, x);
	status = ooh_register(x->o, x->t.pid, x->t.board->address, (uint64_t)x->t.pages * PAGE);
	if (status)
		return ooh_failed(x);
	status = ooh_start(x->o);
	if (status)
		return ooh_failed(x);
	x->r->setup = tsc() - begin;
	return 0;
}

static void shut_down(struct session *x)
{
	const uint64_t begin = tsc();
	int status;

	mark(phase_of(x->r, PART_STOP));
	status = ooh_stop(x->o);
	if (status && x->r->outcome == RUN_OK)
		ooh_failed(x);
	status = ooh_statistics(x->o, &x->r->statistics);
	if (status && x->r->outcome == RUN_OK)
		ooh_failed(x);
	ooh_close(x->o);
	mark(MARK_OTHER);
	x->o = NULL;
	x->r->stop = tsc() - begin;
}

static int track(struct session *x)
{
	int status;

	mark(phase_of(x->r, PART_SETUP));
	status = set_up(x);
	mark(MARK_OTHER);
	if (!status)
		status = run_rounds(x);
	if (x->o)
		shut_down(x);
	return status;
}

void run_technique(struct run *r, const struct settings *s)
{
	struct session x = { .r = r, .s = s, .t = { .pid = -1, .go = -1, .done = -1 } };
	const unsigned pages = r->mb * MB_PAGES;

	r->outcome = RUN_OK;
	x.reported = malloc((pages + 7) / 8);
	if (!x.reported)
		fail(&x, "malloc", strerror(errno));
	else if (tracked_start(&x.t, pages, s, r->text))
		r->outcome = RUN_FAILED;
	else if (r->alone)
		run_rounds(&x);
	else
		track(&x);
	r->made = x.t.board ? x.t.board->made : 0;
	tracked_stop(&x.t);
	free(x.reported);
}
