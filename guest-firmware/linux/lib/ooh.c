/* SPDX-License-Identifier: BSD-2-Clause */
/* The calls of ooh.h: which is allowed when, and what is common to all techniques. */
#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "internal.h"

static const struct ooh_ops *const techniques[OOH_TECHNIQUES] = {
	[OOH_PROC] = &ooh_proc,
	[OOH_UFD] = &ooh_ufd,
	[OOH_UFD_ASYNC] = &ooh_ufd_async,
	[OOH_SPML] = &ooh_spml,
	[OOH_SPML_INDEXED] = &ooh_spml_indexed,
	[OOH_EPML] = &ooh_epml,
	[OOH_ORACLE] = &ooh_oracle,
};

/* Of ooh_open() when it failed and there is no handle that could keep the text. */
static _Thread_local char open_error[256];

const char *ooh_technique_name(enum ooh_technique technique)
{
	return (unsigned int)technique < OOH_TECHNIQUES ? techniques[technique]->name : NULL;
}

int ooh_technique_by_name(const char *name, enum ooh_technique *technique)
{
	for (int i = 0; name && i < OOH_TECHNIQUES; i++) {
		if (strcmp(name, techniques[i]->name) == 0) {
			*technique = (enum ooh_technique)i;
			return 0;
		}
	}
	return -EINVAL;
}

int ooh_fail(struct ooh *o, int error, const char *format, ...)
{
	va_list arguments;
	int n = snprintf(o->error, sizeof(o->error), "%s: ", o->ops->name);

	va_start(arguments, format);
	vsnprintf(o->error + n, sizeof(o->error) - n, format, arguments);
	va_end(arguments);
	return -error;
}

int ooh_fail_ended(struct ooh *o)
{
	return ooh_fail(o, ESRCH, "process %d has exited or executed another program", (int)o->pid);
}

void ooh_rearm_begins(struct ooh *o)
{
	if (o->on_rearm && o->state == STARTED)
		o->on_rearm(o->rearm_context);
}

static void release(struct ooh *o)
{
	if (o->ops->release)
		o->ops->release(o);
	o->data = NULL;
	o->wait_fd = -1;
	ooh_process_close(o);
}

int ooh_open(struct ooh **o, enum ooh_technique technique)
{
	struct ooh *new;
	int error;

	*o = NULL;
	if ((unsigned int)technique >= OOH_TECHNIQUES) {
		snprintf(open_error, sizeof(open_error),
			 "ooh_open: technique %d; 0 to %d were expected", (int)technique,
			 OOH_TECHNIQUES - 1);
		return -EINVAL;
	}
	new = calloc(1, sizeof(*new));
	if (!new) {
		snprintf(open_error, sizeof(open_error), "ooh_open: no memory");
		return -ENOMEM;
	}
	new->ops = techniques[technique];
	new->pidfd = new->maps_fd = new->pagemap_fd = new->wait_fd = -1;
	error = new->ops->probe(new);
	if (error) {
		memcpy(open_error, new->error, sizeof(open_error));
		ooh_close(new);
		return error;
	}
	*o = new;
	return 0;
}

static int expect_state(struct ooh *o, const char *call, bool allowed)
{
	static const char *const names[] = {
		[OPEN] = "no process is registered",
		[REGISTERED] = "tracking has not begun",
		[STARTED] = "tracking has begun",
		[STOPPED] = "tracking has ended",
	};

	return allowed ? 0 : ooh_fail(o, EINVAL, "%s: %s", call, names[o->state]);
}

int ooh_set_ring(struct ooh *o, unsigned int pages)
{
	int error = expect_state(o, "ooh_set_ring", o->state == OPEN);

	if (error)
		return error;
	if (pages && (pages < 2 || pages > 4096 || (pages & (pages - 1))))
		return ooh_fail(o, EINVAL,
				"ooh_set_ring: %u pages; a power of two from 2 to 4096 was "
				"expected",
				pages);
	o->ring_pages = pages;
	return 0;
}

static int check_range(struct ooh *o, uint64_t address, uint64_t length)
{
	if (length == 0 || (address | length) & (PAGE_BYTES - 1))
		return ooh_fail(o, EINVAL,
				"ooh_register: %#llx, length %#llx; whole pages were expected",
				(unsigned long long)address, (unsigned long long)length);
	if (address >= USER_LIMIT || length > USER_LIMIT - address)
		return ooh_fail(o, EINVAL,
				"ooh_register: %#llx, length %#llx; user addresses, below %#llx, "
				"were expected",
				(unsigned long long)address, (unsigned long long)length,
				USER_LIMIT);
	return 0;
}

int ooh_register(struct ooh *o, pid_t pid, uint64_t address, uint64_t length)
{
	int error = expect_state(o, "ooh_register", o->state == OPEN);

	if (!error)
		error = check_range(o, address, length);
	if (!error && pid <= 0)
		error = ooh_fail(o, EINVAL,
				 "ooh_register: process %d; a number above 0 was expected",
				 (int)pid);
	if (error)
		return error;
	o->start = address;
	o->end = address + length;
	error = ooh_process_open(o, pid);
	if (!error && o->ops->attach)
		error = o->ops->attach(o);
	if (error) {
		release(o);
		return error;
	}
	o->state = REGISTERED;
	return 0;
}

int ooh_start(struct ooh *o)
{
	int error = expect_state(o, "ooh_start", o->state == REGISTERED || o->state == STOPPED);

	if (!error && ooh_process_gone(o))
		error = ooh_fail_ended(o);
	if (!error)
		error = o->ops->arm(o);
	if (error)
		return error;
	o->found.n = 0;
	o->state = STARTED;
	return 0;
}

int ooh_rearm(struct ooh *o)
{
	int error = expect_state(o, "ooh_rearm", o->state == STARTED);

	if (!error)
		error = o->ops->arm(o);
	if (!error)
		o->found.n = 0;
	return error;
}

/* What is found goes to o->found, and stays there if an error comes between: a later collection
 * reports it. */
static int collect(struct ooh *o, const char *call)
{
	int error = expect_state(o, call, o->state == STARTED || o->state == STOPPED);

	if (!error && o->state == STARTED)
		error = o->ops->harvest(o);
	ooh_pages_cut(&o->found, o->start, o->end);
	ooh_pages_sort(&o->found);
	if (error == -ESRCH && o->found.n)
		error = 0;
	if (error)
		return error;
	o->stats.collections++;
	o->stats.pages += o->found.n;
	return 0;
}

ssize_t ooh_collect(struct ooh *o, const uint64_t **pages)
{
	int error = collect(o, "ooh_collect");
	size_t n = o->found.n;

	*pages = o->found.page;
	if (error)
		return error;
	o->found.n = 0; /* the addresses stay until the list grows again */
	return (ssize_t)n;
}

ssize_t ooh_collect_bitmap(struct ooh *o, uint8_t *bitmap, size_t bytes)
{
	uint64_t pages = (o->end - o->start) >> PAGE_SHIFT;
	const uint64_t *page;
	ssize_t n;

	if (bytes < (pages + 7) / 8)
		return ooh_fail(o, ENOSPC, "ooh_collect_bitmap: %zu bytes; %llu were expected",
				bytes, (unsigned long long)(pages + 7) / 8);
	n = ooh_collect(o, &page);
	memset(bitmap, 0, bytes);
	for (ssize_t i = 0; i < n; i++) {
		uint64_t bit = (page[i] - o->start) >> PAGE_SHIFT;

		bitmap[bit / 8] |= (uint8_t)(1 << bit % 8);
	}
	return n;
}

int ooh_wait(struct ooh *o, int timeout_ms)
{
	struct pollfd pollfd[2];
	int error = expect_state(o, "ooh_wait", o->state == STARTED), n;

	if (error)
		return error;
	/* A negative descriptor is one that poll() leaves out. */
	pollfd[0] = (struct pollfd){.fd = o->wait_fd, .events = POLLIN};
	pollfd[1] = (struct pollfd){.fd = o->pidfd, .events = POLLIN};
	n = poll(pollfd, 2, timeout_ms);
	o->stats.system_calls++;
	if (n < 0)
		return ooh_fail(o, errno, "ooh_wait: %s", strerror(errno));
	if (pollfd[0].revents & POLLIN) {
		char count[8]; /* 4 bytes of UIO, 8 of an eventfd; both begin anew */

		if (read(o->wait_fd, count, 4) < 0 && errno == EINVAL)
			(void)!read(o->wait_fd, count, 8);
		return 1;
	}
	return n ? ooh_fail_ended(o) : 0;
}

int ooh_stop(struct ooh *o)
{
	int error = expect_state(o, "ooh_stop", o->state == STARTED), harvest_error;

	if (error)
		return error;
	harvest_error = o->ops->harvest(o);
	error = o->ops->disarm ? o->ops->disarm(o) : 0;
	o->state = STOPPED;
	if (harvest_error != -ESRCH && !error)
		error = harvest_error;
	return error == -ESRCH ? 0 : error;
}

void ooh_close(struct ooh *o)
{
	if (!o)
		return;
	if (o->state == STARTED && o->ops->disarm)
		o->ops->disarm(o);
	release(o);
	ooh_pages_free(&o->found);
	free(o);
}

int ooh_statistics(struct ooh *o, struct ooh_statistics *statistics)
{
	int error = o->state != OPEN && o->ops->count ? o->ops->count(o) : 0;

	*statistics = o->stats;
	return error;
}

void ooh_on_rearm(struct ooh *o, void (*begin)(void *context), void *context)
{
	o->on_rearm = begin;
	o->rearm_context = context;
}

const char *ooh_error(const struct ooh *o)
{
	return o ? o->error : open_error;
}
