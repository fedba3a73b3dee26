/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Bochs as a child process in a process group of its own, of which nothing survives us.
 *
 * Children may run at the same time in several threads. SIGINT, SIGTERM and SIGHUP kill all of
 * them; the caller ends the program with bochs_reraise().
 */
#ifndef EPML_BOCHS_CHILD_H
#define EPML_BOCHS_CHILD_H

#include <stdbool.h>
#include <sys/types.h>

struct bochs_child {
	pid_t pid;
	int out;		/* read end of its standard output */
	int status;		/* as of waitpid(), when it has ended */
};

/**
 * Start Bochs in a directory that has the file bochsrc.
 * @param errors	file for what it writes to its standard error
 * @return		0, or -1 with errno set
 */
int bochs_child_start(struct bochs_child *c, const char *program, const char *directory,
		      const char *errors);

/** Give it a moment to end by itself, after the end of its output: its status is of interest. */
void bochs_child_await(const struct bochs_child *c);

/** Kill what is left of it, and set its status. */
void bochs_child_end(struct bochs_child *c);

/** Take care of signals from now on; call once, before the first child. */
void bochs_catch_signals(void);

/** Has a signal told us to end? */
bool bochs_stopped(void);

/** End the program by the signal that was caught. */
void bochs_reraise(void);

#endif
