/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The experiment: ooh-bench (guest-firmware/linux/bench) in a guest on Xen, with each technique at
 * each size, in one or both profiles. Its result lines and the cycle count of the same run become
 * rows; tables, plots and the verdict are made of rows.
 *
 * A directory holds what was recorded: PROFILE.lines and PROFILE.timing.json. Everything else can
 * be made from these again.
 */
#ifndef EPML_EXPERIMENT_H
#define EPML_EXPERIMENT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <jansson.h>

#include "formulas.h"
#include "table.h"
#include "timing_result.h"
#include "vector.h"

#define XP_MAX_MB	1024u
#define XP_SIZES	7u		/* as many as there are published ones */
#define XP_TEXT		200

/* As the guest's programs name them; XP_ALONE is the program without a tracker, the base line. */
enum xp_technique {
	XP_PROC, XP_UFD, XP_UFD_ASYNC, XP_SPML, XP_SPML_INDEXED, XP_EPML, XP_ORACLE, XP_ALONE,
	XP_TECHNIQUES
};

extern const char *const xp_technique_names[XP_TECHNIQUES];

enum xp_outcome {
	XP_OK,
	XP_FAILED,		/* the technique said so */
	XP_LEFT_OUT,		/* it would have taken too much time or memory */
	XP_MISSING,		/* the guest ended without a word about it */
	XP_OUTCOMES
};

/* Parts of a run that the cycle count tells apart; the base line has PART_TRACKED only. */
enum xp_part { XP_SETUP, XP_TRACKED, XP_COLLECT, XP_REARM, XP_STOP, XP_PARTS };

extern const char *const xp_part_names[XP_PARTS];

/* Numbers in result lines. The first are those of every run, in cycles of the guest's TSC. */
#define XP_NUMBERS(X) \
	X(TSC_KHZ, "tsc_khz") \
	X(MADE, "made") \
	X(WRITTEN, "written") \
	X(ELAPSED, "elapsed") \
	X(CPU_TRACKED, "tracked") \
	X(CPU_TRACKER, "tracker") \
	X(SET_UP, "setup") \
	X(SHUT_DOWN, "stop") \
	X(ROUNDS, "rounds") \
	X(DIRTY, "dirty") \
	X(REPORTED, "reported") \
	X(MISSED, "missed") \
	X(SPURIOUS, "spurious") \
	X(SYSCALLS, "syscalls") \
	X(FAULTS, "faults") \
	X(ENTRIES, "entries") \
	X(DUPLICATES, "duplicates") \
	X(FOREIGN, "foreign") \
	X(LOST, "lost") \
	X(OVERFLOWS, "overflows") \
	X(LOOKUPS, "lookups") \
	X(NOTIFICATIONS, "notifications") \
	X(SWITCHES, "switches") \
	X(SPILLS, "spills") \
	X(CALLS, "calls") \
	X(VMACCESSES, "vmaccesses")

enum xp_number {
#define XP_ENUM(ID, name) XPN_##ID,
	XP_NUMBERS(XP_ENUM)
#undef XP_ENUM
	XP_N_NUMBERS
};

#define XP_ALONE_NUMBERS	(XPN_CPU_TRACKER + 1)	/* a base line has those before */

extern const char *const xp_number_names[XP_N_NUMBERS];

struct xp_row {
	enum profile profile;
	enum xp_technique technique;
	unsigned mb;
	enum xp_outcome outcome;
	char text[XP_TEXT];			/* unless it is XP_OK: why */
	uint64_t number[XP_N_NUMBERS];
	unsigned phase[XP_PARTS];		/* of the cycle count; 0: none */
	bool counted;				/* there are counters: */
	uint64_t count[XP_PARTS][TIMING_N_COSTS];
};

/* What a run was asked for: the rows that there have to be. */
struct xp_plan {
	unsigned mb[XP_SIZES], n_sizes;
	bool technique[XP_TECHNIQUES];		/* XP_ALONE always */
	unsigned rounds;			/* those that are timed */
};

struct experiment {
	struct xp_plan plan;
	bool profile[PROFILES];
	struct timing_result timing[PROFILES];	/* empty if the run was not counted */
	struct xp_row *rows;		/* by profile, size, technique; the base line first */
	unsigned n;
};

/* ---- Recording and reading (lines.c, load.c) -------------------------------------- */

/**
 * Read one result line.
 * @param text	JSON, without "EPML-RESULT "
 * @param error	set to what is wrong
 * @return	1: a row, 0: the line of the end, -1: not a result line of ooh-bench
 */
int xp_parse_line(struct xp_row *row, const char *text, char error[XP_TEXT]);

/* A line of a file; path and number are for messages. @return 0 or STATUS_BAD */
typedef int xp_take_line_fn(void *ctx, enum profile profile, const char *path, unsigned number,
			    const char *text);

/**
 * Read the lines that a profile's run has left in a directory, until one is refused.
 * @return	0, or STATUS_BAD after one line on standard error
 */
int xp_read_lines(const char *directory, enum profile profile, xp_take_line_fn *take, void *ctx);

/**
 * Read what a directory holds: plan.json, and for each profile in it lines and cycle count.
 * @param x	release with xp_free()
 * @return	0, or STATUS_BAD after one line on standard error, with nothing to free
 */
int xp_load(struct experiment *x, const char *directory);
void xp_free(struct experiment *x);

/** Write plan.json. @return 0, or STATUS_BAD after one line on standard error */
int xp_write_plan(const char *directory, const struct xp_plan *plan, const bool *profile);

/** The row of the base line to this row; NULL unless both have numbers. */
const struct xp_row *xp_alone(const struct experiment *x, const struct xp_row *row);

/* ---- What rows say (values.c) ------------------------------------------------------------- */

/**
 * Duration of a program that makes the array and writes to it once, with a tracker to that without,
 * which is what was published (docs/experiment.md); 0 if unknown.
 */
double xp_slowdown(const struct experiment *x, const struct xp_row *row);

/** The same of rounds alone, when the array is there. */
double xp_slowdown_rounds(const struct experiment *x, const struct xp_row *row);

/** The same of Tracked's turns in the rounds, without what passes while it rests. */
double xp_slowdown_tracked(const struct experiment *x, const struct xp_row *row);

/** CPU time of the tracker in cycles, without what taking turns costs. */
double xp_tracker_cycles(const struct experiment *x, const struct xp_row *row);

/** Counted cycles of a part, at likely prices. */
double xp_part_cycles(const struct experiment *x, const struct xp_row *row, enum xp_part part);

/** A cost's count while Tracked wrote and its pages were collected. */
uint64_t xp_count(const struct xp_row *row, enum timing_cost cost);

/** VM exits in the same time. */
uint64_t xp_exits(const struct xp_row *row);

/**
 * May nothing be missed here? Only the published design of EPML is known to lose pages.
 */
bool xp_must_be_complete(const struct xp_row *row);

/** Exit status: 0, or STATUS_FAILED if a row that must not has missed pages, or has no result. */
int xp_verdict(const struct experiment *x);

/* ---- Published figures (published.c) ----------------------------------------------------- */

#define XP_FIGURES	64u

enum xp_figure_kind {
	XPF_SLOWDOWN,		/* of a technique: duration with it to that without */
	XPF_TRACKED,		/* of a technique: what it adds to Tracked, in % */
	XPF_TRACKER,		/* ... and to Tracker */
	XPF_COST,		/* of something that is done with all pages, in ms */
	XPF_KINDS
};

struct xp_figure {
	enum xp_figure_kind kind;
	char name[32], source[XP_TEXT];
	unsigned n, mb[XP_SIZES];
	double value[XP_SIZES];
};

struct xp_published {
	struct xp_figure figure[XP_FIGURES];
	unsigned n;
};

/** Read published figures. @return 0, or STATUS_BAD after one line on standard error */
int xp_published_load(struct xp_published *p, const char *path);

/** A figure at a size; 0 if there is none. */
double xp_published(const struct xp_published *p, enum xp_figure_kind kind, const char *name,
		    unsigned mb);

/* ---- Output ------------------------------------------------------------------------------- */

/** All as JSON (json.c). @return NULL if memory is short */
json_t *xp_json(const struct experiment *x, const struct xp_published *p);

/** One line for each row (csv.c). The caller checks the stream. */
void xp_write_csv(FILE *out, const struct experiment *x, const struct xp_published *p);

/* Tables (rows_table.c); release with table_free(). */
void xp_table_rows(struct table *t, const struct experiment *x, const struct xp_published *p);
void xp_table_events(struct table *t, const struct experiment *x);
void xp_table_parts(struct table *t, const struct experiment *x, const struct xp_published *p);

/** Table of the published formulas (formulas_table.c). */
void xp_table_formulas(struct table *t, const struct experiment *x);

/** Paragraphs that say how the run compares (text.c). */
void xp_write_text(FILE *out, const struct experiment *x, const struct xp_published *p);

/** Slowdowns of a profile as SVG (plot.c). @param svg to be freed @return as xp_plot() */
int xp_plot_slowdown(const struct experiment *x, const struct xp_published *p, unsigned profile,
		     char **svg);

/** Plots into a directory (plot.c). @return 0, or STATUS_BAD after one line */
int xp_plot(const char *directory, const struct experiment *x, const struct xp_published *p);

#endif
