/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Threads write all the time while the tracker collects. The tracker keeps a copy of the memory,
 * which it brings up to date with the pages of each collection, as a live migration does. In the
 * end the copy has to be equal to the memory: a single write that was lost makes it differ.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <time.h>
#include "ooh_test.h"

#define ROUNDS	    40
#define PAGES_MIN   (4 * PAGES) /* the writers need time too */
#define SECONDS_MAX 20

static bool fetch(const struct tracked *t, uint8_t *copy, uint64_t page)
{
	uint64_t offset = page - (uintptr_t)t->array;
	struct iovec to = {copy + offset, BYTES}, from = {t->array + offset, BYTES};

	return process_vm_readv(t->pid, &to, 1, &from, 1, 0) == (ssize_t)BYTES;
}

/* The number of pages, or an error. */
static ssize_t update(struct setup *s, uint8_t *copy)
{
	const uint64_t *page;
	ssize_t n = ooh_collect(s->o, &page);

	for (ssize_t i = 0; i < n; i++)
		fetch(&s->tracked, copy, page[i]);
	return n;
}

static unsigned int differences(const struct tracked *t, const uint8_t *copy)
{
	static uint8_t memory[PAGES * BYTES];
	unsigned int n = 0;

	for (unsigned int i = 0; i < PAGES; i++) {
		fetch(t, memory, (uintptr_t)t->array + i * BYTES);
		n += memcmp(memory + i * BYTES, copy + i * BYTES, BYTES) != 0;
	}
	return n;
}

static void copy_while_written(struct setup *s)
{
	uint8_t *copy = calloc(PAGES, BYTES);
	const time_t end = time(NULL) + SECONDS_MAX;
	size_t pages = 0;
	int rounds = 0;
	ssize_t n = 0;

	for (unsigned int i = 0; i < PAGES; i++)
		fetch(&s->tracked, copy, (uintptr_t)s->tracked.array + i * BYTES);
	tracked_do(&s->tracked, THREADS);
	for (; n >= 0 && (rounds < ROUNDS || pages < PAGES_MIN) && time(NULL) < end; rounds++) {
		n = update(s, copy);
		pages += n > 0 ? (size_t)n : 0;
	}
	tracked_do(&s->tracked, JOIN);
	if (n >= 0)
		n = update(s, copy);
	ok(n >= 0 && pages > 0 && differences(&s->tracked, copy) == 0,
	   "%s: a copy kept up to date in %d rounds, %zu pages: %u differ%s%s", s->subject->name,
	   rounds, pages, differences(&s->tracked, copy), n < 0 ? ": " : "",
	   n < 0 ? ooh_error(s->o) : "");
	free(copy);
}

void test_races(const struct subject *subject)
{
	struct setup s;

	for (int shared = 0; shared < 2; shared++) {
		if (setup_begin(&s, subject, shared ? SHARED : PRIVATE))
			copy_while_written(&s);
		setup_end(&s);
	}
}
