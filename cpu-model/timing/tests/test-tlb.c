/* SPDX-License-Identifier: BSD-2-Clause */
/* TLBs and what invalidates them, against traces worked out by hand. */
#include "fixture.h"

#define PTE_GLOBAL	0x100u
#define PTE_DIRTY	0x40u
#define CR3		0x1000u
#define EPTP_A		0x5000u
#define EPTP_B		0x9000u

/* Where an access found its translation. */
enum found { HIT, STLB, WALK };

static enum found look(struct fixture *f)
{
	const bool stlb = charged(f, TIMING_DTLB_STLB) + charged(f, TIMING_ITLB_STLB);

	return charged(f, TIMING_WALK_START) + charged(f, TIMING_EPT_START) ? WALK
	       : stlb ? STLB : HIT;
}

/* Another line each time, so that no access is a repetition of the last one. */
static enum found access_page(struct fixture *f, unsigned page, enum timing_rw rw)
{
	static unsigned line;
	const uint64_t offset = line++ % 64 * TIMING_LINE;

	timing_data(&f->t, page * 4096 + offset, page * 4096 + offset, 8, rw);
	return look(f);
}

static enum found touch(struct fixture *f, unsigned page)
{
	return access_page(f, page, TIMING_DATA_READ);
}

static void set_context(struct fixture *f, uint64_t eptp, uint16_t pcid, uint16_t vpid)
{
	const struct timing_context c = {
		.paging = TIMING_PAGING_4LEVEL, .cr3 = CR3, .eptp = eptp, .pcid = pcid, .vpid = vpid
	};

	timing_context(&f->t, &c);
}

/* Pages 0 to 15, all dirty; page 5 is global. */
static void map_pages(struct fixture *f)
{
	f->memory[0x1000 / 8] = 0x2000 | 0x27;
	f->memory[0x2000 / 8] = 0x3000 | 0x27;
	f->memory[0x3000 / 8] = 0x4000 | 0x27;
	for (unsigned i = 0; i < 16; i++)
		f->memory[0x4000 / 8 + i] = (i * 0x1000) | 0x67 | (i == 5 ? PTE_GLOBAL : 0);
}

/* EPT at 5000H, and another at 9000H that shares its lower tables: GPA = HPA. */
static void map_ept(struct fixture *f)
{
	f->memory[EPTP_A / 8] = f->memory[EPTP_B / 8] = 0x6000 | 0x7;
	f->memory[0x6000 / 8] = 0x7000 | 0x7;
	f->memory[0x7000 / 8] = 0x8000 | 0x7;
	for (unsigned i = 0; i < 16; i++)
		f->memory[0x8000 / 8 + i] = (i * 0x1000) | 0x7;
}

static void begin(struct fixture *f)
{
	f->processor.geometry[TIMING_DTLB_4K] = (struct timing_geometry){ 16, 16 };
	fixture_begin(f);
	map_pages(f);
	map_ept(f);
	set_context(f, 0, 0, 0);
}

/* First level: 2 entries, second level: 4; neither tells the other about its hits. */
static void test_lru(void **state)
{
	struct fixture *f = *state;

	fixture_begin(f);
	map_pages(f);
	set_context(f, 0, 0, 0);
	assert_int_equal(touch(f, 0), WALK);
	assert_int_equal(touch(f, 1), WALK);
	assert_int_equal(touch(f, 0), HIT);
	assert_int_equal(touch(f, 2), WALK);	/* replaces 1 */
	assert_int_equal(touch(f, 0), HIT);
	assert_int_equal(touch(f, 1), STLB);	/* replaces 2; second level: 1 2 0 */
	assert_int_equal(touch(f, 2), STLB);	/* replaces 0; second level: 2 1 0 */
	assert_int_equal(touch(f, 3), WALK);	/* second level: 3 2 1 0 */
	assert_int_equal(touch(f, 4), WALK);	/* second level: 4 3 2 1 */
	assert_int_equal(touch(f, 0), WALK);
	assert_int_equal(touch(f, 2), STLB);
	fixture_end(f);
}

static void test_code_has_its_own_first_level(void **state)
{
	struct fixture *f = *state;

	begin(f);
	assert_int_equal(touch(f, 7), WALK);
	timing_fetch(&f->t, 0x7000, 0x7000);
	assert_int_equal(look(f), STLB);
	timing_fetch(&f->t, 0x7040, 0x7040);
	assert_int_equal(look(f), HIT);
	fixture_end(f);
}

static void test_write_needs_the_dirty_flag(void **state)
{
	struct fixture *f = *state;

	begin(f);
	f->memory[0x4000 / 8 + 3] &= ~(uint64_t)PTE_DIRTY;
	assert_int_equal(touch(f, 3), WALK);
	assert_int_equal(touch(f, 3), HIT);
	f->memory[0x4000 / 8 + 3] |= PTE_DIRTY;		/* as the processor does for a write */
	assert_int_equal(access_page(f, 3, TIMING_DATA_WRITE), WALK);
	assert_int_equal(access_page(f, 3, TIMING_DATA_WRITE), HIT);
	fixture_end(f);
}

/* A fault leaves nothing behind. */
static void test_not_present(void **state)
{
	struct fixture *f = *state;

	begin(f);
	f->memory[0x4000 / 8 + 3] = 0;
	assert_int_equal(touch(f, 3), WALK);
	assert_int_equal(touch(f, 3), WALK);
	fixture_end(f);
}

static void test_mov_cr3(void **state)
{
	struct fixture *f = *state;

	begin(f);
	touch(f, 1);
	touch(f, 5);
	timing_mov_cr3(&f->t, CR3, 0, false);
	assert_int_equal(charged(f, TIMING_CR3_FLUSH), 1);
	assert_int_equal(touch(f, 1), WALK);
	assert_int_equal(touch(f, 5), HIT);		/* global */
	timing_flush_all(&f->t);
	assert_int_equal(touch(f, 5), WALK);
	fixture_end(f);
}

static void test_pcid(void **state)
{
	struct fixture *f = *state;

	begin(f);
	timing_mov_cr3(&f->t, CR3, 1, true);
	touch(f, 1);
	touch(f, 5);
	timing_mov_cr3(&f->t, CR3, 2, true);
	assert_int_equal(charged(f, TIMING_CR3_KEEP), 2);
	assert_int_equal(touch(f, 1), WALK);
	assert_int_equal(touch(f, 5), HIT);
	timing_mov_cr3(&f->t, CR3, 1, true);
	assert_int_equal(touch(f, 1), HIT);
	timing_mov_cr3(&f->t, CR3, 2, false);		/* forgets those of PCID 2 */
	assert_int_equal(touch(f, 1), WALK);
	timing_mov_cr3(&f->t, CR3, 1, true);
	assert_int_equal(touch(f, 1), HIT);
	fixture_end(f);
}

static void test_invlpg(void **state)
{
	struct fixture *f = *state;

	begin(f);
	touch(f, 1);
	touch(f, 2);
	touch(f, 5);
	timing_invlpg(&f->t, 0x1234);
	timing_invlpg(&f->t, 0x5000);
	assert_int_equal(charged(f, TIMING_INVLPG), 2);
	assert_int_equal(touch(f, 2), HIT);
	assert_int_equal(touch(f, 1), WALK);
	assert_int_equal(touch(f, 5), WALK);
	fixture_end(f);
}

static void test_invpcid(void **state)
{
	/* What is forgotten of: page 1 of PCID 1, page 2 of PCID 1, page 1 of PCID 2, global. */
	static const enum found after[4][4] = {
		{ WALK, HIT, HIT, HIT }, { WALK, WALK, HIT, HIT },
		{ WALK, WALK, WALK, WALK }, { WALK, WALK, WALK, HIT },
	};
	struct fixture *f = *state;

	for (unsigned type = 0; type < 4; type++) {
		begin(f);
		set_context(f, 0, 2, 0);
		touch(f, 1);
		set_context(f, 0, 1, 0);
		touch(f, 1);
		touch(f, 2);
		touch(f, 5);
		set_context(f, 0, 3, 0);
		timing_invpcid(&f->t, type, 1, 0x1000);
		assert_int_equal(touch(f, 5), after[type][3]);
		set_context(f, 0, 1, 0);
		assert_int_equal(touch(f, 1), after[type][0]);
		assert_int_equal(touch(f, 2), after[type][1]);
		set_context(f, 0, 2, 0);
		assert_int_equal(touch(f, 1), after[type][2]);
		fixture_end(f);
	}
}

static void test_invvpid(void **state)
{
	/* Page 1 and 2 of VPID 1, page 1 of VPID 2, page 5 (global) of VPID 1, page 1 of VPID 0. */
	static const enum found after[4][5] = {
		{ WALK, HIT, HIT, HIT, HIT }, { WALK, WALK, HIT, WALK, HIT },
		{ WALK, WALK, WALK, WALK, HIT }, { WALK, WALK, HIT, HIT, HIT },
	};
	struct fixture *f = *state;

	for (unsigned type = 0; type < 4; type++) {
		begin(f);
		touch(f, 1);
		set_context(f, EPTP_A, 0, 2);
		touch(f, 1);
		set_context(f, EPTP_A, 0, 1);
		touch(f, 1);
		touch(f, 2);
		touch(f, 5);
		timing_invvpid(&f->t, type, 1, 0x1000);
		assert_int_equal(touch(f, 1), after[type][0]);
		assert_int_equal(touch(f, 2), after[type][1]);
		assert_int_equal(touch(f, 5), after[type][3]);
		set_context(f, EPTP_A, 0, 2);
		assert_int_equal(touch(f, 1), after[type][2]);
		set_context(f, 0, 0, 0);
		assert_int_equal(touch(f, 1), after[type][4]);
		fixture_end(f);
	}
}

static void test_invept(void **state)
{
	struct fixture *f = *state;

	for (unsigned all = 0; all < 2; all++) {
		begin(f);
		touch(f, 1);
		set_context(f, EPTP_A, 0, 1);
		assert_int_equal(touch(f, 1), WALK);
		set_context(f, EPTP_B, 0, 1);
		assert_int_equal(touch(f, 1), WALK);
		timing_invept(&f->t, all ? 0 : EPTP_A);
		assert_int_equal(charged(f, TIMING_INVEPT), 1);
		assert_int_equal(touch(f, 1), all ? WALK : HIT);
		set_context(f, EPTP_A, 0, 1);
		assert_int_equal(touch(f, 1), WALK);
		set_context(f, 0, 0, 0);
		assert_int_equal(touch(f, 1), HIT);
		fixture_end(f);
	}
}

/* Without VPIDs, translations do not survive an exit and the entry behind it. */
static void test_exits(void **state)
{
	struct fixture *f = *state;

	for (uint16_t vpid = 0; vpid < 2; vpid++) {
		begin(f);
		set_context(f, EPTP_A, 0, vpid);
		touch(f, 1);
		timing_vm_exit(&f->t, timing_exit_cost(18, 0));
		timing_vm_entry(&f->t, true);
		assert_int_equal(charged(f, TIMING_EXIT_VMCALL), 1);
		assert_int_equal(charged(f, TIMING_ENTRY), 1);
		assert_int_equal(charged(f, TIMING_ENTRY_INJECTION), 1);
		assert_int_equal(touch(f, 1), vpid ? HIT : WALK);
		fixture_end(f);
	}
}

/* ---- The way past the look-up ------------------------------------------------------------- */

static uint32_t next_random(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

static void access_either_way(struct timing *t, bool look_up, uint64_t address, unsigned size,
			      enum timing_rw rw)
{
	if (!look_up) {
		timing_data(t, address, address, size, rw);
		return;
	}
	t->data_page = UINT64_MAX;
	timing_data_access(t, address, address, size, rw);
}

/* Accesses with much locality, among fetches, log entries and invalidations. */
static void run_random(struct fixture *f, bool look_up, uint32_t seed)
{
	uint64_t address = 0x1000;

	for (unsigned i = 0; i < 20000; i++) {
		const uint32_t what = next_random(&seed) % 64;

		if (what < 8)
			address = next_random(&seed) % 0xff00;
		else if (what == 8)
			timing_pml_write(&f->t, next_random(&seed) % 0x10000);
		else if (what == 9)
			timing_invlpg(&f->t, address);
		else if (what == 10)
			timing_fetch(&f->t, address ^ 0x3000, address ^ 0x3000);
		else if (what == 11)
			timing_mov_cr3(&f->t, CR3, next_random(&seed) % 3, next_random(&seed) % 2);
		/* Now and then the dirty flag of the page is cleared, or set by a write. */
		if (what == 12)
			f->memory[0x4000 / 8 + address / 4096] &= ~(uint64_t)PTE_DIRTY;
		if (what % 2)
			f->memory[0x4000 / 8 + address / 4096] |= PTE_DIRTY;
		address &= ~UINT64_C(7);
		access_either_way(&f->t, look_up, address + next_random(&seed) % 8 * 8, 8,
				  what % 2 ? TIMING_DATA_WRITE : TIMING_DATA_READ);
	}
}

/* An access to the line or page of the last one counts the same with and without a look-up. */
static void test_no_look_up(void **state)
{
	static struct fixture other;
	struct fixture *f = *state;

	for (uint32_t seed = 1; seed <= 5; seed++) {
		fixture_setup(&other);
		begin(f);
		begin(&other);
		run_random(f, false, seed);
		run_random(&other, true, seed);
		assert_memory_equal(f->t.row, other.t.row, sizeof(uint64_t[TIMING_N_COSTS]));
		assert_int_equal(f->t.clock, other.t.clock);
		assert_true(f->t.row[TIMING_READ_L1] > 0 && f->t.row[TIMING_WALK_START] > 0);
		fixture_end(f);
		fixture_end(&other);
	}
}

/* An access that faults walks, and so does the next one to its page; others stay. */
static void test_fault(void **state)
{
	struct fixture *f = *state;

	begin(f);
	assert_int_equal(touch(f, 2), WALK);
	timing_fault(&f->t, 3 * 4096, false, true);
	assert_int_equal(look(f), WALK);
	assert_int_equal(touch(f, 3), WALK);
	timing_fault(&f->t, 3 * 4096, false, false);
	assert_int_equal(look(f), HIT);
	assert_int_equal(touch(f, 3), WALK);
	assert_int_equal(touch(f, 2), HIT);
	fixture_end(f);
}

static void test_exit_costs(void **state)
{
	(void)state;
	assert_int_equal(timing_exit_cost(48, 0), TIMING_EXIT_EPT_VIOLATION);
	assert_int_equal(timing_exit_cost(62, 0), TIMING_EXIT_PML_FULL);
	assert_int_equal(timing_exit_cost(62, 1), TIMING_EXIT_GPML_FULL);
	assert_int_equal(timing_exit_cost(66, 0), TIMING_EXIT_SPP);
	assert_int_equal(timing_exit_cost(2, 0), TIMING_EXIT_OTHER);
	assert_int_equal(timing_exit_cost(5000, 0), TIMING_EXIT_OTHER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_lru, test_setup),
		cmocka_unit_test_setup(test_code_has_its_own_first_level, test_setup),
		cmocka_unit_test_setup(test_write_needs_the_dirty_flag, test_setup),
		cmocka_unit_test_setup(test_not_present, test_setup),
		cmocka_unit_test_setup(test_mov_cr3, test_setup),
		cmocka_unit_test_setup(test_pcid, test_setup),
		cmocka_unit_test_setup(test_invlpg, test_setup),
		cmocka_unit_test_setup(test_invpcid, test_setup),
		cmocka_unit_test_setup(test_invvpid, test_setup),
		cmocka_unit_test_setup(test_invept, test_setup),
		cmocka_unit_test_setup(test_exits, test_setup),
		cmocka_unit_test_setup(test_no_look_up, test_setup),
		cmocka_unit_test_setup(test_fault, test_setup),
		cmocka_unit_test(test_exit_costs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
