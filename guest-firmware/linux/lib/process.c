/* SPDX-License-Identifier: BSD-2-Clause */
/* The tracked process through its files in /proc: is it there, what is mapped, what is where. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "internal.h"

int ooh_open_proc(struct ooh *o, const char *file, int flags)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)o->pid, file);
	fd = open(path, flags | O_CLOEXEC);
	if (fd >= 0)
		return fd;
	if (errno == EACCES || errno == EPERM)
		return ooh_fail(o, EPERM, "%s: the caller may not trace process %d", path,
				(int)o->pid);
	if (errno == ENOENT)
		return ooh_fail(o, ESRCH, "%s: there is no process %d", path, (int)o->pid);
	return ooh_fail(o, errno, "%s: %s", path, strerror(errno));
}

int ooh_process_open(struct ooh *o, pid_t pid)
{
	o->pid = pid;
	o->self = pid == getpid();
	o->pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (o->pidfd < 0 && errno == ENOSYS)
		return ooh_fail(o, EOPNOTSUPP, "pidfd_open: the kernel is older than 5.3");
	if (o->pidfd < 0)
		return ooh_fail(o, errno == EINVAL ? ESRCH : errno,
				"process %d: there is no such process (a thread's id is none)",
				(int)pid);
	o->maps_fd = ooh_open_proc(o, "maps", O_RDONLY);
	if (o->maps_fd < 0)
		return o->maps_fd;
	o->pagemap_fd = ooh_open_proc(o, "pagemap", O_RDONLY);
	return o->pagemap_fd < 0 ? o->pagemap_fd : 0;
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void ooh_process_close(struct ooh *o)
{
	close_fd(&o->pagemap_fd);
	close_fd(&o->maps_fd);
	close_fd(&o->pidfd);
}

bool ooh_process_gone(const struct ooh *o)
{
	struct pollfd pollfd = {.fd = o->pidfd, .events = POLLIN};

	return poll(&pollfd, 1, 0) > 0;
}

/* The whole of /proc/PID/maps as a string, to be freed by the caller. */
static int read_text(struct ooh *o, char **text)
{
	size_t n = 0, room = 0;
	ssize_t got;

	*text = NULL;
	if (lseek(o->maps_fd, 0, SEEK_SET) < 0)
		return ooh_fail(o, errno, "/proc/%d/maps: %s", (int)o->pid, strerror(errno));
	do {
		if (room - n < PAGE_BYTES) {
			char *more = realloc(*text, room + 4 * PAGE_BYTES);

			if (!more)
				return ooh_fail(o, ENOMEM, "no memory for the list of mappings");
			*text = more;
			room += 4 * PAGE_BYTES;
		}
		got = ooh_sys_read(o, o->maps_fd, *text + n, room - n - 1);
		if (got < 0 && got != -ESRCH)
			return ooh_fail(o, (int)-got, "/proc/%d/maps: %s", (int)o->pid,
					strerror((int)-got));
		n += got > 0 ? (size_t)got : 0;
	} while (got > 0);
	(*text)[n] = 0;
	/* An address space that is still in use has mappings. */
	return n ? 0 : ooh_fail_ended(o);
}

static int add_mapping(struct ooh *o, struct maps *maps, const struct mapping *map)
{
	if (maps->n == maps->room) {
		size_t room = maps->room ? 2 * maps->room : 32;
		struct mapping *more = realloc(maps->map, room * sizeof(*more));

		if (!more)
			return ooh_fail(o, ENOMEM, "no memory for %zu mappings", room);
		maps->map = more;
		maps->room = room;
	}
	maps->map[maps->n++] = *map;
	return 0;
}

static bool parse_line(const char *line, struct mapping *map)
{
	unsigned long long start, end, inode;
	char rights[5];
	int name;

	if (sscanf(line, "%llx-%llx %4s %*x %*x:%*x %llu %n", &start, &end, rights, &inode,
		   &name) != 4)
		return false;
	map->start = start;
	map->end = end;
	map->writable = rights[1] == 'w';
	map->executable = rights[2] == 'x';
	map->anonymous = inode == 0;
	map->special = strncmp(line + name, "[v", 2) == 0;
	return true;
}

/* The mappings that reach into the range, cut to it. */
int ooh_maps_read(struct ooh *o, struct maps *maps, uint64_t start, uint64_t end)
{
	char *text, *rest = NULL;
	int error = read_text(o, &text);

	maps->n = 0;
	for (char *line = error ? NULL : strtok_r(text, "\n", &rest); line && !error;
	     line = strtok_r(NULL, "\n", &rest)) {
		struct mapping map;

		if (!parse_line(line, &map)) {
			error = ooh_fail(o, EPROTO, "/proc/%d/maps: not understood: %.80s",
					 (int)o->pid, line);
			break;
		}
		if (map.end <= start || map.start >= end)
			continue;
		map.start = map.start < start ? start : map.start;
		map.end = map.end > end ? end : map.end;
		error = add_mapping(o, maps, &map);
	}
	free(text);
	return error;
}

void ooh_maps_free(struct maps *maps)
{
	free(maps->map);
	*maps = (struct maps){0};
}

/* All pages of the range that are mapped, where a technique cannot tell which were modified. */
int ooh_add_all_mapped(struct ooh *o)
{
	struct maps maps = {0};
	int error = ooh_maps_read(o, &maps, o->start, o->end);

	for (size_t i = 0; i < maps.n && !error; i++)
		error = ooh_pages_add(o, &o->found, maps.map[i].start, maps.map[i].end);
	ooh_maps_free(&maps);
	return error;
}

static int walk_mapping(struct ooh *o, const struct mapping *map, pagemap_visit *visit,
			void *context)
{
	uint64_t entry[2048], page = map->start;

	while (page < map->end) {
		uint64_t n = (map->end - page) >> PAGE_SHIFT;
		ssize_t got;
		int result;

		n = n > 2048 ? 2048 : n;
		got = ooh_sys_pread(o, o->pagemap_fd, entry, n * 8, page >> PAGE_SHIFT << 3);
		if (got == 0 || got == -ESRCH)
			return ooh_fail_ended(o);
		if (got < 0)
			return ooh_fail(o, (int)-got, "/proc/%d/pagemap: %s", (int)o->pid,
					strerror((int)-got));
		for (size_t i = 0; i < (size_t)got / 8; i++, page += PAGE_BYTES) {
			result = visit(o, context, page, entry[i]);
			if (result)
				return result;
		}
	}
	return 0;
}

int ooh_pagemap_walk(struct ooh *o, const struct maps *maps, pagemap_visit *visit, void *context)
{
	int result = 0;

	for (size_t i = 0; i < maps->n && !result; i++)
		if (!maps->map[i].special)
			result = walk_mapping(o, &maps->map[i], visit, context);
	return result;
}
