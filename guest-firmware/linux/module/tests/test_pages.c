// SPDX-License-Identifier: BSD-2-Clause
/*
 * Which pages are logged: all that were written and, where it says "exactly", no others. The test
 * tracks itself.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "world.h"

#define PAGES 256

static struct tracker t;
static uint8_t seen[PAGES], wanted[PAGES];

static void choose(unsigned int seed)
{
	size_t i;

	srand(seed);
	for (i = 0; i < PAGES; i++)
		wanted[i] = rand() & 1;
}

/* Collect, and compare with what was chosen. */
static bool exactly(const void *area, const char *what)
{
	collect(&t, area, PAGES, seen);
	return check(!differences(seen, wanted, PAGES), "%s: exactly the pages that were written",
		     what);
}

/* No page that was chosen may be missing. */
static bool at_least(const void *area, const char *what)
{
	size_t i, missing = 0;

	collect(&t, area, PAGES, seen);
	for (i = 0; i < PAGES; i++)
		missing += wanted[i] && !seen[i];
	return check(!missing, "%s: no page is missing (%zu are)", what, missing);
}

/* The area is clean, some of it is written, and found. */
static void round_of(void *area, unsigned int seed, const char *what)
{
	choose(seed);
	write_pages(area, PAGES, wanted, seed);
	exactly(area, what);
	rearm(&t, area, PAGES);
}

static unsigned int read_pages(const volatile uint8_t *area)
{
	unsigned int i, sum = 0;

	for (i = 0; i < PAGES; i++)
		sum += area[i * PAGE];
	return sum;
}

static void present_pages(void)
{
	uint8_t *area = map_pages(PAGES);
	struct ooh_rearm all = {0};

	write_pages(area, PAGES, NULL, 1);
	call(t.fd, OOH_IOC_STOP, NULL);
	call(t.fd, OOH_IOC_START, NULL);
	t.ring->tail = t.ring->head;
	read_pages(area);
	check(collect(&t, area, PAGES, seen) == 0, "present pages: reads are not logged");
	round_of(area, 2, "present pages");
	round_of(area, 3, "present pages, next round");
	choose(4);
	write_pages(area, PAGES, wanted, 4);
	collect(&t, area, PAGES, seen);
	write_pages(area, PAGES, wanted, 5);
	check(collect(&t, area, PAGES, seen) == 0, "a page that is not re-armed is logged once");
	check(!call(t.fd, OOH_IOC_REARM, &all), "REARM of all pages");
	round_of(area, 6, "after REARM of all pages");
	munmap(area, PAGES * PAGE);
}

static void fresh_pages(void)
{
	uint8_t *area = map_pages(PAGES);

	round_of(area, 7, "fresh pages");
	read_pages(area);
	check(collect(&t, area, PAGES, seen) == 0, "fresh pages: reads are not logged");
	round_of(area, 8, "pages of zeros");
	madvise(area, PAGES * PAGE, MADV_DONTNEED);
	round_of(area, 9, "pages given back");
	madvise(area, PAGES * PAGE, MADV_FREE);
	round_of(area, 10, "pages that may be freed");
	munmap(area, PAGES * PAGE);
}

/* The kernel makes the pages dirty before anybody has written to them. */
static void populated_pages(void)
{
	uint8_t *area = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	choose(11);
	write_pages(area, PAGES, wanted, 11);
	at_least(area, "populated pages");
	rearm(&t, area, PAGES);
	round_of(area, 12, "populated pages, next round");
	check(!mlock(area, PAGES * PAGE), "mlock");
	round_of(area, 13, "locked pages");
	munmap(area, PAGES * PAGE);
}

static void protected_pages(void)
{
	uint8_t *area = map_pages(PAGES);

	write_pages(area, PAGES, NULL, 1);
	collect(&t, area, PAGES, seen);
	mprotect(area, PAGES * PAGE, PROT_READ);
	rearm(&t, area, PAGES);
	mprotect(area, PAGES * PAGE, PROT_READ | PROT_WRITE);
	round_of(area, 14, "pages re-armed while they were read-only");
	choose(15);
	write_pages(area, PAGES, wanted, 15);
	mprotect(area, PAGES * PAGE, PROT_NONE);
	exactly(area, "pages without any permission");
	munmap(area, PAGES * PAGE);
}

static void moved_pages(void)
{
	uint8_t *area = map_pages(PAGES), *place = map_pages(PAGES);

	write_pages(area, PAGES, NULL, 1);
	collect(&t, area, PAGES, seen);
	rearm(&t, area, PAGES);
	choose(16);
	write_pages(area, PAGES, wanted, 16);
	area = mremap(area, PAGES * PAGE, PAGES * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, place);
	check(area == place, "mremap");
	exactly(area, "pages moved after they were written");
	rearm(&t, area, PAGES);
	round_of(area, 17, "moved pages, next round");
	munmap(area, PAGES * PAGE);
}

static void huge_pages(void)
{
	const size_t huge = 2 << 20;
	uint8_t *area = map_pages(3 * 512), *at;

	at = (uint8_t *)(((uintptr_t)area + huge - 1) & ~(huge - 1));
	call(t.fd, OOH_IOC_STOP, NULL);
	madvise(at, huge, MADV_HUGEPAGE);
	memset(at, 1, huge);
	check(!call(t.fd, OOH_IOC_START, NULL), "START with a huge page");
	round_of(at, 18, "a huge page");
	round_of(at + huge / 2, 19, "a huge page, elsewhere");
	munmap(area, 3 * huge);
}

/* Data that the kernel copies into the process's memory. */
static void kernel_writes(void)
{
	uint8_t *area = map_pages(PAGES);
	int fd = open("/dev/zero", O_RDONLY);
	size_t i, failed = 0;

	write_pages(area, PAGES, NULL, 1);
	collect(&t, area, PAGES, seen);
	rearm(&t, area, PAGES);
	choose(20);
	for (i = 0; i < PAGES; i++)
		failed += wanted[i] && read(fd, area + i * PAGE, 8) != 8;
	check(!failed, "short reads from /dev/zero");
	exactly(area, "read(2) into present pages");
	madvise(area, PAGES * PAGE, MADV_DONTNEED);
	memset(wanted, 1, PAGES);
	check(read(fd, area, PAGES * PAGE) == PAGES * PAGE, "a long read from /dev/zero");
	exactly(area, "read(2) into fresh pages");
	close(fd);
	munmap(area, PAGES * PAGE);
}

static int uffd_register(void *area)
{
	struct uffdio_api api = {.api = UFFD_API};
	struct uffdio_register reg = {
		.range = {(uintptr_t)area, PAGES * PAGE}, .mode = UFFDIO_REGISTER_MODE_MISSING};
	int fd = syscall(SYS_userfaultfd, O_CLOEXEC);

	if (fd >= 0 && !ioctl(fd, UFFDIO_API, &api) && !ioctl(fd, UFFDIO_REGISTER, &reg))
		return fd;
	close(fd);
	return -1;
}

static void uffd_pages(void)
{
	uint8_t *area = map_pages(PAGES), *from = map_pages(PAGES);
	struct uffdio_copy copy = {
		.dst = (uintptr_t)area, .src = (uintptr_t)from, .len = PAGES * PAGE};
	int fd = uffd_register(area);

	memset(from, 1, PAGES * PAGE);
	if (fd < 0) {
		skip("pages placed by userfaultfd", "no userfaultfd");
		return;
	}
	check(!ioctl(fd, UFFDIO_COPY, &copy), "UFFDIO_COPY");
	choose(21);
	write_pages(area, PAGES, wanted, 21);
	at_least(area, "pages placed by userfaultfd");
	rearm(&t, area, PAGES);
	round_of(area, 22, "pages placed by userfaultfd, next round");
	close(fd);
	munmap(area, PAGES * PAGE);
	munmap(from, PAGES * PAGE);
}

#define THREADS 4
#define ROUNDS	20

static void *write_quarter(void *area)
{
	int i;

	for (i = 0; i < ROUNDS; i++) {
		write_pages(area, PAGES / THREADS, NULL, i);
		sched_yield();
	}
	return NULL;
}

/* Threads write while pages are collected and re-armed; the last round has what came last. */
static void threads(void)
{
	uint8_t *area = map_pages(PAGES), total[PAGES] = {0};
	pthread_t thread[THREADS];
	size_t i, j;

	write_pages(area, PAGES, NULL, 1);
	collect(&t, area, PAGES, seen);
	rearm(&t, area, PAGES);
	for (i = 0; i < THREADS; i++)
		pthread_create(&thread[i], NULL, write_quarter,
			       area + i * (PAGES / THREADS) * PAGE);
	for (i = 0; i < ROUNDS; i++) {
		collect(&t, area, PAGES, seen);
		for (j = 0; j < PAGES; j++) {
			if (seen[j])
				rearm(&t, area + j * PAGE, 1);
			total[j] |= seen[j];
		}
	}
	for (i = 0; i < THREADS; i++)
		pthread_join(thread[i], NULL);
	collect(&t, area, PAGES, seen);
	for (j = 0; j < PAGES; j++)
		total[j] |= seen[j];
	memset(wanted, 1, PAGES);
	check(!differences(total, wanted, PAGES), "threads: exactly the pages that were written");
	rearm(&t, area, PAGES);
	round_of(area, 23, "after the threads");
	munmap(area, PAGES * PAGE);
}

static void overflow(void)
{
	uint8_t *area = map_pages(4 * PAGES), all[4 * PAGES];
	struct tracker small;

	tracker_open(&small, getpid(), OOH_KIND_EPML, 2);
	call(small.fd, OOH_IOC_START, NULL);
	write_pages(area, 4 * PAGES, NULL, 1);
	collect(&small, area, 4 * PAGES, all);
	check(small.ring->lost > 0, "entries that do not fit are counted as lost");
	small.ring->tail = small.ring->head + 12345;
	munmap(area, 4 * PAGES * PAGE);
	area = map_pages(PAGES);
	write_pages(area, PAGES, NULL, 1);
	check(!call(small.fd, OOH_IOC_DRAIN, NULL), "a wrong tail does no harm");
	small.ring->entries = 3;
	small.ring->head = 77;
	small.ring->tail = 77;
	write_pages(area, PAGES, NULL, 2);
	check(!call(small.fd, OOH_IOC_DRAIN, NULL), "nor does a wrong head");
	tracker_close(&small);
	munmap(area, PAGES * PAGE);
}

void test_pages(void)
{
	tracker_open(&t, getpid(), OOH_KIND_EPML, 64);
	check(!call(t.fd, OOH_IOC_START, NULL), "START");
	present_pages();
	fresh_pages();
	populated_pages();
	protected_pages();
	moved_pages();
	huge_pages();
	kernel_writes();
	uffd_pages();
	threads();
	check(!t.ring->lost, "nothing was lost");
	overflow();
	tracker_close(&t);
}
