/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "tracked.h"

#define THREAD_COUNT 3
#define HUGE_BYTES   0x200000ull

static pthread_t threads[THREAD_COUNT];

static volatile uint32_t *word(const struct tracked *t, unsigned int page)
{
	return (volatile uint32_t *)(t->array + page * BYTES);
}

static long write_listed(const struct tracked *t)
{
	for (uint32_t i = 0; i < t->board->n; i++)
		*word(t, t->board->page[i]) = ++t->board->value;
	return 0;
}

static long read_all(const struct tracked *t)
{
	long sum = 0;

	for (unsigned int i = 0; i < PAGES; i++)
		sum += *word(t, i);
	return sum;
}

static long write_by_read(const struct tracked *t)
{
	long result = 0;
	int fd[2];

	if (pipe(fd))
		return -errno;
	for (uint32_t i = 0; i < t->board->n; i++) {
		t->board->value++;
		if (write(fd[1], &t->board->value, 4) != 4 ||
		    read(fd[0], t->array + t->board->page[i] * BYTES, 4) != 4)
			result = -errno;
	}
	close(fd[0]);
	close(fd[1]);
	return result;
}

static long fork_and_write(const struct tracked *t)
{
	pid_t pid = fork();
	int status;

	if (pid < 0)
		return -errno;
	if (!pid) {
		write_listed(t);
		_exit(0);
	}
	return waitpid(pid, &status, 0) == pid ? status : -errno;
}

static void *map_at(uint8_t *address, size_t bytes)
{
	return mmap(address, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
		    -1, 0);
}

static long change_mapping(const struct tracked *t, enum order order)
{
	uint8_t *at = t->array + t->board->first * BYTES;
	uint8_t *target = t->array + t->board->target * BYTES;
	size_t bytes = t->board->n * BYTES;

	switch (order) {
	case DROP: return madvise(at, bytes, MADV_DONTNEED);
	case REMAP: return map_at(at, bytes) == at ? 0 : -errno;
	case UNMAP: return munmap(at, bytes);
	case MOVE:
		if (mremap(at, bytes, bytes, MREMAP_MAYMOVE | MREMAP_FIXED, target) != target)
			return -errno;
		return map_at(at, bytes) == at ? 0 : -errno;
	default: return -EINVAL;
	}
}

static void *write_at_random(void *context)
{
	const struct tracked *t = context;
	unsigned int seed = (unsigned int)(uintptr_t)&seed;

	while (!t->board->stop) {
		unsigned int page = (unsigned int)rand_r(&seed) % PAGES;

		__atomic_add_fetch((uint32_t *)word(t, page), 1, __ATOMIC_RELAXED);
	}
	return NULL;
}

static long start_threads(struct tracked *t)
{
	t->board->stop = false;
	for (int i = 0; i < THREAD_COUNT; i++)
		if (pthread_create(&threads[i], NULL, write_at_random, t))
			return -1;
	return 0;
}

static long join_threads(struct tracked *t)
{
	t->board->stop = true;
	for (int i = 0; i < THREAD_COUNT; i++)
		pthread_join(threads[i], NULL);
	return 0;
}

static long sleep_a_while(void)
{
	struct timespec before, after, time = {0, 300 * 1000000};
	int error;

	clock_gettime(CLOCK_MONOTONIC, &before);
	error = clock_nanosleep(CLOCK_MONOTONIC, 0, &time, NULL);
	clock_gettime(CLOCK_MONOTONIC, &after);
	if (error)
		return -error;
	return (after.tv_sec - before.tv_sec) * 1000 + (after.tv_nsec - before.tv_nsec) / 1000000;
}

static long obey(struct tracked *t)
{
	static char *const arguments[] = {"ooh-test", "--wait", NULL};

	switch (t->board->order) {
	case WRITE: return write_listed(t);
	case READ: return read_all(t);
	case WRITE_BY_READ: return write_by_read(t);
	case READ_ONLY: return mprotect(t->array, PAGES * BYTES, PROT_READ);
	case READ_WRITE: return mprotect(t->array, PAGES * BYTES, PROT_READ | PROT_WRITE);
	case FORK_AND_WRITE: return fork_and_write(t);
	case THREADS: return start_threads(t);
	case JOIN: return join_threads(t);
	case SLEEP: return sleep_a_while();
	case EXECUTE: execv("/proc/self/exe", arguments); return -errno;
	default: return change_mapping(t, t->board->order);
	}
}

static void live(struct tracked *t, int orders, int results)
{
	char byte;

	while (read(orders, &byte, 1) == 1) {
		t->board->result = obey(t);
		if (write(results, &byte, 1) != 1)
			break;
	}
	_exit(0);
}

static void *make_array(enum memory memory)
{
	size_t bytes = PAGES * BYTES + HUGE_BYTES;
	int flags = memory == SHARED ? MAP_SHARED : MAP_PRIVATE;
	uint8_t *array = mmap(NULL, bytes, PROT_READ | PROT_WRITE, flags | MAP_ANONYMOUS, -1, 0);

	if (array == MAP_FAILED)
		return NULL;
	array += -(uintptr_t)array & (HUGE_BYTES - 1);
	/* Without huge pages in the kernel there is nothing to switch. */
	madvise(array, PAGES * BYTES, memory == HUGE_PAGES ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
	return array;
}

bool tracked_start(struct tracked *t, enum memory memory)
{
	int orders[2], results[2];

	t->board = mmap(NULL, sizeof(*t->board), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
			-1, 0);
	t->array = make_array(memory);
	if (t->board == MAP_FAILED || !t->array || pipe(orders) || pipe(results)) {
		perror("tracked_start");
		return false;
	}
	t->pid = fork();
	if (!t->pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(orders[1]);
		close(results[0]);
		live(t, orders[0], results[1]);
	}
	close(orders[0]);
	close(results[1]);
	t->to = orders[1];
	t->from = results[0];
	return t->pid > 0;
}

void tracked_tell(struct tracked *t, enum order order)
{
	t->board->order = order;
	if (write(t->to, "", 1) != 1)
		perror("tracked_tell");
}

long tracked_result(struct tracked *t)
{
	char byte;

	return read(t->from, &byte, 1) == 1 ? t->board->result : -EPIPE;
}

long tracked_do(struct tracked *t, enum order order)
{
	tracked_tell(t, order);
	return tracked_result(t);
}

int tracked_end(struct tracked *t)
{
	int status = -1;

	kill(t->pid, SIGKILL);
	if (waitpid(t->pid, &status, 0) != t->pid)
		status = -1;
	close(t->to);
	close(t->from);
	munmap(t->board, sizeof(*t->board));
	munmap(t->array, PAGES * BYTES);
	return status;
}
