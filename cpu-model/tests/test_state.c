/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What outlives an access: the state of the logs across SMM, and several logical processors that
 * share memory. Vectors have neither SMIs nor a second processor.
 */
#include "fixture.h"

/* A second logical processor with the same EPT and the same guest tables, and logs of its own. */
static struct epml_cpu second_processor(struct fixture *fx)
{
	struct epml_cpu cpu = fx->cpu;

	fx_add_page(fx, FX_PML + 0x10000, 1u << EPML_MEM_PML);
	cpu.v.pml_address = FX_PML + 0x10000;
	cpu.v.pml_index = 300;
	cpu.v.gpml_address += FX_GPA_LOG2 - FX_GPA_LOG;
	cpu.v.gpml_index = 200;
	return cpu;
}

/* A write on one of two processors, with a page walk of its own. */
static void write_on(struct fixture *fx, struct epml_cpu *cpu, uint64_t gva)
{
	struct epml_guest_walk w = fx_walk(fx, gva, FX_WRITE);
	uint64_t hpa;

	assert_int_equal(epml_guest_access(cpu, &w, &hpa), EPML_OK);
}

/* ---- SMM ---------------------------------------------------------------------------------- */

/* STATE-6: accesses in SMM do not go through EPT. They leave flags and logs alone. */
static void smm_default(void **state)
{
	struct fixture *fx = *state;

	fx_expect_entries(fx, FX_GVA_DATA, 1);
	fx_save(fx);
	*fx_word(fx, FX_FRAME + FX_GPA_DATA2) = 0x1122334455667788;
	FX_CHANGED(fx, FX_FRAME + FX_GPA_DATA2);
	fx_expect_state(&fx->cpu.v, &fx->then);
	fx_expect_entries(fx, FX_GVA_DATA2, 1);
	assert_int_equal(*fx_word(fx, fx_log_entry(510)), FX_GVA_DATA2);
	assert_int_equal(*fx_word(fx, fx_pml_entry(510)), FX_GPA_DATA2);
}

/* STATE-7: the monitor in SMM has a VMCS of its own, here without either log. */
static void smm_dual_monitor(void **state)
{
	struct fixture *fx = *state;
	struct epml_vmcs interrupted, monitor = { .link_pointer = UINT64_MAX };

	fx_expect_entries(fx, FX_GVA_DATA, 1);
	interrupted = fx->cpu.v;
	fx->cpu.v = monitor;
	assert_null(epml_vmentry_check(&fx->cpu, &interrupted));
	epml_vmentry_load(&fx->cpu, &interrupted);
	fx_expect_state(&fx->cpu.v, &interrupted);
	fx_expect_entries(fx, FX_GVA_DATA2, 1);
	assert_int_equal(*fx_word(fx, fx_log_entry(510)), FX_GVA_DATA2);
}

/* ---- Several logical processors ----------------------------------------------------------- */

/* CPUS-1 */
static void two_processors(void **state)
{
	struct fixture *fx = *state;
	struct epml_cpu other = second_processor(fx);
	const uint64_t log2 = FX_FRAME + FX_GPA_LOG2;

	write_on(fx, &other, FX_GVA_DATA2);
	assert_int_equal(other.v.gpml_index, 199);
	assert_int_equal(other.v.pml_index, 299);
	assert_int_equal(*fx_word(fx, log2 + 8 * 200), FX_GVA_DATA2);
	assert_int_equal(*fx_word(fx, FX_PML + 0x10000 + 8 * 300), FX_GPA_DATA2);
	assert_int_equal(fx->cpu.v.gpml_index, EPML_LOG_FIRST_INDEX);
	assert_int_equal(fx->cpu.v.pml_index, EPML_LOG_FIRST_INDEX);

	write_on(fx, &fx->cpu, FX_GVA_DATA);
	assert_int_equal(*fx_word(fx, fx_log_entry(511)), FX_GVA_DATA);
	assert_int_equal(*fx_word(fx, fx_pml_entry(511)), FX_GPA_DATA);
	assert_int_equal(other.v.gpml_index, 199);
}

/* One processor with a full log does not keep the other from logging. CPUS-1 */
static void one_is_full(void **state)
{
	struct fixture *fx = *state;
	struct epml_cpu other = second_processor(fx);

	fx->cpu.v.gpml_index = EPML_LOG_FULL_INDEX;
	fx_expect_write_exits(fx, FX_GVA_DATA, EPML_REASON_PML_FULL, EPML_QUAL_PML_GUEST_LOG);
	write_on(fx, &other, FX_GVA_DATA);
	assert_int_equal(other.v.gpml_index, 199);
	fx_expect_entries(fx, FX_GVA_DATA, 0);
}

/* CPUS-2: the flags are shared, so that the page is in one log, whichever the trigger is. */
static void same_page(void **state)
{
	struct fixture *fx = *state;
	struct epml_cpu other = second_processor(fx);

	for (int trigger = 0; trigger < 2; trigger++) {
		uint16_t index = fx->cpu.v.gpml_index;

		fx->cpu.params.trigger = other.params.trigger = trigger;
		fx_ept_change(fx, FX_GPA_DATA, 1, FX_EPT_AD, 0);
		fx_pte_change(fx, FX_GVA_DATA, 1, FX_PTE_AD, 0);
		write_on(fx, &other, FX_GVA_DATA);
		fx_expect_entries(fx, FX_GVA_DATA, 0);
		assert_int_equal(fx->cpu.v.gpml_index, index);
		assert_int_equal(other.v.gpml_index, 199 - trigger);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		fx_test(smm_default),
		fx_test(smm_dual_monitor),
		fx_test(two_processors),
		fx_test(one_is_full),
		fx_test(same_page),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
