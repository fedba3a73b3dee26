/* SPDX-License-Identifier: BSD-2-Clause */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tempdir.h"

int tempdir_make(char path[TEMPDIR_PATH], char *text, size_t size)
{
	const char *tmp = getenv("TMPDIR");
	int len = snprintf(path, TEMPDIR_PATH, "%s/epml-XXXXXX", tmp && *tmp ? tmp : "/tmp");

	if (len < 0 || len >= TEMPDIR_PATH) {
		snprintf(text, size, "TMPDIR is too long");
		return -1;
	}
	if (!mkdtemp(path)) {
		snprintf(text, size, "%s: %s", path, strerror(errno));
		return -1;
	}
	return 0;
}

void tempdir_remove(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;

	if (!dir)
		return;
	while ((entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
			unlinkat(dirfd(dir), entry->d_name, 0);
	closedir(dir);
	rmdir(path);
}
