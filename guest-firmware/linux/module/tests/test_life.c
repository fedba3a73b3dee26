// SPDX-License-Identifier: BSD-2-Clause
/*
 * Trackers and processes come and go: exec, exit, fork, several at once, the module's removal.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "world.h"

#define PAGES 64

/* A process that does as it is told, one letter at a time, with an area that it shares by fork. */
struct worker {
	pid_t pid;
	int to, from;
};

static void obey(char command, uint8_t *area)
{
	char *const argv[] = {"sleep", "1000", NULL};

	switch (command) {
	case 'w': write_pages(area, PAGES, NULL, 7); break;
	case 'h': write_pages(area, PAGES / 2, NULL, 8); break;
	case 'e': execve("/bin/sleep", argv, NULL); break;
	case 'x': _exit(0);
	}
}

static void worker_start(struct worker *w, uint8_t *area)
{
	int to[2], from[2];
	char c;

	if (pipe(to) || pipe(from))
		_exit(1);
	w->pid = fork();
	if (!w->pid) {
		while (read(to[0], &c, 1) == 1) {
			obey(c, area);
			if (write(from[1], &c, 1) != 1)
				break;
		}
		_exit(1);
	}
	close(to[0]);
	close(from[1]);
	w->to = to[1];
	w->from = from[0];
}

/* Whether the worker has done it; not if it exits or executes another program. */
static bool tell(struct worker *w, char command)
{
	return write(w->to, &command, 1) == 1 && read(w->from, &command, 1) == 1;
}

static void worker_end(struct worker *w)
{
	kill(w->pid, SIGKILL);
	waitpid(w->pid, NULL, 0);
	close(w->to);
	close(w->from);
}

static bool wait_ended(struct tracker *t, uint64_t how)
{
	struct pollfd p = {.fd = t->uio, .events = POLLIN};
	int tries;

	for (tries = 0; tries < 20 && !t->ring->ended; tries++)
		poll(&p, 1, 100);
	return t->ring->ended == how;
}

static void ends(char command, uint64_t how, const char *what)
{
	uint8_t *area = map_pages(PAGES), seen[PAGES];
	struct worker w;
	struct tracker t;

	worker_start(&w, area);
	tracker_open(&t, w.pid, OOH_KIND_EPML, 64);
	check(!call(t.fd, OOH_IOC_START, NULL), "%s: START", what);
	tell(&w, 'w');
	if (command == 'k')
		kill(w.pid, SIGKILL);
	else if (write(w.to, &command, 1) != 1)
		check(false, "%s: the worker is there", what);
	check(wait_ended(&t, how), "%s: the ring says so", what);
	check(collect(&t, area, PAGES, seen) == PAGES, "%s: what was written is found", what);
	check(!call(t.fd, OOH_IOC_STOP, NULL), "%s: STOP", what);
	check(call(t.fd, OOH_IOC_START, NULL) == -ESRCH, "%s: START again is refused", what);
	tracker_close(&t);
	worker_end(&w);
	munmap(area, PAGES * PAGE);
}

static void isolated(void)
{
	uint8_t *area = map_pages(PAGES), seen[PAGES];
	struct worker a, b;
	struct tracker ta, tb, again;

	worker_start(&a, area);
	worker_start(&b, area);
	tracker_open(&ta, a.pid, OOH_KIND_EPML, 64);
	tracker_open(&tb, b.pid, OOH_KIND_EPML, 64);
	tracker_open(&again, a.pid, OOH_KIND_EPML, 64);
	call(ta.fd, OOH_IOC_START, NULL);
	call(tb.fd, OOH_IOC_START, NULL);
	call(again.fd, OOH_IOC_START, NULL);
	tell(&a, 'w');
	tell(&b, 'h');
	check(collect(&ta, area, PAGES, seen) == PAGES, "a tracker sees its process's pages");
	check(collect(&tb, area, PAGES, seen) == PAGES / 2, "another one sees those of its own");
	check(collect(&again, area, PAGES, seen) == PAGES, "a second tracker sees the same");
	call(ta.fd, OOH_IOC_STOP, NULL);
	rearm(&again, area, PAGES);
	tell(&a, 'h');
	check(collect(&again, area, PAGES, seen) == PAGES / 2, "it goes on when the first stops");
	tracker_close(&ta);
	tracker_close(&tb);
	tracker_close(&again);
	worker_end(&a);
	worker_end(&b);
	munmap(area, PAGES * PAGE);
}

static void fork_is_not_tracked(void)
{
	uint8_t *area = map_pages(PAGES), seen[PAGES];
	struct tracker t;
	pid_t child;

	write_pages(area, PAGES, NULL, 1);
	tracker_open(&t, getpid(), OOH_KIND_EPML, 64);
	call(t.fd, OOH_IOC_START, NULL);
	child = fork();
	if (!child) {
		write_pages(area, PAGES, NULL, 2);
		_exit(0);
	}
	waitpid(child, NULL, 0);
	check(collect(&t, area, PAGES, seen) == 0, "what a child writes is not the parent's");
	write_pages(area, PAGES, NULL, 3);
	check(collect(&t, area, PAGES, seen) == PAGES, "the parent's writes after fork are found");
	tracker_close(&t);
	munmap(area, PAGES * PAGE);
}

/* The tracker dies without closing anything; the process goes on. */
static void tracker_killed(void)
{
	uint8_t *area = map_pages(PAGES), seen[PAGES];
	struct worker w;
	struct tracker t;
	pid_t tracker;

	worker_start(&w, area);
	tracker = fork();
	if (!tracker) {
		tracker_open(&t, w.pid, OOH_KIND_EPML, 64);
		call(t.fd, OOH_IOC_START, NULL);
		pause();
	}
	usleep(300000);
	kill(tracker, SIGKILL);
	waitpid(tracker, NULL, 0);
	check(tell(&w, 'w'), "the process goes on when its tracker is killed");
	tracker_open(&t, w.pid, OOH_KIND_EPML, 64);
	call(t.fd, OOH_IOC_START, NULL);
	tell(&w, 'h');
	check(collect(&t, area, PAGES, seen) == PAGES / 2, "and can be tracked again");
	tracker_close(&t);
	worker_end(&w);
	munmap(area, PAGES * PAGE);
}

static void unload(void)
{
	uint8_t *area = map_pages(PAGES), seen[PAGES];
	struct tracker t;

	tracker_open(&t, getpid(), OOH_KIND_EPML, 64);
	call(t.fd, OOH_IOC_START, NULL);
	check(syscall(SYS_delete_module, "ooh", O_NONBLOCK) && errno == EWOULDBLOCK,
	      "the module stays while something is tracked");
	tracker_close(&t);
	if (!check(!syscall(SYS_delete_module, "ooh", O_NONBLOCK), "it can be removed afterwards"))
		return;
	if (!check(!load_module("ooh", ""), "and loaded again"))
		return;
	usleep(100000);
	tracker_open(&t, getpid(), OOH_KIND_EPML, 64);
	call(t.fd, OOH_IOC_START, NULL);
	write_pages(area, PAGES, NULL, 1);
	check(collect(&t, area, PAGES, seen) == PAGES, "and tracks");
	tracker_close(&t);
	munmap(area, PAGES * PAGE);
}

void test_life(void)
{
	ends('x', 1, "exit");
	ends('k', 1, "kill");
	ends('e', 2, "exec");
	isolated();
	fork_is_not_tracked();
	tracker_killed();
	unload();
}
