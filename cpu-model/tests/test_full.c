/* SPDX-License-Identifier: BSD-2-Clause */
/* The guest's log when it is full, the order of faults and log-full events, the notification. */
#include "fixture.h"

#define GUEST_FULL_Q	EPML_QUAL_PML_GUEST_LOG

/* ---- Full --------------------------------------------------------------------------------- */

/* GPML-FULL-2: every index above 511. */
static void full_exit(void **state)
{
	static const uint16_t indices[] = { 512, 0x7FFF, 0x8000, 0xFFFE, 0xFFFF };
	struct fixture *fx = *state;

	for (unsigned i = 0; i < sizeof(indices) / sizeof(indices[0]); i++) {
		fx->cpu.v.gpml_index = indices[i];
		fx_expect_write_exits(fx, FX_GVA_DATA + 9, EPML_REASON_PML_FULL, GUEST_FULL_Q);
		fx_expect_exit_addresses(fx, true, FX_GPA_DATA + 9, true, FX_GVA_DATA + 9);
	}
	fx->cpu.v.gpml_index = 511;
	fx_expect_entries(fx, FX_GVA_DATA, 1);
}

/* GPML-FULL-2 with PML-FULL-3's bit 12; and option exit ignores that #VE could be had. */
static void full_exit_qualification(void **state)
{
	struct fixture *fx = *state;
	uint64_t hpa;

	fx_set_ve(fx, true);
	fx->cpu.v.gpml_index = EPML_LOG_FULL_INDEX;
	assert_int_equal(fx_access(fx, FX_GVA_DATA, FX_WRITE | EPML_ACCESS_NMI_IRET, &hpa),
			 EPML_VMEXIT);
	fx_expect_exit(fx, EPML_REASON_PML_FULL, GUEST_FULL_Q | EPML_QUAL_NMI_UNBLOCKING);
	fx_expect_write_exits(fx, FX_GVA_DATA, EPML_REASON_PML_FULL, GUEST_FULL_Q);
}

/* GPML-FULL-2: a page walk that needs an entry, with its own guest-physical address. */
static void full_exit_walk(void **state)
{
	struct fixture *fx = *state;
	uint64_t hpa;

	fx->cpu.params.trigger = EPML_TRIGGER_EPT_DIRTY;
	fx->cpu.params.walk_writes = EPML_WALKS_LOGGED;
	fx->cpu.v.gpml_index = EPML_LOG_FULL_INDEX;
	fx_ept_change(fx, FX_GPA_PT, 1, FX_EPT_AD, 0);
	fx_save(fx);
	assert_int_equal(fx_physical(fx, FX_GPA_PT + 64, FX_WALK, &hpa), EPML_VMEXIT);
	fx_expect_exit(fx, EPML_REASON_PML_FULL, GUEST_FULL_Q);
	fx_expect_exit_addresses(fx, true, FX_GPA_PT + 64, true, FX_GVA_DATA);
	fx_expect_unchanged(fx);
}

static struct fixture *full_with_ve(void **state)
{
	struct fixture *fx = *state;

	fx_set_ve(fx, true);
	fx->cpu.params.full = EPML_FULL_VE;
	fx->cpu.v.gpml_index = EPML_LOG_FULL_INDEX;
	return fx;
}

/* GPML-FULL-3: nothing changes but the information area. */
static void full_ve(void **state)
{
	struct fixture *fx = full_with_ve(state);
	const uint64_t area = FX_VE_INFO;

	assert_int_equal(fx_write(fx, FX_GVA_DATA + 9), EPML_VE);
	assert_int_equal(*fx_word(fx, area), 0xFFFFFFFF00000000 | EPML_REASON_PML_FULL);
	assert_int_equal(*fx_word(fx, area + 8), GUEST_FULL_Q);
	assert_int_equal(*fx_word(fx, area + 16), FX_GVA_DATA + 9);
	assert_int_equal(*fx_word(fx, area + 24), FX_GPA_DATA + 9);
	assert_int_equal(*fx_word(fx, area + 32), 0x0123);
	FX_CHANGED(fx, area, area + 8, area + 16, area + 24, area + 32);
	fx_expect_state(&fx->cpu.v, &fx->then);
	FX_EVENTS_ARE(fx, EPML_EV_VE);
}

/* GPML-FULL-4: each condition alone makes it the VM exit. */
static void full_ve_impossible(void **state)
{
	struct fixture *fx = full_with_ve(state);
	uint64_t hpa;

	fx_save(fx);
	assert_int_equal(fx_access(fx, FX_GVA_DATA, FX_WRITE | EPML_ACCESS_NO_PE, &hpa),
			 EPML_VMEXIT);
	assert_int_equal(fx_access(fx, FX_GVA_DATA, FX_WRITE | EPML_ACCESS_IN_EVENT, &hpa),
			 EPML_VMEXIT);
	fx_expect_unchanged(fx);
	*fx_word(fx, FX_VE_INFO) = 1ull << 32;
	fx_expect_write_exits(fx, FX_GVA_DATA, EPML_REASON_PML_FULL, GUEST_FULL_Q);
	*fx_word(fx, FX_VE_INFO) = 0;
	fx_set_ve(fx, false);
	fx_expect_write_exits(fx, FX_GVA_DATA, EPML_REASON_PML_FULL, GUEST_FULL_Q);
}

/* GPML-FULL-3: bit 63 of EPT entries is about EPT violations. */
static void full_ve_not_suppressed(void **state)
{
	struct fixture *fx = full_with_ve(state);

	fx_ept_change(fx, FX_GPA_DATA, 1, 0, EPML_EPT_SUPPRESS_VE);
	assert_int_equal(fx_write(fx, FX_GVA_DATA), EPML_VE);
}

/* GPML-FULL-1: the access completes, the entry is lost, the index stays, each loss notifies. */
static void full_drop(void **state)
{
	struct fixture *fx = *state;

	fx->cpu.params.full = EPML_FULL_DROP;
	fx->cpu.v.gpml_index = 0x8000;
	assert_int_equal(fx_write(fx, FX_GVA_DATA + 9), EPML_OK);
	FX_CHANGED(fx, fx_pml_entry(511), fx_epte(FX_GPA_DATA, 1), fx_pte(FX_GVA_DATA, 1));
	assert_int_equal(fx->cpu.v.gpml_index, 0x8000);
	FX_EVENTS_ARE(fx, EPML_EV_PML, EPML_EV_EPT_FLAGS, EPML_EV_WALK, EPML_EV_PTE_FLAGS,
		      EPML_EV_GPML_DROP, EPML_EV_NOTIFY);
	assert_int_equal(fx->events[4].gva, FX_GVA_DATA);
	assert_int_equal(fx->n_ipis, 1);
	assert_int_equal(fx_write(fx, FX_GVA_DATA2), EPML_OK);
	assert_int_equal(fx->n_ipis, 1);
}

/* GPML-FULL-5 */
static void full_not_needed(void **state)
{
	struct fixture *fx = *state;
	uint64_t hpa;

	fx->cpu.v.gpml_index = EPML_LOG_FULL_INDEX;
	for (int full = 0; full < 3; full++) {
		fx->cpu.params.full = full;
		assert_int_equal(fx_access(fx, FX_GVA_DATA, FX_READ, &hpa), EPML_OK);
		fx_pte_change(fx, FX_GVA_DATA2, 1, 0, EPML_PTE_DIRTY);
		assert_int_equal(fx_write(fx, FX_GVA_DATA2), EPML_OK);
		assert_int_equal(fx->n_ipis, 0);
	}
}

/* ---- Order -------------------------------------------------------------------------------- */

/* GPML-ORDER-1, GPML-ORDER-2, GPML-ORDER-3: one after the other is put right. */
static void order(void **state)
{
	struct fixture *fx = *state;

	fx->cpu.v.pml_index = fx->cpu.v.gpml_index = EPML_LOG_FULL_INDEX;
	fx_ept_change(fx, FX_GPA_LOG, 1, FX_EPT_RWX, 0);
	fx_ept_change(fx, FX_GPA_PT, 1, EPML_EPT_WRITE, 0);
	fx_ept_change(fx, FX_GPA_DATA, 1, FX_EPT_RWX, 0);
	fx_expect_write_exits(fx, FX_GVA_DATA, EPML_REASON_EPT_VIOLATION, 0x3 | 0x28 | 0x80);
	fx_ept_change(fx, FX_GPA_PT, 1, 0, EPML_EPT_WRITE);
	fx_expect_write_exits(fx, FX_GVA_DATA, EPML_REASON_EPT_VIOLATION, 0x2 | 0x180);
	fx_ept_change(fx, FX_GPA_DATA, 1, 0, FX_EPT_RWX);
	fx_expect_write_exits(fx, FX_GVA_DATA, EPML_REASON_PML_FULL, GUEST_FULL_Q);
	fx->cpu.v.gpml_index = 511;
	fx_expect_write_exits(fx, FX_GVA_DATA, EPML_REASON_EPT_VIOLATION, 0x2);
	fx_ept_change(fx, FX_GPA_LOG, 1, 0, FX_EPT_RWX);
	fx_expect_write_exits(fx, FX_GVA_DATA, EPML_REASON_PML_FULL, 0);
	fx->cpu.v.pml_index = 511;
	fx_expect_entries(fx, FX_GVA_DATA, 1);
	fx_expect_entries(fx, FX_GVA_DATA, 0);	/* PML-RESTART-1 */
	assert_int_equal(fx->cpu.v.pml_index, 510);
}

/* GPML-ORDER-3 with option drop: nothing is lost before the access can complete. */
static void order_drop(void **state)
{
	struct fixture *fx = *state;

	fx->cpu.params.full = EPML_FULL_DROP;
	fx->cpu.v.pml_index = fx->cpu.v.gpml_index = EPML_LOG_FULL_INDEX;
	fx_expect_write_exits(fx, FX_GVA_DATA, EPML_REASON_PML_FULL, 0);
}

/*
 * GPML-ADDR-3, GPML-ORDER-3: the log write is an access of its own, before the access that it
 * reports. With one free entry in the hypervisor's log it takes that one, and stays done.
 */
static void order_one_slot(void **state)
{
	struct fixture *fx = *state;

	fx_ept_change(fx, FX_GPA_LOG, 1, FX_EPT_AD, 0);
	fx->cpu.v.pml_index = 0;
	assert_int_equal(fx_write(fx, FX_GVA_DATA), EPML_VMEXIT);
	fx_expect_exit(fx, EPML_REASON_PML_FULL, 0);
	FX_CHANGED(fx, fx_epte(FX_GPA_LOG, 1), fx_pml_entry(0));
	assert_int_equal(*fx_word(fx, fx_pml_entry(0)), FX_GPA_LOG);
	assert_int_equal(fx->cpu.v.gpml_index, 511);
	fx->cpu.v.pml_index = 511;
	fx_expect_entries(fx, FX_GVA_DATA, 1);
	assert_int_equal(fx->cpu.v.pml_index, 510);
}

/* ---- Notification ------------------------------------------------------------------------- */

/* One entry at @index; is the notification posted? */
static void check_notification(struct fixture *fx, uint16_t index, uint16_t threshold,
			       unsigned posted)
{
	fx_pte_change(fx, FX_GVA_DATA, 1, FX_PTE_AD, 0);
	fx->cpu.v.gpml_index = index;
	fx->cpu.v.gpml_threshold = threshold;
	fx_expect_entries(fx, FX_GVA_DATA, 1);
	assert_int_equal(fx->n_ipis, posted);
	assert_int_equal(fx->events[fx->n_events - 1].type,
			 posted ? EPML_EV_NOTIFY : EPML_EV_GPML);
	if (posted) {					/* NOTIFY-3, NOTIFY-5 */
		assert_int_equal(fx->ipis[0], FX_VECTOR);
		assert_int_equal(fx->events[fx->n_events - 1].vector, FX_VECTOR);
		assert_int_equal(fx->ipi_index[0], (uint16_t)(index - 1));
	}
}

/* NOTIFY-1 */
static void notify_when_full(void **state)
{
	struct fixture *fx = *state;

	fx->cpu.params.notification = EPML_NOTIFY_WHEN_FULL;
	check_notification(fx, 511, 510, 0);
	check_notification(fx, 101, 100, 0);
	check_notification(fx, 1, 0, 0);
	check_notification(fx, 0, 0, 1);
	check_notification(fx, 0, 0xFFFF, 1);
}

/* NOTIFY-2 */
static void notify_threshold(void **state)
{
	struct fixture *fx = *state;

	check_notification(fx, 511, 510, 1);
	check_notification(fx, 102, 100, 0);
	check_notification(fx, 101, 100, 1);
	check_notification(fx, 100, 100, 0);
	check_notification(fx, 99, 100, 0);
	check_notification(fx, 1, 0, 1);
	check_notification(fx, 0, 0, 0);
	check_notification(fx, 0, 0xFFFF, 1);
	check_notification(fx, 1, 0xFFFF, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		fx_test(full_exit), fx_test(full_exit_qualification), fx_test(full_exit_walk),
		fx_test(full_ve), fx_test(full_ve_impossible), fx_test(full_ve_not_suppressed),
		fx_test(full_drop), fx_test(full_not_needed), fx_test(order), fx_test(order_drop),
		fx_test(order_one_slot), fx_test(notify_when_full), fx_test(notify_threshold),
	};

	return cmocka_run_group_tests_name("full", tests, NULL, NULL);
}
