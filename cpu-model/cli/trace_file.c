/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "trace_file.h"
#include "vecimg.h"

#define DIGITS 16	/* of an address in the trace */

/* The address after " gva " or " gpa " in @p line, if it is one of the system alias. */
static const char *alias_address(const char *line, const char *name)
{
	const char *at = strstr(line, name);
	uint64_t address;

	if (!at || sscanf(at + strlen(name), "%" SCNx64, &address) != 1)
		return NULL;
	if (address < W_ALIAS || address >= W_ALIAS + W_RAM_SIZE)
		return NULL;
	return at + strlen(name);
}

void trace_line(FILE *out, const char *line)
{
	/* in the order of an exit */
	static const char *const names[] = { " gpa ", " gva " };
	const char *from = line;

	if (!strncmp(line, "ept ", 4) && alias_address(line, " gva "))
		return;
	for (unsigned i = 0; i < 2; i++) {
		const char *address = alias_address(from, names[i]);

		if (!address)
			continue;
		fprintf(out, "%.*s%*s", (int)(address - from), from, DIGITS, "harness");
		from = address + DIGITS;
	}
	fprintf(out, "%s\n", from);
}
