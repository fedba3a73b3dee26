/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * P3: the processor never writes outside the pages that EPT lets the guest write.
 *
 * Proves: P3, GPML-ADDR-3, GPML-ADDR-4, GWALK-2, ENTRY-7, SPP-ELIG-2
 *
 * Claim: every write of a step goes to one of
 *
 *	- an EPT entry on the way to the page of the access or of the log, where nothing but the
 *	  accessed and dirty flags changes;
 *	- an entry of the guest's paging structures that was used, if EPT maps its page writable;
 *	  nothing but the accessed and dirty flags changes;
 *	- the page that EPT, as it is now, maps writable for Guest PML Address;
 *	- the hypervisor's log page, and the virtualization-exception information area, which the
 *	  hypervisor has named in the VMCS for this.
 *
 * "Writable" is what the EPT entries say. Sub-page write permissions may be in force, but they let
 * the processor write none of these: an entry of the guest's paging structures, or of its log, in
 * a page with sub-page permissions is not written (SPP-ELIG-2). For the data of the guest's own
 * writes see spp_no_denied_write.c.
 *
 * The guest may have written anything to its fields, and may do so in the step. The hypervisor may
 * have changed EPT in any way before. After the step VM entry would still accept the state, which
 * is what the next step starts from.
 *
 * Bounds: as for P1.
 */
#include "world.h"

static struct epml_cpu cpu;
static struct step s;
static uint64_t log_gpa;
static bool log_written, pte_written, ept_written;

static bool on_the_way(const struct path *p, uint64_t hpa, uint64_t value)
{
	bool used = false;

	for (unsigned level = EPT_LEVELS; level >= 1; level--)
		if (level >= p->w.leaf && p->w.addr[level] == hpa)
			used = used || !((value ^ p->w.entry[level]) & ~EPT_FLAGS);
	return used;
}

/* Entries of 4 bytes are compared as the host has them, in 8. */
static bool guest_entry(uint64_t hpa, uint64_t value)
{
	const uint64_t flags = EPML_PTE_ACCESSED | EPML_PTE_DIRTY;
	bool used = false;

	for (unsigned level = GUEST_LEVELS; level >= 1; level--) {
		uint64_t old = s.w.entry[level].value;

		if (level >= s.w.leaf && level <= s.w.top && s.w.entry[level].hpa == hpa &&
		    path_is_writable(&paths[0][PATH_PTE(level)]))
			used = used || (!((value ^ old) & ~flags) && !(old & ~value));
	}
	return used && s.kind == STEP_GUEST;
}

void on_write(uint64_t hpa, unsigned size, uint64_t value, enum epml_mem what)
{
	const struct path *log = &paths[0][PATH_LOG];

	switch (what) {
	case EPML_MEM_EPT:
		claim(size == 8 && (on_the_way(&paths[0][PATH_PAGE], hpa, value) ||
				    on_the_way(log, hpa, value)),
		      "EPT: flags of entries on the way only");
		ept_written = true;
		break;
	case EPML_MEM_GUEST_PTE:
		claim(size == s.w.entry_size && guest_entry(hpa, value),
		      "guest's paging structures: flags of entries that EPT lets it write only");
		pte_written = true;
		break;
	case EPML_MEM_GPML:
		claim(size == 8 && path_is_writable(log) && hpa == path_hpa(log, log_gpa),
		      "guest's log: only where EPT lets the guest write now");
		log_written = true;
		break;
	case EPML_MEM_PML:
		claim(size == 8 && epml_pml_enabled(&cpu.v) &&
		      !((hpa ^ cpu.v.pml_address) & ~PAGE_MASK), "hypervisor's log: its page only");
		break;
	case EPML_MEM_VE_INFO:
		claim((cpu.v.proc2 & EPML_PROC2_EPT_VIOLATION_VE) &&
		      !((hpa ^ cpu.v.ve_info) & ~PAGE_MASK), "information area: its page only");
		break;
	case EPML_MEM_VMX_BITMAP:
		claim(false, "the bitmaps are not written");
		break;
	case EPML_MEM_SPPT:
		claim(false, "the sub-page-permission table is not written");
		break;
	}
}

void on_ipi(uint8_t vector)
{
	claim(vector >= 16, "a notification has a legal vector");
}

unsigned ept_flags(unsigned n)
{
	(void)n;
	return any_unsigned();
}

int main(void)
{
	cpu = any_cpu();
	s = any_step(&cpu);
	log_gpa = any_log_entry(&cpu);
	any_path(&cpu, PATH_LOG, log_gpa);
	do_step(&cpu, &s);
	claim(!epml_vmentry_check(&cpu, &cpu.v), "VM entry would accept the state");
	example(log_written && pte_written && ept_written);
	return 0;
}
