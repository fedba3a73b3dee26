/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * P4: re-arming after a collection needs no hypervisor.
 *
 * Proves: P4, GPML-TRIG-3
 *
 * A page was armed, has been written, and has been logged. The guest collects: it may set Guest
 * PML Index with VMWRITE, clears the dirty flag of its entry, and flushes the translation. The page
 * is written again, at any offset, after a page walk that reads each level through EPT. If it has
 * sub-page write permissions, this is to any sub-pages that they let the guest write.
 *
 * Claim: all of this is granted without a VM exit or #VE, and exactly one entry with the page's
 * address has been written in the second round, at the index that the guest has set.
 *
 * Arbitrary: as for P1, for both rounds, and all that the processor's state was when the page was
 * first written. The hypervisor does nothing but clear flags in EPT, or leave them.
 *
 * Assumed: the guest's log has room (it has just been emptied), and the hypervisor's log has,
 * if it is on: its log-full event is no matter of re-arming. The hypervisor lets the guest write
 * its fields; if not, the guest's index is what is left of it.
 *
 * Bounds: two writes to one page, of which the second may have six entries to log for the
 * hypervisor. Later rounds begin as the second did, in a state that the first write may have left.
 */
#include "world.h"

#define HYPERVISOR_ROOM 16	/* more than the entries of one round */

static unsigned entries;
static uint64_t entry;

void on_write(uint64_t hpa, unsigned size, uint64_t value, enum epml_mem what)
{
	(void)hpa;
	(void)size;
	if (what == EPML_MEM_GPML) {
		entries++;
		entry = value;
	}
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

/* The host's page walk, and the write that it was made for. */
static bool write_page(struct epml_cpu *cpu, struct epml_guest_walk *w)
{
	uint64_t hpa;
	bool granted = true;

	for (unsigned level = GUEST_LEVELS; level >= 1; level--) {
		struct epml_access a = {
			.gpa = w->entry[level].gpa, .gva = w->access.gva,
			.flags = EPML_ACCESS_READ | EPML_ACCESS_LINEAR | EPML_ACCESS_WALK };

		if (granted && level <= w->top && level >= w->leaf)
			granted = epml_ept_access(cpu, &a, &hpa) == EPML_OK;
	}
	return granted && epml_guest_access(cpu, w, &hpa) == EPML_OK;
}

static bool hypervisor_has_room(const struct epml_vmcs *v)
{
	return !epml_pml_enabled(v) ||
	       (v->pml_index >= HYPERVISOR_ROOM && v->pml_index < EPML_LOG_ENTRIES);
}

/* What the guest does between the writes. */
static void collect(struct epml_cpu *cpu, struct epml_guest_walk *w)
{
	unsigned error;

	if (any_bool())
		epml_guest_vmwrite(cpu, EPML_VMCS_GUEST_PML_INDEX, any_u64(), &error);
	w->entry[w->leaf].value &= ~EPML_PTE_DIRTY;
}

/* Another write to the same page. The path's verdict is for both writes. */
static void write_again(struct epml_guest_walk *w)
{
	uint64_t offset = any_u64() & PAGE_MASK;

	w->access.gva = (w->access.gva & ~PAGE_MASK) | offset;
	w->access.gpa = (w->access.gpa & ~PAGE_MASK) | offset;
	w->access.flags = EPML_ACCESS_WRITE | EPML_ACCESS_LINEAR |
			  (any_unsigned() & (EPML_ACCESS_IN_EVENT | EPML_ACCESS_NMI_IRET |
					     EPML_ACCESS_NO_PE));
}

int main(void)
{
	struct epml_cpu cpu = any_cpu();
	struct epml_guest_walk w = any_guest_walk(&cpu);
	uint16_t index;
	bool granted;

	assume(epml_gpml_enabled(&cpu.v));
	any_path(&cpu, PATH_LOG, any_log_entry(&cpu));
	assume((w.access.flags & EPML_ACCESS_WRITE) && !guest_dirty(&w));
	assume(write_page(&cpu, &w));
	assume(entries && entry == (w.access.gva & ~PAGE_MASK));

	collect(&cpu, &w);
	index = cpu.v.gpml_index;
	assume(index < EPML_LOG_ENTRIES && hypervisor_has_room(&cpu.v));
	write_again(&w);
	entries = 0;
	granted = write_page(&cpu, &w);
	claim(granted, "the second write is granted without VM exit or #VE");
	claim(entries == 1 && entry == (w.access.gva & ~PAGE_MASK), "the page is logged again");
	claim(cpu.v.gpml_index == (uint16_t)(index - 1), "at the index that the guest has set");
	example(granted && entries == 1);
	return 0;
}
