/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * No write to a denied sub-page ever reaches memory.
 *
 * Proves: SPP-ELIG-1, SPP-ELIG-2, SPP-ELIG-3, SPP-ELIG-4, SPP-WALK-1, SPP-MISC-1, SPP-MISC-2
 * Proves: SPP-SPAN-1, SPP-ORDER-1, SPP-TLB-1
 *
 * The data are written by the host, after the model has granted the access. Claims:
 *
 *	1. If a write is granted to a page for which EPT gives no write permission, SPP was to
 *	   decide about it, by the SDM's list, which is written here again in another form.
 *	2. And then the SPPT has been walked from SPPTP; all entries used are good; and for each
 *	   byte of the write the leaf that was read last has the bit of its sub-page.
 *	3. What the host may cache (struct epml_spp) is limited to the even bits of that leaf. After
 *	   any other granted access nothing is limited, and a write has permission by EPT. A later
 *	   write that the host grants itself by what is cached: claim 6 of spp_walk.c.
 *	4. The SPPT is not asked about other accesses, whatever its result.
 *	5. An access that is not granted has written no entry of the guest's log and no guest paging
 *	   structure; and if it is not for a full log that it was refused, nothing at all but the
 *	   information area of #VE. (The log entry's own access may come before the access is
 *	   refused, if in between the SPPT has been changed; so here it has not.)
 *
 * Arbitrary: everything in world.h, all designs, any access: of any kind, with any size, at any
 * place in its page. The SPPT is walked by the model's own code; what it reads has any value, each
 * time. What the model writes itself, log entries and flags, is never granted by SPP: that is P3.
 *
 * Bounds: one step. It has two walks of the SPPT at most: if the log has its own access, the page
 * is checked before and after it. A write that crosses pages is a step for each page.
 */
#include "world.h"
#include "sppt.h"

static struct epml_cpu cpu;
static struct step s;
static struct { uint64_t hpa, value; } reads[4];	/* of the last walk of the SPPT */
static unsigned n_reads;
static bool unchanged;		/* by others in this step: the SPPT */
static bool written;		/* anything but the information area */
static bool guest_written;	/* the guest's log or paging structures */

static uint64_t sppt_read(uint64_t hpa)
{
	uint64_t value = any_u64();
	unsigned n = n_reads++ % 4;

	claim(n_reads <= 8, "bound: walks of the SPPT");
	assume(!unchanged || n_reads <= 4 || reads[n].value == value);
	reads[n].hpa = hpa;
	reads[n].value = value;
	return value;
}

static uint64_t memory_read(void *host, uint64_t hpa, unsigned size, enum epml_mem what)
{
	(void)host;
	if (what != EPML_MEM_SPPT)
		return any_u64();
	claim(size == 8 && !(hpa & 7), "2: entries have 8 bytes");
	return sppt_read(hpa);
}

static void memory_write(void *host, uint64_t hpa, unsigned size, uint64_t value,
			 enum epml_mem what)
{
	(void)host;
	on_write(hpa, size, value, what);
}

static void self_ipi(void *host, uint8_t vector)
{
	(void)host;
	on_ipi(vector);
}

static const struct epml_ops ops = { memory_read, memory_write, self_ipi, NULL };

void on_write(uint64_t hpa, unsigned size, uint64_t value, enum epml_mem what)
{
	(void)hpa;
	(void)size;
	(void)value;
	claim(what != EPML_MEM_SPPT, "the SPPT is never written");
	written = written || what != EPML_MEM_VE_INFO;
	guest_written = guest_written || what == EPML_MEM_GPML || what == EPML_MEM_GUEST_PTE;
}

void on_ipi(uint8_t vector)
{
	(void)vector;
}

unsigned ept_flags(unsigned n)
{
	(void)n;
	return any_unsigned();
}

/* ---- The SDM's rules once more ------------------------------------------------------------ */

/* May SPP decide about this access? */
static bool is_eligible(const struct epml_access *a, const struct path *p)
{
	const unsigned other = EPML_ACCESS_FETCH | EPML_ACCESS_WALK | EPML_ACCESS_LOG;
	bool reads_too = a->flags & EPML_ACCESS_READ;

	if (!(cpu.v.proc2 >> 23 & 1) || p->end != WALK_DONE)
		return false;
	if ((a->flags & (EPML_ACCESS_WRITE | EPML_ACCESS_LINEAR | other)) !=
	    (EPML_ACCESS_WRITE | EPML_ACCESS_LINEAR))
		return false;
	for (unsigned level = EPT_LEVELS; level >= 1; level--) {
		uint64_t entry = p->w.entry[level];

		if (level < p->w.leaf || (reads_too && !(entry & 1)))
			return false;
		if ((entry >> 1 & 1) != (level > 1))
			return false;
	}
	return p->w.entry[1] >> 61 & 1;
}

/* ---- Claims ------------------------------------------------------------------------------ */

static void check_sppt_walk(const struct epml_access *a)
{
	uint64_t table = cpu.v.spptp;

	claim(n_reads == 4 || n_reads == 8, "2: walks with four levels");
	for (unsigned n = 0; n < 4; n++) {
		claim(reads[n].hpa == table + 8 * sppt_index(a->gpa, n), "2: the entry's place");
		claim(sppt_entry(&cpu, reads[n].value, n) == SPPT_ENTRY_GOOD,
		      "2: the entries are good");
		table = reads[n].value & ~PAGE_MASK;
	}
}

/* The write was granted, and not by EPT. */
static void check_granted(const struct epml_access *a, const struct path *p)
{
	uint64_t leaf = reads[3].value;
	unsigned byte = any_unsigned(), i = any_unsigned();

	claim(is_eligible(a, p), "1: SPP was to decide");
	check_sppt_walk(a);
	assume(byte < a->size || byte == 0);
	byte += a->gpa % 4096;
	claim(byte < 4096 && (leaf >> (2 * (byte / 128 % 32)) & 1),
	      "2: each byte is in a writable sub-page");
	assume(i < 32);
	claim(cpu.spp.limited, "3: the host may not cache permission for the page");
	claim((cpu.spp.writable >> i & 1) == (leaf >> (2 * i) & 1), "3: but the leaf's even bits");
	claim(cpu.spp.write_only == !(p->w.perms & 1), "3: and nothing for reads");
	example(s.kind == STEP_GUEST && a->size > 256 && n_reads == 8 && !(leaf & 1));
}

static void check_refused(void)
{
	claim(!guest_written, "5: an access that is not granted writes nothing of the guest's");
	claim(!written || !unchanged || cpu.exit.reason == EPML_REASON_PML_FULL,
	      "5: one that SPP refuses writes nothing");
}

static void check_access(const struct epml_access *a, const struct path *p)
{
	if (s.result != EPML_OK)
		check_refused();
	else if ((a->flags & EPML_ACCESS_WRITE) && !path_is_writable(p))
		check_granted(a, p);
	else
		claim(!cpu.spp.limited, "3: nothing is limited where SPP does not decide");
	claim(!n_reads || is_eligible(a, p), "4: SPP is asked where it is to decide");
}

int main(void)
{
	cpu = any_cpu();
	cpu.ops = &ops;
	s = any_step(&cpu);
	any_path(&cpu, PATH_LOG, any_log_entry(&cpu));
	unchanged = any_bool();
	do_step(&cpu, &s);
	if (s.kind == STEP_GUEST || s.kind == STEP_EPT)
		check_access(&s.w.access, &paths[0][PATH_PAGE]);
	else
		claim(!n_reads, "4: SPP is asked where it is to decide");
	return 0;
}
