/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Dirty flags of a domain's EPT, for the guest.
 *
 * They say what the guest wants to know only if they are the processor's alone. Xen sets them in
 * entries that it writes, because that saves the processor an access. In a domain that uses them
 * Xen keeps what is there or clears it, so that a page can be logged once too often and never once
 * too little. And a flag stands for one page, so that all of the guest's RAM is mapped by entries
 * for 4 KBytes.
 */
#include <xen/domain_page.h>
#include <xen/lib.h>
#include <xen/sched.h>

#include <asm/altp2m.h>
#include <asm/event.h>
#include <asm/hvm/vmx/vmcs.h>
#include <asm/hvm/vmx/vmx.h>
#include <asm/p2m.h>

#include "../../mm/mm-locks.h"
#include "epml-spec.h"
#include "ooh.h"

#define DIRTY_BIT	9

ept_entry_t *ooh_ept_entry(struct p2m_domain *p2m, unsigned long gfn, unsigned long *next)
{
	mfn_t mfn = pagetable_get_mfn(p2m_get_pagetable(p2m));
	unsigned int shift = p2m->ept.wl * EPT_TABLE_ORDER;

	for (;; shift -= EPT_TABLE_ORDER) {
		ept_entry_t *table = map_domain_page(mfn), *entry, e;

		entry = &table[(gfn >> shift) & (EPT_PAGETABLE_ENTRIES - 1)];
		if (!shift) {
			if (next)
				*next = (gfn | (EPT_PAGETABLE_ENTRIES - 1)) + 1;
			return entry;
		}
		e.epte = read_atomic(&entry->epte);
		unmap_domain_page(table);
		if (!(e.epte & EPTE_RWX_MASK) || e.sp) {
			if (next)
				*next = ((gfn >> shift) + 1) << shift;
			return NULL;
		}
		mfn = _mfn(e.mfn);
	}
}

/*
 * Split the large page that maps gfn by one level.
 * @param order	result: of the range around gfn that needs nothing more; -1: look again
 */
static int split(struct p2m_domain *p2m, unsigned long gfn, int *order)
{
	unsigned int from;
	p2m_access_t a;
	p2m_type_t t;
	mfn_t mfn;

	mfn = p2m->get_entry(p2m, _gfn(gfn), &t, &a, 0, &from, NULL);
	*order = from;
	if (!from || !p2m_is_ram(t) || mfn_eq(mfn, INVALID_MFN))
		return 0;
	if (from > EPT_TABLE_ORDER)
		*order = -1;
	return p2m->set_entry(p2m, _gfn(gfn), mfn, from - EPT_TABLE_ORDER, t, a, -1);
}

/* Pages of 4 KByte for all of the domain's RAM, from now on. -ERESTART: once more. */
static int make_small(struct domain *d)
{
	struct p2m_domain *p2m = p2m_get_hostp2m(d);
	struct ooh_memory *m = &ooh_domain(d)->memory;
	int order, rc = 0;

	p2m_lock(p2m);
	m->small = true;
	while (m->split_next <= p2m->max_mapped_pfn) {
		rc = split(p2m, m->split_next, &order);
		if (rc)
			break;
		if (order >= 0)
			m->split_next = ((m->split_next >> order) + 1) << order;
		if (hypercall_preempt_check()) {
			rc = -ERESTART;
			break;
		}
	}
	if (!rc)
		m->split_next = ULONG_MAX;
	p2m_unlock(p2m);
	return rc;
}

/* With all other vCPUs paused. */
static void dirty_on(struct domain *d)
{
	struct p2m_domain *p2m = p2m_get_hostp2m(d);
	struct vcpu *v;

	atomic_inc(&ooh_domain(d)->memory.dirty_users);
	p2m_lock(p2m);
	p2m->ept.ad = 1;
	ept_sync_domain(p2m);
	p2m_unlock(p2m);
	for_each_vcpu(d, v) {
		vmx_vmcs_enter(v);
		__vmwrite(EPT_POINTER, p2m->ept.eptp);
		vmx_vmcs_exit(v);
	}
}

int ooh_ept_dirty_get(struct domain *d)
{
	int rc;

	if (!cpu_has_vmx_ept_ad)
		return -ENOSYS;
	if (altp2m_active(d))
		return -EBUSY;
	if (!ooh_domain_state(d))
		return -ENOMEM;
	rc = make_small(d);
	if (rc)
		return rc;
	rc = domain_pause_except_self(d);
	if (rc)
		return rc;
	dirty_on(d);
	domain_unpause_except_self(d);
	return 0;
}

/* The control in EPTP stays until Xen changes it for its own ends: it costs the guest little. */
void ooh_ept_dirty_put(struct domain *d)
{
	atomic_dec(&ooh_domain(d)->memory.dirty_users);
}

bool ooh_ept_needs_dirty(const struct domain *d)
{
	return ooh_domain(d) && atomic_read(&ooh_domain(d)->memory.dirty_users);
}

/* Clear the dirty flags of n entries. The processor sets flags at the same time. */
static unsigned int clear_dirty(ept_entry_t *entry, unsigned int n)
{
	unsigned int cleared = 0;

	for (; n--; entry++)
		if ((entry->epte & EPTE_RWX_MASK) && entry->d &&
			test_and_clear_bit(DIRTY_BIT, &entry->epte))
			cleared++;
	return cleared;
}

int ooh_ept_rearm_all(struct vcpu *v)
{
	struct p2m_domain *p2m = p2m_get_hostp2m(v->domain);
	struct ooh_spml *spml = &ooh_vcpu(v)->spml;
	unsigned int cleared = 0;
	int rc = 0;

	if (!spml->rearm_next)
		spml->rearmed = 0;
	p2m_lock(p2m);
	while (spml->rearm_next <= p2m->max_mapped_pfn) {
		ept_entry_t *table = ooh_ept_entry(p2m, spml->rearm_next, &spml->rearm_next);

		if (table) {
			cleared += clear_dirty(table, EPT_PAGETABLE_ENTRIES);
			unmap_domain_page(table);
		}
		if (spml->rearm_next <= p2m->max_mapped_pfn && hypercall_preempt_check()) {
			rc = -ERESTART;
			break;
		}
	}
	if (!rc)
		spml->rearm_next = 0;
	spml->rearmed += cleared;
	if (cleared)
		ept_sync_domain(p2m);
	p2m_unlock(p2m);
	return rc;
}

/* Pages that have gone meanwhile are passed over. */
static long rearm_list(struct domain *d, const uint64_t *gpas, unsigned int n)
{
	struct p2m_domain *p2m = p2m_get_hostp2m(d);
	unsigned int i, cleared = 0;

	p2m_lock(p2m);
	for (i = 0; i < n; i++) {
		uint64_t gfn = read_atomic(&gpas[i]) >> PAGE_SHIFT;
		ept_entry_t *entry = NULL;

		if (gfn <= p2m->max_mapped_pfn)
			entry = ooh_ept_entry(p2m, gfn, NULL);
		if (!entry)
			continue;
		cleared += clear_dirty(entry, 1);
		unmap_domain_page(entry);
	}
	if (cleared)
		ept_sync_domain(p2m);
	p2m_unlock(p2m);
	return cleared;
}

long ooh_rearm(struct vcpu *v, paddr_t list, uint64_t n)
{
	struct page_info *page;
	const void *map;
	long result;

	if (!ooh_ept_needs_dirty(v->domain))
		return -EINVAL;
	if (!n) {
		if (!ooh_vcpu_state(v))
			return -ENOMEM;
		return ooh_ept_rearm_all(v) ?: ooh_vcpu(v)->spml.rearmed;
	}
	if (n > OOH_REARM_MAX || list % sizeof(uint64_t) ||
		(list & ~PAGE_MASK) + n * sizeof(uint64_t) > PAGE_SIZE)
		return -EINVAL;
	page = ooh_get_page(v->domain, list, false);
	if (!page)
		return -EFAULT;
	map = __map_domain_page(page);
	result = rearm_list(v->domain, map + (list & ~PAGE_MASK), n);
	unmap_domain_page(map);
	put_page(page);
	return result;
}

bool ooh_ept_wants_small(const struct domain *d, mfn_t mfn)
{
	const struct ooh_memory *m;

	if (!ooh_caps || !ooh_domain(d))
		return false;
	m = &ooh_domain(d)->memory;
	/* That a pool page goes away is noticed at its own entry only. */
	return (m->small && !mfn_eq(mfn, INVALID_MFN)) || m->pool_pages;
}

void ooh_ept_replace(struct p2m_domain *p2m, unsigned long gfn, const ept_entry_t *old,
	ept_entry_t *new)
{
	struct domain *d = p2m->domain;
	bool same = (old->epte & EPTE_RWX_MASK) && old->mfn == new->mfn && !old->sp && !new->sp;

	if (!ooh_domain(d) || !p2m_is_hostp2m(p2m))
		return;
	if (new->epte && ooh_ept_needs_dirty(d))
		new->d = same && old->d;
	if (!ooh_sppt_is_pool(old))
		return;
	/* A page that was shared has been copied; else the same frame is the same page. */
	if (new->epte && !new->sp && p2m_is_ram(new->sa_p2mt) && new->access == p2m_access_rwx &&
		(same || p2m_is_shared(old->sa_p2mt)))
		ooh_sppt_mark(new);
	else
		ooh_sppt_forget(d, gfn);
}

void ooh_ept_permissions(const struct p2m_domain *p2m, ept_entry_t *entry, bool dirty)
{
	if (!ooh_domain(p2m->domain))
		return;
	if (!dirty && ooh_ept_needs_dirty(p2m->domain))
		entry->d = 0;
	if (ooh_sppt_is_pool(entry))
		ooh_sppt_permissions(p2m->domain, entry);
}

p2m_access_t ooh_ept_access(const ept_entry_t *entry)
{
	return ooh_sppt_is_pool(entry) ? p2m_access_rwx : entry->access;
}
