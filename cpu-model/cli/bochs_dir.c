/* SPDX-License-Identifier: BSD-2-Clause */
#define _GNU_SOURCE
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bochs_dir.h"
#include "cli_error.h"
#include "romimage.h"

static int fail(char *text, size_t size, const char *path)
{
	snprintf(text, size, "%s: %s", path, strerror(errno));
	return -1;
}

/* Append a file to an open one; false with errno set. */
static bool append_file(FILE *out, const char *path)
{
	FILE *in = fopen(path, "re");
	char buf[4096];
	size_t n;
	bool ok;

	if (!in)
		return false;
	while ((n = fread(buf, 1, sizeof(buf), in)))
		fwrite(buf, 1, n, out);
	ok = !ferror(in) && !ferror(out);
	fclose(in);
	return ok;
}

/* The vector image, zeros, and the ROM (romimage.h). */
static int write_bios(const struct bochs_dir *d, const char *rom, const void *image, size_t size,
		      char *text, size_t text_size)
{
	FILE *out = fopen(d->bios, "we");
	int status = 0;

	if (!out)
		return fail(text, text_size, d->bios);
	fwrite(image, 1, size, out);
	for (size_t n = ROMIMAGE_PADDING(size); n > 0; n--)
		putc(0, out);
	if (!append_file(out, rom))
		status = fail(text, text_size, rom);
	if ((fclose(out) || status) && !status)
		status = fail(text, text_size, d->bios);
	return status;
}

static int write_rc(const struct bochs_dir *d, const struct bochs_options *o, char *text,
		    size_t text_size)
{
	FILE *out = fopen(d->rc, "we");

	if (!out)
		return fail(text, text_size, d->rc);
	fprintf(out,
		"cpu: model=corei7_icelake_u, count=1, ips=100000000\n"
		"megs: 64\n"
		"romimage: file=bios.bin\n"
		"vgaromimage: file=/dev/null\n"
		"port_e9_hack: enabled=1\n"
		"display_library: nogui\n"
		"clock: sync=none\n"
		"log: log\n"
		"panic: action=fatal\n"
		"error: action=ignore\n"
		"info: action=ignore\n"
		"debug: action=ignore\n");
	if (o->epml)
		fprintf(out, "epml: %s%s\n", o->epml, o->trace_lines ? ", trace=-" : "");
	return fclose(out) ? fail(text, text_size, d->rc) : 0;
}

static void name_files(struct bochs_dir *d)
{
	snprintf(d->rc, sizeof(d->rc), "%s/bochsrc", d->path);
	snprintf(d->bios, sizeof(d->bios), "%s/bios.bin", d->path);
	snprintf(d->log, sizeof(d->log), "%s/log", d->path);
	snprintf(d->errors, sizeof(d->errors), "%s/errors", d->path);
}

int bochs_dir_make(struct bochs_dir *d, const struct bochs_options *o, const void *image,
		   size_t size, char *text, size_t text_size)
{
	if (tempdir_make(d->path, text, text_size))
		return -1;
	name_files(d);
	if (write_bios(d, o->rom, image, size, text, text_size) ||
	    write_rc(d, o, text, text_size)) {
		bochs_dir_remove(d);
		return -1;
	}
	return 0;
}

void bochs_telling_line(const char *path, char *line, size_t size)
{
	static const char mark[] = ">>PANIC<< ";
	FILE *in = fopen(path, "re");
	const char *panic = NULL;
	char buf[400];

	line[0] = '\0';
	if (!in)
		return;
	while (!panic && fgets(buf, sizeof(buf), in)) {
		buf[strcspn(buf, "\r\n")] = '\0';
		panic = strstr(buf, mark);
		if (panic)
			snprintf(line, size, "%s", panic + strlen(mark));
		else if (strspn(buf, " \t=-") != strlen(buf))
			snprintf(line, size, "%s", buf);
	}
	fclose(in);
}

void bochs_dir_telling_line(const struct bochs_dir *d, char *line, size_t size)
{
	bochs_telling_line(d->errors, line, size);
	if (!line[0])
		bochs_telling_line(d->log, line, size);
}

/* A comma ends a value of Bochs's option. */
char *bochs_absolute_path(const char *path)
{
	char *real = realpath(path, NULL);

	if (!real) {
		cli_error("%s: %s", path, strerror(errno));
	} else if (strpbrk(real, ", \t\"")) {
		cli_error("%s: Bochs cannot take a path with a blank, comma or quote", real);
		free(real);
		real = NULL;
	}
	return real;
}

void bochs_dir_remove(struct bochs_dir *d)
{
	tempdir_remove(d->path);
}
