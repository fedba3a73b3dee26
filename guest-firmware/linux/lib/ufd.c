/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Technique "ufd": pages are write-protected with userfaultfd. A write stops the thread that does
 * it, until the tracker's thread here has noted the page and taken the protection away.
 *
 * Noting and unprotecting a page, and reading and protecting pages, exclude each other by a lock.
 * Else a page that was noted could be read and protected, and unprotected thereafter: its next
 * write would be lost.
 */
#include <errno.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "internal.h"

/* From Linux 6.4 on: pages that are not there yet can be protected (include/uapi/linux). */
#define FEATURE_WP_UNPOPULATED (1ull << 13)

/* Shared memory too; and word before pages are dropped by madvise, which drops protection. */
#define FEATURES                                                            \
	(UFFD_FEATURE_PAGEFAULT_FLAG_WP | UFFD_FEATURE_WP_HUGETLBFS_SHMEM | \
	 FEATURE_WP_UNPOPULATED | UFFD_FEATURE_EVENT_REMOVE)

#define MESSAGES 64

struct ufd {
	int fd;
	int stop_fd; /* readable when the thread has to end */
	pthread_t thread;
	bool running;
	struct ooh own; /* of the thread: what it counts, and its errors */

	pthread_mutex_t lock; /* for what follows, and see above */
	struct page_list noted;
	struct page_list again; /* to be unprotected later: mappings were being changed */
	struct page_list round; /* of the collection in progress */
	int error;		/* of the thread */
};

static int ufd_probe(struct ooh *o)
{
	return ooh_uffd_probe(o, FEATURES);
}

static void wake(struct ooh *o, uint64_t page)
{
	struct ufd *u = o->data;
	struct uffdio_range range = {page, PAGE_BYTES};

	ooh_sys_ioctl(o, u->fd, UFFDIO_WAKE, &range);
}

/* If the page can't be noted, it stays protected and its writer waits: the collection reports the
 * error. */
static void handle_fault(struct ooh *o, uint64_t page)
{
	struct ufd *u = o->data;
	int error;

	pthread_mutex_lock(&u->lock);
	error = ooh_pages_add(o, &u->noted, page, page + PAGE_BYTES);
	if (!error) {
		error = ooh_uffd_protect(o, u->fd, page, page + PAGE_BYTES, false);
		if (error == -EAGAIN)
			error = ooh_pages_add(o, &u->again, page, page + PAGE_BYTES);
		else if (error)
			wake(o, page); /* the mapping is gone: the writer shall see that */
	}
	if (error == -ENOMEM)
		u->error = error;
	pthread_mutex_unlock(&u->lock);
}

static void handle_remove(struct ooh *o, uint64_t start, uint64_t end)
{
	struct ufd *u = o->data;

	start = start < o->start ? o->start : start;
	end = end > o->end ? o->end : end;
	pthread_mutex_lock(&u->lock);
	if (start < end && ooh_pages_add(o, &u->noted, start, end))
		u->error = -ENOMEM;
	pthread_mutex_unlock(&u->lock);
}

static void handle(struct ooh *o, const struct uffd_msg *message)
{
	if (message->event == UFFD_EVENT_PAGEFAULT) {
		__atomic_fetch_add(&o->stats.faults, 1, __ATOMIC_RELAXED);
		handle_fault(o, message->arg.pagefault.address & ~(PAGE_BYTES - 1));
	} else if (message->event == UFFD_EVENT_REMOVE) {
		handle_remove(o, message->arg.remove.start, message->arg.remove.end);
	}
}

/* Those whose unprotection came at the wrong moment. */
static void retry(struct ooh *o)
{
	struct ufd *u = o->data;
	struct page_list again = u->again;

	u->again = (struct page_list){0};
	for (size_t i = 0; i < again.n; i++)
		handle_fault(o, again.page[i]);
	ooh_pages_free(&again);
}

static void *handler(void *context)
{
	struct ooh *o = context;
	struct ufd *u = o->data;
	struct pollfd pollfd[2] = {{.fd = u->fd, .events = POLLIN},
				   {.fd = u->stop_fd, .events = POLLIN}};
	struct uffd_msg message[MESSAGES];
	const uint64_t one = 1;

	while (!(pollfd[1].revents & POLLIN)) {
		ssize_t n = ooh_sys_read(o, u->fd, message, sizeof(message));

		for (ssize_t i = 0; i < n / (ssize_t)sizeof(message[0]); i++)
			handle(o, &message[i]);
		if (n > 0)
			ooh_sys_write(o, o->wait_fd, &one, sizeof(one));
		retry(o);
		if (n <= 0)
			poll(pollfd, 2, u->again.n ? 1 : -1);
	}
	return NULL;
}

/* The caller's signals are none of the thread's business. */
static int start_thread(struct ooh *o)
{
	struct ufd *u = o->data;
	sigset_t all, before;
	int error;

	u->own = (struct ooh){
		.ops = o->ops, .data = u, .start = o->start, .end = o->end, .wait_fd = o->wait_fd};
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	error = pthread_create(&u->thread, NULL, handler, &u->own);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (error)
		return ooh_fail(o, error, "the thread that handles faults: %s", strerror(error));
	u->running = true;
	return 0;
}

static int ufd_attach(struct ooh *o)
{
	struct ufd *u = calloc(1, sizeof(*u));

	if (!u)
		return ooh_fail(o, ENOMEM, "no memory");
	o->data = u;
	u->fd = -1;
	u->stop_fd = eventfd(0, EFD_CLOEXEC);
	o->wait_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	pthread_mutex_init(&u->lock, NULL);
	if (u->stop_fd < 0 || o->wait_fd < 0)
		return ooh_fail(o, errno, "eventfd: %s", strerror(errno));
	if (ooh_check_own_range(o))
		return -EINVAL;
	u->fd = ooh_uffd_open(o, FEATURES);
	return u->fd < 0 ? u->fd : start_thread(o);
}

/* Changes of mappings go on when their event has been read, for which the thread needs the lock. */
static void let_thread_read(struct ufd *u)
{
	pthread_mutex_unlock(&u->lock);
	sched_yield();
	pthread_mutex_lock(&u->lock);
}

static int protect_run(struct ooh *o, uint64_t start, uint64_t end)
{
	struct ufd *u = o->data;
	int error;

	while ((error = ooh_uffd_protect(o, u->fd, start, end, true)) == -EAGAIN)
		let_thread_read(u);
	/* There is a hole somewhere: page by page. */
	if (error == -ENOENT && end - start > PAGE_BYTES)
		for (error = 0; start < end && !error; start += PAGE_BYTES)
			error = protect_run(o, start, start + PAGE_BYTES);
	if (error == -ESRCH)
		return ooh_fail_ended(o);
	if (error && error != -ENOENT)
		return ooh_fail(o, -error, "UFFDIO_WRITEPROTECT at %#llx: %s",
				(unsigned long long)start, strerror(-error));
	return 0;
}

static int protect_list(struct ooh *o, const struct page_list *list)
{
	size_t first = 0;
	int error = 0;

	for (size_t i = 1; i <= list->n && !error; i++) {
		if (i < list->n && list->page[i] == list->page[i - 1] + PAGE_BYTES)
			continue;
		error = protect_run(o, list->page[first], list->page[i - 1] + PAGE_BYTES);
		first = i;
	}
	return error;
}

/*
 * A mapping that is not registered is new since the last collection, and may have been written to.
 * Its first page tells: a page that is protected, or about to be, is not changed by protecting it.
 */
static int check_mapping(struct ooh *o, const struct mapping *map)
{
	struct ufd *u = o->data;
	int result;

	while ((result = ooh_uffd_protect(o, u->fd, map->start, map->start + PAGE_BYTES, true)) ==
	       -EAGAIN)
		let_thread_read(u);
	if (result != -ENOENT)
		return 0;
	while ((result = ooh_uffd_cover(o, u->fd, map, map->writable)) == -EAGAIN)
		let_thread_read(u);
	return result > 0 ? ooh_pages_add(o, &u->round, map->start, map->end) : result;
}

static int check_mappings(struct ooh *o)
{
	struct maps maps = {0};
	int error = ooh_maps_read(o, &maps, o->start, o->end);

	for (size_t i = 0; i < maps.n && !error; i++)
		if (!maps.map[i].special)
			error = check_mapping(o, &maps.map[i]);
	ooh_maps_free(&maps);
	return error;
}

/* Writes during this call are noted, or are in the contents from now on. */
static int ufd_arm(struct ooh *o)
{
	struct ufd *u = o->data;

	pthread_mutex_lock(&u->lock);
	u->noted.n = u->round.n = 0;
	pthread_mutex_unlock(&u->lock);
	return ooh_uffd_cover_all(o, u->fd);
}

static int harvest_locked(struct ooh *o)
{
	struct ufd *u = o->data;
	int error = u->error ? ooh_fail(o, -u->error, "no memory for pages that were written") : 0;
	int append_error;

	if (!error)
		error = ooh_pages_append(o, &u->round, &u->noted);
	if (error)
		return error;
	u->noted.n = 0;
	error = check_mappings(o);
	ooh_pages_sort(&u->round);
	append_error = ooh_pages_append(o, &o->found, &u->round);
	if (!error)
		error = append_error;
	if (!error) {
		ooh_rearm_begins(o);
		error = protect_list(o, &u->round);
	}
	/* What could not be protected is reported again, until it is. */
	if (!error || error == -ESRCH)
		u->round.n = 0;
	return error;
}

static int ufd_harvest(struct ooh *o)
{
	struct ufd *u = o->data;
	int error;

	pthread_mutex_lock(&u->lock);
	error = harvest_locked(o);
	pthread_mutex_unlock(&u->lock);
	return error;
}

static int ufd_disarm(struct ooh *o)
{
	struct ufd *u = o->data;

	return ooh_uffd_uncover(o, u->fd);
}

static int ufd_count(struct ooh *o)
{
	struct ufd *u = o->data;

	o->stats.faults = __atomic_load_n(&u->own.stats.faults, __ATOMIC_RELAXED);
	o->stats.system_calls +=
		__atomic_exchange_n(&u->own.stats.system_calls, 0, __ATOMIC_RELAXED);
	return 0;
}

/* With the last descriptor the kernel unregisters everything, and wakes who waits. */
static void ufd_release(struct ooh *o)
{
	struct ufd *u = o->data;
	const uint64_t one = 1;

	if (!u)
		return;
	if (u->running) {
		ooh_sys_write(o, u->stop_fd, &one, sizeof(one));
		pthread_join(u->thread, NULL);
	}
	if (u->fd >= 0)
		close(u->fd);
	if (u->stop_fd >= 0)
		close(u->stop_fd);
	if (o->wait_fd >= 0)
		close(o->wait_fd);
	pthread_mutex_destroy(&u->lock);
	ooh_pages_free(&u->noted);
	ooh_pages_free(&u->again);
	ooh_pages_free(&u->round);
	free(u);
}

const struct ooh_ops ooh_ufd = {
	.name = "ufd",
	.probe = ufd_probe,
	.attach = ufd_attach,
	.arm = ufd_arm,
	.harvest = ufd_harvest,
	.disarm = ufd_disarm,
	.release = ufd_release,
	.count = ufd_count,
};
