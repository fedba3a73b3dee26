/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The ring of the OoH Module (struct ooh_user_ring). It is memory that others write to: nothing
 * that is read from it is used as an index or a length without a check.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include "internal.h"
#include "../ooh_uapi.h"

#define ENTRIES_MAX (4096 * PAGE_BYTES / sizeof(uint64_t))

static uint64_t load(const __u64 *word)
{
	return __atomic_load_n(word, __ATOMIC_ACQUIRE);
}

/* Map the header alone to see how much there is, then all of it. */
int ooh_ring_map(struct ooh *o, struct ring *ring, int fd)
{
	struct ooh_user_ring *header;
	uint64_t entries;

	header = mmap(NULL, PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (header == MAP_FAILED)
		return ooh_fail(o, errno, "mmap of the ring: %s", strerror(errno));
	entries = load(&header->entries);
	munmap(header, PAGE_BYTES);
	if (entries == 0 || entries > ENTRIES_MAX || (entries & (entries - 1)))
		return ooh_fail(o, EPROTO,
				"the ring has %llu entries; a power of two up to %llu was expected",
				(unsigned long long)entries, ENTRIES_MAX);
	ring->bytes = PAGE_BYTES + entries * sizeof(uint64_t);
	header = mmap(NULL, ring->bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (header == MAP_FAILED)
		return ooh_fail(o, errno, "mmap of the ring, %zu bytes: %s", ring->bytes,
				strerror(errno));
	ring->header = header;
	ring->entry = (const uint64_t *)((const char *)header + PAGE_BYTES);
	ring->entries = entries;
	ring->tail = load(&header->tail);
	ring->lost = load(&header->lost);
	return 0;
}

void ooh_ring_unmap(struct ring *ring)
{
	if (ring->header)
		munmap(ring->header, ring->bytes);
	*ring = (struct ring){0};
}

static void set_tail(struct ring *ring, uint64_t tail)
{
	ring->tail = tail;
	__atomic_store_n(&ring->header->tail, tail, __ATOMIC_RELEASE);
}

/* Throw away what is in the ring, and the count of what did not fit. */
void ooh_ring_skip(struct ring *ring)
{
	ring->lost = load(&ring->header->lost);
	set_tail(ring, load(&ring->header->head));
}

/*
 * Append the pages in the ring to the list. *overflow is set if there are pages that are in no
 * entry. That is also so if head is somewhere it can't be, and the entries mean nothing.
 */
int ooh_ring_take(struct ooh *o, struct ring *ring, struct page_list *list, bool *overflow)
{
	uint64_t head = load(&ring->header->head), lost = load(&ring->header->lost);
	uint64_t n = head - ring->tail;
	int error;

	if (lost != ring->lost || n > ring->entries)
		*overflow = true;
	o->stats.lost += lost - ring->lost;
	ring->lost = lost;
	n = n > ring->entries ? 0 : n;
	for (uint64_t i = 0; i < n; i++) {
		uint64_t page = ring->entry[(ring->tail + i) & (ring->entries - 1)];

		page &= ~(PAGE_BYTES - 1);
		error = ooh_pages_add(o, list, page, page + PAGE_BYTES);
		if (error)
			return error;
	}
	o->stats.entries += n;
	set_tail(ring, head);
	return 0;
}

/* 1: the process has exited, 2: it has executed another program. */
int ooh_ring_ended(const struct ring *ring)
{
	return (int)load(&ring->header->ended);
}
