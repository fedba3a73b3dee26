/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Checks of the design parameters, the profiles and the rules.
 */
#include "spec.h"

#include <ctype.h>
#include <string.h>

#define FOR_EACH(i, array, value) \
	for ((i) = 0; (i) < json_array_size(array) && ((value) = json_array_get(array, i)); (i)++)

/* The object of @p array whose member @p key is @p text, or NULL. */
static const json_t *find_by(const json_t *array, const char *key, const char *text)
{
	const json_t *object;
	size_t i;

	FOR_EACH(i, array, object) {
		if (strcmp(spec_string(object, key), text) == 0)
			return object;
	}
	return NULL;
}

static int check_unique(const struct jsonfile *f, const json_t *array, const char *key,
			const json_t *object)
{
	if (find_by(array, key, spec_string(object, key)) == object)
		return 0;
	jsonfile_error(f, object, "%s is defined twice; expected one definition",
		       spec_string(object, key));
	return -1;
}

/* ---- Parameters and profiles ------------------------------------------------------------ */

static int check_parameter(const struct jsonfile *f, const json_t *parameter)
{
	const json_t *values = json_object_get(parameter, "values"), *value;
	size_t i;

	if (json_array_size(values) < 2) {
		jsonfile_error(f, parameter,
			       "parameter %s has less than two values; expected a choice",
			       spec_string(parameter, "name"));
		return -1;
	}
	FOR_EACH(i, values, value) {
		if (spec_check_keys(f, value, "a value", "name text", "") ||
		    check_unique(f, values, "name", value))
			return -1;
	}
	return 0;
}

/* Does "parameter = value" name a choice that exists? */
static int check_choice(const struct jsonfile *f, const json_t *parameters, const json_t *at,
			const char *name, const json_t *value)
{
	const json_t *parameter = find_by(parameters, "name", name);
	const char *text = json_string_value(value);

	if (!parameter) {
		jsonfile_error(f, at, "unknown parameter \"%s\"; expected one of fields.json",
			       name);
		return -1;
	}
	if (!text || !find_by(json_object_get(parameter, "values"), "name", text)) {
		jsonfile_error(f, at,
			       "unknown value \"%s\" of parameter %s; expected one of fields.json",
			       text ? text : "", name);
		return -1;
	}
	return 0;
}

static int check_profile(const struct jsonfile *f, const json_t *parameters, const json_t *profile)
{
	json_t *values = json_object_get(profile, "values"), *value;
	const json_t *parameter;
	const char *name;
	size_t i;

	json_object_foreach(values, name, value) {
		if (check_choice(f, parameters, profile, name, value))
			return -1;
	}
	FOR_EACH(i, parameters, parameter) {
		name = spec_string(parameter, "name");
		if (!json_object_get(values, name)) {
			jsonfile_error(f, profile, "profile %s does not fix %s; expected a value",
				       spec_string(profile, "name"), name);
			return -1;
		}
	}
	return 0;
}

static int check_design(const struct catalog *c)
{
	const json_t *parameters = json_object_get(c->file.root, "parameters");
	const json_t *profiles = json_object_get(c->file.root, "profiles"), *object;
	size_t i;

	FOR_EACH(i, parameters, object) {
		if (spec_check_keys(&c->file, object, "a parameter", "name title values[", "") ||
		    check_unique(&c->file, parameters, "name", object) ||
		    check_parameter(&c->file, object))
			return -1;
	}
	FOR_EACH(i, profiles, object) {
		if (spec_check_keys(&c->file, object, "a profile", "name values{", "") ||
		    check_unique(&c->file, profiles, "name", object) ||
		    check_profile(&c->file, parameters, object))
			return -1;
	}
	return 0;
}

/* ---- Rules ------------------------------------------------------------------------------ */

/* CHAPTER-WORD-...-NUMBER */
static bool valid_id(const char *id, const char *chapter)
{
	size_t n = strlen(chapter), length = strlen(id);

	return n > 0 && strncmp(id, chapter, n) == 0 && id[n] == '-' &&
	       strspn(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") == length &&
	       isdigit((unsigned char)id[length - 1]);
}

/* "when" limits a rule to values of parameters: one value, or a list of alternatives. */
static int check_when(const struct spec *s, const json_t *rule)
{
	const json_t *parameters = json_object_get(s->fields.file.root, "parameters"), *one;
	json_t *when = json_object_get(rule, "when"), *value;
	const char *name;
	size_t i;

	json_object_foreach(when, name, value) {
		if (!json_is_array(value)) {
			if (check_choice(&s->rules, parameters, rule, name, value))
				return -1;
			continue;
		}
		FOR_EACH(i, value, one) {
			if (check_choice(&s->rules, parameters, rule, name, one))
				return -1;
		}
	}
	return 0;
}

/* "evidence" names tests, FILE:NAME, for what vectors cannot show, and says why they cannot. */
static int check_evidence(const struct spec *s, const json_t *rule)
{
	const json_t *evidence = json_object_get(rule, "evidence"), *tests, *test;
	size_t i;

	if (!evidence)
		return 0;
	if (spec_check_keys(&s->rules, evidence, "evidence", "unit[ why", ""))
		return -1;
	tests = json_object_get(evidence, "unit");
	FOR_EACH(i, tests, test) {
		const char *text = json_string_value(test);
		const char *colon = text ? strchr(text, ':') : NULL;

		if (!colon || colon == text || !colon[1] || strchr(colon + 1, ':')) {
			jsonfile_error(&s->rules, rule,
				       "bad test \"%s\" in evidence; expected FILE:NAME",
				       text ? text : "");
			return -1;
		}
	}
	if (i > 0)
		return 0;
	jsonfile_error(&s->rules, rule, "evidence without a test; expected FILE:NAME in \"unit\"");
	return -1;
}

static int check_rule(const struct spec *s, const json_t *rules, const json_t *rule)
{
	const char *id, *chapter;

	if (spec_check_keys(&s->rules, rule, "a rule", "id chapter source text",
			    "when{ evidence{"))
		return -1;
	id = spec_string(rule, "id");
	chapter = spec_string(rule, "chapter");
	if (!valid_id(id, chapter)) {
		jsonfile_error(&s->rules, rule, "bad rule id \"%s\"; expected %s-...-NUMBER", id,
			       chapter);
		return -1;
	}
	return check_unique(&s->rules, rules, "id", rule) || check_when(s, rule) ||
	       check_evidence(s, rule) ? -1 : 0;
}

int spec_check_rules(const struct spec *s)
{
	const json_t *rules, *rule;
	size_t i;

	if (check_design(&s->fields) ||
	    spec_check_keys(&s->rules, s->rules.root, "the file", "rules[", ""))
		return -1;
	rules = json_object_get(s->rules.root, "rules");
	FOR_EACH(i, rules, rule) {
		if (check_rule(s, rules, rule))
			return -1;
	}
	return 0;
}
