/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SPML and a pool, while dom0 turns Xen's log-dirty mode on and off and reads it. The same pages
 * are written in each round and the same ones never, and dom0 checks that too (tests/log-dirty.c).
 * An NMI ends it. Where Xen does not use PML (ept=no-pml), it protects pages from writes instead,
 * pages of the pool as well.
 */
#include "guest.h"

#define WRITTEN		256u		/* the first half of the test pages */
#define AGAIN		16u
#define POOL_PAGE	8u		/* one of those that are written */
#define LIST_GPA	0x610000ul
#define ENOSYS	38
#define GP	(256 + 13)

static struct ooh_ring *const ring = (struct ooh_ring *)RING_GPA;
static const struct ooh_entry *const entry = (struct ooh_entry *)(RING_GPA + 4096);

static unsigned long rounds, missed, spurious, unprotected, refused;

static void write_pages(unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		*test_page(i) = i;
}

/* A test page may be there more often, since Xen arms pages for itself too. */
static void look(void)
{
	static volatile unsigned int times[TEST_PAGES];
	unsigned int i;
	uint64_t at;

	for (i = 0; i < TEST_PAGES; i++)
		times[i] = 0;
	for (at = ring->tail; at < ring->head; at++) {
		uint64_t page = (entry[at % ring->entries].address - TEST_GPA) / 4096;

		if (page < TEST_PAGES)
			times[page]++;
	}
	ring->tail = ring->head;
	for (i = 0; i < TEST_PAGES; i++) {
		missed += i < WRITTEN && times[i] < (i < AGAIN ? 2 : 1);
		spurious += i >= WRITTEN && times[i];
	}
}

static void tracked_round(void)
{
	uint64_t *list = (uint64_t *)LIST_GPA;
	unsigned int i;

	vmcall(OOH_OP_SPML_START, 0, 0, 0);
	write_pages(WRITTEN);
	for (i = 0; i < AGAIN; i++)
		list[i] = TEST_GPA + i * 4096;
	vmcall(OOH_OP_REARM, LIST_GPA, AGAIN, 0);
	write_pages(AGAIN);
	vmcall(OOH_OP_SPML_STOP, 0, 0, 0);
	look();
}

/* The page of the pool: the first sub-page of two can be written, the second cannot. */
static void check_pool(void)
{
	uint64_t gva = (uint64_t)test_page(POOL_PAGE);

	unprotected += store(gva + 128, 1) != GP || *(volatile uint64_t *)(gva + 128);
	refused += store(gva, rounds) || *test_page(POOL_PAGE) != rounds;
}

void test_both(void)
{
	bool spml = vmcall(OOH_OP_QUERY, 0, 0, 0) & OOH_CAP_SPML;

	check_result("RING", vmcall(OOH_OP_RING, RING_GPA, 17 * 4096, 0), 0);
	check_result("SPML_ENABLE", vmcall(OOH_OP_SPML_ENABLE, 0, 0, 0), spml ? 0 : -ENOSYS);
	check_result("SPP_SET", vmcall(OOH_OP_SPP_SET, TEST_GPA + POOL_PAGE * 4096, 1, 2), 0);
	print("working\n");
	for (; !interrupts[VECTOR_NMI]; rounds++) {
		if (spml)
			tracked_round();
		else
			write_pages(WRITTEN);
		check_pool();
	}
	print("# rounds: ");
	print_number(rounds);
	print("\n");
	check("rounds", rounds > 10);
	check_result("no page that was written is missing", missed, 0);
	check_result("no page that was not written is there", spurious, 0);
	check_result("nothing is lost", ring->lost, 0);
	check_result("sub-pages are protected all the time", unprotected, 0);
	check_result("and the others are not", refused, 0);
}
