/* SPDX-License-Identifier: BSD-2-Clause */
/* Accessed and dirty flags of the guest's paging structures. */
#include "fixture.h"

#define REFUSED_Q	(EPML_QUAL_EPT_READ | EPML_QUAL_EPT_WRITE | \
			 5 << EPML_QUAL_EPT_PERM_SHIFT | EPML_QUAL_EPT_LINEAR)

/* Both logs off: the flags alone. Accessed flags of all guest entries clear. */
static int setup(void **state)
{
	struct fixture *fx;

	if (fx_setup(state))
		return -1;
	fx = *state;
	fx->cpu.v.proc3 = 0;
	fx->cpu.v.proc2 &= ~EPML_PROC2_ENABLE_PML;
	for (unsigned level = 1; level <= 4; level++)
		fx_pte_change(fx, FX_GVA_DATA, level, FX_PTE_AD, 0);
	fx_save(fx);
	return 0;
}

#define gwalk_test(f) cmocka_unit_test_setup_teardown(f, setup, fx_teardown)

static void expect_ok(struct fixture *fx, struct epml_guest_walk *w)
{
	uint64_t hpa = ~0ull;

	fx_save(fx);
	assert_int_equal(epml_guest_access(&fx->cpu, w, &hpa), EPML_OK);
	assert_int_equal(hpa, FX_FRAME + w->access.gpa);
}

static uint64_t flags_at(struct fixture *fx, unsigned level)
{
	return *fx_word(fx, fx_pte(FX_GVA_DATA, level)) & FX_PTE_AD;
}

static void expect_flags(struct fixture *fx, struct epml_guest_walk *w, uint64_t leaf)
{
	expect_ok(fx, w);
	for (unsigned level = 1; level <= 4; level++) {
		uint64_t expected = level > w->leaf ? EPML_PTE_ACCESSED :
				    level == w->leaf ? leaf : 0;

		assert_int_equal(flags_at(fx, level), expected);
		if (level >= w->leaf)	/* the walk has what memory has */
			assert_int_equal(w->entry[level].value, *fx_word(fx, w->entry[level].hpa));
	}
}

/* GWALK-1: nothing but the four entries changes, and nothing but flags in them. */
static void write(void **state)
{
	struct fixture *fx = *state;
	struct epml_guest_walk w = fx_walk(fx, FX_GVA_DATA + 0x123, FX_WRITE);

	expect_flags(fx, &w, FX_PTE_AD);
	FX_CHANGED(fx, fx_pte(FX_GVA_DATA, 4), fx_pte(FX_GVA_DATA, 3), fx_pte(FX_GVA_DATA, 2),
		   fx_pte(FX_GVA_DATA, 1), fx_epte(FX_GPA_DATA, 1));
	FX_EVENTS_ARE(fx, EPML_EV_EPT_FLAGS, EPML_EV_WALK, EPML_EV_PTE_FLAGS, EPML_EV_PTE_FLAGS,
		      EPML_EV_PTE_FLAGS, EPML_EV_PTE_FLAGS);
	for (unsigned i = 1; i < fx->n_writes; i++) {
		uint64_t set = i == 4 ? FX_PTE_AD : EPML_PTE_ACCESSED;

		assert_int_equal(fx->writes[i].what, EPML_MEM_GUEST_PTE);
		assert_int_equal(fx->writes[i].value, fx->writes[i].old | set);
		assert_int_equal(fx->events[i + 1].value, set);
		assert_int_equal(fx->events[i + 1].level, 5 - i);
		assert_int_equal(fx->events[i + 1].addr, fx_pte_gpa(FX_GVA_DATA, 5 - i));
		assert_int_equal(fx->events[i + 1].gva, FX_GVA_DATA + 0x123);
	}
}

/* GWALK-1: reads and fetches set no dirty flag. */
static void read_and_fetch(void **state)
{
	static const unsigned flags[] = { FX_READ, FX_FETCH };
	struct fixture *fx = *state;

	for (unsigned i = 0; i < 2; i++) {
		struct epml_guest_walk w;

		for (unsigned level = 1; level <= 4; level++)
			fx_pte_change(fx, FX_GVA_DATA, level, FX_PTE_AD, 0);
		w = fx_walk(fx, FX_GVA_DATA, flags[i]);
		expect_flags(fx, &w, EPML_PTE_ACCESSED);
	}
}

/* GWALK-1: a dirty flag in an upper entry is ignored, and not set there by a write. */
static void read_modify_write(void **state)
{
	struct fixture *fx = *state;
	struct epml_guest_walk w = fx_walk(fx, FX_GVA_DATA, FX_WRITE | EPML_ACCESS_READ);

	expect_flags(fx, &w, FX_PTE_AD);
}

/* GWALK-1: entries whose flags are set are not written. */
static void already_set(void **state)
{
	struct fixture *fx = *state;
	struct epml_guest_walk w;
	uint64_t hpa;

	fx_access(fx, FX_GVA_DATA, FX_WRITE, &hpa);
	w = fx_walk(fx, FX_GVA_DATA, FX_WRITE);
	expect_ok(fx, &w);
	FX_EVENTS_ARE(fx, EPML_EV_WALK);
	assert_int_equal(fx->n_writes, 0);
	/* a read does not write a clean, accessed entry either */
	fx_pte_change(fx, FX_GVA_DATA, 1, EPML_PTE_DIRTY, 0);
	w = fx_walk(fx, FX_GVA_DATA, FX_READ);
	expect_ok(fx, &w);
	assert_int_equal(fx->n_writes, 0);
}

/* GWALK-1 with large pages: the walk ends at the entry that maps the page. */
static void large_pages(void **state)
{
	struct fixture *fx = *state;

	for (unsigned leaf = 2; leaf <= 3; leaf++) {
		struct epml_guest_walk w = fx_walk(fx, FX_GVA_DATA, FX_WRITE);

		w.leaf = leaf;
		expect_flags(fx, &w, FX_PTE_AD);
		for (unsigned level = 2; level <= 4; level++)
			fx_pte_change(fx, FX_GVA_DATA, level, FX_PTE_AD, 0);
	}
}

/* GWALK-1 with PAE paging: the walk begins at the PDE. */
static void pae_paging(void **state)
{
	struct fixture *fx = *state;
	struct epml_guest_walk w = fx_walk(fx, FX_GVA_DATA, FX_WRITE);

	w.top = 2;
	expect_ok(fx, &w);
	FX_CHANGED(fx, fx_pte(FX_GVA_DATA, 2), fx_pte(FX_GVA_DATA, 1), fx_epte(FX_GPA_DATA, 1));
}

/* A walk with 32-bit paging; the PTE is the upper half of its word, the PDE the lower. */
static struct epml_guest_walk walk32(struct fixture *fx)
{
	struct epml_guest_walk w = fx_walk(fx, FX_GVA_DATA, FX_WRITE);

	w.entry_size = 4;
	w.top = 2;
	for (unsigned level = 1; level <= 2; level++) {
		*fx_word(fx, w.entry[level].hpa) = 0xA5A5A007A5A5A007;
		w.entry[level].value = 0xA5A5A007;
	}
	w.entry[1].hpa += 4;
	w.entry[1].gpa += 4;
	return w;
}

/* GWALK-1 with 32-bit paging: 4-byte entries, and nothing beside them. */
static void paging_32bit(void **state)
{
	struct fixture *fx = *state;
	struct epml_guest_walk w = walk32(fx);

	expect_ok(fx, &w);
	assert_int_equal(*fx_word(fx, fx_pte(FX_GVA_DATA, 1)), 0xA5A5A067A5A5A007);
	assert_int_equal(*fx_word(fx, fx_pte(FX_GVA_DATA, 2)), 0xA5A5A007A5A5A027);
	assert_int_equal(w.entry[1].value, 0xA5A5A067);
	for (unsigned i = 1; i < fx->n_writes; i++)
		assert_int_equal(fx->writes[i].size, 4);
	assert_int_equal(fx->n_writes, 3);
}

/* GWALK-1 with a 4-MByte page of 32-bit paging: one entry. */
static void paging_32bit_large(void **state)
{
	struct fixture *fx = *state;
	struct epml_guest_walk w = walk32(fx);

	w.leaf = 2;
	expect_ok(fx, &w);
	assert_int_equal(*fx_word(fx, fx_pte(FX_GVA_DATA, 2)), 0xA5A5A007A5A5A067);
	assert_int_equal(*fx_word(fx, fx_pte(FX_GVA_DATA, 1)), 0xA5A5A007A5A5A007);
}

/* ---- Entries that EPT does not let the processor write ------------------------------------ */

static void expect_refused(struct fixture *fx, unsigned level, unsigned flags, uint64_t extra)
{
	struct epml_guest_walk w = fx_walk(fx, FX_GVA_DATA, flags), before = w;
	uint64_t hpa = ~0ull;

	fx_save(fx);
	assert_int_equal(epml_guest_access(&fx->cpu, &w, &hpa), EPML_VMEXIT);
	fx_expect_exit(fx, EPML_REASON_EPT_VIOLATION, REFUSED_Q | extra);
	fx_expect_exit_addresses(fx, true, fx_pte_gpa(FX_GVA_DATA, level), true, FX_GVA_DATA);
	fx_expect_unchanged(fx);
	FX_EVENTS_ARE(fx, EPML_EV_EXIT);
	for (unsigned i = 1; i <= 4; i++)
		assert_int_equal(w.entry[i].value, before.entry[i].value);
	assert_int_equal(hpa, ~0ull);
}

/* GWALK-2: each level, each kind of access; with and without EPT accessed and dirty flags. */
static void refused(void **state)
{
	struct fixture *fx = *state;

	for (unsigned level = 1; level <= 4; level++) {
		uint64_t table = fx_pte_gpa(FX_GVA_DATA, level);

		fx_ept_change(fx, table, 1, EPML_EPT_WRITE, 0);
		expect_refused(fx, level, FX_READ, 0);
		expect_refused(fx, level, FX_WRITE, 0);
		expect_refused(fx, level, FX_FETCH, 0);
		expect_refused(fx, level, FX_WRITE | EPML_ACCESS_NMI_IRET,
			       EPML_QUAL_NMI_UNBLOCKING);
		fx->cpu.v.eptp ^= EPML_EPTP_AD;
		expect_refused(fx, level, FX_READ, 0);
		fx->cpu.v.eptp ^= EPML_EPTP_AD;
		fx_ept_change(fx, table, 1, 0, EPML_EPT_WRITE);
	}
}

/* GWALK-2: an entry that needs no flag may be read-only. */
static void refused_not_needed(void **state)
{
	struct fixture *fx = *state;
	struct epml_guest_walk w;

	for (unsigned level = 1; level <= 4; level++) {
		fx_pte_change(fx, FX_GVA_DATA, level, 0, EPML_PTE_ACCESSED);
		fx_ept_change(fx, fx_pte_gpa(FX_GVA_DATA, level), 1, EPML_EPT_WRITE, 0);
	}
	w = fx_walk(fx, FX_GVA_DATA, FX_READ);
	expect_ok(fx, &w);
	expect_refused(fx, 1, FX_WRITE, 0);	/* the dirty flag is needed now */
	fx_pte_change(fx, FX_GVA_DATA, 1, 0, EPML_PTE_DIRTY);
	w = fx_walk(fx, FX_GVA_DATA, FX_WRITE);
	expect_ok(fx, &w);
}

/* GWALK-2: a flag in the page table is not set because a later one cannot be. */
static void refused_all_or_nothing(void **state)
{
	struct fixture *fx = *state;

	fx_ept_change(fx, FX_GPA_PD, 1, EPML_EPT_WRITE, 0);
	expect_refused(fx, 2, FX_WRITE, 0);
}

/* GWALK-2, EPT-VE-1: the EPT violation is convertible as any other. */
static void refused_ve(void **state)
{
	struct fixture *fx = *state;
	uint64_t hpa;

	fx_set_ve(fx, true);
	fx_ept_change(fx, FX_GPA_PT, 1, EPML_EPT_WRITE, 0);
	fx_save(fx);
	assert_int_equal(fx_access(fx, FX_GVA_DATA, FX_WRITE, &hpa), EPML_VE);
	assert_int_equal(*fx_word(fx, FX_VE_INFO + EPML_VEINFO_QUALIFICATION), REFUSED_Q);
	assert_int_equal(*fx_word(fx, FX_VE_INFO + EPML_VEINFO_GPA), fx_pte_gpa(FX_GVA_DATA, 1));
	assert_int_equal(*fx_word(fx, fx_pte(FX_GVA_DATA, 1)) & FX_PTE_AD, 0);
	*fx_word(fx, FX_VE_INFO) = 0;
	expect_refused(fx, 1, FX_WRITE | EPML_ACCESS_IN_EVENT, 0);
	expect_refused(fx, 1, FX_WRITE | EPML_ACCESS_NO_PE, 0);
}

/* GWALK-2: a misconfigured entry on the way to the guest's entry. */
static void refused_misconfiguration(void **state)
{
	struct fixture *fx = *state;
	uint64_t hpa;

	fx_ept_change(fx, FX_GPA_PT, 1, 0, EPML_EPT_MEMTYPE_MASK);
	fx_save(fx);
	assert_int_equal(fx_access(fx, FX_GVA_DATA, FX_WRITE, &hpa), EPML_VMEXIT);
	fx_expect_exit(fx, EPML_REASON_EPT_MISCONFIGURATION, 0);
	fx_expect_exit_addresses(fx, true, fx_pte_gpa(FX_GVA_DATA, 1), false, 0);
	fx_expect_unchanged(fx);
}

/* EPT-AD-5: an access that EPT refuses leaves the guest's entries alone. */
static void access_refused(void **state)
{
	struct fixture *fx = *state;
	uint64_t hpa;

	fx_ept_change(fx, FX_GPA_DATA, 1, EPML_EPT_WRITE, 0);
	assert_int_equal(fx_access(fx, FX_GVA_DATA, FX_WRITE, &hpa), EPML_VMEXIT);
	fx_expect_exit_addresses(fx, true, FX_GPA_DATA, true, FX_GVA_DATA);
	fx_ept_change(fx, FX_GPA_DATA, 1, 0, EPML_EPT_WRITE);
	fx_expect_unchanged(fx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		gwalk_test(write), gwalk_test(read_and_fetch), gwalk_test(read_modify_write),
		gwalk_test(already_set), gwalk_test(large_pages), gwalk_test(pae_paging),
		gwalk_test(paging_32bit), gwalk_test(paging_32bit_large), gwalk_test(refused),
		gwalk_test(refused_not_needed), gwalk_test(refused_all_or_nothing),
		gwalk_test(refused_ve), gwalk_test(refused_misconfiguration),
		gwalk_test(access_refused),
	};

	return cmocka_run_group_tests_name("gwalk", tests, NULL, NULL);
}
