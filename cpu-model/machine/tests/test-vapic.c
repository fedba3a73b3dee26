/* SPDX-License-Identifier: BSD-2-Clause */
/* Virtual-interrupt delivery: priorities, the order of interrupts, HLT, and the x2APIC MSRs. */
#include "world.h"

#define GVA	0x400000ull
#define VPPR	(W_VAPIC + 0xA0)
#define VISR(v)	(W_VAPIC + 0x100 + (v) / 32 * 16)
#define VIRR(v)	(W_VAPIC + 0x200 + (v) / 32 * 16)

static bool bit_set(const struct world *w, uint64_t reg, unsigned vector)
{
	return mem_read(w->m, reg, 4) >> vector % 32 & 1;
}

static void self_ipi(struct world *w, uint8_t vector)
{
	world_step(w, VI_SELF_IPI, 0, vector, 0, 0);
}

static void pending_until_sti(void **state)
{
	struct world *w = *state;

	self_ipi(w, 0x45);
	world_step(w, VI_NOP, 0, 0, 0, 0);
	world_step(w, VI_STI, 0, 0, 0, 0);
	world_run(w);
	world_expect(w, "e 2 45 0 0", NULL);
	assert_true(bit_set(w, VISR(0x45), 0x45));
	assert_false(bit_set(w, VIRR(0x45), 0x45));
	assert_int_equal(mem_read(w->m, VPPR, 4), 0x40);
	assert_int_equal(world_field_value(w, EPML_VMCS_GUEST_INTERRUPT_STATUS), 0x4500);
}

static void stays_pending_without_if(void **state)
{
	struct world *w = *state;

	self_ipi(w, 0x45);
	self_ipi(w, 0x31);
	world_run(w);
	world_expect(w, NULL);
	assert_true(bit_set(w, VIRR(0x31), 0x31));
	assert_int_equal(world_field_value(w, EPML_VMCS_GUEST_INTERRUPT_STATUS), 0x45);
}

static void at_once_with_if(void **state)
{
	struct world *w = *state;

	w->head.flags = VI_F_IF;
	self_ipi(w, 0xFF);
	self_ipi(w, 0x10);
	world_run(w);
	/* FFH is in service: class 1 is below it. */
	world_expect(w, "e 0 ff 0 0", NULL);
	assert_int_equal(world_field_value(w, EPML_VMCS_GUEST_INTERRUPT_STATUS), 0xFF10);
}

static void highest_first_then_after_eoi(void **state)
{
	struct world *w = *state;

	self_ipi(w, 0x41);
	self_ipi(w, 0x62);
	self_ipi(w, 0x55);
	world_step(w, VI_STI, 0, 0, 0, 0);
	world_handler(w, 0x62, VI_EOI, 0, 0, 0);
	world_handler(w, 0x55, VI_EOI, 0, 0, 0);
	world_handler(w, 0x41, VI_EOI, 0, 0, 0);
	world_run(w);
	world_expect(w, "e 3 62", "e 3 55", "e 3 41", NULL);
	assert_int_equal(world_field_value(w, EPML_VMCS_GUEST_INTERRUPT_STATUS), 0);
}

static void an_equal_class_waits_for_eoi(void **state)
{
	struct world *w = *state;

	w->head.flags = VI_F_IF;
	self_ipi(w, 0x41);
	self_ipi(w, 0x4F);
	self_ipi(w, 0x51);
	world_step(w, VI_EOI, 0, 0, 0, 0);	/* of 51H */
	world_step(w, VI_EOI, 0, 0, 0, 0);	/* of 41H */
	world_run(w);
	world_expect(w, "e 0 41", "e 2 51", "e 4 4f", NULL);
}

static void tpr_masks(void **state)
{
	struct world *w = *state;

	w->head.flags = VI_F_IF;
	world_step(w, VI_WRTPR, 0, 0x4F, 0, 0);
	self_ipi(w, 0x4F);
	self_ipi(w, 0x50);
	world_step(w, VI_EOI, 0, 0, 0, 0);
	world_step(w, VI_WRTPR, 0, 0x40, 0, 0);
	world_step(w, VI_WRTPR, 0, 0x3F, 0, 0);
	world_run(w);
	world_expect(w, "e 2 50", "e 5 4f", NULL);
}

static void ppr_is_the_higher_of_tpr_and_svi(void **state)
{
	struct world *w = *state;

	world_field(w, EPML_VMCS_GUEST_INTERRUPT_STATUS, 0x3A00);
	world_step(w, VI_WRTPR, 0, 0x27, 0, 0);
	world_run(w);
	assert_int_equal(mem_read(w->m, VPPR, 4), 0x30);
	w->head.n_steps = 0;
	world_step(w, VI_WRTPR, 0, 0x37, 0, 0);
	world_run(w);
	assert_int_equal(mem_read(w->m, VPPR, 4), 0x37);
}

static void wakes_from_hlt(void **state)
{
	struct world *w = *state;

	self_ipi(w, 0x80);
	world_step(w, VI_STI, 0, 0, 0, 0);
	world_step(w, VI_EOI, 0, 0, 0, 0);
	world_step(w, VI_WRTPR, 0, 0xF0, 0, 0);
	self_ipi(w, 0x90);
	world_step(w, VI_HLT, 0, 0, 0, 0);
	world_run(w);
	/* Masked: nothing but the VMX-preemption timer ends the HLT. */
	world_expect(w, "e 1 80", "x 5 34 0", NULL);
	assert_int_equal(world_field_value(w, EPML_VMCS_GUEST_ACTIVITY_STATE), EPML_ACTIVITY_HLT);
}

static void host_makes_an_interrupt_pending_for_hlt(void **state)
{
	struct world *w = *state;

	w->head.flags = VI_F_IF;
	world_step(w, VI_HLT, 0, 0, 0, 0);
	world_step(w, VI_H_POKE, 4, VIRR(0x77), 1u << 0x77 % 32, 0);
	world_step(w, VI_H_VMWRITE, 0, EPML_VMCS_GUEST_INTERRUPT_STATUS, 0x77, 0);
	world_step(w, VI_H_RESUME, 0, 0, 0, 0);
	world_step(w, VI_NOP, 0, 0, 0, 0);
	world_run(w);
	world_expect(w, "x 0 34", "r 2 0 0", "e 0 77", NULL);
}

static void notification_comes_after_the_write(void **state)
{
	struct world *w = *state;

	w->head.flags = VI_F_IF;
	world_page(w, GVA);
	world_field(w, EPML_VMCS_GUEST_PML_THRESHOLD, 510);
	world_step(w, VI_STORE, 8, GVA, 0x1234, 0);
	world_handler(w, 0x40, VI_LOAD, 8, GVA, 0);
	world_step(w, VI_NOP, 0, 0, 0, 0);
	world_run(w);
	world_expect(w, "e 0 40", "r 1 1234", NULL);
}

static void msr_writes_that_are_refused(void **state)
{
	struct world *w = *state;

	world_step(w, VI_WRTPR, 0, 0x100, 0, 0);
	world_step(w, VI_SELF_IPI, 0, 0x141, 0, 0);
	world_step(w, VI_SELF_IPI, 0, 0x0F, 0, 0);
	world_run(w);
	world_expect(w, "e 0 d 0 0", "e 1 d 0 0", "x 2 38 3f0", NULL);
}

static void msr_writes_at_cpl_3(void **state)
{
	struct world *w = *state;

	w->head.flags = VI_F_CPL3;
	world_step(w, VI_WRTPR, 0, 0, 0, 0);
	world_step(w, VI_EOI, 0, 0, 0, 0);
	world_step(w, VI_SELF_IPI, 0, 0x41, 0, 0);
	world_run(w);
	world_expect(w, "e 0 d", "e 1 d", "e 2 d", NULL);
}

static void exits_after_the_write(void **state)
{
	struct world *w = *state;

	/* An EOI-exit bit. */
	world_field(w, EPML_VMCS_EOI_EXIT_BITMAP_1, 1ull << (0x41 - 64));
	world_field(w, EPML_VMCS_GUEST_INTERRUPT_STATUS, 0x4100);
	world_step(w, VI_EOI, 0, 0, 0, 0);
	world_step(w, VI_H_RESUME, 0, 0, 0, 0);
	world_step(w, VI_EOI, 0, 0, 0, 0);
	world_run(w);
	world_expect(w, "x 0 2d 41", NULL);
}

static void resume_goes_on_behind_a_trap_like_exit(void **state)
{
	struct world *w = *state;

	world_step(w, VI_SELF_IPI, 0, 15, 0, 0);
	world_step(w, VI_H_RESUME, 0, 0, 0, 0);
	world_step(w, VI_VMCALL, 0, 0, 0, 0);
	world_run(w);
	world_expect(w, "x 0 38 3f0", "x 2 12", NULL);
}

static void without_virtual_interrupt_delivery(void **state)
{
	struct world *w = *state;

	world_field(w, EPML_VMCS_TERTIARY_CONTROLS, 0);
	world_field(w, EPML_VMCS_SECONDARY_CONTROLS,
		    EPML_PROC2_ENABLE_EPT | EPML_PROC2_VIRTUALIZE_X2APIC);
	world_field(w, EPML_VMCS_TPR_THRESHOLD, 0);
	world_step(w, VI_WRTPR, 0, 0x50, 0, 0);
	world_step(w, VI_EOI, 0, 0, 0, 0);
	world_step(w, VI_H_VMWRITE, 0, EPML_VMCS_TPR_THRESHOLD, 3, 0);
	world_step(w, VI_WRTPR, 0, 0x30, 0, 0);
	world_step(w, VI_WRTPR, 0, 0x2F, 0, 0);
	world_run(w);
	world_expect(w, "e 1 d", "r 2 0 0", "x 4 2b", NULL);
}

static void interrupt_window_exiting(void **state)
{
	struct world *w = *state;

	world_step(w, VI_NOP, 0, 0, 0, 0);
	world_step(w, VI_STI, 0, 0, 0, 0);
	world_field(w, EPML_VMCS_PROC_BASED_CONTROLS,
		    EPML_PROC_USE_TPR_SHADOW | EPML_PROC_USE_MSR_BITMAPS |
		    EPML_PROC_ACTIVATE_SECONDARY | EPML_PROC_INTERRUPT_WINDOW_EXITING);
	world_run(w);
	world_expect(w, "x 1 7", NULL);
}

static void a_result_is_reported_after_the_interrupt(void **state)
{
	struct world *w = *state;

	w->head.flags = VI_F_IF;
	world_page(w, GVA);
	world_field(w, EPML_VMCS_GUEST_PML_THRESHOLD, 510);
	world_step(w, VI_LOCK_RMW, 8, GVA, 1, 0);
	world_handler(w, 0x40, VI_LOAD, 8, GVA, 0);
	world_run(w);
	world_expect(w, "e 0 40", "r 1 1", "r 0 0", NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		world_test(pending_until_sti),
		world_test(stays_pending_without_if),
		world_test(at_once_with_if),
		world_test(highest_first_then_after_eoi),
		world_test(an_equal_class_waits_for_eoi),
		world_test(tpr_masks),
		world_test(ppr_is_the_higher_of_tpr_and_svi),
		world_test(wakes_from_hlt),
		world_test(host_makes_an_interrupt_pending_for_hlt),
		world_test(notification_comes_after_the_write),
		world_test(a_result_is_reported_after_the_interrupt),
		world_test(msr_writes_that_are_refused),
		world_test(msr_writes_at_cpl_3),
		world_test(exits_after_the_write),
		world_test(resume_goes_on_behind_a_trap_like_exit),
		world_test(without_virtual_interrupt_delivery),
		world_test(interrupt_window_exiting),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
