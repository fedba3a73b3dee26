/* SPDX-License-Identifier: BSD-2-Clause */
/* The whole experiment as one JSON document; docs/experiment.md describes it. */
#include "experiment.h"

static const char *const outcome_names[XP_OUTCOMES] = { "ok", "failed", "left-out", "missing" };

static json_t *counts(const struct xp_row *row, enum xp_part part)
{
	json_t *object = json_object();

	for (unsigned cost = 0; cost < TIMING_N_COSTS; cost++)
		if (row->count[part][cost])
			json_object_set_new(object, timing_costs[cost].name,
					    json_integer((json_int_t)row->count[part][cost]));
	return object;
}

/* What was counted in a part: cycles at the three prices, and the counters. */
static json_t *part_json(const struct timing_processor *p, const struct xp_row *row,
			 enum xp_part part)
{
	struct timing_cycles c = { { 0 } };
	json_t *object = json_object(), *cycles = json_array();

	timing_cycles_add(&c, p->price, row->count[part], TIMING_ALL_CAUSES);
	for (unsigned bound = 0; bound < TIMING_BOUNDS; bound++)
		json_array_append_new(cycles, json_integer((json_int_t)(c.milli[bound] / 1000)));
	json_object_set_new(object, "cycles", cycles);
	json_object_set_new(object, "counts", counts(row, part));
	return object;
}

static json_t *parts_json(const struct experiment *x, const struct xp_row *row)
{
	json_t *object = json_object();

	for (unsigned part = 0; part < XP_PARTS; part++)
		if (row->phase[part])
			json_object_set_new(object, xp_part_names[part],
					    part_json(&x->timing[row->profile].processor, row,
						      (enum xp_part)part));
	return object;
}

static void set_ratio(json_t *object, const char *key, double value)
{
	if (value > 0)
		json_object_set_new(object, key, json_real(value));
}

static json_t *row_json(const struct experiment *x, const struct xp_row *row,
			const struct xp_published *p)
{
	const char *name = xp_technique_names[row->technique];
	const bool alone = row->technique == XP_ALONE;
	const unsigned numbers = alone ? XP_ALONE_NUMBERS : XP_N_NUMBERS;
	json_t *object = json_object();

	json_object_set_new(object, "profile", json_string(profile_names[row->profile]));
	json_object_set_new(object, "run", json_string(name));
	json_object_set_new(object, "mb", json_integer(row->mb));
	json_object_set_new(object, "outcome", json_string(outcome_names[row->outcome]));
	if (row->outcome != XP_OK) {
		json_object_set_new(object, "text", json_string(row->text));
		return object;
	}
	for (unsigned i = 0; i < numbers; i++)
		json_object_set_new(object, xp_number_names[i],
				    json_integer((json_int_t)row->number[i]));
	if (!alone) {
		set_ratio(object, "slowdown", xp_slowdown(x, row));
		set_ratio(object, "slowdown_rounds", xp_slowdown_rounds(x, row));
		set_ratio(object, "slowdown_tracked", xp_slowdown_tracked(x, row));
		set_ratio(object, "published_slowdown",
			  xp_published(p, XPF_SLOWDOWN, name, row->mb));
	}
	if (row->counted)
		json_object_set_new(object, "parts", parts_json(x, row));
	return object;
}

json_t *xp_json(const struct experiment *x, const struct xp_published *p)
{
	json_t *root = json_object(), *rows = json_array();

	json_object_set_new(root, "format", json_string("epml-experiment 1"));
	for (unsigned i = 0; i < PROFILES; i++)
		if (x->timing[i].n_cpus) {
			json_object_set_new(root, "processor",
					    json_string(x->timing[i].processor.name));
			json_object_set_new(root, "mode",
					    json_string(timing_mode_names[x->timing[i].mode]));
		}
	json_object_set_new(root, "timed_rounds", json_integer(x->plan.rounds));
	for (unsigned i = 0; i < x->n; i++)
		json_array_append_new(rows, row_json(x, &x->rows[i], p));
	if (json_object_set_new(root, "rows", rows)) {
		json_decref(root);
		return NULL;
	}
	return root;
}
