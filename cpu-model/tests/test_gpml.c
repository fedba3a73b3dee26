/* SPDX-License-Identifier: BSD-2-Clause */
/* The guest's page-modification log: entries, triggers, and the log page. */
#include "fixture.h"

#define GUEST_FULL_Q	EPML_QUAL_PML_GUEST_LOG

static void clean(struct fixture *fx, uint64_t gva, uint64_t gpa)
{
	fx_ept_change(fx, gpa, 1, FX_EPT_AD, 0);
	fx_pte_change(fx, gva, 1, FX_PTE_AD, 0);
}

/* ---- Entries ------------------------------------------------------------------------------ */

/* GPML-LOG-1, GPML-LOG-2 */
static void entry(void **state)
{
	struct fixture *fx = *state;

	assert_int_equal(fx_write(fx, FX_GVA_DATA + 0xABC), EPML_OK);
	assert_int_equal(*fx_word(fx, fx_log_entry(511)), FX_GVA_DATA);
	assert_int_equal(fx->cpu.v.gpml_index, 510);
	FX_CHANGED(fx, fx_log_entry(511), fx_pml_entry(511), fx_epte(FX_GPA_DATA, 1),
		   fx_pte(FX_GVA_DATA, 1));
	/* the entry is the last that is written, after the flags that it stands for */
	FX_EVENTS_ARE(fx, EPML_EV_WALK, EPML_EV_PML, EPML_EV_EPT_FLAGS, EPML_EV_WALK,
		      EPML_EV_PTE_FLAGS, EPML_EV_GPML);
	assert_int_equal(fx->events[5].index, 511);
	assert_int_equal(fx->events[5].gva, FX_GVA_DATA);
	assert_int_equal(fx->events[5].addr, fx_log_entry(511));
	assert_int_equal(fx->n_ipis, 0);
}

/* GPML-LOG-1, GPML-LOG-2: from 511 to 0, each at its place, then full. ENTRY-10 */
static void all_entries(void **state)
{
	struct fixture *fx = *state;

	for (int index = 511; index >= 0; index--) {
		uint64_t gva = index % 3 ? FX_GVA_DATA : FX_GVA_DATA2;

		fx_pte_change(fx, gva, 1, EPML_PTE_DIRTY, 0);
		fx_expect_entries(fx, gva, 1);
		assert_int_equal(*fx_word(fx, fx_log_entry(index)), gva);
		assert_int_equal(fx->cpu.v.gpml_index, (uint16_t)(index - 1));
	}
	fx_pte_change(fx, FX_GVA_DATA, 1, EPML_PTE_DIRTY, 0);
	fx_expect_write_exits(fx, FX_GVA_DATA, EPML_REASON_PML_FULL, GUEST_FULL_Q);
}

/* GPML-LOG-3: the hypervisor's log goes on, and a full index means nothing. */
static void control_off(void **state)
{
	struct fixture *fx = *state;

	fx->cpu.v.proc3 = 0;
	fx_expect_entries(fx, FX_GVA_DATA, 0);
	assert_int_equal(fx->cpu.v.pml_index, 510);
	fx->cpu.v.gpml_index = EPML_LOG_FULL_INDEX;
	fx_expect_entries(fx, FX_GVA_DATA2, 0);
}

/* GPML-LOG-4: with enable PML = 0 the guest's log works as ever. */
static void pml_off(void **state)
{
	struct fixture *fx = *state;

	fx->cpu.v.proc2 &= ~EPML_PROC2_ENABLE_PML;
	fx->cpu.v.pml_index = EPML_LOG_FULL_INDEX;
	fx_expect_entries(fx, FX_GVA_DATA, 1);
	assert_int_equal(fx->cpu.v.pml_index, EPML_LOG_FULL_INDEX);
}

/* ---- Triggers ----------------------------------------------------------------------------- */

/* One write with each state of the two dirty flags. */
static void check_trigger(struct fixture *fx, bool ept_clean, bool pte_clean, unsigned expected)
{
	clean(fx, FX_GVA_DATA, FX_GPA_DATA);
	if (!ept_clean)
		fx_ept_change(fx, FX_GPA_DATA, 1, 0, FX_EPT_AD);
	if (!pte_clean)
		fx_pte_change(fx, FX_GVA_DATA, 1, 0, FX_PTE_AD);
	fx_expect_entries(fx, FX_GVA_DATA, expected);
	assert_int_equal(fx->then.pml_index - fx->cpu.v.pml_index, ept_clean);	/* GPML-LOG-4 */
}

/* GPML-TRIG-1 */
static void trigger_ept_dirty(void **state)
{
	struct fixture *fx = *state;

	fx->cpu.params.trigger = EPML_TRIGGER_EPT_DIRTY;
	check_trigger(fx, true, true, 1);
	check_trigger(fx, true, false, 1);
	check_trigger(fx, false, true, 0);
	check_trigger(fx, false, false, 0);
}

/* GPML-TRIG-2 */
static void trigger_guest_dirty(void **state)
{
	struct fixture *fx = *state;

	check_trigger(fx, true, true, 1);
	check_trigger(fx, true, false, 0);
	check_trigger(fx, false, true, 1);
	check_trigger(fx, false, false, 0);
}

/* EPT-AD-3: without accessed and dirty flags for EPT only the guest's own flag triggers. */
static void trigger_without_ad(void **state)
{
	struct fixture *fx = *state;

	fx->cpu.v.eptp &= ~EPML_EPTP_AD;
	fx_expect_entries(fx, FX_GVA_DATA, 1);
	fx->cpu.params.trigger = EPML_TRIGGER_EPT_DIRTY;
	fx_expect_entries(fx, FX_GVA_DATA2, 0);
}

/* GPML-TRIG-1, GPML-TRIG-2: reads and fetches trigger nothing. */
static void trigger_not_by_read(void **state)
{
	struct fixture *fx = *state;

	for (int i = 0; i < 4; i++) {
		uint64_t hpa;

		clean(fx, FX_GVA_DATA, FX_GPA_DATA);
		fx->cpu.params.trigger = i % 2;
		fx_save(fx);
		assert_int_equal(fx_access(fx, FX_GVA_DATA, i < 2 ? FX_READ : FX_FETCH, &hpa),
				 EPML_OK);
		assert_int_equal(fx_count_writes(fx, EPML_MEM_GPML), 0);
		assert_int_equal(fx->cpu.v.gpml_index, 511);
	}
}

/* GPML-TRIG-3 */
static void rearmed_by_guest(void **state)
{
	struct fixture *fx = *state;

	fx_expect_entries(fx, FX_GVA_DATA, 1);
	fx_expect_entries(fx, FX_GVA_DATA, 0);
	fx_pte_change(fx, FX_GVA_DATA, 1, EPML_PTE_DIRTY, 0);
	fx_expect_entries(fx, FX_GVA_DATA, 1);
	/* the trigger ept-dirty has nothing that the guest could re-arm */
	fx->cpu.params.trigger = EPML_TRIGGER_EPT_DIRTY;
	fx_pte_change(fx, FX_GVA_DATA, 1, EPML_PTE_DIRTY, 0);
	fx_expect_entries(fx, FX_GVA_DATA, 0);
}

/* GPML-TRIG-4 */
static void large_guest_pages(void **state)
{
	struct fixture *fx = *state;

	for (unsigned leaf = 2; leaf <= 3; leaf++) {
		struct epml_guest_walk w = fx_walk(fx, FX_GVA_DATA + 0x3123, FX_WRITE);
		uint64_t hpa;

		w.leaf = leaf;
		fx_save(fx);
		assert_int_equal(epml_guest_access(&fx->cpu, &w, &hpa), EPML_OK);
		assert_int_equal(*fx_word(fx, fx_log_entry(513 - leaf)), FX_GVA_DATA + 0x3000);
		w.access.gva += 0x1000;		/* the same large page */
		fx_save(fx);
		assert_int_equal(epml_guest_access(&fx->cpu, &w, &hpa), EPML_OK);
		assert_int_equal(fx_count_writes(fx, EPML_MEM_GPML), 0);
	}
}

static void expect_physical(struct fixture *fx, uint64_t gpa, unsigned flags, unsigned n)
{
	uint64_t hpa;

	fx_ept_change(fx, gpa, 1, FX_EPT_AD, 0);
	fx_save(fx);
	assert_int_equal(fx_physical(fx, gpa, flags, &hpa), EPML_OK);
	assert_int_equal(fx_count_writes(fx, EPML_MEM_GPML), n);
	if (n)
		assert_int_equal(fx->writes[fx->n_writes - 1].value, FX_GVA_DATA);
}

/* GPML-TRIG-1: an access without a linear address. GPML-TRIG-5: one without guest paging. */
static void physical_accesses(void **state)
{
	struct fixture *fx = *state;

	for (int trigger = 0; trigger < 2; trigger++) {
		fx->cpu.params.trigger = trigger;
		expect_physical(fx, FX_GPA_DATA, EPML_ACCESS_WRITE, 0);
		expect_physical(fx, FX_GPA_DATA, FX_WRITE, trigger == EPML_TRIGGER_EPT_DIRTY);
	}
}

/* GPML-WALK-1, GPML-WALK-2 */
static void page_walks(void **state)
{
	struct fixture *fx = *state;

	for (int trigger = 0; trigger < 2; trigger++) {
		for (int walks = 0; walks < 2; walks++) {
			fx->cpu.params.trigger = trigger;
			fx->cpu.params.walk_writes = walks;
			expect_physical(fx, FX_GPA_PT, FX_WALK,
					trigger == EPML_TRIGGER_EPT_DIRTY &&
					walks == EPML_WALKS_LOGGED);
		}
	}
}

/* ---- The log page ------------------------------------------------------------------------- */

/* GPML-ADDR-2: whatever EPT says about the page now. */
static void log_page_at_vmwrite(void **state)
{
	struct fixture *fx = *state;

	fx_set_translation(fx, EPML_TRANSLATE_AT_VMWRITE);
	*fx_word(fx, fx_epte(FX_GPA_LOG, 1)) = 0;
	fx_expect_entries(fx, FX_GVA_DATA, 1);
	assert_int_equal(*fx_word(fx, fx_log_entry(511)), FX_GVA_DATA);
	assert_int_equal(*fx_word(fx, fx_epte(FX_GPA_LOG, 1)), 0);
	assert_int_equal(fx->cpu.v.pml_index, 510);
}

/* GPML-ADDR-3: through EPT at the time of the write, flags and hypervisor's log included. */
static void log_page_at_log(void **state)
{
	struct fixture *fx = *state;

	*fx_word(fx, fx_epte(FX_GPA_LOG, 1)) = (FX_FRAME + FX_GPA_LOG2) | FX_EPT_RWX;
	fx_expect_entries(fx, FX_GVA_DATA, 1);
	assert_int_equal(*fx_word(fx, FX_FRAME + FX_GPA_LOG2 + 8 * 511), FX_GVA_DATA);
	assert_int_equal(*fx_word(fx, fx_epte(FX_GPA_LOG, 1)) & FX_EPT_AD, FX_EPT_AD);
	assert_int_equal(*fx_word(fx, fx_pml_entry(511)), FX_GPA_LOG);
	assert_int_equal(*fx_word(fx, fx_pml_entry(510)), FX_GPA_DATA);
	assert_int_equal(fx->events[2].access, EPML_ACCESS_WRITE | EPML_ACCESS_LOG);
	/* its flags are set now: only the data page is new */
	fx_expect_entries(fx, FX_GVA_DATA2, 1);
	assert_int_equal(fx->cpu.v.pml_index, 508);
}

/* GPML-ADDR-3 without accessed and dirty flags for EPT: still checked. */
static void log_page_without_ad(void **state)
{
	struct fixture *fx = *state;

	fx->cpu.v.eptp &= ~EPML_EPTP_AD;
	fx_ept_change(fx, FX_GPA_LOG, 1, EPML_EPT_WRITE, 0);
	fx_expect_write_exits(fx, FX_GVA_DATA, EPML_REASON_EPT_VIOLATION,
		    EPML_QUAL_EPT_WRITE | 5 << EPML_QUAL_EPT_PERM_SHIFT);
	fx_expect_exit_addresses(fx, true, FX_GPA_LOG + 8 * 511, false, 0);
}

/* GPML-ADDR-4: an exit before the access, never #VE; no linear address, whatever the access. */
static void log_page_refused(void **state)
{
	struct fixture *fx = *state;

	for (int trigger = 0; trigger < 2; trigger++) {
		fx->cpu.params.trigger = trigger;
		fx_set_ve(fx, trigger);
		fx->cpu.v.gpml_index = 5;
		fx_ept_change(fx, FX_GPA_LOG, 1, FX_EPT_RWX, EPML_EPT_READ);
		fx_expect_write_exits(fx, FX_GVA_DATA, EPML_REASON_EPT_VIOLATION,
			    EPML_QUAL_EPT_WRITE | 1 << EPML_QUAL_EPT_PERM_SHIFT);
		fx_expect_exit_addresses(fx, true, FX_GPA_LOG + 8 * 5, false, 0);
		fx_ept_change(fx, FX_GPA_LOG, 1, EPML_EPT_READ, EPML_EPT_WRITE);
		fx_expect_write_exits(fx, FX_GVA_DATA, EPML_REASON_EPT_MISCONFIGURATION, 0);
		fx_expect_exit_addresses(fx, true, FX_GPA_LOG + 8 * 5, false, 0);
	}
}

/* GPML-ADDR-4, EPT-QUAL-5: circumstances of the access are those of its log write. */
static void log_page_circumstances(void **state)
{
	struct fixture *fx = *state;
	uint64_t hpa;

	assert_int_equal(fx_access(fx, FX_GVA_DATA2, FX_WRITE | EPML_ACCESS_IN_EVENT, &hpa),
			 EPML_OK);
	assert_int_equal(fx->events[0].access,
			 EPML_ACCESS_WRITE | EPML_ACCESS_LOG | EPML_ACCESS_IN_EVENT);
	fx_ept_change(fx, FX_GPA_LOG, 1, FX_EPT_RWX, 0);
	assert_int_equal(fx_access(fx, FX_GVA_DATA, FX_WRITE | EPML_ACCESS_NMI_IRET, &hpa),
			 EPML_VMEXIT);
	fx_expect_exit(fx, EPML_REASON_EPT_VIOLATION,
		       EPML_QUAL_EPT_WRITE | EPML_QUAL_NMI_UNBLOCKING);
}

/* GPML-ADDR-4: a log page that is not needed disturbs nothing. GPML-FULL-1: nor does a lost one. */
static void log_page_not_needed(void **state)
{
	struct fixture *fx = *state;
	uint64_t hpa;

	*fx_word(fx, fx_epte(FX_GPA_LOG, 1)) = 0;
	assert_int_equal(fx_access(fx, FX_GVA_DATA, FX_READ, &hpa), EPML_OK);
	fx_pte_change(fx, FX_GVA_DATA, 1, 0, EPML_PTE_DIRTY);
	fx_expect_entries(fx, FX_GVA_DATA, 0);
	fx->cpu.params.full = EPML_FULL_DROP;
	fx->cpu.v.gpml_index = EPML_LOG_FULL_INDEX;
	fx_expect_entries(fx, FX_GVA_DATA2, 0);
}

/* GPML-ADDR-5, with the trigger that the log page's own dirty flag in EPT could pull. */
static void log_page_not_logged(void **state)
{
	struct fixture *fx = *state;

	fx->cpu.params.trigger = EPML_TRIGGER_EPT_DIRTY;
	fx->cpu.params.walk_writes = EPML_WALKS_LOGGED;
	fx_ept_change(fx, FX_GPA_LOG, 1, FX_EPT_AD, 0);
	fx_expect_entries(fx, FX_GVA_DATA, 1);
	assert_int_equal(*fx_word(fx, fx_log_entry(511)), FX_GVA_DATA);
}

/* Map the guest's log page at FX_GVA_DATA, and let the write be one to the log itself. */
static void map_log_page(struct fixture *fx)
{
	*fx_word(fx, fx_pte(FX_GVA_DATA, 1)) = FX_GPA_LOG | EPML_PTE_PRESENT | EPML_PTE_WRITE |
					       EPML_PTE_USER;
	fx_ept_change(fx, FX_GPA_LOG, 1, FX_EPT_AD, 0);
}

/* PML-LOG-1, PML-LOG-4: one dirty flag, set by the log write; so one entry, not two. */
static void write_to_log_page(void **state)
{
	struct fixture *fx = *state;

	for (int trigger = 0; trigger < 2; trigger++) {
		fx->cpu.params.trigger = trigger;
		map_log_page(fx);
		fx_expect_entries(fx, FX_GVA_DATA, 1);
		assert_int_equal(fx->then.pml_index - fx->cpu.v.pml_index, 1);
		assert_int_equal(fx->events[0].type, EPML_EV_PML);
		assert_int_equal(fx->events[1].type, EPML_EV_EPT_FLAGS);
		assert_int_equal(fx->events[2].type, EPML_EV_WALK);
		assert_int_equal(fx->events[3].type, EPML_EV_WALK);
	}
}

/* PML-FULL-2: with one free entry, which the log write takes, the write itself needs none. */
static void write_to_log_page_one_slot(void **state)
{
	struct fixture *fx = *state;

	map_log_page(fx);
	fx->cpu.v.pml_index = 0;
	fx_expect_entries(fx, FX_GVA_DATA, 1);
	assert_int_equal(fx->cpu.v.pml_index, EPML_LOG_FULL_INDEX);
}

/* EPT-AD-1: accessed flags that the log write has set are not set once more. */
static void shared_upper_entries(void **state)
{
	struct fixture *fx = *state;
	unsigned flags = 0;

	for (unsigned level = 2; level <= 4; level++)
		fx_ept_change(fx, 0, level, EPML_EPT_ACCESSED, 0);
	fx_expect_entries(fx, FX_GVA_DATA, 1);
	for (unsigned i = 0; i < fx->n_events; i++)
		flags += fx->events[i].type == EPML_EV_EPT_FLAGS;
	assert_int_equal(flags, 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		fx_test(entry), fx_test(all_entries), fx_test(control_off), fx_test(pml_off),
		fx_test(trigger_ept_dirty), fx_test(trigger_guest_dirty),
		fx_test(trigger_without_ad), fx_test(trigger_not_by_read),
		fx_test(rearmed_by_guest), fx_test(large_guest_pages), fx_test(physical_accesses),
		fx_test(page_walks), fx_test(log_page_at_vmwrite), fx_test(log_page_at_log),
		fx_test(log_page_without_ad), fx_test(log_page_refused),
		fx_test(log_page_circumstances), fx_test(log_page_not_needed),
		fx_test(log_page_not_logged), fx_test(write_to_log_page),
		fx_test(write_to_log_page_one_slot), fx_test(shared_upper_entries),
	};

	return cmocka_run_group_tests_name("gpml", tests, NULL, NULL);
}
