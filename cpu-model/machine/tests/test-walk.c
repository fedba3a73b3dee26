/* SPDX-License-Identifier: BSD-2-Clause */
/* The guest's 4-level paging: page sizes, every kind of page fault, flags, EPT below it. */
#include "world.h"

#define GVA	0x400000ull
#define READ	EPML_ACCESS_READ
#define WRITE	EPML_ACCESS_WRITE
#define FETCH	EPML_ACCESS_FETCH

static enum outcome translate(struct world *w, uint64_t gva, unsigned access, bool user,
			      uint64_t *hpa)
{
	walk_flush(w->m, false);
	return walk_translate(w->m, gva, 8, access, user, hpa);
}

static void expect_hpa(struct world *w, uint64_t gva, unsigned access, bool user, uint64_t expected)
{
	uint64_t hpa = 0;

	assert_int_equal(translate(w, gva, access, user, &hpa), DONE);
	assert_int_equal(hpa, expected);
}

static void expect_fault(struct world *w, uint64_t gva, unsigned access, bool user, uint32_t error)
{
	uint64_t hpa;

	assert_int_equal(translate(w, gva, access, user, &hpa), FAULTED);
	assert_int_equal(w->m->fault.vector, EPML_VECTOR_PF);
	assert_true(w->m->fault.has_error);
	assert_int_equal(w->m->fault.error, error);
	assert_int_equal(w->m->fault.cr2, gva);
}

static void expect_exit(struct world *w, uint64_t gva, unsigned access, uint32_t reason,
			uint64_t qualification)
{
	uint64_t hpa;

	assert_int_equal(translate(w, gva, access, false, &hpa), EXITED);
	assert_int_equal(w->m->cpu.exit.reason, reason);
	assert_int_equal(w->m->cpu.exit.qualification, qualification);
}

static void page_4k(void **state)
{
	struct world *w = *state;

	world_guest(w, GVA, 0x212000, 1, G_PWU);
	world_ept(w, 0x212000, 0x3005000, 1, E_RWX);
	world_load(w);
	expect_hpa(w, GVA + 0x123, READ, false, 0x3005123);
	expect_hpa(w, GVA + 0xFFF, WRITE, true, 0x3005FFF);
	expect_hpa(w, GVA, FETCH, true, 0x3005000);
}

static void page_2m(void **state)
{
	struct world *w = *state;

	world_guest(w, GVA, 0x600000, 2, G_PWU);
	world_ept(w, 0x7FF000, 0x3005000, 1, E_RWX);
	world_load(w);
	expect_hpa(w, GVA + 0x1FF123, READ, false, 0x3005123);
	assert_int_equal(world_peek(w, world_pte(w, GVA, 2)) & (EPML_PTE_ACCESSED | EPML_PTE_DIRTY),
			 EPML_PTE_ACCESSED);
	expect_hpa(w, GVA + 0x1FF123, WRITE, false, 0x3005123);
	assert_true(world_peek(w, world_pte(w, GVA, 2)) & EPML_PTE_DIRTY);
}

static void page_1g(void **state)
{
	struct world *w = *state;

	world_guest(w, 0x40000000, 0, 3, G_PWU);
	world_ept(w, 0x345000, 0x3005000, 1, E_RWX);
	world_load(w);
	expect_hpa(w, 0x40345678, WRITE, true, 0x3005678);
	assert_true(world_peek(w, world_pte(w, 0x40000000, 3)) & EPML_PTE_DIRTY);
}

static void not_present(void **state)
{
	struct world *w = *state;

	world_page(w, GVA);
	world_guest(w, GVA + PAGE_SIZE, 0x201000, 1, 0);
	world_load(w);
	expect_fault(w, GVA + PAGE_SIZE, READ, false, 0);		/* PTE */
	expect_fault(w, GVA + PAGE_SIZE, WRITE, true, 6);
	expect_fault(w, GVA + PAGE_SIZE, FETCH, false, 0x10);
	expect_fault(w, GVA + 0x200000, READ, true, 4);			/* PDE */
	expect_fault(w, GVA + 0x40000000, WRITE, false, 2);		/* PDPTE */
	expect_fault(w, 0x7F0000000000, WRITE, false, 2);	/* PML4E */
}

static void rights_of_all_levels(void **state)
{
	struct world *w = *state;

	for (unsigned level = 1; level <= 4; level++) {
		uint64_t hpa;

		world_page(w, GVA);
		w->head.n_steps = 0;
		world_load(w);
		hpa = world_pte(w, GVA, level);
		mem_write(w->m, hpa, 8, world_peek(w, hpa) & ~(uint64_t)EPML_PTE_WRITE);
		expect_fault(w, GVA, WRITE, false, 3);		/* CR0.WP = 1 */
		expect_fault(w, GVA, WRITE, true, 7);
		expect_fault(w, GVA, WRITE, true, 7);
		expect_hpa(w, GVA, READ, true, W_FRAME0 + GVA);
		mem_write(w->m, hpa, 8, (world_peek(w, hpa) | EPML_PTE_WRITE) &
					~(uint64_t)EPML_PTE_USER);
		expect_fault(w, GVA, READ, true, 5);
		expect_fault(w, GVA, FETCH, true, 0x15);
		expect_hpa(w, GVA, WRITE, false, W_FRAME0 + GVA);
		mem_write(w->m, hpa, 8, world_peek(w, hpa) | EPML_PTE_USER | EPML_PTE_NX);
		expect_fault(w, GVA, FETCH, false, 0x11);
		expect_fault(w, GVA, FETCH, true, 0x15);
		expect_hpa(w, GVA, WRITE, true, W_FRAME0 + GVA);
	}
}

static void set_bits(struct world *w, unsigned level, uint64_t bits)
{
	uint64_t hpa = world_pte(w, GVA, level);

	mem_write(w->m, hpa, 8, world_peek(w, hpa) | bits);
}

static void clear_bits(struct world *w, unsigned level, uint64_t bits)
{
	uint64_t hpa = world_pte(w, GVA, level);

	mem_write(w->m, hpa, 8, world_peek(w, hpa) & ~bits);
}

static void reserved_bits(void **state)
{
	struct world *w = *state;

	world_page(w, GVA);
	world_load(w);
	for (unsigned level = 1; level <= 4; level++) {
		set_bits(w, level, 1ull << MAXPHYADDR);
		expect_fault(w, GVA, WRITE, false, 0xB);
		clear_bits(w, level, 1ull << MAXPHYADDR);
		set_bits(w, level, 1ull << 51);
		expect_fault(w, GVA, READ, true, 0xD);
		clear_bits(w, level, 1ull << 51);
		set_bits(w, level, 1ull << 52);			/* ignored */
		expect_hpa(w, GVA, READ, true, W_FRAME0 + GVA);
	}
	set_bits(w, 4, EPML_PTE_LARGE);
	expect_fault(w, GVA, READ, false, 9);
}

static void reserved_bits_of_large_pages(void **state)
{
	struct world *w = *state;

	world_guest(w, GVA, 0x600000, 2, G_PWU);
	world_ept(w, 0x600000, 0x3000000, 1, E_RWX);
	world_load(w);
	set_bits(w, 2, 1 << 12);				/* PAT */
	expect_hpa(w, GVA, READ, false, 0x3000000);
	set_bits(w, 2, 1 << 13);
	expect_fault(w, GVA, READ, false, 9);
	clear_bits(w, 2, 1 << 13);
	set_bits(w, 2, 1 << 20);
	expect_fault(w, GVA, READ, false, 9);
	clear_bits(w, 2, 1 << 20);
	expect_hpa(w, GVA, READ, false, 0x3000000);
}

static void not_present_comes_before_reserved(void **state)
{
	struct world *w = *state;

	world_page(w, GVA);
	world_load(w);
	set_bits(w, 1, 1ull << 51);
	clear_bits(w, 1, EPML_PTE_PRESENT);
	expect_fault(w, GVA, READ, false, 0);
}

static void a_refused_write_sets_no_flag(void **state)
{
	struct world *w = *state;

	world_guest(w, GVA, GVA, 1, G_PU);
	world_ept(w, GVA, W_FRAME0 + GVA, 1, E_RWX);
	world_load(w);
	expect_fault(w, GVA, WRITE, true, 7);
	assert_int_equal(world_peek(w, world_pte(w, GVA, 1)), GVA | G_PU);
	assert_false(world_peek(w, world_epte(w, GVA, 1)) & E_AD);
}

static void accessed_flags_of_upper_entries(void **state)
{
	struct world *w = *state;

	world_page(w, GVA);
	world_load(w);
	for (unsigned level = 2; level <= 4; level++)
		clear_bits(w, level, EPML_PTE_ACCESSED);
	expect_hpa(w, GVA, READ, false, W_FRAME0 + GVA);
	for (unsigned level = 1; level <= 4; level++)
		assert_int_equal(world_peek(w, world_pte(w, GVA, level)) &
				 (EPML_PTE_ACCESSED | EPML_PTE_DIRTY), EPML_PTE_ACCESSED);
}

static void a_walk_goes_level_by_level_through_ept(void **state)
{
	struct world *w = *state;
	uint64_t pt_gpa, hpa;

	world_page(w, GVA);
	world_load(w);
	/* The page table's own page vanishes from EPT: the levels above have been walked. */
	pt_gpa = world_peek(w, world_pte(w, GVA, 2)) & EPML_PTE_ADDRESS_MASK;
	hpa = world_epte(w, pt_gpa, 1);
	mem_write(w->m, hpa, 8, 0);
	expect_exit(w, GVA, READ, EPML_REASON_EPT_VIOLATION,
		    EPML_QUAL_EPT_READ | EPML_QUAL_EPT_WRITE | EPML_QUAL_EPT_LINEAR);
	assert_int_equal(w->m->cpu.exit.gpa, pt_gpa + 8 * (GVA >> 12 & 511));
	assert_int_equal(w->m->cpu.exit.gva, GVA);
}

static void final_access_through_ept(void **state)
{
	struct world *w = *state;

	world_guest(w, GVA, GVA, 1, G_PWU);
	world_ept(w, GVA, W_FRAME0 + GVA, 1, E_RX);
	world_load(w);
	expect_hpa(w, GVA, READ, false, W_FRAME0 + GVA);
	expect_exit(w, GVA + 8, WRITE, EPML_REASON_EPT_VIOLATION,
		    EPML_QUAL_EPT_WRITE | 5 << EPML_QUAL_EPT_PERM_SHIFT | EPML_QUAL_EPT_LINEAR |
		    EPML_QUAL_EPT_TRANSLATION);
	assert_int_equal(w->m->cpu.exit.gpa, GVA + 8);
	/* The guest's dirty flag belongs to the access that did not happen. */
	assert_false(world_peek(w, world_pte(w, GVA, 1)) & EPML_PTE_DIRTY);
}

static void without_ept(void **state)
{
	struct world *w = *state;
	uint64_t table = W_SPARE;	/* the guest's tables: HPAs from here on */
	uint64_t hpa = 0;

	world_load(w);
	w->m->cpu.v.proc2 = 0;
	w->m->cpu.v.proc3 = 0;
	w->m->guest.cr3 = table;
	mem_write(w->m, table, 8, (table + 0x1000) | G_PWU);
	mem_write(w->m, table + 0x1000, 8, (table + 0x2000) | G_PWU);
	mem_write(w->m, table + 0x2000 + 16, 8, W_FRAME0 | G_PWU | EPML_PTE_LARGE);
	assert_int_equal(translate(w, GVA + 0x12345, READ, false, &hpa), DONE);
	assert_int_equal(hpa, W_FRAME0 + 0x12345);
	assert_int_equal(world_peek(w, table) & 0xFF, G_PWU | EPML_PTE_ACCESSED);
	assert_false(world_peek(w, table + 0x2010) & EPML_PTE_DIRTY);
	expect_hpa(w, GVA + 8, WRITE, true, W_FRAME0 + 8);
	assert_true(world_peek(w, table + 0x2010) & EPML_PTE_DIRTY);
	expect_fault(w, 0, READ, false, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		world_test(page_4k),
		world_test(page_2m),
		world_test(page_1g),
		world_test(not_present),
		world_test(rights_of_all_levels),
		world_test(reserved_bits),
		world_test(reserved_bits_of_large_pages),
		world_test(not_present_comes_before_reserved),
		world_test(a_refused_write_sets_no_flag),
		world_test(accessed_flags_of_upper_entries),
		world_test(a_walk_goes_level_by_level_through_ept),
		world_test(final_access_through_ept),
		world_test(without_ept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
