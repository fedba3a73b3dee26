/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tracked: a process that writes to the pages it is told to. What it is told and what it has
 * written stands on a board that it shares with Tracker; the array is its own.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

#define FEW 7u

/* ---- In Tracked -------------------------------------------------------------------------- */

/* The array: ordinary pages of 4 KByte, all there, none swapped out. */
static uint8_t *make_array(size_t bytes)
{
	uint8_t *array = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			      -1, 0);

	if (array == MAP_FAILED)
		return NULL;
	/* A kernel without huge pages refuses what it does not do anyway. */
	madvise(array, bytes, MADV_NOHUGEPAGE);
	if (mlock(array, bytes))
		return NULL;
	for (size_t i = 0; i < bytes; i += PAGE)
		array[i] = 1;
	return array;
}

/* One turn. Times and marks are taken directly around the loop. */
static void write_pages(struct board *b, uint8_t *array)
{
	const uint64_t cpu = clock_cpu();

	mark(b->phase);
	b->begin = tsc();
	for (unsigned i = b->from; i < b->to; i++)
		*(volatile uint32_t *)(array + (size_t)b->order[i] * PAGE) = b->value;
	b->end = tsc();
	mark(MARK_OTHER);
	b->cpu = clock_cpu() - cpu;
}

static void take_turns(const struct tracked *t, int go, int done, uint8_t *array)
{
	struct board *b = t->board;
	char byte;

	while (read(go, &byte, 1) == 1) {
		write_pages(b, array);
		for (unsigned i = b->from; i < b->to; i++)
			set_add(t->truth, b->order[i]);
		if (write(done, &byte, 1) != 1)
			break;
	}
}

static void tracked_main(const struct tracked *t, int go, int done)
{
	const uint64_t begin = tsc();
	uint8_t *array = make_array((size_t)t->pages * PAGE);
	const char byte = 0;

	t->board->made = tsc() - begin;
	t->board->error = array ? 0 : errno;
	t->board->address = (uintptr_t)array;
	if (write(done, &byte, 1) == 1 && array)
		take_turns(t, go, done, array);
}

static void pin(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);
}

/* ---- In Tracker -------------------------------------------------------------------------- */

static int make_board(struct tracked *t)
{
	const size_t order = sizeof(struct board) + t->pages * sizeof(uint32_t);

	t->board_bytes = order + (t->pages + 7) / 8;
	t->board = mmap(NULL, t->board_bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
			-1, 0);
	if (t->board == MAP_FAILED)
		return -1;
	t->truth = (uint8_t *)t->board + order;
	return 0;
}

static void child(const struct tracked *t, const int go[2], const int done[2])
{
	/* Tracker's death ends it: its read() then returns 0. */
	close(go[1]);
	close(done[0]);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	pin(0);
	tracked_main(t, go[0], done[1]);
	_exit(0);
}

static int start(struct tracked *t)
{
	int go[2], done[2];

	if (make_board(t) || pipe2(go, O_CLOEXEC) || pipe2(done, O_CLOEXEC))
		return -1;
	t->pid = fork();
	if (!t->pid)
		child(t, go, done);
	close(go[0]);
	close(done[1]);
	t->go = go[1];
	t->done = done[0];
	return t->pid < 0 ? -1 : 0;
}

int tracked_start(struct tracked *t, unsigned pages, const struct settings *s,
		  char error[MAX_TEXT])
{
	*t = (struct tracked){ .pid = -1, .go = -1, .done = -1, .pages = pages };
	pin(s->tracker_cpu);
	if (start(t)) {
		snprintf(error, MAX_TEXT, "Tracked cannot be started: %s", strerror(errno));
	} else if (tracked_wait(t, -1) < 0) {
		snprintf(error, MAX_TEXT, "Tracked ended while it made its array");
	} else if (t->board->error) {
		snprintf(error, MAX_TEXT, "Tracked cannot lock %u KByte: %s", pages * (PAGE / 1024),
			 strerror(t->board->error));
	} else {
		return 0;
	}
	tracked_stop(t);
	return -1;
}

static uint64_t random_next(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * 0x2545f4914f6cdd1d;
}

/* Fisher and Yates, as far as it matters: the first n are a random choice. */
static void shuffle(uint32_t *order, unsigned pages, unsigned n, uint64_t seed)
{
	uint64_t state = seed ? seed : 1;

	for (unsigned i = 0; i < n; i++) {
		const unsigned other = i + (unsigned)(random_next(&state) % (pages - i));
		const uint32_t page = order[i];

		order[i] = order[other];
		order[other] = page;
	}
}

unsigned tracked_plan(struct tracked *t, enum round_kind kind, unsigned round, uint64_t seed)
{
	const unsigned n[ROUND_KINDS] = {
		[ROUND_ALL] = t->pages, [ROUND_HALF] = t->pages / 2,
		[ROUND_FEW] = t->pages < FEW ? t->pages : FEW, [ROUND_NONE] = 0
	};

	for (unsigned i = 0; i < t->pages; i++)
		t->board->order[i] = i;
	if (kind != ROUND_ALL)
		shuffle(t->board->order, t->pages, n[kind], seed + round);
	/* The first value after that of make_array(): every write changes the page. */
	t->board->value = round + 2;
	return n[kind];
}

int tracked_go(struct tracked *t, unsigned from, unsigned to)
{
	const char byte = 0;

	t->board->from = from;
	t->board->to = to;
	return write(t->go, &byte, 1) == 1 ? 0 : -1;
}

int tracked_wait(struct tracked *t, int timeout_ms)
{
	struct pollfd p = { .fd = t->done, .events = POLLIN };
	char byte;
	int n;

	do
		n = poll(&p, 1, timeout_ms);
	while (n < 0 && errno == EINTR);
	if (n <= 0)
		return n;
	return read(t->done, &byte, 1) == 1 ? 1 : -1;
}

void tracked_stop(struct tracked *t)
{
	if (t->go >= 0)
		close(t->go);
	if (t->done >= 0)
		close(t->done);
	if (t->pid > 0) {
		kill(t->pid, SIGKILL);
		while (waitpid(t->pid, NULL, 0) < 0 && errno == EINTR)
			continue;
	}
	if (t->board && t->board != MAP_FAILED)
		munmap(t->board, t->board_bytes);
	*t = (struct tracked){ .pid = -1, .go = -1, .done = -1 };
}
