/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sub-page write permissions: which bytes a vector makes writable, and the walk of the SPPT, with
 * its misses and misconfigurations. SDM 3C, "Sub-page write permissions".
 */
#include "spp_fixture.h"

#define SUB_PAGES	32
#define SUB_PAGE	128u

/* Four different indices, as in FX_GVA_DATA. */
#define FAR_GPA		0xC28305009ABCull

/* ---- Which bytes a vector makes writable -------------------------------------------------- */

/* Byte by byte. Bytes behind the page are nobody's. */
static bool grants(uint32_t writable, unsigned offset, unsigned size)
{
	for (unsigned byte = offset; byte < offset + size; byte++)
		if (byte >= 0x1000 || !(writable >> byte / SUB_PAGE & 1))
			return false;
	return true;
}

/* SPP-SPAN-1: each place in the page, sizes from a byte to more than the page. */
static void spans(void **state)
{
	static const unsigned sizes[] = {
		1, 2, 3, 4, 8, 10, 16, 32, 64, 127, 128, 129, 256, 257, 512, 4095, 4096, 4097 };
	static const uint32_t vectors[] = {
		0, 1, 3, 0x80000000, 0xC0000000, 0x55555555, 0xAAAAAAAA, 0xFFFFFFFF, 0x7FFFFFFF,
		0xFFFFFFFE, 0x00010000, 0x0007C01E };

	(void)state;
	for (unsigned v = 0; v < N(vectors); v++)
		for (unsigned s = 0; s < N(sizes); s++)
			for (unsigned offset = 0; offset < 0x1000; offset++)
				if (epml_spp_grants(vectors[v], offset, sizes[s]) !=
				    grants(vectors[v], offset, sizes[s]))
					fail_msg("vector %x, offset %u, size %u", vectors[v],
						 offset, sizes[s]);
}

/* Only the offset in the page counts, and size 0 is a byte. */
static void span_arguments(void **state)
{
	(void)state;
	assert_true(epml_spp_grants(2, 0xFFFFC28305008080, 128));
	assert_false(epml_spp_grants(2, 0xFFFFC28305008080, 129));
	assert_true(epml_spp_grants(2, FAR_GPA - 0xABC + 0xFF, 0));
	assert_false(epml_spp_grants(2, FAR_GPA - 0xABC + 0x100, 0));
	assert_false(epml_spp_grants(0xFFFFFFFF, 0xFFF, 2));
	assert_false(epml_spp_grants(0xFFFFFFFF, 0, ~0u));
}

/* SPP-WALK-1: bit 2i of the leaf is sub-page i, for each i, at both ends of the sub-page. */
static void leaf_bits(void **state)
{
	struct fixture *fx = *state;

	for (unsigned i = 0; i < SUB_PAGES; i++) {
		fx_set_spp(fx, 1ull << 2 * i);
		for (unsigned j = 0; j < SUB_PAGES; j++) {
			enum epml_result expected = i == j ? EPML_OK : EPML_VMEXIT;

			assert_int_equal(write_to(fx, j * SUB_PAGE, 1), expected);
			assert_int_equal(write_to(fx, j * SUB_PAGE + 127, 1), expected);
		}
		assert_int_equal(write_to(fx, i * SUB_PAGE, 128), EPML_OK);
		assert_true(fx->cpu.spp.limited);
		assert_int_equal(fx->cpu.spp.writable, 1u << i);
	}
}

/* SPP-SPAN-1: each boundary, with a write of each size that straddles it. */
static void straddling(void **state)
{
	struct fixture *fx = *state;

	for (unsigned i = 1; i < SUB_PAGES; i++)
		for (unsigned size = 2; size <= 64; size++)
			for (unsigned which = 0; which < 4; which++) {
				uint64_t leaf = (uint64_t)(which & 1) << 2 * (i - 1) |
						(uint64_t)(which >> 1) << 2 * i;

				fx_set_spp(fx, leaf);
				assert_int_equal(write_to(fx, i * SUB_PAGE - size / 2, size),
						 which == 3 ? EPML_OK : EPML_VMEXIT);
			}
}

/* ---- Walk --------------------------------------------------------------------------------- */

/* SPP-WALK-1: an index of its own at each level. */
static void walk_indices(void **state)
{
	struct fixture *fx = *state;
	uint64_t hpa;

	fx->cpu.maxphyaddr = 52;
	fx_set_spp(fx, 0);
	for (unsigned level = 4; level; level--) {
		*fx_word(fx, fx_epte(FAR_GPA, level)) = *fx_word(fx, fx_epte(0x8000, level));
		*fx_word(fx, fx_sppte(FAR_GPA, level)) = *fx_word(fx, fx_sppte(0x8000, level));
		if (level > 1)
			*fx_word(fx, fx_sppte(0x8000, level)) = 0;
	}
	assert_int_equal(fx_physical(fx, FAR_GPA, FX_WRITE, &hpa), EPML_VMEXIT);
	assert_int_equal(fx->cpu.exit.reason, EPML_REASON_EPT_VIOLATION);
	*fx_word(fx, fx_sppte(FAR_GPA, 1)) = 1ull << 2 * (0xABC / SUB_PAGE);
	assert_int_equal(fx_physical(fx, FAR_GPA, FX_WRITE, &hpa), EPML_OK);
	/* bits 51:48 take no part in the walk */
	assert_int_equal(fx_physical(fx, FAR_GPA | 0xF000000000000, FX_WRITE, &hpa), EPML_OK);
}

/* SPP-WALK-1, SPP-MISC-1: all tables at the last page of the physical addresses. */
static void walk_far_tables(void **state)
{
	static const unsigned widths[] = { 36, 37, 40, 46, 52 };
	struct fixture *fx = *state;

	fx_set_spp(fx, 1);
	for (unsigned i = 0; i < N(widths); i++) {
		uint64_t last = (1ull << widths[i]) - 0x1000;
		uint64_t *table, old;

		fx->cpu.maxphyaddr = widths[i];
		fx_add_page(fx, last, 1 << EPML_MEM_SPPT);
		fx->cpu.v.spptp = last;
		*fx_word(fx, last) = *fx_word(fx, FX_SPPT_ROOT);
		expect_granted(fx);
		fx->cpu.v.spptp = FX_SPPT_ROOT;
		for (unsigned level = 4; level > 1; level--) {
			table = fx_word(fx, fx_sppte(FX_GPA_DATA, level));
			old = *table;
			for (unsigned n = 0; n < 512; n++)
				*fx_word(fx, last + 8 * n) =
					*fx_word(fx, fx_sppte(0, level - 1) + 8 * n);
			*table = last | EPML_SPPT_VALID;
			expect_granted(fx);
			*table = old;
		}
	}
}

/* SPP-MISS-1: whatever the other bits; an entry below a miss is not looked at. */
static void misses(void **state)
{
	struct fixture *fx = *state;

	fx_set_spp(fx, ALL_WRITABLE);
	for (unsigned level = 4; level > 1; level--) {
		uint64_t *entry = fx_word(fx, fx_sppte(FX_GPA_DATA, level));
		uint64_t old = *entry;

		*entry = 0;
		expect_miss(fx);
		*entry = ~EPML_SPPT_VALID;
		expect_miss(fx);
		*entry = old & ~EPML_SPPT_VALID;
		expect_miss(fx);
		*entry = old;
		expect_granted(fx);
	}
}

/* A leaf has no valid bit: 0 makes nothing writable, and is no miss. */
static void empty_leaf(void **state)
{
	struct fixture *fx = *state;

	fx_set_spp(fx, 0);
	expect_denied(fx);
	fx_set_spp(fx, ALL_WRITABLE & ~1ull);
	expect_denied(fx);
}

static void check_reserved(struct fixture *fx, unsigned level, unsigned bit)
{
	uint64_t *entry = fx_word(fx, fx_sppte(FX_GPA_DATA, level));
	const uint64_t old = *entry;

	*entry = old | 1ull << bit;
	expect_misconfiguration(fx);
	*entry = old;
}

/* SPP-MISC-1: bits 11:1, and 63:N with each N. */
static void reserved_bits(void **state)
{
	struct fixture *fx = *state;

	fx_set_spp(fx, ALL_WRITABLE);
	for (unsigned level = 4; level > 1; level--) {
		for (unsigned bit = 1; bit < 12; bit++)
			check_reserved(fx, level, bit);
		for (unsigned width = 36; width <= 52; width++) {
			fx->cpu.maxphyaddr = width;
			for (unsigned bit = width; bit < 64; bit++)
				check_reserved(fx, level, bit);
			expect_granted(fx);
		}
	}
}

/* SPP-MISC-2: of whatever sub-page, whether the bit beside it grants or not. */
static void odd_bits(void **state)
{
	struct fixture *fx = *state;

	for (unsigned bit = 1; bit < 64; bit += 2) {
		fx_set_spp(fx, ALL_WRITABLE | 1ull << bit);
		expect_misconfiguration(fx);
		fx_set_spp(fx, 1ull << bit);
		expect_misconfiguration(fx);
	}
	fx_set_spp(fx, ALL_WRITABLE);
	expect_granted(fx);
}

/* The first entry that is wrong decides. */
static void upper_entries_first(void **state)
{
	struct fixture *fx = *state;

	fx_set_spp(fx, ~0ull);
	expect_misconfiguration(fx);
	*fx_word(fx, fx_sppte(FX_GPA_DATA, 2)) &= ~EPML_SPPT_VALID;
	expect_miss(fx);
	*fx_word(fx, fx_sppte(FX_GPA_DATA, 3)) |= 2;
	expect_misconfiguration(fx);
	*fx_word(fx, fx_sppte(FX_GPA_DATA, 4)) = 0;
	expect_miss(fx);
}

/* SPP-EXIT-1: bit 12 after IRET has unblocked NMIs; nothing else of the access shows. */
static void qualification(void **state)
{
	struct fixture *fx = *state;

	fx_set_spp(fx, 2);
	expect_exit(fx, FX_WRITE | EPML_ACCESS_NMI_IRET, EPML_REASON_SPP, EPML_QUAL_NMI_UNBLOCKING);
	expect_exit(fx, FX_WRITE | EPML_ACCESS_IN_EVENT | EPML_ACCESS_NO_PE, EPML_REASON_SPP, 0);
	*fx_word(fx, fx_sppte(FX_GPA_DATA, 3)) = 0;
	expect_exit(fx, FX_WRITE | EPML_ACCESS_NMI_IRET, EPML_REASON_SPP,
		    EPML_QUAL_SPP_MISS | EPML_QUAL_NMI_UNBLOCKING);
	expect_exit(fx, FX_WRITE | EPML_ACCESS_IN_EVENT | EPML_ACCESS_NO_PE, EPML_REASON_SPP,
		    EPML_QUAL_SPP_MISS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(spans), cmocka_unit_test(span_arguments),
		fx_test(leaf_bits), fx_test(straddling),
		fx_test(walk_indices), fx_test(walk_far_tables), fx_test(misses),
		fx_test(empty_leaf), fx_test(reserved_bits), fx_test(odd_bits),
		fx_test(upper_entries_first), fx_test(qualification),
	};

	return cmocka_run_group_tests_name("spp", tests, NULL, NULL);
}
