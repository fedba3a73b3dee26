/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The specification as Markdown tables. What the proposal adds is set in bold.
 */
#include "spec.h"

#include <string.h>

/* A cell's text: a vertical bar would end the cell. */
static void write_cell(FILE *out, const char *text)
{
	for (; text && *text; text++) {
		if (*text == '|')
			fputc('\\', out);
		fputc(*text == '\n' ? ' ' : *text, out);
	}
}

static const char *bold(const struct spec_item *item)
{
	return item->is_new ? "**" : "";
}

static void write_name(FILE *out, const struct spec_item *item)
{
	fprintf(out, "| %s`%s`%s | ", bold(item), item->name, bold(item));
}

static void write_title(FILE *out, const struct spec_item *item)
{
	write_cell(out, item->title);
	if (item->text) {
		fputs(". ", out);
		write_cell(out, item->text);
	}
	fputs(" |\n", out);
}

static void write_fields(FILE *out, const struct spec_group *g)
{
	const struct spec_item *item;
	size_t i;

	fputs("| name | encoding | width | type | SDM name |\n"
	      "| --- | --- | --- | --- | --- |\n", out);
	for (i = 0; i < g->count; i++) {
		item = &g->items[i];
		write_name(out, item);
		fprintf(out, "%04llXH | ", (unsigned long long)item->value);
		if (item->width)
			fprintf(out, "%u | ", item->width);
		else
			fputs("natural | ", out);
		fprintf(out, "%s | ", item->type);
		write_title(out, item);
	}
}

static void write_layout(FILE *out, const struct spec_group *g)
{
	const struct spec_item *item;
	size_t i;

	fputs("| name | bits | meaning |\n| --- | --- | --- |\n", out);
	for (i = 0; i < g->count; i++) {
		item = &g->items[i];
		write_name(out, item);
		if (item->high != item->low)
			fprintf(out, "%u:%u | ", item->high, item->low);
		else
			fprintf(out, "%u | ", item->low);
		write_title(out, item);
	}
}

static void write_numbers(FILE *out, const struct spec_group *g)
{
	const struct spec_item *item;
	size_t i;

	fputs("| name | value | meaning |\n| --- | --- | --- |\n", out);
	for (i = 0; i < g->count; i++) {
		item = &g->items[i];
		write_name(out, item);
		fprintf(out, item->hex ? "%llXH | " : "%llu | ", (unsigned long long)item->value);
		write_title(out, item);
	}
}

static void write_groups(FILE *out, const struct catalog *c)
{
	const struct spec_group *g;
	size_t i;

	for (i = 0; i < c->count; i++) {
		g = &c->groups[i];
		fprintf(out, "\n## %s\n\nConstants `EPML_%s_...`.\n\n", g->title, g->prefix);
		if (g->kind == SPEC_FIELDS)
			write_fields(out, g);
		else if (g->kind == SPEC_LAYOUT)
			write_layout(out, g);
		else
			write_numbers(out, g);
	}
}

/* The names of the profiles that choose @p value, separated by commas. */
static void write_profiles(FILE *out, const json_t *profiles, const char *parameter,
			   const char *value)
{
	const char *separator = "";
	const json_t *profile, *values;
	size_t i;

	json_array_foreach(profiles, i, profile) {
		values = json_object_get(profile, "values");
		if (strcmp(spec_string(values, parameter), value) == 0) {
			fprintf(out, "%s%s", separator, spec_string(profile, "name"));
			separator = ", ";
		}
	}
}

static void write_parameters(FILE *out, const struct spec *s)
{
	const json_t *parameters = json_object_get(s->fields.file.root, "parameters");
	const json_t *profiles = json_object_get(s->fields.file.root, "profiles");
	const json_t *parameter, *values, *value;
	size_t i, j;

	fputs("| parameter | value | meaning | profile |\n"
	      "| --- | --- | --- | --- |\n", out);
	json_array_foreach(parameters, i, parameter) {
		values = json_object_get(parameter, "values");
		json_array_foreach(values, j, value) {
			fprintf(out, "| `%s` | `%s` | ", spec_string(parameter, "name"),
				spec_string(value, "name"));
			write_cell(out, spec_string(value, "text"));
			fputs(" | ", out);
			write_profiles(out, profiles, spec_string(parameter, "name"),
				       spec_string(value, "name"));
			fputs(" |\n", out);
		}
	}
}

/* "trigger = ept-dirty; full = exit or ve" */
static void write_when(FILE *out, const json_t *rule)
{
	json_t *when = json_object_get(rule, "when"), *value, *one;
	const char *parameter, *separator = "";
	size_t i;

	json_object_foreach(when, parameter, value) {
		fprintf(out, "%s%s = ", separator, parameter);
		if (!json_is_array(value))
			fputs(json_string_value(value), out);
		json_array_foreach(value, i, one)
			fprintf(out, "%s%s", i ? " or " : "", json_string_value(one));
		separator = "; ";
	}
}

static void write_rules(FILE *out, const struct spec *s)
{
	const json_t *rules = json_object_get(s->rules.root, "rules"), *rule;
	size_t i;

	fputs("| id | rule | holds with | source |\n"
	      "| --- | --- | --- | --- |\n", out);
	json_array_foreach(rules, i, rule) {
		fprintf(out, "| %s | ", spec_string(rule, "id"));
		write_cell(out, spec_string(rule, "text"));
		fputs(" | ", out);
		write_when(out, rule);
		fputs(" | ", out);
		write_cell(out, spec_string(rule, "source"));
		fputs(" |\n", out);
	}
}

/* ---- The blocks of docs/isa-extension.md ------------------------------------------------- */

static void begin_block(FILE *out, const char *name)
{
	fprintf(out, "<!-- generated: %s -->\n\n", name);
}

static void end_block(FILE *out)
{
	fputs("\n<!-- end -->\n", out);
}

/* Where an item of the proposal is found: encoding, bits or number. */
static void write_place(FILE *out, const struct spec_group *g, const struct spec_item *item)
{
	unsigned long long value = item->value;

	if (g->kind == SPEC_LAYOUT)
		fprintf(out, item->high == item->low ? "bit %u" : "bits %u:%u", item->high,
			item->low);
	else if (g->kind == SPEC_NUMBERS)
		fprintf(out, item->hex ? "%llXH" : "%llu", value);
	else if (item->width == 64)
		fprintf(out, "%04llXH, high half %04llXH", value, value | ENC_HIGH);
	else
		fprintf(out, "%04llXH", value);
}

static void write_new_item(FILE *out, const struct spec_group *g, const struct spec_item *item)
{
	fputs("| ", out);
	if (g->kind == SPEC_FIELDS)
		fprintf(out, "%u-bit %s field", item->width, item->type);
	else
		write_cell(out, g->title);
	fputs(" | ", out);
	write_place(out, g, item);
	fputs(" | ", out);
	write_title(out, item);
}

static void write_new(FILE *out, const struct catalog *c)
{
	const struct spec_group *g;
	size_t i, j;

	fputs("| kind | place | name and meaning |\n| --- | --- | --- |\n", out);
	for (i = 0; i < c->count; i++) {
		g = &c->groups[i];
		for (j = 0; j < g->count; j++) {
			if (g->items[j].is_new)
				write_new_item(out, g, &g->items[j]);
		}
	}
}

void emit_document(FILE *out, const struct spec *s)
{
	begin_block(out, "encodings");
	write_new(out, &s->fields);
	end_block(out);
	begin_block(out, "parameters");
	write_parameters(out, s);
	end_block(out);
	begin_block(out, "rules");
	write_rules(out, s);
	end_block(out);
}

/* ---- All tables ---------------------------------------------------------------------------- */

void emit_markdown(FILE *out, const struct spec *s)
{
	fputs("<!-- SPDX-License-Identifier: BSD-2-Clause -->\n"
	      "<!-- Generated by specgen from fields.json and rules.json. -->\n"
	      "# Tables of the specification\n\n"
	      "What EPML adds to the SDM is set in bold.\n", out);
	fputs("\n## Design parameters\n\n", out);
	write_parameters(out, s);
	fputs("\n## Rules\n\n", out);
	write_rules(out, s);
	write_groups(out, &s->fields);
}
