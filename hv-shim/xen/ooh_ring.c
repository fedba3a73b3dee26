/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The ring: memory of the guest into which the hypervisor writes. The guest can write to all of it
 * at any time, so the hypervisor keeps its own copy of whatever it depends on. Only the tail is
 * read; a wrong one makes the guest lose its own entries.
 */
#include <xen/lib.h>
#include <xen/mm.h>
#include <xen/sched.h>
#include <xen/vmap.h>
#include <xen/xmalloc.h>

#include <asm/p2m.h>
#include <asm/paging.h>

#include "ooh.h"

#define ENTRIES_PER_PAGE	(PAGE_SIZE / sizeof(struct ooh_entry))

static void put_pages(struct ooh_ring_map *ring)
{
	while (ring->pages)
		ooh_put_page(mfn_to_page(ring->mfns[--ring->pages]), true);
	xfree(ring->mfns);
	ring->mfns = NULL;
}

static int get_pages(struct domain *d, struct ooh_ring_map *ring, paddr_t gpa, unsigned int n)
{
	ring->mfns = xzalloc_array(mfn_t, n);
	if (!ring->mfns)
		return -ENOMEM;
	while (ring->pages < n) {
		struct page_info *page = ooh_get_page(d, gpa + ring->pages * PAGE_SIZE, true);

		if (!page) {
			put_pages(ring);
			return -EFAULT;
		}
		ring->mfns[ring->pages++] = page_to_mfn(page);
	}
	return 0;
}

/* Tell the guest what there is; Xen's own log of dirty pages has to hear of it too. */
static void publish(struct domain *d, struct ooh_ring_map *ring)
{
	smp_wmb();	/* the entries come first */
	write_atomic(&ring->header->lost, ring->lost);
	write_atomic(&ring->header->spills, ring->spills);
	write_atomic(&ring->header->head, ring->head);
	paging_mark_dirty(d, ring->mfns[0]);
}

static long ring_take_away(struct vcpu *v)
{
	if (ooh_vcpu(v))
		ooh_ring_free(v);
	return 0;
}

long ooh_ring_set(struct vcpu *v, paddr_t gpa, uint64_t bytes)
{
	struct ooh_ring_map new = {};
	struct ooh_vcpu *state = ooh_vcpu(v);
	int rc;

	if ((state && state->epml.on && (ooh_caps & OOH_CAP_LOG_EXITS)) || ooh_spml_is_enabled(v))
		return -EBUSY;
	if (!bytes)
		return ring_take_away(v);
	if ((gpa | bytes) & ~PAGE_MASK || gpa + bytes < gpa ||
		bytes < OOH_RING_PAGES_MIN * PAGE_SIZE || bytes > OOH_RING_PAGES_MAX * PAGE_SIZE)
		return -EINVAL;
	state = ooh_vcpu_state(v);
	if (!state)
		return -ENOMEM;
	rc = get_pages(v->domain, &new, gpa, bytes >> PAGE_SHIFT);
	if (rc)
		return rc;
	new.header = vmap(new.mfns, new.pages);
	if (!new.header) {
		put_pages(&new);
		return -ENOMEM;
	}
	new.entry = (void *)new.header + PAGE_SIZE;
	new.entries = (bytes - PAGE_SIZE) / sizeof(*new.entry);
	memset(new.header, 0, PAGE_SIZE);
	write_atomic(&new.header->entries, new.entries);
	publish(v->domain, &new);

	ooh_ring_free(v);
	spin_lock(&state->ring_lock);
	state->ring = new;
	spin_unlock(&state->ring_lock);
	return 0;
}

void ooh_ring_free(struct vcpu *v)
{
	struct ooh_vcpu *state = ooh_vcpu(v);
	struct ooh_ring_map old;

	spin_lock(&state->ring_lock);
	old = state->ring;
	memset(&state->ring, 0, sizeof(state->ring));
	spin_unlock(&state->ring_lock);
	if (!old.pages)
		return;
	vunmap(old.header);
	put_pages(&old);
}

bool ooh_ring_is_set(const struct vcpu *v)
{
	return ooh_vcpu(v) && ooh_vcpu(v)->ring.pages;
}

static void add(struct domain *d, struct ooh_ring_map *ring, uint64_t log,
	const uint64_t *addresses, unsigned int n)
{
	uint64_t used = ring->head - read_atomic(&ring->header->tail);
	unsigned int i, room = used < ring->entries ? ring->entries - used : 0;

	for (i = 0; i < n && i < room; i++) {
		uint64_t at = ring->head % ring->entries;
		struct ooh_entry *entry = &ring->entry[at];

		write_atomic(&entry->log, log);
		write_atomic(&entry->address, addresses[i]);
		if (!i || !(at % ENTRIES_PER_PAGE))
			paging_mark_dirty(d, ring->mfns[1 + at / ENTRIES_PER_PAGE]);
		ring->head++;
	}
	ring->lost += n - i;
	publish(d, ring);
}

void ooh_ring_add(struct vcpu *v, uint64_t log, const uint64_t *addresses, unsigned int n)
{
	struct ooh_vcpu *state = ooh_vcpu(v);

	spin_lock(&state->ring_lock);
	if (state->ring.pages)
		add(v->domain, &state->ring, log, addresses, n);
	spin_unlock(&state->ring_lock);
}

void ooh_ring_count_spill(struct vcpu *v)
{
	struct ooh_vcpu *state = ooh_vcpu(v);

	spin_lock(&state->ring_lock);
	state->ring.spills++;
	if (state->ring.pages)
		publish(v->domain, &state->ring);
	spin_unlock(&state->ring_lock);
}
