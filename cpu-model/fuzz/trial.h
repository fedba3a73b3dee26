/* SPDX-License-Identifier: BSD-2-Clause */
/* Random vectors on their hosts, and the judgement of what they did there. */
#ifndef EPML_FUZZ_TRIAL_H
#define EPML_FUZZ_TRIAL_H

#include "difference.h"
#include "fuzz_case.h"
#include "run_vectors.h"
#include "watch.h"

#define DEFECTS_END	64	/* numbers of defects are below */

/* What was known when the model reported a line. */
struct line_facts {
	uint16_t pml_index;
	unsigned ve_count;		/* virtualization exceptions so far */
	uint64_t ve_qualification;	/* of the last one */
	unsigned granted, denied;	/* writes by SPP so far */
	unsigned refused_above;		/* writes by upper EPT entries, to pages with SPP */
};

enum finding_kind { FOUND_NOTHING, FOUND_PROPERTY, FOUND_DIFFERENCE };

/* Why a vector fails. */
struct finding {
	enum finding_kind kind;
	enum host host;			/* FOUND_DIFFERENCE */
	struct difference d;		/* its lines are in the two reports below */
	struct report model_report, other_report;
	char text[800];
};

struct trial {
	const struct fuzz_case *c;
	bool runs;			/* false: the vector contradicts itself */
	struct fuzz_program p;
	struct outcome model;
	struct line_facts *facts;	/* one for each report of the model */
	struct finding finding;
};

struct trial_options {
	unsigned hosts;			/* bit per enum host; the model always runs */
	struct run_options run;
	unsigned long known[DEFECTS_END];	/* differences that a defect explains; result */
};

/**
 * Run vectors that share their parameters, and judge them. The cases must stay until
 * trials_free().
 * @return	0, or -1 with @p text if the environment does not let them run
 */
int trials_run(struct trial_options *o, struct trial *trials, unsigned n, char *text,
	       size_t size);
void trials_free(struct trial *trials, unsigned n);

/* ---- defects.c ---- */

/**
 * Explain a difference between the model and stock Bochs.
 * @return	number of the defect (docs/bochs.md), or 0: not explained
 */
unsigned defect_of(const struct trial *t, const struct difference *d, const struct outcome *stock);

/** Do two VM exits differ in fields alone that the SDM leaves undefined for their reason? */
bool undefined_fields(const struct difference *d);

/** Does that defect leave the runs comparable behind the line? */
bool defect_is_local(unsigned defect);

#endif
