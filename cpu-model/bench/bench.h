/* SPDX-License-Identifier: BSD-2-Clause */
/* What the parts of epml-bench share. Functions that measure return 0, or -1 after one line. */
#ifndef EPML_BENCH_H
#define EPML_BENCH_H

#include <stdbool.h>
#include <stdint.h>

#include "paths.h"
#include "stats.h"
#include "workload.h"

struct bench_options {
	struct paths paths;
	unsigned rounds;
	double seconds;			/* that one run on stock Bochs shall take */
	const char *only;		/* name of a workload or of a group, or NULL */
	const char *output;		/* JSON file, or NULL */
	bool progress;
};

/** Print one line on stderr. @return -1 */
int bench_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/** Tell on a terminal what is measured now; an empty text clears the line. */
void bench_progress(const struct bench_options *o, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/** Is a workload or group selected? */
bool bench_selected(const struct bench_options *o, const char *name);

/* ---- Workloads on Bochs (bochs_bench.c) ---- */

enum { BOCHS_STOCK, BOCHS_OFF, BOCHS_ON, BOCHS_LOG, BOCHS_TRACE, CONFIGURATIONS };

struct configuration {
	const char *name;
	const char *title;
	const char *epml;		/* bochsrc line after "epml: ", or NULL */
	struct program_options options;
	double goal;			/* greatest ratio to stock Bochs, 0: none */
};

extern const struct configuration configurations[CONFIGURATIONS];

struct bochs_samples {
	bool measured;
	uint64_t passes;
	struct samples seconds[CONFIGURATIONS];	/* CPU time of the passes, without the start */
	struct samples ratio[CONFIGURATIONS];	/* to stock Bochs in the same round */
};

/** Choose the number of passes of each selected workload. */
int bochs_calibrate(const struct bench_options *o, struct bochs_samples *s);

/** One round of the selected workloads; s has WORKLOADS elements. */
int bochs_round(const struct bench_options *o, unsigned round, struct bochs_samples *s);

/* ---- Rates ---- */

struct rate {
	const char *name;
	const char *title;
	struct samples per_second;
};

enum { RATE_EPT_READ, RATE_GUEST_ACCESS, RATE_GUEST_LOG, LIBRARY_RATES };
enum { RATE_MODEL_VECTORS, RATE_BOCHS_VECTORS, VECTOR_RATES };

extern struct rate library_rates[LIBRARY_RATES];	/* library_bench.c */
extern struct rate vector_rates[VECTOR_RATES];		/* vectors_bench.c */

int library_round(const struct bench_options *o, unsigned round);
int vectors_round(const struct bench_options *o, unsigned round);

/* ---- Output (output.c) ---- */

struct bench_results {
	const struct bench_options *o;
	const struct bochs_samples *bochs;
};

int print_tables(const struct bench_results *r);
int write_json(const struct bench_results *r);

#endif
