/* SPDX-License-Identifier: BSD-2-Clause */
/* Results in memory, and as they are written. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "timing_result.h"

/* ---- Cycles ------------------------------------------------------------------------------ */

void timing_cycles_add(struct timing_cycles *c, const struct timing_price *price,
		       const uint64_t *count, int cause)
{
	for (unsigned i = 0; i < TIMING_N_COSTS; i++) {
		if (!count[i] || (cause >= 0 && (int)timing_costs[i].cause != cause))
			continue;
		for (unsigned bound = 0; bound < TIMING_BOUNDS; bound++)
			c->milli[bound] += count[i] * price[i].milli[bound];
	}
}

void timing_result_sum(const struct timing_result *r, const char *phase,
		       uint64_t count[TIMING_N_COSTS])
{
	memset(count, 0, TIMING_N_COSTS * sizeof(*count));
	for (unsigned cpu = 0; cpu < r->n_cpus; cpu++) {
		for (unsigned p = 0; p < r->cpus[cpu].n_phases; p++) {
			const struct timing_result_phase *from = &r->cpus[cpu].phases[p];

			if (phase && strcmp(phase, from->name))
				continue;
			for (unsigned i = 0; i < TIMING_N_COSTS; i++)
				count[i] += from->count[i];
		}
	}
}

/* The first phase with this number, or with this name and a lower number. */
static const struct timing_result_phase *find_phase(const struct timing_result *r, unsigned id,
						    const char *name)
{
	for (unsigned cpu = 0; cpu < r->n_cpus; cpu++) {
		for (unsigned i = 0; i < r->cpus[cpu].n_phases; i++) {
			const struct timing_result_phase *p = &r->cpus[cpu].phases[i];

			if (name ? p->id < id && !strcmp(p->name, name) : p->id == id)
				return p;
		}
	}
	return NULL;
}

const char *timing_result_phase_name(const struct timing_result *r, unsigned id)
{
	const struct timing_result_phase *p = find_phase(r, id, NULL);

	return p && !find_phase(r, id, p->name) ? p->name : NULL;
}

struct timing_cycles timing_result_total(const struct timing_result *r)
{
	struct timing_cycles total = { { 0 } };
	uint64_t count[TIMING_N_COSTS];

	timing_result_sum(r, NULL, count);
	timing_cycles_add(&total, r->processor.price, count, TIMING_ALL_CAUSES);
	return total;
}

/* ---- From processors --------------------------------------------------------------------- */

static bool is_used(const uint64_t *count)
{
	for (unsigned i = 0; i < TIMING_N_COSTS; i++)
		if (count[i])
			return true;
	return false;
}

static void name_phase(struct timing_result_phase *p, const char *const *names)
{
	if (names && names[p->id])
		snprintf(p->name, sizeof(p->name), "%s", names[p->id]);
	else
		snprintf(p->name, sizeof(p->name), "phase %u", p->id);
}

static int take_cpu(struct timing_result_cpu *cpu, const struct timing *t,
		    const char *const *names)
{
	*cpu = (struct timing_result_cpu){
		.id = t->id, .insns = t->insns, .clock = t->clock, .idle = t->idle
	};
	cpu->phases = calloc(TIMING_PHASES, sizeof(*cpu->phases));
	if (!cpu->phases)
		return -1;
	for (unsigned id = 0; id < TIMING_PHASES; id++) {
		struct timing_result_phase *p = &cpu->phases[cpu->n_phases];

		if (!is_used(t->counts[id]))
			continue;
		p->id = id;
		name_phase(p, names);
		memcpy(p->count, t->counts[id], sizeof(p->count));
		cpu->n_phases++;
	}
	return 0;
}

int timing_result_take(struct timing_result *r, const struct timing *const *cpus, unsigned n,
		       const char *const *names)
{
	*r = (struct timing_result){ .processor = *cpus[0]->processor, .mode = cpus[0]->mode };
	r->hash = timing_processor_hash(&r->processor);
	r->cpus = calloc(n, sizeof(*r->cpus));
	if (!r->cpus)
		return -1;
	for (unsigned i = 0; i < n; i++) {
		if (take_cpu(&r->cpus[i], cpus[i], names)) {
			timing_result_free(r);
			return -1;
		}
		r->n_cpus++;
	}
	return 0;
}

void timing_result_free(struct timing_result *r)
{
	for (unsigned i = 0; i < r->n_cpus; i++)
		free(r->cpus[i].phases);
	free(r->cpus);
	r->cpus = NULL;
	r->n_cpus = 0;
}

/* ---- The file ---------------------------------------------------------------------------- */

static void write_text(FILE *out, const char *text)
{
	putc('"', out);
	for (; *text; text++) {
		const unsigned char c = (unsigned char)*text;

		if (c == '"' || c == '\\')
			fprintf(out, "\\%c", c);
		else
			fprintf(out, c < 0x20 ? "\\u%04x" : "%c", c);
	}
	putc('"', out);
}

static void write_processor(FILE *out, const struct timing_result *r)
{
	const struct timing_processor *p = &r->processor;

	fputs("  \"processor\": {\"name\": ", out);
	write_text(out, p->name);
	fprintf(out, ", \"hash\": \"%016" PRIx64 "\", \"khz\": %" PRIu64 "},\n", r->hash, p->khz);
	fputs("  \"geometry\": {", out);
	for (unsigned i = 0; i < TIMING_N_STRUCTURES; i++)
		fprintf(out, "%s\n    \"%s\": [%u, %u]", i ? "," : "", timing_structure_names[i],
			p->geometry[i].entries, p->geometry[i].ways);
	fputs("\n  },\n  \"prices\": {", out);
	for (unsigned i = 0; i < TIMING_N_COSTS; i++) {
		const struct timing_price *price = &p->price[i];

		fprintf(out, "%s\n    \"%s\": [%" PRIu64 ", %" PRIu64 ", %" PRIu64 ", \"%s\"]",
			i ? "," : "", timing_costs[i].name, price->milli[TIMING_LOW],
			price->milli[TIMING_LIKELY], price->milli[TIMING_HIGH],
			timing_status_names[price->status]);
	}
	fputs("\n  },\n", out);
}

static void write_phase(FILE *out, const struct timing_result_phase *p)
{
	const char *comma = "";

	fprintf(out, "      {\"id\": %u, \"name\": ", p->id);
	write_text(out, p->name);
	fputs(", \"counts\": {", out);
	for (unsigned i = 0; i < TIMING_N_COSTS; i++) {
		if (!p->count[i])
			continue;
		fprintf(out, "%s\n        \"%s\": %" PRIu64, comma, timing_costs[i].name,
			p->count[i]);
		comma = ",";
	}
	fputs("\n      }}", out);
}

static void write_cpu(FILE *out, const struct timing_result_cpu *cpu)
{
	fprintf(out, "    {\"id\": %u, \"instructions\": %" PRIu64 ", \"clock\": %" PRIu64
		", \"idle\": %" PRIu64 ", \"phases\": [", cpu->id, cpu->insns, cpu->clock,
		cpu->idle);
	for (unsigned i = 0; i < cpu->n_phases; i++) {
		fputs(i ? ",\n" : "\n", out);
		write_phase(out, &cpu->phases[i]);
	}
	fputs("\n    ]}", out);
}

void timing_result_write(FILE *out, const struct timing_result *r)
{
	const struct timing_cycles total = timing_result_total(r);

	fprintf(out, "{\n  \"format\": \"epml-timing 1\",\n  \"unit\": \"1/1000 cycle\",\n"
		"  \"mode\": \"%s\",\n", timing_mode_names[r->mode]);
	write_processor(out, r);
	fprintf(out, "  \"total\": [%" PRIu64 ", %" PRIu64 ", %" PRIu64 "],\n  \"cpus\": [\n",
		total.milli[TIMING_LOW], total.milli[TIMING_LIKELY], total.milli[TIMING_HIGH]);
	for (unsigned i = 0; i < r->n_cpus; i++) {
		fputs(i ? ",\n" : "", out);
		write_cpu(out, &r->cpus[i]);
	}
	fputs("\n  ]\n}\n", out);
}
