/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "../internal.h"
#include "fake_device.h"

#define RING_BYTES (PAGE_BYTES + FAKE_ENTRIES * sizeof(uint64_t))

struct fake fake;

void fake_begin(uint32_t caps)
{
	fake = (struct fake){.caps = caps};
	fake.ring_fd = memfd_create("ring", MFD_CLOEXEC);
	if (fake.ring_fd < 0 || ftruncate(fake.ring_fd, RING_BYTES))
		abort();
	fake.ring = mmap(NULL, RING_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fake.ring_fd, 0);
	if (fake.ring == MAP_FAILED)
		abort();
	fake.ring->entries = FAKE_ENTRIES;
	fake.entry = (uint64_t *)((char *)fake.ring + PAGE_BYTES);
}

void fake_end(void)
{
	munmap(fake.ring, RING_BYTES);
	close(fake.ring_fd);
}

void fake_log(uint64_t address)
{
	fake.entry[fake.ring->head++ % FAKE_ENTRIES] = address;
}

int ooh_device_open(struct ooh *o)
{
	(void)o;
	return dup(fake.ring_fd);
}

int ooh_device_uio(struct ooh *o, unsigned int number)
{
	(void)o;
	return number == 7 ? dup(fake.ring_fd) : -ENODEV;
}

static int rearm(const struct ooh_rearm *rearm)
{
	fake.rearms++;
	fake.rearmed_n = rearm->n;
	if (rearm->n)
		memcpy(fake.rearmed, (const void *)(uintptr_t)rearm->addresses,
		       rearm->n * sizeof(uint64_t));
	return fake.rearm_error;
}

int ooh_device_ioctl(struct ooh *o, int fd, unsigned long request, void *argument)
{
	(void)o;
	(void)fd;
	switch (request) {
	case OOH_IOC_CAPS: *(uint32_t *)argument = fake.caps; return 0;
	case OOH_IOC_REGISTER:
		fake.registered = *(struct ooh_register *)argument;
		((struct ooh_register *)argument)->uio = 7;
		return fake.register_error;
	case OOH_IOC_START: fake.starts++; return fake.start_error;
	case OOH_IOC_STOP: fake.stops++; return fake.stop_error;
	case OOH_IOC_DRAIN: fake.drains++; return fake.drain_error;
	case OOH_IOC_REARM: return rearm(argument);
	case OOH_IOC_STATS: *(struct ooh_stats *)argument = fake.stats; return 0;
	default: return -ENOTTY;
	}
}
