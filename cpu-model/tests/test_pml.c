/* SPDX-License-Identifier: BSD-2-Clause */
/* The hypervisor's page-modification log. SDM 3C, "Page-modification logging". */
#include "fixture.h"

/* The guest's log off, so that only the hypervisor's is at work. */
static int setup(void **state)
{
	struct fixture *fx;

	if (fx_setup(state))
		return -1;
	fx = *state;
	fx->cpu.v.proc3 = 0;
	return 0;
}

#define pml_test(f) cmocka_unit_test_setup_teardown(f, setup, fx_teardown)

static enum epml_result access(struct fixture *fx, uint64_t gpa, unsigned flags)
{
	uint64_t hpa;

	return fx_physical(fx, gpa, flags, &hpa);
}

static void expect_no_entry(struct fixture *fx, uint64_t gpa, unsigned flags)
{
	fx_save(fx);
	assert_int_equal(access(fx, gpa, flags), EPML_OK);
	assert_int_equal(fx->cpu.v.pml_index, fx->then.pml_index);
	for (unsigned i = 0; i < fx->n_writes; i++)
		assert_int_not_equal(fx->writes[i].what, EPML_MEM_PML);
}

/* PML-LOG-1, PML-LOG-2, PML-LOG-3: the entry before the flag, and nothing else changes. */
static void entry(void **state)
{
	struct fixture *fx = *state;

	fx_save(fx);
	assert_int_equal(access(fx, FX_GPA_DATA + 0xFFF, FX_WRITE), EPML_OK);
	assert_int_equal(*fx_word(fx, fx_pml_entry(511)), FX_GPA_DATA);
	assert_int_equal(fx->cpu.v.pml_index, 510);
	FX_CHANGED(fx, fx_pml_entry(511), fx_epte(FX_GPA_DATA, 1));
	FX_EVENTS_ARE(fx, EPML_EV_PML, EPML_EV_EPT_FLAGS, EPML_EV_WALK);
	assert_int_equal(fx->events[0].index, 511);
	assert_int_equal(fx->events[0].gpa, FX_GPA_DATA);
	assert_int_equal(fx->writes[0].size, 8);
}

/* PML-LOG-1, PML-LOG-3: from 511 to 0, each at its place, and then full. */
static void all_entries(void **state)
{
	struct fixture *fx = *state;

	for (int index = 511; index >= 0; index--) {
		uint64_t gpa = index % 2 ? FX_GPA_DATA : FX_GPA_DATA2;

		fx_ept_change(fx, gpa, 1, EPML_EPT_DIRTY, 0);
		fx_save(fx);
		assert_int_equal(access(fx, gpa, FX_WRITE), EPML_OK);
		assert_int_equal(*fx_word(fx, fx_pml_entry(index)), gpa);
		assert_int_equal(fx->cpu.v.pml_index, (uint16_t)(index - 1));
	}
	assert_int_equal(fx->cpu.v.pml_index, EPML_LOG_FULL_INDEX);
	fx_ept_change(fx, FX_GPA_DATA, 1, EPML_EPT_DIRTY, 0);
	assert_int_equal(access(fx, FX_GPA_DATA, FX_WRITE), EPML_VMEXIT);
}

/* PML-LOG-1: the address is that of the VMCS, above 4 GByte too. */
static void address(void **state)
{
	struct fixture *fx = *state;
	const uint64_t log = 0xFFFFFFF000;

	fx_add_page(fx, log, 1 << EPML_MEM_PML);
	fx->cpu.v.pml_address = log;
	assert_int_equal(access(fx, FX_GPA_DATA, FX_WRITE), EPML_OK);
	assert_int_equal(*fx_word(fx, log + 8 * 511), FX_GPA_DATA);
}

/* PML-LOG-4 */
static void no_dirty_flag(void **state)
{
	struct fixture *fx = *state;

	expect_no_entry(fx, FX_GPA_DATA, FX_READ);
	expect_no_entry(fx, FX_GPA_DATA, FX_FETCH);
	fx_ept_change(fx, FX_GPA_DATA, 1, 0, EPML_EPT_DIRTY);
	expect_no_entry(fx, FX_GPA_DATA, FX_WRITE);
	fx_ept_change(fx, FX_GPA_DATA, 1, EPML_EPT_ACCESSED, 0);
	expect_no_entry(fx, FX_GPA_DATA, FX_WRITE);
}

/* EPT-AD-3: without accessed and dirty flags for EPT there is nothing to log. */
static void no_ad(void **state)
{
	struct fixture *fx = *state;

	fx->cpu.v.eptp &= ~EPML_EPTP_AD;
	expect_no_entry(fx, FX_GPA_DATA, FX_WRITE);
	expect_no_entry(fx, FX_GPA_DATA, FX_WALK);
}

/* PML-LOG-5: the dirty flag is set all the same. */
static void off(void **state)
{
	struct fixture *fx = *state;

	fx->cpu.v.proc2 &= ~EPML_PROC2_ENABLE_PML;
	expect_no_entry(fx, FX_GPA_DATA, FX_WRITE);
	FX_CHANGED(fx, fx_epte(FX_GPA_DATA, 1));
	fx->cpu.v.pml_index = EPML_LOG_FULL_INDEX;
	expect_no_entry(fx, FX_GPA_DATA2, FX_WRITE);
}

/* PML-LOG-6 */
static void page_walk(void **state)
{
	struct fixture *fx = *state;
	const uint64_t pte = fx_pte_gpa(FX_GVA_DATA, 1);

	fx_ept_change(fx, pte, 1, EPML_EPT_DIRTY, 0);
	assert_int_equal(access(fx, pte, FX_WALK), EPML_OK);
	assert_int_equal(*fx_word(fx, fx_pml_entry(511)), FX_GPA_PT);
	expect_no_entry(fx, pte, FX_WALK);
}

/* PML-LOG-7 */
static void large_pages(void **state)
{
	struct fixture *fx = *state;
	const uint64_t large = FX_EPT_RWX | EPML_EPT_LARGE;

	*fx_word(fx, fx_epte(0, 2)) = large;
	assert_int_equal(access(fx, 0x1FEFFF, FX_WRITE), EPML_OK);
	assert_int_equal(*fx_word(fx, fx_pml_entry(511)), 0x1FE000);
	expect_no_entry(fx, 0x3000, FX_WRITE);
	*fx_word(fx, fx_epte(0, 3)) = large;
	assert_int_equal(access(fx, 0x3ABCDEF1, FX_WRITE), EPML_OK);
	assert_int_equal(*fx_word(fx, fx_pml_entry(510)), 0x3ABCD000);
	expect_no_entry(fx, 0x3000, FX_WRITE);
}

/* PML-FULL-1: every index above 511 means full. */
static void full(void **state)
{
	static const uint16_t indices[] = { 512, 513, 0x7FFF, 0x8000, 0xFFFE, 0xFFFF };
	struct fixture *fx = *state;

	for (unsigned i = 0; i < sizeof(indices) / sizeof(indices[0]); i++) {
		fx->cpu.v.pml_index = indices[i];
		fx_save(fx);
		assert_int_equal(access(fx, FX_GPA_DATA, FX_WRITE), EPML_VMEXIT);
		fx_expect_exit(fx, EPML_REASON_PML_FULL, 0);
		fx_expect_exit_addresses(fx, false, 0, false, 0);
		fx_expect_unchanged(fx);
		FX_EVENTS_ARE(fx, EPML_EV_EXIT);
	}
	fx->cpu.v.pml_index = 511;
	assert_int_equal(access(fx, FX_GPA_DATA, FX_WRITE), EPML_OK);
}

/* PML-FULL-1: a page walk that needs an entry; accessed flags above are not set either. */
static void full_page_walk(void **state)
{
	struct fixture *fx = *state;

	fx->cpu.v.pml_index = EPML_LOG_FULL_INDEX;
	fx_ept_change(fx, FX_GPA_PT, 1, FX_EPT_AD, 0);
	fx_ept_change(fx, FX_GPA_PT, 2, EPML_EPT_ACCESSED, 0);
	fx_save(fx);
	assert_int_equal(access(fx, FX_GPA_PT, FX_WALK), EPML_VMEXIT);
	fx_expect_exit(fx, EPML_REASON_PML_FULL, 0);
	fx_expect_unchanged(fx);
}

/* PML-FULL-2 */
static void full_not_needed(void **state)
{
	struct fixture *fx = *state;

	fx->cpu.v.pml_index = EPML_LOG_FULL_INDEX;
	no_dirty_flag(state);
	fx_ept_change(fx, FX_GPA_DATA, 1, EPML_EPT_DIRTY, 0);
	no_ad(state);
}

/* PML-FULL-3; the log-full event is never #VE. */
static void full_qualification(void **state)
{
	struct fixture *fx = *state;

	fx_set_ve(fx, true);
	fx->cpu.v.pml_index = EPML_LOG_FULL_INDEX;
	assert_int_equal(access(fx, FX_GPA_DATA, FX_WRITE | EPML_ACCESS_NMI_IRET), EPML_VMEXIT);
	fx_expect_exit(fx, EPML_REASON_PML_FULL, EPML_QUAL_NMI_UNBLOCKING);
	assert_int_equal(access(fx, FX_GPA_DATA, FX_WRITE | EPML_ACCESS_IN_EVENT), EPML_VMEXIT);
	fx_expect_exit(fx, EPML_REASON_PML_FULL, 0);
}

/* GPML-ORDER-2 for the hypervisor's log. */
static void violation_first(void **state)
{
	struct fixture *fx = *state;

	fx->cpu.v.pml_index = EPML_LOG_FULL_INDEX;
	fx_ept_change(fx, FX_GPA_DATA, 1, EPML_EPT_WRITE, 0);
	assert_int_equal(access(fx, FX_GPA_DATA, FX_WRITE), EPML_VMEXIT);
	assert_int_equal(fx->cpu.exit.reason, EPML_REASON_EPT_VIOLATION);
	fx_ept_change(fx, FX_GPA_DATA, 1, 0, EPML_EPT_WRITE | EPML_EPT_MEMTYPE_MASK);
	assert_int_equal(access(fx, FX_GPA_DATA, FX_WRITE), EPML_VMEXIT);
	assert_int_equal(fx->cpu.exit.reason, EPML_REASON_EPT_MISCONFIGURATION);
}

/* PML-RESTART-1 */
static void restart(void **state)
{
	struct fixture *fx = *state;

	fx->cpu.v.pml_index = EPML_LOG_FULL_INDEX;
	assert_int_equal(access(fx, FX_GPA_DATA, FX_WRITE), EPML_VMEXIT);
	fx->cpu.v.pml_index = 511;
	assert_int_equal(access(fx, FX_GPA_DATA, FX_WRITE), EPML_OK);
	expect_no_entry(fx, FX_GPA_DATA, FX_WRITE);
	assert_int_equal(fx->cpu.v.pml_index, 510);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		pml_test(entry), pml_test(all_entries), pml_test(address),
		pml_test(no_dirty_flag), pml_test(no_ad), pml_test(off), pml_test(page_walk),
		pml_test(large_pages), pml_test(full), pml_test(full_page_walk),
		pml_test(full_not_needed), pml_test(full_qualification),
		pml_test(violation_first), pml_test(restart),
	};

	return cmocka_run_group_tests_name("pml", tests, NULL, NULL);
}
