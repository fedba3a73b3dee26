/* SPDX-License-Identifier: BSD-2-Clause */
/* Guest steps: what each instruction does to memory, what it reports, and how it restarts. */
#include "world.h"

#define GVA	0x400000ull
#define NEXT	(GVA + PAGE_SIZE)
#define FRAME	(W_FRAME0 + GVA)

static uint64_t guest_index(const struct world *w)
{
	return world_field_value(w, EPML_VMCS_GUEST_PML_INDEX);
}

static struct world *pages(void **state, unsigned count)
{
	struct world *w = *state;

	for (unsigned i = 0; i < count; i++)
		world_page(w, GVA + i * PAGE_SIZE);
	return w;
}

static void stores_of_all_sizes(void **state)
{
	struct world *w = pages(state, 1);

	for (unsigned i = 0; i < 7; i++)
		world_step(w, VI_STORE, 1 << i, GVA + 64 * i, 0x1122334455667788, 0);
	world_run(w);
	world_expect(w, NULL);
	assert_int_equal(world_peek(w, FRAME), 0x88);
	assert_int_equal(world_peek(w, FRAME + 64), 0x7788);
	assert_int_equal(world_peek(w, FRAME + 128), 0x55667788);
	for (unsigned i = 3; i < 7; i++) {
		for (unsigned j = 0; j < 1u << i; j += 8)
			assert_int_equal(world_peek(w, FRAME + 64 * i + j), 0x1122334455667788);
		if (i < 6)
			assert_int_equal(world_peek(w, FRAME + 64 * i + (1 << i)), 0);
	}
	assert_int_equal(guest_index(w), 510);
}

static void loads_of_all_sizes(void **state)
{
	struct world *w = pages(state, 1);

	world_poke(w, FRAME, 0x1122334455667788);
	for (unsigned i = 0; i < 4; i++)
		world_step(w, VI_LOAD, 1 << i, GVA, 0, 0);
	world_run(w);
	world_expect(w, "r 0 88 0", "r 1 7788 0", "r 2 55667788 0", "r 3 1122334455667788 0", NULL);
	assert_int_equal(guest_index(w), 511);
}

static void read_modify_write(void **state)
{
	struct world *w = pages(state, 1);

	world_poke(w, FRAME, 0xFFFF);
	world_step(w, VI_RMW, 2, GVA, 2, 0);
	world_step(w, VI_LOCK_RMW, 4, GVA, 0xFFFFFFFF, 0);
	world_step(w, VI_LOCK_RMW, 1, GVA, 1, 0);
	world_run(w);
	world_expect(w, "r 1 1 0", "r 2 0 0", NULL);
	assert_int_equal(world_peek(w, FRAME), 1);
}

static void read_modify_write_is_a_write(void **state)
{
	struct world *w = pages(state, 1);

	world_ept(w, GVA, FRAME, 1, EPML_EPT_EXECUTE);
	world_step(w, VI_RMW, 8, GVA, 1, 0);
	world_run(w);
	world_expect(w, "x 0 30 1a2 400000 400000", NULL);
}

static void compare_and_exchange(void **state)
{
	struct world *w = pages(state, 1);

	world_poke(w, FRAME, 5);
	world_step(w, VI_CMPXCHG, 8, GVA, 5, 7);
	world_step(w, VI_CMPXCHG, 8, GVA, 5, 9);
	world_run(w);
	world_expect(w, "r 0 5 0", "r 1 7 0", NULL);
	assert_int_equal(world_peek(w, FRAME), 7);
}

static void a_compare_that_fails_is_a_write(void **state)
{
	struct world *w = pages(state, 1);

	world_poke(w, FRAME, 5);
	world_step(w, VI_CMPXCHG, 1, GVA, 1, 7);
	world_run(w);
	world_expect(w, "r 0 5 0", NULL);
	assert_int_equal(world_peek(w, FRAME), 5);
	assert_int_equal(guest_index(w), 510);
}

static void compare_and_exchange_16_bytes(void **state)
{
	struct world *w = pages(state, 2);

	world_poke(w, FRAME, 5);
	world_poke(w, FRAME + 24, 1);
	world_step(w, VI_CMPXCHG16B, 0, GVA, 5, 7);
	world_step(w, VI_CMPXCHG16B, 0, GVA + 16, 0, 7);	/* the high half differs */
	world_step(w, VI_CMPXCHG16B, 0, NEXT - 8, 0, 7);	/* not aligned */
	world_run(w);
	world_expect(w, "e 2 d 0 0", NULL);
	assert_int_equal(world_peek(w, FRAME), 7);
	assert_int_equal(world_peek(w, FRAME + 16), 0);
	assert_int_equal(guest_index(w), 510);
}

static void push(void **state)
{
	struct world *w = pages(state, 1);

	world_step(w, VI_PUSH, 0, GVA + 8, 0x1234, 0);
	world_step(w, VI_PUSH, 0, 1ull << 47, 0x1234, 0);
	world_run(w);
	world_expect(w, "e 1 c 0 0", NULL);
	assert_int_equal(world_peek(w, FRAME + 8), 0x1234);
}

static void not_canonical(void **state)
{
	struct world *w = *state;

	world_step(w, VI_STORE, 8, 1ull << 47, 0, 0);
	world_step(w, VI_LOAD, 8, (1ull << 47) - 4, 0, 0);
	world_run(w);
	world_expect(w, "e 0 d 0 0", "e 1 d 0 0", NULL);
}

/* ---- Page crossing ------------------------------------------------------------------------ */

static void crossing_logs_both_pages_in_order(void **state)
{
	struct world *w = pages(state, 2);

	world_step(w, VI_STORE, 8, NEXT - 4, 0x1122334455667788, 0);
	world_run(w);
	world_expect(w, NULL);
	assert_int_equal(mem_read(w->m, FRAME + 0xFFC, 4), 0x55667788);
	assert_int_equal(mem_read(w->m, FRAME + 0x1000, 4), 0x11223344);
	assert_int_equal(world_peek(w, W_FRAME0 + W_GUEST_LOG + 511 * 8), GVA);
	assert_int_equal(world_peek(w, W_FRAME0 + W_GUEST_LOG + 510 * 8), NEXT);
}

static void a_fault_on_the_second_page_writes_nothing(void **state)
{
	struct world *w = pages(state, 1);

	world_step(w, VI_STORE, 64, NEXT - 32, 0x1122334455667788, 0);
	world_run(w);
	world_expect(w, "e 0 e 2 401000", NULL);
	assert_int_equal(world_peek(w, FRAME + 0xFF8), 0);
	assert_int_equal(guest_index(w), 510);
}

static void the_first_page_faults_first(void **state)
{
	struct world *w = *state;

	world_step(w, VI_LOAD, 8, NEXT - 4, 0, 0);
	world_run(w);
	world_expect(w, "e 0 e 0 400ffc", NULL);
}

static void restart_does_not_log_the_first_page_again(void **state)
{
	struct world *w = pages(state, 2);

	world_ept(w, NEXT, FRAME + PAGE_SIZE, 1, E_RX);
	world_load(w);
	w->head.n_steps = 0;
	world_step(w, VI_STORE, 8, NEXT - 4, 0x1122334455667788, 0);
	world_step(w, VI_H_POKE, 8, world_epte(w, NEXT, 1),
		   (FRAME + PAGE_SIZE) | E_RWX | EPML_MEMTYPE_WB << EPML_EPT_MEMTYPE_SHIFT, 0);
	world_step(w, VI_H_RESUME, 0, 0, 0, 0);
	world_run(w);
	world_expect(w, "x 0 30 1aa 401000 401000", NULL);
	assert_int_equal(guest_index(w), 509);
	assert_int_equal(mem_read(w->m, FRAME + 0x1000, 4), 0x11223344);
}

/* ---- Strings ------------------------------------------------------------------------------ */

static void stos_over_pages(void **state)
{
	struct world *w = pages(state, 3);

	world_step(w, VI_STOS, 8, GVA, 1024 + 1, 0xABCD);
	world_run(w);
	world_expect(w, NULL);
	assert_int_equal(world_peek(w, FRAME + 0x1FF8), 0xABCD);
	assert_int_equal(world_peek(w, FRAME + 0x2000), 0xABCD);
	assert_int_equal(world_peek(w, FRAME + 0x2008), 0);
	assert_int_equal(guest_index(w), 508);
}

static void every_string_begins_anew(void **state)
{
	struct world *w = pages(state, 1);

	world_step(w, VI_STOS, 8, GVA, 3, 1);
	world_step(w, VI_STOS, 8, GVA, 4, 2);
	world_run(w);
	assert_int_equal(world_peek(w, FRAME), 2);
	assert_int_equal(world_peek(w, FRAME + 24), 2);
}

static void movs_copies(void **state)
{
	struct world *w = pages(state, 2);

	world_poke(w, FRAME, 0x0102030405060708);
	world_step(w, VI_MOVS, 1, NEXT, GVA + 1, 3);
	world_step(w, VI_MOVS, 8, NEXT + 8, GVA, 0);
	world_run(w);
	assert_int_equal(world_peek(w, FRAME + PAGE_SIZE), 0x050607);
	assert_int_equal(world_peek(w, FRAME + PAGE_SIZE + 8), 0);
	assert_int_equal(guest_index(w), 510);
}

static void a_string_goes_on_where_it_faulted(void **state)
{
	struct world *w = pages(state, 1);

	world_guest(w, NEXT, NEXT, 1, 0);
	world_ept(w, NEXT, FRAME + PAGE_SIZE, 1, E_RWX);
	world_load(w);
	w->head.n_steps = 0;
	world_step(w, VI_STOS, 8, GVA + 0xFF0, 4, 0xABCD);
	/* The handler empties what was stored: it must not be stored again. */
	world_handler(w, EPML_VECTOR_PF, VI_STORE, 8, GVA + 0xFF0, 0);
	world_handler(w, EPML_VECTOR_PF, VI_STORE, 8, W_ALIAS + world_pte(w, NEXT, 1),
		      NEXT | G_PWU);
	world_run(w);
	world_expect(w, "e 0 e 2 401000", NULL);
	assert_int_equal(world_peek(w, FRAME + 0xFF0), 0);
	assert_int_equal(world_peek(w, FRAME + 0xFF8), 0xABCD);
	assert_int_equal(world_peek(w, FRAME + 0x1008), 0xABCD);
	assert_int_equal(guest_index(w), 509);
}

static void a_string_is_interrupted_between_iterations(void **state)
{
	struct world *w = pages(state, 2);

	w->head.flags = VI_F_IF;
	world_field(w, EPML_VMCS_GUEST_PML_THRESHOLD, 510);
	world_step(w, VI_STOS, 1, NEXT - 2, 4, 0xAB);
	world_handler(w, 0x40, VI_LOAD, 8, NEXT - 8, 0);
	world_step(w, VI_LOAD, 2, NEXT, 0, 0);
	world_run(w);
	world_expect(w, "e 0 40", "r 1 ab000000000000", "r 2 abab", NULL);
}

static void an_interrupt_after_the_last_iteration(void **state)
{
	struct world *w = pages(state, 1);

	w->head.flags = VI_F_IF;
	world_field(w, EPML_VMCS_GUEST_PML_THRESHOLD, 510);
	world_step(w, VI_STOS, 1, GVA, 1, 0xAB);
	world_run(w);
	world_expect(w, "e 0 40", NULL);
	assert_int_equal(world_peek(w, FRAME), 0xAB);
}

/* ---- Privileged instructions -------------------------------------------------------------- */

static void privileged_at_cpl_3(void **state)
{
	struct world *w = *state;

	w->head.flags = VI_F_CPL3;
	world_step(w, VI_INVLPG, 0, GVA, 0, 0);
	world_step(w, VI_MOV_CR3, 0, W_GUEST_PML4, 0, 0);
	world_step(w, VI_HLT, 0, 0, 0, 0);
	world_step(w, VI_CLI, 0, 0, 0, 0);
	world_step(w, VI_STI, 0, 0, 0, 0);
	world_run(w);
	world_expect(w, "e 0 d 0 0", "e 1 d", "e 2 d", "e 3 d", "e 4 d", NULL);
}

static void mov_cr3_refuses_reserved_bits(void **state)
{
	struct world *w = *state;

	world_step(w, VI_MOV_CR3, 0, 1ull << MAXPHYADDR, 0, 0);
	world_run(w);
	world_expect(w, "e 0 d 0 0", NULL);
	assert_int_equal(world_field_value(w, EPML_VMCS_GUEST_CR3), W_GUEST_PML4);
}

static void mov_cr3_to_nowhere_is_a_triple_fault(void **state)
{
	struct world *w = *state;

	world_step(w, VI_MOV_CR3, 0, W_GUEST_LOG, 0, 0);
	world_run(w);
	world_expect(w, "x 0 2 0", NULL);
}

static void exits_of_instructions(void **state)
{
	static const struct {
		uint32_t control;
		unsigned op;
		const char *line;
	} cases[] = {
		{ EPML_PROC_HLT_EXITING, VI_HLT, "x 0 c 0" },
		{ EPML_PROC_INVLPG_EXITING, VI_INVLPG, "x 0 e 400000" },
		{ EPML_PROC_CR3_LOAD_EXITING, VI_MOV_CR3, "x 0 1c 3" },
		{ 0, VI_VMCALL, "x 0 12 0" },
	};
	struct world *w = *state;

	for (unsigned i = 0; i < 4; i++) {
		w->head.n_steps = 0;
		world_field(w, EPML_VMCS_PROC_BASED_CONTROLS,
			    EPML_PROC_USE_TPR_SHADOW | EPML_PROC_ACTIVATE_SECONDARY |
			    EPML_PROC_ACTIVATE_TERTIARY | cases[i].control);
		world_step(w, cases[i].op, 0, GVA, 0, 0);
		world_run(w);
		world_expect(w, cases[i].line, NULL);
	}
}

static void a_vmcall_is_executed_again_on_resume(void **state)
{
	struct world *w = *state;

	world_step(w, VI_VMCALL, 0, 0, 0, 0);
	world_step(w, VI_H_RESUME, 0, 0, 0, 0);
	world_step(w, VI_H_SKIP, 0, 0, 0, 0);
	world_step(w, VI_VMCALL, 0, 0, 0, 0);
	world_run(w);
	world_expect(w, "x 0 12", "x 0 12", "x 3 12", NULL);
}

static void steps_that_do_not_exist(void **state)
{
	static const struct vi_step bad[] = {
		{ .op = VI_STORE, .size = 3 },
		{ .op = VI_STORE, .size = 128 },
		{ .op = VI_LOAD, .size = 16 },
		{ .op = VI_STOS, .size = 4 },
		{ .op = VI_CALL },
		{ .op = VI_GUEST_LAST + 1 },
	};
	struct world *w = *state;

	for (unsigned i = 0; i < 5; i++) {
		w->head.n_steps = 0;
		world_step(w, bad[i].op, bad[i].size, 0, 1, 0);
		world_run(w);
		assert_int_equal(w->n_lines, 1);
		assert_int_equal(w->lines[0][0], '!');
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		world_test(stores_of_all_sizes),
		world_test(loads_of_all_sizes),
		world_test(read_modify_write),
		world_test(read_modify_write_is_a_write),
		world_test(compare_and_exchange),
		world_test(a_compare_that_fails_is_a_write),
		world_test(compare_and_exchange_16_bytes),
		world_test(push),
		world_test(not_canonical),
		world_test(crossing_logs_both_pages_in_order),
		world_test(a_fault_on_the_second_page_writes_nothing),
		world_test(the_first_page_faults_first),
		world_test(restart_does_not_log_the_first_page_again),
		world_test(stos_over_pages),
		world_test(every_string_begins_anew),
		world_test(movs_copies),
		world_test(a_string_goes_on_where_it_faulted),
		world_test(a_string_is_interrupted_between_iterations),
		world_test(an_interrupt_after_the_last_iteration),
		world_test(privileged_at_cpl_3),
		world_test(mov_cr3_refuses_reserved_bits),
		world_test(mov_cr3_to_nowhere_is_a_triple_fault),
		world_test(exits_of_instructions),
		world_test(a_vmcall_is_executed_again_on_resume),
		world_test(steps_that_do_not_exist),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
