/* SPDX-License-Identifier: BSD-2-Clause */
/* What comes over the serial line, line by line: phases, results, and how guests have ended. */
#ifndef EPML_XEN_CONSOLE_H
#define EPML_XEN_CONSOLE_H

#include <stdbool.h>
#include <stdio.h>

#include "xen_job.h"

#define XEN_LAST_LINES	10u

struct xen_console {
	const struct xen_job_ops *ops;
	void *ctx;
	FILE *log;			/* takes everything, or NULL */

	char *line;			/* that has begun */
	size_t used, size;
	char *last[XEN_LAST_LINES];	/* a ring */
	unsigned n_lines;

	char phase[80];
	double phase_begin;		/* seconds */
	double progress;		/* when there was some */

	char error[200];		/* "" or why dom0 gave up */
	char error_phase[80];
	unsigned ended;			/* guests whose command has ended */
	unsigned failed;		/* of these, with another status than 0 */
	char failure[120];		/* of the last one of these */
};

/** Seconds of a clock that only goes on. */
double xen_seconds(void);

/** Begin, in the first phase. */
void xen_console_begin(struct xen_console *c, const struct xen_job_ops *ops, void *ctx);

/** Take what has come. */
void xen_console_take(struct xen_console *c, const char *bytes, size_t n);

/** The last phase has ended, and with it the last line. */
void xen_console_end(struct xen_console *c);

/** Print the last lines. */
void xen_console_print_last(const struct xen_console *c, FILE *out);

void xen_console_free(struct xen_console *c);

#endif
