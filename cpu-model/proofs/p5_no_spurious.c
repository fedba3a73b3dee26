/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * P5: nothing is logged that was not modified.
 *
 * Proves: P5, GPML-TRIG-2, GPML-WALK-2, GPML-ADDR-5
 *
 * Claims:
 *	1. A step that writes an entry is a write access by a linear address of the page that the
 *	   entry names, which has been granted: the processor writes to the page now.
 *	2. It writes one entry only, and moves the index by one.
 *	3. With guest-dirty the dirty flag of the guest's entry has gone from 0 to 1 in this step:
 *	   each page is logged once until it is armed again.
 *
 * Arbitrary: everything in world.h; any step. Bounds: as for P1.
 *
 * Limits that no processor can avoid: a compare-and-exchange that fails is a write access; and of
 * an access that crosses pages each page is a step of its own.
 */
#include "world.h"

static struct epml_cpu cpu;
static struct step s;
static unsigned entries;
static uint64_t entry;
static bool dirty_set;

void on_write(uint64_t hpa, unsigned size, uint64_t value, enum epml_mem what)
{
	(void)size;
	if (what == EPML_MEM_GPML) {
		entries++;
		entry = value;
	}
	if (what == EPML_MEM_GUEST_PTE && hpa == s.w.entry[s.w.leaf].hpa &&
	    (value & EPML_PTE_DIRTY))
		dirty_set = true;
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

int main(void)
{
	uint16_t index;
	bool was_dirty;

	cpu = any_cpu();
	s = any_step(&cpu);
	any_path(&cpu, PATH_LOG, any_log_entry(&cpu));
	index = cpu.v.gpml_index;
	was_dirty = guest_dirty(&s.w);
	do_step(&cpu, &s);
	if (s.kind != STEP_VMWRITE)
		claim(cpu.v.gpml_index == (uint16_t)(index - entries), "2: index and entries");
	if (!entries)
		return 0;
	claim(entries == 1, "2: one entry");
	claim(!(entry & PAGE_MASK), "1: the entry is a page's address");
	claim(step_modifies(&s, entry), "1: the page is modified in this step");
	if (cpu.params.trigger == EPML_TRIGGER_GUEST_DIRTY)
		claim(s.kind == STEP_GUEST && !was_dirty && dirty_set,
		      "3: the guest's dirty flag goes from 0 to 1");
	example(s.w.top == 4 && s.w.leaf == 2);
	return 0;
}
