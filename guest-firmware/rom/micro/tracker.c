/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A program that writes one word to each of its pages, again and again, and a tracker that finds
 * out which pages after each round: by write protection ("proc"), through the hypervisor's log
 * ("spml") and through the guest's log ("epml"). Each part is a phase that the published formulas
 * know, or, "re-arm", should.
 */
#include "micro.h"

static uint32_t listed;			/* addresses in the tracker's list */
static bool needs_hypervisor;		/* dirty flags of EPT decide what is logged */

static uint64_t *list(void)
{
	return (uint64_t *)M_LIST;
}

/* ---- The program, and what every tracker does with its pages --------------------------------- */

static void program(void)
{
	unsigned i;

	for (i = 0; i < MICRO_TRACKED_PAGES; i++)
		store(PAGES_LIN + word_in(i));
}

/* A checksum over a line of each page found. */
static void processing(void)
{
	uint64_t sum = 0;
	unsigned i, word;

	for (i = 0; i < listed; i++)
		for (word = 0; word < 8; word++)
			sum += ((const uint64_t *)(list()[i] & ~0xFFFull))[word];
	__asm__ volatile("" : : "r"(sum));
}

static void copy_ring(void)
{
	unsigned i;

	for (i = 0; i < micro.ring; i++)
		list()[i] = ((const uint64_t *)M_RING)[i];
	listed = micro.ring;
	micro.ring = 0;
}

static void expect_all(unsigned technique)
{
	if (listed == MICRO_TRACKED_PAGES)
		return;
	micro.failed_vector = technique;
	micro.failed_address = listed;
	vmcall(CALL_FAILED);
}

/* ---- proc ------------------------------------------------------------------------------------ */

static void clear_refs(void)
{
	unsigned i;

	for (i = 0; i < MICRO_TRACKED_PAGES; i++)
		*pte(i) &= ~(EPML_PTE_WRITE | PTE_SOFT_DIRTY);
	write_cr3(read_cr3());
}

static void walk_page_table(void)
{
	unsigned i;

	listed = 0;
	for (i = 0; i < MICRO_TRACKED_PAGES; i++)
		if (*pte(i) & PTE_SOFT_DIRTY)
			list()[listed++] = PAGES_LIN + ((uint64_t)i << 12);
}

static void proc_round(bool on)
{
	phase(on ? MICRO_PROC_CLEAR : 0);
	clear_refs();
	phase(on ? MICRO_PROC_TRACKED : 0);
	program();
	phase(on ? MICRO_PROC_WALK : 0);
	walk_page_table();
	phase(on ? MICRO_PROC_PROCESSING : 0);
	processing();
	phase(0);
	expect_all(MICRO_PROC_TRACKED);
}

/* ---- spml ------------------------------------------------------------------------------------ */

/* The log has guest-physical addresses: search the page table for each of them, as published. */
static void reverse_map(void)
{
	unsigned i, page;

	for (i = 0; i < listed; i++) {
		for (page = 0; page < PAGES_MAX; page++)
			if ((*pte(page) & EPML_PTE_ADDRESS_MASK) == list()[i])
				break;
		list()[i] = PAGES_LIN + ((uint64_t)page << 12);
	}
}

static void spml_round(bool on)
{
	phase(on ? MICRO_SPML_TRACKED : 0);
	program();
	phase(on ? MICRO_SPML_DISABLE : 0);
	vmcall(CALL_COLLECT);
	phase(on ? MICRO_SPML_RING : 0);
	copy_ring();
	phase(on ? MICRO_SPML_REVERSE : 0);
	reverse_map();
	phase(on ? MICRO_SPML_PROCESSING : 0);
	processing();
	phase(0);
	expect_all(MICRO_SPML_TRACKED);
}

/* ---- epml ------------------------------------------------------------------------------------ */

static void rearm(void)
{
	unsigned i;

	for (i = 0; i < MICRO_TRACKED_PAGES; i++) {
		*pte(i) &= ~(uint64_t)EPML_PTE_DIRTY;
		invlpg(PAGES_LIN + ((uint64_t)i << 12));
	}
	if (needs_hypervisor)
		vmcall(CALL_CLEAN_EPT);
}

/* If the guest alone cannot make a page be logged again, the trigger is EPT's dirty flag. */
static void find_trigger(void)
{
	needs_hypervisor = false;
	rearm();
	store(PAGES_LIN);
	rearm();
	vmwrite(EPML_VMCS_GUEST_PML_INDEX, EPML_LOG_FIRST_INDEX);
	store(PAGES_LIN);
	needs_hypervisor = vmread(EPML_VMCS_GUEST_PML_INDEX) == EPML_LOG_FIRST_INDEX;
	rearm();
	vmwrite(EPML_VMCS_GUEST_PML_INDEX, EPML_LOG_FIRST_INDEX);
}

/* When the scheduler goes to the program, its index becomes the processor's, and back. */
static void epml_round(bool on)
{
	phase(on ? MICRO_EPML_TRACKED : 0);
	vmwrite(EPML_VMCS_GUEST_PML_INDEX, EPML_LOG_FIRST_INDEX);
	program();
	vmread(EPML_VMCS_GUEST_PML_INDEX);
	phase(on ? MICRO_EPML_RING : 0);
	ring_take_log();
	copy_ring();
	phase(on ? MICRO_EPML_PROCESSING : 0);
	processing();
	phase(on ? MICRO_EPML_REARM : 0);
	rearm();
	phase(0);
	expect_all(MICRO_EPML_TRACKED);
}

/* ---------------------------------------------------------------------------------------------- */

/** All techniques, each on the same program. */
void tracker_run(bool on)
{
	unsigned i;

	program();
	for (i = 0; i < MICRO_ROUNDS; i++) {
		phase(on ? MICRO_ALONE : 0);
		program();
		phase(0);
	}
	for (i = 0; i < MICRO_ROUNDS; i++)
		proc_round(on);
	micro.ring_on = 1;
	vmcall(CALL_TRACK_PML);
	for (i = 0; i < MICRO_ROUNDS; i++)
		spml_round(on);
	vmcall(CALL_DISABLE);
	vmcall(CALL_TRACK_GPML);
	find_trigger();
	micro.ring = 0;
	__asm__ volatile("sti");
	for (i = 0; i < MICRO_ROUNDS; i++)
		epml_round(on);
	__asm__ volatile("cli");
	phase(on ? MICRO_EPML_DISABLE : 0);
	vmcall(CALL_DISABLE);
	phase(0);
	micro.ring_on = 0;
}
