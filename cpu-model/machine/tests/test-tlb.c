/* SPDX-License-Identifier: BSD-2-Clause */
/* What may be cached, for whom, and what removes it. */
#include "world.h"

#define GVA	0x400000ull

static struct tlb *tlb;

static int setup(void **state)
{
	(void)state;
	tlb = test_malloc(sizeof(*tlb));
	tlb_flush(tlb, false);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	test_free(tlb);
	return 0;
}

static void insert(uint64_t gva, uint64_t hpa, uint64_t offset_mask, unsigned rights)
{
	tlb_insert(tlb, &(struct tlb_entry){
		.page = gva, .frame = hpa, .offset_mask = offset_mask, .rights = rights });
}

static void lookup_needs_the_rights(void **state)
{
	uint64_t hpa = 0;

	(void)state;
	assert_false(tlb_lookup(tlb, GVA, 8, TLB_SUPERVISOR, &hpa));
	insert(GVA, 0x3000000, PAGE_OFFSET, TLB_SUPERVISOR);
	assert_true(tlb_lookup(tlb, GVA + 0x10, 8, TLB_SUPERVISOR, &hpa));
	assert_int_equal(hpa, 0x3000010);
	assert_false(tlb_lookup(tlb, GVA + PAGE_SIZE, 8, TLB_SUPERVISOR, &hpa));
}

static void an_entry_that_lacks_a_right_goes(void **state)
{
	uint64_t hpa;

	(void)state;
	insert(GVA, 0x3000000, PAGE_OFFSET, TLB_SUPERVISOR);
	assert_false(tlb_lookup(tlb, GVA, 8, TLB_SUPERVISOR_WRITE, &hpa));
	assert_false(tlb_lookup(tlb, GVA, 8, TLB_SUPERVISOR, &hpa));
}

static void flush_keeps_global_pages_if_told(void **state)
{
	uint64_t hpa;

	(void)state;
	insert(GVA, 0x3000000, PAGE_OFFSET, TLB_SUPERVISOR);
	insert(GVA + PAGE_SIZE, 0x3001000, PAGE_OFFSET, TLB_SUPERVISOR | TLB_GLOBAL);
	tlb_flush(tlb, true);
	assert_false(tlb_lookup(tlb, GVA, 8, TLB_SUPERVISOR, &hpa));
	assert_true(tlb_lookup(tlb, GVA + PAGE_SIZE, 8, TLB_SUPERVISOR, &hpa));
	tlb_flush(tlb, false);
	assert_false(tlb_lookup(tlb, GVA + PAGE_SIZE, 8, TLB_SUPERVISOR, &hpa));
}

static void invlpg_removes_one_page(void **state)
{
	uint64_t hpa;

	(void)state;
	insert(GVA, 0x3000000, PAGE_OFFSET, TLB_SUPERVISOR | TLB_GLOBAL);
	insert(GVA + PAGE_SIZE, 0x3001000, PAGE_OFFSET, TLB_SUPERVISOR);
	tlb_invlpg(tlb, GVA + 0xFFF);
	assert_false(tlb_lookup(tlb, GVA, 8, TLB_SUPERVISOR, &hpa));
	assert_true(tlb_lookup(tlb, GVA + PAGE_SIZE, 8, TLB_SUPERVISOR, &hpa));
}

static void invlpg_removes_all_pieces_of_a_large_page(void **state)
{
	uint64_t hpa;

	(void)state;
	insert(GVA, 0x3000000, 0x1FFFFF, TLB_SUPERVISOR);
	insert(GVA + 0x1FF000, 0x3005000, 0x1FFFFF, TLB_SUPERVISOR);
	insert(GVA + 0x201000, 0x3007000, 0x1FFFFF, TLB_SUPERVISOR);
	tlb_invlpg(tlb, GVA + 0x100000);
	assert_false(tlb_lookup(tlb, GVA, 8, TLB_SUPERVISOR, &hpa));
	assert_false(tlb_lookup(tlb, GVA + 0x1FF000, 8, TLB_SUPERVISOR, &hpa));
	assert_true(tlb_lookup(tlb, GVA + 0x201000, 8, TLB_SUPERVISOR, &hpa));
}

static void sub_pages_limit_writes_alone(void **state)
{
	const struct tlb_entry e = {
		.page = GVA, .frame = 0x3000000, .offset_mask = PAGE_OFFSET,
		.rights = TLB_SUPERVISOR | TLB_SUPERVISOR_WRITE | TLB_USER | TLB_USER_WRITE,
		.spp = { .limited = true, .writable = 0x80000003 },
	};
	uint64_t hpa;

	(void)state;
	tlb_insert(tlb, &e);
	assert_true(tlb_lookup(tlb, GVA + 0x100, 64, TLB_USER, &hpa));
	assert_true(tlb_lookup(tlb, GVA, 256, TLB_SUPERVISOR_WRITE, &hpa));
	assert_true(tlb_lookup(tlb, GVA + 0xFFF, 1, TLB_USER_WRITE, &hpa));
	assert_int_equal(hpa, 0x3000FFF);
	assert_false(tlb_lookup(tlb, GVA + 0xFF, 2, TLB_SUPERVISOR_WRITE, &hpa));
	assert_false(tlb_lookup(tlb, GVA, 1, TLB_SUPERVISOR, &hpa));
	tlb_insert(tlb, &e);
	assert_false(tlb_lookup(tlb, GVA + 0xF7F, 1, TLB_USER_WRITE, &hpa));
}

/* ---- As the guest sees it ----------------------------------------------------------------- */

/* Clear the dirty flags of the page, so that a walk for a write shows. */
static void clear_dirty(struct world *w)
{
	uint64_t pte = world_pte(w, GVA, 1), epte = world_epte(w, GVA, 1);

	mem_write(w->m, pte, 8, world_peek(w, pte) & ~(uint64_t)EPML_PTE_DIRTY);
	mem_write(w->m, epte, 8, world_peek(w, epte) & ~(uint64_t)EPML_EPT_DIRTY);
}

static bool write_walks(struct world *w, bool user)
{
	uint64_t hpa;

	clear_dirty(w);
	assert_int_equal(walk_translate(w->m, GVA, 8, EPML_ACCESS_WRITE, user, &hpa), DONE);
	return world_peek(w, world_pte(w, GVA, 1)) & EPML_PTE_DIRTY;
}

static void read(struct world *w, bool user)
{
	uint64_t hpa;

	assert_int_equal(walk_translate(w->m, GVA, 8, EPML_ACCESS_READ, user, &hpa), DONE);
}

static struct world *one_page(void **state)
{
	struct world *w = *state;

	world_page(w, GVA);
	world_load(w);
	return w;
}

static void a_cached_write_sets_no_dirty_flag(void **state)
{
	struct world *w = one_page(state);

	assert_true(write_walks(w, false));
	assert_false(write_walks(w, false));
	tlb_invlpg(&w->m->data, GVA);
	assert_true(write_walks(w, false));
}

static void a_read_caches_no_write(void **state)
{
	struct world *w = one_page(state);

	read(w, false);
	assert_true(write_walks(w, false));
	read(w, false);
	assert_false(write_walks(w, false));
	tlb_invlpg(&w->m->data, GVA);
	read(w, true);
	assert_true(write_walks(w, true));
}

static void a_supervisor_write_caches_nothing_for_the_user(void **state)
{
	struct world *w = one_page(state);

	assert_true(write_walks(w, false));
	assert_true(write_walks(w, true));
	assert_false(write_walks(w, false));	/* a user-mode walk serves both */
	assert_false(write_walks(w, true));
	read(w, true);
	assert_false(write_walks(w, true));
}

static void fetches_are_cached_apart(void **state)
{
	struct world *w = one_page(state);
	uint64_t hpa;

	assert_true(write_walks(w, false));
	assert_int_equal(walk_translate(w->m, GVA, 8, EPML_ACCESS_FETCH, false, &hpa), DONE);
	assert_false(write_walks(w, false));
}

static void mov_cr3_keeps_global_pages(void **state)
{
	struct world *w = *state;

	world_page(w, GVA);
	world_guest(w, GVA + PAGE_SIZE, GVA + PAGE_SIZE, 1, G_PWU | EPML_PTE_GLOBAL);
	world_ept(w, GVA + PAGE_SIZE, W_FRAME0 + GVA + PAGE_SIZE, 1, E_RWX);
	world_load(w);
	w->head.n_steps = 0;
	for (unsigned page = 0; page < 2; page++) {
		uint64_t gva = GVA + page * PAGE_SIZE;
		uint64_t pte = W_ALIAS + world_pte(w, gva, 1);

		world_step(w, VI_STORE, 8, gva, 1, 0);
		world_step(w, VI_STORE, 8, pte, gva | G_PWU | (page ? EPML_PTE_GLOBAL : 0), 0);
		world_step(w, VI_MOV_CR3, 0, W_GUEST_PML4, 0, 0);
		world_step(w, VI_STORE, 8, gva, 2, 0);
	}
	world_run(w);
	world_expect(w, NULL);
	/* Page 0 was logged again, the global page was not. */
	assert_int_equal(world_field_value(w, EPML_VMCS_GUEST_PML_INDEX), 511 - 3);
}

/* ---- Sub-page write permissions ----------------------------------------------------------- */

/* A page whose sub-pages have these permissions, and control "sub-page write permissions". */
static struct world *sub_pages(void **state, uint32_t writable)
{
	struct world *w = *state;
	uint64_t leaf = 0;

	for (unsigned i = 0; i < 32; i++)
		leaf |= (uint64_t)(writable >> i & 1) << 2 * i;
	world_guest(w, GVA, GVA, 1, G_PWU);
	world_ept(w, GVA, W_FRAME0 + GVA, 1, E_RX | EPML_EPT_SPP);
	world_poke(w, W_SPPT, (W_SPPT + 0x1000) | EPML_SPPT_VALID);
	world_poke(w, W_SPPT + 0x1000, (W_SPPT + 0x2000) | EPML_SPPT_VALID);
	world_poke(w, W_SPPT + 0x2000 + 8 * (GVA >> 21), (W_SPPT + 0x3000) | EPML_SPPT_VALID);
	world_poke(w, W_SPPT + 0x3000 + 8 * (GVA >> 12 & 0x1FF), leaf);
	world_field(w, EPML_VMCS_SPPTP, W_SPPT);
	world_field(w, EPML_VMCS_SECONDARY_CONTROLS,
		    EPML_PROC2_ENABLE_EPT | EPML_PROC2_SUB_PAGE_WRITE);
	world_field(w, EPML_VMCS_TERTIARY_CONTROLS, 0);
	return w;
}

static enum outcome write_to(struct world *w, uint64_t gva, unsigned size)
{
	struct operand op;

	return operand_translate(w->m, gva, size, EPML_ACCESS_WRITE, false, &op);
}

static void a_granted_write_caches_its_sub_pages(void **state)
{
	struct world *w = sub_pages(state, 0x5);
	const uint64_t leaf = W_SPPT + 0x3000 + 8 * (GVA >> 12 & 0x1FF);

	world_load(w);
	assert_int_equal(write_to(w, GVA, 8), DONE);
	assert_int_equal(write_to(w, GVA + 0x80, 8), EXITED);
	assert_int_equal(write_to(w, GVA, 8), DONE);
	/* The table's new content counts when what is cached does not grant the write. */
	mem_write(w->m, leaf, 8, 0x4);
	assert_int_equal(write_to(w, GVA + 0x100, 8), DONE);
	assert_int_equal(write_to(w, GVA + 0x80, 8), DONE);
	assert_int_equal(write_to(w, GVA, 8), EXITED);
}

static void flushes_drop_sub_pages(void **state)
{
	struct world *w = sub_pages(state, 0x1);
	const uint64_t leaf = W_SPPT + 0x3000 + 8 * (GVA >> 12 & 0x1FF);

	world_load(w);
	assert_int_equal(write_to(w, GVA, 64), DONE);
	mem_write(w->m, leaf, 8, 0);
	assert_int_equal(write_to(w, GVA, 64), DONE);
	walk_flush(w->m, false);
	assert_int_equal(write_to(w, GVA, 64), EXITED);
	mem_write(w->m, leaf, 8, 1);
	assert_int_equal(write_to(w, GVA, 64), DONE);
	mem_write(w->m, leaf, 8, 0);
	tlb_invlpg(&w->m->data, GVA);
	assert_int_equal(write_to(w, GVA, 64), EXITED);
}

/* What SPP grants for a page says nothing about a page that is mapped after it. */
static void ordinary_pages_stay_ordinary(void **state)
{
	struct world *w = sub_pages(state, 0x1);

	world_page(w, GVA + PAGE_SIZE);
	world_load(w);
	assert_int_equal(write_to(w, GVA, 8), DONE);
	assert_int_equal(write_to(w, GVA + PAGE_SIZE, 8), DONE);
	assert_int_equal(write_to(w, GVA + PAGE_SIZE + 0x80, 64), DONE);
}

/* Of a write that crosses into the page, the bytes in the page count, and no others. */
static void crossing_writes_have_two_sizes(void **state)
{
	struct world *w = sub_pages(state, 0x1);

	world_page(w, GVA - PAGE_SIZE);
	world_load(w);
	for (unsigned first = 1; first < 64; first++)
		assert_int_equal(write_to(w, GVA - first, 64), DONE);
	assert_int_equal(write_to(w, GVA - 1, 0x81), DONE);
	assert_int_equal(write_to(w, GVA - 1, 0x82), EXITED);
	assert_int_equal(w->m->cpu.exit.gva, GVA);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(lookup_needs_the_rights, setup, teardown),
		cmocka_unit_test_setup_teardown(an_entry_that_lacks_a_right_goes, setup, teardown),
		cmocka_unit_test_setup_teardown(flush_keeps_global_pages_if_told, setup, teardown),
		cmocka_unit_test_setup_teardown(invlpg_removes_one_page, setup, teardown),
		cmocka_unit_test_setup_teardown(invlpg_removes_all_pieces_of_a_large_page, setup,
						teardown),
		cmocka_unit_test_setup_teardown(sub_pages_limit_writes_alone, setup, teardown),
		world_test(a_cached_write_sets_no_dirty_flag),
		world_test(a_read_caches_no_write),
		world_test(a_supervisor_write_caches_nothing_for_the_user),
		world_test(fetches_are_cached_apart),
		world_test(mov_cr3_keeps_global_pages),
		world_test(a_granted_write_caches_its_sub_pages),
		world_test(flushes_drop_sub_pages),
		world_test(ordinary_pages_stay_ordinary),
		world_test(crossing_writes_have_two_sizes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
