/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "asm_trace.h"
#include "epml-spec.h"
#include "vecimg.h"

#define LINE_SIZE 300

/* An access that the ROM made, or the program to its stack, which is the ROM's too. */
static bool is_rom_access(const char *line)
{
	const char *gva = strstr(line, " gva ");

	return gva && strtoull(gva + 5, NULL, 16) - W_ALIAS < W_SYS_END;
}

static bool is_vmcall(const char *line)
{
	unsigned reason;

	return sscanf(line, "exit reason %u", &reason) == 1 && reason == EPML_REASON_VMCALL;
}

bool asm_trace_copy(FILE *out, const char *from, bool rom_ended)
{
	FILE *in = fopen(from, "re");
	char line[LINE_SIZE], held[LINE_SIZE] = "";
	bool good;

	if (!in)
		return false;
	/* A VMCALL is held back until it turns out not to be the last line. */
	while (fgets(line, sizeof(line), in)) {
		if (is_rom_access(line))
			continue;
		fputs(held, out);
		held[0] = '\0';
		if (rom_ended && is_vmcall(line))
			memcpy(held, line, sizeof(held));
		else
			fputs(line, out);
	}
	good = !ferror(in);
	fclose(in);
	return good && !ferror(out);
}
