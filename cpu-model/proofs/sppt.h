/* SPDX-License-Identifier: BSD-2-Clause */
/* The SDM's rules about entries of the sub-page-permission table once more, in another form. */
#ifndef EPML_SPPT_H
#define EPML_SPPT_H

#include "proof.h"

enum sppt_entry { SPPT_ENTRY_GOOD, SPPT_ENTRY_NOT_VALID, SPPT_ENTRY_RESERVED };

/* Index into the table that is read as number @p n of a walk, 0 to 3. */
static inline uint64_t sppt_index(uint64_t gpa, unsigned n)
{
	switch (n) {
	case 0: return gpa >> 39 & 511;
	case 1: return gpa >> 30 & 511;
	case 2: return gpa >> 21 & 511;
	default: return gpa >> 12 & 511;
	}
}

/* What number @p n of a walk, 0 to 3, is. */
static inline enum sppt_entry sppt_entry(const struct epml_cpu *cpu, uint64_t entry, unsigned n)
{
	if (n == 3) {
		for (unsigned bit = 1; bit < 64; bit += 2)
			if (entry >> bit & 1)
				return SPPT_ENTRY_RESERVED;
		return SPPT_ENTRY_GOOD;
	}
	if (entry % 2 == 0)
		return SPPT_ENTRY_NOT_VALID;
	if (entry % 4096 != 1)
		return SPPT_ENTRY_RESERVED;
	return entry < 1ull << cpu->maxphyaddr ? SPPT_ENTRY_GOOD : SPPT_ENTRY_RESERVED;
}

#endif
