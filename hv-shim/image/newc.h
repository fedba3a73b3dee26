/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Writing cpio archives of the format "newc", as the kernel takes them for its initramfs. Their
 * bytes depend on names and contents alone.
 */
#ifndef EPML_NEWC_H
#define EPML_NEWC_H

#include <stddef.h>
#include <stdio.h>

struct newc {
	FILE *out;
	unsigned inode;		/* of the file before */
	unsigned long size;	/* bytes so far */
};

/** Start an archive at the current end of a file. */
void newc_begin(struct newc *n, FILE *out);

/**
 * Add a file, and the directories above it.
 * @param path	absolute, in the archive
 * @param mode	permissions, e.g. 0755
 */
void newc_data(struct newc *n, const char *path, unsigned mode, const void *data, size_t size);

/**
 * Add a copy of a file; it is executable if the original is.
 * @return	0, or -1 with errno set
 */
int newc_file(struct newc *n, const char *path, const char *original);

/** End the archive; write errors show in ferror(). */
void newc_end(struct newc *n);

#endif
