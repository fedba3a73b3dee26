/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Pools of pages with write-protected sub-pages, for the allocators of the guest
 * (docs/isa-extension.md, section 21). The guest chooses among five patterns; all of them only take
 * permission away from pages that are its own.
 */
#include <xen/domain_page.h>
#include <xen/lib.h>
#include <xen/sched.h>

#include <asm/altp2m.h>
#include <asm/hvm/hvm.h>
#include <asm/hvm/support.h>
#include <asm/hvm/vmx/vmcs.h>
#include <asm/hvm/vmx/vmx.h>
#include <asm/p2m.h>
#include <asm/paging.h>

#include "../../mm/mm-locks.h"
#include "epml-spec.h"
#include "ooh.h"

#define POOL_PAGES_MAX	4096	/* of a domain */
#define SUB_PAGES	32
#define SUB_PAGE_SHIFT	7
#define GENERAL_PROTECTION 13

/* Leaf of the SPPT with the last sub-page in each group of "frequency" protected; 0: none such. */
static uint64_t pattern(uint64_t frequency)
{
	uint64_t vector = 0;
	unsigned int i;

	if (frequency < 2 || frequency > SUB_PAGES || (frequency & (frequency - 1)))
		return 0;
	for (i = 0; i < SUB_PAGES; i++)
		if ((i + 1) % frequency)
			vector |= 1UL << 2 * i;
	return vector;
}

static bool grants(uint64_t vector, unsigned int offset, unsigned int bytes)
{
	unsigned int i, last = (offset + bytes - 1) >> SUB_PAGE_SHIFT;

	for (i = offset >> SUB_PAGE_SHIFT; i <= last; i++)
		if (!(vector >> 2 * i & 1))
			return false;
	return true;
}

/* The controls of all vCPUs, which stay as they are until the domain ends. */
static int spp_on(struct domain *d)
{
	struct ooh_memory *m = &ooh_domain(d)->memory;
	struct p2m_domain *p2m = p2m_get_hostp2m(d);
	struct page_info *root;
	struct vcpu *v;
	int rc;

	if (m->spp)
		return 0;
	rc = domain_pause_except_self(d);
	if (rc)
		return rc;
	p2m_lock(p2m);
	root = ooh_sppt_root(d);
	p2m_unlock(p2m);
	if (root && !m->spp) {
		for_each_vcpu(d, v) {
			vmx_vmcs_enter(v);
			__vmwrite(EPML_VMCS_SPPTP, page_to_maddr(root));
			v->arch.hvm.vmx.secondary_exec_control |= EPML_PROC2_SUB_PAGE_WRITE;
			vmx_update_secondary_exec_control(v);
			vmx_vmcs_exit(v);
		}
		m->spp = true;
	}
	domain_unpause_except_self(d);
	return root ? 0 : -ENOMEM;
}

/* Look up a page of RAM, and make an EPT entry for 4 KBytes of its large page. */
static int make_small(struct p2m_domain *p2m, unsigned long gfn, mfn_t mfn)
{
	unsigned int order;
	p2m_access_t a;
	p2m_type_t t;

	if (!mfn_eq(p2m->get_entry(p2m, _gfn(gfn), &t, &a, 0, &order, NULL), mfn))
		return -EFAULT;
	if (a != p2m_access_rwx)
		return -EBUSY;	/* somebody else looks at accesses to this page */
	if (!order)
		return 0;
	return p2m->set_entry(p2m, _gfn(gfn), mfn, PAGE_ORDER_4K, t, a, -1);
}

static int protect(struct p2m_domain *p2m, unsigned long gfn, uint64_t vector)
{
	struct ooh_memory *m = &ooh_domain(p2m->domain)->memory;
	ept_entry_t *entry = ooh_ept_entry(p2m, gfn, NULL), e;
	int rc = 0;

	if (!entry)
		return -EFAULT;
	e.epte = read_atomic(&entry->epte);
	if (!ooh_sppt_is_pool(&e) && m->pool_pages >= POOL_PAGES_MAX)
		rc = -ENOSPC;
	else
		rc = ooh_sppt_set(p2m->domain, gfn, vector);
	if (!rc && !ooh_sppt_is_pool(&e)) {
		ooh_sppt_mark(&e);
		ooh_sppt_permissions(p2m->domain, &e);
		write_atomic(&entry->epte, e.epte);
		m->pool_pages++;
	}
	unmap_domain_page(entry);
	return rc;
}

static int set_page(struct p2m_domain *p2m, unsigned long gfn, uint64_t vector)
{
	struct domain *d = p2m->domain;
	struct page_info *page = ooh_get_page(d, (paddr_t)gfn << PAGE_SHIFT, false);
	mfn_t mfn;
	int rc;

	if (!page)
		return -EFAULT;
	mfn = page_to_mfn(page);
	rc = make_small(p2m, gfn, mfn);
	if (!rc)
		rc = protect(p2m, gfn, vector);
	if (!rc) {
		clear_domain_page(mfn);
		paging_mark_pfn_dirty(d, _pfn(gfn));
	}
	put_page(page);
	return rc;
}

/*
 * Nothing has to be invalidated: a denial is not cached, so the next write finds the permission.
 * The same goes for a leaf that is 0 while a processor still knows bit 61 of the entry.
 */
static void clear_page_at(struct p2m_domain *p2m, unsigned long gfn)
{
	ept_entry_t *entry = ooh_ept_entry(p2m, gfn, NULL), e;

	if (!entry)
		return;
	e.epte = read_atomic(&entry->epte);
	if (ooh_sppt_is_pool(&e)) {
		ooh_sppt_unmark(&e);
		write_atomic(&entry->epte, e.epte);
		ooh_sppt_forget(p2m->domain, gfn);
	}
	unmap_domain_page(entry);
}

static bool is_range(paddr_t gpa, uint64_t pages)
{
	return !(gpa & ~PAGE_MASK) && pages && pages <= OOH_SPP_PAGES_MAX &&
		gpa + (pages << PAGE_SHIFT) > gpa;
}

long ooh_spp_set(struct vcpu *v, paddr_t gpa, uint64_t pages, uint64_t frequency)
{
	struct p2m_domain *p2m = p2m_get_hostp2m(v->domain);
	unsigned long gfn = gpa >> PAGE_SHIFT, i;
	uint64_t vector = pattern(frequency);
	int rc;

	if (!(ooh_caps & OOH_CAP_SPP))
		return -ENOSYS;
	if (!is_range(gpa, pages) || !vector)
		return -EINVAL;
	/* A device would write past the table, and another view of memory has other entries. */
	if (has_arch_pdevs(v->domain) || altp2m_active(v->domain))
		return -EBUSY;
	if (!ooh_domain_state(v->domain) || !ooh_vcpu_state(v))
		return -ENOMEM;
	rc = spp_on(v->domain);
	if (rc)
		return rc;

	p2m_lock(p2m);
	for (i = 0; i < pages && !rc; i++)
		rc = set_page(p2m, gfn + i, vector);
	if (rc)
		while (i--)
			clear_page_at(p2m, gfn + i);
	ept_sync_domain(p2m);
	p2m_unlock(p2m);
	return rc;
}

long ooh_spp_clear(struct vcpu *v, paddr_t gpa, uint64_t pages)
{
	struct p2m_domain *p2m = p2m_get_hostp2m(v->domain);
	unsigned long gfn = gpa >> PAGE_SHIFT, i;

	if (!(ooh_caps & OOH_CAP_SPP))
		return -ENOSYS;
	if (!is_range(gpa, pages))
		return -EINVAL;
	if (!ooh_spp_in_use(v->domain))
		return 0;
	p2m_lock(p2m);
	for (i = 0; i < pages && gfn + i <= p2m->max_mapped_pfn; i++)
		clear_page_at(p2m, gfn + i);
	p2m_unlock(p2m);
	return 0;
}

bool ooh_spp_in_use(const struct domain *d)
{
	return ooh_caps && ooh_domain(d) && ooh_domain(d)->memory.pool_pages;
}

/* The permissions of a page; false if it has all that its type gives. */
static bool lookup(struct domain *d, unsigned long gfn, uint64_t *vector)
{
	struct p2m_domain *p2m = p2m_get_hostp2m(d);
	ept_entry_t *entry = NULL;
	bool found = false;

	if (gfn <= p2m->max_mapped_pfn)
		entry = ooh_ept_entry(p2m, gfn, NULL);
	if (entry) {
		found = ooh_sppt_in_force(entry);
		unmap_domain_page(entry);
	}
	if (found)
		*vector = ooh_sppt_get(d, gfn);
	return found;
}

bool ooh_spp_may_write(const struct domain *cd, unsigned long gfn, unsigned int offset,
	unsigned int bytes)
{
	struct domain *d = (struct domain *)cd;
	struct p2m_domain *p2m;
	uint64_t vector;
	bool found;

	if (!ooh_spp_in_use(d))
		return true;
	p2m = p2m_get_hostp2m(d);
	p2m_lock(p2m);
	found = lookup(d, gfn, &vector);
	p2m_unlock(p2m);
	return !found || grants(vector, offset, bytes);
}

static void record(struct ooh_spp_log *log, uint64_t qualification, paddr_t gpa)
{
	struct ooh_spp_record *r;
	unsigned long gla = ~0UL;

	if (log->n == OOH_SPP_RECORDS) {
		log->first = (log->first + 1) % OOH_SPP_RECORDS;
		log->lost++;
		log->n--;
	}
	if (qualification & EPML_QUAL_EPT_LINEAR)
		__vmread(GUEST_LINEAR_ADDRESS, &gla);
	r = &log->record[(log->first + log->n++) % OOH_SPP_RECORDS];
	r->gpa = gpa;
	r->gla = gla;
	r->rip = guest_cpu_user_regs()->rip;
}

/*
 * If the sub-page of the first byte can be written, the write either goes on into one that cannot,
 * or the permission has come since the processor looked. So it is tried again, once for each time
 * that some permission has come.
 */
bool ooh_spp_denied(uint64_t qualification, paddr_t gpa)
{
	struct domain *d = current->domain;
	struct p2m_domain *p2m = p2m_get_hostp2m(d);
	struct ooh_spp_log *log;
	bool found, again = false;
	uint64_t vector;

	if (!ooh_spp_in_use(d) || !(qualification & EPML_QUAL_EPT_WRITE) ||
		!(qualification & EPML_QUAL_EPT_LINEAR))
		return false;
	log = ooh_vcpu_state(current) ? &ooh_vcpu(current)->spp : NULL;
	p2m_lock(p2m);
	found = lookup(d, gpa >> PAGE_SHIFT, &vector);
	if (found && log) {
		again = log->granted != ooh_domain(d)->memory.granted &&
			grants(vector, gpa & ~PAGE_MASK, 1);
		log->granted = ooh_domain(d)->memory.granted;
	}
	p2m_unlock(p2m);
	if (!found || again)
		return found;
	if (log)
		record(log, qualification, gpa);
	hvm_inject_hw_exception(GENERAL_PROTECTION, 0);
	return true;
}

/* An NMI handler's IRET has unblocked NMIs before the access that exits; it is executed again. */
static void block_nmis_again(uint64_t qualification)
{
	unsigned long vectoring, interruptibility;

	__vmread(IDT_VECTORING_INFO, &vectoring);
	if (!(qualification & EPML_QUAL_NMI_UNBLOCKING) || (vectoring & INTR_INFO_VALID_MASK))
		return;
	__vmread(GUEST_INTERRUPTIBILITY_INFO, &interruptibility);
	__vmwrite(GUEST_INTERRUPTIBILITY_INFO, interruptibility | VMX_INTR_SHADOW_NMI);
}

/*
 * Pool pages have entries in all levels. What misses is an entry of Xen's with bit 61 = 1 of its
 * own, as part of an access type, and without write permission: an EPT violation but for that bit.
 */
void ooh_spp_event(void)
{
	struct vcpu *v = current;
	struct npfec npfec = { .read_access = 1, .write_access = 1, .present = 1,
			       .gla_valid = 1, .kind = npfec_kind_with_gla };
	unsigned long qualification, gpa, gla;

	__vmread(EXIT_QUALIFICATION, &qualification);
	__vmread(GUEST_PHYSICAL_ADDRESS, &gpa);
	__vmread(GUEST_LINEAR_ADDRESS, &gla);
	block_nmis_again(qualification);
	/* Were the entry a stale one, the next write would miss again without this. */
	cpumask_set_cpu(smp_processor_id(), p2m_get_hostp2m(v->domain)->ept.invalidate);
	if ((qualification & EPML_QUAL_SPP_MISS) &&
		hvm_hap_nested_page_fault(gpa, gla, npfec) == 1)
		return;
	gprintk(XENLOG_ERR, "SPP-related event, qualification %#lx, gpa %#lx, gla %#lx\n",
		qualification, gpa, gla);
	domain_crash(v->domain);
}

long ooh_spp_violation(struct vcpu *v, paddr_t gpa)
{
	struct ooh_spp_log *log;
	struct ooh_spp_record r;

	if (!(ooh_caps & OOH_CAP_SPP))
		return -ENOSYS;
	if (gpa % sizeof(uint64_t))
		return -EINVAL;
	log = ooh_vcpu(v) ? &ooh_vcpu(v)->spp : NULL;
	if (!log || !log->n)
		return 0;
	r = log->record[log->first];
	r.lost = log->lost;
	if (hvm_copy_to_guest_phys(gpa, &r, sizeof(r), v) != HVMTRANS_okay)
		return -EFAULT;
	log->first = (log->first + 1) % OOH_SPP_RECORDS;
	log->n--;
	log->lost = 0;
	return 1;
}
