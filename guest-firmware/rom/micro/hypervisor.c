/* SPDX-License-Identifier: BSD-2-Clause */
/* VM entries and exits: the least that a hypervisor does. Its instructions are part of the cost. */
#include "micro.h"

static void skip_instruction(uint64_t bytes)
{
	vmwrite(EPML_VMCS_GUEST_RIP, vmread(EPML_VMCS_GUEST_RIP) + bytes);
}

static void fail(const char *text, uint64_t a, uint64_t b, uint64_t c)
{
	const uint64_t line[4] = { micro.op, a, b, c };

	report_line('E', 4, line);
	report_text(text);
	rom_shutdown();
}

/* The hypervisor's log, whatever is in it, goes to the ring. */
static void collect_pml(void)
{
	const uint64_t index = vmread(EPML_VMCS_PML_INDEX);
	uint64_t i;

	for (i = EPML_LOG_FIRST_INDEX; i != index && i != ~0ull; i--)
		((uint64_t *)M_RING)[micro.ring++] = ((const uint64_t *)W_PML)[i];
	vmwrite(EPML_VMCS_PML_INDEX, EPML_LOG_FIRST_INDEX);
}

/* Returns whether the guest goes on. */
static bool handle_call(uint64_t call)
{
	skip_instruction(vmread(EPML_VMCS_EXIT_INSTRUCTION_LENGTH));
	switch (call) {
	case CALL_NOTHING:
		return true;
	case CALL_NEXT:
		micro.exits--;			/* not one of the operation */
		return false;
	case CALL_TRACK_PML:
		world_control(EPML_VMCS_SECONDARY_CONTROLS, EPML_PROC2_ENABLE_PML, true);
		world_clean_ept();
		return true;
	case CALL_TRACK_GPML:
		world_control(EPML_VMCS_TERTIARY_CONTROLS, EPML_PROC3_ENABLE_GUEST_PML, true);
		vmwrite(EPML_VMCS_GUEST_PML_THRESHOLD, EPML_LOG_FULL_INDEX);
		world_clean_ept();
		return true;
	case CALL_COLLECT:
		collect_pml();
		world_clean_ept();
		return true;
	case CALL_CLEAN_EPT:
		world_clean_ept();
		return true;
	case CALL_DISABLE:
		world_control(EPML_VMCS_SECONDARY_CONTROLS, EPML_PROC2_ENABLE_PML, false);
		world_control(EPML_VMCS_TERTIARY_CONTROLS, EPML_PROC3_ENABLE_GUEST_PML, false);
		return true;
	default:
		fail("an event in the guest that no operation causes", micro.failed_vector,
		     micro.failed_rip, micro.failed_address);
		return false;
	}
}

/* A page is missing: give the guest one. Sub-page permissions deny: go past the store. */
static void handle_ept_violation(void)
{
	const uint64_t gpa = vmread(EPML_VMCS_GUEST_PHYSICAL_ADDRESS) & ~0xFFFull;
	const uint64_t page = (gpa - PAGES_HPA) >> 12;

	if (page >= PAGES_MAX)
		fail("an EPT violation that no operation causes", gpa,
		     vmread(EPML_VMCS_EXIT_QUALIFICATION), vmread(EPML_VMCS_GUEST_RIP));
	if (*ept_leaf(page)) {
		skip_instruction(STORE_BYTES);
		return;
	}
	if (micro.op == MICRO_EPT_FAULT_ZERO)
		memory_zero_page(gpa);
	*ept_leaf(page) = gpa | EPML_EPT_READ | EPML_EPT_WRITE | EPML_EPT_EXECUTE |
			  EPML_EPT_ACCESSED | EPML_EPT_DIRTY | 6ull << EPML_EPT_MEMTYPE_SHIFT;
}

/* One entry is free again, or all are after the log has gone to the ring. */
static void handle_log_full(void)
{
	if (vmread(EPML_VMCS_EXIT_QUALIFICATION) & EPML_QUAL_PML_GUEST_LOG)
		vmwrite(EPML_VMCS_GUEST_PML_INDEX, 0);
	else if (micro.ring_on)
		collect_pml();
	else
		vmwrite(EPML_VMCS_PML_INDEX, 0);
}

/* Returns whether the guest goes on. */
static bool handle_exit(void)
{
	const uint64_t reason = vmread(EPML_VMCS_EXIT_REASON);

	micro.exits++;
	switch (reason) {
	case EPML_REASON_VMCALL:
		return handle_call(vmx_regs[R_RAX]);
	case EPML_REASON_EPT_VIOLATION:
		handle_ept_violation();
		return true;
	case EPML_REASON_PML_FULL:
		handle_log_full();
		return true;
	case EPML_REASON_VMREAD:
	case EPML_REASON_VMWRITE:
		vmx_regs[R_RAX] = 0;
		skip_instruction(vmread(EPML_VMCS_EXIT_INSTRUCTION_LENGTH));
		return true;
	default:
		fail("a VM exit that no operation causes", reason,
		     vmread(EPML_VMCS_EXIT_QUALIFICATION), vmread(EPML_VMCS_GUEST_RIP));
		return false;
	}
}

/**
 * Let the guest execute one operation.
 * @param op		enum micro_op
 * @param number	phase in which it is counted
 */
void hypervisor_run(unsigned op, unsigned number)
{
	micro.op = op;
	micro.phase = number;
	micro.exits = 0;
	do {
		if (vmx_enter(vmcs_launched))
			fail("VM entry failed", vmread(EPML_VMCS_VM_INSTRUCTION_ERROR), 0, 0);
		vmcs_launched = true;
	} while (handle_exit());
}
