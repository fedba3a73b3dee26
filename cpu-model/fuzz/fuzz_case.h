/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Random vectors: a vector as docs/vectors.md describes it, and the program that it becomes.
 *
 * A random vector is a struct vector like those of the vector files, so that it can be written as
 * one. It has no expectations of its own: what the standalone machine reports is compared with
 * what another host reports, line by line, and so is all memory that the vector can have changed.
 */
#ifndef EPML_FUZZ_CASE_H
#define EPML_FUZZ_CASE_H

#include "compile.h"
#include "vector.h"

/* Room in the arrays of a random vector. */
#define CASE_PAGES	40
#define CASE_FIELDS	16
#define CASE_MEMORY	24
#define CASE_BITS	12
#define CASE_STEPS	160

struct fuzz_case {
	struct arena arena;
	struct vector v;
	uint64_t number;
};

/*
 * GVA and GPA of the page of IST1. Events write flags there that the standalone machine does not
 * have (CF to OF, RF): nothing else uses it, and it is not compared.
 */
#define GVA_STACK	0x500000ull

/* Where the frames of large pages are, and how many pages of them vectors use. */
#define LARGE_GPA	0x600000ull
#define LARGE_FRAME	(W_FRAME0 + LARGE_GPA)
#define EPT_LARGE_GPA	0xA00000ull
#define EPT_LARGE_FRAME	0x3200000ull
#define HUGE_GPA	0x40000000ull	/* first address of a 1-GByte EPT page */
#define HUGE_OFFSET	0x3400000ull	/* of its used frames, from HPA 0 */
#define LARGE_USED	6

/** An empty vector with the defaults of docs/vectors.md. */
void case_init(struct fuzz_case *c, enum profile profile, const struct epml_params *params,
	       const char *param_text, bool sdm);
/** A copy that can be changed without changing the original. */
void case_copy(struct fuzz_case *to, const struct fuzz_case *from);
void case_free(struct fuzz_case *c);

/* A compiled copy of a random vector. */
struct fuzz_program {
	struct arena arena;
	struct vector v;
	struct compiled compiled;
};

/**
 * Compile for a run.
 * @param dump	report all memory that the vector can have changed, and its VMCS fields
 * @return	false if the vector contradicts itself
 */
bool program_make(struct fuzz_program *p, const struct fuzz_case *c, bool dump);
void program_free(struct fuzz_program *p);

#endif
