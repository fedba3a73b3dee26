/* SPDX-License-Identifier: BSD-2-Clause */
/* The files of the OoH Module. Tests of the library bring another one of these. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include "internal.h"

int ooh_device_open(struct ooh *o)
{
	int fd = open("/dev/ooh", O_RDWR | O_CLOEXEC);

	if (fd >= 0)
		return fd;
	if (errno == ENOENT)
		return ooh_fail(o, EOPNOTSUPP, "/dev/ooh is missing: the OoH Module is not loaded");
	return ooh_fail(o, errno, "/dev/ooh: %s", strerror(errno));
}

int ooh_device_ioctl(struct ooh *o, int fd, unsigned long request, void *argument)
{
	return ooh_sys_ioctl(o, fd, request, argument);
}

int ooh_device_uio(struct ooh *o, unsigned int number)
{
	char path[32];
	int fd;

	snprintf(path, sizeof(path), "/dev/uio%u", number);
	fd = open(path, O_RDWR | O_CLOEXEC);
	return fd >= 0 ? fd : ooh_fail(o, errno, "%s: %s", path, strerror(errno));
}
