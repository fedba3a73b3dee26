/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdlib.h>

#include "options.h"

int parse_number(const char *option, const char *text, uint64_t min, uint64_t max, uint64_t *n)
{
	char *end;

	errno = 0;
	*n = strtoull(text, &end, 10);
	if (*text < '0' || *text > '9' || *end || errno || *n < min || *n > max)
		return cli_error("--%s %s: expected a number from %llu to %llu", option, text,
				 (unsigned long long)min, (unsigned long long)max);
	return 0;
}
