/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Extended page tables: walk, permissions, misconfigurations, qualification, accessed and dirty
 * flags. SDM 3C, "The extended page table mechanism (EPT)".
 */
#include "fixture.h"

#define ADDRESS		EPML_EPT_ADDRESS_MASK
#define LINEAR		(EPML_QUAL_EPT_LINEAR | EPML_QUAL_EPT_TRANSLATION)
#define ALL_GRANTED	EPML_QUAL_EPT_PERM_MASK
#define LARGE(memtype)	(FX_EPT_RWX | EPML_EPT_LARGE | (memtype) << EPML_EPT_MEMTYPE_SHIFT)

/* Four different indices, as in FX_GVA_DATA. */
#define FAR_GPA		0xC28305009ABCull

static uint64_t perms(unsigned rwx)
{
	return (uint64_t)rwx << EPML_QUAL_EPT_PERM_SHIFT;
}

static void expect_ok(struct fixture *fx, uint64_t gpa, unsigned flags, uint64_t expected)
{
	uint64_t hpa = ~0ull;

	assert_int_equal(fx_physical(fx, gpa, flags, &hpa), EPML_OK);
	assert_int_equal(hpa, expected);
}

/* The access exits and has no effect but the exit. */
static void expect_exit(struct fixture *fx, uint64_t gpa, unsigned flags, uint32_t reason,
			uint64_t qualification)
{
	uint64_t hpa = ~0ull;

	fx_save(fx);
	assert_int_equal(fx_physical(fx, gpa, flags, &hpa), EPML_VMEXIT);
	fx_expect_exit(fx, reason, qualification);
	fx_expect_exit_addresses(fx, true, gpa, reason == EPML_REASON_EPT_VIOLATION &&
				 (flags & EPML_ACCESS_LINEAR), FX_GVA_DATA);
	fx_expect_unchanged(fx);
	FX_EVENTS_ARE(fx, EPML_EV_EXIT);
	assert_int_equal(hpa, ~0ull);
}

static void expect_violation(struct fixture *fx, unsigned flags, uint64_t qualification)
{
	expect_exit(fx, FX_GPA_DATA + 0x765, flags, EPML_REASON_EPT_VIOLATION, qualification);
}

static void expect_misconfiguration(struct fixture *fx, unsigned flags)
{
	expect_exit(fx, FX_GPA_DATA + 0x765, flags, EPML_REASON_EPT_MISCONFIGURATION, 0);
}

/* ---- Walk --------------------------------------------------------------------------------- */

/* EPT-WALK-1 */
static void walk_indices(void **state)
{
	struct fixture *fx = *state;

	fx->cpu.maxphyaddr = 52;
	for (unsigned level = 4; level; level--)
		*fx_word(fx, fx_epte(FAR_GPA, level)) = *fx_word(fx, fx_epte(0x9000, level));
	*fx_word(fx, fx_epte(0x9000, 4)) = 0;
	expect_ok(fx, FAR_GPA, FX_READ, FX_FRAME + 0x9ABC);
	/* bits 51:48 take no part in the walk */
	expect_ok(fx, FAR_GPA | 0xF000000000000, FX_READ, FX_FRAME + 0x9ABC);
}

/* EPT-WALK-1: EPTP bits 11:0 are no part of the address of the PML4 table. */
static void walk_root(void **state)
{
	struct fixture *fx = *state;
	const uint64_t root = 0xFFFFFF000;	/* the last page of MAXPHYADDR 36 */

	fx->cpu.maxphyaddr = 36;
	fx_add_page(fx, root, 1 << EPML_MEM_EPT);
	*fx_word(fx, root) = *fx_word(fx, FX_EPT_PML4);
	*fx_word(fx, FX_EPT_PML4) = 0;
	fx->cpu.v.eptp = root | EPML_EPTP_AD | 3 << EPML_EPTP_WALK_SHIFT | EPML_MEMTYPE_WB;
	expect_ok(fx, FX_GPA_DATA + 1, FX_READ, FX_FRAME + FX_GPA_DATA + 1);
}

/* EPT-WALK-2 */
static void walk_2m(void **state)
{
	struct fixture *fx = *state;
	const uint64_t frame = 0x40000000 - 0x200000;

	*fx_word(fx, fx_epte(0, 2)) = frame | LARGE(EPML_MEMTYPE_WB);
	expect_ok(fx, 0, FX_READ, frame);
	expect_ok(fx, 0x1FFFFF, FX_READ, frame + 0x1FFFFF);
}

/* EPT-WALK-2 */
static void walk_1g(void **state)
{
	struct fixture *fx = *state;
	const uint64_t frame = 0xFFC0000000;

	*fx_word(fx, fx_epte(0, 3)) = frame | LARGE(EPML_MEMTYPE_WB);
	expect_ok(fx, 0, FX_READ, frame);
	expect_ok(fx, 0x3FFFFFFF, FX_READ, frame + 0x3FFFFFFF);
}

/* EPT-WALK-2: where 1-GByte pages are not supported, bit 7 of a PDPTE is reserved. */
static void walk_1g_unsupported(void **state)
{
	struct fixture *fx = *state;

	fx->cpu.ept_1g = false;
	*fx_word(fx, fx_epte(0, 3)) = LARGE(EPML_MEMTYPE_UC);
	expect_misconfiguration(fx, FX_READ);
	/* 2-MByte pages do not depend on it */
	*fx_word(fx, fx_epte(0, 3)) = FX_EPT_PD | FX_EPT_RWX;
	*fx_word(fx, fx_epte(0, 2)) = LARGE(EPML_MEMTYPE_WB);
	expect_ok(fx, 0x123456, FX_READ, 0x123456);
}

/* EPT-WALK-3, EPT-QUAL-2 */
static void not_present(void **state)
{
	struct fixture *fx = *state;

	for (unsigned level = 1; level <= 4; level++) {
		uint64_t *entry = fx_word(fx, fx_epte(FX_GPA_DATA, level));
		uint64_t old = *entry;

		*entry = ~7ull & ~EPML_EPT_SUPPRESS_VE;
		expect_violation(fx, FX_READ, EPML_QUAL_EPT_READ | LINEAR);
		*entry = 0;
		expect_violation(fx, FX_WRITE, EPML_QUAL_EPT_WRITE | LINEAR);
		*entry = old;
	}
}

/* ---- Permissions -------------------------------------------------------------------------- */

static void check_permission(struct fixture *fx, unsigned rwx, unsigned flags, unsigned needed)
{
	uint64_t q = needed | (flags & EPML_ACCESS_LINEAR ? LINEAR : 0);

	if ((rwx & 3) == EPML_EPT_WRITE)		/* EPT-MISC-1 */
		expect_misconfiguration(fx, flags);
	else if (rwx & needed)				/* EPT-PERM-1 */
		expect_ok(fx, FX_GPA_DATA, flags, FX_FRAME + FX_GPA_DATA);
	else						/* EPT-QUAL-1, EPT-QUAL-2 */
		expect_violation(fx, flags, q | perms(rwx));
}

/* EPT-PERM-1, EPT-PERM-2, EPT-MISC-1, EPT-MISC-4: each value of bits 2:0 at each level. */
static void permissions(void **state)
{
	struct fixture *fx = *state;

	for (unsigned level = 1; level <= 4; level++) {
		for (unsigned rwx = 0; rwx < 8; rwx++) {
			fx_ept_change(fx, FX_GPA_DATA, level, FX_EPT_RWX, rwx);
			check_permission(fx, rwx, FX_READ, EPML_EPT_READ);
			check_permission(fx, rwx, FX_WRITE, EPML_EPT_WRITE);
			check_permission(fx, rwx, FX_FETCH, EPML_EPT_EXECUTE);
			check_permission(fx, rwx, EPML_ACCESS_READ, EPML_EPT_READ);
			check_permission(fx, rwx, EPML_ACCESS_WRITE, EPML_EPT_WRITE);
		}
		fx_ept_change(fx, FX_GPA_DATA, level, 0, FX_EPT_RWX);
	}
}

/* EPT-QUAL-2: the AND of all entries, not only of the last. */
static void permissions_of_all_levels(void **state)
{
	struct fixture *fx = *state;

	fx_ept_change(fx, FX_GPA_DATA, 4, EPML_EPT_EXECUTE, 0);
	fx_ept_change(fx, FX_GPA_DATA, 1, EPML_EPT_WRITE, 0);
	expect_violation(fx, FX_WRITE, EPML_QUAL_EPT_WRITE | perms(EPML_EPT_READ) | LINEAR);
	expect_violation(fx, FX_FETCH, EPML_QUAL_EPT_FETCH | perms(EPML_EPT_READ) | LINEAR);
	expect_ok(fx, FX_GPA_DATA, FX_READ, FX_FRAME + FX_GPA_DATA);
}

/* ---- Misconfigurations -------------------------------------------------------------------- */

/* An entry with one more bit set is misconfigured, or it is not. */
static void check_bit(struct fixture *fx, unsigned level, unsigned bit, bool reserved)
{
	uint64_t *entry = fx_word(fx, fx_epte(FX_GPA_DATA, level));
	uint64_t old = *entry, hpa;

	*entry |= 1ull << bit;
	if (reserved)
		expect_misconfiguration(fx, FX_READ);
	else
		assert_int_equal(fx_physical(fx, FX_GPA_DATA, FX_READ, &hpa), EPML_OK);
	*entry = old;
}

/* EPT-MISC-2, entries that do not map a page; a PTE does. Bit 7 would make a large page. */
static void reserved_bits(void **state)
{
	struct fixture *fx = *state;

	for (unsigned level = 2; level <= 4; level++) {
		for (unsigned bit = 3; bit <= 6; bit++)
			check_bit(fx, level, bit, true);
		for (unsigned bit = 8; bit <= 11; bit++)
			check_bit(fx, level, bit, false);
		for (unsigned bit = 52; bit <= 63; bit++)
			check_bit(fx, level, bit, false);
	}
	check_bit(fx, 4, 7, true);
	for (unsigned bit = 6; bit <= 11; bit++)
		check_bit(fx, 1, bit, false);
	for (unsigned bit = 52; bit <= 63; bit++)
		check_bit(fx, 1, bit, false);
}

/* EPT-MISC-2: bits 51:N for the least, a middle and the largest MAXPHYADDR N. */
static void reserved_address_bits(void **state)
{
	static const unsigned widths[] = { 36, 40, 52 };
	struct fixture *fx = *state;

	for (unsigned i = 0; i < 3; i++) {
		fx->cpu.maxphyaddr = widths[i];
		for (unsigned level = 1; level <= 4; level++)
			for (unsigned bit = widths[i]; bit < 52; bit++)
				check_bit(fx, level, bit, true);
		/* the last bit that is not reserved, where it leads to no table */
		check_bit(fx, 1, widths[i] - 1, false);
	}
}

/* EPT-MISC-2: bits 29:12 of a PDPTE and 20:12 of a PDE that map a page. */
static void reserved_bits_large(void **state)
{
	struct fixture *fx = *state;

	*fx_word(fx, fx_epte(0, 2)) = LARGE(EPML_MEMTYPE_WB);
	for (unsigned bit = 12; bit <= 20; bit++)
		check_bit(fx, 2, bit, true);
	for (unsigned bit = 21; bit < 40; bit++)
		check_bit(fx, 2, bit, false);
	check_bit(fx, 2, 40, true);
	check_bit(fx, 2, 6, false);
	*fx_word(fx, fx_epte(0, 3)) = LARGE(EPML_MEMTYPE_WB);
	for (unsigned bit = 12; bit <= 29; bit++)
		check_bit(fx, 3, bit, true);
	for (unsigned bit = 30; bit < 40; bit++)
		check_bit(fx, 3, bit, false);
	check_bit(fx, 3, 51, true);
}

static void check_memory_types(struct fixture *fx, unsigned level)
{
	for (unsigned type = 0; type < 8; type++) {
		uint64_t hpa;

		fx_ept_change(fx, FX_GPA_DATA, level, EPML_EPT_MEMTYPE_MASK,
			      type << EPML_EPT_MEMTYPE_SHIFT);
		if (type == 2 || type == 3 || type == 7)
			expect_misconfiguration(fx, FX_READ);
		else
			assert_int_equal(fx_physical(fx, FX_GPA_DATA, FX_READ, &hpa), EPML_OK);
	}
}

/* EPT-MISC-3 */
static void memory_types(void **state)
{
	struct fixture *fx = *state;

	check_memory_types(fx, 1);
	*fx_word(fx, fx_epte(0, 2)) = LARGE(EPML_MEMTYPE_UC);
	check_memory_types(fx, 2);
	*fx_word(fx, fx_epte(0, 3)) = LARGE(EPML_MEMTYPE_UC);
	check_memory_types(fx, 3);
}

/* EPT-MISC-4: also for an entry that would refuse the access; NMI unblocking is not reported. */
static void misconfiguration_first(void **state)
{
	struct fixture *fx = *state;

	fx_set_ve(fx, true);
	fx_ept_change(fx, FX_GPA_DATA, 1, EPML_EPT_WRITE | EPML_EPT_EXECUTE,
		      7 << EPML_EPT_MEMTYPE_SHIFT);
	expect_misconfiguration(fx, FX_WRITE | EPML_ACCESS_NMI_IRET);
	expect_misconfiguration(fx, FX_FETCH);
}

/* ---- Exit qualification of EPT violations ------------------------------------------------- */

/* EPT-QUAL-3, EPT-QUAL-4, EPT-QUAL-5 */
static void qualification_access(void **state)
{
	struct fixture *fx = *state;
	const uint64_t base = EPML_QUAL_EPT_WRITE | perms(EPML_EPT_READ);

	fx_ept_change(fx, FX_GPA_DATA, 1, EPML_EPT_WRITE | EPML_EPT_EXECUTE, 0);
	expect_violation(fx, EPML_ACCESS_WRITE, base);
	expect_violation(fx, FX_WRITE, base | LINEAR);
	expect_violation(fx, FX_WRITE | EPML_ACCESS_WALK,
			 base | EPML_QUAL_EPT_READ | EPML_QUAL_EPT_LINEAR);
	expect_violation(fx, EPML_ACCESS_WRITE | EPML_ACCESS_NMI_IRET,
			 base | EPML_QUAL_NMI_UNBLOCKING);
	/* a flag that is no part of the qualification */
	expect_violation(fx, FX_WRITE | EPML_ACCESS_IN_EVENT | EPML_ACCESS_NO_PE, base | LINEAR);
}

/* EPT-QUAL-6: a page walk counts as a write with accessed and dirty flags for EPT. */
static void qualification_walk(void **state)
{
	struct fixture *fx = *state;

	fx_ept_change(fx, FX_GPA_DATA, 1, EPML_EPT_WRITE, 0);
	expect_violation(fx, FX_WALK, EPML_QUAL_EPT_READ | EPML_QUAL_EPT_WRITE |
			 perms(EPML_EPT_READ | EPML_EPT_EXECUTE) | EPML_QUAL_EPT_LINEAR);
	fx->cpu.v.eptp &= ~EPML_EPTP_AD;
	expect_ok(fx, FX_GPA_DATA, FX_WALK, FX_FRAME + FX_GPA_DATA);
	fx_ept_change(fx, FX_GPA_DATA, 1, EPML_EPT_READ, 0);
	expect_violation(fx, FX_WALK, EPML_QUAL_EPT_READ | perms(EPML_EPT_EXECUTE) |
			 EPML_QUAL_EPT_LINEAR);
	expect_violation(fx, FX_WALK | EPML_ACCESS_WRITE, EPML_QUAL_EPT_READ |
			 EPML_QUAL_EPT_WRITE | perms(EPML_EPT_EXECUTE) | EPML_QUAL_EPT_LINEAR);
}

/* EPT-QUAL-7 */
static void qualification_rmw(void **state)
{
	struct fixture *fx = *state;

	fx_ept_change(fx, FX_GPA_DATA, 1, EPML_EPT_WRITE, 0);
	expect_violation(fx, FX_WRITE | EPML_ACCESS_READ, EPML_QUAL_EPT_WRITE |
			 perms(EPML_EPT_READ | EPML_EPT_EXECUTE) | LINEAR);
}

/* ---- Accessed and dirty flags ------------------------------------------------------------- */

static void clear_flags(struct fixture *fx)
{
	for (unsigned level = 1; level <= 4; level++)
		fx_ept_change(fx, FX_GPA_DATA, level, FX_EPT_AD, 0);
	fx->cpu.v.proc2 &= ~EPML_PROC2_ENABLE_PML;
	fx_save(fx);
}

static uint64_t flags_at(struct fixture *fx, unsigned level)
{
	return *fx_word(fx, fx_epte(FX_GPA_DATA, level)) & FX_EPT_AD;
}

/* EPT-AD-1: reads and fetches set accessed flags alone. */
static void accessed(void **state)
{
	static const unsigned flags[] = { FX_READ, FX_FETCH };
	struct fixture *fx = *state;

	for (unsigned i = 0; i < 2; i++) {
		clear_flags(fx);
		expect_ok(fx, FX_GPA_DATA, flags[i], FX_FRAME + FX_GPA_DATA);
		for (unsigned level = 1; level <= 4; level++)
			assert_int_equal(flags_at(fx, level), EPML_EPT_ACCESSED);
		FX_CHANGED(fx, fx_epte(FX_GPA_DATA, 1), fx_epte(FX_GPA_DATA, 2),
			   fx_epte(FX_GPA_DATA, 3), fx_epte(FX_GPA_DATA, 4));
		FX_EVENTS_ARE(fx, EPML_EV_EPT_FLAGS, EPML_EV_EPT_FLAGS, EPML_EV_EPT_FLAGS,
			      EPML_EV_EPT_FLAGS, EPML_EV_WALK);
	}
}

/* EPT-AD-2: writes and read-modify-writes set the dirty flag of the last entry alone. */
static void dirty(void **state)
{
	static const unsigned flags[] = { FX_WRITE, FX_WRITE | EPML_ACCESS_READ,
					  EPML_ACCESS_WRITE };
	struct fixture *fx = *state;

	for (unsigned i = 0; i < 3; i++) {
		clear_flags(fx);
		expect_ok(fx, FX_GPA_DATA, flags[i], FX_FRAME + FX_GPA_DATA);
		assert_int_equal(flags_at(fx, 1), FX_EPT_AD);
		for (unsigned level = 2; level <= 4; level++)
			assert_int_equal(flags_at(fx, level), EPML_EPT_ACCESSED);
		fx_save(fx);
		expect_ok(fx, FX_GPA_DATA + 8, flags[i], FX_FRAME + FX_GPA_DATA + 8);
		fx_expect_unchanged(fx);
		FX_EVENTS_ARE(fx, EPML_EV_WALK);
	}
}

/* EPT-AD-2: of a large page it is the flag of the entry that maps it. */
static void dirty_large(void **state)
{
	struct fixture *fx = *state;

	for (unsigned level = 2; level <= 3; level++) {
		*fx_word(fx, fx_epte(0, level)) = LARGE(EPML_MEMTYPE_WB);
		clear_flags(fx);
		expect_ok(fx, FX_GPA_DATA, FX_WRITE, FX_GPA_DATA);
		assert_int_equal(flags_at(fx, level), FX_EPT_AD);
		assert_int_equal(flags_at(fx, 4), EPML_EPT_ACCESSED);
		assert_int_equal(fx->n_writes, 5 - level);
	}
}

/* EPT-AD-3 */
static void no_flags(void **state)
{
	struct fixture *fx = *state;

	clear_flags(fx);
	fx->cpu.v.proc2 |= EPML_PROC2_ENABLE_PML;
	fx->cpu.v.eptp &= ~EPML_EPTP_AD;
	fx_save(fx);
	expect_ok(fx, FX_GPA_DATA, FX_WRITE, FX_FRAME + FX_GPA_DATA);
	expect_ok(fx, FX_GPA_DATA, FX_WALK, FX_FRAME + FX_GPA_DATA);
	fx_expect_unchanged(fx);
}

/* EPT-AD-4: a page walk sets the dirty flag of its page although it only reads. */
static void dirty_by_walk(void **state)
{
	struct fixture *fx = *state;

	clear_flags(fx);
	expect_ok(fx, FX_GPA_DATA, FX_WALK, FX_FRAME + FX_GPA_DATA);
	assert_int_equal(flags_at(fx, 1), FX_EPT_AD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		fx_test(walk_indices), fx_test(walk_root), fx_test(walk_2m), fx_test(walk_1g),
		fx_test(walk_1g_unsupported), fx_test(not_present),
		fx_test(permissions), fx_test(permissions_of_all_levels),
		fx_test(reserved_bits), fx_test(reserved_address_bits),
		fx_test(reserved_bits_large), fx_test(memory_types),
		fx_test(misconfiguration_first),
		fx_test(qualification_access), fx_test(qualification_walk),
		fx_test(qualification_rmw),
		fx_test(accessed), fx_test(dirty), fx_test(dirty_large), fx_test(no_flags),
		fx_test(dirty_by_walk),
	};

	return cmocka_run_group_tests_name("ept", tests, NULL, NULL);
}
