/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Technique "ufd-async": pages are write-protected with userfaultfd, the kernel takes the
 * protection away at the first write, and the ioctl PAGEMAP_SCAN finds and protects again what has
 * lost it, in one step for each page.
 */
#include <errno.h>
#include <linux/userfaultfd.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "internal.h"

/* From Linux 6.7 on, include/uapi/linux/userfaultfd.h and fs.h; under names of our own, since the
 * headers of older systems lack them. */
#define FEATURE_WP_UNPOPULATED (1ull << 13)
#define FEATURE_WP_ASYNC       (1ull << 15)
#define SCAN_WP_MATCHING       (1ull << 0)
#define SCAN_CHECK_WPASYNC     (1ull << 1) /* -EPERM for a mapping that is not registered */
#define PAGE_WRITTEN	       (1ull << 1)

struct scan_region {
	uint64_t start, end, categories;
};

struct scan_argument {
	uint64_t size, flags, start, end, walk_end, vec, vec_len, max_pages;
	uint64_t category_inverted, category_mask, category_anyof_mask, return_mask;
};

#define IOCTL_SCAN _IOWR('f', 16, struct scan_argument)

#define FEATURES                                                            \
	(UFFD_FEATURE_PAGEFAULT_FLAG_WP | UFFD_FEATURE_WP_HUGETLBFS_SHMEM | \
	 FEATURE_WP_UNPOPULATED | FEATURE_WP_ASYNC)

#define REGIONS 512

struct async {
	int fd; /* while it is open, the mappings are registered */
	struct scan_region region[REGIONS];
};

static int async_probe(struct ooh *o)
{
	return ooh_uffd_probe(o, FEATURES);
}

static int async_attach(struct ooh *o)
{
	struct async *a = calloc(1, sizeof(*a));

	if (!a)
		return ooh_fail(o, ENOMEM, "no memory");
	o->data = a;
	a->fd = -1;
	if (ooh_check_own_range(o))
		return -EINVAL;
	a->fd = ooh_uffd_open(o, FEATURES);
	return a->fd < 0 ? a->fd : 0;
}

static int async_arm(struct ooh *o)
{
	struct async *a = o->data;

	return ooh_uffd_cover_all(o, a->fd);
}

/* Find and protect in one mapping. The kernel's short path, which also protects what was dropped
 * by madvise, is for exactly this category. */
static int scan(struct ooh *o, const struct mapping *map)
{
	struct async *a = o->data;
	struct scan_argument argument = {
		.size = sizeof(argument),
		.flags = SCAN_WP_MATCHING | SCAN_CHECK_WPASYNC,
		.start = map->start,
		.end = map->end,
		.vec = (uintptr_t)a->region,
		.vec_len = REGIONS,
		.category_mask = PAGE_WRITTEN,
		.return_mask = PAGE_WRITTEN,
	};

	while (argument.start < map->end) {
		int n = ooh_sys_ioctl(o, o->pagemap_fd, IOCTL_SCAN, &argument), error = 0;

		if (n < 0)
			return n;
		for (int i = 0; i < n && !error; i++)
			error = ooh_pages_add(o, &o->found, a->region[i].start, a->region[i].end);
		if (error)
			return error;
		argument.start = argument.walk_end;
	}
	return 0;
}

/* A mapping that is not registered is new since the last collection. */
static int scan_or_cover(struct ooh *o, const struct mapping *map)
{
	struct async *a = o->data;
	int result = scan(o, map);

	if (result == -EPERM) {
		while ((result = ooh_uffd_cover(o, a->fd, map, map->writable)) == -EAGAIN)
			sched_yield();
		return result > 0 ? ooh_pages_add(o, &o->found, map->start, map->end) : result;
	}
	if (result == -ESRCH)
		return ooh_fail_ended(o);
	if (result && result != -ENOMEM)
		return ooh_fail(o, -result, "PAGEMAP_SCAN of %#llx to %#llx: %s",
				(unsigned long long)map->start, (unsigned long long)map->end,
				strerror(-result));
	return result;
}

static int async_harvest(struct ooh *o)
{
	struct maps maps = {0};
	int error = ooh_maps_read(o, &maps, o->start, o->end);

	for (size_t i = 0; i < maps.n && !error; i++)
		if (!maps.map[i].special)
			error = scan_or_cover(o, &maps.map[i]);
	ooh_maps_free(&maps);
	return error;
}

static int async_disarm(struct ooh *o)
{
	struct async *a = o->data;

	return ooh_uffd_uncover(o, a->fd);
}

static void async_release(struct ooh *o)
{
	struct async *a = o->data;

	if (!a)
		return;
	if (a->fd >= 0)
		close(a->fd);
	free(a);
}

const struct ooh_ops ooh_ufd_async = {
	.name = "ufd-async",
	.probe = async_probe,
	.attach = async_attach,
	.arm = async_arm,
	.harvest = async_harvest,
	.disarm = async_disarm,
	.release = async_release,
};
