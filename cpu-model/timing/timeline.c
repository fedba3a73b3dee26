/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>

#include "timing_timeline.h"

enum track { TRACK_PHASE = 1, TRACK_ROOT, TRACK_EVENT };

void timing_timeline_begin(struct timing_timeline *tl, FILE *out, uint64_t limit)
{
	*tl = (struct timing_timeline){ .out = out, .limit = limit };
	fputs("{\"displayTimeUnit\": \"ns\", \"traceEvents\": [", out);
}

/* Microseconds with three decimals, in whole numbers so that it is the same on every machine. */
static void write_time(FILE *out, const struct timing *t)
{
	const uint64_t khz = t->processor->khz, cycles = t->clock / 1000;
	const uint64_t us = cycles / khz * 1000 + cycles % khz * 1000 / khz;
	const uint64_t ns = cycles % khz * 1000 % khz * 1000 / khz;

	fprintf(out, "%" PRIu64 ".%03" PRIu64, us, ns);
}

static void write_name(FILE *out, const char *name)
{
	for (; *name; name++)
		if (*name == '"' || *name == '\\')
			fprintf(out, "\\%c", *name);
		else if ((unsigned char)*name >= 0x20)
			putc(*name, out);
}

static void put_event(struct timing_timeline *tl, const struct timing *t, char type,
		      enum track track, const char *name)
{
	fprintf(tl->out, "%s\n{\"ph\": \"%c\", \"pid\": %u, \"tid\": %d, \"ts\": ",
		tl->began ? "," : "", type, t->id, track);
	write_time(tl->out, t);
	if (name) {
		fputs(", \"name\": \"", tl->out);
		write_name(tl->out, name);
		putc('"', tl->out);
	}
	fputs(type == 'i' ? ", \"s\": \"t\"}" : "}", tl->out);
	tl->began = true;
	tl->events++;
}

/* What was begun is ended even when the limit is reached. */
static bool write_event(struct timing_timeline *tl, const struct timing *t, char type,
			enum track track, const char *name)
{
	const bool full = tl->events >= tl->limit;

	if (full && type != 'E') {
		if (!tl->full)
			put_event(tl, t, 'i', TRACK_EVENT, "end of the time line: too many events");
		tl->full = true;
		return false;
	}
	put_event(tl, t, type, track, name);
	return true;
}

static void close_track(struct timing_timeline *tl, const struct timing *t, enum track track,
			bool *open)
{
	if (*open)
		write_event(tl, t, 'E', track, NULL);
	*open = false;
}

void timing_timeline_mark(struct timing_timeline *tl, struct timing_tracks *tracks,
			  const struct timing *t, enum timing_mark mark, unsigned what,
			  const char *name)
{
	char number[20];

	switch (mark) {
	case TIMING_MARK_PHASE:
		snprintf(number, sizeof(number), "phase %u", what);
		close_track(tl, t, TRACK_PHASE, &tracks->in_phase);
		tracks->in_phase = write_event(tl, t, 'B', TRACK_PHASE, name ? name : number);
		return;
	case TIMING_MARK_EXIT:
		close_track(tl, t, TRACK_ROOT, &tracks->in_root);
		tracks->in_root = write_event(tl, t, 'B', TRACK_ROOT, timing_costs[what].name);
		return;
	case TIMING_MARK_ENTRY:
		close_track(tl, t, TRACK_ROOT, &tracks->in_root);
		return;
	case TIMING_MARK_EVENT:
		write_event(tl, t, 'i', TRACK_EVENT, timing_costs[what].name);
		return;
	}
}

static void name_track(struct timing_timeline *tl, const struct timing *t, enum track track,
		       const char *name)
{
	fprintf(tl->out, "%s\n{\"ph\": \"M\", \"pid\": %u, \"tid\": %d, \"name\": \"thread_name\", "
		"\"args\": {\"name\": \"%s\"}}", tl->began ? "," : "", t->id, track, name);
	tl->began = true;
}

void timing_timeline_end_cpu(struct timing_timeline *tl, struct timing_tracks *tracks,
			     const struct timing *t)
{
	close_track(tl, t, TRACK_PHASE, &tracks->in_phase);
	close_track(tl, t, TRACK_ROOT, &tracks->in_root);
	name_track(tl, t, TRACK_PHASE, "phase");
	name_track(tl, t, TRACK_ROOT, "VMX root operation");
	name_track(tl, t, TRACK_EVENT, "events");
}

void timing_timeline_end(struct timing_timeline *tl)
{
	fputs("\n]}\n", tl->out);
}
