/* SPDX-License-Identifier: BSD-2-Clause */
#define _GNU_SOURCE
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "newc.h"

#define BLOCK	512u	/* archives follow each other at such a boundary */

static void put(struct newc *n, const void *data, size_t size)
{
	fwrite(data, 1, size, n->out);
	n->size += size;
}

static void pad(struct newc *n, unsigned boundary)
{
	while (n->size % boundary)
		put(n, "", 1);
}

/* The header's numbers are 8 hexadecimal digits; all files belong to root and are from 1970. */
static void header(struct newc *n, const char *name, unsigned mode, size_t size)
{
	const unsigned links = S_ISDIR(mode) ? 2 : 1;
	char text[111];

	snprintf(text, sizeof(text),
		 "070701%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X", ++n->inode, mode, 0u,
		 0u, links, 0u, (unsigned)size, 0u, 0u, 0u, 0u, (unsigned)strlen(name) + 1, 0u);
	put(n, text, strlen(text));
	put(n, name, strlen(name) + 1);
	pad(n, 4);
}

/* The kernel takes a directory twice. */
static void directories(struct newc *n, const char *path)
{
	char *name = strdup(path);

	for (char *slash = name; name && (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		if (*name)
			header(n, name, S_IFDIR | 0755, 0);
		*slash = '/';
	}
	free(name);
}

void newc_begin(struct newc *n, FILE *out)
{
	*n = (struct newc){ .out = out };
}

void newc_data(struct newc *n, const char *path, unsigned mode, const void *data, size_t size)
{
	path += strspn(path, "/");
	directories(n, path);
	header(n, path, S_IFREG | mode, size);
	put(n, data, size);
	pad(n, 4);
}

static void *read_all(const char *path, struct stat *st)
{
	FILE *in = fopen(path, "re");
	void *data = NULL;

	if (!in)
		return NULL;
	if (!fstat(fileno(in), st) && !S_ISREG(st->st_mode))
		errno = S_ISDIR(st->st_mode) ? EISDIR : EINVAL;
	else if (st->st_size > UINT32_MAX)
		errno = EFBIG;
	else
		data = malloc((size_t)st->st_size + 1);
	if (data && fread(data, 1, (size_t)st->st_size, in) != (size_t)st->st_size) {
		free(data);
		data = NULL;
		errno = EIO;
	}
	fclose(in);
	return data;
}

int newc_file(struct newc *n, const char *path, const char *original)
{
	struct stat st;
	void *data = read_all(original, &st);

	if (!data)
		return -1;
	newc_data(n, path, st.st_mode & 0100 ? 0755 : 0644, data, (size_t)st.st_size);
	free(data);
	return 0;
}

void newc_end(struct newc *n)
{
	header(n, "TRAILER!!!", 0, 0);
	pad(n, BLOCK);
}
