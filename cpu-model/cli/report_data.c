/* SPDX-License-Identifier: BSD-2-Clause */
#define _GNU_SOURCE
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "report_data.h"
#include "vector.h"

#define MAX_DEFECT 1000	/* a wrong number must not make a long loop */

/* ---- Values, with the line of what is wrong ---- */

static const char *get_string(const struct jsonfile *f, const json_t *object, const char *key,
			      const json_t *at)
{
	const json_t *value = json_object_get(object, key);

	if (!json_is_string(value))
		jsonfile_error(f, value ? value : at, "expected a string \"%s\"", key);
	return json_string_value(value);
}

/* Names that go into scripts and links as they are. */
static bool is_name(const char *text)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789-/";

	return *text && strspn(text, allowed) == strlen(text);
}

static const char *get_name(const struct jsonfile *f, const json_t *object, const char *key,
			    const json_t *at)
{
	const char *name = get_string(f, object, key, at);

	if (name && !is_name(name)) {
		jsonfile_error(f, json_object_get(object, key),
			       "%s \"%s\": expected a name out of a-z, 0-9, '-' and '/'", key,
			       name);
		return NULL;
	}
	return name;
}

/* ---- Chapters and places ---- */

static unsigned find_chapter(struct report_data *d, const char *id)
{
	const size_t len = strcspn(id, "/");
	unsigned i;

	for (i = 0; i < d->n_chapters; i++)
		if (strlen(d->chapters[i]) == len && !strncmp(d->chapters[i], id, len))
			return i;
	d->chapters = array_grow(d->chapters, i, sizeof(*d->chapters));
	d->chapters[i] = strndup(id, len);
	if (!d->chapters[i]) {
		fprintf(stderr, "epml: out of memory\n");
		exit(2);
	}
	d->n_chapters++;
	return i;
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

static unsigned find_place(struct report_data *d, const char *host, const char *profile)
{
	struct report_place *p;
	unsigned i;

	for (i = 0; i < d->n_places; i++)
		if (!strcmp(d->places[i].host, host) && same_text(d->places[i].profile, profile))
			return i;
	d->places = array_grow(d->places, i, sizeof(*d->places));
	p = &d->places[i];
	p->host = host;
	p->profile = profile;
	snprintf(p->label, sizeof(p->label), "%s%s%s", profile ? profile : "",
		 profile ? " on " : "", host);
	d->n_places++;
	return i;
}

static bool is_one_of(const char *text, const char *const *names, unsigned n)
{
	while (n--)
		if (!strcmp(text, names[n]))
			return true;
	return false;
}

static int load_place(struct report_data *d, const struct jsonfile *f, const json_t *item,
		      unsigned *place)
{
	const char *host = get_name(f, item, "host", item), *profile = NULL;

	if (!host)
		return -1;
	if (!is_one_of(host, host_names, HOSTS)) {
		jsonfile_error(f, json_object_get(item, "host"),
			       "host \"%s\": expected model, bochs or stock", host);
		return -1;
	}
	if (strcmp(host, host_names[ON_STOCK])) {
		profile = get_name(f, item, "profile", item);
		if (!profile)
			return -1;
		if (!is_one_of(profile, profile_names, PROFILES)) {
			jsonfile_error(f, json_object_get(item, "profile"),
				       "profile \"%s\": expected published or hardened", profile);
			return -1;
		}
	}
	*place = find_place(d, host, profile);
	return 0;
}

/* ---- Entries ---- */

static int load_status(const struct jsonfile *f, const json_t *item, struct report_entry *e)
{
	const char *status = get_string(f, item, "status", item);
	const json_t *defect = json_object_get(item, "defect");

	if (!status)
		return -1;
	if (!strcmp(status, "passed"))
		e->status = PASSED;
	else if (!strcmp(status, "failed"))
		e->status = FAILED;
	else if (!strcmp(status, "known") && json_integer_value(defect) > 0 &&
		 json_integer_value(defect) <= MAX_DEFECT)
		e->status = KNOWN;
	if (e->status == NOT_RUN) {
		jsonfile_error(f, item,
			       "status \"%s\": expected passed, failed, or known with a defect",
			       status);
		return -1;
	}
	e->defect = (unsigned)json_integer_value(defect);
	return 0;
}

static int load_properties(const struct jsonfile *f, const json_t *item, struct report_entry *e)
{
	const json_t *list = json_object_get(item, "properties"), *value;
	size_t i;

	json_array_foreach(list, i, value) {
		const char *name = json_string_value(value);

		if (!name || name[0] != 'P' || name[1] < '1' ||
		    name[1] > '0' + (char)PROPERTY_COUNT || name[2]) {
			jsonfile_error(f, value, "properties: expected P1 to P%u", PROPERTY_COUNT);
			return -1;
		}
		e->properties |= 1u << (name[1] - '1');
	}
	return 0;
}

static int load_rules(const struct jsonfile *f, const json_t *item, struct report_entry *e)
{
	const json_t *value;
	size_t i;

	e->rules = json_object_get(item, "rules");
	if (!json_is_array(e->rules)) {
		jsonfile_error(f, item, "expected an array \"rules\"");
		return -1;
	}
	json_array_foreach(e->rules, i, value) {
		if (json_is_string(value))
			continue;
		jsonfile_error(f, value, "rules: expected strings");
		return -1;
	}
	return 0;
}

static int load_entry(struct report_data *d, const struct jsonfile *f, const json_t *item)
{
	struct report_entry *e;

	if (!json_is_object(item)) {
		jsonfile_error(f, item, "results: expected objects");
		return -1;
	}
	d->entries = array_grow(d->entries, d->n, sizeof(*d->entries));
	e = &d->entries[d->n];
	memset(e, 0, sizeof(*e));
	e->id = get_name(f, item, "id", item);
	e->title = e->id ? get_string(f, item, "title", item) : NULL;
	if (!e->title || load_place(d, f, item, &e->place) || load_status(f, item, e) ||
	    load_properties(f, item, e) || load_rules(f, item, e))
		return -1;
	e->chapter = find_chapter(d, e->id);
	e->params = json_object_get(item, "params");
	e->text = json_string_value(json_object_get(item, "text"));
	if (!e->text)
		e->text = "";
	d->n++;
	return 0;
}

int report_data_load(struct report_data *d, const struct jsonfile *f)
{
	const json_t *list = json_object_get(f->root, "results"), *item;
	size_t i;

	memset(d, 0, sizeof(*d));
	if (!json_is_array(list)) {
		jsonfile_error(f, NULL, "expected results of \"epml vectors --format json\"");
		return -1;
	}
	d->version = get_string(f, f->root, "version", f->root);
	d->date = d->version ? get_string(f, f->root, "date", f->root) : NULL;
	if (!d->date)
		return -1;
	json_array_foreach(list, i, item)
		if (load_entry(d, f, item))
			return -1;
	if (d->n)
		return 0;
	jsonfile_error(f, list, "results: expected at least one");
	return -1;
}

void report_data_free(struct report_data *d)
{
	for (unsigned i = 0; i < d->n_chapters; i++)
		free(d->chapters[i]);
	free(d->chapters);
	free(d->places);
	free(d->entries);
	memset(d, 0, sizeof(*d));
}

/* ---- Measurements ---- */

static int check_summary(const struct jsonfile *f, const json_t *item, const char *key)
{
	static const char *const keys[] = { "median", "min", "max" };
	const json_t *summary = json_object_get(item, key);

	for (unsigned i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (json_is_number(json_object_get(summary, keys[i])))
			continue;
		jsonfile_error(f, summary ? summary : item, "%s: expected a number \"%s\"", key,
			       keys[i]);
		return -1;
	}
	return 0;
}

static int check_named(const struct jsonfile *f, const json_t *item)
{
	return get_name(f, item, "name", item) && get_string(f, item, "title", item) ? 0 : -1;
}

static int check_workload(const struct jsonfile *f, const json_t *workload)
{
	const json_t *on = json_object_get(workload, "on"), *item;
	size_t i;

	if (check_named(f, workload))
		return -1;
	if (!json_is_array(on)) {
		jsonfile_error(f, workload, "expected an array \"on\"");
		return -1;
	}
	json_array_foreach(on, i, item)
		if (check_named(f, item) || check_summary(f, item, "seconds") ||
		    check_summary(f, item, "ratio"))
			return -1;
	return 0;
}

int report_data_bench(struct report_data *d, const struct jsonfile *f)
{
	const json_t *workloads = json_object_get(f->root, "workloads"), *item;
	const json_t *rates = json_object_get(f->root, "rates");
	size_t i;

	if (!json_is_array(workloads) || !json_is_array(rates)) {
		jsonfile_error(f, NULL, "expected what \"make bench\" writes");
		return -1;
	}
	if (!get_string(f, f->root, "date", NULL) || !get_string(f, f->root, "processor", NULL))
		return -1;
	json_array_foreach(workloads, i, item)
		if (check_workload(f, item))
			return -1;
	json_array_foreach(rates, i, item)
		if (check_named(f, item) || check_summary(f, item, "per_second"))
			return -1;
	d->bench = f->root;
	return 0;
}

/* ---- Queries ---- */

struct report_count report_data_count(const struct report_data *d, unsigned chapter,
				      unsigned place)
{
	struct report_count c = { 0 };

	for (unsigned i = 0; i < d->n; i++) {
		const struct report_entry *e = &d->entries[i];

		if (e->place != place || (chapter != UINT_MAX && e->chapter != chapter))
			continue;
		c.passed += e->status == PASSED;
		c.failed += e->status == FAILED;
		c.known += e->status == KNOWN;
	}
	return c;
}

bool report_data_first(const struct report_data *d, unsigned entry)
{
	for (unsigned i = 0; i < entry; i++)
		if (!strcmp(d->entries[i].id, d->entries[entry].id))
			return false;
	return true;
}
