/* SPDX-License-Identifier: BSD-2-Clause */
/* Which pages are reported: those that were written to, each once, and no others. */
#include <string.h>
#include "ooh_test.h"

static void rounds(struct setup *s)
{
	static const unsigned int counts[] = {1, 7, 100, PAGES, 0};

	collect_is(s, 0, "what was written before the start");
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		choose_pages(s, counts[i]);
		tracked_do(&s->tracked, WRITE);
		collect_is(s, 0, "random pages");
	}
	choose_all(s);
	tracked_do(&s->tracked, WRITE);
	tracked_do(&s->tracked, WRITE);
	collect_is(s, 0, "all pages, twice");
	collect_is(s, 0, "no page again");
}

static void reads(struct setup *s)
{
	tracked_do(&s->tracked, READ);
	collect_is(s, 0, "reading");
	choose_pages(s, 50);
	tracked_do(&s->tracked, WRITE);
	collect_is(s, 0, "writing after reading");
}

static void kernel_writes(struct setup *s)
{
	choose_pages(s, 20);
	ok(tracked_do(&s->tracked, WRITE_BY_READ) == 0, "%s: read(2) into tracked pages works",
	   s->subject->name);
	collect_is(s, 0, "pages that read(2) wrote to");
}

/* Bit i of the bitmap is page i; too short a bitmap changes nothing. */
static void bitmap(struct setup *s)
{
	uint8_t bits[(PAGES + 7) / 8];
	bool equal = true;
	ssize_t n;

	choose_pages(s, 30);
	tracked_do(&s->tracked, WRITE);
	n = ooh_collect_bitmap(s->o, bits, sizeof(bits) - 1);
	ok(n < 0 && strstr(ooh_error(s->o), "75 were expected"), "%s: a bitmap that is too short",
	   s->subject->name);
	memset(bits, 0xff, sizeof(bits));
	n = ooh_collect_bitmap(s->o, bits, sizeof(bits));
	for (unsigned int i = 0; i < PAGES; i++)
		if ((bits[i / 8] >> i % 8 & 1) != s->truth.written[i] &&
		    (s->subject->exact || s->truth.written[i]))
			equal = false;
	ok(equal && n >= (ssize_t)s->truth.n, "%s: the bitmap has %zd pages", s->subject->name, n);
	memset(&s->truth, 0, sizeof(s->truth));
}

static void rearm_and_stop(struct setup *s)
{
	choose_pages(s, 30);
	tracked_do(&s->tracked, WRITE);
	memset(&s->truth, 0, sizeof(s->truth));
	ok(ooh_rearm(s->o) == 0, "%s: re-arm", s->subject->name);
	collect_is(s, 0, "what was written before re-arming");
	choose_pages(s, 30);
	tracked_do(&s->tracked, WRITE);
	ok(ooh_stop(s->o) == 0, "%s: stop", s->subject->name);
	collect_is(s, 0, "what was written before the stop");
	choose_all(s);
	tracked_do(&s->tracked, WRITE);
	memset(&s->truth, 0, sizeof(s->truth));
	collect_is(s, 0, "what was written after the stop");
	ok(ooh_start(s->o) == 0, "%s: start again", s->subject->name);
	choose_pages(s, 30);
	tracked_do(&s->tracked, WRITE);
	collect_is(s, 0, "what was written after the second start");
}

static void statistics(struct setup *s)
{
	struct ooh_statistics before, after;
	const uint64_t *page;

	ok(ooh_statistics(s->o, &before) == 0, "%s: statistics", s->subject->name);
	choose_pages(s, 40);
	tracked_do(&s->tracked, WRITE);
	ooh_collect(s->o, &page);
	ooh_statistics(s->o, &after);
	ok(after.collections == before.collections + 1 &&
		   after.pages - before.pages >= s->truth.n &&
		   after.system_calls > before.system_calls,
	   "%s: a collection, %llu pages and %llu system calls are counted", s->subject->name,
	   (unsigned long long)(after.pages - before.pages),
	   (unsigned long long)(after.system_calls - before.system_calls));
	if (s->subject->technique == OOH_UFD)
		ok(after.faults - before.faults == s->truth.n, "ufd: %u faults are counted",
		   s->truth.n);
	memset(&s->truth, 0, sizeof(s->truth));
}

void test_basic(const struct subject *subject)
{
	static void (*const tests[])(struct setup * s) = {rounds, reads,	  kernel_writes,
							  bitmap, rearm_and_stop, statistics};
	static const enum memory memories[] = {PRIVATE, SHARED};
	struct setup s;

	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
		if (setup_begin(&s, subject, memories[i % 2]))
			tests[i](&s);
		setup_end(&s);
	}
	if (setup_begin(&s, subject, SHARED))
		rounds(&s);
	setup_end(&s);
}
