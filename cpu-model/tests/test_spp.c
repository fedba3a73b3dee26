/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sub-page write permissions: eligibility, SPPT walk, miss and misconfiguration, denial, grant.
 * SDM 3C, "Sub-page write permissions".
 */
#include "fixture.h"

#define N(a)		(sizeof(a) / sizeof((a)[0]))
#define SUB_PAGES	32
#define SUB_PAGE	128u
#define ALL_WRITABLE	0x5555555555555555ull
#define LINEAR		(EPML_QUAL_EPT_LINEAR | EPML_QUAL_EPT_TRANSLATION)
#define RX		(EPML_EPT_READ | EPML_EPT_EXECUTE)
/* Of a write to a page that is readable and executable. */
#define DENIED		(EPML_QUAL_EPT_WRITE | RX << EPML_QUAL_EPT_PERM_SHIFT | LINEAR)

/* Four different indices, as in FX_GVA_DATA. */
#define FAR_GPA		0xC28305009ABCull

static enum epml_result write_to(struct fixture *fx, unsigned offset, unsigned size)
{
	uint64_t hpa = ~0ull;
	enum epml_result r;

	fx_save(fx);
	r = fx_access_size(fx, FX_GVA_DATA + offset, size, FX_WRITE, &hpa);
	assert_int_equal(hpa, r == EPML_OK ? FX_FRAME + FX_GPA_DATA + offset : ~0ull);
	return r;
}

/* A guest-physical access to the first sub-page exits and has no effect but the exit. */
static void expect_exit(struct fixture *fx, unsigned flags, uint32_t reason,
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

static void expect_denied(struct fixture *fx)
{
	expect_exit(fx, FX_WRITE, EPML_REASON_EPT_VIOLATION, DENIED);
	fx_expect_exit_addresses(fx, true, FX_GPA_DATA + 0x18, true, FX_GVA_DATA);
}

static void expect_miss(struct fixture *fx)
{
	expect_exit(fx, FX_WRITE, EPML_REASON_SPP, EPML_QUAL_SPP_MISS);
	fx_expect_exit_addresses(fx, true, FX_GPA_DATA + 0x18, true, FX_GVA_DATA);
}

static void expect_misconfiguration(struct fixture *fx)
{
	expect_exit(fx, FX_WRITE, EPML_REASON_SPP, 0);
	fx_expect_exit_addresses(fx, true, FX_GPA_DATA + 0x18, true, FX_GVA_DATA);
}

static void expect_granted(struct fixture *fx)
{
	uint64_t hpa;

	assert_int_equal(fx_physical(fx, FX_GPA_DATA + 0x18, FX_WRITE, &hpa), EPML_OK);
	assert_int_equal(hpa, FX_FRAME + FX_GPA_DATA + 0x18);
	assert_true(fx->cpu.spp.limited);
}

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
		cmocka_unit_test(spans), cmocka_unit_test(span_arguments),
		fx_test(leaf_bits), fx_test(straddling),
		fx_test(walk_indices), fx_test(walk_far_tables), fx_test(misses),
		fx_test(empty_leaf), fx_test(reserved_bits), fx_test(odd_bits),
		fx_test(upper_entries_first), fx_test(qualification),
		fx_test(eligible_accesses), fx_test(reads_and_fetches),
		fx_test(upper_write_permission), fx_test(leaf_permissions), fx_test(large_pages),
		fx_test(control_off), fx_test(ept_first), fx_test(guest_tables), fx_test(log_page),
		fx_test(virtualization_exceptions),
		fx_test(grant), fx_test(grant_again), fx_test(grant_without_flags),
		fx_test(full_logs), fx_test(cacheable),
	};

	return cmocka_run_group_tests_name("spp", tests, NULL, NULL);
}
