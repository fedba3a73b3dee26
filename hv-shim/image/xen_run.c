/* SPDX-License-Identifier: BSD-2-Clause */
/* One boot: Bochs as a child, its serial line, and what becomes of it. */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bochs_child.h"
#include "bochs_dir.h"
#include "cli_error.h"
#include "newfile.h"
#include "xen_attach.h"
#include "xen_console.h"
#include "xen_dir.h"
#include "xen_serial.h"
#include "xen_terminal.h"

#define SHELL_PHASE	"shell"
#define POWER_OFF	"ACPI control: soft power off"	/* how Bochs ends in ACPI state S5 */
#define END_OF_INPUT	"\4"				/* Ctrl-D */
#define IN_LINE		100u	/* show(): not at the start of a line */
#define WAIT_FACTOR	10u	/* times the limit, in which Bochs takes no time */
#define LOOK_MS		200	/* between looks at the clocks */

enum boot_end { BOOT_ENDED, BOOT_HUNG, BOOT_STOPPED };

struct boot {
	const struct xen_job *job;
	struct xen_dir dir;
	struct xen_serial serial;
	struct xen_attach attach;
	struct xen_console console;
	struct xen_terminal terminal;
	struct bochs_child child;
	double progress, cpu;	/* when there was some, and Bochs's own time then */
	bool input;		/* standard input has not ended */
	unsigned held;		/* first bytes of a line that may become a mark, or IN_LINE */
};

/* ---- The shell ------------------------------------------------------------------------------- */

static bool in_shell(const struct boot *b)
{
	return b->job->shell && !strcmp(b->console.phase, SHELL_PHASE);
}

/* The guest's terminal is ours, but for lines with marks, which are for the console. */
static void show(struct boot *b, char byte)
{
	static const char mark[] = { 'E', 'P', 'M', 'L', '-' };

	if (b->held < sizeof(mark)) {
		if (byte == mark[b->held]) {
			b->held++;
			return;
		}
		fwrite(mark, 1, b->held, stdout);
		b->held = IN_LINE;
	}
	if (b->held == IN_LINE)
		putchar(byte);
	if (byte == '\n')
		b->held = 0;
}

static void begin_shell(struct boot *b)
{
	fprintf(stderr, "Ctrl-D or \"exit\" powers off.\n");
	xen_terminal_raw(&b->terminal);
	b->input = true;
}

static void take_input(struct boot *b)
{
	char bytes[256];
	const size_t room = xen_serial_room(&b->serial);
	const ssize_t n = read(STDIN_FILENO, bytes, room < sizeof(bytes) ? room : sizeof(bytes));

	if (n > 0) {
		xen_serial_queue(&b->serial, bytes, (size_t)n);
	} else if (n == 0 || errno != EINTR) {
		xen_serial_queue(&b->serial, END_OF_INPUT, 1);
		b->input = false;
	}
}

/* ---- While it runs --------------------------------------------------------------------------- */

static void take_output(struct boot *b, const char *bytes, ssize_t n)
{
	xen_attach_send(&b->attach, bytes, (size_t)n);
	for (ssize_t i = 0; i < n; i++) {
		const bool shell = in_shell(b);

		if (shell)
			show(b, bytes[i]);
		xen_console_take(&b->console, bytes + i, 1);
		if (!shell && in_shell(b))
			begin_shell(b);
	}
	if (in_shell(b))
		fflush(stdout);
}

/* @return	whether there was any */
static bool read_serial(struct boot *b)
{
	char bytes[4096];
	const ssize_t n = read(b->serial.master, bytes, sizeof(bytes));

	if (n > 0)
		take_output(b, bytes, n);
	return n > 0;
}

/* Bochs prints a banner; nobody reads it. */
static bool output_has_ended(const struct boot *b)
{
	char bytes[4096];
	const ssize_t n = read(b->child.out, bytes, sizeof(bytes));

	return n == 0 || (n < 0 && errno != EINTR);
}

static double cpu_seconds(const struct boot *b)
{
	struct timespec t = { .tv_sec = 0 };
	clockid_t clock;

	if (!clock_getcpuclockid(b->child.pid, &clock))
		clock_gettime(clock, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/*
 * The limit is Bochs's own time, since the machine may be busy. A Bochs that takes none does not
 * come to an end either.
 */
static bool is_hung(struct boot *b)
{
	const unsigned limit = b->job->limit ? b->job->limit : XEN_LIMIT;
	const double cpu = cpu_seconds(b);

	if (b->progress != b->console.progress) {
		b->progress = b->console.progress;
		b->cpu = cpu;
	}
	if (in_shell(b))
		return false;
	return cpu - b->cpu > limit || xen_seconds() - b->progress > WAIT_FACTOR * limit;
}

static void drain_serial(struct boot *b)
{
	struct pollfd fd = { .fd = b->serial.master, .events = POLLIN };

	while (poll(&fd, 1, 0) > 0 && (fd.revents & POLLIN) && read_serial(b))
		;
}

static enum boot_end serve(struct boot *b)
{
	enum { CHILD, SERIAL, INPUT, ATTACH, FDS = ATTACH + 1 + XEN_CLIENTS };

	for (;;) {
		const int wait = xen_serial_flush(&b->serial);
		struct pollfd fds[FDS] = {
			[CHILD] = { .fd = b->child.out, .events = POLLIN },
			[SERIAL] = { .fd = b->serial.master, .events = POLLIN },
			[INPUT] = { .fd = b->input && xen_serial_room(&b->serial) ? STDIN_FILENO
										 : -1,
				    .events = POLLIN },
		};

		if (bochs_stopped())
			return BOOT_STOPPED;
		if (is_hung(b))
			return BOOT_HUNG;
		xen_attach_poll(&b->attach, fds + ATTACH);
		if (poll(fds, FDS, wait >= 0 && wait < LOOK_MS ? wait : LOOK_MS) <= 0)
			continue;
		if (fds[SERIAL].revents & POLLIN)
			read_serial(b);
		if (fds[INPUT].revents)
			take_input(b);
		xen_attach_serve(&b->attach, fds + ATTACH, &b->serial, &b->console);
		if (fds[CHILD].revents && output_has_ended(b)) {
			drain_serial(b);
			return BOOT_ENDED;
		}
	}
}

/* ---- What became of it ----------------------------------------------------------------------- */

static int fail(const struct boot *b, const char *text)
{
	const char *phase = b->console.error[0] ? b->console.error_phase : b->console.phase;

	cli_error("%s in phase \"%s\"; the last lines of the console:", text, phase);
	xen_console_print_last(&b->console, stderr);
	return STATUS_FAILED;
}

static int check_guests(const struct boot *b)
{
	const unsigned wanted = b->job->command && !b->job->dom0_script ? xen_guests(b->job) : 0;

	if (b->console.failed) {
		cli_error("%s", b->console.failure);
		return STATUS_FAILED;
	}
	if (b->console.ended < wanted)
		return fail(b, "a guest has ended before its command");
	return 0;
}

static int verdict(const struct boot *b, enum boot_end end)
{
	char last[300], text[400];

	bochs_telling_line(b->dir.errors, last, sizeof(last));
	if (!last[0])
		bochs_telling_line(b->dir.log, last, sizeof(last));
	if (end == BOOT_STOPPED || bochs_stopped())
		return STATUS_FAILED;
	if (end == BOOT_HUNG) {
		snprintf(text, sizeof(text), "no progress for %u seconds",
			 b->job->limit ? b->job->limit : XEN_LIMIT);
		return fail(b, text);
	}
	if (b->console.error[0])
		return fail(b, b->console.error);
	if (!strstr(last, POWER_OFF)) {
		snprintf(text, sizeof(text), "Bochs has ended (%s)", last);
		return fail(b, text);
	}
	return check_guests(b);
}

/* ---- The whole ------------------------------------------------------------------------------- */

/* Copy a result out of the directory, if the job asks for it. */
static int keep_file(const struct boot *b, const char *name, const char *path)
{
	char from[XEN_DIR_FILE];
	struct newfile file;
	FILE *in;
	int c;

	if (!path)
		return 0;
	snprintf(from, sizeof(from), "%s/%s", b->dir.path, name);
	in = fopen(from, "re");
	if (!in)
		return cli_error("Bochs has not written %s: %s", name, strerror(errno));
	if (newfile_open(&file, path)) {
		fclose(in);
		return cli_error("%s: %s", path, strerror(errno));
	}
	while ((c = getc(in)) != EOF)
		putc(c, file.out);
	fclose(in);
	return newfile_close(&file, true) ? cli_error("%s: %s", path, strerror(errno)) : 0;
}

static int run_bochs(struct boot *b, const struct xen_job_ops *ops, void *ctx)
{
	enum boot_end end;
	int status;

	if (bochs_child_start(&b->child, xen_job_bochs(b->job), b->dir.path, b->dir.errors))
		return cli_error("%s: %s", xen_job_bochs(b->job), strerror(errno));
	xen_console_begin(&b->console, ops, ctx);
	b->console.log = fopen(b->dir.console, "we");
	if (b->console.log)
		setlinebuf(b->console.log);
	xen_attach_open(&b->attach, &b->dir);
	end = serve(b);
	if (end == BOOT_ENDED)
		bochs_child_await(&b->child);
	bochs_child_end(&b->child);
	xen_terminal_restore(&b->terminal);
	xen_attach_close(&b->attach);
	xen_console_end(&b->console);
	status = verdict(b, end);
	if (b->console.log)
		fclose(b->console.log);
	xen_console_free(&b->console);
	return status;
}

int xen_job_run(const struct xen_job *job, const struct xen_job_ops *ops, void *ctx)
{
	struct boot b = { .job = job };
	int status = xen_serial_open(&b.serial);

	if (status)
		return status;
	status = xen_dir_make(&b.dir, job, b.serial.name);
	if (!status) {
		status = run_bochs(&b, ops, ctx);
		if (!status)
			status = keep_file(&b, "timing.json", job->timing_out);
		if (!status)
			status = keep_file(&b, "trace", job->trace);
		xen_dir_remove(&b.dir);
	}
	xen_serial_close(&b.serial);
	return status;
}
