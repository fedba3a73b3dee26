/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "asm_vector.h"

#define WB		(6ull << EPML_EPT_MEMTYPE_SHIFT)
#define WALK_LENGTH	3ull
#define FIRST_INTERRUPT	32u
#define ALL_SUB_PAGES	0xFFFFFFFFu
#define EVERY_SECOND	0x55555555u

/* What epml-guest.h promises to programs. */
_Static_assert(EPML_GUEST_LOG_GPA == W_GUEST_LOG, "another GPA of the guest's log");
_Static_assert(EPML_GUEST_LOG == W_ALIAS + W_FRAME0 + W_GUEST_LOG, "another alias of the log");
_Static_assert(EPML_GUEST_VE_INFO == W_ALIAS + W_VE_INFO, "another information area");
_Static_assert(EPML_GUEST_SPPT(EPML_GUEST_SPP) == W_ALIAS + W_SPPT + 3 * PAGE_SIZE,
	       "another last table of the SPPT");
_Static_assert(EPML_GUEST_SPP2 == EPML_GUEST_SPP + EPML_GUEST_SPP_SIZE &&
	       EPML_GUEST_SPP2_GPA == EPML_GUEST_SPP_GPA + EPML_GUEST_SPP_SIZE,
	       "EPML_GUEST_SPPT is not for EPML_GUEST_SPP2");
_Static_assert(EPML_GUEST_TEXT_SIZE == PAGE_SIZE, "another size of what is reported");
_Static_assert(EPML_GUEST_DATA_GPA + EPML_GUEST_DATA_SIZE <= W_GUEST_LOG, "data covers the log");

static const uint64_t guest_clean = EPML_PTE_PRESENT | EPML_PTE_WRITE | EPML_PTE_USER;
static const uint64_t guest_used = guest_clean | EPML_PTE_ACCESSED | EPML_PTE_DIRTY;
static const uint64_t ept_clean = EPML_EPT_READ | EPML_EPT_WRITE | EPML_EPT_EXECUTE | WB;
static const uint64_t ept_sub_pages = EPML_EPT_READ | EPML_EPT_EXECUTE | EPML_EPT_SPP | WB;
static const uint64_t ept_used = ept_clean | EPML_EPT_ACCESSED | EPML_EPT_DIRTY;

static struct vpage pages_of(uint64_t gva, uint64_t gpa, uint64_t size, uint64_t guest,
			     uint64_t ept)
{
	return (struct vpage){
		.has_gva = true, .gva = gva, .gpa = gpa, .level = 1, .ept_level = 1,
		.count = (unsigned)(size / PAGE_SIZE),
		.guest = { .given = true, .bits = guest }, .ept = { .given = true, .bits = ept },
	};
}

static struct vpage sub_pages_of(uint64_t gva, uint64_t gpa, uint64_t size, uint32_t writable)
{
	struct vpage p = pages_of(gva, gpa, size, guest_clean, ept_sub_pages);

	p.spp = (struct entry_flags){ .given = true, .bits = sppt_leaf(writable) };
	return p;
}

/*
 * Data first: EPML_GUEST_PTE is the place of the first page table that is made. The SPPT has one
 * table of each level, the last is that of EPML_GUEST_SPPT.
 */
static void add_pages(struct arena *arena, struct vsetup *s)
{
	s->n_pages = 5;
	s->pages = arena_array(arena, s->n_pages, struct vpage);
	s->pages[0] = pages_of(EPML_GUEST_DATA, EPML_GUEST_DATA_GPA, EPML_GUEST_DATA_SIZE,
			       guest_clean, ept_clean);
	s->pages[1] = pages_of(EPML_GUEST_CODE, EPML_GUEST_CODE_GPA, EPML_GUEST_CODE_SIZE,
			       guest_used, ept_used);
	s->pages[2] = pages_of(EPML_GUEST_TEXT, EPML_GUEST_TEXT_GPA, EPML_GUEST_TEXT_SIZE,
			       guest_used, ept_used);
	s->text_hpa = ASM_TEXT_HPA;
	s->pages[3] = sub_pages_of(EPML_GUEST_SPP, EPML_GUEST_SPP_GPA, EPML_GUEST_SPP_SIZE,
				   ALL_SUB_PAGES);
	s->pages[4] = sub_pages_of(EPML_GUEST_SPP2, EPML_GUEST_SPP2_GPA, EPML_GUEST_SPP2_SIZE,
				   EVERY_SECOND);
}

static void add_code(struct arena *arena, struct vsetup *s, const struct asm_program *p)
{
	s->memory = arena_alloc(arena, sizeof(p->code) / 8 * sizeof(*s->memory));
	for (uint64_t offset = 0; offset < sizeof(p->code); offset += 8) {
		struct vmem *m = &s->memory[s->n_memory];

		memcpy(&m->value.a, p->code + offset, 8);
		if (!m->value.a)
			continue;
		m->where.a = W_FRAME0 + EPML_GUEST_CODE_GPA + offset;
		m->size = 8;
		s->n_memory++;
	}
}

static void fill_setup(struct arena *arena, struct vector *v, const struct asm_program *p,
		       const struct asm_options *o)
{
	struct vsetup *s = &v->setup;

	s->cpl = o->cpl;
	s->interrupts = true;
	s->regs = true;
	s->controls = CTL_PML | CTL_GUEST_PML | CTL_VMCS_SHADOWING | CTL_SPP;
	if (o->params.full == EPML_FULL_VE || p->handlers[EPML_VECTOR_VE])
		s->controls |= CTL_EPT_VE;
	s->eptp = W_EPT | 6 | WALK_LENGTH << EPML_EPTP_WALK_SHIFT | EPML_EPTP_AD;
	s->guest_tables.bits = ept_used;
	s->log_page.bits = ept_used;
	s->log_hpa = W_FRAME0 + W_GUEST_LOG;
	add_pages(arena, s);
	add_code(arena, s, p);
}

/* ---- Steps ---- */

static void add_step(struct vector *v, enum vi_op op, uint64_t a, unsigned handler)
{
	struct vstep *s = &v->steps[v->n_steps++];

	s->op = op;
	s->a.a = a;
	s->handler = handler;
}

/*
 * The program and its handlers. An interrupt that has been delivered would keep out all others of
 * its priority class: every interrupt ends with EOI, whether the program handles it or not.
 */
static void fill_steps(struct arena *arena, struct vector *v, const struct asm_program *p)
{
	v->steps = arena_array(arena, 1 + 2 * ASM_VECTORS, struct vstep);
	add_step(v, VI_CALL, p->entry, 0);
	for (unsigned i = 0; i < ASM_VECTORS; i++) {
		if (p->handlers[i])
			add_step(v, VI_CALL, p->handlers[i], i + 1);
		if (i >= FIRST_INTERRUPT)
			add_step(v, VI_EOI, 0, i + 1);
	}
}

/* ---- What is reported ---- */

static void fill_expect(struct arena *arena, struct vector *v)
{
	struct vexpect *e = &v->expect;

	/* Nothing is compared; this makes the host report both logs and these fields. */
	e->guest_log.compared = true;
	e->pml_log.compared = true;
	e->n_fields = 1;
	e->fields = arena_array(arena, e->n_fields, struct vfield);
	e->fields[0].field = EPML_VMCS_GUEST_PML_ADDRESS;
}

struct vector *asm_vector(struct arena *arena, const struct asm_program *p,
			  const struct asm_options *o)
{
	struct vector *v = arena_alloc(arena, sizeof(*v));

	v->id = p->file;
	v->profile = o->profile;
	v->params = o->params;
	v->param_text = o->param_text;
	fill_setup(arena, v, p, o);
	fill_steps(arena, v, p);
	fill_expect(arena, v);
	v->compiled = arena_alloc(arena, sizeof(*v->compiled));
	if (vector_compile(arena, v, v->compiled))
		exit(2);	/* cannot happen: the world does not depend on the program */
	return v;
}

void *asm_image(const struct vector *v, const struct asm_options *o, size_t *size)
{
	const struct compiled *const records[] = { v->compiled };
	struct vi_header *header = vi_image(records, 1, size);

	((struct vi_vector *)(header + 1))->limit = o->limit;
	return header;
}
