/* SPDX-License-Identifier: BSD-2-Clause */
/* epml asm --timing: the cycles of a program. */
#ifndef EPML_ASM_TIMING_H
#define EPML_ASM_TIMING_H

#include <jansson.h>
#include <stdio.h>

#include "paths.h"
#include "timing_result.h"

struct asm_timing {
	enum timing_mode mode;		/* TIMING_OFF: not wanted */
	const char *costs;		/* name or file, or NULL */
	char *file;			/* the costs file, as Bochs finds it */
	const char *save, *timeline;	/* files that are wanted, or NULL */
	char *output, *events;		/* what Bochs writes */
	struct timing_result result;
};

/** Value of --timing. @return 0, or STATUS_BAD after one line on standard error */
int asm_timing_mode(struct asm_timing *t, const char *text);

/**
 * Before the run: find and check the costs.
 * @param directory	for files of the run
 * @return		as asm_timing_mode()
 */
int asm_timing_begin(struct asm_timing *t, const struct paths *paths, const char *directory);

/** What Bochs's option gets for it, to be freed: ", timing=...", or "". */
char *asm_timing_option(const struct asm_timing *t);

/** After the run: read the result, and keep what is wanted. @return as asm_timing_mode() */
int asm_timing_read(struct asm_timing *t);
void asm_timing_free(struct asm_timing *t);

/** Cycles of each phase but that of the ROM, by cause. */
void asm_timing_print(FILE *out, const struct asm_timing *t);
json_t *asm_timing_json(const struct asm_timing *t);

#endif
