/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The result of a run: counters by processor, phase and cost, with the prices that they were
 * counted with. docs/timing.md describes the file.
 */
#ifndef EPML_TIMING_RESULT_H
#define EPML_TIMING_RESULT_H

#include <stdio.h>

#include "timing.h"

#ifdef __cplusplus
extern "C" {
#endif

#define TIMING_PHASE_NAME	48

struct timing_result_phase {
	unsigned id;
	char name[TIMING_PHASE_NAME];
	uint64_t count[TIMING_N_COSTS];
};

struct timing_result_cpu {
	unsigned id;
	uint64_t insns, clock, idle;	/* clock and idle in millicycles, at likely prices */
	unsigned n_phases;
	struct timing_result_phase *phases;	/* those in which something was counted */
};

struct timing_result {
	struct timing_processor processor;
	uint64_t hash;			/* of the processor, as counted */
	enum timing_mode mode;
	unsigned n_cpus;
	struct timing_result_cpu *cpus;
};

/** Millicycles at each price. */
struct timing_cycles {
	uint64_t milli[TIMING_BOUNDS];
};

#define TIMING_ALL_CAUSES	(-1)

/** Add what the counters of one phase cost, for one cause or all. */
void timing_cycles_add(struct timing_cycles *c, const struct timing_price *price,
		       const uint64_t *count, int cause);

/** What a whole result costs. */
struct timing_cycles timing_result_total(const struct timing_result *r);

/**
 * Name of a phase that some processor has counted in; NULL if there is none, or if a phase with a
 * lower number has the same name: to list each name once.
 */
const char *timing_result_phase_name(const struct timing_result *r, unsigned id);

/** Counters of all processors and all phases, or of those phases that have this name. */
void timing_result_sum(const struct timing_result *r, const char *phase,
		       uint64_t count[TIMING_N_COSTS]);

/**
 * Take what has been counted so far; the processors go on unchanged.
 * @param r	release with timing_result_free()
 * @param cpus	n processors, which all run with the same costs in the same mode
 * @param names	names of the phases, TIMING_PHASES of them, each NULL or a name; or NULL
 * @return	0, or -1 if memory is short
 */
int timing_result_take(struct timing_result *r, const struct timing *const *cpus, unsigned n,
		       const char *const *names);
void timing_result_free(struct timing_result *r);

/** Write the result as JSON. The caller checks the stream. */
void timing_result_write(FILE *out, const struct timing_result *r);

/**
 * Read a result that timing_result_write() has written.
 * @return	0, or -1 after one line "path:line: what is wrong" on stderr
 */
int timing_result_load(struct timing_result *r, const char *path);

#ifdef __cplusplus
}
#endif

#endif
