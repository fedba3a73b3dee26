/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Writes that EPT refuses, let through page by page (VI_F_ONE_WRITABLE).
 *
 * At an EPT violation by a write the page becomes writable, and the one that the violation before
 * it made writable is protected again: a hypervisor that has no sub-page write permissions and
 * wants to know of writes does this much for each at least. It needs neither an instruction
 * emulator nor the monitor trap flag, which Bochs 2.6.11 does not have.
 */
#include "cpu.h"
#include "rom.h"

/* HPA of the EPT entry that maps a 4-KByte page. */
static uint64_t ept_entry(uint64_t gpa)
{
	uint64_t address = vmread(EPML_VMCS_EPTP);
	unsigned shift;

	for (shift = 39;; shift -= 9) {
		address = (address & EPML_EPT_ADDRESS_MASK) + (gpa >> shift & 0x1FF) * 8;
		if (shift == 12)
			return address;
		address = memory_read(address, 8);
	}
}

static void protect(uint64_t entry)
{
	memory_write(entry, 8, memory_read(entry, 8) & ~EPML_EPT_WRITE);
	invept(EPML_INVEPT_SINGLE, vmread(EPML_VMCS_EPTP));
}

/**
 * Deal with the last VM exit if it is an EPT violation by a write.
 * @return	is it? The guest shall run the instruction again then.
 */
bool let_write(void)
{
	uint64_t entry;

	if (vmread(EPML_VMCS_EXIT_REASON) != EPML_REASON_EPT_VIOLATION ||
	    !(vmread(EPML_VMCS_EXIT_QUALIFICATION) & EPML_QUAL_EPT_WRITE))
		return false;
	if (run.writable)
		protect(run.writable);
	entry = ept_entry(vmread(EPML_VMCS_GUEST_PHYSICAL_ADDRESS));
	memory_write(entry, 8, memory_read(entry, 8) | EPML_EPT_WRITE);
	run.writable = entry;
	vmcs_reinject();
	return true;
}
