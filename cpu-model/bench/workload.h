/* SPDX-License-Identifier: BSD-2-Clause */
/* Guest programs as vectors, so that the ROM runs them and what they did is checked. */
#ifndef EPML_BENCH_WORKLOAD_H
#define EPML_BENCH_WORKLOAD_H

#include <stddef.h>

#include "vector.h"

struct workload {
	const char *name;
	const char *title;
	const unsigned char *entry;	/* in guest_code */
	unsigned accesses;		/* of guest memory, in one pass */
	bool logs;			/* each pass sets dirty flags again */
	bool stores;			/* the last pass leaves its number at STORE_LAST */
	bool spp;			/* EPT makes only the sub-pages of even number writable */
	bool read_only;			/* EPT makes but the page of the last write writable */
	bool has_goal;			/* the goals of main.c are for it */
};

enum {
	WORKLOAD_MEMORY, WORKLOAD_MISS, WORKLOAD_DIRTY, WORKLOAD_STORE, WORKLOAD_SPP,
	WORKLOAD_TRAPPED, WORKLOADS
};

extern const struct workload workloads[WORKLOADS];

struct program_options {
	bool guest_log;			/* with "enable guest PML" */
	bool spp_inverted;		/* permissions for stock Bochs, which reads them inverted */
};

/* A workload ready to run, for one number of passes. */
struct program {
	struct arena arena;
	struct vector *v;
	void *image;			/* vector image */
	size_t size;
};

/**
 * Make a vector that runs a workload and expects that it did all its work.
 * @param passes	0: the run only starts and ends
 * @return		0, or -1 after one line on stderr
 */
int program_make(struct program *p, const struct workload *w, uint64_t passes,
		 const struct program_options *o);
void program_free(struct program *p);

#endif
