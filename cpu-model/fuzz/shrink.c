/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>
#include <string.h>

#include "epml-spec.h"
#include "shrink.h"
#include "world.h"

#define MAX_CANDIDATES	256
#define MAX_ROUNDS	200

#define EPT_RWX	(EPML_EPT_READ | EPML_EPT_WRITE | EPML_EPT_EXECUTE)
#define EPT_RX	(EPML_EPT_READ | EPML_EPT_EXECUTE)
#define EPT_AD	(EPML_EPT_ACCESSED | EPML_EPT_DIRTY)
#define WB	((uint64_t)EPML_MEMTYPE_WB << EPML_EPT_MEMTYPE_SHIFT)

/* The vectors that could come next. */
struct candidates {
	struct fuzz_case c[MAX_CANDIDATES];
	unsigned n;
};

/* A copy to be changed, or NULL if there are enough. */
static struct fuzz_case *candidate(struct candidates *list, const struct fuzz_case *from)
{
	if (list->n == MAX_CANDIDATES)
		return NULL;
	case_copy(&list->c[list->n], from);
	return &list->c[list->n++];
}

/* ---- Elements of arrays ------------------------------------------------------------------- */

enum array { STEPS, PAGES, FIELDS, MEMORY, BITS, ARRAYS };

static unsigned *array_of(struct fuzz_case *c, enum array which, char **items, size_t *size)
{
	struct vsetup *s = &c->v.setup;

	switch (which) {
	case STEPS:
		*items = (char *)c->v.steps;
		*size = sizeof(*c->v.steps);
		return &c->v.n_steps;
	case PAGES:
		*items = (char *)s->pages;
		*size = sizeof(*s->pages);
		return &s->n_pages;
	case FIELDS:
		*items = (char *)s->fields;
		*size = sizeof(*s->fields);
		return &s->n_fields;
	case MEMORY:
		*items = (char *)s->memory;
		*size = sizeof(*s->memory);
		return &s->n_memory;
	default:
		*items = (char *)s->bits;
		*size = sizeof(*s->bits);
		return &s->n_bits;
	}
}

static void remove_items(struct fuzz_case *c, enum array which, unsigned first, unsigned count)
{
	char *items;
	size_t size;
	unsigned *n = array_of(c, which, &items, &size);

	memmove(items + first * size, items + (first + count) * size,
		(*n - first - count) * size);
	*n -= count;
}

/* Without a half, without a quarter, ... without single elements, the last ones first. */
static void without_items(struct candidates *list, const struct fuzz_case *c, enum array which)
{
	struct fuzz_case copy = *c;
	char *items;
	size_t size;
	const unsigned n = *array_of(&copy, which, &items, &size);

	for (unsigned count = n > 1 ? n / 2 : n; count; count /= 2) {
		for (unsigned end = n; end >= count; end -= count) {
			struct fuzz_case *next = candidate(list, c);

			if (!next)
				return;
			remove_items(next, which, end - count, count);
			if (end < 2 * count)
				break;
		}
	}
}

/* ---- Single values ------------------------------------------------------------------------ */

/* Is there something to change? Then a copy in which @p value points to the same place. */
#define SET(list, from, member, new_value) \
	do { \
		if ((from)->v.member != (new_value)) { \
			struct fuzz_case *next_ = candidate(list, from); \
			if (next_) \
				next_->v.member = (new_value); \
		} \
	} while (0)

static void simpler_setup(struct candidates *list, const struct fuzz_case *c)
{
	const struct vsetup *s = &c->v.setup;
	const uint64_t settled = EPT_RWX | EPT_AD | WB;

	for (unsigned bit = 1; bit <= CTL_SPP; bit <<= 1)
		if (s->controls & bit)
			SET(list, c, setup.controls, s->controls & ~bit);
	for (unsigned bit = 1; bit <= NOCTL_TERTIARY; bit <<= 1)
		if (s->no_controls & bit)
			SET(list, c, setup.no_controls, s->no_controls & ~bit);
	SET(list, c, setup.cpl, 0);
	SET(list, c, setup.interrupts, false);
	SET(list, c, setup.ist, 0);
	SET(list, c, setup.eptp, s->eptp | EPML_EPTP_AD);
	SET(list, c, setup.guest_tables.bits, settled);
	SET(list, c, setup.log_page.bits, settled);
	if (s->has_log_hpa) {
		struct fuzz_case *next = candidate(list, c);

		if (next) {
			next->v.setup.has_log_hpa = false;
			next->v.setup.log_hpa = W_FRAME0 + W_GUEST_LOG;
		}
	}
}

static bool is_sound(const struct entry_flags *e)
{
	for (unsigned level = 0; level <= LEVELS; level++)
		if (e->raw_set[level] || e->raw_clear[level])
			return false;
	return true;
}

/* Without sub-page permissions, or with all of them and a sound SPPT. */
static void simpler_sub_pages(struct candidates *list, const struct fuzz_case *c, unsigned i)
{
	const struct entry_flags all = { .given = true, .bits = sppt_leaf(UINT32_MAX) };
	const struct vpage *p = &c->v.setup.pages[i];
	struct fuzz_case *next;

	if (!p->spp.given)
		return;
	next = candidate(list, c);
	if (next) {
		next->v.setup.pages[i].spp = (struct entry_flags){ 0 };
		next->v.setup.pages[i].ept.bits &= ~EPML_EPT_SPP;
	}
	if (is_sound(&p->spp) && p->spp.bits == all.bits)
		return;
	next = candidate(list, c);
	if (next)
		next->v.setup.pages[i].spp = all;
}

static void simpler_page(struct candidates *list, const struct fuzz_case *c, unsigned i)
{
	const struct vpage *p = &c->v.setup.pages[i];
	const uint64_t guest = EPML_PTE_PRESENT | EPML_PTE_WRITE | EPML_PTE_USER;
	/* A page of the SPPT has bit 61. */
	const uint64_t ept = p->spp.given ? EPT_RX | WB | EPML_EPT_SPP : EPT_RWX | WB;

	simpler_sub_pages(list, c, i);
	SET(list, c, setup.pages[i].guest.bits, guest);
	SET(list, c, setup.pages[i].guest.raw_set[0], 0);
	SET(list, c, setup.pages[i].ept.raw_set[0], 0);
	SET(list, c, setup.pages[i].ept.bits, ept);
	for (uint64_t bit = 1; bit; bit <<= 1) {
		if (p->guest.bits & bit & ~guest)
			SET(list, c, setup.pages[i].guest.bits, p->guest.bits & ~bit);
		if (p->ept.bits & bit & ~ept)
			SET(list, c, setup.pages[i].ept.bits, p->ept.bits & ~bit);
	}
}

static bool has_size(enum vi_op op)
{
	switch (op) {
	case VI_STORE: case VI_LOAD: case VI_RMW: case VI_LOCK_RMW: case VI_CMPXCHG:
		return true;
	default:
		return false;
	}
}

static void simpler_step(struct candidates *list, const struct fuzz_case *c, unsigned i)
{
	const struct vstep *s = &c->v.steps[i];
	const bool string = s->op == VI_STOS || s->op == VI_MOVS;

	if (has_size(s->op) && s->a.kind == ADDR_NUMBER) {
		SET(list, c, steps[i].size, 8);
		SET(list, c, steps[i].a.a, s->a.a & -PAGE_SIZE);
		SET(list, c, steps[i].b.a, 1);
	}
	if (string) {
		SET(list, c, steps[i].a.a, s->a.a & -PAGE_SIZE);
		if (s->op == VI_STOS)
			SET(list, c, steps[i].b.a, s->b.a / 2);
		else
			SET(list, c, steps[i].c.a, s->c.a / 2);
	}
	if (s->op <= VI_GUEST_LAST && s->op != VI_STORE && has_size(s->op))
		SET(list, c, steps[i].op, VI_STORE);
}

static void all_candidates(struct candidates *list, const struct fuzz_case *c)
{
	for (int which = 0; which < ARRAYS; which++)
		without_items(list, c, (enum array)which);
	simpler_setup(list, c);
	for (unsigned i = 0; i < c->v.setup.n_pages; i++)
		simpler_page(list, c, i);
	for (unsigned i = 0; i < c->v.n_steps; i++)
		simpler_step(list, c, i);
}

/* ---- Rounds ------------------------------------------------------------------------------- */

static bool fails_alike(const struct finding *a, const struct finding *b)
{
	if (a->kind != b->kind)
		return false;
	return a->kind == FOUND_PROPERTY || (a->host == b->host && difference_alike(&a->d, &b->d));
}

static void take(struct fuzz_case *c, struct finding *f, const struct fuzz_case *next,
		 const struct finding *found)
{
	struct fuzz_case old = *c;

	case_copy(c, next);
	case_free(&old);
	*f = *found;
	f->d.model = found->d.model ? &f->model_report : NULL;
	f->d.other = found->d.other ? &f->other_report : NULL;
}

/* One round; *smaller says whether it found a vector. */
static int shrink_once(struct trial_options *o, struct fuzz_case *c, struct finding *f,
		       struct candidates *list, bool *smaller, char *text, size_t size)
{
	struct trial *trials;
	int status;

	list->n = 0;
	all_candidates(list, c);
	trials = calloc(list->n + 1, sizeof(*trials));
	if (!trials)
		return -1;
	for (unsigned i = 0; i < list->n; i++)
		trials[i].c = &list->c[i];
	status = trials_run(o, trials, list->n, text, size);
	*smaller = false;
	for (unsigned i = 0; !status && !*smaller && i < list->n; i++) {
		*smaller = trials[i].runs && fails_alike(&trials[i].finding, f);
		if (*smaller)
			take(c, f, &list->c[i], &trials[i].finding);
	}
	trials_free(trials, list->n);
	free(trials);
	for (unsigned i = 0; i < list->n; i++)
		case_free(&list->c[i]);
	return status;
}

int fuzz_shrink(const struct trial_options *o, struct fuzz_case *c, struct finding *f, char *text,
		size_t size)
{
	/* Differences of vectors on the way are not counted. */
	struct trial_options quiet = *o;
	struct candidates *list = calloc(1, sizeof(*list));
	bool smaller = true;
	int status = 0;

	if (f->kind == FOUND_PROPERTY)
		quiet.hosts = 1u << ON_MODEL;
	else
		quiet.hosts = 1u << f->host;
	for (unsigned i = 0; list && !status && smaller && i < MAX_ROUNDS; i++)
		status = shrink_once(&quiet, c, f, list, &smaller, text, size);
	free(list);
	return status;
}
