/* SPDX-License-Identifier: BSD-2-Clause */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "target.h"

void target_fail(const char *file, int line, const char *text)
{
	fprintf(stderr, "%s:%d: %s\n", file, line, text);
	abort();
}

const char *target_file(const uint8_t *data, size_t size)
{
	static int fd = -1;
	static char path[40];

	if (fd < 0)
		fd = memfd_create("input", MFD_CLOEXEC);
	TARGET_ASSERT(fd >= 0);
	TARGET_ASSERT(!ftruncate(fd, 0));
	TARGET_ASSERT(pwrite(fd, data, size, 0) == (ssize_t)size);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return path;
}
