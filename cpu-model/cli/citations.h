/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Rule ids in the sources of the model.
 *
 * A citation is the id of a rule in a comment, or in a string, of a source file. It stands for the
 * statement that it is written at: the statement on the line of the comment, or the one that
 * follows it. vmcs-spec/citations.json keeps the text of all cited statements, so that a change of
 * one of them is noticed and its rule is looked at again.
 */
#ifndef EPML_CITATIONS_H
#define EPML_CITATIONS_H

#include "arena.h"
#include "jsonfile.h"

struct citation {
	const char *rule;
	const char *file;	/* as seen from the top of the source tree */
	unsigned line;		/* of the id */
	const char *text;	/* of the statement, without comments, words separated by a space */
};

struct citations {
	struct arena arena;
	struct citation *list;	/* by file, then line */
	unsigned n;
};

/**
 * Find all citations of a source tree: in the model, in both hosts, and the rules and properties
 * that a proof or a model of the protocol names after "Proves:" (with an empty text).
 * @param proofs	set to what the proofs name
 * @return		0, or -1 after one line on stderr
 */
int citations_find(struct citations *sources, struct citations *proofs, const char *tree);
void citations_free(struct citations *c);

/** Length of the rule id, CHAPTER-...-NUMBER, that @p text begins with; 0 if there is none. */
unsigned citation_id_length(const char *text);

/**
 * Write citations.json; the file is replaced as a whole or stays as it was.
 * @return	0, or -1 after one line on stderr
 */
int citations_write(const struct citations *c, const char *path);

/** Called for each difference, with one line "file:line: text". */
typedef void citation_differs_fn(void *ctx, const char *text);

/**
 * Compare the sources with citations.json.
 * @return	0, or -1 after one line on stderr if the file cannot be read
 */
int citations_compare(const struct citations *c, const char *path, citation_differs_fn *differs,
		      void *ctx);

#endif
