/* SPDX-License-Identifier: BSD-2-Clause */
/* Directories that files are written to. */
#ifndef EPML_OUTPUT_DIR_H
#define EPML_OUTPUT_DIR_H

#include <stddef.h>

#include "tempdir.h"

/**
 * The directory for the files of a run.
 * @param output	what -o names, which is made unless it is there; or NULL
 * @param temporary	set to a directory of our own if there is no -o; for tempdir_remove()
 * @return		one of the two; NULL after one line on standard error
 */
const char *output_dir_make(const char *output, char temporary[TEMPDIR_PATH]);

/**
 * Write a file of the directory, whole or not at all.
 * @return	0, or STATUS_BAD after one line on standard error
 */
int output_dir_write(const char *directory, const char *name, const char *text, size_t size);

#endif
