/* SPDX-License-Identifier: BSD-2-Clause */
/* Private directories for the files of one run. */
#ifndef EPML_TEMPDIR_H
#define EPML_TEMPDIR_H

#include <stddef.h>

/* Long enough for every path that tempdir_make() gives. */
#define TEMPDIR_PATH	200

/**
 * Make a directory of our own under TMPDIR.
 * @param path	result
 * @param text	set to why not
 * @return	0 or -1
 */
int tempdir_make(char path[TEMPDIR_PATH], char *text, size_t size);

/** Remove the directory and the files in it. */
void tempdir_remove(const char *path);

#endif
