/* SPDX-License-Identifier: BSD-2-Clause */
/* Exit statuses, and the one line on standard error that stands for what went wrong. */
#ifndef EPML_CLI_ERROR_H
#define EPML_CLI_ERROR_H

#include <stdarg.h>

enum {
	STATUS_FAILED = 1,	/* the work was done, its result is not good */
	STATUS_BAD = 2,		/* bad input, or something is missing */
};

/** Name the command that runs, for the lines printed here and for getopt's: sets argv[0]. */
void cli_begin(char **argv, char *command);

/**
 * Print "COMMAND: text" on standard error.
 * @return	STATUS_BAD
 */
int cli_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
int cli_verror(const char *fmt, va_list ap) __attribute__((format(printf, 1, 0)));

/** As cli_error(): the argument is bad, this was expected. */
int cli_bad_argument(const char *argument, const char *expected);

#endif
