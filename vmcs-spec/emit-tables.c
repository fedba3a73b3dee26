/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The specification as C tables: epml-spec-tables.c, declared in spec-tables.h.
 */
#include "spec.h"

#include <ctype.h>
#include <string.h>

static void write_string(FILE *out, const char *text)
{
	const unsigned char *p;

	fputc('"', out);
	for (p = (const unsigned char *)(text ? text : ""); *p; p++) {
		if (*p == '"' || *p == '\\')
			fprintf(out, "\\%c", *p);
		else if (iscntrl(*p))
			fprintf(out, "\\%03o", *p);
		else
			fputc(*p, out);
	}
	fputc('"', out);
}

/* A string and the comma behind it. */
static void write_member(FILE *out, const char *text)
{
	write_string(out, text);
	fputs(", ", out);
}

static const char *bool_name(bool value)
{
	return value ? "true" : "false";
}

static void write_count(FILE *out, const char *count, const char *table)
{
	fprintf(out, "};\n\nconst size_t %s = sizeof(%s) / sizeof(%s[0]);\n", count, table, table);
}

static void write_fields(FILE *out, const struct spec *s)
{
	const struct spec_group *g = &s->fields.groups[0];
	const struct spec_item *item;
	size_t i;

	fputs("\nconst struct spec_field spec_fields[] = {\n", out);
	for (i = 0; i < g->count; i++) {
		item = &g->items[i];
		fputs("\t{ ", out);
		write_member(out, item->name);
		fprintf(out, "0x%04llX, %u, ", (unsigned long long)item->value, item->width);
		write_member(out, item->type);
		write_member(out, item->title);
		write_member(out, item->text);
		fprintf(out, "%s },\n", bool_name(item->is_new));
	}
	write_count(out, "spec_field_count", "spec_fields");
}

static void write_bits(FILE *out, const struct spec *s)
{
	const struct spec_group *g;
	const struct spec_item *item;
	size_t i, j;

	fputs("\nconst struct spec_bits spec_bits[] = {\n", out);
	for (i = 0; i < s->fields.count; i++) {
		g = &s->fields.groups[i];
		for (j = 0; g->kind == SPEC_LAYOUT && j < g->count; j++) {
			item = &g->items[j];
			fputs("\t{ ", out);
			write_member(out, g->prefix);
			write_member(out, item->name);
			fprintf(out, "%u, %u, ", item->high, item->low);
			write_member(out, item->title);
			fprintf(out, "%s },\n", bool_name(item->is_new));
		}
	}
	write_count(out, "spec_bits_count", "spec_bits");
}

static void write_numbers(FILE *out, const struct spec *s, const char *prefix, const char *table,
			  const char *count)
{
	const struct spec_group *g = catalog_group(&s->fields, SPEC_NUMBERS, prefix);
	const struct spec_item *item;
	size_t i;

	fprintf(out, "\nconst struct spec_number %s[] = {\n", table);
	for (i = 0; g && i < g->count; i++) {
		item = &g->items[i];
		fputs("\t{ ", out);
		write_member(out, item->name);
		fprintf(out, "%llu, ", (unsigned long long)item->value);
		write_member(out, item->title);
		fprintf(out, "%s },\n", bool_name(item->is_new));
	}
	write_count(out, count, table);
}

static void write_choices(FILE *out, const struct spec *s)
{
	const json_t *parameters = json_object_get(s->fields.file.root, "parameters");
	const json_t *parameter, *values, *value;
	size_t i, j;

	fputs("\nconst struct spec_choice spec_choices[] = {\n", out);
	json_array_foreach(parameters, i, parameter) {
		values = json_object_get(parameter, "values");
		json_array_foreach(values, j, value) {
			fputs("\t{ ", out);
			write_member(out, spec_string(parameter, "name"));
			write_member(out, spec_string(value, "name"));
			write_string(out, spec_string(value, "text"));
			fputs(" },\n", out);
		}
	}
	write_count(out, "spec_choice_count", "spec_choices");
}

static void write_profiles(FILE *out, const struct spec *s)
{
	const json_t *profiles = json_object_get(s->fields.file.root, "profiles"), *profile;
	json_t *values, *value;
	const char *parameter;
	size_t i;

	fputs("\nconst struct spec_profile spec_profiles[] = {\n", out);
	json_array_foreach(profiles, i, profile) {
		values = json_object_get(profile, "values");
		json_object_foreach(values, parameter, value) {
			fputs("\t{ ", out);
			write_member(out, spec_string(profile, "name"));
			write_member(out, parameter);
			write_string(out, json_string_value(value));
			fputs(" },\n", out);
		}
	}
	write_count(out, "spec_profile_count", "spec_profiles");
}

static void write_condition(FILE *out, const char *parameter, const json_t *value)
{
	fputs("{ ", out);
	write_member(out, parameter);
	write_string(out, json_string_value(value));
	fputs(" }, ", out);
}

/* The conditions of a rule, ended by one without parameter. */
static void write_when(FILE *out, const json_t *rule)
{
	json_t *when = json_object_get(rule, "when"), *value, *one;
	const char *parameter;
	size_t i;

	fputs("(const struct spec_condition[]){ ", out);
	json_object_foreach(when, parameter, value) {
		if (!json_is_array(value))
			write_condition(out, parameter, value);
		json_array_foreach(value, i, one)
			write_condition(out, parameter, one);
	}
	fputs("{ NULL, NULL } }", out);
}

static void write_rules(FILE *out, const struct spec *s)
{
	const json_t *rules = json_object_get(s->rules.root, "rules"), *rule;
	size_t i;

	fputs("\nconst struct spec_rule spec_rules[] = {\n", out);
	json_array_foreach(rules, i, rule) {
		fputs("\t{ ", out);
		write_member(out, spec_string(rule, "id"));
		write_member(out, spec_string(rule, "chapter"));
		write_member(out, spec_string(rule, "text"));
		write_member(out, spec_string(rule, "source"));
		write_when(out, rule);
		fputs(" },\n", out);
	}
	write_count(out, "spec_rule_count", "spec_rules");
}

void emit_tables(FILE *out, const struct spec *s)
{
	fputs("/* SPDX-License-Identifier: BSD-2-Clause */\n"
	      "/* Generated by specgen from fields.json and rules.json. */\n"
	      "#include \"spec-tables.h\"\n", out);
	write_fields(out, s);
	write_bits(out, s);
	write_numbers(out, s, "REASON", "spec_exit_reasons", "spec_exit_reason_count");
	write_numbers(out, s, "VMERR", "spec_vm_errors", "spec_vm_error_count");
	write_choices(out, s);
	write_profiles(out, s);
	write_rules(out, s);
}
