// SPDX-License-Identifier: BSD-2-Clause
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "world.h"

uint32_t caps;
static int tests, failures;

bool check(bool passed, const char *format, ...)
{
	va_list args;

	printf("%s %d - ", passed ? "ok" : "not ok", ++tests);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\n");
	fflush(stdout);
	failures += !passed;
	return passed;
}

void skip(const char *what, const char *why)
{
	printf("ok %d - %s # SKIP %s\n", ++tests, what, why);
}

int finish(void)
{
	printf("1..%d\n", tests);
	return failures != 0;
}

static void die(const char *what)
{
	printf("Bail out! %s: %s\n", what, strerror(errno));
	exit(1);
}

int call(int fd, unsigned long request, void *arg)
{
	return ioctl(fd, request, arg) < 0 ? -errno : 0;
}

int open_ooh(void)
{
	int fd = open("/dev/ooh", O_RDWR | O_CLOEXEC);

	if (fd < 0)
		die("/dev/ooh");
	return fd;
}

void tracker_open(struct tracker *t, pid_t pid, uint32_t kind, uint32_t ring_pages)
{
	struct ooh_register arg = {.pid = pid, .kind = kind, .ring_pages = ring_pages};
	char name[32];

	t->fd = open_ooh();
	if (call(t->fd, OOH_IOC_REGISTER, &arg))
		die("OOH_IOC_REGISTER");
	t->number = arg.uio;
	snprintf(name, sizeof(name), "/dev/uio%u", arg.uio);
	t->uio = open(name, O_RDWR | O_CLOEXEC);
	if (t->uio < 0)
		die(name);
	for (t->bytes = PAGE; 2 * t->bytes <= (ring_pages - 1) * PAGE;)
		t->bytes *= 2;
	t->bytes += PAGE;
	t->ring = mmap(NULL, t->bytes, PROT_READ | PROT_WRITE, MAP_SHARED, t->uio, 0);
	if (t->ring == MAP_FAILED)
		die("mmap of the ring");
	t->entries = (uint64_t *)((char *)t->ring + PAGE);
}

void tracker_close(struct tracker *t)
{
	munmap(t->ring, t->bytes);
	close(t->uio);
	close(t->fd);
}

size_t collect(struct tracker *t, const void *area, size_t pages, uint8_t *seen)
{
	const uint64_t start = (uintptr_t)area;
	uint64_t head, tail = t->ring->tail;
	size_t found = 0;

	memset(seen, 0, pages);
	if (call(t->fd, OOH_IOC_DRAIN, NULL))
		die("OOH_IOC_DRAIN");
	head = __atomic_load_n(&t->ring->head, __ATOMIC_ACQUIRE);
	for (; tail != head; tail++) {
		uint64_t page = (t->entries[tail % t->ring->entries] - start) / PAGE;

		if (page < pages && !seen[page]) {
			seen[page] = 1;
			found++;
		}
	}
	__atomic_store_n(&t->ring->tail, tail, __ATOMIC_RELEASE);
	return found;
}

int rearm(struct tracker *t, const void *area, size_t pages)
{
	uint64_t *list = malloc(pages * sizeof(*list) + 1);
	struct ooh_rearm arg = {.addresses = (uintptr_t)list, .n = pages};
	size_t i;
	int error;

	for (i = 0; i < pages; i++)
		list[i] = (uintptr_t)area + i * PAGE;
	error = call(t->fd, OOH_IOC_REARM, &arg);
	free(list);
	return error;
}

size_t differences(const uint8_t *seen, const uint8_t *expected, size_t pages)
{
	size_t i, n = 0;

	for (i = 0; i < pages; i++) {
		if (!seen[i] == !expected[i])
			continue;
		if (n++ < 4)
			printf("# page %zu is %s\n", i, seen[i] ? "spurious" : "missing");
	}
	return n;
}

void *map_pages(size_t pages)
{
	void *area = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			  -1, 0);

	if (area == MAP_FAILED)
		die("mmap");
	return area;
}

void write_pages(void *area, size_t pages, const uint8_t *which, uint8_t value)
{
	volatile uint8_t *at = area;
	size_t i;

	for (i = 0; i < pages; i++) {
		if (!which || which[i])
			at[i * PAGE + i % PAGE] = value;
	}
}

int load_module(const char *name, const char *parameters)
{
	static const char *const places[] = {"/job/%s.ko", "/lib/modules/%s.ko"};
	char path[64];
	size_t i;
	int fd, error;

	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		snprintf(path, sizeof(path), places[i], name);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			continue;
		error = syscall(SYS_finit_module, fd, parameters, 0) && errno != EEXIST ? -errno
											: 0;
		close(fd);
		return error;
	}
	return -ENOENT;
}
