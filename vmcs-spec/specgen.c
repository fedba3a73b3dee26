/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * specgen: checks the specification and writes what is made from it.
 *
 *	specgen --header|--asm|--tables|--markdown|--document SPECDIR OUTPUT
 *	specgen --check SPECDIR
 *
 * An output is written to a temporary file first and renamed, so that a specification that is
 * refused leaves nothing behind.
 */
#include "newfile.h"
#include "spec.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define EXIT_BAD_INPUT 2

static int load_file(struct jsonfile *f, const char *dir, const char *name, char *path, size_t size)
{
	if (snprintf(path, size, "%s/%s", dir, name) >= (int)size) {
		fprintf(stderr, "%s:1: path too long; expected at most %zu bytes\n", dir, size);
		return -1;
	}
	return f ? jsonfile_load(f, path) : 0;
}

int spec_load(struct spec *s, const char *dir)
{
	char path[4096];

	memset(s, 0, sizeof(*s));
	if (load_file(NULL, dir, "assigned.json", path, sizeof(path)) ||
	    catalog_load(&s->assigned, path, false) ||
	    load_file(NULL, dir, "fields.json", path, sizeof(path)) ||
	    catalog_load(&s->fields, path, true) ||
	    load_file(&s->rules, dir, "rules.json", path, sizeof(path)))
		return -1;
	return spec_check(s) || spec_check_rules(s) ? -1 : 0;
}

void spec_free(struct spec *s)
{
	catalog_free(&s->fields);
	catalog_free(&s->assigned);
	jsonfile_free(&s->rules);
}

typedef void emit_fn(FILE *out, const struct spec *s);

static emit_fn *find_output(const char *option)
{
	static const struct {
		const char *option;
		emit_fn *emit;
	} outputs[] = {
		{ "--header", emit_header },
		{ "--asm", emit_asm },
		{ "--tables", emit_tables },
		{ "--markdown", emit_markdown },
		{ "--document", emit_document },
	};
	size_t i;

	for (i = 0; i < sizeof(outputs) / sizeof(outputs[0]); i++) {
		if (strcmp(option, outputs[i].option) == 0)
			return outputs[i].emit;
	}
	return NULL;
}

static int write_error(const char *path)
{
	fprintf(stderr, "%s:1: cannot be written (%s); expected a writable file\n", path,
		strerror(errno));
	return -1;
}

static int write_output(const struct spec *s, emit_fn *emit, const char *path)
{
	struct newfile file;

	if (newfile_open(&file, path))
		return write_error(path);
	emit(file.out, s);
	return newfile_close(&file, true) ? write_error(path) : 0;
}

static int usage(void)
{
	fputs("specgen:1: bad arguments; expected --header|--asm|--tables|--markdown|--document "
	      "SPECDIR OUTPUT, or --check SPECDIR\n", stderr);
	return EXIT_BAD_INPUT;
}

int main(int argc, char **argv)
{
	bool check = argc == 3 && strcmp(argv[1], "--check") == 0;
	emit_fn *emit = argc == 4 ? find_output(argv[1]) : NULL;
	struct spec spec;
	int ret;

	if (!check && !emit)
		return usage();
	ret = spec_load(&spec, argv[2]);
	if (!ret && emit)
		ret = write_output(&spec, emit, argv[3]);
	spec_free(&spec);
	return ret ? EXIT_BAD_INPUT : EXIT_SUCCESS;
}
