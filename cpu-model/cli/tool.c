/* SPDX-License-Identifier: BSD-2-Clause */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bochs_run.h"
#include "tool.h"

#define POLL_NS	5000000

static int start(const char *const argv[], const char *output, pid_t *child)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attributes;
	int error;

	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&files, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	posix_spawn_file_actions_adddup2(&files, 1, 2);
	/* A process group of its own: the compiler driver has children too. */
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
	posix_spawnattr_setpgroup(&attributes, 0);
	setenv("LC_ALL", "C", 1);
	/* It does not write to the arguments; the cast is how C says so. */
	error = posix_spawnp(child, argv[0], &files, &attributes, (char *const *)argv, environ);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&files);
	return error;
}

/* Polling leaves no moment in which a signal is missed. */
static int wait_for(pid_t child)
{
	const struct timespec pause = { .tv_nsec = POLL_NS };
	int status = 0;
	pid_t ended;

	while ((ended = waitpid(child, &status, WNOHANG)) == 0 || (ended < 0 && errno == EINTR)) {
		if (bochs_stopped())
			kill(-child, SIGKILL);
		nanosleep(&pause, NULL);
	}
	return ended < 0 ? -1 : status;
}

int tool_run(const char *const argv[], const char *output, char *text, size_t size)
{
	pid_t child;
	int status = start(argv, output, &child);

	if (status) {
		snprintf(text, size, "epml: cannot run %s: %s", argv[0],
			 status == ENOENT ? "it is not installed, or not in PATH"
					  : strerror(status));
		return -1;
	}
	status = wait_for(child);
	if (status < 0 || !WIFEXITED(status)) {
		snprintf(text, size, "epml: %s was ended by a signal", argv[0]);
		return -1;
	}
	return WEXITSTATUS(status);
}
