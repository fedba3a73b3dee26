/* SPDX-License-Identifier: BSD-2-Clause */
/* The directory of one run of Bochs: its configuration, its BIOS image, its log. */
#ifndef EPML_BOCHS_DIR_H
#define EPML_BOCHS_DIR_H

#include "bochs_run.h"
#include "tempdir.h"

struct bochs_dir {
	char path[TEMPDIR_PATH];
	char rc[240], bios[240], log[240], errors[240];
};

/**
 * Make the directory under TMPDIR, with bochsrc and the BIOS image.
 * @return	0, or -1 with @p text set and nothing left behind
 */
int bochs_dir_make(struct bochs_dir *d, const struct bochs_options *o, const void *image,
		   size_t size, char *text, size_t text_size);

/**
 * What Bochs says of its end, on its standard error or, if it wrote nothing there, in its log: its
 * panic or, without one, the last line.
 */
void bochs_dir_telling_line(const struct bochs_dir *d, char *line, size_t size);

/**
 * The line of a file that tells why Bochs has ended: its panic, without what is put in front of it,
 * else the last one that has more than blanks and rules in it; "" if there is none.
 */
void bochs_telling_line(const char *path, char *line, size_t size);

/**
 * A path that can be a value in Bochs's option: Bochs runs in a directory of its own.
 * @return	to be freed; NULL after one line on standard error
 */
char *bochs_absolute_path(const char *path);

/** Remove the directory and the files in it. */
void bochs_dir_remove(struct bochs_dir *d);

#endif
