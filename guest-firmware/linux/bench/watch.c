/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Each range of memory has a tracker of its own, and an oracle beside it. A range that has lost a
 * part is given up as a whole, and what is left of it begins anew.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "track.h"

static int fail(struct watches *w, const char *what, const char *why)
{
	snprintf(w->error, sizeof(w->error), "%s: %s", what, why);
	return -1;
}

static void close_watch(struct watch *watch)
{
	if (watch->tracker)
		ooh_close(watch->tracker);
	if (watch->oracle)
		ooh_close(watch->oracle);
}

/* ---- Beginning and ending ---------------------------------------------------------------- */

static int begin(struct watches *w, struct ooh **o, enum ooh_technique technique,
		 const struct range *range)
{
	int status = ooh_open(o, technique);

	if (!status)
		status = ooh_register(*o, w->pid, range->begin, range->end - range->begin);
	if (!status)
		status = ooh_start(*o);
	return status ? fail(w, ooh_technique_name(technique), ooh_error(*o)) : 0;
}

static int add(struct watches *w, const struct range *range)
{
	struct watch watch = { .range = *range };

	if (w->n == w->space) {
		const size_t space = w->space ? 2 * w->space : 16;
		struct watch *more = realloc(w->watch, space * sizeof(*more));

		if (!more)
			return fail(w, "memory", strerror(ENOMEM));
		w->watch = more;
		w->space = space;
	}
	if (begin(w, &watch.tracker, w->technique, range) ||
	    begin(w, &watch.oracle, OOH_ORACLE, range)) {
		close_watch(&watch);
		return -1;
	}
	w->watch[w->n++] = watch;
	return 0;
}

static bool covered(const struct ranges *maps, const struct range *range)
{
	for (size_t i = 0; i < maps->n; i++)
		if (maps->range[i].begin <= range->begin && range->end <= maps->range[i].end)
			return true;
	return false;
}

int watches_drop(struct watches *w)
{
	struct ranges maps = { .n = 0 };
	const int status = maps_read(&maps, w->pid);
	size_t kept = 0;

	for (size_t i = 0; i < w->n && !status; i++) {
		if (covered(&maps, &w->watch[i].range))
			w->watch[kept++] = w->watch[i];
		else
			close_watch(&w->watch[i]);
	}
	if (!status)
		w->n = kept;
	ranges_free(&maps);
	return status ? fail(w, "mappings", strerror(-status)) : 0;
}

static int compare_begin(const void *a, const void *b)
{
	const struct watch *x = a, *y = b;

	return (x->range.begin > y->range.begin) - (x->range.begin < y->range.begin);
}

/* Ranges that are tracked, in ascending order. */
static int known_ranges(struct watches *w, struct ranges *known)
{
	int status = 0;

	qsort(w->watch, w->n, sizeof(*w->watch), compare_begin);
	for (size_t i = 0; i < w->n && !status; i++)
		status = ranges_add(known, w->watch[i].range.begin, w->watch[i].range.end);
	return status;
}

int watches_add(struct watches *w, uint64_t *fresh)
{
	struct ranges maps = { .n = 0 }, known = { .n = 0 }, added = { .n = 0 };
	int status = maps_read(&maps, w->pid);

	*fresh = 0;
	if (!status)
		status = known_ranges(w, &known);
	if (!status)
		status = ranges_less(&added, &maps, &known);
	if (status)
		status = fail(w, "mappings", strerror(-status));
	for (size_t i = 0; i < added.n && !status; i++) {
		status = add(w, &added.range[i]);
		*fresh += (added.range[i].end - added.range[i].begin) / PAGE;
	}
	ranges_free(&maps);
	ranges_free(&known);
	ranges_free(&added);
	return status;
}

void watches_free(struct watches *w)
{
	for (size_t i = 0; i < w->n; i++)
		close_watch(&w->watch[i]);
	free(w->watch);
	w->watch = NULL;
	w->n = w->space = 0;
}

/* ---- Collecting -------------------------------------------------------------------------- */

/* Both lists are ascending. */
static void compare(struct totals *t, const uint64_t *changed, size_t n_changed,
		    const uint64_t *reported, size_t n_reported)
{
	size_t i = 0, j = 0;

	t->changed += n_changed;
	t->reported += n_reported;
	while (i < n_changed && j < n_reported) {
		if (changed[i] < reported[j]) {
			t->missed++;
			i++;
		} else if (changed[i] > reported[j]) {
			t->unchanged++;
			j++;
		} else {
			i++;
			j++;
		}
	}
	t->missed += n_changed - i;
	t->unchanged += n_reported - j;
}

static int collect(struct watches *w, struct watch *watch, struct totals *t)
{
	const uint64_t *reported, *changed;
	const ssize_t n = ooh_collect(watch->tracker, &reported);
	ssize_t truth;

	if (n < 0)
		return fail(w, ooh_technique_name(w->technique), ooh_error(watch->tracker));
	truth = ooh_collect(watch->oracle, &changed);
	if (truth < 0)
		return fail(w, "oracle", ooh_error(watch->oracle));
	compare(t, changed, (size_t)truth, reported, (size_t)n);
	return 0;
}

int watches_collect(struct watches *w, struct totals *t)
{
	for (size_t i = 0; i < w->n; i++)
		if (collect(w, &w->watch[i], t))
			return -1;
	return 0;
}
