/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * walk() in ept.c, which the other proofs replace by a choice out of paths (world.h), does nothing
 * that these paths do not allow.
 *
 * Proves: EPT-WALK-1, EPT-WALK-2, EPT-WALK-3, EPT-MISC-1, EPT-MISC-2, EPT-MISC-3
 *
 * Claims, for any memory, processor and guest-physical address:
 *	1. The walk is legal as world.h has it, and is the one of the SDM: which entries it reads,
 *	   where it ends and how, and the address that it finds. The rules are written here again,
 *	   in another form.
 *	2. It writes nothing.
 *	3. Another walk for the same page, with any accessed and dirty flags changed in between,
 *	   ends the same and reads the same entries, but for these flags: so one path stands for all
 *	   walks of a page as long as the hypervisor leaves EPT alone.
 *
 * Bounds: none. A walk has at most four levels.
 */
#include "ept.c"
#include "entries.h"

static bool is_flag(uint64_t bits)
{
	return !(bits & ~EPT_FLAGS);
}

/* Memory: one address has one value, but for the flags in EPT, which may change at any time. */
static uint64_t memory_read(void *host, uint64_t hpa, unsigned size, enum epml_mem what)
{
	(void)host;
	claim(size == 8 && !(hpa & 7) && what == EPML_MEM_EPT, "1: only EPT entries are read");
	return read_entry(hpa, EPT_FLAGS);
}

/* ---- The SDM's rules once more ------------------------------------------------------------ */

static uint64_t bits(uint64_t value, unsigned high, unsigned low)
{
	return value >> low & ((2ull << (high - low)) - 1);
}

static bool is_page(const struct epml_cpu *cpu, unsigned level, uint64_t entry)
{
	switch (level) {
	case 1: return true;
	case 2: return bits(entry, 7, 7);
	case 3: return bits(entry, 7, 7) && cpu->ept_1g;
	default: return false;
	}
}

static bool has_reserved_bit(const struct epml_cpu *cpu, unsigned level, uint64_t entry)
{
	if (cpu->maxphyaddr < 52 && bits(entry, 51, cpu->maxphyaddr))
		return true;
	if (!is_page(cpu, level, entry))
		return bits(entry, 7, 3);
	if (level == 3 && bits(entry, 29, 12))
		return true;
	if (level == 2 && bits(entry, 20, 12))
		return true;
	return bits(entry, 5, 3) == 2 || bits(entry, 5, 3) == 3 || bits(entry, 5, 3) == 7;
}

static bool is_misconfigured(const struct epml_cpu *cpu, unsigned level, uint64_t entry)
{
	return bits(entry, 2, 0) == 2 || bits(entry, 2, 0) == 6 ||
	       has_reserved_bit(cpu, level, entry);
}

static unsigned gpa_index(uint64_t gpa, unsigned level)
{
	switch (level) {
	case 4: return bits(gpa, 47, 39);
	case 3: return bits(gpa, 38, 30);
	case 2: return bits(gpa, 29, 21);
	default: return bits(gpa, 20, 12);
	}
}

static uint64_t page_address(const struct epml_cpu *cpu, uint64_t gpa, unsigned level,
			     uint64_t entry)
{
	(void)cpu;
	switch (level) {
	case 3: return bits(entry, 51, 30) << 30 | bits(gpa, 29, 0);
	case 2: return bits(entry, 51, 21) << 21 | bits(gpa, 20, 0);
	default: return bits(entry, 51, 12) << 12 | bits(gpa, 11, 0);
	}
}

/* ---- Claims ------------------------------------------------------------------------------ */

static void check_end(const struct epml_cpu *cpu, uint64_t gpa, enum walk_end end,
		      const struct ept_walk *w)
{
	uint64_t last = w->entry[w->leaf];
	bool present = bits(last, 2, 0), bad = is_misconfigured(cpu, w->leaf, last);

	if (end == WALK_NOT_PRESENT)
		claim(!present, "1: the last entry is not present");
	else if (end == WALK_MISCONFIGURED)
		claim(present && bad, "1: the last entry is misconfigured");
	else
		claim(present && !bad && is_page(cpu, w->leaf, last) &&
		      w->hpa == page_address(cpu, gpa, w->leaf, last), "1: the page's address");
}

/* All entries above the last are good and lead to the next; @p from: the walk's first read. */
static void check_way(const struct epml_cpu *cpu, uint64_t gpa, const struct ept_walk *w,
		      unsigned from)
{
	uint64_t table = bits(cpu->v.eptp, 51, 12) << 12;

	claim(n_reads == from + EPT_LEVELS + 1 - w->leaf, "1: one read for each entry");
	for (unsigned level = EPT_LEVELS; level >= 1; level--) {
		uint64_t entry = w->entry[level];

		if (level < w->leaf)
			continue;
		claim(w->addr[level] == table + 8 * gpa_index(gpa, level), "1: the entry's place");
		claim(reads[from + EPT_LEVELS - level].hpa == w->addr[level] &&
		      reads[from + EPT_LEVELS - level].value == entry, "1: as it was read");
		table = bits(entry, 51, 12) << 12;
		if (level > w->leaf)
			claim(bits(entry, 2, 0) && !is_misconfigured(cpu, level, entry) &&
			      !is_page(cpu, level, entry), "1: entries above the last are good");
	}
}

/* The walks @p a and @p b are one path. */
static void check_same(const struct ept_walk *a, const struct ept_walk *b, bool done)
{
	claim(a->leaf == b->leaf && a->perms == b->perms, "3: the same end");
	for (unsigned level = EPT_LEVELS; level >= 1; level--)
		if (level >= a->leaf)
			claim(a->addr[level] == b->addr[level] &&
			      is_flag(a->entry[level] ^ b->entry[level]), "3: the same entries");
	claim(!done || !((a->hpa ^ b->hpa) & ~PAGE_MASK), "3: the same page");
}

static const struct epml_ops ops = { memory_read, memory_write, NULL, NULL };

int main(void)
{
	struct epml_cpu cpu;		/* any value, as all that is not initialized */
	struct ept_walk w, again;
	uint64_t gpa = any_u64(), offset = any_u64() & PAGE_MASK;
	enum walk_end end;
	struct epml_spp spp = { any_bool(), any_unsigned(), any_bool() };

	cpu.ops = &ops;
	cpu.ept_1g = any_bool();
	assume(cpu.maxphyaddr >= 36 && cpu.maxphyaddr <= 52);
	assume(!epml_vmentry_check(&cpu, &cpu.v) && (cpu.v.proc2 & EPML_PROC2_ENABLE_EPT));
	w.spp = spp;
	end = walk(&cpu, gpa, &w);
	claim(walk_is_legal(&cpu, end == WALK_DONE, &w), "1: legal, as world.h has it");
	claim(same_spp(&w.spp, &spp), "1: it says nothing of sub-pages");
	check_way(&cpu, gpa, &w, 0);
	check_end(&cpu, gpa, end, &w);
	claim(walk(&cpu, (gpa & ~PAGE_MASK) | offset, &again) == end, "3: the same kind of end");
	check_same(&w, &again, end == WALK_DONE);
	example(end == WALK_DONE && w.leaf == 2 && w.entry[2] != again.entry[2]);
	return 0;
}
