/* SPDX-License-Identifier: BSD-2-Clause */
/* Loader: files, the keys of a vector, and its variants for the profiles. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "compile.h"
#include "load_priv.h"
#include "spec-tables.h"

const char *const profile_names[PROFILES] = { "published", "hardened" };

int profile_find(const char *name)
{
	for (int p = 0; p < PROFILES; p++)
		if (!strcmp(profile_names[p], name))
			return p;
	return -1;
}

static int load_id(struct reader *r, const json_t *value)
{
	struct vector *v = r->v;
	const char *id;

	if (!value)
		return vector_error(v, v->at, "expected the key id");
	if (read_string(r, value, "id", &id))
		return -1;
	if (strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789-/") != strlen(id) ||
	    !strchr(id, '/') || *id == '/')
		return vector_error(v, value, "id \"%s\": expected chapter/short-name out of "
				    "a-z, 0-9, '-' and '/'", id);
	v->id = id;
	for (unsigned i = 0; i < r->set->n; i++)
		if (!strcmp(r->set->vectors[i]->id, id) &&
		    r->set->vectors[i]->at != v->at)
			return vector_error(v, value, "the id stands twice, first in %s:%u",
					    r->set->vectors[i]->file->path,
					    jsonfile_line(r->set->vectors[i]->file,
							  r->set->vectors[i]->at));
	return 0;
}

static int load_rules(struct reader *r, const json_t *list)
{
	struct vector *v = r->v;
	json_t *item;
	size_t i;

	if (need_array(r, list, "rules", v->at))
		return -1;
	if (!json_array_size(list))
		return vector_error(v, list, "rules: expected at least one rule");
	v->rules = arena_array(&r->set->arena, json_array_size(list), const char *);
	json_array_foreach(list, i, item) {
		if (read_string(r, item, "rules", &v->rules[i]))
			return -1;
		if (!spec_rule_by_id(v->rules[i]))
			return vector_error(v, item, "there is no rule \"%s\"; "
					    "\"epml spec rules\" lists them", v->rules[i]);
		v->n_rules++;
	}
	return 0;
}

static int load_properties(struct reader *r, const json_t *list)
{
	const char *text;
	json_t *item;
	size_t i;

	if (!list)
		return 0;
	if (need_array(r, list, "properties", NULL))
		return -1;
	json_array_foreach(list, i, item) {
		if (read_string(r, item, "properties", &text))
			return -1;
		if (text[0] != 'P' || text[1] < '1' || text[1] > '5' || text[2])
			return vector_error(r->v, item, "properties: expected P1 to P5");
		r->v->properties |= 1u << (text[1] - '1');
	}
	return 0;
}

static int load_requires(struct reader *r, const json_t *value)
{
	const char *text;

	if (!value)
		return vector_error(r->v, r->v->at, "expected the key requires");
	if (read_string(r, value, "requires", &text))
		return -1;
	r->v->sdm = !strcmp(text, "sdm");
	if (!r->v->sdm && strcmp(text, "epml"))
		return vector_error(r->v, value, "requires: expected \"sdm\" or \"epml\"");
	return 0;
}

static int load_stock(struct reader *r, const json_t *value)
{
	static const char *const keys[] = { "defect", "text", NULL };
	const json_t *defect = json_object_get(value, "defect");
	const json_t *text = json_object_get(value, "text");
	uint64_t n;

	if (!value)
		return 0;
	if (need_object(r, value, "stock", NULL) || check_keys(r, value, "stock", keys))
		return -1;
	if (!r->v->sdm)
		return vector_error(r->v, value, "stock needs \"requires\": \"sdm\"");
	if (!defect || !text)
		return vector_error(r->v, value, "stock: expected the keys defect and text");
	if (read_number(r, defect, "defect", 999, &n) ||
	    read_string(r, text, "text", &r->v->stock_text))
		return -1;
	if (!n)
		return vector_error(r->v, defect, "defect: expected the number of a defect");
	r->v->stock_defect = (unsigned)n;
	return 0;
}

static int load_params(struct reader *r, const json_t *object)
{
	struct vector *v = r->v;
	const char *key, *value, *error;
	json_t *item;

	epml_params_profile(&v->params, profile_names[v->profile]);
	v->param_text = "";
	if (!object)
		return 0;
	if (need_object(r, object, "params", NULL))
		return -1;
	if (v->sdm)
		return vector_error(v, object, "params: a vector for any processor has none");
	json_object_foreach((json_t *)object, key, item) {
		if (read_string(r, item, key, &value))
			return -1;
		if (!epml_params_get(&v->params, key))
			return vector_error(v, item, "there is no design parameter \"%s\"", key);
		if (!strcmp(epml_params_get(&v->params, key), value))
			continue;
		error = epml_params_set(&v->params, key, value);
		if (error)
			return vector_error(v, item, "parameter %s: %s", key, error);
		v->param_text = arena_printf(&r->set->arena, "%s, %s=%s", v->param_text, key,
					     value);
	}
	return 0;
}

/* The profiles of a vector: a mask; 0 after a message. */
static unsigned load_profiles(struct reader *r, const json_t *list)
{
	unsigned mask = 0;
	const char *text;
	json_t *item;
	size_t i;

	if (!list)
		return (1u << PROFILES) - 1;
	if (need_array(r, list, "profiles", NULL))
		return 0;
	json_array_foreach(list, i, item) {
		if (read_string(r, item, "profiles", &text))
			return 0;
		if (profile_find(text) < 0) {
			vector_error(r->v, item,
				     "profiles: expected \"published\" or \"hardened\"");
			return 0;
		}
		mask |= 1u << profile_find(text);
	}
	if (!mask)
		vector_error(r->v, list, "profiles: expected at least one");
	return mask;
}

static int load_layers(struct reader *r, const json_t *object, const char *key,
		       const json_t *over, struct layers *l)
{
	l->base = json_object_get(object, key);
	l->over = json_object_get(over, key);
	if ((l->base && need_object(r, l->base, key, NULL)) ||
	    (l->over && need_object(r, l->over, key, NULL)))
		return -1;
	if (!l->base && !l->over)
		return vector_error(r->v, object, "expected the key %s", key);
	return 0;
}

/* The profile's object, checked; NULL in *over if there is none. */
static int load_override(struct reader *r, const json_t *object, const json_t **over)
{
	static const char *const keys[] = { "setup", "expect", NULL };
	const char *name = profile_names[r->v->profile];

	*over = json_object_get(object, name);
	if (!*over)
		return 0;
	if (need_object(r, *over, name, NULL) || check_keys(r, *over, name, keys))
		return -1;
	if (r->v->sdm)
		return vector_error(r->v, *over, "%s: a vector for any processor is the same in "
				    "all profiles", name);
	return 0;
}

static int load_variant(struct reader *r, const json_t *object)
{
	struct vector *v = r->v;
	struct layers setup, expect;
	const json_t *over;

	if (load_id(r, json_object_get(object, "id")) ||
	    load_rules(r, json_object_get(object, "rules")) ||
	    load_properties(r, json_object_get(object, "properties")) ||
	    load_requires(r, json_object_get(object, "requires")) ||
	    load_stock(r, json_object_get(object, "stock")) ||
	    load_params(r, json_object_get(object, "params")))
		return -1;
	if (!json_object_get(object, "title"))
		return vector_error(v, v->at, "expected the key title");
	if (read_string(r, json_object_get(object, "title"), "title", &v->title) ||
	    load_override(r, object, &over) ||
	    load_layers(r, object, "setup", over, &setup) ||
	    load_layers(r, object, "expect", over, &expect) ||
	    load_setup(r, &setup) ||
	    load_steps(r, json_object_get(object, "steps"), json_object_get(object, "handlers")) ||
	    load_expect(r, &expect))
		return -1;
	v->compiled = arena_alloc(&r->set->arena, sizeof(*v->compiled));
	return vector_compile(&r->set->arena, v, v->compiled);
}

static struct vector *add_vector(struct vector_set *set, const struct jsonfile *file,
				 const json_t *object)
{
	struct vector *v = arena_alloc(&set->arena, sizeof(*v));

	v->file = file;
	v->at = object;
	return v;
}

/* One JSON vector: all its variants. */
static int load_vector(struct vector_set *set, const struct jsonfile *file, const json_t *object)
{
	static const char *const keys[] = {
		"id", "title", "rules", "properties", "requires", "profiles", "params", "stock",
		"setup", "steps", "handlers", "expect", "published", "hardened", NULL
	};
	const unsigned first = set->n;
	struct reader r = { set, add_vector(set, file, object) };
	unsigned mask;

	if (need_object(&r, object, "a vector", NULL) || check_keys(&r, object, "a vector", keys))
		return -1;
	mask = load_profiles(&r, json_object_get(object, "profiles"));
	if (!mask)
		return -1;
	for (int p = 0; p < PROFILES; p++) {
		if (!(mask & 1u << p)) {
			const json_t *over = json_object_get(object, profile_names[p]);

			if (!over)
				continue;
			return vector_error(r.v, over, "the vector does not run in profile %s",
					    profile_names[p]);
		}
		r.v = add_vector(set, file, object);
		r.v->profile = (enum profile)p;
		r.v->once = set->n == first;
		if (load_variant(&r, object))
			return -1;
		set->vectors = array_grow(set->vectors, set->n, sizeof(*set->vectors));
		set->vectors[set->n++] = r.v;
	}
	return 0;
}

static int load_root(struct vector_set *set, const struct jsonfile *file)
{
	static const char *const keys[] = { "vectors", NULL };
	struct vector none = { .file = file, .at = file->root };
	struct reader r = { set, &none };
	const json_t *list = json_object_get(file->root, "vectors");
	json_t *item;
	size_t i;

	if (need_object(&r, file->root, "a vector file", NULL) ||
	    check_keys(&r, file->root, "a vector file", keys) ||
	    need_array(&r, list, "vectors", file->root))
		return -1;
	json_array_foreach(list, i, item)
		if (load_vector(set, file, item))
			return -1;
	return 0;
}

int vectors_load(struct vector_set *set, const char *path)
{
	struct jsonfile *file = calloc(1, sizeof(*file));

	if (!file || jsonfile_load(file, path)) {
		free(file);
		return -1;
	}
	set->files = array_grow(set->files, set->n_files, sizeof(*set->files));
	set->files[set->n_files++] = file;
	return load_root(set, file);
}

static int is_json(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return len > 5 && entry->d_name[0] != '.' && !strcmp(entry->d_name + len - 5, ".json");
}

int vectors_load_dir(struct vector_set *set, const char *path)
{
	struct dirent **entries;
	int n = scandir(path, &entries, is_json, alphasort), status = 0;

	if (n < 0) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		return -1;
	}
	for (int i = 0; i < n; i++) {
		if (!status)
			status = vectors_load(set, arena_printf(&set->arena, "%s/%s", path,
								entries[i]->d_name));
		free(entries[i]);
	}
	free(entries);
	return status;
}

int vectors_load_path(struct vector_set *set, const char *path)
{
	struct stat st;

	if (!stat(path, &st) && S_ISDIR(st.st_mode))
		return vectors_load_dir(set, path);
	return vectors_load(set, path);
}

void vectors_free(struct vector_set *set)
{
	for (unsigned i = 0; i < set->n_files; i++) {
		jsonfile_free(set->files[i]);
		free(set->files[i]);
	}
	free(set->files);
	free(set->vectors);
	arena_free(&set->arena);
	memset(set, 0, sizeof(*set));
}
