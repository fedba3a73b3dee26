/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>
#include <string.h>
#include "ooh_test.h"

/* A process that is tracked from now on, the first half of its pages written to before. */
bool setup_begin(struct setup *s, const struct subject *subject, enum memory memory)
{
	struct tracked *t = &s->tracked;
	int error;

	*s = (struct setup){.subject = subject, .seed = 1};
	if (!tracked_start(t, memory))
		return ok(false, "%s: a process to be tracked", subject->name);
	for (t->board->n = 0; t->board->n < PAGES / 2; t->board->n++)
		t->board->page[t->board->n] = (uint16_t)t->board->n;
	tracked_do(t, WRITE);
	error = ooh_open(&s->o, subject->technique);
	if (error)
		return ok(false, "%s: %s", subject->name, ooh_error(NULL));
	error = ooh_register(s->o, t->pid, (uintptr_t)t->array, PAGES * BYTES);
	if (!error)
		error = ooh_start(s->o);
	return error ? ok(false, "%s", ooh_error(s->o)) : true;
}

void setup_end(struct setup *s)
{
	ooh_close(s->o);
	tracked_end(&s->tracked);
}

/* The next order is for n pages, which are expected then. */
void choose_pages(struct setup *s, unsigned int n)
{
	struct board *board = s->tracked.board;

	board->n = 0;
	while (board->n < n) {
		unsigned int page = (unsigned int)rand_r(&s->seed) % PAGES;

		board->page[board->n++] = (uint16_t)page;
		expect_pages(s, page, 1);
	}
}

void choose_all(struct setup *s)
{
	struct board *board = s->tracked.board;

	for (board->n = 0; board->n < PAGES; board->n++)
		board->page[board->n] = (uint16_t)board->n;
	expect_pages(s, 0, PAGES);
}

void expect_pages(struct setup *s, unsigned int first, unsigned int n)
{
	for (; n; n--, first++) {
		s->truth.n += !s->truth.written[first];
		s->truth.written[first] = true;
	}
}

/* Collect and compare with what is expected, page by page; nothing is expected afterwards. */
bool collect_is(struct setup *s, unsigned int flags, const char *name)
{
	const uint64_t *page;
	ssize_t n = ooh_collect(s->o, &page);
	unsigned int missed, spurious = 0;
	bool ascending = true;

	if (n < 0)
		return ok(false, "%s: %s: %s", s->subject->name, name, ooh_error(s->o));
	missed = s->truth.n;
	for (ssize_t i = 0; i < n; i++) {
		uint64_t index = (page[i] - (uintptr_t)s->tracked.array) / BYTES;

		ascending = ascending && (i == 0 || page[i] > page[i - 1]) && page[i] % BYTES == 0;
		if (index < PAGES && s->truth.written[index])
			missed--;
		else
			spurious++;
	}
	memset(&s->truth, 0, sizeof(s->truth));
	flags |= s->subject->exact ? 0 : MAY_REPORT_MORE;
	if (spurious)
		printf("# %s: %s: %u pages too many\n", s->subject->name, name, spurious);
	return ok(ascending && !missed && (!spurious || flags & MAY_REPORT_MORE),
		  "%s: %s: %zd pages, %u missed, %u spurious%s", s->subject->name, name, n, missed,
		  spurious, ascending ? "" : ", not ascending");
}
