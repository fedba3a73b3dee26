/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Technique "oracle": a copy of the memory, with which the contents are compared. It finds all
 * pages of which the contents differ from the last collection's, however that came about, and not
 * the writes of a value that was there already.
 *
 * Pages of zeros are not kept, so that a large range costs what is used of it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "internal.h"

struct copy {
	uint64_t page;
	char *contents;
};

struct copies {
	struct copy *copy; /* ascending */
	size_t n, room;
};

struct oracle {
	int mem_fd;
	struct copies copies;
};

/* A round: the old copies are moved to the new ones, page by page. */
struct round {
	struct copies *old;
	struct copies new;
	size_t next; /* of the old ones: the first that has not been looked at */
	const struct mapping *map;
};

static int oracle_probe(struct ooh *o)
{
	(void)o;
	return 0;
}

static int oracle_attach(struct ooh *o)
{
	struct oracle *a = calloc(1, sizeof(*a));

	if (!a)
		return ooh_fail(o, ENOMEM, "no memory");
	o->data = a;
	/* Unlike process_vm_readv it also reads what the process itself may not read now. */
	a->mem_fd = ooh_open_proc(o, "mem", O_RDONLY);
	return a->mem_fd < 0 ? a->mem_fd : 0;
}

static void free_copies(struct copies *copies)
{
	for (size_t i = 0; i < copies->n; i++)
		free(copies->copy[i].contents);
	free(copies->copy);
	*copies = (struct copies){0};
}

static int add_copy(struct ooh *o, struct copies *copies, uint64_t page, char *contents)
{
	if (copies->n == copies->room) {
		size_t room = copies->room ? 2 * copies->room : 256;
		struct copy *more = realloc(copies->copy, room * sizeof(*more));

		if (!more)
			return ooh_fail(o, ENOMEM, "no memory for copies of %zu pages", room);
		copies->copy = more;
		copies->room = room;
	}
	copies->copy[copies->n++] = (struct copy){page, contents};
	return 0;
}

/* Old copies below the address, of which no page with contents is left: those that are mapped have
 * become zero. */
static int pass_old(struct ooh *o, struct round *round, uint64_t page)
{
	int error = 0;

	for (; round->next < round->old->n && !error; round->next++) {
		struct copy *copy = &round->old->copy[round->next];

		if (copy->page >= page)
			break;
		if (copy->page >= round->map->start && copy->page < round->map->end)
			error = ooh_pages_add(o, &o->found, copy->page, copy->page + PAGE_BYTES);
		free(copy->contents);
		copy->contents = NULL;
	}
	return error;
}

static char *take_old(struct round *round, uint64_t page)
{
	struct copy *copy = &round->old->copy[round->next];
	char *contents;

	if (round->next == round->old->n || copy->page != page)
		return NULL;
	round->next++;
	contents = copy->contents;
	copy->contents = NULL;
	return contents;
}

/* Compare with the old copy and keep what was compared: a write that comes later differs from that
 * next time. */
static int compare(struct ooh *o, struct round *round, uint64_t page, const char *contents)
{
	char *copy = take_old(round, page);
	int error = 0;

	if (!copy || memcmp(copy, contents, PAGE_BYTES) != 0)
		error = ooh_pages_add(o, &o->found, page, page + PAGE_BYTES);
	if (!copy)
		copy = malloc(PAGE_BYTES);
	if (!copy)
		return ooh_fail(o, ENOMEM, "no memory for the copy of a page");
	memcpy(copy, contents, PAGE_BYTES);
	if (!error)
		error = add_copy(o, &round->new, page, copy);
	if (error)
		free(copy);
	return error;
}

static bool is_zero(const char *contents)
{
	return contents[0] == 0 && memcmp(contents, contents + 1, PAGE_BYTES - 1) == 0;
}

/* What is not there, and has no file behind it, is zero; reading would only make it come there. */
static int look_at(struct ooh *o, void *context, uint64_t page, uint64_t entry)
{
	struct oracle *a = o->data;
	struct round *round = context;
	char contents[PAGE_BYTES];
	int error;

	if (round->map->anonymous && !(entry & (PAGEMAP_PRESENT | PAGEMAP_SWAPPED)))
		return 0;
	/* It fails beyond the end of a file, for example. */
	if (ooh_sys_pread(o, a->mem_fd, contents, PAGE_BYTES, page) != (ssize_t)PAGE_BYTES ||
	    is_zero(contents))
		return 0;
	error = pass_old(o, round, page);
	return error ? error : compare(o, round, page, contents);
}

static int compare_mappings(struct ooh *o, struct round *round)
{
	struct maps maps = {0};
	int error = ooh_maps_read(o, &maps, o->start, o->end);

	for (size_t i = 0; i < maps.n && !error; i++) {
		struct maps one = {&maps.map[i], 1, 1};

		round->map = &maps.map[i];
		error = pass_old(o, round, round->map->start);
		if (!error)
			error = ooh_pagemap_walk(o, &one, look_at, round);
		if (!error)
			error = pass_old(o, round, round->map->end);
	}
	ooh_maps_free(&maps);
	return error;
}

static int oracle_harvest(struct ooh *o)
{
	struct oracle *a = o->data;
	struct round round = {.old = &a->copies};
	int error = compare_mappings(o, &round);

	ooh_rearm_begins(o);
	/* After an error pages that were not looked at have no copy any more, and are found again.
	 */
	free_copies(&a->copies);
	a->copies = round.new;
	return error;
}

static int oracle_arm(struct ooh *o)
{
	return oracle_harvest(o);
}

static void oracle_release(struct ooh *o)
{
	struct oracle *a = o->data;

	if (!a)
		return;
	free_copies(&a->copies);
	if (a->mem_fd >= 0)
		close(a->mem_fd);
	free(a);
}

const struct ooh_ops ooh_oracle = {
	.name = "oracle",
	.probe = oracle_probe,
	.attach = oracle_attach,
	.arm = oracle_arm,
	.harvest = oracle_harvest,
	.release = oracle_release,
};
