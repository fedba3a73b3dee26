/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine.h"
#include "trial.h"

/* ---- The standalone machine --------------------------------------------------------------- */

struct model_run {
	struct trial *t;
	struct watch watch;
	unsigned ve_count;
	uint64_t ve_qualification;
};

static void model_event(void *ctx, const struct epml_event *ev)
{
	struct model_run *r = ctx;

	if (ev->type == EPML_EV_VE) {
		r->ve_count++;
		r->ve_qualification = ev->value;
	}
	watch_event(&r->watch, ev);
}

static void model_line(void *ctx, char kind, unsigned n, const uint64_t *v, const char *text)
{
	struct model_run *r = ctx;
	struct trial *t = r->t;
	struct report line = { .kind = kind, .n = n < REPORT_NUMBERS ? n : REPORT_NUMBERS };

	if (line.n)
		memcpy(line.v, v, line.n * sizeof(*v));
	if (text)
		snprintf(line.text, sizeof(line.text), "%s", text);
	t->facts = array_grow(t->facts, t->model.n, sizeof(*t->facts));
	t->facts[t->model.n] = (struct line_facts){
		.pml_index = watch_pml_index(&r->watch),
		.ve_count = r->ve_count, .ve_qualification = r->ve_qualification,
		.granted = r->watch.n_granted, .denied = r->watch.n_denied,
		.refused_above = r->watch.n_refused_above };
	outcome_add(&t->model, &line);
}

static void found_property(struct trial *t, const char *text)
{
	t->finding.kind = FOUND_PROPERTY;
	snprintf(t->finding.text, sizeof(t->finding.text), "on the model: %s", text);
}

static int run_on_machine(struct trial *trials, unsigned n)
{
	struct model_run r = { .t = NULL };
	struct machine *m = machine_new(&trials[0].c->v.params, model_event, &r);

	if (!m)
		return -1;
	for (unsigned i = 0; i < n; i++) {
		if (!trials[i].runs)
			continue;
		r.t = &trials[i];
		r.ve_count = 0;
		r.ve_qualification = 0;
		watch_begin(&r.watch, m);
		machine_run(m, trials[i].p.compiled.record, model_line, &r);
		if (r.watch.text[0])
			found_property(&trials[i], r.watch.text);
	}
	machine_free(m);
	return 0;
}

/* ---- Other hosts -------------------------------------------------------------------------- */

/* A vector in which Bochs ended or hung has that as its last line. */
static void end_with_failure(struct outcome *o)
{
	struct report r = { .kind = '!' };

	if (!o->failure[0])
		return;
	snprintf(r.text, sizeof(r.text), "%.110s", o->failure);
	outcome_add(o, &r);
}

static void found_difference(struct trial *t, enum host host, const struct difference *d)
{
	struct finding *f = &t->finding;

	f->kind = FOUND_DIFFERENCE;
	f->host = host;
	f->d = *d;
	difference_text(d, host_names[host], f->text, sizeof(f->text));
	if (d->model) {
		f->model_report = *d->model;
		f->d.model = &f->model_report;
	}
	if (d->other) {
		f->other_report = *d->other;
		f->d.other = &f->other_report;
	}
}

struct judgement {
	struct trial_options *o;
	struct trial *t;
	struct outcome *stock;
};

static bool same_for_stock(void *ctx, const struct difference *d)
{
	struct judgement *j = ctx;
	unsigned defect = defect_of(j->t, d, j->stock);

	if (undefined_fields(d))
		return true;
	if (!defect || !defect_is_local(defect))
		return false;
	j->o->known[defect]++;
	return true;
}

static void judge(struct trial_options *o, struct trial *t, enum host host, struct outcome *other)
{
	struct judgement j = { o, t, other };
	struct differences list;

	end_with_failure(other);
	outcome_difference(&t->model, other, &list, host == ON_STOCK ? same_for_stock : NULL, &j);
	for (unsigned i = 0; i < list.n && t->finding.kind == FOUND_NOTHING; i++) {
		unsigned defect = host == ON_STOCK ? defect_of(t, &list.d[i], other) : 0;

		if (defect)
			o->known[defect]++;
		else
			found_difference(t, host, &list.d[i]);
	}
}

static int run_on_host(struct trial_options *o, struct trial *trials, unsigned n, enum host host,
		       char *text, size_t size)
{
	struct result *results = calloc(n, sizeof(*results));
	struct trial **of = calloc(n, sizeof(*of));
	unsigned count = 0;
	int status = -1;

	for (unsigned i = 0; results && of && i < n; i++) {
		if (!trials[i].runs || !runs_on(&trials[i].p.v, host))
			continue;
		of[count] = &trials[i];
		results[count].v = &trials[i].p.v;
		results[count++].host = host;
	}
	if (results && of)
		status = run_vectors(&o->run, results, count, text, size);
	else
		snprintf(text, size, "out of memory");
	for (unsigned i = 0; i < count; i++) {
		if (!status)
			judge(o, of[i], host, &results[i].outcome);
		outcome_clear(&results[i].outcome);
		free(results[i].text);
	}
	free(results);
	free(of);
	return status;
}

int trials_run(struct trial_options *o, struct trial *trials, unsigned n, char *text, size_t size)
{
	const bool compared = o->hosts & ~(1u << ON_MODEL);

	for (unsigned i = 0; i < n; i++)
		trials[i].runs = program_make(&trials[i].p, trials[i].c, compared);
	if (n && run_on_machine(trials, n)) {
		snprintf(text, size, "out of memory");
		return -1;
	}
	for (int host = ON_BOCHS; host < HOSTS; host++)
		if ((o->hosts & 1u << host) &&
		    run_on_host(o, trials, n, (enum host)host, text, size))
			return -1;
	return 0;
}

void trials_free(struct trial *trials, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		if (trials[i].runs)
			program_free(&trials[i].p);
		outcome_clear(&trials[i].model);
		free(trials[i].facts);
	}
}
