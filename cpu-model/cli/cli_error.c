/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>

#include "cli_error.h"

static const char *name = "epml";

void cli_begin(char **argv, char *command)
{
	argv[0] = command;
	name = command;
}

int cli_verror(const char *fmt, va_list ap)
{
	fprintf(stderr, "%s: ", name);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	return STATUS_BAD;
}

int cli_error(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	cli_verror(fmt, ap);
	va_end(ap);
	return STATUS_BAD;
}

int cli_bad_argument(const char *argument, const char *expected)
{
	return cli_error("bad argument \"%s\"; expected %s", argument, expected);
}
