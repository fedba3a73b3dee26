/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The least that an operating system does about a page fault, a virtualization exception and a
 * notification. These instructions are part of what the operations cost.
 */
#include "micro.h"

#define X2APIC_EOI	0x80B
#define VE_INFO(offset)	(*(volatile uint32_t *)(W_VE_INFO + (offset)))

void handle_page_fault(void);
void handle_ve(uint64_t *rip);
void handle_notification(void);

/* A page that is missing is mapped; one that must not be written becomes writable and is noted. */
void handle_page_fault(void)
{
	const uint64_t lin = read_cr2();
	const uint64_t page = (lin - PAGES_LIN) >> 12;
	uint64_t *const entry = pte((unsigned)page);
	const uint64_t frame = PAGES_HPA + (page << 12);

	if (page >= PAGES_MAX)
		__asm__ volatile("ud2");	/* not of an operation: it ends the run */
	if (*entry) {
		*entry |= EPML_PTE_WRITE | EPML_PTE_DIRTY | PTE_SOFT_DIRTY;
		invlpg(lin);
		return;
	}
	if (micro.op == MICRO_FAULT_ZERO || micro.op == MICRO_G_FAULT_ZERO)
		memory_zero_page(frame);
	*entry = frame | EPML_PTE_PRESENT | EPML_PTE_WRITE | EPML_PTE_ACCESSED | EPML_PTE_DIRTY;
}

/* Log full: an entry is free again. Denied by sub-page permissions: go past the store. */
void handle_ve(uint64_t *rip)
{
	if (VE_INFO(EPML_VEINFO_REASON) == EPML_REASON_PML_FULL)
		vmwrite(EPML_VMCS_GUEST_PML_INDEX, 0);
	else
		*rip += STORE_BYTES;
	VE_INFO(EPML_VEINFO_BUSY) = 0;
}

/** What is in the guest's log goes to the ring, and the log is empty. */
void ring_take_log(void)
{
	const uint64_t index = vmread(EPML_VMCS_GUEST_PML_INDEX);
	const uint64_t last = index > EPML_LOG_FIRST_INDEX ? 0 : index + 1;
	uint64_t i;

	for (i = last; i <= EPML_LOG_FIRST_INDEX; i++)
		((uint64_t *)M_RING)[micro.ring++] = ((const uint64_t *)M_LOG)[i];
	vmwrite(EPML_VMCS_GUEST_PML_INDEX, EPML_LOG_FIRST_INDEX);
}

void handle_notification(void)
{
	if (micro.ring_on)
		ring_take_log();
	else
		vmwrite(EPML_VMCS_GUEST_PML_INDEX, 0);
	wrmsr(X2APIC_EOI, 0);
}
