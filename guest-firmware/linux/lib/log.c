/* SPDX-License-Identifier: BSD-2-Clause */
/* What "epml", "spml" and "spml-indexed" share: a tracker of the OoH Module and its ring. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "internal.h"
#include "../ooh_uapi.h"

#define RING_PAGES_MIN	 16
#define RING_PAGES_MAX	 4096
#define ENTRIES_PER_PAGE 512

static int fail_ioctl(struct ooh *o, const char *name, int error)
{
	return error == -ESRCH ? ooh_fail_ended(o)
			       : ooh_fail(o, -error, "%s: %s", name, strerror(-error));
}

/* The device exists, and the hypervisor offers the capability. */
int ooh_log_open(struct ooh *o, uint32_t capability, const char *what)
{
	uint32_t caps = 0;
	int fd = ooh_device_open(o), error;

	if (fd < 0)
		return fd;
	error = ooh_device_ioctl(o, fd, OOH_IOC_CAPS, &caps);
	close(fd);
	if (error)
		return fail_ioctl(o, "OOH_IOC_CAPS", error);
	if (!(caps & capability))
		return ooh_fail(o, EOPNOTSUPP, "the hypervisor offers no %s (capabilities %#x)",
				what, caps);
	return 0;
}

/* Room for two rounds in which every page is modified, of a range that is neither small nor
 * mostly holes. */
static unsigned int choose_ring(const struct ooh *o)
{
	uint64_t entries = 2 * ((o->end - o->start) >> PAGE_SHIFT);
	unsigned int pages = RING_PAGES_MIN;

	if (o->ring_pages)
		return o->ring_pages;
	while (pages < RING_PAGES_MAX && (uint64_t)pages * ENTRIES_PER_PAGE < entries)
		pages *= 2;
	return pages;
}

int ooh_log_attach(struct ooh *o, uint32_t kind)
{
	struct ooh_register reg = {.pid = o->pid, .kind = kind, .ring_pages = choose_ring(o)};
	struct log *log = calloc(1, sizeof(*log));
	int error;

	if (!log)
		return ooh_fail(o, ENOMEM, "no memory");
	o->data = log;
	log->fd = ooh_device_open(o);
	if (log->fd < 0)
		return log->fd;
	error = ooh_device_ioctl(o, log->fd, OOH_IOC_REGISTER, &reg);
	if (error == -EPERM)
		return ooh_fail(o, EPERM, "the caller may not trace process %d", (int)o->pid);
	if (error)
		return fail_ioctl(o, "OOH_IOC_REGISTER", error);
	o->wait_fd = ooh_device_uio(o, reg.uio);
	return o->wait_fd < 0 ? o->wait_fd : ooh_ring_map(o, &log->ring, o->wait_fd);
}

/* START re-arms all pages. Entries of before are of no interest. */
int ooh_log_start(struct ooh *o)
{
	struct log *log = o->data;
	struct ooh_rearm all = {0};
	int error;

	log->taken.n = 0;
	log->overflow = false;
	if (o->state != STARTED) {
		ooh_ring_skip(&log->ring);
		error = ooh_device_ioctl(o, log->fd, OOH_IOC_START, NULL);
		return error ? fail_ioctl(o, "OOH_IOC_START", error) : 0;
	}
	error = ooh_device_ioctl(o, log->fd, OOH_IOC_DRAIN, NULL);
	if (error)
		return fail_ioctl(o, "OOH_IOC_DRAIN", error);
	ooh_ring_skip(&log->ring);
	error = ooh_device_ioctl(o, log->fd, OOH_IOC_REARM, &all);
	return error ? fail_ioctl(o, "OOH_IOC_REARM", error) : 0;
}

/*
 * Append what was logged until now to log->taken, and make it ascending. -ESRCH if the process has
 * ended: log->taken has the rest.
 */
int ooh_log_take(struct ooh *o)
{
	struct log *log = o->data;
	/* After the end of the process the module has drained already, and may refuse to. */
	int drained = ooh_device_ioctl(o, log->fd, OOH_IOC_DRAIN, NULL);
	int ended = ooh_ring_ended(&log->ring);
	int error = ooh_ring_take(o, &log->ring, &log->taken, &log->overflow);

	o->stats.duplicates += ooh_pages_sort(&log->taken);
	if (error)
		return error;
	if (ended)
		return ooh_fail_ended(o);
	return drained ? fail_ioctl(o, "OOH_IOC_DRAIN", drained) : 0;
}

/* What was taken has been reported: re-arm it. */
int ooh_log_rearm(struct ooh *o)
{
	struct ooh_rearm rearm = {0};
	struct log *log = o->data;
	int error = 0;

	ooh_rearm_begins(o);
	if (!log->overflow) {
		rearm.addresses = (uintptr_t)log->taken.page;
		rearm.n = log->taken.n;
	}
	/* The module takes 0 for all pages. */
	if (log->overflow || log->taken.n)
		error = ooh_device_ioctl(o, log->fd, OOH_IOC_REARM, &rearm);
	if (error)
		return fail_ioctl(o, "OOH_IOC_REARM", error);
	log->taken.n = 0;
	log->overflow = false;
	return 0;
}

int ooh_log_stop(struct ooh *o)
{
	struct log *log = o->data;
	int error = ooh_device_ioctl(o, log->fd, OOH_IOC_STOP, NULL);

	return error ? fail_ioctl(o, "OOH_IOC_STOP", error) : 0;
}

int ooh_log_count(struct ooh *o)
{
	struct log *log = o->data;
	struct ooh_stats stats = {0};
	int error = ooh_device_ioctl(o, log->fd, OOH_IOC_STATS, &stats);

	if (error)
		return fail_ioctl(o, "OOH_IOC_STATS", error);
	o->stats.faults = stats.faults;
	o->stats.notifications = stats.notifications;
	o->stats.switches = stats.switches;
	o->stats.spills = stats.spills;
	o->stats.hypercalls = stats.hypercalls;
	o->stats.vmaccesses = stats.vmaccesses;
	return 0;
}

void ooh_log_release(struct ooh *o)
{
	struct log *log = o->data;

	if (!log)
		return;
	ooh_ring_unmap(&log->ring);
	if (o->wait_fd >= 0)
		close(o->wait_fd);
	if (log->fd >= 0)
		close(log->fd);
	ooh_pages_free(&log->taken);
	free(log);
}
