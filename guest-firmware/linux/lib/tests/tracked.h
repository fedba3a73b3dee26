/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A tracked process for tests: a child that does what it is told to its array of pages. The array
 * is at the same address in the test, which never touches it.
 */
#ifndef TRACKED_H
#define TRACKED_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define PAGES 600u
#define BYTES 4096ull

enum memory { PRIVATE, SHARED, HUGE_PAGES, MEMORIES };

enum order {
	WRITE,	       /* to the listed pages */
	READ,	       /* all pages */
	WRITE_BY_READ, /* the listed pages, by read(2): the kernel writes */
	READ_ONLY,     /* mprotect everything */
	READ_WRITE,
	FORK_AND_WRITE, /* a child of its own writes to the listed pages, and ends */
	DROP,		/* madvise(MADV_DONTNEED) of the pages from first on, n of them */
	REMAP,		/* other memory there */
	MOVE,		/* mremap: n pages from first to target; new memory where they were */
	UNMAP,
	THREADS, /* begin to write at random with several threads */
	JOIN,	 /* end that */
	SLEEP,	 /* for 300 ms; the result is the time, or an error */
	EXECUTE, /* another program */
};

struct board {
	enum order order;
	long result;
	uint32_t n, first, target;
	uint16_t page[PAGES];
	uint32_t value; /* what is written next, each time another one */
	volatile bool stop;
};

struct tracked {
	pid_t pid;
	struct board *board;
	uint8_t *array;
	int to, from;
};

/* false, with a line on standard error, if it can't be started. */
bool tracked_start(struct tracked *t, enum memory memory);
/* Tell what to do, and wait until it is done. */
long tracked_do(struct tracked *t, enum order order);
/* The same in two halves. */
void tracked_tell(struct tracked *t, enum order order);
long tracked_result(struct tracked *t);
/* Kill it if it is alive, reap it and free everything; the result is its wait status. */
int tracked_end(struct tracked *t);

#endif
