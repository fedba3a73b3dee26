/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Checks that concern several items: one meaning per name, per number and per bit, and agreement
 * with the list of what the SDM assigns.
 */
#include "spec.h"

#include <stdlib.h>
#include <string.h>

/* ---- Numbers and bits ------------------------------------------------------------------- */

/* How messages call an item: by its name, in assigned.json by its title. */
static const char *label(const struct spec_item *item)
{
	return item->name ? item->name : item->title;
}

static bool same_place(enum spec_kind kind, const struct spec_item *a, const struct spec_item *b)
{
	if (kind == SPEC_LAYOUT)
		return a->low == b->low && a->high == b->high;
	return a->value == b->value;
}

static bool overlap(enum spec_kind kind, const struct spec_item *a, const struct spec_item *b)
{
	if (kind == SPEC_LAYOUT)
		return a->low <= b->high && b->low <= a->high;
	return a->value == b->value;
}

/* "bits 5:3", "encoding 0x2060" or "value 62". */
static const char *place(enum spec_kind kind, const struct spec_item *item)
{
	static char text[40];

	if (kind == SPEC_LAYOUT && item->high != item->low)
		snprintf(text, sizeof(text), "bits %u:%u", item->high, item->low);
	else if (kind == SPEC_LAYOUT)
		snprintf(text, sizeof(text), "bit %u", item->low);
	else
		snprintf(text, sizeof(text), item->hex ? "%s 0x%04llX" : "%s %llu",
			 kind == SPEC_FIELDS ? "encoding" : "value",
			 (unsigned long long)item->value);
	return text;
}

static const struct spec_item *find_overlap(const struct spec_group *g,
					    const struct spec_item *item)
{
	size_t i;

	for (i = 0; i < g->count; i++) {
		if (&g->items[i] != item && overlap(g->kind, &g->items[i], item))
			return &g->items[i];
	}
	return NULL;
}

/* No item of @p g shares a place with another of @p other, which may be @p g itself. */
static int check_overlaps(const struct catalog *c, const struct spec_group *g,
			  const struct spec_group *other)
{
	const struct spec_item *item, *twin, *first;
	size_t i;

	for (i = 0; i < g->count; i++) {
		item = &g->items[i];
		twin = find_overlap(other, item);
		if (!twin)
			continue;
		/* Within one group the first item found is the earlier one: report the later. */
		first = g == other ? item : twin;
		item = g == other ? twin : item;
		jsonfile_error(&c->file, item->json, "%s: %s is %s already; expected a free one",
			       label(item), place(g->kind, item), label(first));
		return -1;
	}
	return 0;
}

static int check_includes(const struct catalog *c, const struct spec_group *g)
{
	const json_t *includes = json_object_get(g->json, "includes");
	const struct spec_group *other;
	const char *prefix;
	size_t i;

	for (i = 0; i < json_array_size(includes); i++) {
		prefix = json_string_value(json_array_get(includes, i));
		other = prefix ? catalog_group(c, SPEC_LAYOUT, prefix) : NULL;
		if (!other || other == g) {
			jsonfile_error(&c->file, json_array_get(includes, i),
				       "%s includes an unknown layout; expected another layout's "
				       "prefix", g->prefix);
			return -1;
		}
		if (check_overlaps(c, g, other))
			return -1;
	}
	return 0;
}

static int check_groups(const struct catalog *c)
{
	const struct spec_group *g;
	size_t i;

	for (i = 0; i < c->count; i++) {
		g = &c->groups[i];
		if (catalog_group(c, g->kind, g->prefix) != g) {
			jsonfile_error(&c->file, g->json,
				       "prefix %s is used twice; expected one group per prefix",
				       g->prefix);
			return -1;
		}
		if (check_overlaps(c, g, g) || check_includes(c, g))
			return -1;
	}
	return 0;
}

/* ---- Names ------------------------------------------------------------------------------ */

struct symbol_list {
	struct spec_symbol *symbols;
	size_t count, space;
};

static int add_symbol(void *ctx, const struct spec_symbol *symbol)
{
	struct symbol_list *list = ctx;
	struct spec_symbol *more;

	if (list->count == list->space) {
		list->space = list->space ? list->space * 2 : 256;
		more = realloc(list->symbols, list->space * sizeof(*more));
		if (!more)
			return -1;
		list->symbols = more;
	}
	list->symbols[list->count++] = *symbol;
	return 0;
}

static int compare_symbols(const void *a, const void *b)
{
	return strcmp(((const struct spec_symbol *)a)->name, ((const struct spec_symbol *)b)->name);
}

/* The later of two items of the file. */
static const struct spec_item *later(const struct jsonfile *f, const struct spec_item *a,
				     const struct spec_item *b)
{
	return jsonfile_line(f, a->json) > jsonfile_line(f, b->json) ? a : b;
}

static int check_symbols(const struct catalog *c)
{
	struct symbol_list list = { 0 };
	const struct spec_symbol *s;
	int bad = 0;
	size_t i;

	if (spec_symbols(c, add_symbol, &list)) {
		jsonfile_error(&c->file, NULL, "out of memory; expected its names to fit");
		free(list.symbols);
		return -1;
	}
	qsort(list.symbols, list.count, sizeof(*list.symbols), compare_symbols);
	for (i = 1; i < list.count && !bad; i++) {
		s = &list.symbols[i];
		bad = strcmp(s[-1].name, s->name) == 0;
		if (bad)
			jsonfile_error(&c->file, later(&c->file, s[-1].item, s->item)->json,
				       "%s is defined twice; expected one definition", s->name);
	}
	free(list.symbols);
	return bad ? -1 : 0;
}

/* ---- Against the SDM -------------------------------------------------------------------- */

static const struct spec_item *find_place(const struct spec_group *g, const struct spec_item *item)
{
	size_t i;

	for (i = 0; i < g->count; i++) {
		if (same_place(g->kind, &g->items[i], item))
			return &g->items[i];
	}
	return NULL;
}

static int check_new_item(const struct spec *s, const struct spec_group *assigned,
			  const struct spec_item *item)
{
	const struct spec_item *taken = find_overlap(assigned, item);

	if (!taken)
		return 0;
	jsonfile_error(&s->fields.file, item->json,
		       "%s: %s is assigned to \"%s\"; expected a free one", item->name,
		       place(assigned->kind, item), taken->title);
	return -1;
}

static int check_known_item(const struct spec *s, const struct spec_group *assigned,
			    const struct spec_item *item)
{
	const struct spec_item *sdm = find_place(assigned, item);

	if (sdm && strcmp(sdm->title, item->title) == 0)
		return 0;
	jsonfile_error(&s->fields.file, item->json,
		       "%s: %s is %s%s%s in assigned.json; expected \"%s\" there", item->name,
		       place(assigned->kind, item), sdm ? "\"" : "not",
		       sdm ? sdm->title : "", sdm ? "\"" : "", item->title);
	return -1;
}

/* Groups that assigned.json does not list have no numbers that the SDM could give away. */
static int check_assigned(const struct spec *s)
{
	const struct spec_group *g, *assigned;
	const struct spec_item *item;
	size_t i, j;

	for (i = 0; i < s->fields.count; i++) {
		g = &s->fields.groups[i];
		assigned = catalog_group(&s->assigned, g->kind, g->prefix);
		for (j = 0; assigned && j < g->count; j++) {
			item = &g->items[j];
			if (item->is_new ? check_new_item(s, assigned, item)
					 : check_known_item(s, assigned, item))
				return -1;
		}
	}
	return 0;
}

int spec_check(const struct spec *s)
{
	if (check_groups(&s->assigned) || check_groups(&s->fields) || check_symbols(&s->fields))
		return -1;
	return check_assigned(s);
}
