/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SPML: what the guest writes between START and STOP is in the ring, each page once after it has
 * been armed. Xen's own use of the log, which a job of dom0 turns on and off, must not show here.
 */
#include "guest.h"

#define EBUSY	16
#define EFAULT	14
#define EINVAL	22

#define RING_PAGES	17u		/* 4096 entries */
#define LIST_GPA	0x610000ul

static struct ooh_ring *const ring = (struct ooh_ring *)RING_GPA;
static const struct ooh_entry *const entry = (struct ooh_entry *)(RING_GPA + 4096);
static uint64_t *const list = (uint64_t *)LIST_GPA;

static long start(void)
{
	return vmcall(OOH_OP_SPML_START, 0, 0, 0);
}

static long stop(void)
{
	return vmcall(OOH_OP_SPML_STOP, 0, 0, 0);
}

static long list_rearm(uint64_t gpa, uint64_t n)
{
	return vmcall(OOH_OP_REARM, gpa, n, 0);
}

static void write_pages(unsigned int first, unsigned int n)
{
	unsigned int i;

	for (i = first; i < first + n; i++)
		*test_page(i) = i;
}

/* How often a test page is in the ring, from the tail on. */
static unsigned int times(unsigned int page)
{
	unsigned int n = 0;
	uint64_t i;

	for (i = ring->tail; i < ring->head; i++)
		if (entry[i % ring->entries].address == TEST_GPA + page * 4096ul &&
			!entry[i % ring->entries].log)
			n++;
	return n;
}

static bool each(unsigned int first, unsigned int n, unsigned int expected)
{
	unsigned int i;

	for (i = first; i < first + n; i++)
		if (times(i) != expected)
			return false;
	return true;
}

static void take_all(void)
{
	ring->tail = ring->head;
}

static void test_bad_calls(void)
{
	check_result("SPML_START: not enabled", start(), -EINVAL);
	check_result("SPML_STOP: not enabled", stop(), -EINVAL);
	check_result("SPML_DISABLE: not enabled", vmcall(OOH_OP_SPML_DISABLE, 0, 0, 0), -EINVAL);
	check_result("SPML_ENABLE: no ring", vmcall(OOH_OP_SPML_ENABLE, 0, 0, 0), -EINVAL);
	vmcall(OOH_OP_RING, RING_GPA, RING_PAGES * 4096, 0);
	check_result("SPML_ENABLE", vmcall(OOH_OP_SPML_ENABLE, 0, 0, 0), 0);
	check_result("SPML_ENABLE: twice", vmcall(OOH_OP_SPML_ENABLE, 0, 0, 0), -EBUSY);
	check_result("RING: while enabled", vmcall(OOH_OP_RING, 0, 0, 0), -EBUSY);
	check_result("SPML_STOP: not started", stop(), 0);
	check_result("REARM: list not aligned", list_rearm(LIST_GPA + 4, 1), -EINVAL);
	check_result("REARM: list beyond its page", list_rearm(LIST_GPA + 4088, 2), -EINVAL);
	check_result("REARM: 513 pages", list_rearm(LIST_GPA, 513), -EINVAL);
	check_result("REARM: as many as 32 bits hold", list_rearm(LIST_GPA, 1ul << 32), -EINVAL);
	check_result("REARM: list is nowhere", list_rearm(HOLE_GPA, 1), -EFAULT);
	check_result("REARM: list is the APIC page", list_rearm(APIC_GPA, 1), -EFAULT);
	list[0] = -1ul;
	list[1] = HOLE_GPA;
	list[2] = APIC_GPA;
	list[3] = 1ul << 51;
	check_result("REARM: pages that are none", list_rearm(LIST_GPA, 4) & ~1l, 0);
}

static void test_start_stop(void)
{
	long n;

	write_pages(0, 20);
	check_result("SPML_START", start(), 0);
	write_pages(0, 10);
	write_pages(0, 10);
	n = stop();
	check("ten pages are written twice: once each in the ring", each(0, 10, 1));
	check("pages written before START are not", each(10, 10, 0));
	check("SPML_STOP tells how many", n >= 10 && (uint64_t)n == ring->head - ring->tail);
	take_all();
	write_pages(0, 30);
	check_result("SPML_START: again", start(), 0);
	check("what is written while stopped is in no ring", ring->head == ring->tail);
	check_result("SPML_START: twice", start(), 0);
	write_pages(5, 1);
	check("SPML_STOP", stop() > 0 && each(5, 1, 1) && each(0, 5, 0) && each(6, 24, 0));
	check_result("SPML_STOP: twice", stop(), 0);
	take_all();
}

static void test_rearm(void)
{
	start();
	write_pages(0, 4);
	list[0] = TEST_GPA + 1 * 4096;
	list[1] = TEST_GPA + 2 * 4096 + 8;
	list[2] = TEST_GPA + 40 * 4096;
	check_result("REARM: two dirty pages and a clean one", list_rearm(LIST_GPA, 3), 2);
	write_pages(0, 4);
	stop();
	check("re-armed pages are logged again", each(1, 2, 2));
	check("the others are not", each(0, 1, 1) && each(3, 1, 1));
	take_all();

	start();
	write_pages(0, 512);
	check("REARM: all pages", list_rearm(0, 0) >= 512);
	write_pages(100, 2);
	stop();
	check("all are logged again", each(0, 100, 1) && each(100, 2, 2) && each(102, 410, 1));
	take_all();
}

/* The processor's log holds 512: it is emptied on the way. */
static void test_full(void)
{
	unsigned int i;

	start();
	for (i = 0; i < 3; i++) {
		write_pages(0, 512);
		list_rearm(0, 0);
	}
	stop();
	check("1536 writes: none is missing", each(0, 512, 3) && !ring->lost);
	take_all();
}

static void test_overflow(void)
{
	uint64_t head;
	long n;

	vmcall(OOH_OP_SPML_DISABLE, 0, 0, 0);
	vmcall(OOH_OP_RING, RING_GPA, 2 * 4096, 0);
	check_result("SPML_ENABLE: small ring", vmcall(OOH_OP_SPML_ENABLE, 0, 0, 0), 0);
	start();
	write_pages(0, 512);
	n = stop();
	head = ring->head;
	check("a ring that is too small: what is lost is counted",
		head == 256 && ring->lost >= 256 && (uint64_t)n <= head + ring->lost);
	start();
	write_pages(0, 1);
	stop();
	check("full: nothing is overwritten", ring->head == head);
	take_all();
	start();
	write_pages(0, 1);
	stop();
	check("room again", each(0, 1, 1));
}

/* A page that comes back is another one: its first write is logged. */
static void test_balloon(void)
{
	take_all();
	start();
	write_pages(7, 1);
	check_result("balloon: a tracked page goes", balloon_out(TEST_GPA + 7 * 4096), 1);
	check_result("balloon: it comes back", balloon_in(TEST_GPA + 7 * 4096), 1);
	write_pages(7, 1);
	stop();
	check("it is logged for both", each(7, 1, 2));
}

static void test_end(void)
{
	uint64_t head;

	start();
	write_pages(9, 1);
	check_result("SPML_DISABLE: while started", vmcall(OOH_OP_SPML_DISABLE, 0, 0, 0), 0);
	check("the last pages are in the ring", times(9));
	head = ring->head;
	write_pages(0, 512);
	check_result("REARM: nobody uses dirty flags", list_rearm(0, 0), -EINVAL);
	check("nothing comes after it", ring->head == head);
	check_result("RING: none", vmcall(OOH_OP_RING, 0, 0, 0), 0);
}

void test_spml(void)
{
	check("QUERY: SPML", vmcall(OOH_OP_QUERY, 0, 0, 0) & OOH_CAP_SPML);
	test_bad_calls();
	test_start_stop();
	test_rearm();
	test_full();
	test_overflow();
	test_balloon();
	test_end();
}
