/* SPDX-License-Identifier: BSD-2-Clause */
/* Delivery of events: frames, faults and VM exits on the way, handlers and their return. */
#include "world.h"

#define GVA	0x400000ull
#define IST	0x500000ull		/* page of the stack IST1 */
#define TOP	(IST + 0x800)

static void stack_page(struct world *w, uint64_t ept)
{
	world_guest(w, IST, IST, 1, G_PWU);
	world_ept(w, IST, W_FRAME0 + IST, 1, ept);
	w->head.ist = TOP;
}

static uint64_t word(const struct world *w, unsigned below_top)
{
	return world_peek(w, W_FRAME0 + TOP - 8 * below_top);
}

static void frame_of_an_interrupt(void **state)
{
	struct world *w = *state;

	stack_page(w, E_RWX);
	world_step(w, VI_INT, 0, 0x30, 0, 0);
	world_run(w);
	world_expect(w, "e 0 30 0 0", NULL);
	assert_int_not_equal(word(w, 1), 0);			/* SS */
	assert_int_equal(word(w, 3), EPML_RFLAGS_FIXED);
	assert_int_equal(word(w, 4) & 3, 0);			/* CS */
	assert_int_not_equal(word(w, 5), 0);			/* RIP */
	assert_int_equal(word(w, 6), 0);
	assert_int_equal(world_field_value(w, EPML_VMCS_GUEST_PML_INDEX), 510);
}

static void frame_with_error_code_from_cpl_3(void **state)
{
	struct world *w = *state;

	stack_page(w, E_RWX);
	w->head.flags = VI_F_CPL3 | VI_F_IF;
	w->head.ist = TOP + 9;					/* is aligned to 16 bytes */
	world_step(w, VI_STORE, 8, GVA + 0x123, 1, 0);
	world_run(w);
	world_expect(w, "e 0 e 6 400123", NULL);
	assert_int_equal(word(w, 3), EPML_RFLAGS_FIXED | EPML_RFLAGS_IF);
	assert_int_equal(word(w, 1) & 3, 3);
	assert_int_equal(word(w, 4) & 3, 3);
	assert_int_equal(word(w, 6), 6);
}

static void the_stack_is_a_supervisor_access(void **state)
{
	struct world *w = *state;

	stack_page(w, E_RWX);
	world_guest(w, IST, IST, 1, G_PW);			/* not for CPL 3 */
	w->head.flags = VI_F_CPL3;
	world_step(w, VI_INT, 0, 0x30, 0, 0);
	world_step(w, VI_LOAD, 8, IST, 0, 0);
	world_run(w);
	world_expect(w, "e 0 30", "e 1 e 5 500000", NULL);
}

static void a_page_fault_in_an_interrupt_is_delivered_instead(void **state)
{
	struct world *w = *state;

	/* The page fault has the same bad stack: double fault, and that one too. */
	w->head.ist = TOP;
	world_step(w, VI_INT, 0, 0x30, 0, 0);
	world_run(w);
	world_expect(w, "x 0 2 0 0 0 0 0 0", NULL);
}

static void exit_during_delivery_of_an_interrupt(void **state)
{
	struct world *w = *state;

	stack_page(w, E_RX);
	w->head.flags = VI_F_IF;
	world_step(w, VI_SELF_IPI, 0, 0x41, 0, 0);
	world_step(w, VI_NOP, 0, 0, 0, 0);
	world_run(w);
	/* Qualification: write, page readable and executable, linear address, translation. */
	world_expect(w, "x 0 30 1aa 5007f8 5007f8 0 0 80000041", NULL);
}

static void exit_during_delivery_of_a_fault(void **state)
{
	struct world *w = *state;

	stack_page(w, E_RX);
	world_step(w, VI_LOAD, 8, GVA, 0, 0);
	world_run(w);
	world_expect(w, "x 0 30 1aa 5007f8 5007f8 0 0 80000b0e 0", NULL);
}

static void exit_during_delivery_of_int_n(void **state)
{
	struct world *w = *state;

	stack_page(w, E_RX);
	world_step(w, VI_INT, 0, 0x30, 0, 0);
	world_run(w);
	world_expect(w, "x 0 30 1aa 5007f8 5007f8 0 0 80000430", NULL);
}

/* The hypervisor repairs the stack; VM entry then injects the event again, once. */
static void resume_after_exit_in_delivery(struct world *w)
{
	world_step(w, VI_H_POKE, 8, world_epte(w, IST, 1),
		   (W_FRAME0 + IST) | E_RWX | EPML_MEMTYPE_WB << EPML_EPT_MEMTYPE_SHIFT, 0);
	world_step(w, VI_H_RESUME, 0, 0, 0, 0);
	world_step(w, VI_LOAD, 1, IST, 0, 0);
}

static void interrupt_is_injected_again(void **state)
{
	struct world *w = *state;

	stack_page(w, E_RX);
	w->head.flags = VI_F_IF;
	world_load(w);
	w->head.n_steps = 0;
	world_step(w, VI_SELF_IPI, 0, 0x41, 0, 0);
	resume_after_exit_in_delivery(w);
	world_run(w);
	world_expect(w, "x 0 30", "e 0 41", "r 3 0", NULL);
}

static void int_n_is_injected_again(void **state)
{
	struct world *w = *state;

	stack_page(w, E_RX);
	world_load(w);
	w->head.n_steps = 0;
	world_step(w, VI_INT, 0, 0x30, 0, 0);
	resume_after_exit_in_delivery(w);
	world_run(w);
	world_expect(w, "x 0 30", "e 0 30", "r 3 0", NULL);
}

static void fault_is_injected_again(void **state)
{
	struct world *w = *state;

	stack_page(w, E_RX);
	world_load(w);
	w->head.n_steps = 0;
	world_step(w, VI_LOAD, 8, GVA, 0, 0);
	resume_after_exit_in_delivery(w);
	world_run(w);
	world_expect(w, "x 0 30", "e 0 e 0 400000", "r 3 0", NULL);
}

static void skip_forgets_the_event(void **state)
{
	struct world *w = *state;

	stack_page(w, E_RX);
	world_step(w, VI_INT, 0, 0x30, 0, 0);
	world_step(w, VI_H_SKIP, 0, 0, 0, 0);
	world_step(w, VI_NOP, 0, 0, 0, 0);
	world_run(w);
	world_expect(w, "x 0 30", NULL);
}

static void skip_forgets_the_result(void **state)
{
	struct world *w = *state;

	/* The interrupt comes after the instruction: its result is not reported any more. */
	stack_page(w, E_RX);
	world_page(w, GVA);
	w->head.flags = VI_F_IF;
	world_field(w, EPML_VMCS_GUEST_PML_THRESHOLD, 510);
	world_step(w, VI_LOCK_RMW, 8, GVA, 1, 0);
	world_step(w, VI_H_SKIP, 0, 0, 0, 0);
	world_step(w, VI_LOAD, 8, GVA, 0, 0);
	world_run(w);
	world_expect(w, "x 0 30 1aa 5007f8 5007f8 0 0 80000040", "r 2 1", NULL);
}

static void hypervisor_log_full_in_delivery(void **state)
{
	struct world *w = *state;

	stack_page(w, E_RWX);
	world_field(w, EPML_VMCS_PML_INDEX, 0xFFFF);
	world_step(w, VI_INT, 0, 0x30, 0, 0);
	world_run(w);
	world_expect(w, "x 0 3e 0 * * 0 0 80000430", NULL);
}

static void handler_repairs_and_the_step_runs_again(void **state)
{
	struct world *w = *state;
	uint64_t pte;

	world_page(w, GVA);
	world_load(w);
	pte = world_pte(w, GVA, 1);
	w->head.n_steps = 0;
	world_poke(w, pte, 0);
	world_step(w, VI_LOAD, 8, GVA, 0, 0);
	world_handler(w, EPML_VECTOR_PF, VI_STORE, 8, W_ALIAS + pte, GVA | G_PWU);
	world_handler(w, EPML_VECTOR_PF, VI_INVLPG, 0, GVA, 0);
	world_step(w, VI_NOP, 0, 0, 0, 0);
	world_run(w);
	world_expect(w, "e 0 e 0 400000", "r 0 0 0", NULL);
}

static void handler_runs_at_cpl_0_and_returns_to_cpl_3(void **state)
{
	struct world *w = *state;

	w->head.flags = VI_F_CPL3;
	world_step(w, VI_INT, 0, 0x30, 0, 0);
	world_handler(w, 0x30, VI_INVLPG, 0, GVA, 0);
	world_step(w, VI_INVLPG, 0, GVA, 0, 0);
	world_run(w);
	world_expect(w, "e 0 30", "e 2 d 0 0", NULL);
}

static void handlers_nest(void **state)
{
	struct world *w = *state;

	world_step(w, VI_INT, 0, 0x30, 0, 0);
	world_handler(w, 0x30, VI_INT, 0, 0x31, 0);
	world_handler(w, 0x30, VI_LOAD, 8, GVA, 0);
	world_handler(w, 0x30, VI_NOP, 0, 0, 0);
	world_handler(w, 0x31, VI_STI, 0, 0, 0);
	world_step(w, VI_LOAD, 8, GVA, 0, 0);
	world_run(w);
	world_expect(w, "e 0 30", "e 1 31", "e 2 e", "e 5 e", NULL);
}

static void handlers_do_not_nest_for_ever(void **state)
{
	struct world *w = *state;

	world_step(w, VI_INT, 0, 0x30, 0, 0);
	world_handler(w, 0x30, VI_INT, 0, 0x30, 0);
	world_run(w);
	assert_int_equal(w->lines[w->n_lines - 1][0], '!');
}

static void a_handler_that_repairs_nothing_ends(void **state)
{
	struct world *w = *state;

	world_step(w, VI_LOAD, 8, GVA, 0, 0);
	world_handler(w, EPML_VECTOR_PF, VI_NOP, 0, 0, 0);
	world_run(w);
	assert_string_equal(w->lines[w->n_lines - 1], "! too many events");
	assert_int_equal(w->n_lines, VI_MAX_REPORTS + 1);
}

static void virtualization_exception(void **state)
{
	struct world *w = *state;

	world_field(w, EPML_VMCS_SECONDARY_CONTROLS,
		    EPML_PROC2_ENABLE_EPT | EPML_PROC2_EPT_VIOLATION_VE);
	world_field(w, EPML_VMCS_TERTIARY_CONTROLS, 0);
	world_guest(w, GVA, GVA, 1, G_PWU);
	world_ept(w, GVA, W_FRAME0 + GVA, 1, E_RX);
	world_step(w, VI_STORE, 8, GVA, 1, 0);
	world_step(w, VI_STORE, 8, GVA, 1, 0);
	world_run(w);
	/* The second finds the information area in use. */
	world_expect(w, "e 0 14 0 0", "x 1 30 1aa", NULL);
	assert_int_equal(world_peek(w, W_VE_INFO + 16), GVA);
}

static void exit_in_a_handler(void **state)
{
	struct world *w = *state;

	world_guest(w, GVA, GVA, 1, G_PWU);
	world_ept(w, GVA, W_FRAME0 + GVA, 1, E_RX);
	world_load(w);
	w->head.n_steps = 0;
	w->head.flags = VI_F_CPL3;
	world_step(w, VI_INT, 0, 0x30, 0, 0);
	world_handler(w, 0x30, VI_LOCK_RMW, 8, GVA, 1);
	world_handler(w, 0x30, VI_LOAD, 8, GVA, 0);
	world_step(w, VI_H_POKE, 8, world_epte(w, GVA, 1),
		   (W_FRAME0 + GVA) | E_RWX | EPML_MEMTYPE_WB << EPML_EPT_MEMTYPE_SHIFT, 0);
	world_step(w, VI_H_RESUME, 0, 0, 0, 0);
	world_step(w, VI_HLT, 0, 0, 0, 0);
	world_run(w);
	world_expect(w, "e 0 30", "x 1 30", "r 1 0", "r 2 1", "e 5 d", NULL);
}

static void an_exit_in_a_handler_is_skipped(void **state)
{
	struct world *w = *state;

	world_guest(w, GVA, GVA, 1, G_PWU);
	world_ept(w, GVA, W_FRAME0 + GVA, 1, E_RX);
	w->head.flags = VI_F_CPL3 | VI_F_IF;
	world_step(w, VI_INT, 0, 0x30, 0, 0);
	world_handler(w, 0x30, VI_STORE, 8, GVA, 1);
	world_handler(w, 0x30, VI_LOAD, 8, GVA, 0);
	world_step(w, VI_H_SKIP, 0, 0, 0, 0);
	world_step(w, VI_HLT, 0, 0, 0, 0);	/* CPL and IF are those of the main sequence */
	world_run(w);
	world_expect(w, "e 0 30", "x 1 30", "e 4 d", NULL);
	assert_true(world_field_value(w, EPML_VMCS_GUEST_RFLAGS) & EPML_RFLAGS_IF);
}

static void a_handler_has_no_host_steps(void **state)
{
	struct world *w = *state;

	world_step(w, VI_INT, 0, 0x30, 0, 0);
	world_handler(w, 0x30, VI_H_PEEK, 8, 0, 0);
	world_run(w);
	world_expect(w, "e 0 30", "! a handler has a host step", NULL);
}

static void contributory_faults(void **state)
{
	struct world *w = *state;

	/* IST1 is not canonical: #SS during #GP, so #DF; #SS during #DF ends it. */
	w->head.ist = (1ull << 47) + PAGE_SIZE;
	world_step(w, VI_LOAD, 8, 1ull << 47, 0, 0);
	world_step(w, VI_H_SKIP, 0, 0, 0, 0);
	world_step(w, VI_VMFUNC, 0, 0, 0, 0);		/* #UD is benign, #SS then is not */
	world_run(w);
	world_expect(w, "x 0 2", "x 2 2", NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		world_test(frame_of_an_interrupt),
		world_test(frame_with_error_code_from_cpl_3),
		world_test(the_stack_is_a_supervisor_access),
		world_test(a_page_fault_in_an_interrupt_is_delivered_instead),
		world_test(exit_during_delivery_of_an_interrupt),
		world_test(exit_during_delivery_of_a_fault),
		world_test(exit_during_delivery_of_int_n),
		world_test(interrupt_is_injected_again),
		world_test(int_n_is_injected_again),
		world_test(fault_is_injected_again),
		world_test(skip_forgets_the_event),
		world_test(skip_forgets_the_result),
		world_test(hypervisor_log_full_in_delivery),
		world_test(handler_repairs_and_the_step_runs_again),
		world_test(handler_runs_at_cpl_0_and_returns_to_cpl_3),
		world_test(handlers_nest),
		world_test(handlers_do_not_nest_for_ever),
		world_test(a_handler_that_repairs_nothing_ends),
		world_test(virtualization_exception),
		world_test(exit_in_a_handler),
		world_test(an_exit_in_a_handler_is_skipped),
		world_test(a_handler_has_no_host_steps),
		world_test(contributory_faults),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
