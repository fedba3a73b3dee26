/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>
#include <string.h>

#include "replay.h"

#define WORDS		512
#define FIRST_SPACE	64
#define PAGE_SIZE_BIT	0x80u
#define ADDRESS		UINT64_C(0x000ffffffffff000)

struct replay_page {
	uint64_t number;
	uint64_t word[WORDS];
};

/* The slot of a page, or the free slot where it would be. */
static unsigned slot_of(struct replay_page *const *pages, unsigned space, uint64_t number)
{
	unsigned slot = (unsigned)(number * UINT64_C(0x9e3779b97f4a7c15) >> 40) & (space - 1);

	while (pages[slot] && pages[slot]->number != number)
		slot = (slot + 1) & (space - 1);
	return slot;
}

uint64_t replay_memory_read(const struct replay_memory *m, uint64_t hpa)
{
	const struct replay_page *page;

	if (!m->space)
		return 0;
	page = m->pages[slot_of(m->pages, m->space, hpa >> 12)];
	return page ? page->word[hpa / 8 % WORDS] : 0;
}

/* Never more than half full. */
static bool grow(struct replay_memory *m)
{
	const unsigned space = m->space ? m->space * 2 : FIRST_SPACE;
	struct replay_page **pages;

	if (m->n * 2 < m->space)
		return true;
	pages = calloc(space, sizeof(*pages));
	if (!pages)
		return false;
	for (unsigned i = 0; i < m->space; i++)
		if (m->pages[i])
			pages[slot_of(pages, space, m->pages[i]->number)] = m->pages[i];
	free(m->pages);
	m->pages = pages;
	m->space = space;
	return true;
}

static struct replay_page *get_page(struct replay_memory *m, uint64_t number)
{
	struct replay_page **slot;

	if (!grow(m))
		return NULL;
	slot = &m->pages[slot_of(m->pages, m->space, number)];
	if (!*slot) {
		*slot = calloc(1, sizeof(**slot));
		if (*slot) {
			(*slot)->number = number;
			m->n++;
		}
	}
	return *slot;
}

void replay_memory_write(struct replay_memory *m, uint64_t hpa, uint64_t value)
{
	struct replay_page *page = get_page(m, hpa >> 12);

	if (page)
		page->word[hpa / 8 % WORDS] = value;
	else
		m->failed = true;
}

void replay_memory_free(struct replay_memory *m)
{
	for (unsigned i = 0; i < m->space; i++)
		free(m->pages[i]);
	free(m->pages);
	*m = (struct replay_memory){ .n = 0 };
}

void replay_memory_map(struct replay_memory *m, uint64_t root, uint64_t from, uint64_t to,
		       unsigned level, uint64_t table_bits, uint64_t leaf_bits)
{
	uint64_t table = root & ADDRESS, entry, hpa;
	unsigned at;

	for (at = 4; at > level; at--) {
		hpa = table + (from >> (12 + 9 * (at - 1))) % WORDS * 8;
		entry = replay_memory_read(m, hpa);
		if (!entry) {
			entry = m->next_table | table_bits;
			m->next_table += WORDS * 8;
			replay_memory_write(m, hpa, entry);
		}
		table = entry & ADDRESS;
	}
	hpa = table + (from >> (12 + 9 * (level - 1))) % WORDS * 8;
	replay_memory_write(m, hpa, (to & ADDRESS) | leaf_bits | (level > 1 ? PAGE_SIZE_BIT : 0));
}
