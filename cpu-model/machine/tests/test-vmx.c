/* SPDX-License-Identifier: BSD-2-Clause */
/* VM entries and exits, VMREAD and VMWRITE, EPTP switching, and what the host does in between. */
#include "world.h"

#define GVA	0x400000ull
#define FRAME	(W_FRAME0 + GVA)
#define PROC2	(EPML_PROC2_ENABLE_EPT | EPML_PROC2_VIRTUALIZE_X2APIC | \
		 EPML_PROC2_APIC_REGISTER_VIRTUALIZATION | \
		 EPML_PROC2_VIRTUAL_INTERRUPT_DELIVERY | EPML_PROC2_ENABLE_PML)
#define SHADOW	(PROC2 | EPML_PROC2_VMCS_SHADOWING)

static void expect_entry_failure(struct world *w, uint32_t field, uint64_t value)
{
	uint64_t old = 0;

	for (unsigned i = 0; i < w->head.n_fields; i++)
		if (w->fields[i].field == field)
			old = w->fields[i].value;
	w->head.n_steps = 0;
	world_step(w, VI_VMCALL, 0, 0, 0, 0);
	world_field(w, field, value);
	world_run(w);
	world_expect(w, "n 7", NULL);
	assert_int_equal(world_field_value(w, EPML_VMCS_VM_INSTRUCTION_ERROR),
			 EPML_VMERR_INVALID_CONTROL);
	world_field(w, field, old);
	world_run(w);
	world_expect(w, "x 0 12", NULL);
}

static void entry_checks(void **state)
{
	struct world *w = *state;

	expect_entry_failure(w, EPML_VMCS_PIN_BASED_CONTROLS, 0);
	expect_entry_failure(w, EPML_VMCS_PIN_BASED_CONTROLS,
			     EPML_PIN_EXTERNAL_INTERRUPT_EXITING | EPML_PIN_VIRTUAL_NMIS);
	expect_entry_failure(w, EPML_VMCS_PIN_BASED_CONTROLS,
			     EPML_PIN_EXTERNAL_INTERRUPT_EXITING | EPML_PIN_POSTED_INTERRUPTS);
	expect_entry_failure(w, EPML_VMCS_PROC_BASED_CONTROLS,
			     EPML_PROC_ACTIVATE_SECONDARY | EPML_PROC_ACTIVATE_TERTIARY);
	expect_entry_failure(w, EPML_VMCS_SECONDARY_CONTROLS,
			     PROC2 | EPML_PROC2_INSTRUCTION_TIMEOUT);
	expect_entry_failure(w, EPML_VMCS_SECONDARY_CONTROLS,
			     PROC2 & ~(uint32_t)EPML_PROC2_VIRTUAL_INTERRUPT_DELIVERY);
	expect_entry_failure(w, EPML_VMCS_SECONDARY_CONTROLS, PROC2 | EPML_PROC2_ENABLE_VPID);
	expect_entry_failure(w, EPML_VMCS_SECONDARY_CONTROLS, PROC2 | EPML_PROC2_TSC_SCALING);
	expect_entry_failure(w, EPML_VMCS_TERTIARY_CONTROLS,
			     EPML_PROC3_ENABLE_GUEST_PML | EPML_PROC3_ENABLE_HLAT);
	expect_entry_failure(w, EPML_VMCS_VIRTUAL_APIC_ADDRESS, W_VAPIC + 8);
	expect_entry_failure(w, EPML_VMCS_MSR_BITMAP_ADDRESS, 1ull << MAXPHYADDR);
	expect_entry_failure(w, EPML_VMCS_EPTP, W_EPT);
	expect_entry_failure(w, EPML_VMCS_GUEST_PML_ADDRESS, W_GUEST_LOG + 1);
}

static void entry_checks_of_vm_functions(void **state)
{
	struct world *w = *state;

	world_field(w, EPML_VMCS_SECONDARY_CONTROLS, PROC2 | EPML_PROC2_ENABLE_VM_FUNCTIONS);
	expect_entry_failure(w, EPML_VMCS_VM_FUNCTION_CONTROLS, 2);
	world_field(w, EPML_VMCS_EPTP_LIST_ADDRESS, W_EPTP_LIST + 8);
	expect_entry_failure(w, EPML_VMCS_VM_FUNCTION_CONTROLS, EPML_VMFUNC_EPTP_SWITCHING);
}

/* The control is supported; SPPTP counts with it alone. */
static void entry_checks_of_sub_page_permissions(void **state)
{
	struct world *w = *state;

	world_step(w, VI_VMCALL, 0, 0, 0, 0);
	world_field(w, EPML_VMCS_SPPTP, 1);
	world_run(w);
	world_expect(w, "x 0 12", NULL);
	world_field(w, EPML_VMCS_SECONDARY_CONTROLS, PROC2 | EPML_PROC2_SUB_PAGE_WRITE);
	world_field(w, EPML_VMCS_SPPTP, W_SPPT);
	expect_entry_failure(w, EPML_VMCS_SPPTP, W_SPPT + 8);
	expect_entry_failure(w, EPML_VMCS_SPPTP, 1ull << MAXPHYADDR);
}

/* Without virtual-interrupt delivery the threshold must not be above the TPR of the APIC page. */
static void entry_checks_of_the_tpr_threshold(void **state)
{
	struct world *w = *state;

	world_field(w, EPML_VMCS_SECONDARY_CONTROLS,
		    EPML_PROC2_ENABLE_EPT | EPML_PROC2_VIRTUALIZE_X2APIC);
	world_field(w, EPML_VMCS_TERTIARY_CONTROLS, 0);
	world_field(w, EPML_VMCS_TPR_THRESHOLD, 0);
	expect_entry_failure(w, EPML_VMCS_TPR_THRESHOLD, 1);
	expect_entry_failure(w, EPML_VMCS_TPR_THRESHOLD, 0x10);
	world_poke(w, W_VAPIC + 0x80, 0x50);
	expect_entry_failure(w, EPML_VMCS_TPR_THRESHOLD, 6);
	world_field(w, EPML_VMCS_TPR_THRESHOLD, 5);
	world_run(w);
	world_expect(w, "x 0 12", NULL);
	world_field(w, EPML_VMCS_SECONDARY_CONTROLS, PROC2);
	world_field(w, EPML_VMCS_TPR_THRESHOLD, 0xF6);
	world_run(w);
	world_expect(w, "x 0 12", NULL);
}

static void controls_that_are_not_activated(void **state)
{
	struct world *w = *state;

	world_field(w, EPML_VMCS_TERTIARY_CONTROLS, EPML_PROC3_ENABLE_GUEST_PML | 1);
	world_field(w, EPML_VMCS_PROC_BASED_CONTROLS,
		    EPML_PROC_USE_TPR_SHADOW | EPML_PROC_ACTIVATE_SECONDARY);
	world_page(w, GVA);
	world_step(w, VI_STORE, 8, GVA, 1, 0);
	world_run(w);
	world_expect(w, NULL);
	assert_int_equal(world_field_value(w, EPML_VMCS_GUEST_PML_INDEX), 511);
	assert_int_equal(world_field_value(w, EPML_VMCS_PML_INDEX), 510);
}

static void a_bad_link_pointer_fails_the_entry(void **state)
{
	struct world *w = *state;

	world_field(w, EPML_VMCS_SECONDARY_CONTROLS, SHADOW);
	world_field(w, EPML_VMCS_LINK_POINTER, W_SHADOW_VMCS + 4);
	world_step(w, VI_STORE, 8, GVA, 1, 0);
	world_run(w);
	world_expect(w, "x 0 80000021 4", NULL);
	world_field(w, EPML_VMCS_LINK_POINTER, W_SHADOW_VMCS + PAGE_SIZE);
	world_run(w);
	world_expect(w, "x 0 80000021 4", NULL);
	/* A shadow VMCS without VMCS shadowing. */
	world_field(w, EPML_VMCS_LINK_POINTER, W_SHADOW_VMCS);
	world_field(w, EPML_VMCS_SECONDARY_CONTROLS, PROC2);
	world_run(w);
	world_expect(w, "x 0 80000021 4", NULL);
}

static void a_failed_entry_changes_nothing(void **state)
{
	struct world *w = *state;

	world_step(w, VI_NOP, 0, 0, 0, 0);
	world_step(w, VI_H_VMWRITE, 0, EPML_VMCS_GUEST_PML_INDEX, 77, 0);
	world_step(w, VI_H_VMWRITE, 0, EPML_VMCS_GUEST_PML_THRESHOLD, 511, 0);
	world_step(w, VI_NOP, 0, 0, 0, 0);
	world_run(w);
	world_expect(w, "r 1 0 0", "r 2 0 0", "n 7", NULL);
	assert_int_equal(world_field_value(w, EPML_VMCS_GUEST_PML_INDEX), 77);
	assert_int_equal(world_field_value(w, EPML_VMCS_GUEST_PML_THRESHOLD), 511);
}

static void host_steps_before_the_first_entry(void **state)
{
	struct world *w = *state;

	world_page(w, GVA);
	world_step(w, VI_H_VMWRITE, 0, EPML_VMCS_GUEST_PML_INDEX, 5, 0);
	world_step(w, VI_STORE, 8, GVA, 1, 0);
	world_step(w, VI_H_VMCLEAR, 0, 0, 0, 0);
	world_step(w, VI_H_VMREAD, 0, EPML_VMCS_GUEST_PML_INDEX, 0, 0);
	world_run(w);
	world_expect(w, "r 0 0 0", "r 3 4 0", NULL);
}

/* ---- Host steps --------------------------------------------------------------------------- */

static void host_memory_and_fields(void **state)
{
	struct world *w = *state;

	world_step(w, VI_H_POKE, 2, FRAME, 0x12345678, 0);
	world_step(w, VI_H_PEEK, 4, FRAME, 0, 0);
	world_step(w, VI_H_VMREAD, 0, EPML_VMCS_EPTP, 0, 0);
	world_step(w, VI_H_VMREAD, 0, 0x7FFE, 0, 0);
	world_step(w, VI_H_VMWRITE, 0, 0x10000, 1, 0);
	world_step(w, VI_H_VMREAD, 0, EPML_VMCS_VM_INSTRUCTION_ERROR, 0, 0);
	world_step(w, VI_H_VMWRITE, 0, EPML_VMCS_GUEST_PML_ADDRESS_HIGH, 0x12, 0);
	world_step(w, VI_H_VMREAD, 0, EPML_VMCS_GUEST_PML_ADDRESS, 0, 0);
	world_step(w, VI_H_VMREAD, 0, EPML_VMCS_GUEST_PML_ADDRESS_HIGH, 0, 0);
	world_step(w, VI_H_VMWRITE, 0, EPML_VMCS_GUEST_PML_INDEX, 0x123456, 0);
	world_step(w, VI_H_VMREAD, 0, EPML_VMCS_GUEST_PML_INDEX, 0, 0);
	world_run(w);
	world_expect(w, "r 1 5678 0", "r 2 100005e 0", "r 3 0 40", "r 4 0 40", "r 5 c 0",
		     "r 6 0 0", "r 7 1200300000 0", "r 8 12 0", "r 9 0 0", "r a 3456 0", NULL);
}

static void host_invalidation_operands(void **state)
{
	struct world *w = *state;

	world_step(w, VI_H_INVEPT, 0, EPML_INVEPT_ALL, 0, 0);
	world_step(w, VI_H_INVEPT, 0, EPML_INVEPT_SINGLE, 0, 0);
	world_step(w, VI_H_INVEPT, 0, EPML_INVEPT_SINGLE, W_EPT | 0x5E, 0);
	world_step(w, VI_H_INVEPT, 0, 3, W_EPT | 0x5E, 0);
	world_step(w, VI_H_INVVPID, 0, EPML_INVVPID_ADDRESS, 1, GVA);
	world_step(w, VI_H_INVVPID, 0, EPML_INVVPID_ADDRESS, 1, 1ull << 47);
	world_step(w, VI_H_INVVPID, 0, EPML_INVVPID_SINGLE, 0, 0);
	world_step(w, VI_H_INVVPID, 0, EPML_INVVPID_ALL, 0, 0);
	world_step(w, VI_H_INVVPID, 0, 4, 1, 0);
	world_step(w, VI_H_VMREAD, 0, EPML_VMCS_VM_INSTRUCTION_ERROR, 0, 0);
	world_run(w);
	world_expect(w, "r 0 0 0", "r 1 0 40", "r 2 0 0", "r 3 0 40", "r 4 0 0", "r 5 0 40",
		     "r 6 0 40", "r 7 0 0", "r 8 0 40", "r 9 1c 0", NULL);
}

/* ---- VMREAD and VMWRITE in VMX non-root operation ----------------------------------------- */

static void vmread_without_shadowing_exits(void **state)
{
	struct world *w = *state;

	w->head.flags = VI_F_CPL3;		/* the exit comes before the CPL check */
	world_step(w, VI_VMREAD, 0, EPML_VMCS_GUEST_PML_INDEX, 0, 0);
	world_step(w, VI_H_SKIP, 0, 0, 0, 0);
	world_step(w, VI_VMWRITE, 0, EPML_VMCS_GUEST_PML_INDEX, 0, 0);
	world_run(w);
	world_expect(w, "x 0 17 0", "x 2 19 0", NULL);
}

static void guest_pml_fields(void **state)
{
	struct world *w = *state;

	world_field(w, EPML_VMCS_SECONDARY_CONTROLS, SHADOW);
	world_step(w, VI_VMWRITE, 0, EPML_VMCS_GUEST_PML_INDEX, 0x1F0007, 0);
	world_step(w, VI_VMREAD, 0, EPML_VMCS_GUEST_PML_INDEX, 0, 0);
	world_step(w, VI_VMWRITE, 0, EPML_VMCS_GUEST_PML_ADDRESS, 0x300001, 0);
	world_step(w, VI_VMREAD, 0, EPML_VMCS_GUEST_PML_ADDRESS, 0, 0);
	world_run(w);
	world_expect(w, "r 0 0 0", "r 1 7 0", "r 2 0 40", "r 3 300000 0", NULL);
	assert_int_equal(world_field_value(w, EPML_VMCS_VM_INSTRUCTION_ERROR),
			 EPML_VMERR_GPML_VALUE);
	assert_int_equal(world_field_value(w, EPML_VMCS_GUEST_PML_INDEX), 7);
}

static void bitmaps(void **state)
{
	struct world *w = *state;
	uint32_t field = EPML_VMCS_GUEST_PML_INDEX;

	world_field(w, EPML_VMCS_SECONDARY_CONTROLS, SHADOW);
	world_poke(w, W_VMWRITE_BM + (field / 8 & ~7u), 1ull << field % 64);
	world_step(w, VI_VMREAD, 0, field, 0, 0);
	world_step(w, VI_VMWRITE, 0, field, 1, 0);
	world_step(w, VI_H_SKIP, 0, 0, 0, 0);
	world_step(w, VI_VMREAD, 0, 0x8000 | field, 0, 0);
	world_run(w);
	world_expect(w, "r 0 1ff 0", "x 1 19", "x 3 17", NULL);
}

static void cpl_3_after_the_exit_check(void **state)
{
	struct world *w = *state;

	world_field(w, EPML_VMCS_SECONDARY_CONTROLS, SHADOW);
	w->head.flags = VI_F_CPL3;
	world_step(w, VI_VMREAD, 0, EPML_VMCS_GUEST_PML_INDEX, 0, 0);
	world_step(w, VI_VMWRITE, 0, EPML_VMCS_GUEST_PML_INDEX, 3, 0);
	world_run(w);
	world_expect(w, "e 0 d 0 0", "e 1 d 0 0", NULL);
	assert_int_equal(world_field_value(w, EPML_VMCS_GUEST_PML_INDEX), 511);
}

static void shadow_vmcs(void **state)
{
	struct world *w = *state;

	world_field(w, EPML_VMCS_SECONDARY_CONTROLS, SHADOW);
	world_field(w, EPML_VMCS_LINK_POINTER, W_SHADOW_VMCS);
	world_step(w, VI_VMWRITE, 0, EPML_VMCS_GUEST_RIP, 0x1234, 0);
	world_step(w, VI_VMREAD, 0, EPML_VMCS_GUEST_RIP, 0, 0);
	world_step(w, VI_VMREAD, 0, 0x7FFE, 0, 0);
	world_run(w);
	world_expect(w, "r 0 0 0", "r 1 1234 0", "r 2 0 40", NULL);
	assert_int_equal(world_field_value(w, EPML_VMCS_GUEST_RIP), 0);
	assert_int_equal(world_field_value(w, EPML_VMCS_VM_INSTRUCTION_ERROR),
			 EPML_VMERR_UNSUPPORTED_FIELD);
}

static void no_link_pointer(void **state)
{
	struct world *w = *state;

	world_field(w, EPML_VMCS_SECONDARY_CONTROLS, SHADOW);
	world_step(w, VI_VMREAD, 0, EPML_VMCS_GUEST_RIP, 0, 0);
	world_step(w, VI_VMREAD, 0, EPML_VMCS_GUEST_PML_INDEX, 0, 0);
	/* The memory operand is not looked at. */
	world_step(w, VI_VMWRITE_MEM, 0, GVA, EPML_VMCS_GUEST_RIP, 0);
	world_run(w);
	world_expect(w, "r 0 0 1", "r 1 1ff 0", "r 2 0 1", NULL);
}

static void memory_operands(void **state)
{
	struct world *w = *state;

	world_field(w, EPML_VMCS_SECONDARY_CONTROLS, SHADOW);
	world_page(w, GVA);
	world_poke(w, FRAME, 9);
	world_step(w, VI_VMWRITE_MEM, 0, GVA, EPML_VMCS_GUEST_PML_INDEX, 0);
	world_step(w, VI_VMREAD_MEM, 0, GVA + 8, EPML_VMCS_GUEST_PML_INDEX, 0);
	world_step(w, VI_VMREAD_MEM, 0, GVA + 0x1000, EPML_VMCS_GUEST_PML_INDEX, 0);
	world_step(w, VI_VMWRITE_MEM, 0, GVA + 0x1000, EPML_VMCS_GUEST_PML_INDEX, 0);
	world_run(w);
	world_expect(w, "r 0 0 0", "r 1 0 0", "e 2 e 2 401000", "e 3 e 0 401000", NULL);
	/* The value was read before the write of the operand was logged. */
	assert_int_equal(world_peek(w, FRAME + 8), 9);
	assert_int_equal(world_field_value(w, EPML_VMCS_GUEST_PML_INDEX), 8);
}

static void vmwrite_translates_the_address(void **state)
{
	struct world *w = *state;

	world_field(w, EPML_VMCS_SECONDARY_CONTROLS, SHADOW);
	world_ept(w, 0x500000, 0x3000000, 1, E_RWX);
	world_step(w, VI_VMWRITE, 0, EPML_VMCS_GUEST_PML_ADDRESS, 0x500000, 0);
	world_step(w, VI_VMREAD, 0, EPML_VMCS_GUEST_PML_ADDRESS, 0, 0);
	world_step(w, VI_VMWRITE, 0, EPML_VMCS_GUEST_PML_ADDRESS, 0x501000, 0);
	world_run(w);
	world_expect(w, "r 0 0 0", "r 1 3000000 0", "x 2 30 2 501000", NULL);
}

/* ---- EPTP switching ----------------------------------------------------------------------- */

static void vmfunc(void **state)
{
	struct world *w = *state;
	uint64_t eptp = W_EPT | 0x5E;

	world_field(w, EPML_VMCS_SECONDARY_CONTROLS, PROC2 | EPML_PROC2_ENABLE_VM_FUNCTIONS);
	world_field(w, EPML_VMCS_VM_FUNCTION_CONTROLS, EPML_VMFUNC_EPTP_SWITCHING);
	world_field(w, EPML_VMCS_EPTP_LIST_ADDRESS, W_EPTP_LIST);
	world_poke(w, W_EPTP_LIST + 8 * 3, eptp & ~(uint64_t)EPML_EPTP_AD);
	world_poke(w, W_EPTP_LIST + 8 * 4, eptp | 0x80);
	world_step(w, VI_VMFUNC, 0, 3, 0, 0);
	world_step(w, VI_VMFUNC, 0, 4, 0, 0);
	world_step(w, VI_H_SKIP, 0, 0, 0, 0);
	world_step(w, VI_VMFUNC, 0, 512, 0, 0);
	world_run(w);
	world_expect(w, "x 1 3b 0", "x 3 3b 0", NULL);
	assert_int_equal(world_field_value(w, EPML_VMCS_EPTP), eptp & ~(uint64_t)EPML_EPTP_AD);
	assert_int_equal(world_field_value(w, EPML_VMCS_EPTP_INDEX), 3);
}

static void vmfunc_drops_translations(void **state)
{
	struct world *w = *state;

	world_field(w, EPML_VMCS_SECONDARY_CONTROLS, PROC2 | EPML_PROC2_ENABLE_VM_FUNCTIONS);
	world_field(w, EPML_VMCS_VM_FUNCTION_CONTROLS, EPML_VMFUNC_EPTP_SWITCHING);
	world_field(w, EPML_VMCS_EPTP_LIST_ADDRESS, W_EPTP_LIST);
	world_poke(w, W_EPTP_LIST, W_EPT | 0x5E);
	world_page(w, GVA);
	world_load(w);
	w->head.n_steps = 0;
	world_step(w, VI_STORE, 8, GVA, 1, 0);
	world_step(w, VI_STORE, 8, W_ALIAS + world_epte(w, GVA, 1),
		   FRAME | E_RWX | EPML_MEMTYPE_WB << EPML_EPT_MEMTYPE_SHIFT, 0);
	world_step(w, VI_VMFUNC, 0, 0, 0, 0);
	world_step(w, VI_STORE, 8, GVA, 1, 0);
	world_run(w);
	world_expect(w, NULL);
	assert_int_equal(world_field_value(w, EPML_VMCS_PML_INDEX), 509);
}

static void vmfunc_that_is_not_enabled(void **state)
{
	struct world *w = *state;

	world_step(w, VI_VMFUNC, 0, 0, 0, 0);
	world_run(w);
	world_expect(w, "e 0 6 0 0", NULL);
	world_field(w, EPML_VMCS_SECONDARY_CONTROLS, PROC2 | EPML_PROC2_ENABLE_VM_FUNCTIONS);
	world_run(w);
	world_expect(w, "x 0 3b", NULL);
}

/* ---- Entries and exits as the paging structures see them ---------------------------------- */

static void the_first_fetch_walks(void **state)
{
	struct world *w = *state;

	/* The guest's PML4 page without flags: the fetch after VM entry sets and logs it. */
	world_ept(w, W_GUEST_PML4, W_FRAME0 + W_GUEST_PML4, 1, E_RWX);
	world_step(w, VI_NOP, 0, 0, 0, 0);
	world_run(w);
	world_expect(w, NULL);
	assert_int_equal(world_peek(w, W_PML + 511 * 8), W_GUEST_PML4);
	assert_int_equal(world_field_value(w, EPML_VMCS_GUEST_PML_INDEX), 511);
}

static void an_exit_in_the_first_fetch(void **state)
{
	struct world *w = *state;

	world_ept(w, W_GUEST_PML4, W_FRAME0 + W_GUEST_PML4, 1, E_RX);
	world_step(w, VI_NOP, 0, 0, 0, 0);
	world_run(w);
	world_expect(w, "x 0 30 ab 100008", NULL);
}

static void an_entry_drops_translations(void **state)
{
	struct world *w = *state;

	world_page(w, GVA);
	world_load(w);
	w->head.n_steps = 0;
	world_step(w, VI_STORE, 8, GVA, 1, 0);
	world_step(w, VI_H_POKE, 8, world_epte(w, GVA, 1),
		   FRAME | E_RWX | EPML_MEMTYPE_WB << EPML_EPT_MEMTYPE_SHIFT, 0);
	world_step(w, VI_STORE, 8, GVA, 2, 0);
	world_run(w);
	assert_int_equal(world_field_value(w, EPML_VMCS_PML_INDEX), 509);
	assert_int_equal(world_field_value(w, EPML_VMCS_GUEST_PML_INDEX), 510);
}

static void a_fetch_that_notifies_interrupts_before_the_step(void **state)
{
	struct world *w = *state;

	/* The walk of the first fetch fills the log. */
	w->head.flags = VI_F_IF;
	world_ept(w, W_GUEST_PML4, W_FRAME0 + W_GUEST_PML4, 1, E_RWX);
	world_field(w, EPML_VMCS_GUEST_PML_INDEX, 0);
	world_step(w, VI_CLI, 0, 0, 0, 0);
	world_run(w);
	world_expect(w, "e 0 40", NULL);
}

static void vectors_do_not_see_each_other(void **state)
{
	struct world *w = *state;

	world_page(w, GVA);
	world_step(w, VI_STORE, 8, GVA, 1, 0);
	world_run(w);
	w->head.n_steps = 0;
	world_step(w, VI_LOAD, 8, GVA, 0, 0);
	world_run(w);
	world_expect(w, "r 0 0 0", NULL);
	assert_int_equal(world_field_value(w, EPML_VMCS_PML_INDEX), 511);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		world_test(entry_checks),
		world_test(entry_checks_of_vm_functions),
		world_test(entry_checks_of_sub_page_permissions),
		world_test(entry_checks_of_the_tpr_threshold),
		world_test(controls_that_are_not_activated),
		world_test(a_bad_link_pointer_fails_the_entry),
		world_test(a_failed_entry_changes_nothing),
		world_test(host_steps_before_the_first_entry),
		world_test(host_memory_and_fields),
		world_test(host_invalidation_operands),
		world_test(vmread_without_shadowing_exits),
		world_test(guest_pml_fields),
		world_test(bitmaps),
		world_test(cpl_3_after_the_exit_check),
		world_test(shadow_vmcs),
		world_test(no_link_pointer),
		world_test(memory_operands),
		world_test_published(vmwrite_translates_the_address),
		world_test(vmfunc),
		world_test(vmfunc_drops_translations),
		world_test(vmfunc_that_is_not_enabled),
		world_test(the_first_fetch_walks),
		world_test(an_exit_in_the_first_fetch),
		world_test(an_entry_drops_translations),
		world_test_published(a_fetch_that_notifies_interrupts_before_the_step),
		world_test(vectors_do_not_see_each_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
