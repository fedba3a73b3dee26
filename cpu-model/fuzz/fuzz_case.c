/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "epml-spec.h"
#include "fuzz_case.h"

#define EPT_DEFAULT (EPML_EPT_READ | EPML_EPT_WRITE | EPML_EPT_EXECUTE | EPML_EPT_ACCESSED | \
		     EPML_EPT_DIRTY | (uint64_t)EPML_MEMTYPE_WB << EPML_EPT_MEMTYPE_SHIFT)

static void allocate(struct fuzz_case *c)
{
	struct vsetup *s = &c->v.setup;

	s->pages = arena_array(&c->arena, CASE_PAGES, struct vpage);
	s->fields = arena_array(&c->arena, CASE_FIELDS, struct vfield);
	s->memory = arena_array(&c->arena, CASE_MEMORY, struct vmem);
	s->bits = arena_array(&c->arena, CASE_BITS, struct vbit);
	c->v.steps = arena_array(&c->arena, CASE_STEPS, struct vstep);
}

void case_init(struct fuzz_case *c, enum profile profile, const struct epml_params *params,
	       const char *param_text, bool sdm)
{
	struct vector *v = &c->v;

	memset(c, 0, sizeof(*c));
	v->id = "fuzz/case";
	v->title = "Random vector";
	v->profile = profile;
	v->params = *params;
	v->param_text = param_text;
	v->sdm = sdm;
	v->once = true;
	v->silent = true;
	v->setup.eptp = W_EPT | EPML_EPTP_AD | 3 << EPML_EPTP_WALK_SHIFT | EPML_MEMTYPE_WB;
	v->setup.guest_tables.bits = EPT_DEFAULT;
	v->setup.log_page.bits = EPT_DEFAULT;
	v->setup.log_hpa = W_FRAME0 + W_GUEST_LOG;
	allocate(c);
}

void case_copy(struct fuzz_case *to, const struct fuzz_case *from)
{
	const struct vsetup *s = &from->v.setup;
	struct vsetup *t = &to->v.setup;

	*to = *from;
	to->arena.blocks = NULL;
	allocate(to);
	memcpy(t->pages, s->pages, s->n_pages * sizeof(*s->pages));
	memcpy(t->fields, s->fields, s->n_fields * sizeof(*s->fields));
	memcpy(t->memory, s->memory, s->n_memory * sizeof(*s->memory));
	memcpy(t->bits, s->bits, s->n_bits * sizeof(*s->bits));
	memcpy(to->v.steps, from->v.steps, from->v.n_steps * sizeof(*from->v.steps));
}

void case_free(struct fuzz_case *c)
{
	arena_free(&c->arena);
}

/* ---- Programs ----------------------------------------------------------------------------- */

/* Fields that are reported at the end; those of the proposal last. */
static const uint32_t fields[] = {
	EPML_VMCS_PML_INDEX, EPML_VMCS_GUEST_INTERRUPT_STATUS, EPML_VMCS_GUEST_CR3,
	EPML_VMCS_VM_INSTRUCTION_ERROR, EPML_VMCS_EPTP, EPML_VMCS_EPTP_INDEX,
	EPML_VMCS_GUEST_PML_ADDRESS, EPML_VMCS_GUEST_PML_INDEX,
	EPML_VMCS_GUEST_PML_NOTIFICATION_VECTOR, EPML_VMCS_GUEST_PML_THRESHOLD,
};

#define N_FIELDS	(sizeof(fields) / sizeof(fields[0]))
#define N_SDM_FIELDS	(N_FIELDS - 4)

static bool in_large_frame(uint64_t hpa, uint64_t frame)
{
	return hpa >= frame + LARGE_USED * PAGE_SIZE && hpa < frame + 512 * PAGE_SIZE;
}

/*
 * Pages that a vector can change in a way that is of interest. The alias's tables, the bitmaps and
 * the stack of events are left out, and what no random address reaches of large pages.
 */
static bool dumped(uint64_t hpa)
{
	if (hpa >= W_EPTP_LIST && hpa < W_PML + 0x20000)
		return false;
	if (hpa == W_VMREAD_BM || hpa == W_VMWRITE_BM)
		return false;
	if (hpa == W_FRAME0 + GVA_STACK || hpa == W_FRAME0 + GVA_STACK - PAGE_SIZE)
		return false;
	return !in_large_frame(hpa, LARGE_FRAME) && !in_large_frame(hpa, EPT_LARGE_FRAME);
}

/* The record with other things to report at the end. */
static void add_dump(struct fuzz_program *p)
{
	const struct vi_vector *old = p->compiled.record;
	const uint64_t *pages = (const uint64_t *)(old + 1);
	const size_t kept = sizeof(*old) + old->n_pages * sizeof(uint64_t) +
			    old->n_pokes * sizeof(struct vi_poke) +
			    old->n_fields * sizeof(struct vi_field) +
			    old->n_steps * sizeof(struct vi_step);
	const unsigned n_fields = p->v.sdm ? N_SDM_FIELDS : N_FIELDS;
	struct vi_vector *new = arena_alloc(&p->arena, kept + old->n_pages * sizeof(uint64_t) +
					    n_fields * sizeof(struct vi_field));
	uint64_t *dump = (uint64_t *)(void *)((char *)new + kept);
	struct vi_field *f;

	memcpy(new, old, kept);
	new->n_dump_pages = 0;
	new->n_dump_words = 0;
	new->n_dump_fields = n_fields;
	for (unsigned i = 0; i < old->n_pages; i++)
		if (dumped(pages[i]))
			dump[new->n_dump_pages++] = pages[i];
	f = (struct vi_field *)(void *)(dump + new->n_dump_pages);
	for (unsigned i = 0; i < n_fields; i++)
		f[i].field = fields[i];
	new->size = (uint32_t)((char *)(f + n_fields) - (char *)new);
	p->compiled.record = new;
}

bool program_make(struct fuzz_program *p, const struct fuzz_case *c, bool dump)
{
	struct fuzz_case copy;

	memset(p, 0, sizeof(*p));
	/* The compiler turns expressions into numbers: it gets a copy. */
	case_copy(&copy, c);
	p->arena = copy.arena;
	p->v = copy.v;
	p->v.compiled = &p->compiled;
	if (vector_compile(&p->arena, &p->v, &p->compiled)) {
		program_free(p);
		return false;
	}
	if (dump)
		add_dump(p);
	return true;
}

void program_free(struct fuzz_program *p)
{
	arena_free(&p->arena);
}
