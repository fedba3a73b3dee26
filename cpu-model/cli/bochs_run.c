/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One run of Bochs as a child process in a process group of its own. Its standard output comes
 * through a pipe; everything else that it writes goes to files in the run's directory.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bochs_dir.h"
#include "bochs_run.h"

#define MAX_CHILDREN	64
#define LINE_SIZE	512
#define SHUTDOWN_MS	5000	/* from the ROM's last line to the end of Bochs */

struct run {
	const struct bochs_options *o;
	struct bochs_dir dir;
	bochs_line_fn *line;
	void *ctx;
	pid_t child;
	int out;
	char buf[LINE_SIZE];
	size_t used;
	int status;		/* of the child, when it has ended */
	bool complete;		/* the last line of the ROM was seen */
	long deadline;		/* ms */
};

/* ---- Signals ---- */

/* Shared with the handler and between threads: atomics without locks. */
static atomic_int children[MAX_CHILDREN];
static atomic_int stop_signal;
static const int signals[] = { SIGINT, SIGTERM, SIGHUP };

static void on_signal(int number)
{
	stop_signal = number;
	for (int i = 0; i < MAX_CHILDREN; i++) {
		pid_t child = children[i];

		if (child)
			kill(-child, SIGKILL);
	}
}

void bochs_catch_signals(void)
{
	struct sigaction action = { .sa_handler = on_signal };

	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaction(signals[i], &action, NULL);
}

bool bochs_stopped(void)
{
	return stop_signal != 0;
}

void bochs_reraise(void)
{
	signal(stop_signal, SIG_DFL);
	raise(stop_signal);
}

static void register_child(pid_t child)
{
	for (int i = 0; i < MAX_CHILDREN; i++) {
		int none = 0;

		if (atomic_compare_exchange_strong(&children[i], &none, child))
			break;
	}
	if (stop_signal)	/* came before the child was registered */
		kill(-child, SIGKILL);
}

static void forget_child(pid_t child)
{
	for (int i = 0; i < MAX_CHILDREN; i++)
		if (children[i] == child)
			children[i] = 0;
}

/* ---- The child ---- */

/* Bochs runs in the run's directory, where bochsrc names all other files. */
static void exec_child(const struct run *r, const char *program, int out)
{
	int null = open("/dev/null", O_RDWR);
	int err = open(r->dir.errors, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		signal(signals[i], SIG_DFL);
	if (null < 0 || err < 0 || dup2(null, 0) < 0 || dup2(out, 1) < 0 || dup2(err, 2) < 0 ||
	    chdir(r->dir.path))
		_exit(127);
	execl(program, program, "-q", "-f", "bochsrc", (char *)NULL);
	dprintf(2, "%s: %s\n", program, strerror(errno));
	_exit(127);
}

static int start_child(struct run *r)
{
	char *program = realpath(r->o->program, NULL);
	int fds[2];

	if (!program || pipe2(fds, O_CLOEXEC)) {
		free(program);
		return -1;
	}
	r->child = fork();
	if (r->child == 0)
		exec_child(r, program, fds[1]);
	free(program);
	close(fds[1]);
	if (r->child < 0) {
		close(fds[0]);
		return -1;
	}
	setpgid(r->child, r->child);
	register_child(r->child);
	r->out = fds[0];
	return 0;
}

/* After the end of its output, Bochs has a moment to end by itself: its status is of interest. */
static void await_end(const struct run *r)
{
	const struct timespec moment = { .tv_nsec = 5000000 };

	for (int i = 0; i < 200; i++) {
		siginfo_t info = { .si_pid = 0 };

		if (waitid(P_PID, (id_t)r->child, &info, WEXITED | WNOHANG | WNOWAIT) ||
		    info.si_pid)
			return;
		nanosleep(&moment, NULL);
	}
}

/*
 * Nothing of the process group survives this. The handler forgets the group before its number is
 * free for others.
 */
static void end_child(struct run *r)
{
	kill(-r->child, SIGKILL);
	forget_child(r->child);
	while (waitpid(r->child, &r->status, 0) < 0 && errno == EINTR)
		;
	close(r->out);
}

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
		struct pollfd p = { .fd = r->out, .events = POLLIN };
		long left = r->deadline - now_ms();
		ssize_t n;

		if (stop_signal)
			return BOCHS_STOPPED;
		if (left <= 0)
			return r->complete ? BOCHS_DONE : BOCHS_HUNG;
		if (poll(&p, 1, (int)left) <= 0)
			continue;
		n = read(r->out, bytes, sizeof(bytes));
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
	else if (WIFSIGNALED(r->status))
		snprintf(text, size, "signal %d", WTERMSIG(r->status));
	else
		snprintf(text, size, "exit status %d", WEXITSTATUS(r->status));
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
	if (start_child(&r)) {
		snprintf(text, text_size, "cannot start %s: %s", o->program, strerror(errno));
		bochs_dir_remove(&r.dir);
		return BOCHS_FAILED;
	}
	end = read_output(&r);
	if (end == BOCHS_ENDED)
		await_end(&r);
	end_child(&r);
	if (stop_signal)
		end = BOCHS_STOPPED;
	if (end != BOCHS_DONE)
		explain(&r, end, text, text_size);
	bochs_dir_remove(&r.dir);
	return end;
}
