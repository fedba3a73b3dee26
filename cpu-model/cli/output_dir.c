/* SPDX-License-Identifier: BSD-2-Clause */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli_error.h"
#include "newfile.h"
#include "output_dir.h"

const char *output_dir_make(const char *output, char temporary[TEMPDIR_PATH])
{
	char text[300];

	if (output) {
		if (!mkdir(output, 0777) || errno == EEXIST)
			return output;
		cli_error("-o %s: %s", output, strerror(errno));
		return NULL;
	}
	if (!tempdir_make(temporary, text, sizeof(text)))
		return temporary;
	cli_error("%s", text);
	return NULL;
}

int output_dir_write(const char *directory, const char *name, const char *text, size_t size)
{
	struct newfile file;
	char *path = NULL;
	int status;

	if (asprintf(&path, "%s/%s", directory, name) < 0)
		return cli_error("out of memory");
	status = newfile_open(&file, path);
	if (!status)
		status = newfile_close(&file, fwrite(text, 1, size, file.out) == size);
	if (status)
		status = cli_error("cannot write %s: %s", path, strerror(errno));
	free(path);
	return status;
}
