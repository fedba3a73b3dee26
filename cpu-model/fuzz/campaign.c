/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bochs_run.h"
#include "campaign.h"
#include "expect.h"
#include "generate.h"
#include "shrink.h"

#define BATCH		100	/* vectors that share their parameters, and a run of Bochs */
#define MAX_WRITTEN	5	/* failing vectors that are made small */
#define MAX_FAILED	20	/* then it is enough */
#define COMPARED(hosts)	((hosts) & ~(1u << ON_MODEL))

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* ---- Parameters --------------------------------------------------------------------------- */

/* What the vectors of a batch have in common; it depends on seed and number alone. */
struct flavour {
	enum profile profile;
	struct epml_params params;
	char text[160];			/* ", key=value" of what differs from the profile */
	bool sdm;
};

static void change(struct flavour *f, const char *key, const char *value)
{
	size_t used = strlen(f->text);

	if (!strcmp(epml_params_get(&f->params, key), value))
		return;
	epml_params_set(&f->params, key, value);
	snprintf(f->text + used, sizeof(f->text) - used, ", %s=%s", key, value);
}

static void random_parameters(struct flavour *f, struct rng *r)
{
	static const char *const values[][4] = {
		{ "trigger", "ept-dirty", "guest-dirty", "guest-dirty" },
		{ "translation", "at-vmwrite", "at-log", "at-log" },
		{ "full", "drop", "exit", "ve" },
		{ "notification", "when-full", "threshold", "threshold" },
		{ "walk-writes", "logged", "not-logged", "logged" },
	};

	for (unsigned i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		change(f, values[i][0], values[i][1 + rng_below(r, 3)]);
}

/* Both profiles and other combinations of the parameters, each half of the time. */
static struct flavour flavour_of(const struct campaign *c, uint64_t batch)
{
	struct rng r = rng_make(c->seed ^ 0xF1A5, batch);
	const bool model = c->trial.hosts & 1u << ON_BOCHS;
	struct flavour f = {
		.profile = c->profile < 0 ? batch % 2 : (enum profile)c->profile };

	/* Stock Bochs gets every third batch, or all if it is alone. */
	f.sdm = (c->trial.hosts & 1u << ON_STOCK) && (!model || batch % 3 == 2);
	epml_params_profile(&f.params, profile_names[f.profile]);
	if (c->profile < 0 && !f.sdm && batch % 4 >= 2)
		random_parameters(&f, &r);
	return f;
}

/* ---- Failing vectors ---------------------------------------------------------------------- */

static int write_small(struct campaign *c, struct fuzz_case *small, char *text, size_t size)
{
	struct trial_options o = c->trial;
	struct trial t = { .c = small };
	char path[4096];
	int status = trials_run(&o, &t, 1, text, size);

	snprintf(path, sizeof(path), "%s/fuzz-%" PRIu64 "-%" PRIu64 ".json", c->directory, c->seed,
		 small->number);
	if (!status)
		status = fuzz_save(&t, c->seed, path, text, size);
	if (!status)
		printf("     %u steps, %u pages: %s\n     written to %s\n", small->v.n_steps,
		       small->v.setup.n_pages, t.finding.text, path);
	trials_free(&t, 1);
	return status;
}

static int report_failure(struct campaign *c, const struct trial *t, char *text, size_t size)
{
	struct finding f = t->finding;
	struct fuzz_case small;
	int status;

	if (c->progress)
		fprintf(stderr, "\r%*s\r", 60, "");
	printf("FAIL vector %" PRIu64 " [%s%s]: %s\n", t->c->number, profile_names[t->c->v.profile],
	       t->c->v.param_text, f.text);
	fflush(stdout);
	if (c->failed++ >= MAX_WRITTEN)
		return 0;
	f.d.model = f.d.model ? &f.model_report : NULL;
	f.d.other = f.d.other ? &f.other_report : NULL;
	case_copy(&small, t->c);
	status = fuzz_shrink(&c->trial, &small, &f, text, size);
	if (!status && !bochs_stopped())
		status = write_small(c, &small, text, size);
	case_free(&small);
	fflush(stdout);
	return status;
}

/* ---- Batches ------------------------------------------------------------------------------ */

static void make_trials(struct campaign *c, const struct flavour *f, struct fuzz_case *cases,
			struct trial *trials, unsigned n)
{
	memset(trials, 0, n * sizeof(*trials));
	for (unsigned i = 0; i < n; i++) {
		case_init(&cases[i], f->profile, &f->params, f->text, f->sdm);
		fuzz_generate(&cases[i], c->seed, c->vectors + i);
		trials[i].c = &cases[i];
	}
}

static int run_batch(struct campaign *c, unsigned n, char *text, size_t size)
{
	static struct fuzz_case cases[BATCH];
	static struct trial trials[BATCH];
	const struct flavour f = flavour_of(c, c->vectors / BATCH);
	int status;

	make_trials(c, &f, cases, trials, n);
	status = trials_run(&c->trial, trials, n, text, size);
	for (unsigned i = 0; i < n; i++) {
		c->steps += cases[i].v.n_steps;
		if (!status && !trials[i].runs) {
			snprintf(text, size, "vector %" PRIu64 " contradicts itself",
				 cases[i].number);
			status = -1;
		}
		if (!status && trials[i].finding.kind != FOUND_NOTHING && !bochs_stopped())
			status = report_failure(c, &trials[i], text, size);
	}
	trials_free(trials, n);
	for (unsigned i = 0; i < n; i++)
		case_free(&cases[i]);
	c->vectors += n;
	return status;
}

static bool time_is_up(const struct campaign *c, double begin)
{
	if (c->count)
		return c->vectors >= c->count;
	return now() - begin >= 60.0 * c->minutes;
}

static void show_progress(const struct campaign *c, double begin)
{
	static double shown;

	if (!c->progress || now() - shown < 0.2)
		return;
	shown = now();
	fprintf(stderr, "\r%" PRIu64 " vectors, %" PRIu64 " failed, %.0f s ", c->vectors,
		c->failed, shown - begin);
}

int campaign_run(struct campaign *c, char *text, size_t size)
{
	const double begin = now();
	int status = 0;

	while (!status && !time_is_up(c, begin) && c->failed < MAX_FAILED && !bochs_stopped()) {
		unsigned n = BATCH;

		if (c->count && c->count - c->vectors < BATCH)
			n = (unsigned)(c->count - c->vectors);
		status = run_batch(c, n, text, size);
		show_progress(c, begin);
	}
	if (c->progress)
		fprintf(stderr, "\r%*s\r", 60, "");
	c->seconds = now() - begin;
	return status;
}
