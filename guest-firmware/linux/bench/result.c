/* SPDX-License-Identifier: BSD-2-Clause */
/* Results as lines that hv-shim/image/job.md describes: one JSON object for each run. */
#include <inttypes.h>
#include <stdio.h>

#include "bench.h"

static const char *const outcome_names[] = {
	[RUN_OK] = "ok", [RUN_FAILED] = "failed", [RUN_LEFT_OUT] = "left-out"
};

static void print_number(const char *key, uint64_t n)
{
	printf(", \"%s\": %" PRIu64, key, n);
}

static void print_text(const char *key, const char *text)
{
	printf(", \"%s\": \"", key);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			putchar('\\');
		putchar((unsigned char)*text < ' ' ? ' ' : *text);
	}
	putchar('"');
}

/* Numbers of the phases of the cycle count, so that who reads them need not know the order. */
static void print_phases(const struct run *r)
{
	if (r->alone) {
		printf(", \"phases\": {\"alone\": %u}", r->phase);
		return;
	}
	printf(", \"phases\": {");
	for (unsigned part = 0; part < PARTS; part++)
		printf("%s\"%s\": %u", part ? ", " : "", part_names[part], r->phase + part);
	putchar('}');
}

static void print_cycles(const struct run *r)
{
	print_number("tsc_khz", clock_khz());
	print_number("made", r->made);
	print_number("written", r->written);
	print_number("elapsed", r->elapsed);
	print_number("tracked", r->tracked);
	print_number("tracker", r->tracker);
	if (r->alone)
		return;
	print_number("setup", r->setup);
	print_number("stop", r->stop);
}

static void print_sets(const struct run *r)
{
	print_number("rounds", r->rounds);
	print_number("dirty", r->dirty);
	print_number("reported", r->reported);
	print_number("missed", r->missed);
	print_number("spurious", r->spurious);
}

static void print_statistics(const struct ooh_statistics *s)
{
	print_number("syscalls", s->system_calls);
	print_number("faults", s->faults);
	print_number("entries", s->entries);
	print_number("duplicates", s->duplicates);
	print_number("foreign", s->foreign);
	print_number("lost", s->lost);
	print_number("overflows", s->overflows);
	print_number("lookups", s->reverse_steps);
	print_number("notifications", s->notifications);
	print_number("switches", s->switches);
	print_number("spills", s->spills);
	print_number("calls", s->hypercalls);
	print_number("vmaccesses", s->vmaccesses);
}

void result_print(const struct run *r)
{
	printf("EPML-RESULT {\"run\": \"%s\", \"mb\": %u, \"outcome\": \"%s\"",
	       r->alone ? "alone" : ooh_technique_name(r->technique), r->mb,
	       outcome_names[r->outcome]);
	print_phases(r);
	if (r->text[0])
		print_text("text", r->text);
	if (r->estimate > 0)
		printf(", \"estimate\": %.6g", r->estimate);
	if (r->outcome == RUN_OK)
		print_cycles(r);
	/* What a failed technique had reported before is part of what it did. */
	if (!r->alone && r->outcome != RUN_LEFT_OUT) {
		print_sets(r);
		print_statistics(&r->statistics);
	}
	puts("}");
	fflush(stdout);
}

void result_print_end(unsigned runs)
{
	printf("EPML-RESULT {\"run\": \"end\", \"runs\": %u}\n", runs);
	fflush(stdout);
}
