/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sub-page write permissions (SDM 3C, "Sub-page write permissions").
 *
 * The sub-page-permission table (SPPT) has four levels and the indices of EPT.
 *
 * SPPT entry that is not a leaf:
 *	bit	0		valid
 *		11:1		reserved
 *		N-1:12		physical address of the next table; N = MAXPHYADDR
 *		63:N		reserved
 *
 * SPPT leaf, one for each 4-KByte page:
 *	bit	2i		1 = sub-page i, of 128 bytes, is writable
 *		2i + 1		reserved
 */
#include "internal.h"

#define SUB_PAGES	32
#define SUB_PAGE_SHIFT	7
#define LEAF_RESERVED	0xAAAAAAAAAAAAAAAAull

/*
 * Does SPP decide about this access, to which EPT gives no write permission? SPP-ELIG-1
 * @param rights	of the access, as EPT sees it
 */
bool epml_spp_eligible(const struct epml_cpu *cpu, const struct epml_access *a,
		       const struct ept_walk *w, unsigned rights)
{
	if (!(cpu->v.proc2 & EPML_PROC2_SUB_PAGE_WRITE))
		return false;
	/* Rights of an access to a guest paging structure that writes are both, read and write. */
	if (rights != EPML_EPT_WRITE || !(a->flags & EPML_ACCESS_LINEAR))
		return false;					/* SPP-ELIG-2 */
	if ((a->flags & EPML_ACCESS_READ) && !(w->perms & EPML_EPT_READ))
		return false;					/* SPP-ELIG-4 */
	if (w->leaf != 1 || !(w->entry[1] & EPML_EPT_SPP))
		return false;					/* SPP-ELIG-3 */
	return w->entry[4] & w->entry[3] & w->entry[2] & EPML_EPT_WRITE;
}

/* SPP-related event. It is never a #VE. SPP-EXIT-1 */
static enum epml_result spp_exit(struct epml_cpu *cpu, const struct epml_access *a,
				 uint64_t qualification)
{
	/* cover: the guest of the vectors gets no NMI; test_spp.c: accesses of an IRET */
	if (a->flags & EPML_ACCESS_NMI_IRET)
		qualification |= EPML_QUAL_NMI_UNBLOCKING;
	return epml_exit(cpu, a, EPML_REASON_SPP, qualification, true, true);
}

static bool misconfigured(const struct epml_cpu *cpu, uint64_t entry)
{
	return (entry & PAGE_MASK & ~EPML_SPPT_VALID) || entry >> cpu->maxphyaddr;
}

static uint32_t even_bits(uint64_t leaf)
{
	uint32_t vector = 0;

	for (unsigned i = 0; i < SUB_PAGES; i++)
		vector |= (uint32_t)(leaf >> 2 * i & 1) << i;
	return vector;
}

/*
 * Find the permissions of the page of an eligible access.
 * @param spp	result, for EPML_OK
 * @return	EPML_OK, or EPML_VMEXIT for an SPPT miss or misconfiguration
 */
enum epml_result epml_spp_walk(struct epml_cpu *cpu, const struct epml_access *a,
			       struct epml_spp *spp)
{
	uint64_t table = cpu->v.spptp;				/* SPP-WALK-1 */

	for (unsigned level = EPT_LEVELS;; level--) {
		uint64_t index = a->gpa >> (3 + 9 * level) & 0x1FF;
		uint64_t entry = epml_read(cpu, table + 8 * index, 8, EPML_MEM_SPPT);

		if (level == 1) {
			if (entry & LEAF_RESERVED)
				return spp_exit(cpu, a, 0);	/* SPP-MISC-2 */
			*spp = (struct epml_spp){ .limited = true, .writable = even_bits(entry) };
			return EPML_OK;
		}
		if (!(entry & EPML_SPPT_VALID))
			return spp_exit(cpu, a, EPML_QUAL_SPP_MISS);	/* SPP-MISS-1 */
		if (misconfigured(cpu, entry))
			return spp_exit(cpu, a, 0);		/* SPP-MISC-1 */
		table = entry & ~PAGE_MASK;
	}
}

/* All sub-pages that the access touches must be writable. SPP-SPAN-1 */
bool epml_spp_grants(uint32_t writable, uint64_t address, unsigned size)
{
	unsigned offset = address & PAGE_MASK;
	unsigned first = offset >> SUB_PAGE_SHIFT;
	/* cover: the hosts of the vectors give each access a size; test_spp.c gives none */
	unsigned last = (offset + (size ? size - 1 : 0)) >> SUB_PAGE_SHIFT;

	for (unsigned i = first; i <= last; i++)
		/* cover: those hosts give the part in the page; test_spp.c goes beyond it */
		if (i >= SUB_PAGES || !(writable >> i & 1))
			return false;
	return true;
}
