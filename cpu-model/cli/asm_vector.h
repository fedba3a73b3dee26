/* SPDX-License-Identifier: BSD-2-Clause */
/* A user's program as a vector: its world, the call of the program, and its handlers. */
#ifndef EPML_ASM_VECTOR_H
#define EPML_ASM_VECTOR_H

#include "asm_build.h"
#include "compile.h"

/* How a program is run. */
struct asm_options {
	enum profile profile;
	struct epml_params params;
	const char *param_text;		/* ", full=ve": what differs from the profile, or "" */
	unsigned cpl;
	unsigned limit;			/* ticks of the VMX-preemption timer */
};

/* Index of the step that calls the program; those behind it belong to handlers. */
#define ASM_CALL_STEP 0u

/* HPA of EPML_GUEST_TEXT. */
#define ASM_TEXT_HPA (W_FRAME0 + EPML_GUEST_TEXT_GPA)

/**
 * Make a vector and compile it.
 * @param arena	keeps the vector
 */
struct vector *asm_vector(struct arena *arena, const struct asm_program *p,
			  const struct asm_options *o);

/** Vector image of it, for free(). */
void *asm_image(const struct vector *v, const struct asm_options *o, size_t *size);

#endif
