/* SPDX-License-Identifier: BSD-2-Clause */
#define _GNU_SOURCE
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "asm_timing.h"
#include "bochs_dir.h"
#include "cli_error.h"
#include "newfile.h"
#include "timing_run.h"

#define PHASE_ROM	0u		/* as the ROM marks phases (rom.h) */
#define PHASE_PROGRAM	1u

int asm_timing_mode(struct asm_timing *t, const char *text)
{
	if (strcmp(text, "events") && strcmp(text, "full"))
		return cli_error("--timing %s: expected events or full", text);
	t->mode = *text == 'f' ? TIMING_FULL : TIMING_EVENTS;
	return 0;
}

/* ---- The run ----------------------------------------------------------------------------- */

static int check_unused(const struct asm_timing *t)
{
	if (t->costs || t->save || t->timeline)
		return cli_error("--%s is for --timing",
				 t->costs ? "costs" : t->save ? "timing-out" : "timeline");
	return 0;
}

int asm_timing_begin(struct asm_timing *t, const struct paths *paths, const char *directory)
{
	char *path;

	if (t->mode == TIMING_OFF)
		return check_unused(t);
	path = timing_find_costs(paths->costs, t->costs);
	t->file = path ? bochs_absolute_path(path) : NULL;
	free(path);
	if (!t->file)
		return STATUS_BAD;
	if (asprintf(&t->output, "%s/timing.json", directory) < 0)
		t->output = NULL;
	if (asprintf(&t->events, "%s/timeline.json", directory) < 0)
		t->events = NULL;
	return t->output && t->events ? 0 : cli_error("out of memory");
}

char *asm_timing_option(const struct asm_timing *t)
{
	char *text;

	if (t->mode == TIMING_OFF)
		return strdup("");
	if (asprintf(&text, ", timing=%s, costs=%s, timing-out=%s, phase=%u:rom, "
		     "phase=%u:program%s%s",
		     timing_mode_names[t->mode], t->file, t->output, PHASE_ROM, PHASE_PROGRAM,
		     t->timeline ? ", timeline=" : "", t->timeline ? t->events : "") < 0)
		return NULL;
	return text;
}

static int keep(const char *from, const char *to)
{
	FILE *in = fopen(from, "re");
	struct newfile file;
	int c, status = 0;

	if (!in)
		return cli_error("%s: %s", from, strerror(errno));
	if (newfile_open(&file, to)) {
		status = cli_error("%s: %s", to, strerror(errno));
	} else {
		while ((c = getc(in)) != EOF)
			putc(c, file.out);
		if (newfile_close(&file, !ferror(in)))
			status = cli_error("%s: %s", to, strerror(errno));
	}
	fclose(in);
	return status;
}

int asm_timing_read(struct asm_timing *t)
{
	int status;

	if (t->mode == TIMING_OFF)
		return 0;
	status = timing_read_result(&t->result, t->output, NULL);
	if (!status && t->save)
		status = keep(t->output, t->save);
	if (!status && t->timeline)
		status = keep(t->events, t->timeline);
	return status;
}

void asm_timing_free(struct asm_timing *t)
{
	timing_result_free(&t->result);
	free(t->file);
	free(t->output);
	free(t->events);
}

/* ---- Its result -------------------------------------------------------------------------- */

/* One processor: its phases but that of the ROM. */
static const struct timing_result_phase *next_phase(const struct timing_result *r, unsigned *i)
{
	while (r->n_cpus && *i < r->cpus[0].n_phases) {
		const struct timing_result_phase *p = &r->cpus[0].phases[(*i)++];

		if (p->id != PHASE_ROM)
			return p;
	}
	return NULL;
}

static struct timing_cycles cycles_of(const struct timing_result *r,
				      const struct timing_result_phase *p, int cause)
{
	struct timing_cycles c = { { 0 } };

	timing_cycles_add(&c, r->processor.price, p->count, cause);
	return c;
}

static void print_row(FILE *out, const char *name, const struct timing_cycles *c, uint64_t whole)
{
	fprintf(out, "    %-14s %12.1f  (%.1f to %.1f)", name,
		(double)c->milli[TIMING_LIKELY] / 1000, (double)c->milli[TIMING_LOW] / 1000,
		(double)c->milli[TIMING_HIGH] / 1000);
	if (whole)
		fprintf(out, "  %.1f %%", 100.0 * (double)c->milli[TIMING_LIKELY] / (double)whole);
	putc('\n', out);
}

static void print_phase(FILE *out, const struct timing_result *r,
			const struct timing_result_phase *p)
{
	const struct timing_cycles total = cycles_of(r, p, TIMING_ALL_CAUSES);

	if (p->id == PHASE_PROGRAM)
		fprintf(out, "\ncycles of the program\n");
	else
		fprintf(out, "\ncycles of phase %u\n", p->id);
	for (int cause = 0; cause < TIMING_N_CAUSES; cause++) {
		const struct timing_cycles c = cycles_of(r, p, cause);

		if (c.milli[TIMING_HIGH])
			print_row(out, timing_causes[cause].name, &c, total.milli[TIMING_LIKELY]);
	}
	print_row(out, "total", &total, 0);
}

void asm_timing_print(FILE *out, const struct asm_timing *t)
{
	const struct timing_result_phase *p;
	unsigned i = 0;

	if (t->mode == TIMING_OFF)
		return;
	while ((p = next_phase(&t->result, &i)))
		print_phase(out, &t->result, p);
	fprintf(out, "    %s, mode %s\n", t->result.processor.name, timing_mode_names[t->mode]);
}

static json_t *range(const struct timing_cycles *c)
{
	return json_pack("[I, I, I]", (json_int_t)c->milli[TIMING_LOW],
			 (json_int_t)c->milli[TIMING_LIKELY], (json_int_t)c->milli[TIMING_HIGH]);
}

static json_t *phase_json(const struct timing_result *r, const struct timing_result_phase *p)
{
	const struct timing_cycles total = cycles_of(r, p, TIMING_ALL_CAUSES);
	json_t *causes = json_object(), *counts = json_object();

	for (int cause = 0; cause < TIMING_N_CAUSES; cause++) {
		const struct timing_cycles c = cycles_of(r, p, cause);

		if (c.milli[TIMING_HIGH])
			json_object_set_new(causes, timing_causes[cause].name, range(&c));
	}
	for (unsigned i = 0; i < TIMING_N_COSTS; i++)
		if (p->count[i])
			json_object_set_new(counts, timing_costs[i].name,
					    json_integer((json_int_t)p->count[i]));
	return json_pack("{s:i, s:o, s:o, s:o}", "phase", (int)p->id, "total", range(&total),
			 "causes", causes, "counts", counts);
}

json_t *asm_timing_json(const struct asm_timing *t)
{
	const struct timing_result_phase *p;
	json_t *phases = json_array();
	unsigned i = 0;

	while ((p = next_phase(&t->result, &i)))
		json_array_append_new(phases, phase_json(&t->result, p));
	return json_pack("{s:s, s:s, s:s, s:o}", "unit", "1/1000 cycle: low, likely, high",
			 "processor", t->result.processor.name, "mode",
			 timing_mode_names[t->mode], "phases", phases);
}
