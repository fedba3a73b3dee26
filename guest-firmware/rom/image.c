/* SPDX-License-Identifier: BSD-2-Clause */
/* The vector image: find it, and find the arrays of a vector. */
#include "rom.h"

#define IMAGE_FIRST	(0x100000000ull - ROMIMAGE_MAX)

static bool header_valid(const struct vi_header *h)
{
	return h->magic == VI_MAGIC && h->version == 1 && h->size >= sizeof(*h) &&
	       h->size <= ROM_TOP - (uint64_t)h;
}

/**
 * Find the vector image in front of the ROM (romimage.h).
 * @return	its header, or NULL
 */
const struct vi_header *image_find(void)
{
	uint64_t address;

	for (address = IMAGE_FIRST; address < ROM_TOP; address += ROMIMAGE_PAGE) {
		const struct vi_header *h = (const struct vi_header *)address;

		if (header_valid(h))
			return h;
	}
	return NULL;
}

/**
 * Find the arrays of a vector.
 * @param v	vector in the image
 * @param end	end of the image
 * @param a	filled in
 * @return	false if the vector does not fit: its sizes contradict each other
 */
bool image_arrays(const struct vi_vector *v, uint64_t end, struct arrays *a)
{
	uint64_t p = (uint64_t)(v + 1);

	if (p > end || v->size < sizeof(*v) || v->size > end - (uint64_t)v ||
	    v->n_steps > ROMIMAGE_MAX_STEPS)
		return false;
	a->pages = (const uint64_t *)p;
	p += v->n_pages * sizeof(*a->pages);
	a->pokes = (const struct vi_poke *)p;
	p += v->n_pokes * sizeof(*a->pokes);
	a->fields = (const struct vi_field *)p;
	p += v->n_fields * sizeof(*a->fields);
	a->steps = (const struct vi_step *)p;
	p += v->n_steps * sizeof(*a->steps);
	a->dump_pages = (const uint64_t *)p;
	p += v->n_dump_pages * sizeof(*a->dump_pages);
	a->dump_words = (const uint64_t *)p;
	p += v->n_dump_words * sizeof(*a->dump_words);
	a->dump_fields = (const struct vi_field *)p;
	p += v->n_dump_fields * sizeof(*a->dump_fields);
	return p == (uint64_t)v + v->size;
}
