/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a run reports, line by line (vecimg.h), and its comparison with what a vector expects.
 */
#ifndef EPML_REPORT_H
#define EPML_REPORT_H

#include "compile.h"

#define REPORT_NUMBERS 9u

struct report {
	char kind;
	unsigned n;
	uint64_t v[REPORT_NUMBERS];
	char text[120];			/* of '!': the message; of 'g': the register's name */
};

/* Everything that was reported between 'V' and 'z'. */
struct outcome {
	struct report *reports;
	unsigned n;
	bool ended;			/* 'z' was reported */
	char failure[500];		/* not empty: why the host gave up on the vector */
};

/**
 * Parse one line, without its newline.
 * @return	false if it is no line of the protocol
 */
bool report_parse(const char *line, struct report *r);

/** Add one report. */
void outcome_add(struct outcome *o, const struct report *r);

/** Forget everything; the structure can be used again. */
void outcome_clear(struct outcome *o);

/**
 * Compare with the expectations.
 * @param text	set to the first difference if there is one
 * @return	true if everything is as expected
 */
bool outcome_compare(const struct vector *v, const struct outcome *o, char *text, size_t size);

#endif
