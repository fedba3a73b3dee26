/* SPDX-License-Identifier: BSD-2-Clause */
/* What the tests of sub-page write permissions share: writes to a page with SPP, and their ends. */
#ifndef EPML_TESTS_SPP_FIXTURE_H
#define EPML_TESTS_SPP_FIXTURE_H

#include "fixture.h"

#define N(a)		(sizeof(a) / sizeof((a)[0]))
#define ALL_WRITABLE	0x5555555555555555ull
#define LINEAR		(EPML_QUAL_EPT_LINEAR | EPML_QUAL_EPT_TRANSLATION)
#define RX		(EPML_EPT_READ | EPML_EPT_EXECUTE)
/* Of a write to a page that is readable and executable. */
#define DENIED		(EPML_QUAL_EPT_WRITE | RX << EPML_QUAL_EPT_PERM_SHIFT | LINEAR)

static inline enum epml_result write_to(struct fixture *fx, unsigned offset, unsigned size)
{
	uint64_t hpa = ~0ull;
	enum epml_result r;

	fx_save(fx);
	r = fx_access_size(fx, FX_GVA_DATA + offset, size, FX_WRITE, &hpa);
	assert_int_equal(hpa, r == EPML_OK ? FX_FRAME + FX_GPA_DATA + offset : ~0ull);
	return r;
}

/* A guest-physical access to the first sub-page exits and has no effect but the exit. */
static inline void expect_exit(struct fixture *fx, unsigned flags, uint32_t reason,
			       uint64_t qualification)
{
	uint64_t hpa = ~0ull;

	fx_save(fx);
	assert_int_equal(fx_physical(fx, FX_GPA_DATA + 0x18, flags, &hpa), EPML_VMEXIT);
	fx_expect_exit(fx, reason, qualification);
	fx_expect_unchanged(fx);
	FX_EVENTS_ARE(fx, EPML_EV_EXIT);
	assert_int_equal(hpa, ~0ull);
}

static inline void expect_denied(struct fixture *fx)
{
	expect_exit(fx, FX_WRITE, EPML_REASON_EPT_VIOLATION, DENIED);
	fx_expect_exit_addresses(fx, true, FX_GPA_DATA + 0x18, true, FX_GVA_DATA);
}

static inline void expect_miss(struct fixture *fx)
{
	expect_exit(fx, FX_WRITE, EPML_REASON_SPP, EPML_QUAL_SPP_MISS);
	fx_expect_exit_addresses(fx, true, FX_GPA_DATA + 0x18, true, FX_GVA_DATA);
}

static inline void expect_misconfiguration(struct fixture *fx)
{
	expect_exit(fx, FX_WRITE, EPML_REASON_SPP, 0);
	fx_expect_exit_addresses(fx, true, FX_GPA_DATA + 0x18, true, FX_GVA_DATA);
}

static inline void expect_granted(struct fixture *fx)
{
	uint64_t hpa;

	assert_int_equal(fx_physical(fx, FX_GPA_DATA + 0x18, FX_WRITE, &hpa), EPML_OK);
	assert_int_equal(hpa, FX_FRAME + FX_GPA_DATA + 0x18);
	assert_true(fx->cpu.spp.limited);
}

#endif
