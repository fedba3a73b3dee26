// SPDX-License-Identifier: BSD-2-Clause
/*
 * What needs the processor and the hypervisor: notifications, logs that run full with interrupts
 * off, logging of guest-physical addresses, sub-page permissions.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "world.h"

#define PAGES 4096

static uint8_t seen[PAGES], wanted[PAGES];

static void notifications(void)
{
	uint8_t *area = map_pages(PAGES);
	struct ooh_stats stats;
	struct pollfd p = {.events = POLLIN};
	struct tracker t;

	write_pages(area, PAGES, NULL, 1);
	tracker_open(&t, getpid(), OOH_KIND_EPML, 64);
	p.fd = t.uio;
	call(t.fd, OOH_IOC_START, NULL);
	check(poll(&p, 1, 0) == 0, "no notification before anything is written");
	write_pages(area, PAGES, NULL, 2);
	check(poll(&p, 1, 0) == 1, "the device is readable after a notification");
	memset(wanted, 1, PAGES);
	collect(&t, area, PAGES, seen);
	check(!differences(seen, wanted, PAGES), "%u pages are logged, more than a log has", PAGES);
	call(t.fd, OOH_IOC_STATS, &stats);
	check(stats.notifications >= PAGES / 512, "%llu notifications",
	      (unsigned long long)stats.notifications);
	check(stats.entries >= PAGES && !stats.lost, "%llu entries, %llu lost",
	      (unsigned long long)stats.entries, (unsigned long long)stats.lost);
	check(stats.vmaccesses > 0, "%llu accesses to fields",
	      (unsigned long long)stats.vmaccesses);
	tracker_close(&t);
	munmap(area, PAGES * PAGE);
}

static void interrupts_off(void)
{
	uint8_t *area = map_pages(PAGES);
	const uint64_t arg[2] = {(uintptr_t)area, PAGES};
	struct ooh_stats stats;
	struct tracker t;
	int fd;

	if (load_module("irqsoff", "")) {
		skip("interrupts off", "no irqsoff.ko");
		return;
	}
	usleep(100000);
	fd = open("/dev/ooh-irqsoff", O_WRONLY);
	check(fd >= 0, "/dev/ooh-irqsoff");
	write_pages(area, PAGES, NULL, 1);
	tracker_open(&t, getpid(), OOH_KIND_EPML, 64);
	call(t.fd, OOH_IOC_START, NULL);
	check(write(fd, arg, sizeof(arg)) == sizeof(arg), "%u pages with interrupts off", PAGES);
	memset(wanted, 1, PAGES);
	collect(&t, area, PAGES, seen);
	check(!differences(seen, wanted, PAGES), "interrupts off: all pages are found");
	call(t.fd, OOH_IOC_STATS, &stats);
	check(stats.spills >= PAGES / 512 - 1, "%llu full logs emptied by the hypervisor",
	      (unsigned long long)stats.spills);
	tracker_close(&t);
	close(fd);
	munmap(area, PAGES * PAGE);
}

/* Frame numbers of an area; the test runs as root. */
static uint64_t frame_of(int pagemap, const uint8_t *page)
{
	uint64_t entry = 0;

	if (pread(pagemap, &entry, 8, (uintptr_t)page / PAGE * 8) != 8)
		return 0;
	return entry & ((1ull << 55) - 1);
}

static size_t missing_frames(struct tracker *t, const uint8_t *area, size_t pages)
{
	int pagemap = open("/proc/self/pagemap", O_RDONLY);
	size_t i, missing = 0;
	uint64_t at;

	for (i = 0; i < pages; i++) {
		uint64_t gpa = frame_of(pagemap, area + i * PAGE) * PAGE;

		for (at = t->ring->tail; at != t->ring->head; at++) {
			if (t->entries[at % t->ring->entries] == gpa)
				break;
		}
		missing += at == t->ring->head;
	}
	close(pagemap);
	return missing;
}

static void spml(void)
{
	const size_t pages = 200;
	uint8_t *area = map_pages(pages);
	struct ooh_stats stats;
	struct tracker t;

	if (!(caps & CAP_SPML)) {
		skip("SPML", "the hypervisor does not offer it");
		return;
	}
	write_pages(area, pages, NULL, 1);
	tracker_open(&t, getpid(), OOH_KIND_SPML, 1025);
	check(!call(t.fd, OOH_IOC_START, NULL), "SPML: START");
	write_pages(area, pages, NULL, 2);
	call(t.fd, OOH_IOC_DRAIN, NULL);
	check(!missing_frames(&t, area, pages), "SPML: the frames of all pages are found");
	t.ring->tail = t.ring->head;
	check(!rearm(&t, NULL, 0), "SPML: REARM of all frames");
	write_pages(area, pages, NULL, 3);
	call(t.fd, OOH_IOC_DRAIN, NULL);
	check(!missing_frames(&t, area, pages), "SPML: and again");
	call(t.fd, OOH_IOC_STATS, &stats);
	check(stats.hypercalls > 0, "SPML: %llu hypercalls", (unsigned long long)stats.hypercalls);
	check(!t.ring->lost, "SPML: nothing was lost");
	tracker_close(&t);
	munmap(area, pages * PAGE);
}

static sigjmp_buf denied;

static void on_denied(int signal)
{
	siglongjmp(denied, signal);
}

static bool can_write(volatile uint8_t *at)
{
	if (sigsetjmp(denied, 1))
		return false;
	*at = 0x77;
	return *at == 0x77;
}

/* One sub-page of 128 bytes in each group of so many is write-protected: the last. */
static void sub_pages(unsigned int frequency)
{
	struct ooh_spp arg = {.pages = 4, .frequency = frequency};
	int fd = open_ooh();
	uint8_t *pool;
	size_t i, wrong = 0;

	if (!check(!call(fd, OOH_IOC_SPP, &arg), "SPP: a pool with frequency %u", frequency)) {
		close(fd);
		return;
	}
	pool = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	check(pool != MAP_FAILED, "SPP: mmap of the pool");
	check(mmap(NULL, 5 * PAGE, PROT_READ, MAP_SHARED, fd, 0) == MAP_FAILED,
	      "SPP: no more than the pool is mapped");
	check(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 0) == MAP_FAILED,
	      "SPP: the pool is not copied");
	for (i = 0; i < 4 * PAGE; i += 128)
		wrong += can_write(pool + i) == (i / 128 % frequency == frequency - 1);
	check(!wrong, "SPP: frequency %u: %zu sub-pages are wrong", frequency, wrong);
	munmap(pool, 4 * PAGE);
	close(fd);
}

static void spp(void)
{
	unsigned int frequency;

	if (!(caps & CAP_SPP)) {
		skip("SPP", "the hypervisor does not offer it");
		return;
	}
	signal(SIGSEGV, on_denied);
	for (frequency = 2; frequency <= 32; frequency *= 2)
		sub_pages(frequency);
	signal(SIGSEGV, SIG_DFL);
}

void test_kernel(void)
{
	if (caps & CAP_EPML)
		notifications();
	if (caps & CAP_LOG_EXITS)
		interrupts_off();
	spml();
	spp();
}

/*
 * With the trigger in EPT the hypervisor re-arms. The log is not complete, so what is asked here is
 * little: few enough pages for one log are found, and found again.
 */
void test_published(void)
{
	const size_t pages = 100;
	uint8_t *area = map_pages(pages);
	size_t first, second;
	struct tracker t;

	if (!(caps & CAP_EPT_DIRTY)) {
		skip("published", "the trigger is in the guest's page tables");
		return;
	}
	write_pages(area, pages, NULL, 1);
	tracker_open(&t, getpid(), OOH_KIND_EPML, 64);
	check(!call(t.fd, OOH_IOC_START, NULL), "published: START");
	write_pages(area, pages, NULL, 2);
	first = collect(&t, area, pages, seen);
	check(first > 0, "published: %zu of %zu pages are logged", first, pages);
	check(!rearm(&t, area, pages), "published: REARM by the hypervisor");
	write_pages(area, pages, NULL, 3);
	second = collect(&t, area, pages, seen);
	check(second > 0, "published: then %zu", second);
	check(!call(t.fd, OOH_IOC_STOP, NULL), "published: STOP");
	tracker_close(&t);
	munmap(area, pages * PAGE);
	spml();
	spp();
}
