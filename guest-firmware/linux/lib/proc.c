/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Technique "proc": the kernel's soft-dirty flags. Writing 4 to /proc/PID/clear_refs clears them
 * and takes write permission from all pages of the process; the page fault that follows a write
 * sets the flag, which /proc/PID/pagemap shows.
 *
 * The kernel cannot read and clear at once. The process is stopped meanwhile, since a write between
 * the two would be lost. The flags exist once for each process: who clears them reads them for all
 * handles.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "internal.h"

struct soft_dirty {
	struct soft_dirty *next; /* armed handles, also of other processes */
	const struct ooh *o;
	int clear_fd;
	struct page_list pages; /* found when another handle cleared the flags */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct soft_dirty *armed;

/* A kernel without soft-dirty flags has the files, and nothing in them. */
static int probe_page(struct ooh *o, volatile char *page)
{
	uint64_t entry = 0;

	*page = 1;
	o->pid = getpid();
	o->pagemap_fd = ooh_open_proc(o, "pagemap", O_RDONLY);
	if (o->pagemap_fd < 0)
		return o->pagemap_fd;
	ooh_sys_pread(o, o->pagemap_fd, &entry, 8, (uintptr_t)page >> PAGE_SHIFT << 3);
	ooh_process_close(o);
	if (!(entry & PAGEMAP_SOFT_DIRTY))
		return ooh_fail(o, EOPNOTSUPP,
				"the kernel has no soft-dirty flags "
				"(CONFIG_MEM_SOFT_DIRTY)");
	return 0;
}

static int proc_probe(struct ooh *o)
{
	void *page =
		mmap(NULL, PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int error;

	if (page == MAP_FAILED)
		return ooh_fail(o, ENOMEM, "no memory for a page");
	error = probe_page(o, page);
	munmap(page, PAGE_BYTES);
	return error;
}

static int proc_attach(struct ooh *o)
{
	struct soft_dirty *s = calloc(1, sizeof(*s));

	if (!s)
		return ooh_fail(o, ENOMEM, "no memory");
	o->data = s;
	s->o = o;
	s->clear_fd = ooh_open_proc(o, "clear_refs", O_WRONLY);
	return s->clear_fd < 0 ? s->clear_fd : 0;
}

static int count_threads(struct ooh *o)
{
	DIR *task = opendir("/proc/self/task");
	int n = 0;

	if (!task)
		return ooh_fail(o, errno, "/proc/self/task: %s", strerror(errno));
	for (struct dirent *entry; (entry = readdir(task));)
		n += entry->d_name[0] != '.';
	closedir(task);
	return n;
}

static int hold_process(struct ooh *o, struct stopped *stopped)
{
	int threads;

	if (!o->self)
		return ooh_stop_threads(o, stopped);
	threads = count_threads(o);
	if (threads > 1)
		return ooh_fail(o, EOPNOTSUPP,
				"the caller's own process has %d threads, which it can't stop; "
				"one was expected",
				threads);
	return threads < 0 ? threads : 0;
}

static int clear_flags(struct ooh *o)
{
	struct soft_dirty *s = o->data;
	ssize_t n = ooh_sys_write(o, s->clear_fd, "4", 1);

	if (n == -ESRCH)
		return ooh_fail_ended(o);
	if (n < 0)
		return ooh_fail(o, (int)-n, "/proc/%d/clear_refs: %s", (int)o->pid,
				strerror((int)-n));
	return 0;
}

static int give_to_all(struct ooh *o, void *context, uint64_t page, uint64_t entry)
{
	int error = 0;

	(void)context;
	/* In a new mapping all pages have the flag, also those that were never touched. */
	if (!(entry & PAGEMAP_SOFT_DIRTY) || !(entry & (PAGEMAP_PRESENT | PAGEMAP_SWAPPED)))
		return 0;
	for (struct soft_dirty *s = armed; s && !error; s = s->next)
		if (s->o->pid == o->pid && page >= s->o->start && page < s->o->end)
			error = ooh_pages_add(o, &s->pages, page, page + PAGE_BYTES);
	return error;
}

/* The flags of all pages that a handle of this process wants to know. */
static int read_flags(struct ooh *o)
{
	struct maps maps = {0};
	uint64_t start = o->start, end = o->end;
	int error;

	for (struct soft_dirty *s = armed; s; s = s->next) {
		if (s->o->pid != o->pid)
			continue;
		start = s->o->start < start ? s->o->start : start;
		end = s->o->end > end ? s->o->end : end;
	}
	error = ooh_maps_read(o, &maps, start, end);
	if (!error)
		error = ooh_pagemap_walk(o, &maps, give_to_all, NULL);
	ooh_maps_free(&maps);
	return error;
}

static int read_and_clear(struct ooh *o)
{
	struct stopped stopped = {0};
	int error = hold_process(o, &stopped);

	if (error)
		return error;
	error = read_flags(o);
	if (!error) {
		ooh_rearm_begins(o);
		error = clear_flags(o);
	}
	ooh_continue_threads(o, &stopped);
	return error;
}

static void take_out(struct soft_dirty *s)
{
	for (struct soft_dirty **p = &armed; *p; p = &(*p)->next) {
		if (*p == s) {
			*p = s->next;
			return;
		}
	}
}

/* Others of this process are armed, whose flags must not be lost. */
static bool shared(const struct ooh *o)
{
	for (struct soft_dirty *s = armed; s; s = s->next)
		if (s->o->pid == o->pid)
			return true;
	return false;
}

static int proc_arm(struct ooh *o)
{
	struct soft_dirty *s = o->data;
	int error;

	pthread_mutex_lock(&lock);
	take_out(s);
	error = shared(o) ? read_and_clear(o) : clear_flags(o);
	s->pages.n = 0;
	if (!error) {
		s->next = armed;
		armed = s;
	}
	pthread_mutex_unlock(&lock);
	return error;
}

static int proc_harvest(struct ooh *o)
{
	struct soft_dirty *s = o->data;
	int error, append_error;

	pthread_mutex_lock(&lock);
	error = read_and_clear(o);
	append_error = ooh_pages_append(o, &o->found, &s->pages);
	if (!append_error)
		s->pages.n = 0;
	pthread_mutex_unlock(&lock);
	return error ? error : append_error;
}

static int proc_disarm(struct ooh *o)
{
	pthread_mutex_lock(&lock);
	take_out(o->data);
	pthread_mutex_unlock(&lock);
	return 0;
}

static void proc_release(struct ooh *o)
{
	struct soft_dirty *s = o->data;

	if (!s)
		return;
	if (s->clear_fd >= 0)
		close(s->clear_fd);
	ooh_pages_free(&s->pages);
	free(s);
}

const struct ooh_ops ooh_proc = {
	.name = "proc",
	.probe = proc_probe,
	.attach = proc_attach,
	.arm = proc_arm,
	.harvest = proc_harvest,
	.disarm = proc_disarm,
	.release = proc_release,
};
