/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Stop all threads of a process with ptrace, and let them go on. Signals that arrive meanwhile are
 * delivered afterwards; a process that was stopped by a signal before stays so.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>
#include "internal.h"

/* Wait until a thread that is traced has stopped. *signal: of a stop because of a signal, which
 * still has to be delivered; else 0, or SIGTRAP | 80H at a system call. */
int ooh_wait_for_stop(struct ooh *o, pid_t tid, int *signal)
{
	siginfo_t info;
	int result;

	do {
		/* Without WEXITED, so that the caller's own child is not reaped here. */
		result = waitid(P_PID, (id_t)tid, &info, WSTOPPED | __WALL);
		o->stats.system_calls++;
	} while (result < 0 && errno == EINTR);
	if (result < 0)
		return -ESRCH;
	*signal = info.si_status >> 8 == PTRACE_EVENT_STOP ? 0 : info.si_status;
	return 0;
}

/* Interrupt a thread; signals that come before are delivered. */
static int interrupt(struct ooh *o, pid_t tid)
{
	int signal, error = ooh_sys_ptrace(o, PTRACE_INTERRUPT, tid, NULL, NULL);

	while (!error) {
		error = ooh_wait_for_stop(o, tid, &signal);
		if (error || !signal)
			return error;
		error = ooh_sys_ptrace(o, PTRACE_CONT, tid, NULL, (void *)(long)signal);
	}
	return error;
}

/* State and parent of a thread; false if there is no such thread any more. */
static bool read_stat(const struct ooh *o, pid_t tid, char *state, int *parent)
{
	char path[64], line[256];
	const char *after;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/stat", (int)o->pid, (int)tid);
	f = fopen(path, "re");
	if (!f)
		return false;
	/* The name, which comes before, may contain anything. */
	after = fgets(line, sizeof(line), f) ? strrchr(line, ')') : NULL;
	fclose(f);
	return after && sscanf(after + 1, " %c %d", state, parent) == 2;
}

static bool is_dead(const struct ooh *o, pid_t tid)
{
	char state;
	int parent;

	return !read_stat(o, tid, &state, &parent) || state == 'Z' || state == 'X';
}

/* A thread that ended while it was traced. Its parent hears of it when the tracer has waited for
 * it; but if we are the parent, it is the caller who waits. */
static void reap(struct ooh *o, pid_t tid)
{
	siginfo_t info;
	char state;
	int parent;

	if (tid == o->pid && read_stat(o, tid, &state, &parent) && parent == getpid())
		return;
	waitid(P_PID, (id_t)tid, &info, WEXITED | WNOHANG | __WALL);
}

static bool is_known(const struct stopped *stopped, pid_t tid)
{
	for (size_t i = 0; i < stopped->n; i++)
		if (stopped->tid[i] == tid)
			return true;
	return false;
}

static int reserve(struct ooh *o, struct stopped *stopped)
{
	size_t room = stopped->room ? 2 * stopped->room : 16;
	pid_t *tid;

	if (stopped->n < stopped->room)
		return 0;
	tid = realloc(stopped->tid, room * sizeof(*tid));
	if (!tid)
		return ooh_fail(o, ENOMEM, "no memory for %zu threads", room);
	stopped->tid = tid;
	stopped->room = room;
	return 0;
}

/* 1: stopped; 0: it ended before. */
static int stop_thread(struct ooh *o, struct stopped *stopped, pid_t tid)
{
	int error = reserve(o, stopped);

	if (error)
		return error;
	error = ooh_sys_ptrace(o, PTRACE_SEIZE, tid, NULL, (void *)PTRACE_O_TRACESYSGOOD);
	if (error && is_dead(o, tid))
		return 0;
	if (error)
		return ooh_fail(o, -error,
				"thread %d of process %d can't be traced (is it traced already?): "
				"%s",
				(int)tid, (int)o->pid, strerror(-error));
	if (interrupt(o, tid)) {
		reap(o, tid);
		return 0;
	}
	stopped->tid[stopped->n++] = tid;
	return 1;
}

/* Stop the threads that are not yet; the result is their number. */
static int stop_new(struct ooh *o, struct stopped *stopped)
{
	int n = 0, result = 0;
	char path[64];
	DIR *task;

	snprintf(path, sizeof(path), "/proc/%d/task", (int)o->pid);
	task = opendir(path);
	if (!task)
		return ooh_fail_ended(o);
	for (struct dirent *entry; result >= 0 && (entry = readdir(task));) {
		pid_t tid = atoi(entry->d_name);

		if (tid <= 0 || is_known(stopped, tid))
			continue;
		result = stop_thread(o, stopped, tid);
		n += result > 0;
	}
	closedir(task);
	return result < 0 ? result : n;
}

int ooh_stop_threads(struct ooh *o, struct stopped *stopped)
{
	int n;

	*stopped = (struct stopped){0};
	if (ooh_process_gone(o))
		return ooh_fail_ended(o);
	/* A thread that runs can make others until it is stopped. */
	do
		n = stop_new(o, stopped);
	while (n > 0);
	if (n == 0 && stopped->n == 0)
		n = ooh_fail_ended(o);
	if (n < 0)
		ooh_continue_threads(o, stopped);
	return n;
}

void ooh_continue_threads(struct ooh *o, struct stopped *stopped)
{
	for (size_t i = 0; i < stopped->n; i++)
		if (ooh_sys_ptrace(o, PTRACE_DETACH, stopped->tid[i], NULL, NULL))
			reap(o, stopped->tid[i]);
	free(stopped->tid);
	*stopped = (struct stopped){0};
}
