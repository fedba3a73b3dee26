/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Calls: who may, what there is, and the life of the state.
 */
#include <xen/init.h>
#include <xen/lib.h>
#include <xen/param.h>
#include <xen/sched.h>
#include <xen/xmalloc.h>

#include <asm/hvm/nestedhvm.h>
#include <asm/hvm/support.h>
#include <asm/hvm/vmx/vmcs.h>
#include <asm/hvm/vmx/vmx.h>
#include <asm/io.h>
#include <asm/iocap.h>
#include <asm/msr.h>
#include <asm/p2m.h>

#include "epml-spec.h"
#include "ooh.h"

#ifndef cf_check
#define cf_check
#endif

/*
 * The permission is an I/O port that exists on no machine: "ioports=" in the guest's configuration
 * is a key that the unmodified tools hand through to Xen. Nothing else follows from it, since Xen
 * lets an HVM guest only at ports that are mapped besides.
 */
#define OOH_PORT	0x4f6u

/* A byte written to this port begins a phase of the timing model. */
#define PHASE_PORT	0xedu

struct ooh_design ooh_design;
unsigned int ooh_caps;

static int __init cf_check parse_ooh(const char *s)
{
	const char *end;
	int rc = 0;

	do {
		end = strchr(s, ',') ?: strchr(s, '\0');
		if (!cmdline_strcmp(s, "off") || !cmdline_strcmp(s, "no"))
			ooh_design.off = true;
		else if (!cmdline_strcmp(s, "published"))
			ooh_design.ept_dirty = ooh_design.at_vmwrite = ooh_design.drop = true;
		else if (!cmdline_strcmp(s, "ept-dirty"))
			ooh_design.ept_dirty = true;
		else if (!cmdline_strcmp(s, "at-vmwrite"))
			ooh_design.at_vmwrite = true;
		else if (!cmdline_strcmp(s, "drop"))
			ooh_design.drop = true;
		else if (cmdline_strcmp(s, "hardened"))
			rc = -EINVAL;
		s = end + 1;
	} while (*end);
	return rc;
}
custom_param("ooh", parse_ooh);

/* Guest PML needs a control of the tertiary word, and what section 5 of the proposal asks for. */
static bool __init has_guest_pml(void)
{
	uint64_t primary, tertiary;

	rdmsrl(EPML_MSR_VMX_PROCBASED_CTLS, primary);
	if (!((primary >> 32) & EPML_PROC_ACTIVATE_TERTIARY))
		return false;
	rdmsrl(EPML_MSR_VMX_PROCBASED_CTLS3, tertiary);
	return (tertiary & EPML_PROC3_ENABLE_GUEST_PML) && cpu_has_vmx_ept &&
		cpu_has_vmx_virtual_intr_delivery && cpu_has_vmx_vmcs_shadowing;
}

static bool __init has_spp(void)
{
	uint64_t secondary;

	rdmsrl(EPML_MSR_VMX_PROCBASED_CTLS2, secondary);
	return ((secondary >> 32) & EPML_PROC2_SUB_PAGE_WRITE) && cpu_has_vmx_ept;
}

static int __init cf_check ooh_init(void)
{
	if (!cpu_has_vmx || !cpu_has_vmx_secondary_exec_control || ooh_design.off)
		return 0;
	if (has_guest_pml()) {
		ooh_caps |= OOH_CAP_EPML;
		ooh_caps |= ooh_design.ept_dirty ? OOH_CAP_EPT_DIRTY : 0;
		ooh_caps |= ooh_design.drop ? 0 : OOH_CAP_LOG_EXITS;
		ooh_epml_init();
	}
	ooh_caps |= cpu_has_vmx_pml ? OOH_CAP_SPML : 0;
	ooh_caps |= has_spp() ? OOH_CAP_SPP : 0;
	printk("OoH:%s%s%s; processor: trigger=%s, translation=%s, full=%s\n",
		ooh_caps & OOH_CAP_EPML ? " EPML" : "", ooh_caps & OOH_CAP_SPML ? " SPML" : "",
		ooh_caps & OOH_CAP_SPP ? " SPP" : "",
		ooh_design.ept_dirty ? "ept-dirty" : "guest-dirty",
		ooh_design.at_vmwrite ? "at-vmwrite" : "at-log",
		ooh_design.drop ? "drop" : "exit");
	return 0;
}
__initcall(ooh_init);

/*
 * A guest with a hypervisor of its own uses VMCS shadowing for that. The hardware domain may use
 * all ports, and gets nothing.
 */
static bool permitted(const struct domain *d)
{
	return ooh_caps && paging_mode_hap(d) && !is_hardware_domain(d) && !nestedhvm_enabled(d) &&
		ioports_access_permitted(d, OOH_PORT, OOH_PORT);
}

static long mark(uint64_t phase)
{
	if (phase > 255)
		return -EINVAL;
	outb(phase, PHASE_PORT);
	return 0;
}

static long call(struct vcpu *v, unsigned int op, uint64_t a, uint64_t b, uint64_t c)
{
	switch (op) {
	case OOH_OP_QUERY:
		return (OOH_VERSION << OOH_VERSION_SHIFT) | ooh_caps;
	case OOH_OP_RING:
		return ooh_ring_set(v, a, b);
	case OOH_OP_EPML_ENABLE:
		return ooh_epml_enable(v, a, b);
	case OOH_OP_EPML_DISABLE:
		return ooh_epml_disable(v);
	case OOH_OP_SPML_ENABLE:
		return ooh_spml_enable(v);
	case OOH_OP_SPML_DISABLE:
		return ooh_spml_disable(v);
	case OOH_OP_SPML_START:
		return ooh_spml_start(v);
	case OOH_OP_SPML_STOP:
		return ooh_spml_stop(v);
	case OOH_OP_REARM:
		return ooh_rearm(v, a, b);
	case OOH_OP_SPP_SET:
		return ooh_spp_set(v, a, b, c);
	case OOH_OP_SPP_CLEAR:
		return ooh_spp_clear(v, a, b);
	case OOH_OP_SPP_VIOLATION:
		return ooh_spp_violation(v, a);
	case OOH_OP_MARK:
		return mark(a);
	default:
		return -ENOSYS;
	}
}

bool ooh_vmcall(struct cpu_user_regs *regs)
{
	struct vcpu *v = current;
	uint64_t op = regs->rax - OOH_CALL;
	long result;

	if (op >= OOH_OPS || hvm_get_cpl(v) || !permitted(v->domain))
		return false;
	result = call(v, op, regs->rdi, regs->rsi, regs->rdx);
	if (result != OOH_AGAIN) {
		regs->rax = result;
		update_guest_eip();
	}
	return true;
}

struct ooh_vcpu *ooh_vcpu_state(struct vcpu *v)
{
	struct ooh_vcpu *state = ooh_vcpu(v);

	if (!state) {
		state = xzalloc(struct ooh_vcpu);
		if (!state)
			return NULL;
		spin_lock_init(&state->ring_lock);
		/* Others look at it only through this pointer. */
		smp_wmb();
		ooh_vcpu(v) = state;
	}
	return state;
}

struct ooh_domain *ooh_domain_state(struct domain *d)
{
	struct ooh_domain *state = ooh_domain(d), *other;

	if (state)
		return state;
	state = xzalloc(struct ooh_domain);
	if (!state)
		return NULL;
	spin_lock_init(&state->lock);
	INIT_PAGE_LIST_HEAD(&state->memory.tables);
	/* Xen changes this only while the domain is paused. */
	state->memory.by_hyp = vmx_domain_pml_enabled(d);
	/* Two vCPUs may get here at the same time. */
	other = cmpxchg(&ooh_domain(d), NULL, state);
	if (!other)
		return state;
	xfree(state);
	return other;
}

bool ooh_in_use(const struct domain *d)
{
	const struct vcpu *v;

	if (!cpu_has_vmx || !is_hvm_domain(d))
		return false;
	for_each_vcpu(d, v)
		if (ooh_vcpu(v) && (ooh_vcpu(v)->ring.pages || ooh_vcpu(v)->epml.on))
			return true;
	return ooh_spp_in_use(d);
}

void ooh_domain_relinquish(struct domain *d)
{
	struct vcpu *v;

	for_each_vcpu(d, v) {
		if (!ooh_vcpu(v))
			continue;
		ooh_epml_free(v);
		ooh_spml_free(v);
		ooh_ring_free(v);
	}
	ooh_sppt_free(d);
}

void ooh_vcpu_destroy(struct vcpu *v)
{
	xfree(ooh_vcpu(v));
	ooh_vcpu(v) = NULL;
	if (v->vcpu_id)
		return;
	xfree(ooh_domain(v->domain));
	ooh_domain(v->domain) = NULL;
}

struct page_info *ooh_get_page(struct domain *d, paddr_t gpa, bool type)
{
	struct page_info *page;
	p2m_type_t t;

	page = get_page_from_gfn(d, gpa >> PAGE_SHIFT, &t, P2M_ALLOC | P2M_UNSHARE);
	if (!page)
		return NULL;
	if ((t == p2m_ram_rw || t == p2m_ram_logdirty) &&
		(!type || get_page_type(page, PGT_writable_page)))
		return page;
	put_page(page);
	return NULL;
}

void ooh_put_page(struct page_info *page, bool type)
{
	if (type)
		put_page_and_type(page);
	else
		put_page(page);
}
