/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * epml_spp_walk() in spp.c, which the proofs of P1 to P5 replace by a choice out of paths
 * (world.h), does nothing that these paths do not allow; and epml_spp_grants() looks at each byte
 * of a write.
 *
 * Proves: SPP-WALK-1, SPP-MISS-1, SPP-MISC-1, SPP-MISC-2, SPP-EXIT-1, SPP-SPAN-1
 *
 * Claims, for any memory, processor and access:
 *	1. The walk is the one of the SDM: which entries it reads, from SPPTP on, where it ends and
 *	   how. The rules are written here again, in another form.
 *	2. It writes nothing.
 *	3. If it ends at a good leaf, bit i of its result is bit 2i of the leaf, for each i.
 *	4. If not, there is a VM exit 66 with the right qualification and both addresses of the
 *	   access, and the result is left alone.
 *	5. Another walk for the same page in the same memory has the same end and result: so one
 *	   path stands for all walks of a page as long as the hypervisor leaves the SPPT alone.
 *	6. epml_spp_grants() grants a write exactly if each of its bytes is in the page, and in a
 *	   writable sub-page: for any permissions, any first byte, and 0 to 4096 bytes.
 *
 * Bounds: none. A walk has four levels, a page 32 sub-pages.
 */
#include "spp.c"
#include "entries.h"
#include "sppt.h"

/* Memory: one address has one value. */
static uint64_t memory_read(void *host, uint64_t hpa, unsigned size, enum epml_mem what)
{
	(void)host;
	claim(size == 8 && !(hpa & 7) && what == EPML_MEM_SPPT, "1: only SPPT entries are read");
	return read_entry(hpa, 0);
}

static const struct epml_ops ops = { memory_read, memory_write, NULL, NULL };

/* ---- The walk ---------------------------------------------------------------------------- */

/* All entries that were read are those of the SDM, and but for the last one lead to the next. */
static void check_way(const struct epml_cpu *cpu, uint64_t gpa)
{
	uint64_t table = cpu->v.spptp;

	for (unsigned i = 0; i < EPT_LEVELS; i++) {
		if (i >= n_reads)
			continue;
		claim(reads[i].hpa == table + 8 * sppt_index(gpa, i), "1: the entry's place");
		table = reads[i].value & ~PAGE_MASK;
		if (i + 1 < n_reads)
			claim(sppt_entry(cpu, reads[i].value, i) == SPPT_ENTRY_GOOD,
			      "1: entries above the last are good");
	}
}

static void check_leaf(const struct epml_spp *spp, uint64_t leaf)
{
	unsigned i = any_unsigned();

	assume(i < 32);
	claim(n_reads == EPT_LEVELS, "3: four levels");
	claim(spp->limited && !spp->write_only, "3: for sub-pages");
	claim((spp->writable >> i & 1) == (leaf >> (2 * i) & 1), "3: the leaf's even bits");
}

static void check_exit(const struct epml_exit *e, const struct epml_access *a,
		       enum sppt_entry last)
{
	uint64_t miss = last == SPPT_ENTRY_NOT_VALID ? 0x800 : 0;
	uint64_t nmi = a->flags & EPML_ACCESS_NMI_IRET ? 0x1000 : 0;

	claim(e->reason == 66 && e->qualification == (miss | nmi), "4: reason and qualification");
	claim(e->gpa_valid && e->gpa == a->gpa, "4: the guest-physical address");
	claim(e->gva_valid && e->gva == a->gva, "4: the guest-linear address");
}

static void check_walk(struct epml_cpu *cpu, const struct epml_access *a)
{
	const struct epml_spp before = { any_bool(), any_unsigned(), any_bool() };
	struct epml_spp spp = before, again = before;
	struct epml_access other = *a;
	enum epml_result r = epml_spp_walk(cpu, a, &spp);
	uint64_t last = reads[n_reads - 1].value;
	enum sppt_entry end = sppt_entry(cpu, last, n_reads - 1);

	check_way(cpu, a->gpa);
	claim((r == EPML_OK) == (end == SPPT_ENTRY_GOOD), "1: the end");
	if (r == EPML_OK) {
		check_leaf(&spp, last);
	} else {
		claim(r == EPML_VMEXIT, "4: a VM exit");
		check_exit(&cpu->exit, a, end);
		claim(same_spp(&spp, &before), "4: no result");
	}
	other.gpa = (a->gpa & ~PAGE_MASK) | (any_u64() & PAGE_MASK);
	claim(epml_spp_walk(cpu, &other, &again) == r && same_spp(&spp, &again), "5: the same");
	if (r != EPML_OK)
		check_exit(&cpu->exit, &other, end);
	example(r == EPML_OK && spp.writable == 0x80000001);
}

/* ---- What is granted --------------------------------------------------------------------- */

static bool byte_is_writable(uint32_t writable, unsigned offset)
{
	return offset < 4096 && (writable & 1u << offset / 128);
}

static void check_grants(void)
{
	uint32_t writable = any_unsigned();
	uint64_t address = any_u64();
	unsigned size = any_unsigned(), first = address % 4096, byte = any_unsigned();
	unsigned bytes = size ? size : 1;
	bool granted, all = true;

	assume(size <= 4096 && byte < bytes);
	granted = epml_spp_grants(writable, address, size);
	claim(!granted || byte_is_writable(writable, first + byte), "6: no byte is denied");
	/* Of each 128-byte block one byte that is written, if there is one, stands for all. */
	for (unsigned block = 0; block < 64; block++) {
		unsigned begin = 128 * block > first ? 128 * block : first;

		if (begin < 128 * (block + 1) && begin < first + bytes)
			all = all && byte_is_writable(writable, begin);
	}
	claim(granted || !all, "6: all bytes that may be written are");
}

int main(void)
{
	struct epml_cpu cpu;		/* any value, as all that is not initialized */
	struct epml_access a;

	cpu.ops = &ops;
	assume(cpu.maxphyaddr >= 36 && cpu.maxphyaddr <= 52);
	assume(!epml_vmentry_check(&cpu, &cpu.v) && (cpu.v.proc2 & EPML_PROC2_SUB_PAGE_WRITE));
	check_walk(&cpu, &a);
	check_grants();
	return 0;
}
