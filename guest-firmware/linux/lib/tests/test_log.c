/* SPDX-License-Identifier: BSD-2-Clause */
/* "epml" and "spml" with a ring that the test fills, also with what no module would write. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <cmocka.h>
#include "../../../../hv-shim/include/ooh_call.h"
#include "../internal.h"
#include "fake_device.h"

#define PAGES 64u

static char *array;

static uint64_t page(unsigned int i)
{
	return (uintptr_t)array + i * PAGE_BYTES;
}

static int begin(void **state)
{
	(void)state;
	fake_begin(OOH_CAP_EPML | OOH_CAP_SPML);
	array = mmap(NULL, PAGES * PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
		     -1, 0);
	memset(array, 1, PAGES * PAGE_BYTES);
	return array == MAP_FAILED;
}

static int end(void **state)
{
	(void)state;
	munmap(array, PAGES * PAGE_BYTES);
	fake_end();
	return 0;
}

static struct ooh *registered(enum ooh_technique technique)
{
	struct ooh *o;

	assert_int_equal(ooh_open(&o, technique), 0);
	assert_int_equal(ooh_register(o, getpid(), page(0), PAGES * PAGE_BYTES), 0);
	return o;
}

static struct ooh *started(enum ooh_technique technique)
{
	struct ooh *o = registered(technique);

	assert_int_equal(ooh_start(o), 0);
	return o;
}

/* Collect, and expect n pages: those of the list. */
static void expect(struct ooh *o, const unsigned int *list, size_t n)
{
	const uint64_t *found;

	assert_int_equal(ooh_collect(o, &found), n);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(found[i], page(list[i]));
}

static void expect_all(struct ooh *o)
{
	unsigned int list[PAGES];

	for (unsigned int i = 0; i < PAGES; i++)
		list[i] = i;
	expect(o, list, PAGES);
}

static void test_open(void **state)
{
	struct ooh *o;

	(void)state;
	fake.caps = OOH_CAP_SPML;
	assert_int_equal(ooh_open(&o, OOH_EPML), -EOPNOTSUPP);
	assert_string_equal(ooh_error(NULL),
			    "epml: the hypervisor offers no guest PML (capabilities 0x2)");
	fake.caps = OOH_CAP_EPML;
	assert_int_equal(ooh_open(&o, OOH_SPML), -EOPNOTSUPP);
	assert_int_equal(ooh_open(&o, OOH_SPML_INDEXED), -EOPNOTSUPP);
}

static void test_register(void **state)
{
	struct ooh *o;

	(void)state;
	assert_int_equal(ooh_open(&o, OOH_EPML), 0);
	fake.register_error = -EPERM;
	assert_int_equal(ooh_register(o, getpid(), page(0), PAGE_BYTES), -EPERM);
	fake.register_error = 0;
	assert_int_equal(ooh_register(o, getpid(), page(0), 1ull << 30), 0);
	assert_int_equal(fake.registered.kind, OOH_KIND_EPML);
	assert_int_equal(fake.registered.pid, getpid());
	/* 2 entries for each of 2^18 pages. */
	assert_int_equal(fake.registered.ring_pages, 1024);
	ooh_close(o);
	assert_int_equal(ooh_open(&o, OOH_EPML), 0);
	assert_int_equal(ooh_set_ring(o, 2), 0);
	assert_int_equal(ooh_register(o, getpid(), page(0), 1ull << 30), 0);
	assert_int_equal(fake.registered.ring_pages, 2);
	ooh_close(o);
	o = registered(OOH_EPML);
	assert_int_equal(fake.registered.ring_pages, 16);
	ooh_close(o);
}

/* Sizes that a ring can't have. */
static void test_header(void **state)
{
	static const uint64_t sizes[] = {0, 1000, 1ull << 22, 1ull << 63, ~0ull};
	struct ooh *o;

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		fake.ring->entries = sizes[i];
		assert_int_equal(ooh_open(&o, OOH_EPML), 0);
		assert_int_equal(ooh_register(o, getpid(), page(0), PAGE_BYTES), -EPROTO);
		assert_non_null(strstr(ooh_error(o), "a power of two up to"));
		ooh_close(o);
	}
}

static void test_collect(void **state)
{
	struct ooh *o = registered(OOH_EPML);
	struct ooh_statistics statistics;

	(void)state;
	fake_log(page(50)); /* before the start */
	assert_int_equal(ooh_start(o), 0);
	assert_int_equal(fake.starts, 1);
	fake_log(page(9) + 123);
	fake_log(page(3));
	fake_log(page(9));
	fake_log(page(PAGES)); /* beside the range */
	fake_log(page(0) - PAGE_BYTES);
	expect(o, (unsigned int[]){3, 9}, 2);
	assert_int_equal(fake.drains, 1);
	assert_int_equal(fake.rearmed_n, 2);
	assert_int_equal(fake.rearmed[0], page(3));
	assert_int_equal(fake.rearmed[1], page(9));
	assert_int_equal(fake.ring->tail, fake.ring->head);
	fake.stats.notifications = 12;
	ooh_statistics(o, &statistics);
	assert_int_equal(statistics.entries, 5);
	assert_int_equal(statistics.duplicates, 1);
	assert_int_equal(statistics.foreign, 2);
	assert_int_equal(statistics.lost, 0);
	assert_int_equal(statistics.notifications, 12);
	/* Re-arming an empty list would re-arm everything. */
	expect(o, NULL, 0);
	assert_int_equal(fake.rearms, 1);
	ooh_close(o);
	assert_int_equal(fake.stops, 1);
}

/* Round the end of the ring, and of the counters. */
static void test_wrap(void **state)
{
	struct ooh *o;

	(void)state;
	fake.ring->head = fake.ring->tail = ~0ull - 2;
	o = started(OOH_EPML);
	for (unsigned int round = 0; round < 40; round++) {
		for (unsigned int i = 0; i < PAGES; i++)
			fake_log(page((i * 7 + round) % PAGES));
		expect_all(o);
	}
	ooh_close(o);
}

static void test_full(void **state)
{
	struct ooh *o = started(OOH_EPML);

	(void)state;
	for (unsigned int i = 0; i < FAKE_ENTRIES; i++)
		fake_log(page(i % 2));
	expect(o, (unsigned int[]){0, 1}, 2);
	ooh_close(o);
}

/* Entries were lost: all pages are reported and re-armed. */
static void test_lost(void **state)
{
	struct ooh *o = started(OOH_EPML);
	struct ooh_statistics statistics;

	(void)state;
	fake_log(page(5));
	fake.ring->lost += 3;
	expect_all(o);
	assert_int_equal(fake.rearms, 1);
	assert_int_equal(fake.rearmed_n, 0);
	ooh_statistics(o, &statistics);
	assert_int_equal(statistics.lost, 3);
	assert_int_equal(statistics.overflows, 1);
	fake_log(page(6));
	expect(o, (unsigned int[]){6}, 1);
	ooh_close(o);
}

/* A head that runs ahead of the entries, or back. */
static void test_hostile_head(void **state)
{
	static const uint64_t heads[] = {FAKE_ENTRIES + 1, 1ull << 40, ~0ull, 1ull << 63};

	(void)state;
	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
		struct ooh *o = started(OOH_EPML);

		fake.ring->head += heads[i];
		expect_all(o);
		fake_log(page(6));
		expect(o, (unsigned int[]){6}, 1);
		ooh_close(o);
	}
}

/* Nobody else decides what has been read. */
static void test_hostile_tail(void **state)
{
	struct ooh *o = started(OOH_EPML);

	(void)state;
	fake_log(page(1));
	fake.ring->tail = 1ull << 50;
	fake.ring->entries = 1ull << 50;
	expect(o, (unsigned int[]){1}, 1);
	assert_int_equal(fake.ring->tail, 1);
	ooh_close(o);
}

/* What was taken out of the ring is not forgotten when something fails after it. */
static void test_errors(void **state)
{
	struct ooh *o = started(OOH_EPML);
	const uint64_t *found;

	(void)state;
	fake_log(page(1));
	fake.drain_error = -EIO;
	assert_int_equal(ooh_collect(o, &found), -EIO);
	fake.drain_error = 0;
	fake.rearm_error = -EIO;
	fake_log(page(2));
	assert_int_equal(ooh_collect(o, &found), -EIO);
	fake.ring->lost++;
	assert_int_equal(ooh_collect(o, &found), -EIO);
	assert_non_null(strstr(ooh_error(o), "OOH_IOC_REARM"));
	fake.rearm_error = 0;
	expect_all(o);
	assert_int_equal(fake.rearmed_n, 0);
	expect(o, NULL, 0);
	ooh_close(o);
}

static void test_ended(void **state)
{
	const uint64_t *found;

	(void)state;
	for (unsigned int ended = 1; ended <= 2; ended++) {
		struct ooh *o = started(OOH_EPML);

		fake_log(page(8));
		fake.ring->ended = ended;
		fake.drain_error = -ESRCH;
		expect(o, (unsigned int[]){8}, 1);
		assert_int_equal(ooh_collect(o, &found), -ESRCH);
		ooh_close(o);
		fake.ring->ended = 0;
		fake.drain_error = 0;
	}
}

static void test_rearm_all(void **state)
{
	struct ooh *o = started(OOH_EPML);

	(void)state;
	fake_log(page(8));
	fake.ring->lost++;
	assert_int_equal(ooh_rearm(o), 0);
	assert_int_equal(fake.rearms, 1);
	assert_int_equal(fake.rearmed_n, 0);
	expect(o, NULL, 0);
	fake_log(page(9));
	assert_int_equal(ooh_stop(o), 0);
	fake_log(page(10));
	expect(o, (unsigned int[]){9}, 1);
	expect(o, NULL, 0);
	assert_int_equal(ooh_start(o), 0);
	expect(o, NULL, 0);
	ooh_close(o);
}

static void test_start_fails(void **state)
{
	struct ooh *o = registered(OOH_EPML);

	(void)state;
	fake.start_error = -EBUSY;
	assert_int_equal(ooh_start(o), -EBUSY);
	fake.start_error = 0;
	assert_int_equal(ooh_start(o), 0);
	ooh_close(o);
}

/* The frame of a page of the test itself; 0 without the right to see it. */
static uint64_t gpa_of(uint64_t address)
{
	uint64_t entry = 0;
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);

	assert_int_equal(pread(fd, &entry, 8, (off_t)(address / PAGE_BYTES * 8)), 8);
	close(fd);
	return (entry & PAGEMAP_FRAME) << PAGE_SHIFT;
}

static void map_back(enum ooh_technique technique)
{
	struct ooh_statistics statistics;
	struct ooh *o;

	if (!gpa_of(page(0))) {
		assert_int_equal(ooh_open(&o, technique), -EPERM);
		skip();
	}
	o = started(technique);
	fake_log(gpa_of(page(40)));
	fake_log(gpa_of(page(2)));
	fake_log(gpa_of(page(40)));
	fake_log(1ull << 50); /* there is no such frame */
	expect(o, (unsigned int[]){2, 40}, 2);
	assert_int_equal(fake.rearmed_n, 3);
	ooh_statistics(o, &statistics);
	assert_int_equal(statistics.foreign, 1);
	assert_int_equal(statistics.reverse_steps, technique == OOH_SPML ? 3 + 41 + PAGES : PAGES);
	fake.ring->lost++;
	expect_all(o);
	ooh_close(o);
}

static void test_spml(void **state)
{
	(void)state;
	map_back(OOH_SPML);
}

static void test_spml_indexed(void **state)
{
	(void)state;
	map_back(OOH_SPML_INDEXED);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_open, begin, end),
		cmocka_unit_test_setup_teardown(test_register, begin, end),
		cmocka_unit_test_setup_teardown(test_header, begin, end),
		cmocka_unit_test_setup_teardown(test_collect, begin, end),
		cmocka_unit_test_setup_teardown(test_wrap, begin, end),
		cmocka_unit_test_setup_teardown(test_full, begin, end),
		cmocka_unit_test_setup_teardown(test_lost, begin, end),
		cmocka_unit_test_setup_teardown(test_hostile_head, begin, end),
		cmocka_unit_test_setup_teardown(test_hostile_tail, begin, end),
		cmocka_unit_test_setup_teardown(test_errors, begin, end),
		cmocka_unit_test_setup_teardown(test_ended, begin, end),
		cmocka_unit_test_setup_teardown(test_rearm_all, begin, end),
		cmocka_unit_test_setup_teardown(test_start_fails, begin, end),
		cmocka_unit_test_setup_teardown(test_spml, begin, end),
		cmocka_unit_test_setup_teardown(test_spml_indexed, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
