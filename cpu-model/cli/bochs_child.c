/* SPDX-License-Identifier: BSD-2-Clause */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bochs_child.h"

#define MAX_CHILDREN	64

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
static void exec_child(const char *program, const char *directory, const char *errors, int out)
{
	int null = open("/dev/null", O_RDWR);
	int err = open(errors, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		signal(signals[i], SIG_DFL);
	if (null < 0 || err < 0 || dup2(null, 0) < 0 || dup2(out, 1) < 0 || dup2(err, 2) < 0 ||
	    chdir(directory))
		_exit(127);
	execl(program, program, "-q", "-f", "bochsrc", (char *)NULL);
	dprintf(2, "%s: %s\n", program, strerror(errno));
	_exit(127);
}

int bochs_child_start(struct bochs_child *c, const char *program, const char *directory,
		      const char *errors)
{
	char *path = realpath(program, NULL);
	int fds[2];

	if (!path || pipe2(fds, O_CLOEXEC)) {
		free(path);
		return -1;
	}
	c->pid = fork();
	if (c->pid == 0)
		exec_child(path, directory, errors, fds[1]);
	free(path);
	close(fds[1]);
	if (c->pid < 0) {
		close(fds[0]);
		return -1;
	}
	setpgid(c->pid, c->pid);
	register_child(c->pid);
	c->out = fds[0];
	return 0;
}

void bochs_child_await(const struct bochs_child *c)
{
	const struct timespec moment = { .tv_nsec = 5000000 };

	for (int i = 0; i < 200; i++) {
		siginfo_t info = { .si_pid = 0 };

		if (waitid(P_PID, (id_t)c->pid, &info, WEXITED | WNOHANG | WNOWAIT) ||
		    info.si_pid)
			return;
		nanosleep(&moment, NULL);
	}
}

/*
 * Nothing of the process group survives this. The handler forgets the group before its number is
 * free for others.
 */
void bochs_child_end(struct bochs_child *c)
{
	kill(-c->pid, SIGKILL);
	forget_child(c->pid);
	while (waitpid(c->pid, &c->status, 0) < 0 && errno == EINTR)
		;
	close(c->out);
}
