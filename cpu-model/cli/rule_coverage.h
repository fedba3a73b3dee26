/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What there is for each rule: vectors for every design in which it holds, lines of the model that
 * cite it, proofs, and tests where vectors cannot express it.
 */
#ifndef EPML_RULE_COVERAGE_H
#define EPML_RULE_COVERAGE_H

#include <stdbool.h>
#include <stdio.h>

#include "citations.h"
#include "load.h"
#include "spec-tables.h"

/*
 * A column of the coverage: a profile; or a value of a parameter that no profile has, which counts
 * for the rules that mention it.
 */
struct design {
	const char *name;		/* "hardened", "full=ve" */
	const char *profile;		/* or NULL */
	const struct spec_choice *choice;
};

#define MAX_DESIGNS	8
#define PROPERTIES	5

/* A rule, or one of the properties P1 to P5. */
struct covered {
	const char *id;
	const struct spec_rule *rule;	/* NULL: property */
	unsigned property;		/* 1 to 5 */
	bool holds[MAX_DESIGNS];
	const char **vectors[MAX_DESIGNS];	/* ids */
	unsigned n_vectors[MAX_DESIGNS];
	const char **tests;		/* of rules.json's "evidence", FILE:NAME */
	unsigned n_tests;
	const char *why;		/* ... and why there are no vectors, or NULL */
	const json_t *at;		/* in rules.json */
};

struct rule_coverage {
	const char *tree;		/* top of the source tree */
	struct arena arena;
	struct design designs[MAX_DESIGNS];
	unsigned n_designs;
	struct covered *list;		/* rules in their order, then properties */
	unsigned n;
	struct citations sources, proofs;
	struct vector_set vectors;
	struct jsonfile rules;
	const char **findings;		/* "file:line: text", files as seen from the top */
	unsigned n_findings;
};

/**
 * Collect everything from a source tree, and what is missing.
 * @param tree	top of the source tree
 * @param update	write vmcs-spec/citations.json instead of comparing with it
 * @return	0, or -1 after one line on stderr
 */
int rule_coverage_collect(struct rule_coverage *c, const char *tree, bool update);
void rule_coverage_free(struct rule_coverage *c);

/** Does @p citation name this rule or property? */
bool rule_coverage_cites(const struct covered *r, const struct citation *citation);

/** Print everything as JSON; 0, or -1 without memory. */
int rule_coverage_json(FILE *out, const struct rule_coverage *c);

#endif
