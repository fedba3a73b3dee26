/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * EPML: the guest's own log of modified pages. The guest works with the Guest PML fields by itself;
 * what is left to the hypervisor is to open them, and three exits: a full log, a log page that EPT
 * refuses, and a VMWRITE of an address that EPT refuses.
 */
#include <xen/init.h>
#include <xen/lib.h>
#include <xen/mm.h>
#include <xen/sched.h>

#include <asm/hvm/hvm.h>
#include <asm/hvm/io.h>
#include <asm/hvm/vlapic.h>
#include <asm/hvm/vmx/vmcs.h>
#include <asm/hvm/vmx/vmx.h>
#include <asm/p2m.h>

#include "epml-spec.h"
#include "ooh.h"

#define LOG_ENTRIES	512u
#define INDEX_EMPTY	(LOG_ENTRIES - 1)
#define INDEX_FULL	0xffffu

/* One log write may be refused so often in a row before the log counts as lost. */
#define REFUSED_MAX	64

/*
 * VMREAD and VMWRITE bitmap: 1 lets the instruction exit. It is the same for both instructions and
 * for every guest.
 */
static unsigned long __aligned(PAGE_SIZE) field_bitmap[PAGE_SIZE / sizeof(unsigned long)];

void __init ooh_epml_init(void)
{
	static const uint16_t __initconst fields[] = {
		EPML_VMCS_GUEST_PML_NOTIFICATION_VECTOR, EPML_VMCS_GUEST_PML_THRESHOLD,
		EPML_VMCS_GUEST_PML_INDEX, EPML_VMCS_GUEST_PML_ADDRESS,
		EPML_VMCS_GUEST_PML_ADDRESS_HIGH,
	};
	unsigned int i;

	memset(field_bitmap, 0xff, sizeof(field_bitmap));
	for (i = 0; i < ARRAY_SIZE(fields); i++)
		__clear_bit(fields[i], field_bitmap);
}

/*
 * Xen keeps what it has written to the control fields, and writes it again when it changes a bit of
 * its own. Versions before 4.17 know nothing of tertiary controls, so nothing of theirs is lost.
 */
#ifdef TERTIARY_EXEC_VIRT_SPEC_CTRL
static void set_tertiary(struct vcpu *v, bool on)
{
	if (on)
		v->arch.hvm.vmx.tertiary_exec_control |= EPML_PROC3_ENABLE_GUEST_PML;
	else
		v->arch.hvm.vmx.tertiary_exec_control &= ~EPML_PROC3_ENABLE_GUEST_PML;
	vmx_update_tertiary_exec_control(v);
}
#else
static void set_tertiary(struct vcpu *v, bool on)
{
	__vmwrite(EPML_VMCS_TERTIARY_CONTROLS, on ? EPML_PROC3_ENABLE_GUEST_PML : 0);
}
#endif

static void logging_on(struct vcpu *v)
{
	v->arch.hvm.vmx.exec_control |= EPML_PROC_ACTIVATE_TERTIARY;
	vmx_update_cpu_exec_control(v);
	set_tertiary(v, true);
}

/* The tertiary word stays active: with all bits 0 it does nothing. */
static void logging_off(struct vcpu *v)
{
	set_tertiary(v, false);
}

static void set_shadowing(struct vcpu *v, bool on)
{
	if (on) {
		__vmwrite(EPML_VMCS_VMREAD_BITMAP, virt_to_maddr(field_bitmap));
		__vmwrite(EPML_VMCS_VMWRITE_BITMAP, virt_to_maddr(field_bitmap));
		v->arch.hvm.vmx.secondary_exec_control |= EPML_PROC2_VMCS_SHADOWING;
	} else {
		v->arch.hvm.vmx.secondary_exec_control &= ~EPML_PROC2_VMCS_SHADOWING;
	}
	vmx_update_secondary_exec_control(v);
}

static void notify(struct vcpu *v)
{
	unsigned long vector;

	__vmread(EPML_VMCS_GUEST_PML_NOTIFICATION_VECTOR, &vector);
	vlapic_set_irq(vcpu_vlapic(v), vector, 0);
}

/* The processor cannot write to the log any more. The guest hears of it, and why at DISABLE. */
static void break_off(struct vcpu *v)
{
	ooh_vcpu(v)->epml.broken = true;
	logging_off(v);
	notify(v);
}

static bool is_valid(uint64_t vector, uint64_t threshold)
{
	return vector >= 32 && vector <= 255 &&
		(threshold <= LOG_ENTRIES - 2 || threshold == INDEX_FULL);
}

long ooh_epml_enable(struct vcpu *v, paddr_t log, uint64_t how)
{
	uint64_t vector = how & 0xffff, threshold = how >> OOH_THRESHOLD_SHIFT;
	struct ooh_vcpu *state;
	struct page_info *page;
	int rc;

	if (!(ooh_caps & OOH_CAP_EPML))
		return -ENOSYS;
	if ((log & ~PAGE_MASK) || !is_valid(vector, threshold) ||
		((ooh_caps & OOH_CAP_LOG_EXITS) && !ooh_ring_is_set(v)))
		return -EINVAL;
	state = ooh_vcpu_state(v);
	if (!state)
		return -ENOMEM;
	if (state->epml.on)
		return -EBUSY;
	page = ooh_get_page(v->domain, log, ooh_design.at_vmwrite);
	if (!page)
		return -EFAULT;
	rc = ooh_design.ept_dirty ? ooh_ept_dirty_get(v->domain) : 0;
	if (rc) {
		ooh_put_page(page, ooh_design.at_vmwrite);
		return rc;
	}

	memset(&state->epml, 0, sizeof(state->epml));
	__vmwrite(EPML_VMCS_GUEST_PML_ADDRESS,
		ooh_design.at_vmwrite ? page_to_maddr(page) : log);
	__vmwrite(EPML_VMCS_GUEST_PML_INDEX, INDEX_EMPTY);
	__vmwrite(EPML_VMCS_GUEST_PML_NOTIFICATION_VECTOR, vector);
	__vmwrite(EPML_VMCS_GUEST_PML_THRESHOLD, threshold);
	set_shadowing(v, true);
	logging_on(v);
	state->epml.on = true;
	if (ooh_design.at_vmwrite)
		state->epml.log = page;
	else
		ooh_put_page(page, false);
	return 0;
}

/* What does not need the VMCS: the vCPU may be gone from the processor for good. */
void ooh_epml_free(struct vcpu *v)
{
	struct ooh_epml *epml = &ooh_vcpu(v)->epml;

	if (!epml->on)
		return;
	epml->on = false;
	if (epml->log)
		ooh_put_page(epml->log, true);
	epml->log = NULL;
	if (ooh_design.ept_dirty)
		ooh_ept_dirty_put(v->domain);
}

long ooh_epml_disable(struct vcpu *v)
{
	struct ooh_epml *epml;

	if (!(ooh_caps & OOH_CAP_EPML))
		return -ENOSYS;
	if (!ooh_vcpu(v) || !ooh_vcpu(v)->epml.on)
		return -EINVAL;
	epml = &ooh_vcpu(v)->epml;
	logging_off(v);
	set_shadowing(v, false);
	ooh_epml_free(v);
	return epml->broken ? -EFAULT : 0;
}

static bool is_on(struct vcpu *v)
{
	return ooh_vcpu(v) && ooh_vcpu(v)->epml.on;
}

/* The page that Guest PML Address names: the guest may have changed the field at any time. */
static struct page_info *log_page(struct domain *d, paddr_t address)
{
	struct page_info *page;

	if (!ooh_design.at_vmwrite)
		return ooh_get_page(d, address, false);
	if (!mfn_valid(maddr_to_mfn(address)))
		return NULL;
	page = maddr_to_page(address);
	return get_page(page, d) ? page : NULL;
}

bool ooh_log_full(void)
{
	struct vcpu *v = current;
	unsigned long qualification, address;
	struct page_info *page;
	uint64_t *log;

	__vmread(EXIT_QUALIFICATION, &qualification);
	if (!(qualification & EPML_QUAL_PML_GUEST_LOG) || !is_on(v))
		return false;
	__vmread(EPML_VMCS_GUEST_PML_ADDRESS, &address);
	page = log_page(v->domain, address);
	if (!page) {
		break_off(v);
		return true;
	}
	log = __map_domain_page(page);
	ooh_ring_add(v, address, log, LOG_ENTRIES);
	unmap_domain_page(log);
	put_page(page);
	ooh_ring_count_spill(v);
	__vmwrite(EPML_VMCS_GUEST_PML_INDEX, INDEX_EMPTY);
	notify(v);
	return true;
}

/*
 * Give the guest's page what a write to it needs: memory, a copy of its own, an entry in Xen's log
 * of dirty pages. Only types of memory for which Xen does this without a look at the instruction:
 * it is not the instruction at RIP that accesses this address.
 */
static bool resolve(struct vcpu *v, uint64_t qualification, paddr_t gpa)
{
	struct npfec npfec = {
		.read_access = 1,
		.write_access = 1,
		.present = !!(qualification & EPML_QUAL_EPT_PERM_MASK),
	};
	p2m_type_t t;

	get_gfn_query_unlocked(v->domain, gpa >> PAGE_SHIFT, &t);
	if (t != p2m_ram_rw && t != p2m_ram_logdirty && !p2m_is_pod(t) && !p2m_is_shared(t) &&
		!p2m_is_paging(t))
		return false;
	return !hvm_mmio_internal(gpa) && hvm_hap_nested_page_fault(gpa, ~0UL, npfec) == 1;
}

/* Whether the processor has been sent back to the same log write too often. */
static bool is_stuck(struct ooh_epml *epml, paddr_t gpa)
{
	uint64_t rip = guest_cpu_user_regs()->rip;

	if (rip != epml->rip || gpa != epml->gpa)
		epml->refused = 0;
	epml->rip = rip;
	epml->gpa = gpa;
	return ++epml->refused > REFUSED_MAX;
}

bool ooh_log_violation(uint64_t qualification, paddr_t gpa)
{
	struct vcpu *v = current;
	unsigned long address;

	if (!is_on(v) || !(qualification & EPML_QUAL_EPT_WRITE) ||
		(qualification & (EPML_QUAL_EPT_LINEAR | EPML_QUAL_EPT_TRANSLATION)))
		return false;
	if (ooh_design.at_vmwrite) {
		/* The operand of VMWRITE: the field still holds a page that is there. */
		if (!resolve(v, qualification, gpa) || is_stuck(&ooh_vcpu(v)->epml, gpa))
			hvm_inject_hw_exception(X86_EXC_GP, 0);
		return true;
	}
	__vmread(EPML_VMCS_GUEST_PML_ADDRESS, &address);
	if ((address ^ gpa) >> PAGE_SHIFT)
		return false;
	if (!resolve(v, qualification, gpa) || is_stuck(&ooh_vcpu(v)->epml, gpa))
		break_off(v);
	return true;
}
