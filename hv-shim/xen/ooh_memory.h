/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What OoH keeps of a domain's memory: dirty flags in EPT, the hypervisor's log, sub-page
 * permissions; and the call-outs from Xen's EPT and memory code.
 *
 * Entry of the EPT that maps a page of 4 KByte, as far as it matters here:
 *	bit	1		write permission
 *		9		dirty
 *		61		the SPPT decides about writes that bit 1 does not permit
 *		62:59		of Xen: the access type, which is 62:59 from Xen 4.18 on and 61:58
 *				with 62 unused before
 * A page of a pool has bits 62, 60 and 59 set, which no access type has in either version.
 */
#ifndef OOH_MEMORY_H
#define OOH_MEMORY_H

#include <xen/mm.h>
#include <xen/sched.h>

#include <asm/hvm/vmx/vmx.h>
#include <asm/p2m.h>

#include "ooh_call.h"

/*
 * Call-outs. They find out themselves whether the domain uses anything of this.
 */

/**
 * An entry for 2 MBytes or more is to be written: should it be 512 small ones instead?
 * @param mfn	INVALID_MFN: the range becomes empty
 */
bool ooh_ept_wants_small(const struct domain *d, mfn_t mfn);

/**
 * Under the p2m lock: the entry of gfn is to be replaced, because the page goes away or changes.
 * @param new	complete but for its permissions and flags; 0: nothing is mapped any more
 */
void ooh_ept_replace(struct p2m_domain *p2m, unsigned long gfn, const ept_entry_t *old,
	ept_entry_t *new);

/**
 * Xen has computed permissions and flags of an entry from its type.
 * @param dirty	the dirty flag before
 */
void ooh_ept_permissions(const struct p2m_domain *p2m, ept_entry_t *entry, bool dirty);

/** The access type that an entry has for Xen. */
p2m_access_t ooh_ept_access(const ept_entry_t *entry);

/** Whether dirty flags in EPT have to stay on when Xen needs them no more. */
bool ooh_ept_needs_dirty(const struct domain *d);

/** Xen turns its own use of PML on, or off. */
void ooh_spml_hypervisor_on(struct domain *d);
/** @return	true: the guest uses it too, so it stays on */
bool ooh_spml_hypervisor_off(struct domain *d);

/**
 * The processor's log of a vCPU, the current one or one that is paused, is being emptied.
 * @return	true: Xen itself does not need the entries
 */
bool ooh_spml_drain(struct vcpu *v, const uint64_t *gpas, unsigned int n);

/** Empty the processor's log now (spml-flush.*.ed: the function's name depends on the version). */
void ooh_spml_flush(struct vcpu *v);

/**
 * An EPT violation of the current vCPU.
 * @return	true: it was a write that sub-page permissions deny, and has been dealt with
 */
bool ooh_spp_denied(uint64_t qualification, paddr_t gpa);

/** Exit 66. */
void ooh_spp_event(void);

/** May Xen write these bytes of a page for the guest? */
bool ooh_spp_may_write(const struct domain *d, unsigned long gfn, unsigned int offset,
	unsigned int bytes);

/*
 * State of a vCPU, of its own.
 */
#define OOH_SPP_RECORDS	16

struct ooh_spml {
	bool enabled, started;
	unsigned long rearm_next;	/* where REARM of all pages goes on when called again */
	uint64_t rearmed;		/* pages, so far */
	uint64_t added;			/* entries for the ring, since it was enabled */
};

struct ooh_spp_log {
	struct ooh_spp_record record[OOH_SPP_RECORDS];
	unsigned int first, n;
	uint64_t lost;
	unsigned int granted;		/* the domain's count when a write was last tried again */
};

/*
 * State of a domain. Under the p2m lock, except for the first group, which only changes while all
 * vCPUs (but the one that changes it) are paused.
 */
struct ooh_memory {
	unsigned int by_guest;		/* vCPUs that have SPML enabled: PML is on for them */
	bool by_hyp;			/* Xen has PML on for its own log */
	bool spp;			/* the controls of all vCPUs are set */

	atomic_t dirty_users;		/* who needs dirty flags: only the processor sets them */
	bool small;			/* no large pages are made any more */
	unsigned long split_next;	/* large pages below have been split */
	struct page_info *sppt;		/* the table of level 4 */
	struct page_list_head tables;	/* all pages of the SPPT */
	unsigned int pool_pages;
	unsigned int granted;		/* how often pages of the pools have got permissions */
};

/*
 * Within this part.
 */

/**
 * Map the EPT of a page. Under the p2m lock; to be unmapped.
 * @param next	if not NULL: the GFN after what the table, or the hole or large page, covers
 * @return	the entry, NULL where there is none for 4 KBytes
 */
ept_entry_t *ooh_ept_entry(struct p2m_domain *p2m, unsigned long gfn, unsigned long *next);

/** Re-arm all pages; -ERESTART: once more. */
int ooh_ept_rearm_all(struct vcpu *v);

bool ooh_spml_is_enabled(const struct vcpu *v);
void ooh_spml_free(struct vcpu *v);

/* ooh_sppt.c, under the p2m lock */
bool ooh_sppt_is_pool(const ept_entry_t *entry);
void ooh_sppt_mark(ept_entry_t *entry);
void ooh_sppt_unmark(ept_entry_t *entry);
void ooh_sppt_permissions(struct domain *d, ept_entry_t *entry);
bool ooh_sppt_in_force(const ept_entry_t *entry);
void ooh_sppt_forget(struct domain *d, unsigned long gfn);
struct page_info *ooh_sppt_root(struct domain *d);
int ooh_sppt_set(struct domain *d, unsigned long gfn, uint64_t vector);
uint64_t ooh_sppt_get(struct domain *d, unsigned long gfn);
void ooh_sppt_free(struct domain *d);

bool ooh_spp_in_use(const struct domain *d);

#endif
