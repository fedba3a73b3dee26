/* SPDX-License-Identifier: BSD-2-Clause */
/* What differs between two runs of one vector. */
#ifndef EPML_FUZZ_DIFFERENCE_H
#define EPML_FUZZ_DIFFERENCE_H

#include "report.h"

#define MAX_DIFFERENCES	64

/*
 * One difference. Of what happened (VM entry, exits, events, results), a difference is the first
 * line that is not the same, since nothing behind it can be compared. Of the state at the end,
 * each field and each word of memory is one of its own.
 */
struct difference {
	char kind;			/* 'f' and 'm': state; otherwise what happened */
	const struct report *model, *other;	/* lines; NULL: there is none. Of 'f', 'm': NULL */
	unsigned model_line, other_line;	/* indices of these lines */
	uint64_t key;			/* field or HPA */
	uint64_t model_value, other_value;
};

struct differences {
	struct difference d[MAX_DIFFERENCES];
	unsigned n;
};

/**
 * May a line that differs be taken as the same?
 * @return	true if the runs are comparable behind it
 */
typedef bool same_line_fn(void *ctx, const struct difference *d);

/**
 * Compare two runs. Addresses in the ROM's own memory, which lie elsewhere on each host, count as
 * equal, and so do the words with which a host gives a vector up.
 * @param same	asked about lines that differ, with @p ctx; or NULL
 */
void outcome_difference(const struct outcome *model, const struct outcome *other,
			struct differences *result, same_line_fn *same, void *ctx);

/** Are two reported numbers the same? Addresses in the ROM's own memory are. */
bool value_same(uint64_t a, uint64_t b);

/** Describe a difference in words: "name of the model", "name of the other host". */
void difference_text(const struct difference *d, const char *other, char *text, size_t size);

/** Are two differences of the same sort? For the shrinking of vectors. */
bool difference_alike(const struct difference *a, const struct difference *b);

#endif
