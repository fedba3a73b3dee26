/* SPDX-License-Identifier: BSD-2-Clause */
/* The process itself: it forks, sleeps, is killed, executes another program; two handles. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "ooh_test.h"

static void forks(struct setup *s)
{
	choose_pages(s, 40);
	ok(tracked_do(&s->tracked, FORK_AND_WRITE) == 0, "%s: the process forks", s->subject->name);
	memset(&s->truth, 0, sizeof(s->truth));
	/* A copy on write is no write of the process, but a frame may have been logged. */
	collect_is(s, s->subject->by_frame ? MAY_REPORT_MORE : 0, "what its child wrote");
	choose_pages(s, 40);
	tracked_do(&s->tracked, WRITE);
	collect_is(s, 0, "what it wrote afterwards");
}

/* Interrupting a system call must not end it. */
static void sleeps(struct setup *s)
{
	long time;

	choose_pages(s, 10);
	tracked_do(&s->tracked, WRITE);
	tracked_tell(&s->tracked, SLEEP);
	usleep(50000);
	collect_is(s, 0, "while it sleeps");
	time = tracked_result(&s->tracked);
	ok(time >= 300, "%s: it has slept %ld ms of 300", s->subject->name, time);
}

/* How many collections give pages, until one fails; the result is its error. */
static ssize_t collect_to_the_end(struct setup *s, int *collections)
{
	const uint64_t *page;
	ssize_t n;

	for (*collections = 0; (n = ooh_collect(s->o, &page)) >= 0 && *collections < 3;)
		++*collections;
	return n;
}

static void killed(struct setup *s)
{
	int collections;

	choose_pages(s, 40);
	tracked_do(&s->tracked, WRITE);
	kill(s->tracked.pid, SIGKILL);
	ok(ooh_wait(s->o, 5000) >= 0 || strstr(ooh_error(s->o), "exited"),
	   "%s: waiting ends when the process is killed", s->subject->name);
	usleep(50000);
	ok(collect_to_the_end(s, &collections) == -ESRCH && collections <= 1 &&
		   strstr(ooh_error(s->o), "has exited or executed another program"),
	   "%s: killed: %s", s->subject->name, ooh_error(s->o));
	ok(ooh_stop(s->o) == 0, "%s: stop after the end", s->subject->name);
}

static void executes(struct setup *s)
{
	int collections;

	choose_pages(s, 40);
	tracked_do(&s->tracked, WRITE);
	tracked_tell(&s->tracked, EXECUTE);
	/* The new program says that it is there. */
	tracked_result(&s->tracked);
	ok(collect_to_the_end(s, &collections) == -ESRCH && collections <= 1,
	   "%s: another program is executed: %s", s->subject->name, ooh_error(s->o));
	ok(kill(s->tracked.pid, 0) == 0, "%s: the other program runs", s->subject->name);
}

/* Both have to see everything, whoever collects first. */
static void two_handles(struct setup *s)
{
	struct ooh *first = s->o, *second;
	struct truth truth;
	int error = ooh_open(&second, s->subject->technique);

	if (!error)
		error = ooh_register(second, s->tracked.pid, (uintptr_t)s->tracked.array,
				     PAGES * BYTES);
	if (!error)
		error = ooh_start(second);
	if (error == -EBUSY || (error && strstr(ooh_error(second), "busy"))) {
		/* The kernel gives a mapping to one userfaultfd only. */
		ok(s->subject->technique == OOH_UFD || s->subject->technique == OOH_UFD_ASYNC,
		   "%s: a second handle: %s", s->subject->name, ooh_error(second));
	} else if (ok(!error, "%s: a second handle", s->subject->name)) {
		for (int i = 0; i < 3; i++) {
			choose_pages(s, 40);
			tracked_do(&s->tracked, WRITE);
			truth = s->truth;
			collect_is(s, 0, "the first of two handles");
			s->truth = truth;
			s->o = second;
			collect_is(s, 0, "the second of two handles");
			s->o = first;
		}
	}
	ooh_close(second);
	choose_pages(s, 40);
	tracked_do(&s->tracked, WRITE);
	collect_is(s, 0, "after the second handle has gone");
}

/* The caller tracks itself; there is only one thread to do both. */
static void own_process(const struct subject *subject)
{
	uint8_t *array = mmap(NULL, PAGES * BYTES, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct setup s = {.subject = subject, .tracked.array = array, .seed = 7};
	struct board board;
	int error = ooh_open(&s.o, subject->technique);

	s.tracked.board = &board;
	madvise(array, PAGES * BYTES, MADV_NOHUGEPAGE);
	if (!error)
		error = ooh_register(s.o, getpid(), (uintptr_t)array, PAGES * BYTES);
	if (!error)
		error = ooh_start(s.o);
	if (ok(!error, "%s: own process%s%s", subject->name, error ? ": " : "",
	       error ? ooh_error(s.o) : "")) {
		for (int i = 0; i < 3; i++) {
			choose_pages(&s, 40);
			for (unsigned int k = 0; k < board.n; k++)
				array[board.page[k] * BYTES]++;
			collect_is(&s, 0, "own process");
		}
	}
	ooh_close(s.o);
	munmap(array, PAGES * BYTES);
}

void test_process(const struct subject *subject)
{
	static void (*const tests[])(struct setup * s) = {forks, sleeps, killed, executes,
							  two_handles};
	struct setup s;

	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
		if (setup_begin(&s, subject, PRIVATE))
			tests[i](&s);
		setup_end(&s);
	}
	own_process(subject);
}
