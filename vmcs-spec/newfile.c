/* SPDX-License-Identifier: BSD-2-Clause */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "newfile.h"

/* A new file with the permissions that fopen() would give it. */
static FILE *create(char *name)
{
	const mode_t mask = umask(0);
	const int fd = mkostemp(name, O_CLOEXEC);
	FILE *out;

	umask(mask);
	if (fd < 0)
		return NULL;
	out = fchmod(fd, 0666 & ~mask) ? NULL : fdopen(fd, "w");
	if (!out) {
		close(fd);
		unlink(name);
	}
	return out;
}

static void release(struct newfile *f)
{
	free(f->path);
	free(f->temporary);
}

int newfile_open(struct newfile *f, const char *path)
{
	int error;

	f->path = strdup(path);
	if (!f->path)
		return -1;
	if (asprintf(&f->temporary, "%s.XXXXXX", path) < 0) {
		free(f->path);
		return -1;
	}
	f->out = create(f->temporary);
	if (!f->out) {
		error = errno;
		release(f);
		errno = error;
		return -1;
	}
	/* So that newfile_close() finds the reason of the first write that fails. */
	errno = 0;
	return 0;
}

int newfile_close(struct newfile *f, bool good)
{
	int error = 0;

	if (!good || ferror(f->out))
		error = errno ? errno : EIO;
	if (fclose(f->out) && !error)
		error = errno;
	if (!error && rename(f->temporary, f->path))
		error = errno;
	if (error)
		unlink(f->temporary);
	release(f);
	errno = error;
	return error ? -1 : 0;
}
