/* SPDX-License-Identifier: BSD-2-Clause */
/* The verbs of a trace: each is one call of the model. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "replay.h"
#include "timing_timeline.h"

#define MAX_DEPTH	8
#define PAGE		4096u
#define MAX_COUNT	UINT64_C(1000000000000)
#define MAX_CYCLE	UINT64_C(1000000000000000)
#define BRANCH_LENGTH	5	/* bytes, of a call whose return address matters */

#define TABLE_BITS	0x27u	/* present, writable, user, accessed */
#define LEAF_BITS	0x67u	/* and dirty */
#define EPT_TABLE_BITS	0x107u	/* read, write, execute, accessed */
#define EPT_LEAF_BITS	0x337u	/* and dirty, write-back */

struct replay {
	struct timing t;
	struct replay_memory memory;
	const struct replay_trace *trace;
	const struct replay_record *record;	/* that runs now */
	unsigned at;				/* its index */
	struct {
		uint64_t left, turn;
	} loop[MAX_DEPTH];
	unsigned depth;
	char *names[TIMING_PHASES];
	struct timing_timeline *timeline;	/* or NULL */
	struct timing_tracks tracks;
};

/* Argument i as it is in this turn of the loop. */
static uint64_t number(const struct replay *r, unsigned i)
{
	const struct replay_number *n = &r->record->arg[i];

	return n->base + (n->step && r->depth ? n->step * r->loop[r->depth - 1].turn : 0);
}

static uint64_t optional(const struct replay *r, unsigned i, uint64_t otherwise)
{
	return i < r->record->n_args ? number(r, i) : otherwise;
}

/* ---- Instructions and memory ------------------------------------------------------------- */

static void run_insn(struct replay *r)
{
	const uint64_t n = optional(r, 1, 1);

	r->t.insns += n;
	timing_charge(&r->t, number(r, 0), n);
}

static void run_insns(struct replay *r)
{
	timing_insns(&r->t, number(r, 0));
}

static void run_event(struct replay *r)
{
	timing_event(&r->t, number(r, 0), optional(r, 1, 1));
}

static void run_fetch(struct replay *r)
{
	if (r->t.mode == TIMING_FULL)
		timing_fetch(&r->t, number(r, 0), optional(r, 1, number(r, 0)));
}

static void access_data(struct replay *r, enum timing_rw rw)
{
	if (r->t.mode == TIMING_FULL)
		timing_data(&r->t, number(r, 0), optional(r, 1, number(r, 0)),
			    (unsigned)optional(r, 2, 8), rw);
}

static void run_read(struct replay *r)
{
	access_data(r, TIMING_DATA_READ);
}

static void run_write(struct replay *r)
{
	access_data(r, TIMING_DATA_WRITE);
}

static void run_branch(struct replay *r)
{
	const uint64_t rip = number(r, 1);

	if (r->t.mode == TIMING_FULL)
		timing_branch(&r->t, number(r, 0), rip, number(r, 2), rip + BRANCH_LENGTH,
			      optional(r, 3, 1));
}

static void run_pml(struct replay *r)
{
	timing_pml_write(&r->t, number(r, 0));
}

static void run_gpml(struct replay *r)
{
	const bool at_log = number(r, 0);

	timing_gpml_write(&r->t, at_log, number(r, 1), optional(r, 2, number(r, 1)));
}

static void run_spp(struct replay *r)
{
	timing_spp_walk(&r->t, number(r, 0), number(r, 1));
}

/* ---- Translations ------------------------------------------------------------------------ */

static void run_context(struct replay *r)
{
	const struct timing_context c = {
		.paging = number(r, 0), .cr3 = optional(r, 1, 0), .eptp = optional(r, 2, 0),
		.pcid = (uint16_t)optional(r, 3, 0), .vpid = (uint16_t)optional(r, 4, 0)
	};

	timing_context(&r->t, &c);
}

static void run_cr3(struct replay *r)
{
	timing_mov_cr3(&r->t, number(r, 0), (uint16_t)optional(r, 1, 0), optional(r, 2, 0));
}

static void run_flush(struct replay *r)
{
	timing_flush_all(&r->t);
}

static void run_forget(struct replay *r)
{
	timing_forget_page(&r->t, number(r, 0));
}

static void run_invlpg(struct replay *r)
{
	timing_invlpg(&r->t, number(r, 0));
}

static void run_invpcid(struct replay *r)
{
	timing_invpcid(&r->t, number(r, 0), (uint16_t)optional(r, 1, 0), optional(r, 2, 0));
}

static void run_invept(struct replay *r)
{
	timing_invept(&r->t, optional(r, 0, 0));
}

static void run_invvpid(struct replay *r)
{
	timing_invvpid(&r->t, number(r, 0), (uint16_t)optional(r, 1, 0), optional(r, 2, 0));
}

static void run_mem(struct replay *r)
{
	replay_memory_write(&r->memory, number(r, 0), number(r, 1));
}

static void run_tables(struct replay *r)
{
	r->memory.next_table = number(r, 0);
}

static void run_map(struct replay *r)
{
	replay_memory_map(&r->memory, number(r, 0), number(r, 1), number(r, 2),
			  (unsigned)optional(r, 3, 0) + 1, TABLE_BITS, LEAF_BITS);
}

static void run_ept_map(struct replay *r)
{
	replay_memory_map(&r->memory, number(r, 0), number(r, 1), number(r, 2),
			  (unsigned)optional(r, 3, 0) + 1, EPT_TABLE_BITS, EPT_LEAF_BITS);
}

/* ---- VM exits, time and loops ------------------------------------------------------------ */

static void run_exit(struct replay *r)
{
	timing_vm_exit(&r->t, timing_exit_cost((unsigned)number(r, 0), optional(r, 1, 0)));
}

static void run_entry(struct replay *r)
{
	timing_vm_entry(&r->t, optional(r, 0, 0));
}

static void run_phase(struct replay *r)
{
	const unsigned id = (unsigned)number(r, 0);

	if (r->record->name)
		r->names[id] = r->record->name;
	timing_phase(&r->t, id);
}

static void run_idle(struct replay *r)
{
	timing_idle_until(&r->t, number(r, 0));
}

static void run_repeat(struct replay *r)
{
	r->loop[r->depth].left = r->record->arg[0].base;
	r->loop[r->depth++].turn = 0;
}

static void run_end(struct replay *r)
{
	if (--r->loop[r->depth - 1].left) {
		r->loop[r->depth - 1].turn++;
		r->at = r->record->partner;
	} else {
		r->depth--;
	}
}

static const char *const branch_words[] = {
	[TIMING_CONDITIONAL] = "conditional", [TIMING_INDIRECT] = "indirect",
	[TIMING_CALL] = "call", [TIMING_INDIRECT_CALL] = "indirect-call",
	[TIMING_RETURN] = "return", [TIMING_JUMP] = "jump", NULL
};
static const char *const paging_words[] = {
	[TIMING_PAGING_OFF] = "off", [TIMING_PAGING_32BIT] = "32bit", [TIMING_PAGING_PAE] = "pae",
	[TIMING_PAGING_4LEVEL] = "4level", NULL
};
static const char *const gpml_words[] = { "at-vmwrite", "at-log", NULL };
static const char *const size_words[] = { "4k", "2m", "1g", NULL };

const struct replay_verb replay_verbs[] = {
	{ "i", "c?n", NULL, "COST [N]", run_insn },
	{ "n", "n", NULL, "N", run_insns },
	{ "e", "c?n", NULL, "COST [N]", run_event },
	{ "f", "n?n", NULL, "LIN [PHYS]", run_fetch },
	{ "r", "n?nn", NULL, "LIN [PHYS [SIZE]]", run_read },
	{ "w", "n?nn", NULL, "LIN [PHYS [SIZE]]", run_write },
	{ "b", "wnn?n", branch_words,
	  "conditional|indirect|call|indirect-call|return|jump RIP TARGET [TAKEN]", run_branch },
	{ "pml", "n", NULL, "HPA", run_pml },
	{ "gpml", "wn?n", gpml_words, "at-vmwrite HPA or at-log GPA HPA", run_gpml },
	{ "spp", "nn", NULL, "SPPTP GPA", run_spp },
	{ "context", "w?nnnn", paging_words, "off|32bit|pae|4level [CR3 [EPTP [PCID [VPID]]]]",
	  run_context },
	{ "cr3", "n?nn", NULL, "CR3 [PCID [KEEP]]", run_cr3 },
	{ "flush", "", NULL, "no argument", run_flush },
	{ "forget", "n", NULL, "LIN", run_forget },
	{ "invlpg", "n", NULL, "LIN", run_invlpg },
	{ "invpcid", "n?nn", NULL, "TYPE [PCID [LIN]]", run_invpcid },
	{ "invept", "?n", NULL, "[EPTP]", run_invept },
	{ "invvpid", "n?nn", NULL, "TYPE [VPID [LIN]]", run_invvpid },
	{ "mem", "nn", NULL, "HPA VALUE", run_mem },
	{ "tables", "n", NULL, "HPA", run_tables },
	{ "map", "nnn?w", size_words, "CR3 LIN PHYS [4k|2m|1g]", run_map },
	{ "ept-map", "nnn?w", size_words, "EPTP GPA HPA [4k|2m|1g]", run_ept_map },
	{ "exit", "n?n", NULL, "REASON [QUALIFICATION]", run_exit },
	{ "entry", "?n", NULL, "[INJECTS]", run_entry },
	{ "phase", "n?t", NULL, "NUMBER [NAME]", run_phase },
	{ "idle", "n", NULL, "CYCLE", run_idle },
	{ "repeat", "n", NULL, "N", run_repeat },
	{ "end", "", NULL, "no argument", run_end },
	{ NULL, NULL, NULL, NULL, NULL },
};

/* ---- Runs -------------------------------------------------------------------------------- */

static uint64_t host_read(void *host, uint64_t hpa)
{
	const struct replay *r = host;

	return replay_memory_read(&r->memory, hpa);
}

static void host_mark(void *host, enum timing_mark mark, unsigned what)
{
	struct replay *r = host;

	if (r->timeline)
		timing_timeline_mark(r->timeline, &r->tracks, &r->t, mark, what,
				     mark == TIMING_MARK_PHASE ? r->names[what] : NULL);
}

static const char *check_access(uint64_t lin, uint64_t size)
{
	return !size || size > PAGE || lin % PAGE + size > PAGE
		? "expected an access of 1 to 4096 bytes that does not cross a page" : NULL;
}

/* Names go into results, which are JSON: not every byte may stand there. */
static const char *check_phase(const struct replay *r)
{
	const char *name = r->record->name;

	if (number(r, 0) >= TIMING_PHASES)
		return "expected a phase from 0 to 255";
	for (; name && *name; name++)
		if (*name < 0x20 || *name > 0x7E)
			return "expected a name of printable ASCII characters";
	return NULL;
}

/* Numbers depend on the turn of the loop, so they are checked when they are used. */
static const char *check_numbers(const struct replay *r)
{
	void (*run)(struct replay *) = r->record->verb->run;

	if (run == run_read || run == run_write)
		return check_access(number(r, 0), optional(r, 2, 8));
	if (run == run_insn || run == run_event || run == run_insns)
		return optional(r, run == run_insns ? 0 : 1, 1) > MAX_COUNT
			? "expected at most 1000000000000 at a time" : NULL;
	if (run == run_phase)
		return check_phase(r);
	if ((run == run_invpcid || run == run_invvpid) && number(r, 0) > 3)
		return "expected a type from 0 to 3";
	if (run == run_idle && number(r, 0) > MAX_CYCLE)
		return "expected a cycle up to 1000000000000000";
	return NULL;
}

static int run_records(struct replay *r)
{
	const char *wrong;

	for (r->at = 0; r->at < r->trace->n; r->at++) {
		r->record = &r->trace->records[r->at];
		wrong = check_numbers(r);
		if (!wrong)
			r->record->verb->run(r);
		if (r->memory.failed)
			wrong = "out of memory";
		if (wrong) {
			fprintf(stderr, "%s:%u: %s\n", r->trace->path, r->record->line, wrong);
			return -1;
		}
	}
	return 0;
}

static int run(struct replay *r, struct timing_result *result)
{
	const struct timing *cpu = &r->t;

	timing_phase(&r->t, 0);
	if (run_records(r))
		return -1;
	if (timing_result_take(result, &cpu, 1, (const char *const *)r->names)) {
		fprintf(stderr, "%s:1: out of memory\n", r->trace->path);
		return -1;
	}
	return 0;
}

int replay_run(struct timing_result *result, const struct replay_trace *trace,
	       const struct timing_processor *processor, enum timing_mode mode, FILE *timeline)
{
	static const struct timing_ops ops = { .read = host_read, .mark = host_mark };
	struct timing_timeline tl;
	struct replay r = { .trace = trace, .timeline = timeline ? &tl : NULL };
	int status;

	if (timing_init(&r.t, processor, mode, &ops, &r, 0)) {
		fprintf(stderr, "%s:1: the model of %s needs more than %u MByte\n", trace->path,
			processor->name, TIMING_MAX_BYTES >> 20);
		return -1;
	}
	if (timeline)
		timing_timeline_begin(&tl, timeline, TIMING_TIMELINE_LIMIT);
	status = run(&r, result);
	if (timeline) {
		timing_timeline_end_cpu(&tl, &r.tracks, &r.t);
		timing_timeline_end(&tl);
	}
	replay_memory_free(&r.memory);
	timing_free(&r.t);
	return status;
}
