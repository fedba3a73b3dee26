/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From a vector to what runs and what is compared: the record of the vector image (vecimg.h), and
 * the words and fields that the run must report.
 */
#ifndef EPML_COMPILE_H
#define EPML_COMPILE_H

#include "vector.h"
#include "world.h"

enum word_kind { WORD_MEMORY, WORD_EPT, WORD_PTE };

/* Bytes of RAM, or the flags of an entry, that are compared. */
struct word_check {
	enum word_kind kind;
	uint64_t hpa;
	unsigned size;
	uint64_t value;		/* memory: the bytes; entries: the accessed and dirty flags */
	uint64_t address;	/* entries: GPA or GVA */
};

struct field_check {
	uint32_t field;
	uint64_t value;
};

/* A page of log entries that is compared word by word. */
struct log_check {
	bool compared;
	uint64_t hpa;
	uint64_t words[PAGE_WORDS];
	bool skip[PAGE_WORDS];	/* compared as memory instead */
};

struct compiled {
	const struct vi_vector *record;	/* index 0; vi_image() numbers the records */
	struct word_check *words;
	unsigned n_words;
	struct field_check *fields;
	unsigned n_fields;
	struct log_check guest_log, pml_log;
};

/**
 * Compile a vector for its parameters. Address expressions of the vector become numbers.
 * @param arena	keeps the result
 * @param c	filled in on success
 * @return	0, or -1 after one line on stderr
 */
int vector_compile(struct arena *arena, struct vector *v, struct compiled *c);

/**
 * Put records together into one vector image; record i gets index i.
 * @param size	result: bytes
 * @return	to be released with free()
 */
void *vi_image(const struct compiled *const *vectors, unsigned n, size_t *size);

#endif
