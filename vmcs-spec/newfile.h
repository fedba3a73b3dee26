/* SPDX-License-Identifier: BSD-2-Clause */
/* Files that are there as a whole or not at all: written beside their name, then renamed. */
#ifndef EPML_NEWFILE_H
#define EPML_NEWFILE_H

#include <stdbool.h>
#include <stdio.h>

struct newfile {
	FILE *out;
	char *path, *temporary;
};

/**
 * Begin a file that will replace @p path.
 * @return	0, or -1 with errno
 */
int newfile_open(struct newfile *f, const char *path);

/**
 * Put the file in place, unless something could not be written; then nothing of it is left and an
 * older file stays.
 * @param good	false: what was written is not to be kept, for the reason in errno
 * @return	0, or -1 with errno
 */
int newfile_close(struct newfile *f, bool good);

#endif
