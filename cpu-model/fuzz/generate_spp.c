/* SPDX-License-Identifier: BSD-2-Clause */
/* Sub-page permissions of random vectors: pages that have them, and changes of the SPPT. */
#include "epml-spec.h"
#include "generate.h"
#include "world.h"

#define RESERVED	(1ull << 40)	/* above the physical-address width */

static uint32_t random_sub_page_vector(struct generator *g)
{
	struct rng *r = &g->rng;
	uint32_t one = 1u << rng_below(r, 32);

	switch (rng_below(r, 6)) {
	case 0:
		return UINT32_MAX;
	case 1:
		return one;
	case 2:
		return ~one;
	case 3:
		return (uint32_t)(rng_next(r) | rng_next(r));
	default:
		return (uint32_t)rng_next(r);
	}
}

/* An odd bit of a leaf, rarely. */
static uint64_t leaf_reserved(struct generator *g)
{
	return rng_percent(&g->rng, 3) ? 2ull << 2 * rng_below(&g->rng, 32) : 0;
}

/* Entries above the leaf are shared by all pages: one that is wrong is rare. */
static void break_upper_entry(struct generator *g, struct entry_flags *e)
{
	struct rng *r = &g->rng;
	unsigned level = 2 + rng_below(r, 3);

	if (rng_percent(r, 50))
		e->raw_clear[level] = EPML_SPPT_VALID;
	else
		e->raw_set[level] = rng_percent(r, 50) ? RESERVED : 2ull << rng_below(r, 11);
}

bool sub_pages_on(const struct generator *g)
{
	return g->c->v.setup.controls & CTL_SPP;
}

/* The control decides, not the tables: some vectors have them without it. */
void choose_sub_pages(struct generator *g, struct vpage *p)
{
	struct rng *r = &g->rng;

	if (!rng_percent(r, sub_pages_on(g) ? 75 : 2))
		return;
	p->ept.bits |= EPML_EPT_SPP;
	if (rng_percent(r, 90))
		p->ept.bits &= ~(uint64_t)EPML_EPT_WRITE;
	if (rng_percent(r, 5))
		return;					/* no entry in the SPPT: a miss */
	p->spp.given = true;
	p->spp.bits = sppt_leaf(random_sub_page_vector(g));
	p->spp.raw_set[0] = leaf_reserved(g);
	if (rng_percent(r, 1))
		break_upper_entry(g, &p->spp);
}

uint64_t random_sub_page_boundary(struct generator *g, uint64_t page, unsigned size)
{
	uint64_t sub_page = 128ull * (1 + rng_below(&g->rng, 31));

	return page + sub_page - rng_below(&g->rng, size + 1);
}

/* A page that has an entry in the SPPT, or NULL. */
static const struct vpage *random_sub_page_owner(struct generator *g)
{
	const struct vsetup *s = &g->c->v.setup;
	unsigned first = rng_below(&g->rng, s->n_pages);

	for (unsigned i = 0; i < s->n_pages; i++) {
		const struct vpage *p = &s->pages[(first + i) % s->n_pages];

		if (p->spp.given)
			return p;
	}
	return NULL;
}

const struct vpage *sppt_step(struct generator *g, struct vstep *s)
{
	static const uint8_t upper[] = { 0x01, 0x01, 0x01, 0x00, 0x03, 0x09 };
	const struct vpage *p = random_sub_page_owner(g);

	if (!p)
		return NULL;
	s->a = (struct addr){ .kind = ADDR_SPPTE, .a = p->gpa, .alias = s->a.alias };
	s->size = 8;
	s->b.a = sppt_leaf(random_sub_page_vector(g)) | leaf_reserved(g);
	if (rng_percent(&g->rng, 15)) {
		s->a.level = 2 + rng_below(&g->rng, 3);
		s->size = 1;
		s->b.a = rng_choose(&g->rng, upper);
	}
	return p;
}
