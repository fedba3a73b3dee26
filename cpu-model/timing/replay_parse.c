/* SPDX-License-Identifier: BSD-2-Clause */
#define _GNU_SOURCE
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "replay.h"

#define MAX_RECORDS	10000000u
#define MAX_DEPTH	8
#define MAX_REPEAT	UINT64_C(1000000000)

struct parser {
	struct replay_trace *trace;
	unsigned line;
	unsigned open[MAX_DEPTH], depth;	/* loops that have no end yet */
};

static int bad(const struct parser *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static int bad(const struct parser *p, const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "%s:%u: ", p->trace->path, p->line);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	return -1;
}

/* ---- Arguments --------------------------------------------------------------------------- */

/* Decimal or hexadecimal, no sign. */
static bool parse_digits(const char *text, const char **end, uint64_t *n)
{
	char *stop;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	*n = strtoull(text, &stop, text[1] == 'x' ? 16 : 10);
	*end = stop;
	return !errno;
}

static int parse_number(const struct parser *p, const char *text, struct replay_number *n)
{
	const char *end = text;

	n->step = 0;
	if (parse_digits(text, &end, &n->base) &&
	    (!*end || (*end == '+' && parse_digits(end + 1, &end, &n->step) && !*end)))
		return 0;
	return bad(p, "\"%s\" is not a number; expected NUMBER or NUMBER+STEP", text);
}

static int parse_cost(const struct parser *p, const char *text, struct replay_number *n)
{
	const int cost = timing_cost_find(text);

	if (cost < 0)
		return bad(p, "there is no event \"%s\"; \"epml timing --list costs\" prints all",
			   text);
	n->base = (uint64_t)cost;
	return 0;
}

static int parse_word(const struct parser *p, const struct replay_verb *verb, const char *text,
		      struct replay_number *n)
{
	for (unsigned i = 0; verb->words[i]; i++) {
		if (!strcmp(verb->words[i], text)) {
			n->base = i;
			return 0;
		}
	}
	return bad(p, "%s: there is no \"%s\"; expected %s", verb->name, text, verb->usage);
}

static int parse_name(const struct parser *p, const char *text, struct replay_record *r)
{
	if (strlen(text) >= TIMING_PHASE_NAME)
		return bad(p, "\"%s\" is too long; expected at most %d characters", text,
			   TIMING_PHASE_NAME - 1);
	r->name = strdup(text);
	return r->name ? 0 : bad(p, "out of memory");
}

static int parse_arg(const struct parser *p, char kind, const char *text, struct replay_record *r)
{
	struct replay_number *n = &r->arg[r->n_args];

	switch (kind) {
	case 'n':
		return parse_number(p, text, n);
	case 'c':
		return parse_cost(p, text, n);
	case 't':
		return parse_name(p, text, r);
	default:
		return parse_word(p, r->verb, text, n);
	}
}

static int parse_args(const struct parser *p, struct replay_record *r, char *rest)
{
	const char *kind = r->verb->args;
	bool optional = false;
	char *text;

	while ((text = strtok_r(NULL, " \t", &rest))) {
		if (*kind == '?') {
			optional = true;
			kind++;
		}
		if (!*kind)
			return bad(p, "%s: too many arguments; expected %s", r->verb->name,
				   r->verb->usage);
		if (parse_arg(p, *kind++, text, r))
			return -1;
		r->n_args++;
	}
	if (*kind && *kind != '?' && !optional)
		return bad(p, "%s: too few arguments; expected %s", r->verb->name, r->verb->usage);
	return 0;
}

/* ---- Records ----------------------------------------------------------------------------- */

static struct replay_record *add_record(struct replay_trace *trace)
{
	const unsigned space = trace->space ? trace->space * 2 : 256;
	struct replay_record *records;

	if (trace->n == trace->space) {
		records = realloc(trace->records, space * sizeof(*records));
		if (!records)
			return NULL;
		trace->records = records;
		trace->space = space;
	}
	trace->records[trace->n] = (struct replay_record){ .n_args = 0 };
	return &trace->records[trace->n++];
}

static const struct replay_verb *find_verb(const char *name)
{
	for (const struct replay_verb *v = replay_verbs; v->name; v++)
		if (!strcmp(v->name, name))
			return v;
	return NULL;
}

/* Loops: each "end" knows its "repeat" and the other way round. */
static int match_loops(struct parser *p, struct replay_record *r)
{
	const unsigned index = (unsigned)(r - p->trace->records);

	if (!strcmp(r->verb->name, "repeat")) {
		if (p->depth == MAX_DEPTH)
			return bad(p, "more than %d loops inside each other", MAX_DEPTH);
		if (!r->arg[0].base || r->arg[0].base > MAX_REPEAT)
			return bad(p, "repeat: expected 1 to %llu turns",
				   (unsigned long long)MAX_REPEAT);
		p->open[p->depth++] = index;
	} else if (!strcmp(r->verb->name, "end")) {
		if (!p->depth)
			return bad(p, "end: there is no repeat that it ends");
		r->partner = p->open[--p->depth];
		p->trace->records[r->partner].partner = index;
	}
	return 0;
}

static int parse_line(struct parser *p, char *line)
{
	struct replay_record *r;
	char *rest, *verb;

	line[strcspn(line, "#\r\n")] = '\0';
	verb = strtok_r(line, " \t", &rest);
	if (!verb)
		return 0;
	if (p->trace->n == MAX_RECORDS)
		return bad(p, "more than %u records", MAX_RECORDS);
	r = add_record(p->trace);
	if (!r)
		return bad(p, "out of memory");
	r->line = p->line;
	r->verb = find_verb(verb);
	if (!r->verb)
		return bad(p, "there is no verb \"%s\"; expected one of docs/timing.md", verb);
	return parse_args(p, r, rest) ? -1 : match_loops(p, r);
}

static int parse_lines(struct parser *p, FILE *in)
{
	char *line = NULL;
	size_t size = 0;
	ssize_t length;
	int status = 0;

	while (!status && (length = getline(&line, &size, in)) >= 0) {
		p->line++;
		status = strlen(line) == (size_t)length ? parse_line(p, line)
							: bad(p, "a NUL byte; expected text");
	}
	free(line);
	if (!status && ferror(in))
		return bad(p, "cannot be read (%s)", strerror(errno));
	if (!status && p->depth) {
		p->line = p->trace->records[p->open[p->depth - 1]].line;
		return bad(p, "repeat: there is no end");
	}
	return status;
}

int replay_parse(struct replay_trace *trace, const char *path)
{
	struct parser p = { .trace = trace };
	FILE *in = fopen(path, "re");
	int status;

	*trace = (struct replay_trace){ .path = path };
	if (!in) {
		fprintf(stderr, "%s:1: cannot be read (%s); expected a trace\n", path,
			strerror(errno));
		return -1;
	}
	status = parse_lines(&p, in);
	fclose(in);
	if (status)
		replay_trace_free(trace);
	return status;
}

void replay_trace_free(struct replay_trace *trace)
{
	for (unsigned i = 0; i < trace->n; i++)
		free(trace->records[i].name);
	free(trace->records);
	trace->records = NULL;
	trace->n = trace->space = 0;
}
