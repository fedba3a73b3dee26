/* SPDX-License-Identifier: BSD-2-Clause */
/* RAM of a vector, its paging structures, and the addresses that expressions stand for. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "epml-spec.h"
#include "world.h"

#define GUEST_TABLES_END 0x00200000ull

struct world *world_new(struct arena *arena)
{
	struct world *w = calloc(1, sizeof(*w));

	if (!w) {
		fprintf(stderr, "epml: out of memory\n");
		exit(2);
	}
	w->arena = arena;
	w->ept.kind = TREE_EPT;
	w->ept.next = W_EPT;
	w->ept.end = W_EPT2;
	w->ept.upper_bits = EPML_EPT_READ | EPML_EPT_WRITE | EPML_EPT_EXECUTE | EPML_EPT_ACCESSED;
	w->guest.kind = TREE_GUEST;
	w->sppt.kind = TREE_SPPT;
	w->guest.next = W_GUEST_PML4;
	w->guest.end = GUEST_TABLES_END;
	w->guest.upper_bits = EPML_PTE_PRESENT | EPML_PTE_WRITE | EPML_PTE_USER |
			      EPML_PTE_ACCESSED;
	tree_add_table(w, &w->ept, LEVELS, 0, w->ept.next);
	tree_add_table(w, &w->guest, LEVELS, 0, w->guest.next);
	w->ept.next += PAGE_SIZE;
	w->guest.next += PAGE_SIZE;
	return w;
}

void world_add_sppt(struct world *w)
{
	w->sppt.next = W_SPPT + PAGE_SIZE;
	w->sppt.end = W_SPPT + MAX_TABLES * PAGE_SIZE;
	w->sppt.upper_bits = EPML_SPPT_VALID;
	tree_add_table(w, &w->sppt, LEVELS, 0, W_SPPT);
}

void world_free(struct world *w)
{
	free(w->sppt.maps);
	free(w->ept.maps);
	free(w->guest.maps);
	free(w);
}

/* ---- RAM ---- */

bool world_ram(uint64_t hpa, uint64_t size)
{
	return hpa >= W_SYS_END && hpa < W_RAM_SIZE && size <= W_RAM_SIZE - hpa;
}

void world_use(struct world *w, uint64_t hpa, uint64_t size)
{
	uint64_t end = size > W_RAM_SIZE - hpa ? W_RAM_SIZE : hpa + size;

	if (!world_ram(hpa, 1))
		return;
	for (uint64_t page = hpa / PAGE_SIZE; page * PAGE_SIZE < end; page++)
		w->pages[page].used = true;
}

void world_write(struct world *w, uint64_t hpa, unsigned size, uint64_t value)
{
	for (unsigned i = 0; i < size; i++, hpa++, value >>= 8) {
		struct wpage *p = &w->pages[hpa / PAGE_SIZE];
		unsigned word = hpa % PAGE_SIZE / 8, shift = 8 * (hpa % 8);

		p->used = true;
		if (!p->words) {
			p->words = arena_alloc(w->arena, PAGE_SIZE);
			p->written = arena_alloc(w->arena, PAGE_WORDS / 8);
		}
		p->words[word] &= ~(0xffull << shift);
		p->words[word] |= (value & 0xff) << shift;
		p->written[word / 64] |= 1ull << word % 64;
	}
}

uint64_t world_word(const struct world *w, uint64_t hpa)
{
	const struct wpage *p = &w->pages[hpa / PAGE_SIZE];

	return p->words ? p->words[hpa % PAGE_SIZE / 8] : 0;
}

static bool word_written(const struct world *w, uint64_t hpa)
{
	const struct wpage *p = &w->pages[hpa / PAGE_SIZE];
	unsigned word = hpa % PAGE_SIZE / 8;

	return p->words && p->written[word / 64] >> word % 64 & 1;
}

/* ---- Sub-page permissions ---- */

#define SUB_PAGES 32u

uint64_t sppt_leaf(uint32_t writable)
{
	uint64_t leaf = 0;

	for (unsigned i = 0; i < SUB_PAGES; i++)
		leaf |= (uint64_t)(writable >> i & 1) << 2 * i;
	return leaf;
}

uint32_t sppt_writable(uint64_t leaf)
{
	uint32_t writable = 0;

	for (unsigned i = 0; i < SUB_PAGES; i++)
		writable |= (uint32_t)(leaf >> 2 * i & 1) << i;
	return writable;
}

/* ---- Paging structures ---- */

uint64_t level_size(unsigned level)
{
	return 1ull << (3 + 9 * level);
}

/* Where a table's words are: guest tables lie in their default frames, others have HPAs. */
static uint64_t table_hpa(const struct tree *t, uint64_t address)
{
	if (t->kind != TREE_GUEST)
		return address;
	return address >= W_ALIAS ? address - W_ALIAS : W_FRAME0 + address;
}

static const struct wtable *find_table(const struct tree *t, uint64_t address, unsigned level)
{
	for (const struct wtable *tab = t->tables; tab < t->tables + t->n_tables; tab++)
		if (tab->level == level && (level == LEVELS ||
					    tab->base == (address & -level_size(level + 1))))
			return tab;
	return NULL;
}

uint64_t tree_entry(const struct tree *t, uint64_t address, unsigned level)
{
	const struct wtable *tab = find_table(t, address, level);

	if (!tab)
		return 0;
	return table_hpa(t, tab->address) + address / level_size(level) % PAGE_WORDS * 8;
}

void tree_add_table(struct world *w, struct tree *t, unsigned level, uint64_t base,
		    uint64_t address)
{
	struct wtable *tab = &t->tables[t->n_tables++];

	tab->level = level;
	tab->base = level == LEVELS ? 0 : base & -level_size(level + 1);
	tab->address = address;
	world_use(w, table_hpa(t, address), PAGE_SIZE);
	if (level == LEVELS)
		return;
	tab->parent = tree_entry(t, base, level + 1);
	world_write(w, tab->parent, 8, address | t->upper_bits);
}

static const char *add_missing_tables(struct world *w, struct tree *t, uint64_t from,
				      unsigned leaf)
{
	for (unsigned level = LEVELS - 1; level >= leaf; level--) {
		if (find_table(t, from, level))
			continue;
		if (word_written(w, tree_entry(t, from, level + 1)))
			return "lies in a larger page that is mapped already";
		if (t->n_tables == MAX_TABLES || t->next == t->end)
			return "needs too many paging-structure tables";
		tree_add_table(w, t, level, from, t->next);
		t->next += PAGE_SIZE;
	}
	return NULL;
}

/* Memory types are for entries that map a page; a large page has bit 7 set. */
static uint64_t leaf_value(const struct tree *t, uint64_t to, unsigned level,
			   const struct entry_flags *flags)
{
	const uint64_t large = t->kind == TREE_EPT ? EPML_EPT_LARGE : EPML_PTE_LARGE;
	uint64_t value = to | flags->bits | (level > 1 ? large : 0);

	return (value | flags->raw_set[0]) & ~flags->raw_clear[0];
}

static const char *change_upper(struct world *w, const struct tree *t, uint64_t from,
				unsigned leaf, const struct entry_flags *flags)
{
	for (unsigned level = 2; level <= LEVELS; level++) {
		uint64_t hpa = tree_entry(t, from, level);

		if (!flags->raw_set[level] && !flags->raw_clear[level])
			continue;
		if (level <= leaf)
			return "has no upper entry of this level";
		world_write(w, hpa, 8, (world_word(w, hpa) | flags->raw_set[level]) &
				       ~flags->raw_clear[level]);
	}
	return NULL;
}

const char *tree_map(struct world *w, struct tree *t, uint64_t from, uint64_t to,
		     unsigned level, const struct entry_flags *flags)
{
	const char *error = add_missing_tables(w, t, from, level);
	uint64_t hpa, value = leaf_value(t, to, level, flags);

	if (error)
		return error;
	hpa = tree_entry(t, from, level);
	if (word_written(w, hpa))
		return world_word(w, hpa) == value ? NULL : "is mapped already, in another way";
	world_write(w, hpa, 8, value);
	t->maps = array_grow(t->maps, t->n_maps, sizeof(*t->maps));
	t->maps[t->n_maps++] = (struct wmap){ from, to, level };
	return change_upper(w, t, from, level, flags);
}

const struct wmap *tree_lookup(const struct tree *t, uint64_t address)
{
	for (const struct wmap *m = t->maps; m < t->maps + t->n_maps; m++)
		if (m->from == (address & -level_size(m->level)))
			return m;
	return NULL;
}

bool tree_translate(const struct tree *t, uint64_t address, uint64_t *result)
{
	const struct wmap *m = tree_lookup(t, address);

	if (m)
		*result = m->to + (address - m->from);
	return m != NULL;
}

/* ---- Address expressions ---- */

static const char *resolve_entry(const struct tree *t, const struct addr *a, uint64_t *value)
{
	const struct wmap *m = tree_lookup(t, a->a);

	static const char *const unmapped[] = {
		[TREE_EPT] = "EPT does not map this GPA",
		[TREE_GUEST] = "the guest does not map this GVA",
		[TREE_SPPT] = "no page gives sub-page permissions for this GPA",
	};

	if (!a->level && !m)
		return unmapped[t->kind];
	*value = tree_entry(t, a->a, a->level ? a->level : m->level);
	return *value ? NULL : "there is no paging-structure entry of this level";
}

const char *world_resolve(const struct world *w, struct addr *a)
{
	const char *error = NULL;
	uint64_t value = a->a;

	switch (a->kind) {
	case ADDR_NUMBER:
		break;
	case ADDR_PTE:
		error = resolve_entry(&w->guest, a, &value);
		break;
	case ADDR_EPTE:
		error = resolve_entry(&w->ept, a, &value);
		break;
	case ADDR_SPPTE:
		error = resolve_entry(&w->sppt, a, &value);
		break;
	case ADDR_SPP:
		value = sppt_leaf((uint32_t)a->a);
		break;
	case ADDR_HPA:
		if (!tree_translate(&w->ept, a->a, &value))
			error = "EPT does not map this GPA";
		break;
	case ADDR_GLOG:
		value = w->guest_log + 8 * a->a;
		break;
	case ADDR_PLOG:
		value = w->pml_log + 8 * a->a;
		break;
	}
	if (error)
		return error;
	a->a = value + a->offset + (a->alias ? W_ALIAS : 0);
	a->kind = ADDR_NUMBER;
	a->alias = false;
	a->offset = 0;
	return NULL;
}
