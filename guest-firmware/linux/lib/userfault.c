/* SPDX-License-Identifier: BSD-2-Clause */
/* What "ufd" and "ufd-async" share: a userfaultfd of the process, registered for write protection
 * of the range's mappings. */
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "internal.h"

static int handshake(struct ooh *o, int fd, uint64_t features)
{
	struct uffdio_api api = {.api = UFFD_API, .features = features};
	int error = ooh_sys_ioctl(o, fd, UFFDIO_API, &api);

	if (!error)
		return fd;
	close(fd);
	return ooh_fail(o, EOPNOTSUPP,
			"UFFDIO_API with features %#llx: %s (a kernel from 6.7 on was expected)",
			(unsigned long long)features, strerror(-error));
}

static int open_own(struct ooh *o)
{
	int fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);

	if (fd >= 0)
		return fd;
	if (errno == EPERM)
		return ooh_fail(o, EPERM,
				"userfaultfd: it needs CAP_SYS_PTRACE, or "
				"vm.unprivileged_userfaultfd = 1");
	return ooh_fail(o, errno == ENOSYS ? EOPNOTSUPP : errno, "userfaultfd: %s",
			strerror(errno));
}

int ooh_uffd_probe(struct ooh *o, uint64_t features)
{
	int fd = open_own(o);

	if (fd >= 0)
		fd = handshake(o, fd, features);
	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}

int ooh_uffd_open(struct ooh *o, uint64_t features)
{
	int fd;

	fd = o->self ? open_own(o) : ooh_remote_userfaultfd(o, O_CLOEXEC | O_NONBLOCK);
	return fd < 0 ? fd : handshake(o, fd, features);
}

/* -ENOENT: a part of the range is not mapped, or not registered. -EAGAIN: mappings are being
 * changed, and the process waits for its event to be read. */
int ooh_uffd_protect(struct ooh *o, int fd, uint64_t start, uint64_t end, bool protect)
{
	struct uffdio_writeprotect wp = {
		.range = {start, end - start},
		.mode = protect ? UFFDIO_WRITEPROTECT_MODE_WP : 0,
	};

	return ooh_sys_ioctl(o, fd, UFFDIO_WRITEPROTECT, &wp);
}

/*
 * Register a mapping and protect it: 1. A mapping that can't be registered, such as one of a file
 * opened for reading, is left alone if nobody can write to it now (0), else it is an error.
 * -EAGAIN: as of protect; the mapping is registered.
 */
int ooh_uffd_cover(struct ooh *o, int fd, const struct mapping *map, bool required)
{
	struct uffdio_register reg = {
		.range = {map->start, map->end - map->start},
		.mode = UFFDIO_REGISTER_MODE_WP,
	};
	int error = map->special ? -EINVAL : ooh_sys_ioctl(o, fd, UFFDIO_REGISTER, &reg);

	if (!error)
		error = ooh_uffd_protect(o, fd, map->start, map->end, true);
	if (!error)
		return 1;
	if (error == -EAGAIN)
		return error;
	if (error == -ESRCH)
		return ooh_fail_ended(o);
	/* It is gone again, or another one is there now: the next collection will see that. */
	if (error == -ENOENT || !required || map->special)
		return 0;
	return ooh_fail(
		o, EOPNOTSUPP, "mapping %#llx to %#llx can't be write-protected by userfaultfd: %s",
		(unsigned long long)map->start, (unsigned long long)map->end, strerror(-error));
}

/* Register and protect all that is mapped in the range. */
int ooh_uffd_cover_all(struct ooh *o, int fd)
{
	struct maps maps = {0};
	int error = ooh_maps_read(o, &maps, o->start, o->end);

	for (size_t i = 0; i < maps.n && error >= 0; i++) {
		error = ooh_uffd_cover(o, fd, &maps.map[i], maps.map[i].writable);
		if (error == -EAGAIN) {
			sched_yield();
			error = 0;
			i--;
		}
	}
	ooh_maps_free(&maps);
	return error < 0 ? error : 0;
}

/* Take registration and protection away; who waits for a fault goes on. */
int ooh_uffd_uncover(struct ooh *o, int fd)
{
	struct maps maps = {0};
	int error = ooh_maps_read(o, &maps, o->start, o->end);

	for (size_t i = 0; i < maps.n && !error; i++) {
		struct uffdio_range range = {maps.map[i].start,
					     maps.map[i].end - maps.map[i].start};

		/* Fails for those that could not be registered. */
		ooh_sys_ioctl(o, fd, UFFDIO_UNREGISTER, &range);
	}
	ooh_maps_free(&maps);
	return error;
}

/*
 * Of the caller's own process the range must not contain what the library itself writes to: it
 * would wait for itself. With a hole in it, that could come there later.
 */
int ooh_check_own_range(struct ooh *o)
{
	uint64_t own[] = {(uintptr_t)o, (uintptr_t)o->data, (uintptr_t)&own}, covered = 0;
	struct maps maps = {0};
	int error;

	if (!o->self)
		return 0;
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		if (own[i] >= o->start && own[i] < o->end)
			return ooh_fail(
				o, EINVAL,
				"ooh_register: the range contains memory of the library, at "
				"%#llx",
				(unsigned long long)own[i]);
	error = ooh_maps_read(o, &maps, o->start, o->end);
	for (size_t i = 0; i < maps.n; i++)
		covered += maps.map[i].end - maps.map[i].start;
	ooh_maps_free(&maps);
	if (!error && covered != o->end - o->start)
		error = ooh_fail(o, EINVAL,
				 "ooh_register: in the caller's own process the range has to be "
				 "mapped; %llu of its %llu bytes are",
				 (unsigned long long)covered,
				 (unsigned long long)(o->end - o->start));
	return error;
}
