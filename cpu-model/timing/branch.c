/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Branch prediction: gshare for conditional branches, last target for indirect ones, a stack for
 * returns. Direct jumps and calls are always foreseen.
 */
#include <stdlib.h>

#include "internal.h"

/* A 2-bit counter predicts "taken" from here. */
#define WEAKLY_TAKEN 2

struct timing_branches {
	uint32_t history;		/* of conditional branches, latest in bit 0 */
	uint32_t n_counters, n_targets, n_returns;	/* 0, or a power of two but for returns */
	uint32_t top;			/* of the return stack, which wraps */
	uint64_t *targets, *returns;
	uint8_t *counters;
};

size_t branches_bytes(const struct timing_geometry *g)
{
	return sizeof(struct timing_branches) + g[TIMING_PREDICTOR].entries +
	       ((size_t)g[TIMING_BTB].entries + g[TIMING_RETURN_STACK].entries) * sizeof(uint64_t);
}

int branches_init(struct timing *t)
{
	const struct timing_geometry *g = t->processor->geometry;
	struct timing_branches *b = calloc(1, branches_bytes(g));

	if (!b)
		return -1;
	b->n_counters = g[TIMING_PREDICTOR].entries;
	b->n_targets = g[TIMING_BTB].entries;
	b->n_returns = g[TIMING_RETURN_STACK].entries;
	b->targets = (uint64_t *)(b + 1);
	b->returns = b->targets + b->n_targets;
	b->counters = (uint8_t *)(b->returns + b->n_returns);
	memset(b->counters, WEAKLY_TAKEN, b->n_counters);
	t->branches = b;
	return 0;
}

/* Each returns true if the branch went where it was expected. */

static bool predict_direction(struct timing_branches *b, uint64_t rip, bool taken)
{
	uint8_t *counter;
	bool right;

	if (!b->n_counters)
		return true;
	counter = &b->counters[((rip >> 1) ^ b->history) & (b->n_counters - 1)];
	right = (*counter >= WEAKLY_TAKEN) == taken;
	if (taken && *counter < 3)
		++*counter;
	else if (!taken && *counter)
		--*counter;
	b->history = b->history << 1 | taken;
	return right;
}

static bool predict_target(struct timing_branches *b, uint64_t rip, uint64_t target)
{
	uint64_t *last;
	bool right;

	if (!b->n_targets)
		return true;
	last = &b->targets[(rip >> 1) & (b->n_targets - 1)];
	right = *last == target;
	*last = target;
	return right;
}

static void push_return(struct timing_branches *b, uint64_t next)
{
	if (!b->n_returns)
		return;
	b->top = (b->top + 1) % b->n_returns;
	b->returns[b->top] = next;
}

static bool predict_return(struct timing_branches *b, uint64_t target)
{
	bool right;

	if (!b->n_returns)
		return true;
	right = b->returns[b->top] == target;
	b->top = (b->top + b->n_returns - 1) % b->n_returns;
	return right;
}

void timing_branch(struct timing *t, enum timing_branch kind, uint64_t rip, uint64_t target,
		   uint64_t next, bool taken)
{
	struct timing_branches *b = t->branches;
	bool right = true;

	timing_insn(t, TIMING_BRANCH);
	if (kind == TIMING_CONDITIONAL)
		right = predict_direction(b, rip, taken);
	else if (kind == TIMING_INDIRECT || kind == TIMING_INDIRECT_CALL)
		right = predict_target(b, rip, target);
	else if (kind == TIMING_RETURN)
		right = predict_return(b, target);
	if (kind == TIMING_CALL || kind == TIMING_INDIRECT_CALL)
		push_return(b, next);
	if (!right)
		timing_charge(t, TIMING_BRANCH_MISPREDICTED, 1);
}
