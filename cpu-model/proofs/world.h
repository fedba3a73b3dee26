/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The world of the proofs: a processor in an arbitrary state, above an arbitrary memory.
 *
 * A proof is about one step of the model (P4: two) from a state of which nothing is known but that
 * VM entry accepts it; P3 shows that each step leaves such a state behind. Memory has no size and
 * no contents of its own. So a step starts from whatever the guest, the hypervisor and the model
 * may have done before, and what holds for every step holds for every history.
 *
 * EPT is a set of paths: how the guest-physical pages that a step touches are translated, and what
 * the sub-page-permission table (SPPT) has for them. The calls in ept.c of walk(), which reads EPT,
 * of epml_spp_walk(), which reads the SPPT, and of epml_spp_grants() are replaced by a choice out
 * of these paths. That the real ones do nothing else is proved in walk.c and spp_walk.c. All other
 * code of the model is as it is, and in spp_no_denied_write.c all of SPP too. Accessed and dirty
 * flags in EPT may be anything each time they are read: other processors set them, and the
 * hypervisor clears them, at any time.
 *
 * Assumed of the hypervisor: its own structures (EPT, SPPT, log, bitmaps) are apart from each
 * other, and EPT does not map them for the guest.
 */
#ifndef EPML_WORLD_H
#define EPML_WORLD_H

#include "proof.h"

#define GPA_MASK	0x000FFFFFFFFFFFFFull
#define GUEST_LEVELS	4

/* ---- EPT -------------------------------------------------------------------------------- */

/* As in ept.c, where it is private. */
enum walk_end { WALK_DONE, WALK_NOT_PRESENT, WALK_MISCONFIGURED };

/* What a walk of the SPPT finds; in a step there is one access that it can be about. */
enum sppt_end { SPPT_GRANTS, SPPT_DENIES, SPPT_MISS, SPPT_MISCONFIGURED };

/* The paths of a step: to guest paging structures, the page of the access, the log. */
#define PATH_PTE(level)	((level) - 1)
#define PATH_PAGE	4
#define PATH_LOG	5
#define PATHS		6

struct path {
	uint64_t gpn;		/* guest-physical page number */
	enum walk_end end;
	struct ept_walk w;	/* hpa: of the page's first byte; entries without flags */
	enum sppt_end sppt;	/* for an eligible write */
	uint32_t writable;	/* its leaf's sub-pages */
};

#define WORLDS 2		/* P2 compares two */

extern struct path paths[WORLDS][PATHS];
extern unsigned world;		/* in which the model runs now */

/* Let path @p n be any legal one for the page of @p gpa that agrees with the paths before it. */
const struct path *any_path(const struct epml_cpu *cpu, unsigned n, uint64_t gpa);

/* Where the path leads @p gpa. */
uint64_t path_hpa(const struct path *p, uint64_t gpa);

/* Does EPT let the guest write there, whatever the SPPT says? */
bool path_is_writable(const struct path *p);

/*
 * Flags of the entries that a walk along path @p n finds, bits 4:1 accessed and 8:5 dirty by level.
 * Each proof defines it; any_unsigned() is the most general.
 */
unsigned ept_flags(unsigned n);

/* ---- The processor ----------------------------------------------------------------------- */

/* Any processor in any state of a guest with EPT, with any parameters that the claim is about. */
struct epml_cpu any_cpu(void);

/* What the model reads besides EPT: the information area and the bitmaps, arbitrary. */
extern uint64_t other_memory;

/* ---- A step ------------------------------------------------------------------------------ */

/* What a host may ask of the model. */
enum step_kind {
	STEP_GUEST,	/* an access by a linear address, translated by the guest's paging */
	STEP_EPT,	/* any other access: by a page walk, by a guest without paging */
	STEP_VMREAD,
	STEP_VMWRITE
};

struct step {
	enum step_kind kind;
	struct epml_guest_walk w;	/* STEP_GUEST; its access: STEP_EPT too */
	uint64_t field, value;		/* STEP_VMREAD, STEP_VMWRITE */
	/* Results */
	enum epml_result result;	/* of an access; EPML_VMEXIT if a VMWRITE faults */
	enum epml_insn insn;		/* of VMREAD and VMWRITE */
	unsigned error;
	uint64_t hpa;
};

/* A write to a page by a linear address, which the guest's own paging has granted. */
struct epml_guest_walk any_guest_walk(const struct epml_cpu *cpu);

/* Any step of any kind, with its paths. */
struct step any_step(const struct epml_cpu *cpu);

/* Let the model do it. */
void do_step(struct epml_cpu *cpu, struct step *s);

/* Is the step a write access to the page with address @p gva that has been granted? */
bool step_modifies(const struct step *s, uint64_t gva);

/* The guest's entry that maps the page: its dirty flag before the step. */
bool guest_dirty(const struct epml_guest_walk *w);

/*
 * Where the next entry of the guest's log belongs, as the guest sees it. With at-vmwrite that is
 * not known from the field: the guest had given some page, and the field holds some frame.
 */
uint64_t any_log_entry(const struct epml_cpu *cpu);

/* ---- To be defined by each proof: called when the model acts ------------------------------- */

void on_write(uint64_t hpa, unsigned size, uint64_t value, enum epml_mem what);
void on_ipi(uint8_t vector);

#endif
