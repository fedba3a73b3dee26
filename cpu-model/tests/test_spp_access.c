/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sub-page write permissions: who is asked about an access, what comes first, and what a denied and
 * a granted write do. SDM 3C, "Sub-page write permissions".
 */
#include "spp_fixture.h"

/* ---- Eligibility -------------------------------------------------------------------------- */

/* The access does not see the SPPT, in which all is writable: an EPT violation. */
static void expect_not_eligible(struct fixture *fx, unsigned flags)
{
	uint64_t hpa;

	fx_save(fx);
	assert_int_equal(fx_physical(fx, FX_GPA_DATA + 0x18, flags, &hpa), EPML_VMEXIT);
	assert_int_equal(fx->cpu.exit.reason, EPML_REASON_EPT_VIOLATION);
	fx_expect_unchanged(fx);
}

/* SPP-ELIG-1, SPP-ELIG-2 */
static void eligible_accesses(void **state)
{
	static const unsigned others[] = {
		EPML_ACCESS_WRITE, EPML_ACCESS_WRITE | EPML_ACCESS_LOG, FX_WALK,
		FX_WALK | EPML_ACCESS_WRITE, FX_WRITE | EPML_ACCESS_WALK };
	static const unsigned circumstances[] = {
		EPML_ACCESS_READ, EPML_ACCESS_IN_EVENT, EPML_ACCESS_NMI_IRET, EPML_ACCESS_NO_PE };
	struct fixture *fx = *state;
	uint64_t hpa;

	fx_set_spp(fx, ALL_WRITABLE);
	expect_granted(fx);
	for (unsigned i = 0; i < N(circumstances); i++)
		assert_int_equal(fx_physical(fx, FX_GPA_DATA, FX_WRITE | circumstances[i], &hpa),
				 EPML_OK);
	for (unsigned i = 0; i < N(others); i++)
		expect_not_eligible(fx, others[i]);
}

/* SPP-ELIG-2: reads and fetches do not see the SPPT, whether EPT allows them or not. */
static void reads_and_fetches(void **state)
{
	struct fixture *fx = *state;
	uint64_t hpa;

	fx_set_spp(fx, ~0ull);
	assert_int_equal(fx_physical(fx, FX_GPA_DATA, FX_READ, &hpa), EPML_OK);
	assert_int_equal(fx_physical(fx, FX_GPA_DATA, FX_FETCH, &hpa), EPML_OK);
	assert_false(fx->cpu.spp.limited);
	fx_ept_change(fx, FX_GPA_DATA, 1, EPML_EPT_EXECUTE, 0);
	expect_not_eligible(fx, FX_FETCH);
	fx_ept_change(fx, FX_GPA_DATA, 1, EPML_EPT_READ, EPML_EPT_EXECUTE);
	expect_not_eligible(fx, FX_READ);
}

/* SPP-ELIG-4; SPP-TLB-1: what has been written may not be read for it */
static void execute_only_page(void **state)
{
	struct fixture *fx = *state;
	uint64_t hpa;

	fx_set_spp(fx, ALL_WRITABLE);
	expect_granted(fx);
	assert_false(fx->cpu.spp.write_only);
	fx_ept_change(fx, FX_GPA_DATA, 1, EPML_EPT_READ, EPML_EPT_EXECUTE);
	expect_granted(fx);
	assert_true(fx->cpu.spp.write_only);
	expect_not_eligible(fx, FX_WRITE | EPML_ACCESS_READ);
	expect_not_eligible(fx, FX_READ);
	assert_int_equal(fx_physical(fx, FX_GPA_DATA, FX_FETCH, &hpa), EPML_OK);
	assert_false(fx->cpu.spp.write_only);
}

/* SPP-ELIG-1: bit 1 of each upper entry; SPP-ORDER-1 */
static void upper_write_permission(void **state)
{
	struct fixture *fx = *state;

	fx_set_spp(fx, ALL_WRITABLE);
	for (unsigned level = 2; level <= 4; level++) {
		fx_ept_change(fx, FX_GPA_DATA, level, EPML_EPT_WRITE, 0);
		expect_denied(fx);
		fx_ept_change(fx, FX_GPA_DATA, level, 0, EPML_EPT_WRITE | EPML_EPT_SPP);
		expect_granted(fx);
	}
}

/* SPP-ELIG-1: all values of bits 2:0, and bit 61, of the entry that maps the page. */
static void leaf_permissions(void **state)
{
	struct fixture *fx = *state;

	fx_set_spp(fx, ALL_WRITABLE);
	for (unsigned rwx = 0; rwx < 8; rwx++) {
		uint64_t q = (EPML_QUAL_EPT_WRITE | LINEAR) | rwx << EPML_QUAL_EPT_PERM_SHIFT;
		uint64_t hpa;

		fx_ept_change(fx, FX_GPA_DATA, 1, FX_EPT_RWX, rwx);
		if ((rwx & 3) == EPML_EPT_WRITE) {
			expect_exit(fx, FX_WRITE, EPML_REASON_EPT_MISCONFIGURATION, 0);
		} else if (rwx & EPML_EPT_WRITE) {		/* SPP-ELIG-3 */
			assert_int_equal(fx_physical(fx, FX_GPA_DATA, FX_WRITE, &hpa), EPML_OK);
			assert_false(fx->cpu.spp.limited);
		} else if (rwx) {
			expect_granted(fx);
			fx_ept_change(fx, FX_GPA_DATA, 1, EPML_EPT_SPP, 0);
			expect_exit(fx, FX_WRITE, EPML_REASON_EPT_VIOLATION, q);
			fx_ept_change(fx, FX_GPA_DATA, 1, 0, EPML_EPT_SPP);
		} else {
			expect_exit(fx, FX_WRITE, EPML_REASON_EPT_VIOLATION, q);
		}
	}
}

/* SPP-ELIG-3: in an entry that maps a larger page bit 61 is ignored. */
static void large_pages(void **state)
{
	struct fixture *fx = *state;
	const uint64_t large = EPML_EPT_LARGE | EPML_EPT_SPP |
			       EPML_MEMTYPE_WB << EPML_EPT_MEMTYPE_SHIFT;

	fx_set_spp(fx, ALL_WRITABLE);
	for (unsigned level = 2; level <= 3; level++) {
		uint64_t *entry = fx_word(fx, fx_epte(FX_GPA_DATA, level)), old = *entry, hpa;

		*entry = large | RX;
		expect_denied(fx);
		*entry = large | FX_EPT_RWX;
		assert_int_equal(fx_physical(fx, FX_GPA_DATA, FX_WRITE, &hpa), EPML_OK);
		assert_false(fx->cpu.spp.limited);
		*entry = old;
	}
}

/* SPP-ELIG-3: with the control 0 bit 61 is ignored, and there need be no SPPT. */
static void control_off(void **state)
{
	struct fixture *fx = *state;

	fx_set_spp(fx, ALL_WRITABLE);
	fx->cpu.v.proc2 &= ~EPML_PROC2_SUB_PAGE_WRITE;
	fx->cpu.v.spptp = 0x7000000;	/* where no memory is */
	expect_denied(fx);
	fx_ept_change(fx, FX_GPA_DATA, 1, 0, EPML_EPT_WRITE);
	assert_int_equal(write_to(fx, 0, 8), EPML_OK);
	assert_false(fx->cpu.spp.limited);
}

/* SPP-ORDER-1: an EPT misconfiguration comes first. */
static void ept_first(void **state)
{
	struct fixture *fx = *state;

	fx_set_spp(fx, ~0ull);
	fx_ept_change(fx, FX_GPA_DATA, 1, 0, 7 << EPML_EPT_MEMTYPE_SHIFT);
	expect_exit(fx, FX_WRITE, EPML_REASON_EPT_MISCONFIGURATION, 0);
}

/* SPP-ELIG-2: the guest's own tables. Setting a flag in them is not a data write. */
static void guest_tables(void **state)
{
	struct fixture *fx = *state;

	fx->cpu.v.proc2 |= EPML_PROC2_SUB_PAGE_WRITE;
	fx_ept_change(fx, FX_GPA_PT, 1, EPML_EPT_WRITE, EPML_EPT_SPP);
	*fx_word(fx, fx_sppte(FX_GPA_PT, 1)) = ALL_WRITABLE;
	assert_int_equal(write_to(fx, 0, 8), EPML_VMEXIT);
	fx_expect_exit(fx, EPML_REASON_EPT_VIOLATION, EPML_QUAL_EPT_READ | EPML_QUAL_EPT_WRITE |
		       RX << EPML_QUAL_EPT_PERM_SHIFT | EPML_QUAL_EPT_LINEAR);
	fx_expect_unchanged(fx);
}

/* SPP-ELIG-2: the entry of the guest's log is no access by a linear address. */
static void log_page(void **state)
{
	struct fixture *fx = *state;

	fx->cpu.v.proc2 |= EPML_PROC2_SUB_PAGE_WRITE;
	fx_ept_change(fx, FX_GPA_LOG, 1, EPML_EPT_WRITE, EPML_EPT_SPP);
	*fx_word(fx, fx_sppte(FX_GPA_LOG, 1)) = ALL_WRITABLE;
	assert_int_equal(write_to(fx, 0, 8), EPML_VMEXIT);
	fx_expect_exit(fx, EPML_REASON_EPT_VIOLATION,
		       EPML_QUAL_EPT_WRITE | RX << EPML_QUAL_EPT_PERM_SHIFT);
	fx_expect_exit_addresses(fx, true, FX_GPA_LOG + 8 * 511, false, 0);
	fx_expect_unchanged(fx);
}

/* ---- Denial ------------------------------------------------------------------------------- */

static enum epml_result denied_with(struct fixture *fx, unsigned flags)
{
	uint64_t hpa;
	enum epml_result r;

	fx_save(fx);
	r = fx_physical(fx, FX_GPA_DATA + 0x80, FX_WRITE | flags, &hpa);
	fx_expect_exit(fx, EPML_REASON_EPT_VIOLATION,
		       DENIED | (flags & EPML_ACCESS_NMI_IRET ? EPML_QUAL_NMI_UNBLOCKING : 0));
	*fx_word(fx, FX_VE_INFO) = 0;
	return r;
}

/* SPP-DENY-1: converted to #VE as any EPT violation; SPP-EXIT-1: what is no EPT violation is not */
static void virtualization_exceptions(void **state)
{
	struct fixture *fx = *state;

	fx_set_spp(fx, 1);
	assert_int_equal(denied_with(fx, 0), EPML_VMEXIT);
	fx_set_ve(fx, true);
	assert_int_equal(denied_with(fx, 0), EPML_VE);
	assert_int_equal(denied_with(fx, EPML_ACCESS_NMI_IRET), EPML_VE);
	assert_int_equal(denied_with(fx, EPML_ACCESS_IN_EVENT), EPML_VMEXIT);
	assert_int_equal(denied_with(fx, EPML_ACCESS_NO_PE), EPML_VMEXIT);
	fx_ept_change(fx, FX_GPA_DATA, 1, 0, EPML_EPT_SUPPRESS_VE);
	assert_int_equal(denied_with(fx, 0), EPML_VMEXIT);
	fx_ept_change(fx, FX_GPA_DATA, 1, EPML_EPT_SUPPRESS_VE, 0);
	fx_set_spp(fx, 2);
	expect_misconfiguration(fx);
	*fx_word(fx, fx_sppte(FX_GPA_DATA, 2)) = 0;
	expect_miss(fx);
}

/* ---- Grant and the logs ------------------------------------------------------------------- */

/* SPP-GRANT-1: flags, both logs, and the trace in its order. */
static void grant(void **state)
{
	struct fixture *fx = *state;

	fx_set_spp(fx, 0x4000000000000005);
	assert_int_equal(write_to(fx, 0x80, 64), EPML_OK);
	FX_CHANGED(fx, fx_epte(FX_GPA_DATA, 1), fx_pte(FX_GVA_DATA, 1), fx_pml_entry(511),
		   fx_log_entry(511));
	assert_int_equal(*fx_word(fx, fx_pml_entry(511)), FX_GPA_DATA);
	assert_int_equal(*fx_word(fx, fx_log_entry(511)), FX_GVA_DATA);
	assert_int_equal(*fx_word(fx, fx_epte(FX_GPA_DATA, 1)) & FX_EPT_AD, FX_EPT_AD);
	FX_EVENTS_ARE(fx, EPML_EV_WALK, EPML_EV_PML, EPML_EV_EPT_FLAGS, EPML_EV_SPP, EPML_EV_WALK,
		      EPML_EV_PTE_FLAGS, EPML_EV_GPML);
	assert_int_equal(fx->events[3].gpa, FX_GPA_DATA + 0x80);
	assert_int_equal(fx->events[3].value, 0x80000003);
	assert_int_equal(fx->cpu.spp.writable, 0x80000003);
}

/* The flag is there already: nothing changes, and the permissions are found anew. */
static void grant_again(void **state)
{
	struct fixture *fx = *state;

	fx_set_spp(fx, 1);
	assert_int_equal(write_to(fx, 0, 8), EPML_OK);
	fx_set_spp(fx, 5);
	assert_int_equal(write_to(fx, 0, 8), EPML_OK);
	fx_expect_unchanged(fx);
	FX_EVENTS_ARE(fx, EPML_EV_SPP, EPML_EV_WALK);
	assert_int_equal(fx->cpu.spp.writable, 3);
}

/* Without accessed and dirty flags for EPT only the guest's own dirty flag is left to log. */
static void grant_without_flags(void **state)
{
	struct fixture *fx = *state;

	fx->cpu.v.eptp &= ~EPML_EPTP_AD;
	fx_set_spp(fx, 1);
	assert_int_equal(write_to(fx, 0, 8), EPML_OK);
	FX_CHANGED(fx, fx_pte(FX_GVA_DATA, 1), fx_log_entry(511));
	assert_int_equal(write_to(fx, 0x80, 8), EPML_VMEXIT);
}

/* SPP-ORDER-1: full logs show only when the write is granted. */
static void full_logs(void **state)
{
	struct fixture *fx = *state;

	fx->cpu.v.pml_index = EPML_LOG_FULL_INDEX;
	fx_set_spp(fx, 0);
	for (unsigned both = 0; both < 2; both++) {
		expect_denied(fx);
		fx_set_spp(fx, 2);
		expect_misconfiguration(fx);
		fx_set_spp(fx, 1);
		assert_int_equal(write_to(fx, 0, 8), EPML_VMEXIT);
		fx_expect_exit(fx, EPML_REASON_PML_FULL, both ? EPML_QUAL_PML_GUEST_LOG : 0);
		fx_set_spp(fx, 0);
		fx->cpu.v.gpml_index = EPML_LOG_FULL_INDEX;
	}
}

/* SPP-TLB-1: what may be cached is that of the last access, not of one before it. */
static void cacheable(void **state)
{
	struct fixture *fx = *state;
	uint64_t hpa;

	fx_set_spp(fx, ALL_WRITABLE);
	assert_int_equal(write_to(fx, 0, 8), EPML_OK);
	assert_true(fx->cpu.spp.limited);
	assert_int_equal(fx->cpu.spp.writable, 0xFFFFFFFF);
	assert_int_equal(fx_access(fx, FX_GVA_DATA2, FX_WRITE, &hpa), EPML_OK);
	assert_false(fx->cpu.spp.limited);
	assert_int_equal(fx->cpu.spp.writable, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		fx_test(eligible_accesses), fx_test(reads_and_fetches), fx_test(execute_only_page),
		fx_test(upper_write_permission), fx_test(leaf_permissions), fx_test(large_pages),
		fx_test(control_off), fx_test(ept_first), fx_test(guest_tables), fx_test(log_page),
		fx_test(virtualization_exceptions),
		fx_test(grant), fx_test(grant_again), fx_test(grant_without_flags),
		fx_test(full_logs), fx_test(cacheable),
	};

	return cmocka_run_group_tests_name("spp access", tests, NULL, NULL);
}
