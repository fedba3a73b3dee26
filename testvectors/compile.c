/* SPDX-License-Identifier: BSD-2-Clause */
/* Compiler: the order of things, and the steps. */
#include <inttypes.h>
#include <string.h>

#include "compile_priv.h"

int compile_addr(struct compiler *c, struct addr *a)
{
	const char *error = world_resolve(c->w, a);

	return error ? vector_error(c->v, a->at, "address: %s", error) : 0;
}

int compile_hpa(struct compiler *c, struct addr *a, uint64_t size)
{
	if (compile_addr(c, a))
		return -1;
	if (!world_ram(a->a, size))
		return vector_error(c->v, a->at, "HPA %" PRIX64 "H: expected one from %llXH to "
				    "%llXH", a->a, W_SYS_END, W_RAM_SIZE - 1);
	world_use(c->w, a->a, size);
	return 0;
}

/* The frames that a linear access reaches through the first state of the paging structures. */
static void use_linear(struct compiler *c, uint64_t gva, uint64_t size)
{
	const uint64_t last = gva + (size ? size - 1 : 0);
	uint64_t gpa, hpa;

	for (uint64_t page = gva & -PAGE_SIZE; page <= last && last >= gva; page += PAGE_SIZE)
		if (tree_translate(&c->w->guest, page, &gpa) &&
		    tree_translate(&c->w->ept, gpa, &hpa))
			world_use(c->w, hpa, PAGE_SIZE);
}

/* A written word that looks like an entry or a pointer to a spare frame mentions that frame. */
static void use_spare(struct compiler *c, uint64_t value)
{
	value &= (1ull << 52) - PAGE_SIZE;
	if (value >= W_SPARE && value < W_RAM_SIZE)
		world_use(c->w, value, PAGE_SIZE);
}

static uint64_t step_bytes(const struct vstep *s)
{
	switch (s->op) {
	case VI_STOS:
		return s->b.a * s->size;
	case VI_MOVS:
		return s->c.a * s->size;
	default:
		return s->size;
	}
}

static int compile_step(struct compiler *c, struct vstep *s)
{
	if (s->op == VI_H_POKE || s->op == VI_H_PEEK) {
		if (compile_hpa(c, &s->a, s->size))
			return -1;
	} else if (compile_addr(c, &s->a)) {
		return -1;
	}
	if (compile_addr(c, &s->b) || compile_addr(c, &s->c))
		return -1;
	if (s->invept_eptp)
		s->b.a = c->v->setup.eptp;
	if (s->current_cr3)
		s->a.a = W_GUEST_PML4;
	if (s->op <= VI_GUEST_LAST)
		use_linear(c, s->a.a, step_bytes(s));
	if (s->op == VI_MOVS)
		use_linear(c, s->b.a, step_bytes(s));
	use_spare(c, s->b.a);
	use_spare(c, s->c.a);
	return 0;
}

static int compile_steps(struct compiler *c)
{
	for (unsigned i = 0; i < c->v->n_steps; i++)
		if (compile_step(c, &c->v->steps[i]))
			return -1;
	return 0;
}

int vector_compile(struct arena *arena, struct vector *v, struct compiled *result)
{
	struct compiler c = { .arena = arena, .v = v, .w = world_new(arena), .c = result };
	int status = 0;

	memset(result, 0, sizeof(*result));
	if (compile_world(&c) || compile_fields(&c) || compile_memory(&c) || compile_steps(&c) ||
	    compile_expect(&c))
		status = -1;
	else
		emit_record(&c);
	world_free(c.w);
	return status;
}
