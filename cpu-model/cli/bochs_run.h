/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One run of Bochs: the ROM with a vector image, in a private directory that is gone afterwards.
 *
 * Runs may go on at the same time in several threads. When a signal ends them (bochs_child.h),
 * every run returns BOCHS_STOPPED.
 */
#ifndef EPML_BOCHS_RUN_H
#define EPML_BOCHS_RUN_H

#include <stdbool.h>
#include <stddef.h>

#include "bochs_child.h"

struct bochs_options {
	const char *program;
	const char *rom;		/* rom.bin */
	const char *epml;		/* bochsrc line after "epml: ", NULL for stock Bochs */
	bool trace_lines;		/* the model's trace comes as lines that begin with "t " */
	unsigned timeout;		/* seconds without progress after which Bochs hangs */
};

enum bochs_end {
	BOCHS_DONE,		/* the ROM came to its end */
	BOCHS_ENDED,		/* Bochs ended before that */
	BOCHS_HUNG,		/* no progress; Bochs was killed */
	BOCHS_STOPPED,		/* a signal told us to end */
	BOCHS_FAILED,		/* it could not be started */
};

/**
 * Receiver of one line of output, without newline.
 * @return	true if the line is progress, which restarts the timeout
 */
typedef bool bochs_line_fn(void *ctx, const char *line);

/**
 * Run Bochs.
 * @param image	vector image (vecimg.h), at most ROMIMAGE_MAX_VECTORS bytes
 * @param text	set to why, unless the result is BOCHS_DONE
 */
enum bochs_end bochs_run(const struct bochs_options *o, const void *image, size_t size,
			 bochs_line_fn *line, void *ctx, char *text, size_t text_size);

#endif
