/* SPDX-License-Identifier: BSD-2-Clause */
/* Results of ooh-track in the guest, when "epml xen run" was given a program. */
#ifndef EPML_EXPERIMENT_TRACK_RESULT_H
#define EPML_EXPERIMENT_TRACK_RESULT_H

#include "experiment.h"

enum xt_number {
	XT_INTERVALS,
	XT_CHANGED,		/* pages, by the oracle */
	XT_REPORTED,
	XT_MISSED,
	XT_UNCHANGED,		/* reported, but they hold what they held */
	XT_NEW,			/* pages that were mapped meanwhile */
	XT_NUMBERS
};

struct xt_row {
	bool there;
	enum xp_technique technique;
	uint64_t number[XT_NUMBERS];
};

struct xt_result {
	bool asked[PROFILES][XP_ALONE];
	struct xt_row row[PROFILES][XP_ALONE];
};

/** Read a result line. @return 0 or -1 */
int xt_parse_line(struct xt_row *row, const char *text);

/** Read what was recorded. @return 0, or STATUS_BAD after one line on standard error */
int xt_load(struct xt_result *r, const char *directory, const struct xp_plan *plan,
	    const bool *profile);

/** Release with table_free(). */
void xt_table(struct table *t, const struct xt_result *r);

/** As xp_verdict(). */
int xt_verdict(const struct xt_result *r);

#endif
