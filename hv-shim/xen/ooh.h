/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The hypervisor's part of OoH: page-modification logging and sub-page write permissions that a
 * guest asks for with VMCALL (ooh_call.h). All files of it lie beside Xen's vmx.c; what Xen calls
 * is in the first section.
 */
#ifndef OOH_H
#define OOH_H

#include <xen/sched.h>

#include "ooh_call.h"
#include "ooh_memory.h"

/*
 * Call-outs: called by Xen, at the places that the insertions name.
 */

/**
 * A VMCALL of the current vCPU.
 * @return	false: not for us, go on as if nothing had been asked
 */
bool ooh_vmcall(struct cpu_user_regs *regs);

/**
 * Exit 62, a log is full.
 * @return	false: it is the hypervisor's own
 */
bool ooh_log_full(void);

/**
 * An EPT violation of the current vCPU.
 * @return	false: it was none that the write of a guest's log has caused
 */
bool ooh_log_violation(uint64_t qualification, paddr_t gpa);

/** A guest that uses an operation cannot be saved: its VMCS fields would stay behind. */
bool ooh_in_use(const struct domain *d);

/** The domain dies: give back what is the guest's. May come more than once. */
void ooh_domain_relinquish(struct domain *d);

/** The last that happens to a vCPU; vCPU 0 is the last of its domain. */
void ooh_vcpu_destroy(struct vcpu *v);

/*
 * What the processor is like. No MSR reports the design parameters, so "ooh=" on Xen's command
 * line does.
 */
struct ooh_design {
	bool off;		/* no guest gets anything */
	bool ept_dirty;		/* trigger = ept-dirty, else guest-dirty */
	bool at_vmwrite;	/* translation = at-vmwrite, else at-log */
	bool drop;		/* full = drop, else exit */
};

extern struct ooh_design ooh_design;

/** OOH_CAP_ bits of this machine. */
extern unsigned int ooh_caps;

/*
 * State. Only a vCPU itself makes and uses its own; the exceptions are named.
 */

/** Memory that the guest shares. */
struct ooh_ring_map {
	unsigned int pages;		/* 0: there is none */
	mfn_t *mfns;			/* each with a reference and a type reference */
	struct ooh_ring *header;	/* written, never believed */
	struct ooh_entry *entry;
	uint64_t entries, head, lost, spills;
};

struct ooh_epml {
	bool on;			/* the guest has enabled it and not disabled it */
	bool broken;			/* the log page cannot be written: logging is off */
	struct page_info *log;		/* at-vmwrite: the page has to stay */
	/* The last log write that EPT has refused, and how often in a row. */
	uint64_t rip;
	paddr_t gpa;
	unsigned int refused;
};

struct ooh_vcpu {
	spinlock_t ring_lock;		/* others empty logs too, while the vCPU is paused */
	struct ooh_ring_map ring;
	struct ooh_epml epml;
	struct ooh_spml spml;
	struct ooh_spp_log spp;
};

struct ooh_domain {
	spinlock_t lock;
	struct ooh_memory memory;
};

#define ooh_vcpu(v)	((v)->arch.hvm.vmx.ooh)
#define ooh_domain(d)	((d)->arch.hvm.vmx.ooh)

/** The state of the current vCPU and of its domain, made at first need; NULL: no memory. */
struct ooh_vcpu *ooh_vcpu_state(struct vcpu *v);
struct ooh_domain *ooh_domain_state(struct domain *d);

/*
 * Helpers.
 */

/**
 * Take a reference to a page of the guest's own RAM that may be written.
 * @param type	take a type reference too, for a mapping that stays
 */
struct page_info *ooh_get_page(struct domain *d, paddr_t gpa, bool type);
void ooh_put_page(struct page_info *page, bool type);

/*
 * Operations: the result of the call, see ooh_call.h. The vCPU is the current one.
 */

/** As result of an operation: the guest executes VMCALL once more, after what Xen has to do. */
#define OOH_AGAIN	(-ERESTART)

/* ooh_ring.c */
long ooh_ring_set(struct vcpu *v, paddr_t gpa, uint64_t bytes);
/** Put n entries into the ring of a vCPU, the current one or a paused one; the rest is lost. */
void ooh_ring_add(struct vcpu *v, uint64_t log, const uint64_t *addresses, unsigned int n);
void ooh_ring_count_spill(struct vcpu *v);
bool ooh_ring_is_set(const struct vcpu *v);
void ooh_ring_free(struct vcpu *v);

/* ooh_epml.c */
long ooh_epml_enable(struct vcpu *v, paddr_t log, uint64_t how);
long ooh_epml_disable(struct vcpu *v);
void ooh_epml_init(void);
void ooh_epml_free(struct vcpu *v);

/* ooh_spml.c */
long ooh_spml_enable(struct vcpu *v);
long ooh_spml_disable(struct vcpu *v);
long ooh_spml_start(struct vcpu *v);
long ooh_spml_stop(struct vcpu *v);

/* ooh_ept.c */
long ooh_rearm(struct vcpu *v, paddr_t list, uint64_t n);
/**
 * The domain's EPT has dirty flags, one for each page of 4 KByte, until all users have put them.
 * @return	0, OOH_AGAIN, or what went wrong
 */
int ooh_ept_dirty_get(struct domain *d);
void ooh_ept_dirty_put(struct domain *d);

/* ooh_spp.c */
long ooh_spp_set(struct vcpu *v, paddr_t gpa, uint64_t pages, uint64_t frequency);
long ooh_spp_clear(struct vcpu *v, paddr_t gpa, uint64_t pages);
long ooh_spp_violation(struct vcpu *v, paddr_t record);

#endif
