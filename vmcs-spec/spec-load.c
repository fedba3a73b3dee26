/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Loading fields.json and assigned.json: shape of the files, and each item by itself.
 */
#include "spec.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define NAME_MAX_LENGTH		48
#define TITLE_MAX_LENGTH	120

const char *spec_string(const json_t *object, const char *key)
{
	const char *s = json_string_value(json_object_get(object, key));

	return s ? s : "";
}

/* ---- Shape ------------------------------------------------------------------------------ */

/* Look @p key up in a list of keys; its kind ('s', '[', '{', '#'), or 0 if it is not there. */
static char key_kind(const char *list, const char *key, size_t length)
{
	const char *p = list;
	size_t n;

	while (*p) {
		n = strcspn(p, " [{#");
		if (n == length && strncmp(p, key, n) == 0)
			return p[n] == '\0' || p[n] == ' ' ? 's' : p[n];
		p += strcspn(p, " ");
		p += strspn(p, " ");
	}
	return 0;
}

static const char *kind_error(char kind, const json_t *value)
{
	if (kind == 's' && (!json_is_string(value) || !*json_string_value(value)))
		return "a text";
	if (kind == '[' && !json_is_array(value))
		return "an array";
	if (kind == '{' && !json_is_object(value))
		return "an object";
	return NULL;
}

static bool has_key(const json_t *object, const char *name, size_t length)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)object, key, value) {
		if (strlen(key) == length && strncmp(key, name, length) == 0)
			return true;
	}
	return false;
}

int spec_check_keys(const struct jsonfile *f, const json_t *object, const char *what,
		    const char *required, const char *optional)
{
	const char *p, *key, *expected;
	json_t *value;
	size_t n;
	char kind;

	if (!json_is_object(object)) {
		jsonfile_error(f, object, "%s is not an object; expected { ... }", what);
		return -1;
	}
	json_object_foreach((json_t *)object, key, value) {
		kind = key_kind(required, key, strlen(key));
		if (!kind)
			kind = key_kind(optional, key, strlen(key));
		if (!kind) {
			jsonfile_error(f, object, "%s has an unknown key \"%s\"; expected %s%s%s",
				       what, key, required, *optional ? " " : "", optional);
			return -1;
		}
		expected = kind_error(kind, value);
		if (expected) {
			jsonfile_error(f, object, "\"%s\" of %s is wrong; expected %s", key, what,
				       expected);
			return -1;
		}
	}
	for (p = required; *p; p += strspn(p, " ")) {
		n = strcspn(p, " [{#");
		if (!has_key(object, p, n)) {
			jsonfile_error(f, object, "%s has no \"%.*s\"; expected one", what, (int)n,
				       p);
			return -1;
		}
		p += strcspn(p, " ");
	}
	return 0;
}

/* ---- Values ----------------------------------------------------------------------------- */

/* A JSON integer, or a string with a hexadecimal number ("0x2060"). */
static int parse_number(const struct jsonfile *f, const json_t *at, const json_t *value,
			struct spec_item *item)
{
	const char *text = json_string_value(value);
	char *end;

	item->hex = text != NULL;
	if (json_is_integer(value) && json_integer_value(value) >= 0) {
		item->value = (uint64_t)json_integer_value(value);
		return 0;
	}
	if (text && strncmp(text, "0x", 2) == 0 && isxdigit((unsigned char)text[2])) {
		errno = 0;
		item->value = strtoull(text, &end, 16);
		if (!*end && errno == 0)
			return 0;
	}
	jsonfile_error(f, at, "bad number; expected an integer or a text such as \"0x2060\"");
	return -1;
}

/* "7", or "5:3" with the high bit first. */
static int parse_bits(const struct jsonfile *f, struct spec_item *item, unsigned width)
{
	const char *text = spec_string(item->json, "bits");
	int length = 0;

	if (isdigit((unsigned char)text[0])) {
		if (sscanf(text, "%2u%n", &item->high, &length) == 1 && !text[length]) {
			item->low = item->high;
		} else if (sscanf(text, "%2u:%2u%n", &item->high, &item->low, &length) != 2 ||
			   text[length]) {
			length = 0;
		}
	}
	if (!length || item->low > item->high || item->high >= width) {
		jsonfile_error(f, item->json,
			       "bad bits \"%s\"; expected a bit or high:low below %u", text, width);
		return -1;
	}
	return 0;
}

static int check_name(const struct jsonfile *f, const json_t *at, const char *name)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
	size_t n = strlen(name);

	if (isupper((unsigned char)name[0]) && strspn(name, letters) == n && name[n - 1] != '_' &&
	    n <= NAME_MAX_LENGTH)
		return 0;
	jsonfile_error(f, at, "bad name \"%s\"; expected UPPER_SNAKE_CASE of at most %d characters",
		       name, NAME_MAX_LENGTH);
	return -1;
}

/* Titles become comments of C: one line, without the end of a comment. */
static int check_title(const struct jsonfile *f, const json_t *at, const char *title)
{
	const char *p;

	for (p = title; *p && !iscntrl((unsigned char)*p); p++) {
		if (p[0] == '*' && p[1] == '/')
			break;
	}
	if (!*p && p - title <= TITLE_MAX_LENGTH)
		return 0;
	jsonfile_error(f, at,
		       "bad title; expected one line of at most %d characters without \"*/\"",
		       TITLE_MAX_LENGTH);
	return -1;
}

/* ---- VMCS fields ------------------------------------------------------------------------ */

static const char *const type_name[] = { "control", "read-only", "guest-state", "host-state" };
static const char *const width_name[] = { "16", "64", "32", "\"natural\"" };
static const unsigned width_bits[] = { 16, 64, 32, 0 };

/* The width as the file states it: 16, 32, 64 or "natural"; -1 for anything else. */
static int stated_width(const json_t *value)
{
	if (json_is_string(value))
		return strcmp(json_string_value(value), "natural") == 0 ? 0 : -1;
	return json_integer_value(value) > 0 ? (int)json_integer_value(value) : -1;
}

static int check_encoding(const struct jsonfile *f, const struct spec_item *item)
{
	if ((item->value & ~(uint64_t)ENC_VALID) == 0)
		return 0;
	jsonfile_error(f, item->json,
		       "encoding 0x%04llX cannot be a field; expected bits 0, 12 and 63:15 clear",
		       (unsigned long long)item->value);
	return -1;
}

/* Width and type follow from the encoding; stating them catches a mistyped encoding. */
static int check_width_type(const struct jsonfile *f, const struct spec_item *item)
{
	unsigned encoding = (unsigned)item->value;
	const char *type = type_name[ENC_TYPE(encoding)];

	if (stated_width(json_object_get(item->json, "width")) != (int)item->width) {
		jsonfile_error(f, item->json,
			       "encoding 0x%04X of %s does not fit its width; expected width %s",
			       encoding, item->name, width_name[ENC_WIDTH(encoding)]);
		return -1;
	}
	if (strcmp(item->type, type) != 0) {
		jsonfile_error(f, item->json,
			       "encoding 0x%04X of %s does not fit its type; expected type \"%s\"",
			       encoding, item->name, type);
		return -1;
	}
	return 0;
}

static int load_field(const struct jsonfile *f, struct spec_item *item)
{
	item->type = spec_string(item->json, "type");
	if (parse_number(f, item->json, json_object_get(item->json, "encoding"), item) ||
	    check_encoding(f, item))
		return -1;
	item->width = width_bits[ENC_WIDTH((unsigned)item->value)];
	return item->name ? check_width_type(f, item) : 0;
}

/* ---- Groups ----------------------------------------------------------------------------- */

/* The keys of an item, by kind; without and with names. */
static const char *const item_keys[][2] = {
	[SPEC_FIELDS] = { "encoding title", "name encoding width# type title" },
	[SPEC_LAYOUT] = { "bits title", "name bits title" },
	[SPEC_NUMBERS] = { "value# title", "name value# title" },
};

static int load_item(const struct jsonfile *f, const struct spec_group *g, struct spec_item *item,
		     bool with_names)
{
	const json_t *is_new;

	if (spec_check_keys(f, item->json, "an item", item_keys[g->kind][with_names],
			    with_names ? "new# text" : ""))
		return -1;
	if (with_names) {
		item->name = spec_string(item->json, "name");
		if (check_name(f, item->json, item->name))
			return -1;
	}
	item->title = spec_string(item->json, "title");
	if (check_title(f, item->json, item->title))
		return -1;
	item->text = json_string_value(json_object_get(item->json, "text"));
	is_new = json_object_get(item->json, "new");
	if (is_new && !json_is_true(is_new)) {
		jsonfile_error(f, item->json, "bad \"new\"; expected true, or no such key");
		return -1;
	}
	item->is_new = is_new != NULL;

	switch (g->kind) {
	case SPEC_FIELDS:
		return load_field(f, item);
	case SPEC_LAYOUT:
		return parse_bits(f, item, g->width);
	default:
		return parse_number(f, item->json, json_object_get(item->json, "value"), item);
	}
}

static int load_items(const struct jsonfile *f, struct spec_group *g, const json_t *items,
		      bool with_names)
{
	size_t i;

	g->count = json_array_size(items);
	g->items = calloc(g->count ? g->count : 1, sizeof(*g->items));
	if (!g->items) {
		jsonfile_error(f, items, "out of memory; expected %zu items to fit", g->count);
		return -1;
	}
	for (i = 0; i < g->count; i++) {
		g->items[i].json = json_array_get(items, i);
		if (load_item(f, g, &g->items[i], with_names))
			return -1;
	}
	return 0;
}

static int load_layout_width(const struct jsonfile *f, struct spec_group *g)
{
	json_int_t width = json_integer_value(json_object_get(g->json, "width"));

	if (width != 32 && width != 64) {
		jsonfile_error(f, g->json, "bad width of layout %s; expected 32 or 64", g->prefix);
		return -1;
	}
	g->width = (unsigned)width;
	return 0;
}

static int load_group(const struct jsonfile *f, struct spec_group *g, bool with_names)
{
	const char *required = "prefix items[", *optional = "";

	if (with_names && g->kind == SPEC_LAYOUT) {
		required = "prefix title width# items[";
		optional = "includes[";
	} else if (with_names) {
		required = "prefix title items[";
	}
	if (spec_check_keys(f, g->json, "a group", required, optional))
		return -1;
	g->prefix = spec_string(g->json, "prefix");
	g->title = spec_string(g->json, "title");
	g->width = 64;
	if (check_name(f, g->json, g->prefix) || check_title(f, g->json, g->title))
		return -1;
	if (with_names && g->kind == SPEC_LAYOUT && load_layout_width(f, g))
		return -1;
	return load_items(f, g, json_object_get(g->json, "items"), with_names);
}

static int load_groups(struct catalog *c, bool with_names)
{
	const json_t *root = c->file.root;
	const json_t *layouts = json_object_get(root, "layouts");
	const json_t *numbers = json_object_get(root, "numbers");
	size_t i, n_layouts = json_array_size(layouts);
	size_t total = 1 + n_layouts + json_array_size(numbers);
	struct spec_group *g;

	c->groups = calloc(total, sizeof(*c->groups));
	if (!c->groups) {
		jsonfile_error(&c->file, root, "out of memory; expected %zu groups to fit", total);
		return -1;
	}
	c->count = total;

	g = c->groups;
	g->kind = SPEC_FIELDS;
	g->prefix = "VMCS";
	g->title = "VMCS fields";
	g->json = json_object_get(root, "fields");
	if (load_items(&c->file, g, g->json, with_names))
		return -1;
	for (i = 1; i < total; i++) {
		g = &c->groups[i];
		g->kind = i <= n_layouts ? SPEC_LAYOUT : SPEC_NUMBERS;
		g->json = i <= n_layouts ? json_array_get(layouts, i - 1)
					 : json_array_get(numbers, i - 1 - n_layouts);
		if (load_group(&c->file, g, with_names))
			return -1;
	}
	return 0;
}

int catalog_load(struct catalog *c, const char *path, bool with_names)
{
	memset(c, 0, sizeof(*c));
	if (jsonfile_load(&c->file, path))
		return -1;
	if (spec_check_keys(&c->file, c->file.root, "the file",
			    with_names ? "fields[ layouts[ numbers[ parameters[ profiles["
				       : "fields[ layouts[ numbers[", ""))
		return -1;
	return load_groups(c, with_names);
}

void catalog_free(struct catalog *c)
{
	size_t i;

	for (i = 0; i < c->count; i++)
		free(c->groups[i].items);
	free(c->groups);
	jsonfile_free(&c->file);
	memset(c, 0, sizeof(*c));
}

const struct spec_group *catalog_group(const struct catalog *c, enum spec_kind kind,
				       const char *prefix)
{
	size_t i;

	for (i = 0; i < c->count; i++) {
		if (c->groups[i].kind == kind && strcmp(c->groups[i].prefix, prefix) == 0)
			return &c->groups[i];
	}
	return NULL;
}
