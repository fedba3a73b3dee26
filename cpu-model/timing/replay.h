/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Traces as text: what a processor did, line by line, without a processor. docs/timing.md
 * describes all verbs.
 */
#ifndef EPML_TIMING_REPLAY_H
#define EPML_TIMING_REPLAY_H

#include "timing_result.h"

/* ---- Parsed traces (replay_parse.c) ------------------------------------------------------ */

#define REPLAY_ARGS	5

/* A number in a trace: NUMBER[+STEP]; STEP is added for each turn of the innermost loop. */
struct replay_number {
	uint64_t base, step;
};

struct replay;

struct replay_verb {
	const char *name;
	/* A letter for each argument: n number, c cost, t name, w one of "words". Those after "?"
	 * may be left out. */
	const char *args;
	const char *const *words;	/* ends with NULL; their index is the number */
	const char *usage;
	void (*run)(struct replay *r);
};

struct replay_record {
	unsigned line;
	unsigned n_args;
	const struct replay_verb *verb;
	struct replay_number arg[REPLAY_ARGS];
	char *name;			/* argument t, or NULL */
	unsigned partner;		/* repeat: record of its end; end: of its repeat */
};

struct replay_trace {
	const char *path;
	struct replay_record *records;
	unsigned n, space;
};

/**
 * Read and check a whole trace.
 * @return	0, or -1 after one line "path:line: what is wrong" on stderr
 */
int replay_parse(struct replay_trace *trace, const char *path);
void replay_trace_free(struct replay_trace *trace);

extern const struct replay_verb replay_verbs[];	/* ends with a NULL name; replay.c */

/* ---- Memory (replay_memory.c) ------------------------------------------------------------ */

/* What page walks read. Everything that was not written is 0. */
struct replay_memory {
	struct replay_page **pages;	/* hash table, a power of two */
	unsigned n, space;
	uint64_t next_table;		/* where the next paging structure goes */
	bool failed;			/* out of memory */
};

uint64_t replay_memory_read(const struct replay_memory *m, uint64_t hpa);
void replay_memory_write(struct replay_memory *m, uint64_t hpa, uint64_t value);
void replay_memory_free(struct replay_memory *m);

/**
 * Map a page in 4-level paging structures or EPT, as software would; tables are made as needed.
 * @param root		HPA of the top table
 * @param level		1, 2 or 3: 4-KByte, 2-MByte or 1-GByte page
 * @param table_bits	low bits of entries that lead to a table
 * @param leaf_bits	low bits of the entry of the page
 */
void replay_memory_map(struct replay_memory *m, uint64_t root, uint64_t from, uint64_t to,
		       unsigned level, uint64_t table_bits, uint64_t leaf_bits);

/* ---- Runs (replay.c) --------------------------------------------------------------------- */

/**
 * Run a trace on one logical processor.
 * @param result	release with timing_result_free()
 * @param timeline	stream for a time line, or NULL; the caller checks it
 * @return		0, or -1 after one line on stderr
 */
int replay_run(struct timing_result *result, const struct replay_trace *trace,
	       const struct timing_processor *processor, enum timing_mode mode, FILE *timeline);

#endif
