/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ooh-track: run any program and tell which pages it modifies, by a technique of OoH Lib. The
 * program is stopped while its pages are collected, so that an oracle, which compares contents,
 * can say whether the technique has told the truth.
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "options.h"
#include "track.h"

static const char usage[] =
	"usage: ooh-track [OPTION]... [--] PROGRAM [ARGUMENT]...\n"
	"\n"
	"Run PROGRAM and print how many of its pages it modifies in each interval.\n"
	"\n"
	"  --technique T    proc (default), ufd, ufd-async, spml, spml-indexed, epml or oracle\n"
	"  --interval MS    length of an interval, default 100\n"
	"  --result         print an EPML-RESULT line at the end\n"
	"  --help           print this\n"
	"\n"
	"Exit status: that of PROGRAM, 128 and the signal if one ended it; 2 for bad options, or\n"
	"if it could not be started or tracked.\n";

struct options {
	enum ooh_technique technique;
	unsigned interval;
	bool result, help;
	char **program;
};

static int parse_option(int option, struct options *o)
{
	uint64_t n;

	switch (option) {
	case 't':
		if (ooh_technique_by_name(optarg, &o->technique))
			return cli_error("--technique %s: there is no such technique", optarg);
		return 0;
	case 'i':
		if (parse_number("interval", optarg, 1, 60000, &n))
			return STATUS_BAD;
		o->interval = (unsigned)n;
		return 0;
	case 'r':
		o->result = true;
		return 0;
	case 'h':
		o->help = true;
		return 0;
	default:
		/* getopt has printed what is wrong. */
		return STATUS_BAD;
	}
}

static int parse_options(int argc, char **argv, struct options *o)
{
	static const struct option options[] = {
		{ "technique", required_argument, NULL, 't' },
		{ "interval", required_argument, NULL, 'i' },
		{ "result", no_argument, NULL, 'r' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	static char name[] = "ooh-track";
	int option;

	cli_begin(argv, name);
	/* "+": options behind PROGRAM are its own. */
	while ((option = getopt_long(argc, argv, "+", options, NULL)) >= 0)
		if (parse_option(option, o))
			return STATUS_BAD;
	o->program = argv + optind;
	return o->help || *o->program ? 0 : cli_error("expected a program; see --help");
}

/* ---- The program's life ------------------------------------------------------------------ */

/* Start it, stopped before its first instruction. @return its process id, or -1 */
static pid_t start(char **program)
{
	const pid_t pid = fork();
	int status;

	if (!pid) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		execvp(program[0], program);
		_exit(errno == ENOENT ? 127 : 126);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -1;
	if (!WIFSTOPPED(status) || ptrace(PTRACE_DETACH, pid, NULL, SIGSTOP)) {
		errno = WIFEXITED(status) && WEXITSTATUS(status) == 127 ? ENOENT : ENOEXEC;
		return -1;
	}
	return pid;
}

/* @return	1: stopped, 0: it has ended with *status */
static int await_stop(pid_t pid, int *status)
{
	while (waitpid(pid, status, WUNTRACED) < 0 && errno == EINTR)
		continue;
	return WIFSTOPPED(*status);
}

static void pass_time(unsigned ms)
{
	const struct timespec t = { ms / 1000, ms % 1000 * 1000000l };

	nanosleep(&t, NULL);
}

static int exit_status(int status)
{
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* ---- Intervals --------------------------------------------------------------------------- */

static void print_interval(unsigned i, const struct totals *t)
{
	printf("interval %u: %" PRIu64 " pages changed, %" PRIu64 " reported, %" PRIu64
	       " missed, %" PRIu64 " reported but unchanged, %" PRIu64 " new\n", i, t->changed,
	       t->reported, t->missed, t->unchanged, t->fresh);
}

static void add(struct totals *sum, const struct totals *t)
{
	sum->changed += t->changed;
	sum->reported += t->reported;
	sum->missed += t->missed;
	sum->unchanged += t->unchanged;
	sum->fresh += t->fresh;
}

static void print_result(const struct options *o, unsigned intervals, const struct totals *t)
{
	printf("EPML-RESULT {\"run\": \"track\", \"technique\": \"%s\", \"intervals\": %u, "
	       "\"dirty\": %" PRIu64 ", \"reported\": %" PRIu64 ", \"missed\": %" PRIu64
	       ", \"unchanged\": %" PRIu64 ", \"new\": %" PRIu64 "}\n",
	       ooh_technique_name(o->technique), intervals, t->changed, t->reported, t->missed,
	       t->unchanged, t->fresh);
}

/* Mappings that go between two intervals take their last changes with them. */
static int interval(struct watches *w, struct totals *t)
{
	uint64_t fresh;

	if (watches_drop(w) || watches_collect(w, t) || watches_add(w, &fresh))
		return -1;
	t->fresh += fresh;
	return 0;
}

/* The program is stopped at the beginning. @return 0 with *status set, or -1 */
static int track(const struct options *o, struct watches *w, int *status)
{
	struct totals sum = { .changed = 0 };
	unsigned n = 0;

	await_stop(w->pid, status);
	if (watches_add(w, &sum.fresh))
		return -1;
	for (;;) {
		struct totals t = { .changed = 0 };

		kill(w->pid, SIGCONT);
		pass_time(o->interval);
		kill(w->pid, SIGSTOP);
		if (!await_stop(w->pid, status))
			break;
		if (interval(w, &t))
			return -1;
		print_interval(++n, &t);
		add(&sum, &t);
	}
	printf("%u intervals: the pages of the last one went with the program\n", n);
	if (o->result)
		print_result(o, n, &sum);
	return 0;
}

int main(int argc, char **argv)
{
	struct options o = { .technique = OOH_PROC, .interval = 100 };
	struct watches w = { .n = 0 };
	int status = parse_options(argc, argv, &o);

	if (status)
		return status;
	if (o.help) {
		fputs(usage, stdout);
		return 0;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	w.technique = o.technique;
	w.pid = start(o.program);
	if (w.pid < 0)
		return cli_error("%s: %s", o.program[0], strerror(errno));
	if (track(&o, &w, &status)) {
		kill(w.pid, SIGKILL);
		waitpid(w.pid, NULL, 0);
		watches_free(&w);
		return cli_error("%s", w.error);
	}
	watches_free(&w);
	return exit_status(status);
}
