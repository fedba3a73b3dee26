/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Inside of OoH Lib. A technique is a table of functions (struct ooh_ops) in a file of its own;
 * ooh.c checks the order of calls and arguments, and calls them.
 */
#ifndef OOH_INTERNAL_H
#define OOH_INTERNAL_H

#include <stdbool.h>
#include "ooh.h"

#define PAGE_SHIFT 12
#define PAGE_BYTES 4096ull
#define USER_LIMIT (1ull << 56) /* above user addresses, also with 5-level paging */

/* Addresses of pages, in any order and more than once while they are collected. */
struct page_list {
	uint64_t *page;
	size_t n, room;
};

/* A mapping of the process, cut to the range that was asked for. */
struct mapping {
	uint64_t start, end;
	bool writable, executable;
	bool anonymous; /* without file, also not a shared one: what is not there is zero */
	bool special;	/* of the kernel, such as [vdso] */
};

struct maps {
	struct mapping *map;
	size_t n, room;
};

enum ooh_state { OPEN, REGISTERED, STARTED, STOPPED };

struct ooh {
	const struct ooh_ops *ops;
	enum ooh_state state;
	void *data; /* of the technique */

	pid_t pid;
	bool self; /* pid is the caller's own */
	uint64_t start, end;
	unsigned int ring_pages;
	/* Of the process as it was registered: none of them reaches another one, whatever becomes
	 * of its number. */
	int pidfd, maps_fd, pagemap_fd;
	int wait_fd; /* readable when there is something to collect; -1: unknown */

	struct page_list found;
	struct ooh_statistics stats;
	void (*on_rearm)(void *context);
	void *rearm_context;
	char error[256];
};

/*
 * All return 0 or the negative of an error number, which fail() has described. Only probe, arm and
 * harvest have to be there.
 *
 * probe	ooh_open(): is the technique possible at all
 * attach	the process is known, its files are open
 * arm		writes from now on are found, what was found before is dropped
 * harvest	append pages to o->found (in any order, each at least once), re-arm them
 * disarm	end tracking; what was found before may be harvested no more
 * release	free what probe and attach have made, also after they failed
 * count	bring o->stats up to date
 */
struct ooh_ops {
	const char *name;
	int (*probe)(struct ooh *o);
	int (*attach)(struct ooh *o);
	int (*arm)(struct ooh *o);
	int (*harvest)(struct ooh *o);
	int (*disarm)(struct ooh *o);
	void (*release)(struct ooh *o);
	int (*count)(struct ooh *o);
};

extern const struct ooh_ops ooh_proc, ooh_ufd, ooh_ufd_async, ooh_spml, ooh_spml_indexed, ooh_epml,
	ooh_oracle;

/* Keep the text for ooh_error() and return -error. */
__attribute__((format(printf, 3, 4))) int ooh_fail(struct ooh *o, int error, const char *format,
						   ...);
/* The process has exited or executed another program. */
int ooh_fail_ended(struct ooh *o);
/* The technique is between finding and re-arming. */
void ooh_rearm_begins(struct ooh *o);

/* pages.c */
int ooh_pages_add(struct ooh *o, struct page_list *list, uint64_t start, uint64_t end);
int ooh_pages_append(struct ooh *o, struct page_list *list, const struct page_list *more);
size_t ooh_pages_sort(struct page_list *list);
void ooh_pages_cut(struct page_list *list, uint64_t start, uint64_t end);
void ooh_pages_free(struct page_list *list);

/* process.c */
int ooh_process_open(struct ooh *o, pid_t pid);
void ooh_process_close(struct ooh *o);
bool ooh_process_gone(const struct ooh *o);
int ooh_open_proc(struct ooh *o, const char *file, int flags);
int ooh_maps_read(struct ooh *o, struct maps *maps, uint64_t start, uint64_t end);
void ooh_maps_free(struct maps *maps);
int ooh_add_all_mapped(struct ooh *o);

#define PAGEMAP_PRESENT	   (1ull << 63)
#define PAGEMAP_SWAPPED	   (1ull << 62)
#define PAGEMAP_SOFT_DIRTY (1ull << 55)
#define PAGEMAP_FRAME	   ((1ull << 55) - 1)

/* Called for each page of the mappings with its entry; anything but 0 ends the walk, and is its
 * result. */
typedef int pagemap_visit(struct ooh *o, void *context, uint64_t page, uint64_t entry);
int ooh_pagemap_walk(struct ooh *o, const struct maps *maps, pagemap_visit *visit, void *context);

/* stop.c: all threads of the process stand still between the two calls. */
struct stopped {
	pid_t *tid;
	size_t n, room;
};
int ooh_stop_threads(struct ooh *o, struct stopped *stopped);
void ooh_continue_threads(struct ooh *o, struct stopped *stopped);
int ooh_wait_for_stop(struct ooh *o, pid_t tid, int *signal);

/* inject.c: the process makes a userfaultfd, and the tracker gets it. */
int ooh_remote_userfaultfd(struct ooh *o, int flags);

/* userfault.c */
int ooh_uffd_probe(struct ooh *o, uint64_t features);
int ooh_uffd_open(struct ooh *o, uint64_t features);
int ooh_uffd_protect(struct ooh *o, int fd, uint64_t start, uint64_t end, bool protect);
int ooh_uffd_cover(struct ooh *o, int fd, const struct mapping *map, bool required);
int ooh_uffd_cover_all(struct ooh *o, int fd);
int ooh_uffd_uncover(struct ooh *o, int fd);
int ooh_check_own_range(struct ooh *o);

/* ring.c */
struct ooh_user_ring;
struct ring {
	struct ooh_user_ring *header;
	const uint64_t *entry;
	size_t bytes;
	uint64_t entries;
	uint64_t tail; /* ours; the one in the header is for the module only */
	uint64_t lost;
};
int ooh_ring_map(struct ooh *o, struct ring *ring, int fd);
void ooh_ring_unmap(struct ring *ring);
int ooh_ring_take(struct ooh *o, struct ring *ring, struct page_list *list, bool *overflow);
void ooh_ring_skip(struct ring *ring);
int ooh_ring_ended(const struct ring *ring);

/* device.c, of which tests have another one: /dev/ooh and /dev/uioN */
int ooh_device_open(struct ooh *o);
int ooh_device_ioctl(struct ooh *o, int fd, unsigned long request, void *argument);
int ooh_device_uio(struct ooh *o, unsigned int number);

/* log.c: what the techniques with a ring share; o->data is a struct log. */
struct log {
	int fd;
	struct ring ring;
	struct page_list taken; /* not reported yet */
	bool overflow;		/* and there was more */
};
int ooh_log_open(struct ooh *o, uint32_t capability, const char *what);
int ooh_log_attach(struct ooh *o, uint32_t kind);
int ooh_log_start(struct ooh *o);
int ooh_log_take(struct ooh *o);
int ooh_log_rearm(struct ooh *o);
int ooh_log_stop(struct ooh *o);
void ooh_log_release(struct ooh *o);
int ooh_log_count(struct ooh *o);

/* sys.c: system calls that are counted; the result is at least 0, or the negative of an error
 * number. */
int ooh_sys_ioctl(struct ooh *o, int fd, unsigned long request, void *argument);
ssize_t ooh_sys_pread(struct ooh *o, int fd, void *buffer, size_t bytes, uint64_t offset);
ssize_t ooh_sys_read(struct ooh *o, int fd, void *buffer, size_t bytes);
ssize_t ooh_sys_write(struct ooh *o, int fd, const void *buffer, size_t bytes);
int ooh_sys_ptrace(struct ooh *o, long request, pid_t tid, void *address, void *data);

#endif
