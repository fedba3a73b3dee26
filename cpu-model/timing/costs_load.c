/* SPDX-License-Identifier: BSD-2-Clause */
#define _GNU_SOURCE
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "costs_load.h"
#include "jsonfile.h"

#define MAX_BASES	4		/* files that are based on each other */
#define MAX_CYCLES	1e6		/* no single cost of a processor is higher */
#define MAX_MHZ		100000

static const char *const bound_names[TIMING_BOUNDS] = { "low", "likely", "high" };

/* What has been read so far. */
struct loader {
	struct timing_processor *p;
	bool has_price[TIMING_N_COSTS], has_geometry[TIMING_N_STRUCTURES];
};

/* ---- Members of an object ---------------------------------------------------------------- */

/* Every key of the object is in the list, which ends with NULL. */
static int check_keys(const struct jsonfile *f, json_t *object, const char *const keys[])
{
	const char *key;
	json_t *value;
	unsigned i;

	json_object_foreach(object, key, value) {
		for (i = 0; keys[i] && strcmp(keys[i], key); i++)
			continue;
		if (!keys[i]) {
			jsonfile_error(f, object, "unknown key \"%s\"; expected one of %s, %s, ...",
				       key, keys[0], keys[1]);
			return -1;
		}
	}
	return 0;
}

/* "source" and "status": no number without saying where it comes from. */
static int read_source(const struct jsonfile *f, const json_t *object, const char *name,
		       enum timing_status *status)
{
	const char *source = json_string_value(json_object_get(object, "source"));
	const char *text = json_string_value(json_object_get(object, "status"));
	unsigned i;

	if (!source || !*source) {
		jsonfile_error(f, object, "%s: \"source\" is missing; expected where the numbers "
			       "come from", name);
		return -1;
	}
	for (i = 0; text && i < TIMING_STATUSES; i++) {
		if (!strcmp(text, timing_status_names[i])) {
			*status = (enum timing_status)i;
			return 0;
		}
	}
	jsonfile_error(f, object, "%s: \"status\" is \"%s\"; expected published, measured, "
		       "estimated, calibrated or recalled", name, text ? text : "");
	return -1;
}

/* ---- Costs ------------------------------------------------------------------------------- */

static int read_cycles(const struct jsonfile *f, const json_t *cost, const char *name,
		       enum timing_bound bound, uint64_t *milli)
{
	const json_t *value = json_object_get(cost, bound_names[bound]);
	const double cycles = json_number_value(value), rounded = round(cycles * 1000);

	if (!json_is_number(value) || !(cycles >= 0) || cycles > MAX_CYCLES) {
		jsonfile_error(f, value ? value : cost,
			       "%s: \"%s\" is not a cost; expected cycles from 0 to %.0f", name,
			       bound_names[bound], MAX_CYCLES);
		return -1;
	}
	if (fabs(cycles * 1000 - rounded) > 1e-6) {
		jsonfile_error(f, value, "%s: \"%s\" is %.10g; expected at most three decimals",
			       name, bound_names[bound], cycles);
		return -1;
	}
	*milli = (uint64_t)rounded;
	return 0;
}

static int read_price(const struct jsonfile *f, json_t *cost, const char *name,
		      struct timing_price *price)
{
	static const char *const keys[] = {
		"low", "likely", "high", "unit", "source", "status", NULL
	};
	const char *unit = json_string_value(json_object_get(cost, "unit"));
	unsigned bound;

	if (!json_is_object(cost)) {
		jsonfile_error(f, cost, "%s: expected an object with low, likely and high", name);
		return -1;
	}
	if (check_keys(f, cost, keys))
		return -1;
	for (bound = 0; bound < TIMING_BOUNDS; bound++)
		if (read_cycles(f, cost, name, bound, &price->milli[bound]))
			return -1;
	if (price->milli[TIMING_LOW] > price->milli[TIMING_LIKELY] ||
	    price->milli[TIMING_LIKELY] > price->milli[TIMING_HIGH]) {
		jsonfile_error(f, cost, "%s: expected low <= likely <= high", name);
		return -1;
	}
	if (!unit || strcmp(unit, "cycles")) {
		jsonfile_error(f, cost, "%s: \"unit\" is \"%s\"; expected cycles", name,
			       unit ? unit : "");
		return -1;
	}
	return read_source(f, cost, name, &price->status);
}

static int read_costs(struct loader *l, const struct jsonfile *f, json_t *costs)
{
	const char *name;
	json_t *cost;
	int id;

	json_object_foreach(costs, name, cost) {
		id = timing_cost_find(name);
		if (id < 0) {
			jsonfile_error(f, cost, "there is no cost \"%s\"; \"epml timing --list "
				       "costs\" prints all", name);
			return -1;
		}
		if (read_price(f, cost, name, &l->p->price[id]))
			return -1;
		l->has_price[id] = true;
	}
	return 0;
}

/* ---- Geometry ---------------------------------------------------------------------------- */

static int structure_find(const char *name)
{
	for (int i = 0; i < TIMING_N_STRUCTURES; i++)
		if (!strcmp(timing_structure_names[i], name))
			return i;
	return -1;
}

static int read_count(const struct jsonfile *f, const json_t *object, const char *name,
		      const char *key, uint64_t max, uint64_t *n)
{
	const json_t *value = json_object_get(object, key);

	if (!json_is_integer(value) || json_integer_value(value) < 0 ||
	    (uint64_t)json_integer_value(value) > max) {
		jsonfile_error(f, value ? value : object,
			       "%s: \"%s\" is not a size; expected a whole number from 0 to %llu",
			       name, key, (unsigned long long)max);
		return -1;
	}
	*n = (uint64_t)json_integer_value(value);
	return 0;
}

/* Caches have bytes, all others entries. */
static int read_structure(const struct jsonfile *f, json_t *object, enum timing_structure id,
			  struct timing_geometry *g)
{
	static const char *const cache_keys[] = { "bytes", "ways", "source", "status", NULL };
	static const char *const other_keys[] = { "entries", "ways", "source", "status", NULL };
	const bool cache = id <= TIMING_LLC;
	const char *name = timing_structure_names[id];
	const uint64_t unit = cache ? TIMING_LINE : 1;
	enum timing_status status;
	uint64_t size, ways;

	if (!json_is_object(object)) {
		jsonfile_error(f, object, "%s: expected an object", name);
		return -1;
	}
	if (check_keys(f, object, cache ? cache_keys : other_keys) ||
	    read_count(f, object, name, cache ? "bytes" : "entries", TIMING_MAX_ENTRIES * unit,
		       &size) ||
	    read_count(f, object, name, "ways", TIMING_MAX_ENTRIES, &ways) ||
	    read_source(f, object, name, &status))
		return -1;
	if (!ways || size % (ways * unit)) {
		jsonfile_error(f, object, "%s: its size is not a number of whole sets of %llu "
			       "ways; expected one that is", name, (unsigned long long)ways);
		return -1;
	}
	if (id >= TIMING_PREDICTOR && ways != 1) {
		jsonfile_error(f, object, "%s: expected 1 way", name);
		return -1;
	}
	*g = (struct timing_geometry){ (uint32_t)(size / unit), (uint32_t)ways };
	return 0;
}

static int read_geometry(struct loader *l, const struct jsonfile *f, json_t *geometry)
{
	const char *name;
	json_t *object;
	int id;

	json_object_foreach(geometry, name, object) {
		id = structure_find(name);
		if (id < 0) {
			jsonfile_error(f, object, "there is no structure \"%s\"; expected l1i, "
				       "l1d, l2, llc, itlb-4k, ...", name);
			return -1;
		}
		if (read_structure(f, object, id, &l->p->geometry[id]))
			return -1;
		l->has_geometry[id] = true;
	}
	return 0;
}

/* ---- Files ------------------------------------------------------------------------------- */

static int read_file(struct loader *l, const char *path, unsigned depth);

/* "base" is the name of a file beside this one. */
static int read_base(struct loader *l, const struct jsonfile *f, const json_t *base, unsigned depth)
{
	const char *name = json_string_value(base), *slash = strrchr(f->path, '/');
	const int directory = slash ? (int)(slash - f->path) + 1 : 0;
	char *path;
	int status;

	if (!base)
		return 0;
	if (!name || !*name || strchr(name, '/')) {
		jsonfile_error(f, base, "\"base\" is not a file; expected the name of a costs "
			       "file in this directory");
		return -1;
	}
	if (depth == MAX_BASES) {
		jsonfile_error(f, base, "more than %d files are based on each other", MAX_BASES);
		return -1;
	}
	if (asprintf(&path, "%.*s%s", directory, f->path, name) < 0)
		return -1;
	status = read_file(l, path, depth + 1);
	free(path);
	return status;
}

static int read_name(struct loader *l, const struct jsonfile *f, const json_t *name)
{
	const char *text = json_string_value(name);

	if (!text || !*text || strlen(text) >= TIMING_NAME) {
		jsonfile_error(f, name, "\"name\" is missing; expected a text of 1 to %d "
			       "characters", TIMING_NAME - 1);
		return -1;
	}
	strcpy(l->p->name, text);
	return 0;
}

static int read_frequency(struct loader *l, const struct jsonfile *f, const json_t *mhz)
{
	if (!mhz && l->p->khz)
		return 0;	/* the base's */
	if (!json_is_number(mhz) || !(json_number_value(mhz) >= 1) ||
	    json_number_value(mhz) > MAX_MHZ) {
		jsonfile_error(f, mhz, "\"frequency_mhz\" is not a frequency; expected a number "
			       "from 1 to %d", MAX_MHZ);
		return -1;
	}
	l->p->khz = (uint64_t)llround(json_number_value(mhz) * 1000);
	return 0;
}

static int read_section(struct loader *l, const struct jsonfile *f, const char *key,
			int (*read)(struct loader *, const struct jsonfile *, json_t *))
{
	json_t *section = json_object_get(f->root, key);

	if (section && !json_is_object(section)) {
		jsonfile_error(f, section, "\"%s\" is not an object; expected one", key);
		return -1;
	}
	return section ? read(l, f, section) : 0;
}

static int read_root(struct loader *l, const struct jsonfile *f, unsigned depth)
{
	static const char *const keys[] = {
		"name", "base", "comment", "frequency_mhz", "geometry", "costs", NULL
	};

	if (!json_is_object(f->root)) {
		jsonfile_error(f, f->root, "expected an object with name, geometry and costs");
		return -1;
	}
	if (check_keys(f, f->root, keys) ||
	    read_base(l, f, json_object_get(f->root, "base"), depth) ||
	    read_name(l, f, json_object_get(f->root, "name")) ||
	    read_frequency(l, f, json_object_get(f->root, "frequency_mhz")) ||
	    read_section(l, f, "geometry", read_geometry))
		return -1;
	return read_section(l, f, "costs", read_costs);
}

static int read_file(struct loader *l, const char *path, unsigned depth)
{
	struct jsonfile f;
	int status;

	if (jsonfile_load(&f, path))
		return -1;
	status = read_root(l, &f, depth);
	jsonfile_free(&f);
	return status;
}

static int check_complete(const struct loader *l, const char *path)
{
	unsigned i;

	for (i = 0; i < TIMING_N_COSTS; i++) {
		if (!l->has_price[i]) {
			fprintf(stderr, "%s:1: the cost \"%s\" is missing; expected every cost "
				"that \"epml timing --list costs\" prints\n", path,
				timing_costs[i].name);
			return -1;
		}
	}
	for (i = 0; i < TIMING_N_STRUCTURES; i++) {
		if (!l->has_geometry[i]) {
			fprintf(stderr, "%s:1: the structure \"%s\" is missing in \"geometry\"; "
				"expected its size, which may be 0\n", path,
				timing_structure_names[i]);
			return -1;
		}
	}
	return 0;
}

int timing_costs_load(struct timing_processor *p, const char *path)
{
	struct timing_processor read = { .khz = 0 };
	struct loader l = { .p = &read };

	if (read_file(&l, path, 0) || check_complete(&l, path))
		return -1;
	*p = read;
	return 0;
}
