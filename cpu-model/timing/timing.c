/* SPDX-License-Identifier: BSD-2-Clause */
/* A logical processor: its memory, its phases, VM exits and entries. */
#include <stdlib.h>

#include "internal.h"

/* ---- Memory ------------------------------------------------------------------------------ */

static bool is_cache(enum timing_structure s)
{
	return s <= TIMING_LLC;
}

/* The branch predictor has memory of its own. */
static bool is_lru(enum timing_structure s)
{
	return s < TIMING_PREDICTOR;
}

static size_t entry_bytes(enum timing_structure s)
{
	return is_cache(s) ? sizeof(uint64_t) : sizeof(struct timing_entry);
}

static size_t model_bytes(const struct timing_geometry *g)
{
	size_t bytes = TIMING_PHASES * sizeof(uint64_t[TIMING_N_COSTS]) + branches_bytes(g);
	unsigned s;

	for (s = 0; s < TIMING_N_STRUCTURES; s++)
		if (is_lru(s))
			bytes += g[s].entries * entry_bytes(s);
	return bytes;
}

static int init_structure(struct timing *t, enum timing_structure s)
{
	const struct timing_geometry *g = &t->processor->geometry[s];
	struct timing_lru *l = &t->lru[s];
	void *memory;

	if (!g->entries)
		return 0;
	memory = calloc(g->entries, entry_bytes(s));
	if (!memory)
		return -1;
	if (is_cache(s))
		l->line = memory;
	else
		l->entry = memory;
	l->ways = g->ways;
	l->sets = g->entries / g->ways;
	l->mask = l->sets & (l->sets - 1) ? 0 : l->sets - 1;
	return 0;
}

/* Caches and TLBs are only needed when they are modelled. */
static int init_model(struct timing *t)
{
	unsigned s;

	if (t->mode != TIMING_FULL)
		return 0;
	for (s = 0; s < TIMING_N_STRUCTURES; s++)
		if (is_lru(s) && init_structure(t, s))
			return -1;
	return branches_init(t);
}

int timing_init(struct timing *t, const struct timing_processor *p, enum timing_mode mode,
		const struct timing_ops *ops, void *host, unsigned id)
{
	unsigned i;

	*t = (struct timing){ .mode = mode, .id = id, .processor = p, .ops = ops, .host = host };
	forget_lines(t);
	t->bytes = sizeof(*t) + model_bytes(p->geometry);
	if (t->bytes > TIMING_MAX_BYTES)
		return -1;
	for (i = 0; i < TIMING_N_COSTS; i++)
		t->price[i] = p->price[i].milli[TIMING_LIKELY];
	t->counts = calloc(TIMING_PHASES, sizeof(*t->counts));
	if (!t->counts || init_model(t)) {
		timing_free(t);
		return -1;
	}
	t->row = t->counts[0];
	return 0;
}

void timing_free(struct timing *t)
{
	unsigned s;

	for (s = 0; s < TIMING_N_STRUCTURES; s++) {
		free(t->lru[s].line);
		free(t->lru[s].entry);
	}
	free(t->branches);
	free(t->counts);
	*t = (struct timing){ .id = t->id };
}

/* ---- Time and phases --------------------------------------------------------------------- */

static void mark(struct timing *t, enum timing_mark kind, unsigned what)
{
	if (t->ops && t->ops->mark)
		t->ops->mark(t->host, kind, what);
}

void timing_event(struct timing *t, enum timing_cost cost, uint64_t n)
{
	timing_charge(t, cost, n);
	mark(t, TIMING_MARK_EVENT, cost);
}

void timing_phase(struct timing *t, unsigned phase)
{
	t->phase = phase % TIMING_PHASES;
	t->row = t->counts[t->phase];
	mark(t, TIMING_MARK_PHASE, t->phase);
}

void timing_idle_until(struct timing *t, uint64_t cycle)
{
	if (cycle * 1000 <= t->clock)
		return;
	t->idle += cycle * 1000 - t->clock;
	t->clock = cycle * 1000;
}

/* ---- VM exits and entries ---------------------------------------------------------------- */

/* Translations of VPID 0 do not survive a transition without VPIDs. */
static void change_operation(struct timing *t)
{
	if (!t->context.vpid)
		timing_flush_all(t);
	forget_lines(t);
}

void timing_vm_exit(struct timing *t, enum timing_cost cost)
{
	timing_charge(t, cost, 1);
	change_operation(t);
	mark(t, TIMING_MARK_EXIT, cost);
}

void timing_vm_entry(struct timing *t, bool injects)
{
	timing_charge(t, TIMING_ENTRY, 1);
	if (injects)
		timing_charge(t, TIMING_ENTRY_INJECTION, 1);
	change_operation(t);
	mark(t, TIMING_MARK_ENTRY, TIMING_ENTRY);
}
