/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Running of vectors. Results are cut into units that share a host and the design parameters; a
 * unit is one machine, or one run of Bochs (more if Bochs ends early), and units go on at the same
 * time in as many threads as there are jobs.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bochs_run.h"
#include "machine.h"
#include "romimage.h"
#include "run_vectors.h"
#include "trace_file.h"

#define BYTES_OF_HEADER sizeof(struct vi_header)

const char *const host_names[HOSTS] = { "model", "bochs", "stock" };

struct unit {
	struct result **results;
	unsigned n;
	size_t bytes;			/* of their vector image */
};

struct pool {
	const struct run_options *o;
	struct unit *units;
	unsigned n_units, next_unit;
	unsigned n_results, done;
	char *error;			/* first failure of the environment */
	pthread_mutex_t lock;
};

bool runs_on(const struct vector *v, enum host host)
{
	return host != ON_STOCK || (v->sdm && v->once);
}

/* ---- Results ---- */

static char *copy(const char *text)
{
	char *s = strdup(text);

	if (!s) {
		fprintf(stderr, "epml: out of memory\n");
		exit(2);
	}
	return s;
}

static void judge_stock(struct result *r, bool passed, bool gave_up, const char *text)
{
	char known[300];

	if (passed) {
		snprintf(known, sizeof(known), "passes, but defect %u of stock Bochs (%s) should "
			 "make it fail", r->v->stock_defect, r->v->stock_text);
		r->status = FAILED;
		r->text = copy(known);
		return;
	}
	snprintf(known, sizeof(known), "stock defect %u: %s", r->v->stock_defect,
		 r->v->stock_text);
	/* A crash or a hang shows something else than the defect. */
	r->status = gave_up ? FAILED : KNOWN;
	r->text = copy(gave_up ? text : known);
}

static void judge(struct pool *p, struct result *r, struct outcome *o)
{
	char text[600];
	const bool passed = outcome_compare(r->v, o, text, sizeof(text));

	if (r->host == ON_STOCK && r->v->stock_defect) {
		judge_stock(r, passed, o->failure[0], text);
	} else {
		r->status = passed ? PASSED : FAILED;
		r->text = passed ? NULL : copy(text);
	}
	if (p->o->keep_outcomes) {
		r->outcome = *o;
		memset(o, 0, sizeof(*o));
	}
	outcome_clear(o);
	pthread_mutex_lock(&p->lock);
	p->done++;
	if (p->o->progress)
		fprintf(stderr, "\r%u of %u on %-6s", p->done, p->n_results, host_names[r->host]);
	pthread_mutex_unlock(&p->lock);
}

static void environment_failed(struct pool *p, const char *text)
{
	pthread_mutex_lock(&p->lock);
	if (!p->error)
		p->error = copy(text);
	pthread_mutex_unlock(&p->lock);
}

/* ---- The standalone machine ---- */

static void machine_line(void *ctx, char kind, unsigned n, const uint64_t *v, const char *text)
{
	struct report r = { .kind = kind, .n = n < REPORT_NUMBERS ? n : REPORT_NUMBERS };

	if (r.n)
		memcpy(r.v, v, r.n * sizeof(*v));
	if (text)
		snprintf(r.text, sizeof(r.text), "%s", text);
	outcome_add(ctx, &r);
}

static void trace_title(const struct pool *p, const struct vector *v)
{
	if (p->o->trace)
		fprintf(p->o->trace, "# %s [%s%s]\n", v->id, profile_names[v->profile],
			v->param_text);
}

static void trace_event(void *ctx, const struct epml_event *event)
{
	char line[256];

	epml_event_format(event, line, sizeof(line));
	trace_line(ctx, line);
}

static void run_on_model(struct pool *p, const struct unit *u)
{
	struct machine *m = machine_new(&u->results[0]->v->params,
					p->o->trace ? trace_event : NULL, p->o->trace);

	if (!m)
		environment_failed(p, "out of memory");
	for (unsigned i = 0; m && i < u->n && !bochs_stopped(); i++) {
		struct result *r = u->results[i];
		struct outcome o = { .n = 0 };

		trace_title(p, r->v);
		machine_run(m, r->v->compiled->record, machine_line, &o);
		judge(p, r, &o);
	}
	if (m)
		machine_free(m);
}

/* ---- Bochs ---- */

/* One run of Bochs: what is left of a unit. */
struct bochs_state {
	struct pool *pool;
	struct result **results;
	unsigned n;
	unsigned next;			/* vectors before it have ended */
	bool open;			/* vector "next" has begun */
	struct outcome outcome;
};

static bool begin_vector(struct bochs_state *s, const struct report *r)
{
	if (s->open || r->v[0] != s->next || s->next == s->n)
		return false;
	s->open = true;
	trace_title(s->pool, s->results[s->next]->v);
	return true;
}

static bool end_vector(struct bochs_state *s, const struct report *r)
{
	if (r->v[0] != s->next)
		return false;
	outcome_add(&s->outcome, r);
	judge(s->pool, s->results[s->next], &s->outcome);
	s->next++;
	s->open = false;
	return true;
}

static bool bochs_line(void *ctx, const char *line)
{
	struct bochs_state *s = ctx;
	struct report r;
	bool good;

	if (!strncmp(line, "t ", 2)) {
		if (s->open)
			trace_line(s->pool->o->trace, line + 2);
		return true;
	}
	good = report_parse(line, &r);
	if (good && r.kind == 'V')
		good = begin_vector(s, &r);
	else if (good && s->open && r.kind == 'z')
		good = end_vector(s, &r);
	else if (good && s->open && r.kind != 'Z')
		outcome_add(&s->outcome, &r);
	/* Outside of vectors Bochs may print what it likes. */
	if (!good && s->open && !s->outcome.failure[0])
		snprintf(s->outcome.failure, sizeof(s->outcome.failure),
			 "unreadable output \"%.100s\"", line);
	return good;
}

static void fail_open_vector(struct bochs_state *s, enum bochs_end end, const char *text)
{
	snprintf(s->outcome.failure, sizeof(s->outcome.failure), "Bochs %s in this vector: %s",
		 end == BOCHS_HUNG ? "hung" : "ended", text);
	judge(s->pool, s->results[s->next], &s->outcome);
	s->next++;
	s->open = false;
}

/* The bochsrc line of a unit's parameters. */
static void epml_line(const struct vector *v, char *line, size_t size)
{
	snprintf(line, size, "enabled=1, profile=%s%s", profile_names[v->profile], v->param_text);
}

static enum bochs_end run_bochs_once(struct bochs_state *s, char *text, size_t size)
{
	const struct result *first = s->results[0];
	const struct run_options *o = s->pool->o;
	const bool model = first->host == ON_BOCHS;
	char epml[160];
	const struct bochs_options options = {
		.program = model ? o->paths->bochs : o->paths->bochs_stock,
		.rom = o->paths->rom, .epml = model ? epml : NULL,
		.trace_lines = model && o->trace, .timeout = o->timeout,
	};
	const struct compiled **records = calloc(s->n, sizeof(*records));
	enum bochs_end end;
	size_t bytes;
	void *image;

	epml_line(first->v, epml, sizeof(epml));
	for (unsigned i = 0; records && i < s->n; i++)
		records[i] = s->results[i]->v->compiled;
	if (!records) {
		snprintf(text, size, "out of memory");
		return BOCHS_FAILED;
	}
	image = vi_image(records, s->n, &bytes);
	end = bochs_run(&options, image, bytes, bochs_line, s, text, size);
	free(image);
	free(records);
	return end;
}

/*
 * Run a unit. When Bochs ends or hangs, the vector that it was in fails and the rest goes on in a
 * new run; a run that does not even begin its first vector is a failure of the environment.
 */
static void run_on_bochs(struct pool *p, const struct unit *u)
{
	unsigned done = 0;

	while (done < u->n && !bochs_stopped()) {
		struct bochs_state s = {
			.pool = p, .results = u->results + done, .n = u->n - done
		};
		char text[400] = "", line[500];
		enum bochs_end end = run_bochs_once(&s, text, sizeof(text));

		if (s.open && end != BOCHS_STOPPED)
			fail_open_vector(&s, end, text);
		outcome_clear(&s.outcome);
		if (end == BOCHS_STOPPED || !s.next) {
			snprintf(line, sizeof(line), "%s: no vector has begun: %s",
				 s.results[0]->host == ON_BOCHS ? p->o->paths->bochs
								: p->o->paths->bochs_stock,
				 text[0] ? text : "the ROM has ended");
			environment_failed(p, line);
			return;
		}
		done += s.next;
	}
}

/* ---- Units ---- */

static bool same_unit(const struct result *a, const struct result *b)
{
	if (a->host != b->host)
		return false;
	return a->host == ON_STOCK ||
	       (a->v->profile == b->v->profile && !strcmp(a->v->param_text, b->v->param_text));
}

/* The unit that takes a result, or a new one. */
static struct unit *find_unit(struct pool *p, const struct result *r, unsigned max_results)
{
	const size_t bytes = r->v->compiled->record->size;
	struct unit *u;

	for (u = p->units; u < p->units + p->n_units; u++)
		if (same_unit(u->results[0], r) && u->n < max_results &&
		    u->bytes + bytes <= ROMIMAGE_MAX_VECTORS)
			return u;
	p->units = array_grow(p->units, p->n_units, sizeof(*p->units));
	u = &p->units[p->n_units++];
	memset(u, 0, sizeof(*u));
	u->bytes = BYTES_OF_HEADER;
	return u;
}

static void make_units(struct pool *p, struct result *results, unsigned n)
{
	/* With several jobs, small units keep all of them busy to the end. */
	const unsigned max_results = p->o->jobs > 1 ? n / (4 * p->o->jobs) + 16 : n;

	for (unsigned i = 0; i < n; i++) {
		struct unit *u = find_unit(p, &results[i], max_results);

		u->results = array_grow(u->results, u->n, sizeof(*u->results));
		u->results[u->n++] = &results[i];
		u->bytes += results[i].v->compiled->record->size;
	}
}

static void *worker(void *ctx)
{
	struct pool *p = ctx;

	for (;;) {
		unsigned next;
		bool stop;

		pthread_mutex_lock(&p->lock);
		next = p->next_unit++;
		stop = p->error != NULL;
		pthread_mutex_unlock(&p->lock);
		if (stop || next >= p->n_units || bochs_stopped())
			return NULL;
		if (p->units[next].results[0]->host == ON_MODEL)
			run_on_model(p, &p->units[next]);
		else
			run_on_bochs(p, &p->units[next]);
	}
}

static void run_workers(struct pool *p)
{
	const unsigned max = p->o->jobs < p->n_units ? p->o->jobs : p->n_units;
	pthread_t threads[64];
	unsigned n = 0;

	while (n + 1 < max && n < sizeof(threads) / sizeof(threads[0]) &&
	       !pthread_create(&threads[n], NULL, worker, p))
		n++;
	worker(p);
	while (n)
		pthread_join(threads[--n], NULL);
}

int run_vectors(const struct run_options *o, struct result *results, unsigned n, char *text,
		size_t size)
{
	struct pool p = { .o = o, .n_results = n, .lock = PTHREAD_MUTEX_INITIALIZER };
	int status;

	make_units(&p, results, n);
	run_workers(&p);
	if (o->progress)
		fprintf(stderr, "\r%*s\r", 40, "");
	status = p.error ? -1 : 0;
	if (p.error)
		snprintf(text, size, "%s", p.error);
	for (unsigned i = 0; i < p.n_units; i++)
		free(p.units[i].results);
	free(p.units);
	free(p.error);
	return status;
}
