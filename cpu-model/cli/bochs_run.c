/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One run of Bochs. Its standard output comes through a pipe; everything else that it writes goes
 * to files in the run's directory.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bochs_dir.h"
#include "bochs_run.h"

#define LINE_SIZE	512
#define SHUTDOWN_MS	5000	/* from the ROM's last line to the end of Bochs */

struct run {
	const struct bochs_options *o;
	struct bochs_dir dir;
	bochs_line_fn *line;
	void *ctx;
	struct bochs_child child;
	char buf[LINE_SIZE];
	size_t used;
	bool complete;		/* the last line of the ROM was seen */
	long deadline;		/* ms */
};

/* ---- Output ---- */

static long now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000L + t.tv_nsec / 1000000;
}

static void take_line(struct run *r)
{
	r->buf[r->used] = '\0';
	r->used = 0;
	if (r->buf[0] == 'Z' && r->buf[1] == ' ') {
		r->complete = true;
		r->deadline = now_ms() + SHUTDOWN_MS;
	}
	if (r->line(r->ctx, r->buf) && !r->complete)
		r->deadline = now_ms() + 1000L * r->o->timeout;
}

static void take_bytes(struct run *r, const char *bytes, ssize_t n)
{
	for (ssize_t i = 0; i < n; i++) {
		if (bytes[i] == '\n')
			take_line(r);
		else if (bytes[i] != '\r' && r->used < sizeof(r->buf) - 1)
			r->buf[r->used++] = bytes[i];
	}
}

/* Read until the child ends its output, hangs, or a signal comes. */
static enum bochs_end read_output(struct run *r)
{
	char bytes[4096];

	r->deadline = now_ms() + 1000L * r->o->timeout;
	for (;;) {
		struct pollfd p = { .fd = r->child.out, .events = POLLIN };
		long left = r->deadline - now_ms();
		ssize_t n;

		if (bochs_stopped())
			return BOCHS_STOPPED;
		if (left <= 0)
			return r->complete ? BOCHS_DONE : BOCHS_HUNG;
		if (poll(&p, 1, (int)left) <= 0)
			continue;
		n = read(r->child.out, bytes, sizeof(bytes));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return r->complete ? BOCHS_DONE : BOCHS_ENDED;
		take_bytes(r, bytes, n);
	}
}

static void explain(const struct run *r, enum bochs_end end, char *text, size_t size)
{
	char line[200];

	bochs_dir_telling_line(&r->dir, line, sizeof(line));
	if (end == BOCHS_HUNG)
		snprintf(text, size, "no output for %u seconds", r->o->timeout);
	else if (WIFSIGNALED(r->child.status))
		snprintf(text, size, "signal %d", WTERMSIG(r->child.status));
	else
		snprintf(text, size, "exit status %d", WEXITSTATUS(r->child.status));
	if (line[0])
		snprintf(text + strlen(text), size - strlen(text), " (Bochs: %s)", line);
}

enum bochs_end bochs_run(const struct bochs_options *o, const void *image, size_t size,
			 bochs_line_fn *line, void *ctx, char *text, size_t text_size)
{
	struct run r = { .o = o, .line = line, .ctx = ctx };
	enum bochs_end end;

	if (bochs_dir_make(&r.dir, o, image, size, text, text_size))
		return BOCHS_FAILED;
	if (bochs_child_start(&r.child, o->program, r.dir.path, r.dir.errors)) {
		snprintf(text, text_size, "cannot start %s: %s", o->program, strerror(errno));
		bochs_dir_remove(&r.dir);
		return BOCHS_FAILED;
	}
	end = read_output(&r);
	if (end == BOCHS_ENDED)
		bochs_child_await(&r.child);
	bochs_child_end(&r.child);
	if (bochs_stopped())
		end = BOCHS_STOPPED;
	if (end != BOCHS_DONE)
		explain(&r, end, text, text_size);
	bochs_dir_remove(&r.dir);
	return end;
}
