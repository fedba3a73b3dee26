/* SPDX-License-Identifier: BSD-2-Clause */
/* What the tests of all techniques share. */
#ifndef OOH_TEST_H
#define OOH_TEST_H

#include "ooh.h"
#include "tap.h"
#include "tracked.h"

/* A technique as it is tested. */
struct subject {
	enum ooh_technique technique;
	const char *name;
	bool exact;	  /* no page is reported that was not written to */
	bool by_contents; /* finds changes of contents, not writes */
	bool by_frame;	  /* finds pages by their frame */
};

/* What has to be reported. */
struct truth {
	bool written[PAGES];
	unsigned int n;
};

/* A tracked process, a handle that tracks its array, and what it has done. */
struct setup {
	const struct subject *subject;
	struct tracked tracked;
	struct ooh *o;
	struct truth truth;
	unsigned int seed;
};

#define MAY_REPORT_MORE 1u

bool setup_begin(struct setup *s, const struct subject *subject, enum memory memory);
void setup_end(struct setup *s);
void choose_pages(struct setup *s, unsigned int n);
void choose_all(struct setup *s);
void expect_pages(struct setup *s, unsigned int first, unsigned int n);
bool collect_is(struct setup *s, unsigned int flags, const char *name);

void test_basic(const struct subject *subject);
void test_mappings(const struct subject *subject);
void test_process(const struct subject *subject);
void test_races(const struct subject *subject);
void test_calls(void);

#endif
