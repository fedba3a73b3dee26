/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * P1: no modified page is ever missing from the log.
 *
 * Proves: P1, GPML-LOG-1, GPML-LOG-2, GPML-TRIG-2, GPML-FULL-2
 *
 * A guest arms a page by clearing the dirty flag of its own entry that maps it; that is the only
 * means it has. Claims, while "enable guest PML" is in force:
 *
 *	1. A write to an armed page that is granted has written exactly one entry, with the page's
 *	   address, where the guest will find it: at the old index of the page that EPT has for
 *	   Guest PML Address. The index is one less, and the page is no longer armed.
 *	2. A write that is not granted (VM exit or #VE) has written no entry, has not moved the
 *	   index, and has left the page armed: when it is tried again, claim 1 holds for it.
 *	3. No other step disarms a page or moves the index (but VMWRITE of the index).
 *
 * So whatever the order of steps, a page that is not armed is in the log, or the guest has taken it
 * out. Arbitrary: everything in world.h; the page may be the log page or a paging structure.
 *
 * Bounds: one step, with at most six translations. A step has no more: four levels of guest paging,
 * the page and the log page. All loops are unrolled completely, which the proof tool checks.
 *
 * Assumed of the guest: its log page is not one of its own paging structures.
 */
#include "world.h"

static struct epml_cpu cpu;
static struct step s;
static unsigned entries;
static uint64_t entry, entry_hpa;
static bool disarmed, pte_written;

static bool is_write(void)
{
	return s.kind == STEP_GUEST && (s.w.access.flags & EPML_ACCESS_WRITE);
}

/* May this write set the dirty flag there? It may be there twice, in a table that maps itself. */
static bool may_set_dirty(uint64_t hpa)
{
	bool may = false;

	for (unsigned level = GUEST_LEVELS; level >= 1; level--)
		if (level >= s.w.leaf && level <= s.w.top && s.w.entry[level].hpa == hpa)
			may = may || (s.w.entry[level].value & EPML_PTE_DIRTY) ||
			      (level == s.w.leaf && is_write());
	return may;
}

void on_write(uint64_t hpa, unsigned size, uint64_t value, enum epml_mem what)
{
	(void)size;
	if (entries)
		claim(hpa != entry_hpa, "1: the entry is not overwritten");
	if (what == EPML_MEM_GPML) {
		entries++;
		entry = value;
		entry_hpa = hpa;
	}
	if (what == EPML_MEM_GUEST_PTE) {
		pte_written = true;
		if (hpa == s.w.entry[s.w.leaf].hpa && (value & EPML_PTE_DIRTY))
			disarmed = true;
		claim(!(value & EPML_PTE_DIRTY) || may_set_dirty(hpa),
		      "3: only a write disarms a page, and only its own");
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

static void check_granted(uint16_t index, uint64_t log_hpa)
{
	claim(disarmed, "1: the page is no longer armed");
	claim(entries == 1, "1: one entry for the page");
	claim(entry == (s.w.access.gva & ~PAGE_MASK), "1: the entry is the page's address");
	claim(index < EPML_LOG_ENTRIES, "1: the entry has a place in the log");
	claim(paths[0][PATH_LOG].end == WALK_DONE && entry_hpa == log_hpa,
	      "1: the entry is where the guest finds it");
	claim(cpu.v.gpml_index == (uint16_t)(index - 1), "1: the index is one less");
	example(cpu.v.gpml_index == EPML_LOG_FULL_INDEX);
}

int main(void)
{
	uint64_t log_gpa;
	uint16_t index;
	bool armed;

	cpu = any_cpu();
	assume(epml_gpml_enabled(&cpu.v));
	s = any_step(&cpu);
	log_gpa = any_log_entry(&cpu);
	any_path(&cpu, PATH_LOG, log_gpa);
	index = cpu.v.gpml_index;
	armed = s.kind == STEP_GUEST && !guest_dirty(&s.w);
	do_step(&cpu, &s);
	if (s.result == EPML_OK && armed && is_write()) {
		check_granted(index, path_hpa(&paths[0][PATH_LOG], log_gpa));
	} else if (s.kind != STEP_VMWRITE) {
		claim(cpu.v.gpml_index == index || s.result == EPML_OK,
		      "2: an access that is not granted leaves the index");
		claim(cpu.v.gpml_index == (uint16_t)(index - entries),
		      "3: only an entry moves the index");
	}
	if (s.result != EPML_OK)
		claim(!pte_written && !entries, "2: an access that is not granted does nothing");
	return 0;
}
