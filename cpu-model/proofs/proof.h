/* SPDX-License-Identifier: BSD-2-Clause */
/* What all proofs share: the language of claims, and what is known about walks of EPT. */
#ifndef EPML_PROOF_H
#define EPML_PROOF_H

#include "internal.h"

#define assume(condition)	__CPROVER_assume(condition)

/*
 * A proof is run twice. First the claims must hold. Then, with PROOF_EXAMPLE, the same must be
 * possible at all: there is no claim but that what is named an example never happens, and that must
 * fail. Else the assumptions would contradict each other, and any claim would hold.
 */
#ifndef PROOF_EXAMPLE
#define claim(condition, text)	__CPROVER_assert(condition, text)
#define example(condition)	((void)(condition))
#else
#define claim(condition, text)	((void)(condition))
#define example(condition)	__CPROVER_assert(!(condition), "example")
#endif

/* Any value: functions without a body. */
unsigned any_unsigned(void);
uint64_t any_u64(void);

static inline bool any_bool(void)
{
	return any_unsigned() & 1;
}

static inline bool same_spp(const struct epml_spp *a, const struct epml_spp *b)
{
	return a->limited == b->limited && a->writable == b->writable &&
	       a->write_only == b->write_only;
}

#define EPT_FLAGS (EPML_EPT_ACCESSED | EPML_EPT_DIRTY)

/* What is assumed of every walk of EPT, and proved of walk(). done: it found a page. */
static inline bool walk_is_legal(const struct epml_cpu *cpu, bool done,
				 const struct ept_walk *w)
{
	uint64_t perms = 7;
	bool legal = w->leaf >= 1 && w->leaf <= EPT_LEVELS;

	for (unsigned level = EPT_LEVELS; level >= 1; level--) {
		if (level < w->leaf)
			continue;
		perms &= w->entry[level];
		legal = legal && !(w->addr[level] & 7) && !(w->addr[level] >> 52);
	}
	legal = legal && w->perms == perms;
	return legal && (!done || (w->leaf < EPT_LEVELS && !(w->hpa >> cpu->maxphyaddr)));
}

#endif
