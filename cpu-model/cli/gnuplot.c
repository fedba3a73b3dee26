/* SPDX-License-Identifier: BSD-2-Clause */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli_error.h"
#include "gnuplot.h"
#include "tempdir.h"
#include "tool.h"

#define PATH_SIZE (TEMPDIR_PATH + 10)

void gnuplot_quote(FILE *out, const char *text)
{
	putc('\'', out);
	for (; *text; text++)
		fprintf(out, *text == '\'' ? "''" : "%c", *text);
	putc('\'', out);
}

/* All of a file; NULL if it is empty or cannot be read. */
static char *read_all(const char *path, size_t *size)
{
	FILE *f = fopen(path, "re"), *copy;
	char buffer[4096], *image = NULL;
	size_t n;

	if (!f)
		return NULL;
	copy = open_memstream(&image, size);
	while (copy && (n = fread(buffer, 1, sizeof(buffer), f)) > 0)
		fwrite(buffer, 1, n, copy);
	if (!copy || fclose(copy) || ferror(f) || !*size) {
		free(image);
		image = NULL;
	}
	fclose(f);
	return image;
}

static int write_script(const char *path, const char *output, const char *script)
{
	FILE *out = fopen(path, "we");

	if (!out)
		return cli_error("cannot write %s: %s", path, strerror(errno));
	fputs("set output ", out);
	gnuplot_quote(out, output);
	fprintf(out, "\n%s", script);
	return fclose(out) ? cli_error("cannot write %s: %s", path, strerror(errno)) : 0;
}

/* "dir" is ours. */
static int draw_in(const char *dir, const char *name, const char *script, char **image,
		   size_t *size)
{
	char script_path[PATH_SIZE], image_path[PATH_SIZE], log_path[PATH_SIZE];
	const char *const argv[] = { "gnuplot", script_path, NULL };
	char text[300];
	int status;

	snprintf(script_path, sizeof(script_path), "%s/script", dir);
	snprintf(image_path, sizeof(image_path), "%s/image", dir);
	snprintf(log_path, sizeof(log_path), "%s/log", dir);
	if (write_script(script_path, image_path, script))
		return -1;
	status = tool_run(argv, log_path, text, sizeof(text));
	if (status < 0) {
		cli_error("%s; the plots need the package gnuplot-nox", text);
		return -1;
	}
	*image = read_all(image_path, size);
	if (status || !*image) {
		cli_error("gnuplot could not draw %s", name);
		return -1;
	}
	return 0;
}

int gnuplot_draw(const char *name, const char *script, char **image, size_t *size)
{
	char dir[TEMPDIR_PATH], text[300];
	size_t unused;
	int status;

	*image = NULL;
	if (tempdir_make(dir, text, sizeof(text))) {
		cli_error("%s", text);
		return -1;
	}
	status = draw_in(dir, name, script, image, size ? size : &unused);
	tempdir_remove(dir);
	return status;
}
