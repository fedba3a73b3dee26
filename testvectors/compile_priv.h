/* SPDX-License-Identifier: BSD-2-Clause */
/* What the parts of the compiler share. */
#ifndef EPML_COMPILE_PRIV_H
#define EPML_COMPILE_PRIV_H

#include "compile.h"

struct compiler {
	struct arena *arena;
	struct vector *v;
	struct world *w;
	struct compiled *c;
	struct vi_field *fields;	/* written before the first entry, in this order */
	unsigned n_fields;
};

/* Every function returns 0, or -1 after one line on stderr. */

/** Make the expression a number. */
int compile_addr(struct compiler *c, struct addr *a);
/** The same for an HPA of @p size bytes, which must lie in RAM that vectors may use. */
int compile_hpa(struct compiler *c, struct addr *a, uint64_t size);

/** Paging structures, control structures and memory (compile_world.c). */
int compile_world(struct compiler *c);
int compile_memory(struct compiler *c);
/** VMCS fields (compile_fields.c). */
int compile_fields(struct compiler *c);
/** Value of a field before the first entry; both halves. */
uint64_t field_value(const struct compiler *c, uint32_t field);
/** Expectations (compile_expect.c). */
int compile_expect(struct compiler *c);
/** The record (emit.c). */
void emit_record(struct compiler *c);

#endif
