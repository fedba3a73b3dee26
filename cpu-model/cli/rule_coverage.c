/* SPDX-License-Identifier: BSD-2-Clause */
/* What there is for each rule, and what is missing. */
#define _GNU_SOURCE
#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "rule_coverage.h"

static void finding(struct rule_coverage *c, const char *text)
{
	const size_t top = strlen(c->tree);

	if (!strncmp(text, c->tree, top) && text[top] == '/')
		text += top + 1;
	c->findings = array_grow(c->findings, c->n_findings, sizeof(*c->findings));
	c->findings[c->n_findings++] = arena_strdup(&c->arena, text);
}

static void missing(struct rule_coverage *c, const json_t *at, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* A finding that is to be mended at a line of rules.json. */
static void missing(struct rule_coverage *c, const json_t *at, const char *fmt, ...)
{
	char text[400];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	finding(c, arena_printf(&c->arena, "%s:%u: %s", c->rules.path,
				jsonfile_line(&c->rules, at), text));
}

/* ---- Designs ---------------------------------------------------------------------------- */

static bool in_a_profile(const struct spec_choice *choice)
{
	for (size_t i = 0; i < spec_profile_count; i++)
		if (!strcmp(spec_profiles[i].parameter, choice->parameter) &&
		    !strcmp(spec_profiles[i].value, choice->value))
			return true;
	return false;
}

static void add_design(struct rule_coverage *c, const struct design *d)
{
	if (c->n_designs < MAX_DESIGNS)
		c->designs[c->n_designs++] = *d;
}

static void find_designs(struct rule_coverage *c)
{
	for (int p = 0; p < PROFILES; p++)
		add_design(c, &(struct design){
			.name = profile_names[p], .profile = profile_names[p] });
	for (size_t i = 0; i < spec_choice_count; i++) {
		const struct spec_choice *choice = &spec_choices[i];

		if (!in_a_profile(choice))
			add_design(c, &(struct design){ .choice = choice,
				.name = arena_printf(&c->arena, "%s=%s", choice->parameter,
						     choice->value) });
	}
}

static const char *profile_value(const void *profile, const char *parameter)
{
	return spec_profile_value(profile, parameter);
}

static const char *vector_value(const void *params, const char *parameter)
{
	return epml_params_get(params, parameter);
}

static bool mentions(const struct spec_rule *rule, const struct spec_choice *choice)
{
	for (const struct spec_condition *when = rule->when; when->parameter; when++)
		if (!strcmp(when->parameter, choice->parameter) &&
		    !strcmp(when->value, choice->value))
			return true;
	return false;
}

/* Must there be a vector of this rule or property in this design? */
static bool holds(const struct covered *r, const struct design *d)
{
	if (!r->rule)
		return d->profile;
	if (d->profile)
		return spec_rule_applies(r->rule, profile_value, d->profile);
	return mentions(r->rule, d->choice);
}

/* Does a vector run this design? A profile counts only as it is, without changed parameters. */
static bool runs(const struct vector *v, const struct design *d)
{
	if (d->profile)
		return !strcmp(profile_names[v->profile], d->profile) && !*v->param_text;
	return !strcmp(vector_value(&v->params, d->choice->parameter), d->choice->value);
}

/* ---- Rules and properties --------------------------------------------------------------- */

static void add_evidence(struct rule_coverage *c, struct covered *r)
{
	const json_t *evidence = json_object_get(r->at, "evidence");
	const json_t *tests = json_object_get(evidence, "unit");
	json_t *test;
	size_t i;

	r->why = json_string_value(json_object_get(evidence, "why"));
	r->tests = arena_array(&c->arena, json_array_size(tests), const char *);
	json_array_foreach(tests, i, test)
		if (json_is_string(test))
			r->tests[r->n_tests++] = json_string_value(test);
}

static int add_rule(struct rule_coverage *c, const json_t *at)
{
	const char *id = json_string_value(json_object_get(at, "id"));
	struct covered *r = &c->list[c->n++];

	*r = (struct covered){ .id = id, .rule = id ? spec_rule_by_id(id) : NULL, .at = at };
	if (!r->rule) {
		jsonfile_error(&c->rules, at, "rule %s is newer than this program; expected one "
			       "of \"epml spec rules\"", id ? id : "without id");
		return -1;
	}
	add_evidence(c, r);
	return 0;
}

static int find_rules(struct rule_coverage *c, const char *path)
{
	const json_t *rules;
	json_t *rule;
	size_t i;

	if (jsonfile_load(&c->rules, path))
		return -1;
	rules = json_object_get(c->rules.root, "rules");
	if (!json_array_size(rules)) {
		jsonfile_error(&c->rules, c->rules.root, "expected a list \"rules\"");
		return -1;
	}
	c->list = arena_array(&c->arena, json_array_size(rules) + PROPERTIES, struct covered);
	json_array_foreach(rules, i, rule)
		if (add_rule(c, rule))
			return -1;
	for (unsigned p = 1; p <= PROPERTIES; p++) {
		c->list[c->n].id = arena_printf(&c->arena, "P%u", p);
		c->list[c->n++].property = p;
	}
	for (i = 0; i < c->n; i++)
		for (unsigned d = 0; d < c->n_designs; d++)
			c->list[i].holds[d] = holds(&c->list[i], &c->designs[d]);
	return 0;
}

/* ---- Vectors ---------------------------------------------------------------------------- */

static bool names(const struct vector *v, const struct covered *r)
{
	if (!r->rule)
		return v->properties & 1u << (r->property - 1);
	for (unsigned i = 0; i < v->n_rules; i++)
		if (!strcmp(v->rules[i], r->id))
			return spec_rule_applies(r->rule, vector_value, &v->params);
	return false;
}

static void add_vector(struct covered *r, unsigned design, const struct vector *v)
{
	unsigned *n = &r->n_vectors[design];

	/* Variants of a vector with other parameters have its id. */
	if (*n && !strcmp(r->vectors[design][*n - 1], v->id))
		return;
	r->vectors[design] = array_grow(r->vectors[design], *n, sizeof(v->id));
	r->vectors[design][(*n)++] = v->id;
}

static void find_vectors(struct rule_coverage *c, struct covered *r)
{
	for (unsigned d = 0; d < c->n_designs; d++)
		for (unsigned i = 0; i < c->vectors.n; i++)
			if (runs(c->vectors.vectors[i], &c->designs[d]) &&
			    names(c->vectors.vectors[i], r))
				add_vector(r, d, c->vectors.vectors[i]);
}

/* A rule that a vector names, but that holds in no variant of it. */
static void check_vector(struct rule_coverage *c, const struct vector *v, const char *id)
{
	const struct spec_rule *rule = spec_rule_by_id(id);

	for (unsigned i = 0; i < c->vectors.n; i++) {
		const struct vector *other = c->vectors.vectors[i];

		if (!strcmp(other->id, v->id) &&
		    spec_rule_applies(rule, vector_value, &other->params))
			return;
	}
	finding(c, arena_printf(&c->arena, "%s:%u: %s names %s, which holds in none of its designs",
				v->file->path, jsonfile_line(v->file, v->at), v->id, id));
}

static void check_vectors(struct rule_coverage *c)
{
	for (unsigned i = 0; i < c->vectors.n; i++) {
		const struct vector *v = c->vectors.vectors[i];

		for (unsigned r = 0; v->once && r < v->n_rules; r++)
			check_vector(c, v, v->rules[r]);
	}
}

/* ---- Tests that stand for vectors ------------------------------------------------------- */

static unsigned count_words(const char *text, const char *word)
{
	const size_t length = strlen(word);
	unsigned n = 0;

	for (const char *p = text; (p = strstr(p, word)); p += length) {
		const bool begins = p == text || !(isalnum((unsigned char)p[-1]) || p[-1] == '_');

		n += begins && !isalnum((unsigned char)p[length]) && p[length] != '_';
	}
	return n;
}

static char *read_text(const char *path)
{
	FILE *in = fopen(path, "re");
	char *text = NULL;
	size_t size = 0;

	if (in && getdelim(&text, &size, '\0', in) < 0) {
		free(text);
		text = NULL;
	}
	if (in)
		fclose(in);
	return text;
}

/* FILE:NAME exists; in C the function is defined and named again where the tests are listed. */
static void check_test(struct rule_coverage *c, const struct covered *r, const char *test)
{
	const char *name = strrchr(test, ':');
	const int length = name ? (int)(name - test) : 0;
	const bool is_c = length > 2 && !strncmp(name - 2, ".c", 2);
	char *text;

	if (!name)
		return;
	text = read_text(arena_printf(&c->arena, "%s/%.*s", c->tree, length, test));
	if (!text || count_words(text, name + 1) < (is_c ? 2 : 1))
		missing(c, r->at, "%s: there is no test %s", r->id, test);
	free(text);
}

/* ---- What is missing -------------------------------------------------------------------- */

bool rule_coverage_cites(const struct covered *r, const struct citation *citation)
{
	return !strcmp(r->id, citation->rule);
}

static bool cited(const struct rule_coverage *c, const struct covered *r)
{
	for (unsigned i = 0; i < c->sources.n; i++)
		if (rule_coverage_cites(r, &c->sources.list[i]))
			return true;
	return false;
}

static void check_covered(struct rule_coverage *c, const struct covered *r)
{
	for (unsigned d = 0; d < c->n_designs; d++)
		if (r->holds[d] && !r->n_vectors[d] && !r->n_tests)
			missing(c, r->at, "%s has no vector with %s", r->id, c->designs[d].name);
	for (unsigned i = 0; i < r->n_tests; i++)
		check_test(c, r, r->tests[i]);
	if (r->rule && !cited(c, r))
		missing(c, r->at, "%s is cited by no line of the model or of its hosts", r->id);
}

static bool known(const struct rule_coverage *c, const struct citation *citation)
{
	for (unsigned i = 0; i < c->n; i++)
		if (rule_coverage_cites(&c->list[i], citation))
			return true;
	return false;
}

static bool known_chapter(const struct rule_coverage *c, const struct citation *citation)
{
	const size_t length = strcspn(citation->rule, "-") + 1;

	for (unsigned i = 0; i < c->n; i++)
		if (!strncmp(c->list[i].id, citation->rule, length))
			return true;
	return false;
}

/* Leave out words that only look like an id, such as UTF-8; an id that no rule has is a finding. */
static void check_citations(struct rule_coverage *c, struct citations *citations)
{
	unsigned n = 0;

	for (unsigned i = 0; i < citations->n; i++) {
		const struct citation *one = &citations->list[i];

		if (known(c, one))
			citations->list[n++] = *one;
		else if (known_chapter(c, one))
			finding(c, arena_printf(&c->arena, "%s:%u: there is no rule %s",
						one->file, one->line, one->rule));
	}
	citations->n = n;
}

static void differs(void *ctx, const char *text)
{
	finding(ctx, text);
}

static void check(struct rule_coverage *c)
{
	for (unsigned i = 0; i < c->n; i++)
		check_covered(c, &c->list[i]);
	check_vectors(c);
	check_citations(c, &c->sources);
	check_citations(c, &c->proofs);
}

int rule_coverage_collect(struct rule_coverage *c, const char *tree, bool update)
{
	const char *rules = arena_printf(&c->arena, "%s/vmcs-spec/rules.json", tree);
	const char *citations = arena_printf(&c->arena, "%s/vmcs-spec/citations.json", tree);
	const char *vectors = arena_printf(&c->arena, "%s/testvectors/vectors", tree);

	c->tree = tree;
	find_designs(c);
	if (find_rules(c, rules) || citations_find(&c->sources, &c->proofs, tree) ||
	    vectors_load_dir(&c->vectors, vectors))
		return -1;
	for (unsigned i = 0; i < c->n; i++)
		find_vectors(c, &c->list[i]);
	check(c);
	if (update)
		return citations_write(&c->sources, citations);
	return citations_compare(&c->sources, citations, differs, c);
}

void rule_coverage_free(struct rule_coverage *c)
{
	for (unsigned i = 0; i < c->n; i++)
		for (unsigned d = 0; d < c->n_designs; d++)
			free(c->list[i].vectors[d]);
	free(c->findings);
	citations_free(&c->sources);
	citations_free(&c->proofs);
	vectors_free(&c->vectors);
	jsonfile_free(&c->rules);
	arena_free(&c->arena);
	memset(c, 0, sizeof(*c));
}
