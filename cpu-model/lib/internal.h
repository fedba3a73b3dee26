/* SPDX-License-Identifier: BSD-2-Clause */
/* What the chapters of libepml share with each other. */
#ifndef EPML_INTERNAL_H
#define EPML_INTERNAL_H

#include "epml/epml.h"
#include "epml-spec.h"

#define BIT64(n)	(1ull << (n))
#define PAGE_MASK	0xFFFull
#define EPT_LEVELS	4

/* A walk of the EPT paging structures, before any effect. */
struct ept_walk {
	uint64_t addr[EPT_LEVELS + 1];	/* HPA of the entry, by level 1 to 4 */
	uint64_t entry[EPT_LEVELS + 1];
	unsigned leaf;			/* level of the entry that ended the walk */
	unsigned perms;			/* AND of bits 2:0 of the entries used */
	uint64_t hpa;
	struct epml_spp spp;		/* for a write: what has granted it */
};

/* Where an entry of the guest's log goes. */
struct gpml_slot {
	bool wanted;	/* the access triggers an entry */
	bool drop;	/* there is no room for it and full = drop */
	uint64_t hpa;
};

static inline uint64_t epml_read(const struct epml_cpu *cpu, uint64_t hpa, unsigned size,
				 enum epml_mem what)
{
	return cpu->ops->read(cpu->host, hpa, size, what);
}

static inline void epml_write(const struct epml_cpu *cpu, uint64_t hpa, unsigned size,
			      uint64_t value, enum epml_mem what)
{
	cpu->ops->write(cpu->host, hpa, size, value, what);
}

static inline void epml_emit(const struct epml_cpu *cpu, const struct epml_event *ev)
{
	if (cpu->ops->event)
		cpu->ops->event(cpu->host, ev);
}

/* Is @p addr a 4-KByte aligned physical address of this processor? */
static inline bool epml_page_address_ok(const struct epml_cpu *cpu, uint64_t addr)
{
	return !(addr & PAGE_MASK) && !(addr >> cpu->maxphyaddr);
}

/* exit.c */
enum epml_result epml_exit(struct epml_cpu *cpu, const struct epml_access *a, uint32_t reason,
			   uint64_t qualification, bool gpa_valid, bool gva_valid);
bool epml_ve_possible(const struct epml_cpu *cpu, const struct epml_access *a);
enum epml_result epml_ve(struct epml_cpu *cpu, const struct epml_access *a, uint32_t reason,
			 uint64_t qualification);

/* ept.c */
enum epml_result epml_ept_check(struct epml_cpu *cpu, const struct epml_access *a,
				struct ept_walk *w);
bool epml_ept_sets_dirty(const struct epml_cpu *cpu, const struct epml_access *a,
			 const struct ept_walk *w);
void epml_ept_set_flags(struct epml_cpu *cpu, const struct epml_access *a, struct ept_walk *w);

/* access.c: the effects of a checked access, or its log-full event */
enum epml_result epml_access_prepare(struct epml_cpu *cpu, const struct epml_access *a,
				     struct ept_walk *w, bool pte_dirty, struct gpml_slot *slot);
void epml_access_effects(struct epml_cpu *cpu, const struct epml_access *a, struct ept_walk *w);

/* spp.c */
bool epml_spp_eligible(const struct epml_cpu *cpu, const struct epml_access *a,
		       const struct ept_walk *w, unsigned rights);
enum epml_result epml_spp_walk(struct epml_cpu *cpu, const struct epml_access *a,
			       struct epml_spp *spp);

/* pml.c */
bool epml_pml_enabled(const struct epml_vmcs *v);
bool epml_pml_full(const struct epml_vmcs *v);
enum epml_result epml_pml_full_exit(struct epml_cpu *cpu, const struct epml_access *a);
void epml_pml_log(struct epml_cpu *cpu, uint64_t gpa);

/* gpml.c */
bool epml_gpml_triggered(const struct epml_cpu *cpu, const struct epml_access *a, bool ept_dirty,
			 bool pte_dirty);
enum epml_result epml_gpml_prepare(struct epml_cpu *cpu, const struct epml_access *a,
				   struct gpml_slot *slot);
void epml_gpml_log(struct epml_cpu *cpu, const struct epml_access *a,
		   const struct gpml_slot *slot);

#endif
