/* SPDX-License-Identifier: BSD-2-Clause */
/* Page walks in one and two dimensions: how many entries they read, and what shortens them. */
#include "fixture.h"

/* The entry at an address. */
#define ENTRY(f, hpa) ((f)->memory[(hpa) / 8])

/* Entries read by the walks since the last call. */
static unsigned entries(struct fixture *f, enum timing_cost kind)
{
	unsigned n = 0;

	for (unsigned level = 0; level < 4; level++)
		n += (unsigned)charged(f, kind + level);
	return n;
}

static void touch(struct fixture *f, uint64_t lin)
{
	timing_data(&f->t, lin, lin, 8, TIMING_DATA_READ);
}

static void set_context(struct fixture *f, enum timing_paging paging, uint64_t eptp)
{
	const struct timing_context c = { .paging = paging, .cr3 = 0x1000, .eptp = eptp };

	timing_context(&f->t, &c);
}

/* 4-level: 4-KByte pages from 0, a 2-MByte page at 200000H, a 1-GByte page at 40000000H. */
static void map_4level(struct fixture *f)
{
	ENTRY(f, 0x1000) = 0x2000 | 0x27;
	ENTRY(f, 0x2000) = 0x3000 | 0x27;
	ENTRY(f, 0x2008) = 0x40000000 | 0xe7;
	ENTRY(f, 0x3000) = 0x4000 | 0x27;
	ENTRY(f, 0x3008) = 0x200000 | 0xe7;
	for (unsigned i = 0; i < 16; i++)
		ENTRY(f, 0x4000 + i * 8) = (i * 0x1000) | 0x67;
}

/* EPT at 5000H: GPA = HPA for 16 pages. */
static void map_ept(struct fixture *f)
{
	ENTRY(f, 0x5000) = 0x6000 | 0x7;
	ENTRY(f, 0x6000) = 0x7000 | 0x7;
	ENTRY(f, 0x7000) = 0x8000 | 0x7;
	for (unsigned i = 0; i < 16; i++)
		ENTRY(f, 0x8000 + i * 8) = (i * 0x1000) | 0x7;
}

static void test_native(void **state)
{
	struct fixture *f = *state;

	fixture_begin(f);
	map_4level(f);
	set_context(f, TIMING_PAGING_4LEVEL, 0);
	touch(f, 0x1000);
	assert_int_equal(charged(f, TIMING_WALK_START), 1);
	assert_int_equal(entries(f, TIMING_WALK_L1), 4);
	touch(f, 0x200000);
	assert_int_equal(entries(f, TIMING_WALK_L1), 3);
	touch(f, 0x300000);		/* the same 2-MByte page */
	assert_int_equal(entries(f, TIMING_WALK_L1), 0);
	touch(f, 0x40000000);
	assert_int_equal(entries(f, TIMING_WALK_L1), 2);
	touch(f, 0x7fff0000);
	assert_int_equal(entries(f, TIMING_WALK_L1), 0);
	assert_int_equal(entries(f, TIMING_EPT_L1), 0);
	fixture_end(f);
}

/* Entries are lines of the data caches: the second walk finds its line where the first left it. */
static void test_entries_are_cached(void **state)
{
	struct fixture *f = *state;

	fixture_begin(f);
	map_4level(f);
	set_context(f, TIMING_PAGING_4LEVEL, 0);
	touch(f, 0x1040);
	assert_int_equal(levels(f, TIMING_WALK_L1), 4);
	/* All four entries are in L1 set 0 and L2 set 0, which have two lines: the upper two were
	 * replaced by the lower two, the PTE then by the PML4E, and so on: the last level only. */
	touch(f, 0x2080);
	assert_int_equal(levels(f, TIMING_WALK_L1), 40);
	fixture_end(f);
}

static void test_paging_structure_caches(void **state)
{
	struct fixture *f = *state;

	f->processor.geometry[TIMING_PDE_CACHE] = (struct timing_geometry){ 1, 1 };
	f->processor.geometry[TIMING_PDPTE_CACHE] = (struct timing_geometry){ 1, 1 };
	f->processor.geometry[TIMING_PML4E_CACHE] = (struct timing_geometry){ 1, 1 };
	fixture_begin(f);
	map_4level(f);
	set_context(f, TIMING_PAGING_4LEVEL, 0);
	touch(f, 0x1000);
	assert_int_equal(entries(f, TIMING_WALK_L1), 4);
	touch(f, 0x2000);		/* PDE cached */
	assert_int_equal(entries(f, TIMING_WALK_L1), 1);
	touch(f, 0x200000);		/* PDPTE cached; a PDE of a page is not kept there */
	assert_int_equal(entries(f, TIMING_WALK_L1), 1);
	touch(f, 0x40000000);		/* PML4E cached */
	assert_int_equal(entries(f, TIMING_WALK_L1), 1);
	timing_invlpg(&f->t, 0x3000);	/* forgets them all, but not the TLB's other pages */
	touch(f, 0x3000);
	assert_int_equal(entries(f, TIMING_WALK_L1), 4);
	touch(f, 0x2040);
	assert_int_equal(entries(f, TIMING_WALK_L1), 0);
	fixture_end(f);
}

/* The textbook number: 4 guest entries, and 4 EPT entries for each of 5 addresses. */
static void test_two_dimensions(void **state)
{
	struct fixture *f = *state;

	fixture_begin(f);
	map_4level(f);
	map_ept(f);
	set_context(f, TIMING_PAGING_4LEVEL, 0x5000);
	touch(f, 0x1000);
	assert_int_equal(charged(f, TIMING_WALK_START), 1);
	assert_int_equal(charged(f, TIMING_EPT_START), 5);
	assert_int_equal(entries(f, TIMING_WALK_L1), 4);
	assert_int_equal(entries(f, TIMING_EPT_L1), 20);
	assert_int_equal(f->reads, 24);
	fixture_end(f);
}

static void test_nested_tlb(void **state)
{
	struct fixture *f = *state;

	f->processor.geometry[TIMING_NESTED_TLB] = (struct timing_geometry){ 4, 4 };
	f->processor.geometry[TIMING_EPT_PDE_CACHE] = (struct timing_geometry){ 1, 1 };
	fixture_begin(f);
	map_4level(f);
	map_ept(f);
	set_context(f, TIMING_PAGING_4LEVEL, 0x5000);
	touch(f, 0x1000);
	/* The first EPT walk reads 4 entries, the four others find the EPT PDE. */
	assert_int_equal(entries(f, TIMING_WALK_L1), 4);
	assert_int_equal(entries(f, TIMING_EPT_L1), 8);
	touch(f, 0x2000);
	/* All four tables are in the nested TLB; the page itself is walked. */
	assert_int_equal(entries(f, TIMING_WALK_L1), 4);
	assert_int_equal(entries(f, TIMING_EPT_L1), 1);
	timing_invept(&f->t, 0x5000);
	touch(f, 0x2000);
	assert_int_equal(entries(f, TIMING_EPT_L1), 8);
	fixture_end(f);
}

/* A large page of the guest on small pages of EPT is cached as small pages. */
static void test_splintered_page(void **state)
{
	struct fixture *f = *state;

	fixture_begin(f);
	map_4level(f);
	map_ept(f);
	ENTRY(f, 0x7008) = 0xa000 | 0x7;		/* EPT PDE for GPA 200000H */
	for (unsigned i = 0; i < 512; i++)
		ENTRY(f, 0xa000 + i * 8) = (0x200000 + i * 0x1000) | 0x7;
	set_context(f, TIMING_PAGING_4LEVEL, 0x5000);
	touch(f, 0x200000);
	assert_int_equal(entries(f, TIMING_WALK_L1), 3);
	touch(f, 0x201000);
	assert_int_equal(entries(f, TIMING_WALK_L1), 3);
	touch(f, 0x201040);
	assert_int_equal(entries(f, TIMING_WALK_L1), 0);
	fixture_end(f);
}

/* Real-address mode in an unrestricted guest: EPT alone. */
static void test_ept_without_paging(void **state)
{
	struct fixture *f = *state;

	fixture_begin(f);
	map_ept(f);
	set_context(f, TIMING_PAGING_OFF, 0x5000);
	touch(f, 0x1000);
	assert_int_equal(charged(f, TIMING_WALK_START), 0);
	assert_int_equal(entries(f, TIMING_EPT_L1), 4);
	timing_ept_walk(&f->t, 0x2000);
	assert_int_equal(entries(f, TIMING_EPT_L1), 4);
	fixture_end(f);
}

/* With EPT accessed and dirty flags on (EPTP bit 6), a write needs the EPT dirty flag too. */
static void test_ept_dirty(void **state)
{
	struct fixture *f = *state;

	fixture_begin(f);
	map_4level(f);
	map_ept(f);
	set_context(f, TIMING_PAGING_4LEVEL, 0x5000 | 0x40);
	touch(f, 0x1000);
	assert_int_equal(charged(f, TIMING_WALK_START), 1);
	ENTRY(f, 0x8008) |= 0x200;
	timing_data(&f->t, 0x1000, 0x1000, 8, TIMING_DATA_WRITE);
	assert_int_equal(charged(f, TIMING_WALK_START), 1);
	timing_data(&f->t, 0x1040, 0x1040, 8, TIMING_DATA_WRITE);
	assert_int_equal(charged(f, TIMING_WALK_START), 0);
	/* Without them, the guest's flag alone is needed. */
	set_context(f, TIMING_PAGING_4LEVEL, 0x5000);
	timing_invept(&f->t, 0);
	touch(f, 0x2000);
	assert_int_equal(charged(f, TIMING_WALK_START), 1);
	timing_data(&f->t, 0x2040, 0x2040, 8, TIMING_DATA_WRITE);
	assert_int_equal(charged(f, TIMING_WALK_START), 0);
	fixture_end(f);
}

static void test_32bit(void **state)
{
	struct fixture *f = *state;

	fixture_begin(f);
	/* Two entries in each word: PDE 1 to a table at 2000H, PDE 2 a 4-MByte page. */
	ENTRY(f, 0x1000) = (uint64_t)(0x2000 | 0x27) << 32;
	ENTRY(f, 0x1008) = 0x800000 | 0xe7;
	ENTRY(f, 0x2000) = (uint64_t)(0x3000 | 0x67) << 32 | 0x67;
	set_context(f, TIMING_PAGING_32BIT, 0);
	touch(f, 0x401000);
	assert_int_equal(entries(f, TIMING_WALK_L1), 2);
	touch(f, 0x400000);
	assert_int_equal(entries(f, TIMING_WALK_L1), 2);
	touch(f, 0x800000);
	assert_int_equal(entries(f, TIMING_WALK_L1), 1);
	touch(f, 0xa00000);		/* the other half is cached for itself */
	assert_int_equal(entries(f, TIMING_WALK_L1), 1);
	fixture_end(f);
}

static void test_pae(void **state)
{
	struct fixture *f = *state;

	fixture_begin(f);
	ENTRY(f, 0x1018) = 0x2000 | 0x1;
	ENTRY(f, 0x2000) = 0x3000 | 0x27;
	ENTRY(f, 0x3008) = 0x4000 | 0x67;
	set_context(f, TIMING_PAGING_PAE, 0);
	touch(f, 0xc0001000);
	assert_int_equal(entries(f, TIMING_WALK_L1), 3);
	assert_int_equal(f->reads, 3);
	fixture_end(f);
}

static void test_spp(void **state)
{
	struct fixture *f = *state;

	fixture_begin(f);
	ENTRY(f, 0x1000) = 0x2001;
	ENTRY(f, 0x2000) = 0x3001;
	ENTRY(f, 0x3000) = 0x4001;
	ENTRY(f, 0x4008) = 0x5;
	timing_spp_walk(&f->t, 0x1000, 0x1000);
	assert_int_equal(charged(f, TIMING_SPP_START), 1);
	assert_int_equal(entries(f, TIMING_SPP_L1), 4);
	timing_spp_walk(&f->t, 0x1000, 0x40000000);	/* a miss at the second level */
	assert_int_equal(entries(f, TIMING_SPP_L1), 2);
	fixture_end(f);
}

/* With at-log, each entry of the guest's log costs an EPT walk. */
static void test_log_entry_is_translated(void **state)
{
	struct fixture *f = *state;

	fixture_begin(f);
	map_ept(f);
	set_context(f, TIMING_PAGING_OFF, 0x5000);
	timing_gpml_write(&f->t, true, 0x3ff8, 0x3ff8);
	assert_int_equal(charged(f, TIMING_GPML_AT_LOG), 1);
	assert_int_equal(entries(f, TIMING_EPT_L1), 4);
	assert_int_equal(entries(f, TIMING_GPML_L1), 1);
	fixture_end(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_native, test_setup),
		cmocka_unit_test_setup(test_entries_are_cached, test_setup),
		cmocka_unit_test_setup(test_paging_structure_caches, test_setup),
		cmocka_unit_test_setup(test_two_dimensions, test_setup),
		cmocka_unit_test_setup(test_nested_tlb, test_setup),
		cmocka_unit_test_setup(test_splintered_page, test_setup),
		cmocka_unit_test_setup(test_ept_without_paging, test_setup),
		cmocka_unit_test_setup(test_ept_dirty, test_setup),
		cmocka_unit_test_setup(test_32bit, test_setup),
		cmocka_unit_test_setup(test_pae, test_setup),
		cmocka_unit_test_setup(test_spp, test_setup),
		cmocka_unit_test_setup(test_log_entry_is_translated, test_setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
