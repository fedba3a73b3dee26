/* SPDX-License-Identifier: BSD-2-Clause */
/* epml timing micro: the micro-operations of the ROM on Bochs, and their table. */
#ifndef EPML_TIMING_MICRO_CMD_H
#define EPML_TIMING_MICRO_CMD_H

#include "../timing/micro.h"
#include "paths.h"
#include "table.h"

/* Results of the runs that were asked for. */
struct micro_results {
	bool has[MICRO_RUNS];
	struct timing_result run[MICRO_RUNS];
};

/**
 * Run the ROM on Bochs with each set of design parameters that @p m wants (has), or read what
 * earlier runs have left.
 * @param costs		file
 * @param mode		TIMING_EVENTS or TIMING_FULL
 * @param output	directory that keeps the results, or NULL
 * @return		0, or STATUS_BAD after one line on standard error, with nothing to free
 */
int micro_run_all(struct micro_results *m, const struct paths *paths, const char *costs,
		  enum timing_mode mode, const char *output);

/** Read results from a directory. @param costs other prices, or NULL. As micro_run_all(). */
int micro_read_all(struct micro_results *m, const char *directory,
		   const struct timing_processor *costs);

void micro_free_all(struct micro_results *m);

/** The first of the runs that were asked for. */
const struct timing_result *micro_first(const struct micro_results *m);

/**
 * Table of the operations beside published figures.
 * @param t	to be freed; on failure there is nothing to free
 * @return	0, or STATUS_BAD after one line on standard error
 */
int micro_table(struct table *t, const struct micro_results *m, const struct micro_published *p,
		enum table_format format);

/** Table of the published formulas on the ROM's tracker. As micro_table(). */
int micro_formulas_table(struct table *t, const struct micro_results *m);

/** The command. */
int cmd_timing_micro(int argc, char **argv);

#endif
