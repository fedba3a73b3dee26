/* SPDX-License-Identifier: BSD-2-Clause */
/* What "epml report" reports on: results of vectors, and perhaps of epml-bench. */
#ifndef EPML_REPORT_DATA_H
#define EPML_REPORT_DATA_H

#include <stdbool.h>

#include "experiment.h"
#include "jsonfile.h"
#include "run_vectors.h"
#include "timing_micro.h"

#define PROPERTY_COUNT	5u

/* Where vectors ran: a host, and a profile unless it is stock Bochs. */
struct report_place {
	const char *host;
	const char *profile;		/* NULL on stock Bochs */
	char label[40];			/* "hardened on bochs" */
};

struct report_entry {
	const char *id, *title;
	const char *text;		/* difference or defect, "" if it passed */
	unsigned chapter, place;	/* indices */
	unsigned properties;		/* bit n - 1 for Pn */
	const json_t *rules;
	json_t *params;			/* NULL on stock Bochs */
	enum status status;
	unsigned defect;		/* of stock Bochs, with status KNOWN */
};

struct report_count {
	unsigned passed, failed, known;
};

struct report_data {
	const char *version, *date;	/* of the results */
	struct report_entry *entries;
	unsigned n;
	char **chapters;		/* first parts of the ids */
	unsigned n_chapters;
	struct report_place *places;
	unsigned n_places;
	const json_t *bench;		/* checked by report_data_bench(), or NULL */
	const struct micro_results *micro;	/* micro-operations, or NULL */
	const struct micro_published *published;	/* with them */
	const struct experiment *experiment;	/* techniques compared, or NULL */
	const struct xp_published *tracking;	/* with it */
};

/**
 * Read results, as "epml vectors --format json" prints them.
 * @param d	refers to the file afterwards, and is to be freed on failure too
 * @return	0, or -1 after one line "file:line: what is wrong" on stderr
 */
int report_data_load(struct report_data *d, const struct jsonfile *results);

/** Add the measurements that epml-bench has written; as report_data_load(). */
int report_data_bench(struct report_data *d, const struct jsonfile *bench);

void report_data_free(struct report_data *d);

/** Results of a chapter (UINT_MAX: of all) at a place. */
struct report_count report_data_count(const struct report_data *d, unsigned chapter,
				      unsigned place);

/** Is this the first entry of its vector? Several places may have run it. */
bool report_data_first(const struct report_data *d, unsigned entry);

#endif
