/* SPDX-License-Identifier: BSD-2-Clause */
/* Results as they are read back: everything is checked, sums too. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "jsonfile.h"
#include "timing_result.h"

#define MAX_CPUS 256

/* One line, and -1. */
#define BAD(f, at, ...) (jsonfile_error(f, at, __VA_ARGS__), -1)

/* A member that must be a whole number from 0 to max. */
static int read_number(const struct jsonfile *f, const json_t *object, const char *key,
		       uint64_t max, uint64_t *n)
{
	const json_t *value = json_object_get(object, key);

	if (!json_is_integer(value) || json_integer_value(value) < 0 ||
	    (uint64_t)json_integer_value(value) > max)
		return BAD(f, value ? value : object,
			   "\"%s\" is not a number; expected a whole number from 0 to %" PRIu64,
			   key, max);
	*n = (uint64_t)json_integer_value(value);
	return 0;
}

static int name_index(const char *name, const char *const names[], unsigned n)
{
	for (unsigned i = 0; name && i < n; i++)
		if (!strcmp(names[i], name))
			return (int)i;
	return -1;
}

static int read_name(const struct jsonfile *f, const json_t *object, size_t size, char *name)
{
	const json_t *value = json_object_get(object, "name");
	const char *text = json_string_value(value);

	if (!text || !*text || strlen(text) >= size)
		return BAD(f, value ? value : object,
			   "\"name\" is missing; expected a text of 1 to %zu characters", size - 1);
	strcpy(name, text);
	return 0;
}

/* ---- Processor --------------------------------------------------------------------------- */

static int read_price(const struct jsonfile *f, const json_t *array, unsigned id,
		      struct timing_price *price)
{
	const int status = name_index(json_string_value(json_array_get(array, 3)),
				      timing_status_names, TIMING_STATUSES);

	if (json_array_size(array) != 4 || status < 0)
		return BAD(f, array, "expected the price of %s: low, likely, high, status",
			   timing_costs[id].name);
	price->status = (enum timing_status)status;
	for (unsigned bound = 0; bound < TIMING_BOUNDS; bound++) {
		const json_t *value = json_array_get(array, bound);

		if (!json_is_integer(value) || json_integer_value(value) < 0)
			return BAD(f, value, "expected the price of %s in 1/1000 cycle",
				   timing_costs[id].name);
		price->milli[bound] = (uint64_t)json_integer_value(value);
	}
	return 0;
}

static int read_geometry(const struct jsonfile *f, const json_t *geometry, unsigned id,
			 struct timing_geometry *g)
{
	const json_t *array = json_object_get(geometry, timing_structure_names[id]);
	const json_int_t entries = json_integer_value(json_array_get(array, 0));
	const json_int_t ways = json_integer_value(json_array_get(array, 1));

	if (json_array_size(array) != 2 || entries < 0 || entries > TIMING_MAX_ENTRIES ||
	    ways < 1 || ways > TIMING_MAX_ENTRIES)
		return BAD(f, array ? array : geometry, "expected entries and ways of %s",
			   timing_structure_names[id]);
	*g = (struct timing_geometry){ (uint32_t)entries, (uint32_t)ways };
	return 0;
}

static int read_processor(const struct jsonfile *f, struct timing_result *r)
{
	const json_t *object = json_object_get(f->root, "processor");
	const json_t *prices = json_object_get(f->root, "prices");
	const json_t *geometry = json_object_get(f->root, "geometry");
	struct timing_processor *p = &r->processor;

	if (read_name(f, object, sizeof(p->name), p->name) ||
	    read_number(f, object, "khz", UINT32_MAX, &p->khz))
		return -1;
	for (unsigned i = 0; i < TIMING_N_COSTS; i++) {
		const json_t *price = json_object_get(prices, timing_costs[i].name);

		if (read_price(f, price ? price : prices, i, &p->price[i]))
			return -1;
	}
	for (unsigned i = 0; i < TIMING_N_STRUCTURES; i++)
		if (read_geometry(f, geometry, i, &p->geometry[i]))
			return -1;
	r->hash = timing_processor_hash(p);
	return 0;
}

/* ---- Counters ---------------------------------------------------------------------------- */

static int read_counts(const struct jsonfile *f, json_t *counts, uint64_t *count)
{
	const char *name;
	json_t *value;
	int id;

	if (!json_is_object(counts))
		return BAD(f, counts, "\"counts\" is missing; expected an object");
	json_object_foreach(counts, name, value) {
		id = timing_cost_find(name);
		if (id < 0)
			return BAD(f, value, "there is no cost \"%s\"; \"epml timing --list "
				   "costs\" prints all", name);
		if (read_number(f, counts, name, INT64_MAX, &count[id]))
			return -1;
	}
	return 0;
}

static int read_phase(const struct jsonfile *f, const json_t *object,
		      struct timing_result_phase *p)
{
	uint64_t id;

	if (read_number(f, object, "id", TIMING_PHASES - 1, &id) ||
	    read_name(f, object, sizeof(p->name), p->name))
		return -1;
	p->id = (unsigned)id;
	return read_counts(f, json_object_get(object, "counts"), p->count);
}

/* All cycles of the clock have a cause, or were idle. */
static int check_sum(const struct jsonfile *f, const json_t *object, const struct timing_result *r,
		     const struct timing_result_cpu *cpu)
{
	struct timing_cycles sum = { { 0 } };

	for (unsigned i = 0; i < cpu->n_phases; i++)
		timing_cycles_add(&sum, r->processor.price, cpu->phases[i].count,
				  TIMING_ALL_CAUSES);
	if (sum.milli[TIMING_LIKELY] + cpu->idle != cpu->clock)
		return BAD(f, object, "the counters give %" PRIu64 "; expected \"clock\" less "
			   "\"idle\", %" PRIu64, sum.milli[TIMING_LIKELY],
			   cpu->clock - cpu->idle);
	return 0;
}

static int read_cpu(const struct jsonfile *f, const json_t *object, const struct timing_result *r,
		    struct timing_result_cpu *cpu)
{
	const json_t *phases = json_object_get(object, "phases"), *phase;
	uint64_t id;
	size_t i;

	if (read_number(f, object, "id", MAX_CPUS - 1, &id) ||
	    read_number(f, object, "instructions", INT64_MAX, &cpu->insns) ||
	    read_number(f, object, "clock", INT64_MAX, &cpu->clock) ||
	    read_number(f, object, "idle", INT64_MAX, &cpu->idle))
		return -1;
	cpu->id = (unsigned)id;
	if (!json_is_array(phases) || json_array_size(phases) > TIMING_PHASES)
		return BAD(f, phases ? phases : object,
			   "\"phases\" is missing; expected an array of at most %d", TIMING_PHASES);
	cpu->phases = calloc(json_array_size(phases) + 1, sizeof(*cpu->phases));
	if (!cpu->phases)
		return BAD(f, NULL, "out of memory");
	json_array_foreach(phases, i, phase) {
		if (read_phase(f, phase, &cpu->phases[i]))
			return -1;
		cpu->n_phases++;
	}
	return check_sum(f, object, r, cpu);
}

static int read_cpus(const struct jsonfile *f, struct timing_result *r)
{
	const json_t *cpus = json_object_get(f->root, "cpus"), *cpu;
	size_t i;

	if (!json_array_size(cpus) || json_array_size(cpus) > MAX_CPUS)
		return BAD(f, cpus, "\"cpus\" is missing; expected an array of 1 to %d", MAX_CPUS);
	r->cpus = calloc(json_array_size(cpus), sizeof(*r->cpus));
	if (!r->cpus)
		return BAD(f, NULL, "out of memory");
	json_array_foreach(cpus, i, cpu) {
		r->n_cpus++;
		if (read_cpu(f, cpu, r, &r->cpus[i]))
			return -1;
	}
	return 0;
}

static int read_root(const struct jsonfile *f, struct timing_result *r)
{
	const char *format = json_string_value(json_object_get(f->root, "format"));
	const int mode = name_index(json_string_value(json_object_get(f->root, "mode")),
				    timing_mode_names, TIMING_MODES);

	if (!format || strcmp(format, "epml-timing 1"))
		return BAD(f, f->root, "this is not the result of a timed run; expected "
			   "\"format\": \"epml-timing 1\"");
	if (mode < 0)
		return BAD(f, f->root, "\"mode\" is missing; expected off, events or full");
	r->mode = (enum timing_mode)mode;
	return read_processor(f, r) ? -1 : read_cpus(f, r);
}

int timing_result_load(struct timing_result *r, const char *path)
{
	struct jsonfile f;
	int status;

	*r = (struct timing_result){ .n_cpus = 0 };
	if (jsonfile_load(&f, path))
		return -1;
	status = read_root(&f, r);
	if (status)
		timing_result_free(r);
	jsonfile_free(&f);
	return status;
}
