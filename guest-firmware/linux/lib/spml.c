/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Techniques "spml" and "spml-indexed": the hypervisor logs guest-physical addresses while the
 * process runs, and they are mapped back to virtual ones with /proc/PID/pagemap. "spml" looks for
 * each of them from the beginning until it is found, as published, which takes a time that grows
 * with the square of the memory, and finds a frame at one address only. "spml-indexed" goes through
 * pagemap once.
 *
 * A page that has moved to another frame before the collection is not found by either.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>
#include "internal.h"
#include "../../../hv-shim/include/ooh_call.h"
#include "../ooh_uapi.h"

#define FOUND 1

/* The kernel shows frame numbers as 0 to who lacks the right. */
static int check_frames(struct ooh *o)
{
	uint64_t entry = 0;
	int fd;

	o->pid = getpid();
	fd = ooh_open_proc(o, "pagemap", O_RDONLY);
	if (fd < 0)
		return fd;
	ooh_sys_pread(o, fd, &entry, 8, (uintptr_t)&entry >> PAGE_SHIFT << 3);
	close(fd);
	if (!(entry & PAGEMAP_FRAME))
		return ooh_fail(o, EPERM, "frame numbers in /proc/PID/pagemap need CAP_SYS_ADMIN");
	return 0;
}

static int spml_probe(struct ooh *o)
{
	int error = ooh_log_open(o, OOH_CAP_SPML, "SPML");

	return error ? error : check_frames(o);
}

static int spml_attach(struct ooh *o)
{
	return ooh_log_attach(o, OOH_KIND_SPML);
}

static bool frame_of(uint64_t entry, uint64_t *gpa)
{
	*gpa = (entry & PAGEMAP_FRAME) << PAGE_SHIFT;
	return entry & PAGEMAP_PRESENT;
}

static int is_it_here(struct ooh *o, void *context, uint64_t page, uint64_t entry)
{
	const uint64_t *wanted = context;
	uint64_t gpa;
	int error;

	o->stats.reverse_steps++;
	if (!frame_of(entry, &gpa) || gpa != *wanted)
		return 0;
	error = ooh_pages_add(o, &o->found, page, page + PAGE_BYTES);
	return error ? error : FOUND;
}

/* As published: for each address the whole way. */
static int search(struct ooh *o, const struct maps *maps, const struct page_list *gpas)
{
	for (size_t i = 0; i < gpas->n; i++) {
		uint64_t gpa = gpas->page[i];
		int result = ooh_pagemap_walk(o, maps, is_it_here, &gpa);

		if (result < 0)
			return result;
		if (result != FOUND)
			o->stats.foreign++;
	}
	return 0;
}

/* The list of addresses, which is ascending, and which of them have been found. */
struct index {
	const struct page_list *gpas;
	size_t found;
};

static int by_address(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static int look_up(struct ooh *o, void *context, uint64_t page, uint64_t entry)
{
	struct index *index = context;
	uint64_t gpa;

	o->stats.reverse_steps++;
	if (!frame_of(entry, &gpa) ||
	    !bsearch(&gpa, index->gpas->page, index->gpas->n, sizeof(uint64_t), by_address))
		return 0;
	index->found++;
	return ooh_pages_add(o, &o->found, page, page + PAGE_BYTES);
}

/* One pass over pagemap; the list itself, which is sorted, is the index. */
static int pass(struct ooh *o, const struct maps *maps, const struct page_list *gpas)
{
	struct index index = {gpas, 0};
	int error = gpas->n ? ooh_pagemap_walk(o, maps, look_up, &index) : 0;

	/* A frame that is mapped more than once is found more than once. */
	o->stats.foreign += gpas->n > index.found ? gpas->n - index.found : 0;
	return error;
}

typedef int map_back(struct ooh *o, const struct maps *maps, const struct page_list *gpas);

static int report(struct ooh *o, map_back *find)
{
	struct log *log = o->data;
	struct maps maps = {0};
	int error;

	if (log->overflow) {
		o->stats.overflows++;
		return ooh_add_all_mapped(o);
	}
	error = ooh_maps_read(o, &maps, o->start, o->end);
	if (!error)
		error = find(o, &maps, &log->taken);
	ooh_maps_free(&maps);
	return error;
}

/*
 * All addresses are re-armed, also those that were found nowhere: such a frame may be given to the
 * process later, and must be logged then.
 */
static int harvest(struct ooh *o, map_back *find)
{
	int error = ooh_log_take(o);

	if (!error)
		error = report(o, find);
	return error ? error : ooh_log_rearm(o);
}

static int spml_harvest(struct ooh *o)
{
	return harvest(o, search);
}

static int spml_indexed_harvest(struct ooh *o)
{
	return harvest(o, pass);
}

const struct ooh_ops ooh_spml = {
	.name = "spml",
	.probe = spml_probe,
	.attach = spml_attach,
	.arm = ooh_log_start,
	.harvest = spml_harvest,
	.disarm = ooh_log_stop,
	.release = ooh_log_release,
	.count = ooh_log_count,
};

const struct ooh_ops ooh_spml_indexed = {
	.name = "spml-indexed",
	.probe = spml_probe,
	.attach = spml_attach,
	.arm = ooh_log_start,
	.harvest = spml_indexed_harvest,
	.disarm = ooh_log_stop,
	.release = ooh_log_release,
	.count = ooh_log_count,
};
