/* SPDX-License-Identifier: BSD-2-Clause */
/* System calls, counted in the statistics of the handle. */
#include <errno.h>
#include <sys/ioctl.h>
#include <sys/ptrace.h>
#include <unistd.h>
#include "internal.h"

static long counted(struct ooh *o, long result)
{
	/* Atomic, since those of the thread of "ufd" are read by another one. */
	__atomic_fetch_add(&o->stats.system_calls, 1, __ATOMIC_RELAXED);
	return result < 0 ? -errno : result;
}

int ooh_sys_ioctl(struct ooh *o, int fd, unsigned long request, void *argument)
{
	return (int)counted(o, ioctl(fd, request, argument));
}

ssize_t ooh_sys_pread(struct ooh *o, int fd, void *buffer, size_t bytes, uint64_t offset)
{
	return counted(o, pread(fd, buffer, bytes, (off_t)offset));
}

ssize_t ooh_sys_read(struct ooh *o, int fd, void *buffer, size_t bytes)
{
	return counted(o, read(fd, buffer, bytes));
}

ssize_t ooh_sys_write(struct ooh *o, int fd, const void *buffer, size_t bytes)
{
	return counted(o, write(fd, buffer, bytes));
}

int ooh_sys_ptrace(struct ooh *o, long request, pid_t tid, void *address, void *data)
{
	return (int)counted(o, ptrace(request, tid, address, data));
}
