/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * vmcs-spec/citations.json: the text of all cited statements.
 *
 *	{ "citations": [ {"rule": "EPT-AD-1", "file": "cpu-model/lib/ept.c", "text": "..."}, ... ] }
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "citations.h"
#include "newfile.h"

#define ADVICE "look at the rule, then run \"epml spec coverage --update\""
#define SHOWN	70

/* ---- Writing ---------------------------------------------------------------------------- */

static int by_rule(const void *a, const void *b)
{
	const struct citation *x = a, *y = b;
	int order = strcmp(x->rule, y->rule);

	if (!order)
		order = strcmp(x->file, y->file);
	return order ? order : (x->line > y->line) - (x->line < y->line);
}

static int write_list(FILE *out, const struct citation *list, unsigned n)
{
	fputs("{\n  \"citations\": [\n", out);
	for (unsigned i = 0; i < n; i++) {
		json_t *one = json_pack("{ssssss}", "rule", list[i].rule, "file", list[i].file,
					"text", list[i].text);

		if (!one)
			return -1;
		fputs("    ", out);
		json_dumpf(one, out, JSON_PRESERVE_ORDER);
		fputs(i + 1 < n ? ",\n" : "\n", out);
		json_decref(one);
	}
	fputs("  ]\n}\n", out);
	return ferror(out) ? -1 : 0;
}

static int write_file(const struct citation *list, unsigned n, const char *path)
{
	struct newfile file;

	if (!newfile_open(&file, path) && !newfile_close(&file, !write_list(file.out, list, n)))
		return 0;
	fprintf(stderr, "%s: cannot be written: %s\n", path, strerror(errno));
	return -1;
}

int citations_write(const struct citations *c, const char *path)
{
	struct citation *list = calloc(c->n + 1, sizeof(*list));
	int status;

	if (!list) {
		fprintf(stderr, "%s: out of memory\n", path);
		return -1;
	}
	if (c->n)
		memcpy(list, c->list, c->n * sizeof(*list));
	qsort(list, c->n, sizeof(*list), by_rule);
	status = write_file(list, c->n, path);
	free(list);
	return status;
}

/* ---- Comparing -------------------------------------------------------------------------- */

static const char *member(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

enum { NONE = -1 };

/* The citation that stands as @p one in the file, or one of its rule in its file, not yet taken. */
static int find(const struct citations *c, const bool *taken, const json_t *one, bool same_text)
{
	for (unsigned i = 0; i < c->n; i++)
		if (!taken[i] && !strcmp(c->list[i].rule, member(one, "rule")) &&
		    !strcmp(c->list[i].file, member(one, "file")) &&
		    (!same_text || !strcmp(c->list[i].text, member(one, "text"))))
			return (int)i;
	return NONE;
}

/* The beginning of a statement, for messages. */
static const char *beginning(struct arena *arena, const json_t *one)
{
	const char *text = member(one, "text");

	return strlen(text) > SHOWN ? arena_printf(arena, "%.*s...", SHOWN, text) : text;
}

/* A citation of the file that no source has: its statement has changed, or it is gone. */
static const char *difference(struct arena *arena, const struct jsonfile *f, const json_t *one,
			      const struct citation *now)
{
	if (now)
		return arena_printf(arena, "%s:%u: the statement at %s has changed; it was \"%s\"; "
				    ADVICE, now->file, now->line, now->rule, beginning(arena, one));
	return arena_printf(arena, "%s:%u: %s does not cite %s any more; it was at \"%s\"; " ADVICE,
			    f->path, jsonfile_line(f, one), member(one, "file"),
			    member(one, "rule"), beginning(arena, one));
}

static void compare(const struct citations *c, const struct jsonfile *f, bool *taken,
		    citation_differs_fn *differs, void *ctx)
{
	const json_t *list = json_object_get(f->root, "citations");
	struct arena arena = { NULL };
	bool *same = arena_array(&arena, json_array_size(list), bool);
	json_t *one;
	size_t i;
	int now;

	json_array_foreach(list, i, one) {
		now = find(c, taken, one, true);
		same[i] = now != NONE;
		if (same[i])
			taken[now] = true;
	}
	json_array_foreach(list, i, one) {
		if (same[i])
			continue;
		now = find(c, taken, one, false);
		if (now != NONE)
			taken[now] = true;
		differs(ctx, difference(&arena, f, one, now != NONE ? &c->list[now] : NULL));
	}
	for (i = 0; i < c->n; i++)
		if (!taken[i])
			differs(ctx, arena_printf(&arena, "%s:%u: a new line cites %s; " ADVICE,
						  c->list[i].file, c->list[i].line,
						  c->list[i].rule));
	arena_free(&arena);
}

int citations_compare(const struct citations *c, const char *path, citation_differs_fn *differs,
		      void *ctx)
{
	struct jsonfile f = { NULL };
	bool *taken;

	if (jsonfile_load(&f, path))
		return -1;
	taken = calloc(c->n + 1, sizeof(*taken));
	if (!taken || !json_is_array(json_object_get(f.root, "citations"))) {
		jsonfile_error(&f, f.root, "expected an object with the list \"citations\"");
		free(taken);
		jsonfile_free(&f);
		return -1;
	}
	compare(c, &f, taken, differs, ctx);
	free(taken);
	jsonfile_free(&f);
	return 0;
}
