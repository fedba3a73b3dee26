/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Shadow PML: the guest is given what the processor's own log of the hypervisor says.
 *
 * The log belongs to two sides. Xen's own use is log-dirty mode (by_hyp), the guest's is here
 * (by_guest); the processor logs, on all vCPUs of the domain, while either wants it. Whoever
 * empties a log serves both sides: docs/xen.md tells why neither can lose a page to the other.
 */
#include <xen/lib.h>
#include <xen/rangeset.h>
#include <xen/sched.h>

#include <asm/hvm/vmx/vmcs.h>
#include <asm/hvm/vmx/vmx.h>
#include <asm/p2m.h>
#include <asm/paging.h>

#include "ooh.h"

static struct ooh_memory *memory(const struct domain *d)
{
	return ooh_domain(d) ? &ooh_domain(d)->memory : NULL;
}

bool ooh_spml_is_enabled(const struct vcpu *v)
{
	return ooh_vcpu(v) && ooh_vcpu(v)->spml.enabled;
}

/* With all other vCPUs paused. As vmx_domain_enable_pml, which needs this one paused as well. */
static int pml_on(struct domain *d)
{
	struct vcpu *v;
	int rc;

	if (vmx_domain_pml_enabled(d))
		return 0;
	for_each_vcpu(d, v) {
		rc = vmx_vcpu_enable_pml(v);
		if (rc)
			goto undo;
	}
	d->arch.hvm.vmx.status |= VMX_DOMAIN_PML_ENABLED;
	return 0;
undo:
	for_each_vcpu(d, v)
		vmx_vcpu_disable_pml(v);
	return rc;
}

static void pml_off(struct domain *d)
{
	struct vcpu *v;

	for_each_vcpu(d, v)
		vmx_vcpu_disable_pml(v);
	d->arch.hvm.vmx.status &= ~VMX_DOMAIN_PML_ENABLED;
}

/* Does Xen look at what is dirty, in all of the domain's memory or in its screen's? */
static bool hypervisor_logs(const struct domain *d)
{
	const struct p2m_domain *p2m = p2m_get_hostp2m((struct domain *)d);

	return paging_mode_log_dirty(d) || p2m->global_logdirty ||
		!rangeset_is_empty(p2m->logdirty_ranges);
}

void ooh_spml_hypervisor_on(struct domain *d)
{
	if (memory(d))
		memory(d)->by_hyp = true;
}

bool ooh_spml_hypervisor_off(struct domain *d)
{
	struct ooh_memory *m = memory(d);

	if (!m)
		return false;
	m->by_hyp = false;
	return m->by_guest && !d->is_dying;
}

bool ooh_spml_drain(struct vcpu *v, const uint64_t *gpas, unsigned int n)
{
	struct ooh_vcpu *state = ooh_vcpu(v);

	if (state && state->spml.started) {
		ooh_ring_add(v, 0, gpas, n);
		state->spml.added += n;
	}
	return memory(v->domain) && memory(v->domain)->by_guest && !hypervisor_logs(v->domain);
}

long ooh_spml_enable(struct vcpu *v)
{
	struct domain *d = v->domain;
	int rc;

	if (!(ooh_caps & OOH_CAP_SPML))
		return -ENOSYS;
	if (!ooh_ring_is_set(v))
		return -EINVAL;
	if (ooh_spml_is_enabled(v))
		return -EBUSY;
	rc = ooh_ept_dirty_get(d);
	if (rc)
		return rc;
	rc = domain_pause_except_self(d);
	if (!rc) {
		rc = pml_on(d);
		if (!rc) {
			memory(d)->by_guest++;
			ooh_vcpu(v)->spml = (struct ooh_spml){ .enabled = true };
		}
		domain_unpause_except_self(d);
	}
	if (rc)
		ooh_ept_dirty_put(d);
	return rc;
}

long ooh_spml_disable(struct vcpu *v)
{
	struct domain *d = v->domain;
	int rc;

	if (!ooh_spml_is_enabled(v))
		return -EINVAL;
	rc = domain_pause_except_self(d);
	if (rc)
		return rc;
	ooh_spml_flush(v);
	ooh_spml_free(v);
	if (!memory(d)->by_guest && !memory(d)->by_hyp && !hypervisor_logs(d))
		pml_off(d);
	domain_unpause_except_self(d);
	return 0;
}

/* What needs neither the VMCS nor a pause. The processor's logs end with the vCPUs. */
void ooh_spml_free(struct vcpu *v)
{
	if (!ooh_spml_is_enabled(v))
		return;
	ooh_vcpu(v)->spml = (struct ooh_spml){};
	memory(v->domain)->by_guest--;
	ooh_ept_dirty_put(v->domain);
}

long ooh_spml_start(struct vcpu *v)
{
	struct ooh_spml *spml;

	if (!ooh_spml_is_enabled(v))
		return -EINVAL;
	spml = &ooh_vcpu(v)->spml;
	if (spml->started && !spml->rearm_next)
		return 0;
	if (!spml->started) {
		ooh_spml_flush(v);	/* what was written until now is nobody's */
		spml->started = true;
		spml->rearm_next = 0;
	}
	return ooh_ept_rearm_all(v);
}

long ooh_spml_stop(struct vcpu *v)
{
	struct ooh_spml *spml;
	uint64_t before;

	if (!ooh_spml_is_enabled(v))
		return -EINVAL;
	spml = &ooh_vcpu(v)->spml;
	if (!spml->started)
		return 0;
	before = spml->added;
	ooh_spml_flush(v);
	spml->started = false;
	spml->rearm_next = 0;
	return spml->added - before;
}
