/* SPDX-License-Identifier: BSD-2-Clause */
/* Virtualization exceptions: when an EPT violation becomes one, and the information area. */
#include "fixture.h"

#define VIOLATION_Q	(EPML_QUAL_EPT_WRITE | 5 << EPML_QUAL_EPT_PERM_SHIFT | \
			 EPML_QUAL_EPT_LINEAR | EPML_QUAL_EPT_TRANSLATION)

/* A write to a page that EPT makes read-only, with #VE on. */
static struct fixture *prepare(void **state)
{
	struct fixture *fx = *state;

	fx_set_ve(fx, true);
	fx_ept_change(fx, FX_GPA_DATA, 1, EPML_EPT_WRITE, 0);
	return fx;
}

static void expect_ve(struct fixture *fx, unsigned flags)
{
	uint64_t hpa;

	fx_save(fx);
	assert_int_equal(fx_physical(fx, FX_GPA_DATA + 8, flags, &hpa), EPML_VE);
	assert_int_equal(*fx_word(fx, FX_VE_INFO) >> 32, 0xFFFFFFFF);
	*fx_word(fx, FX_VE_INFO) = 0;
}

static void expect_exit(struct fixture *fx, unsigned flags)
{
	uint64_t hpa;

	fx_save(fx);
	assert_int_equal(fx_physical(fx, FX_GPA_DATA + 8, flags, &hpa), EPML_VMEXIT);
	assert_int_equal(fx->cpu.exit.reason, EPML_REASON_EPT_VIOLATION);
	fx_expect_unchanged(fx);
	FX_EVENTS_ARE(fx, EPML_EV_EXIT);
}

/* EPT-VE-1: the area is that of the VMCS, all of it and nothing behind it. EPT-VE-2 */
static void information_area(void **state)
{
	struct fixture *fx = prepare(state);
	const uint64_t area = FX_VE_INFO;
	uint64_t hpa;

	for (unsigned offset = 8; offset < 48; offset += 8)
		*fx_word(fx, area + offset) = 0x5A5A5A5A5A5A5A5A;
	*fx_word(fx, area) = 0x5A5A5A5A;
	fx_save(fx);
	assert_int_equal(fx_physical(fx, FX_GPA_DATA + 8, FX_WRITE, &hpa), EPML_VE);
	assert_int_equal(*fx_word(fx, area), 0xFFFFFFFF00000000 | EPML_REASON_EPT_VIOLATION);
	assert_int_equal(*fx_word(fx, area + 8), VIOLATION_Q);
	assert_int_equal(*fx_word(fx, area + 16), FX_GVA_DATA);
	assert_int_equal(*fx_word(fx, area + 24), FX_GPA_DATA + 8);
	assert_int_equal(*fx_word(fx, area + 32), 0x5A5A5A5A5A5A0123);
	FX_CHANGED(fx, area, area + 8, area + 16, area + 24, area + 32);
	fx_expect_state(&fx->cpu.v, &fx->then);
	FX_EVENTS_ARE(fx, EPML_EV_VE);
	fx_expect_exit(fx, EPML_REASON_EPT_VIOLATION, VIOLATION_Q);
	fx_expect_exit_addresses(fx, true, FX_GPA_DATA + 8, true, FX_GVA_DATA);
}

/* EPT-VE-1: reads, fetches and page walks are converted as well. */
static void accesses(void **state)
{
	struct fixture *fx = prepare(state);

	fx_ept_change(fx, FX_GPA_DATA, 1, FX_EPT_RWX, 0);
	expect_ve(fx, FX_READ);
	expect_ve(fx, FX_WRITE);
	expect_ve(fx, FX_FETCH);
	expect_ve(fx, FX_WALK);
	expect_ve(fx, FX_WRITE | EPML_ACCESS_NMI_IRET);
	assert_true(fx->cpu.exit.qualification & EPML_QUAL_NMI_UNBLOCKING);
}

/* EPT-VE-1: each condition alone makes it a VM exit. */
static void conditions(void **state)
{
	struct fixture *fx = prepare(state);

	expect_ve(fx, FX_WRITE);
	expect_exit(fx, FX_WRITE | EPML_ACCESS_NO_PE);
	expect_exit(fx, FX_WRITE | EPML_ACCESS_IN_EVENT);
	fx_set_ve(fx, false);
	expect_exit(fx, FX_WRITE);
}

/* EPT-VE-1: the 32 bits at offset 4, all of them and no others. */
static void area_in_use(void **state)
{
	struct fixture *fx = prepare(state);

	for (unsigned bit = 0; bit < 64; bit++) {
		*fx_word(fx, FX_VE_INFO) = 1ull << bit;
		if (bit < 32)
			expect_ve(fx, FX_WRITE);
		else
			expect_exit(fx, FX_WRITE);
	}
	*fx_word(fx, FX_VE_INFO) = 0;
	*fx_word(fx, FX_VE_INFO + 8) = ~0ull;
	expect_ve(fx, FX_WRITE);
}

/* EPT-VE-1: bit 63 counts in the entry that ended the walk, and there alone. */
static void suppress(void **state)
{
	struct fixture *fx = prepare(state);

	for (unsigned level = 2; level <= 4; level++)
		fx_ept_change(fx, FX_GPA_DATA, level, 0, EPML_EPT_SUPPRESS_VE);
	expect_ve(fx, FX_WRITE);
	fx_ept_change(fx, FX_GPA_DATA, 1, 0, EPML_EPT_SUPPRESS_VE);
	expect_exit(fx, FX_WRITE);
	for (unsigned level = 2; level <= 4; level++) {
		fx_ept_change(fx, FX_GPA_DATA, level, FX_EPT_RWX, 0);
		expect_exit(fx, FX_WRITE);
		fx_ept_change(fx, FX_GPA_DATA, level, EPML_EPT_SUPPRESS_VE, 0);
		expect_ve(fx, FX_WRITE);
	}
}

/* EPT-VE-1: with EPT-violation #VE = 0 the area is not even read. */
static void off(void **state)
{
	struct fixture *fx = prepare(state);

	fx_set_ve(fx, false);
	fx->cpu.v.ve_info = 0x7000000;	/* where no memory is */
	expect_exit(fx, FX_WRITE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		fx_test(information_area), fx_test(accesses), fx_test(conditions),
		fx_test(area_in_use), fx_test(suppress), fx_test(off),
	};

	return cmocka_run_group_tests_name("ve", tests, NULL, NULL);
}
