/* SPDX-License-Identifier: BSD-2-Clause */
/* Mappings that change while they are tracked: what is written to must be reported, more may be. */
#include "ooh_test.h"

static void change(struct setup *s, enum order order, unsigned int first, unsigned int n,
		   unsigned int target)
{
	struct board *board = s->tracked.board;

	board->first = first;
	board->n = n;
	board->target = target;
	ok(tracked_do(&s->tracked, order) == 0, "%s: the mapping is changed", s->subject->name);
}

/* Write to the pages from first on, n of them. */
static void write_there(struct setup *s, unsigned int first, unsigned int n)
{
	struct board *board = s->tracked.board;

	for (board->n = 0; board->n < n; board->n++)
		board->page[board->n] = (uint16_t)(first + board->n);
	tracked_do(&s->tracked, WRITE);
	expect_pages(s, first, n);
}

static void protect(struct setup *s)
{
	tracked_do(&s->tracked, READ_ONLY);
	tracked_do(&s->tracked, READ);
	collect_is(s, 0, "pages that can't be written");
	tracked_do(&s->tracked, READ_WRITE);
	choose_pages(s, 60);
	tracked_do(&s->tracked, WRITE);
	tracked_do(&s->tracked, READ_ONLY);
	collect_is(s, 0, "pages that were written, and no longer can be");
	tracked_do(&s->tracked, READ_WRITE);
	choose_pages(s, 60);
	tracked_do(&s->tracked, WRITE);
	collect_is(s, 0, "pages that can be written again");
}

static void drop(struct setup *s)
{
	write_there(s, 0, 200);
	collect_is(s, 0, "before dropping");
	change(s, DROP, 50, 100, 0);
	write_there(s, 60, 20);
	collect_is(s, MAY_REPORT_MORE, "pages written after they were dropped");
	write_there(s, 40, 100);
	collect_is(s, 0, "the same pages in the next round");
}

static void remap(struct setup *s)
{
	change(s, REMAP, 100, 50, 0);
	write_there(s, 90, 30);
	collect_is(s, MAY_REPORT_MORE, "pages of a new mapping");
	write_there(s, 95, 40);
	collect_is(s, 0, "the new mapping in the next round");
}

static void move(struct setup *s)
{
	write_there(s, 20, 20);
	collect_is(s, 0, "before moving");
	change(s, MOVE, 10, 50, 300);
	write_there(s, 310, 10);
	write_there(s, 15, 10);
	collect_is(s, MAY_REPORT_MORE, "pages of a mapping that was moved");
	write_there(s, 305, 20);
	write_there(s, 10, 30);
	collect_is(s, 0, "the moved mapping in the next round");
}

static void unmap(struct setup *s)
{
	write_there(s, 195, 40);
	change(s, UNMAP, 200, 30, 0);
	for (unsigned int i = 200; i < 230; i++) {
		s->truth.n -= s->truth.written[i];
		s->truth.written[i] = false;
	}
	collect_is(s, MAY_REPORT_MORE, "pages beside a hole");
	write_there(s, 150, 50);
	write_there(s, 230, 50);
	collect_is(s, 0, "the next round, with the hole");
	change(s, REMAP, 200, 30, 0);
	write_there(s, 199, 32);
	collect_is(s, MAY_REPORT_MORE, "the hole filled again");
}

/* Where the kernel may use large pages, a technique of its own flags knows no smaller ones. */
static void huge(struct setup *s)
{
	unsigned int flags = s->subject->technique == OOH_PROC ? MAY_REPORT_MORE : 0;

	for (int i = 0; i < 3; i++) {
		choose_pages(s, 80);
		tracked_do(&s->tracked, WRITE);
		collect_is(s, flags, "where large pages are allowed");
	}
}

void test_mappings(const struct subject *subject)
{
	static void (*const tests[])(struct setup * s) = {protect, drop, remap, move, unmap};
	struct setup s;

	for (int shared = 0; shared < 2; shared++) {
		for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
			if (setup_begin(&s, subject, shared ? SHARED : PRIVATE))
				tests[i](&s);
			setup_end(&s);
		}
	}
	if (setup_begin(&s, subject, HUGE_PAGES))
		huge(&s);
	setup_end(&s);
}
