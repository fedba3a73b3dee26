/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * epml spec: the specification, as tables.
 */
#include "cmd_spec.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "cli_error.h"
#include "cmd_coverage.h"
#include "spec-tables.h"
#include "table.h"

#define N_ELEMENTS(array) (sizeof(array) / sizeof((array)[0]))

static const char usage_text[] =
	"usage: epml spec TABLE [--format text|markdown|json]\n"
	"\n"
	"  fields                   VMCS fields and their encodings\n"
	"  bits [--layout L]        controls, exit qualifications, entries, bit by bit\n"
	"  reasons                  basic exit reasons\n"
	"  errors                   VM-instruction errors\n"
	"  parameters               design parameters, their values, the profiles\n"
	"  rules [--chapter C]      the rules; --profile P: those that hold in a profile\n"
	"  coverage                 vectors, lines and proofs of each rule, and what is missing\n"
	"\n"
	"\"epml spec coverage --help\" lists the options of that one.\n";

struct options {
	enum table_format format;
	const char *chapter, *profile, *layout;	/* NULL: all */
};

static const char *flag(bool is_new)
{
	return is_new ? "EPML" : "";
}

/* ---- The tables ------------------------------------------------------------------------- */

static void fill_fields(struct table *t, const struct options *o)
{
	static const struct table_column columns[] = {
		{ "name", "name", COLUMN_TEXT },
		{ "encoding", "encoding", COLUMN_TEXT },
		{ "width", "width", COLUMN_NUMBER },
		{ "type", "type", COLUMN_TEXT },
		{ "new", "new", COLUMN_FLAG },
		{ "title", "title", COLUMN_TEXT },
	};
	const struct spec_field *f;
	size_t i;

	(void)o;
	table_init(t, columns, N_ELEMENTS(columns));
	for (i = 0; i < spec_field_count; i++) {
		f = &spec_fields[i];
		table_cell(t, "%s", f->name);
		table_cell(t, "0x%04X", (unsigned)f->encoding);
		if (f->width)
			table_cell(t, "%u", f->width);
		else
			table_cell(t, "natural");
		table_cell(t, "%s", f->type);
		table_cell(t, "%s", flag(f->is_new));
		table_cell(t, *f->text ? "%s. %s" : "%s", f->title, f->text);
	}
}

static void fill_bits(struct table *t, const struct options *o)
{
	static const struct table_column columns[] = {
		{ "layout", "layout", COLUMN_TEXT },
		{ "bits", "bits", COLUMN_TEXT },
		{ "name", "name", COLUMN_TEXT },
		{ "new", "new", COLUMN_FLAG },
		{ "title", "title", COLUMN_TEXT },
	};
	const struct spec_bits *b;
	size_t i;

	table_init(t, columns, N_ELEMENTS(columns));
	for (i = 0; i < spec_bits_count; i++) {
		b = &spec_bits[i];
		if (o->layout && strcmp(o->layout, b->layout) != 0)
			continue;
		table_cell(t, "%s", b->layout);
		table_cell(t, b->high != b->low ? "%u:%u" : "%u", b->high, b->low);
		table_cell(t, "%s", b->name);
		table_cell(t, "%s", flag(b->is_new));
		table_cell(t, "%s", b->title);
	}
}

static void fill_numbers(struct table *t, const struct spec_number *table, size_t count)
{
	static const struct table_column columns[] = {
		{ "value", "value", COLUMN_NUMBER },
		{ "name", "name", COLUMN_TEXT },
		{ "new", "new", COLUMN_FLAG },
		{ "title", "title", COLUMN_TEXT },
	};
	size_t i;

	table_init(t, columns, N_ELEMENTS(columns));
	for (i = 0; i < count; i++) {
		table_cell(t, "%u", (unsigned)table[i].value);
		table_cell(t, "%s", table[i].name);
		table_cell(t, "%s", flag(table[i].is_new));
		table_cell(t, "%s", table[i].title);
	}
}

static void fill_reasons(struct table *t, const struct options *o)
{
	(void)o;
	fill_numbers(t, spec_exit_reasons, spec_exit_reason_count);
}

static void fill_errors(struct table *t, const struct options *o)
{
	(void)o;
	fill_numbers(t, spec_vm_errors, spec_vm_error_count);
}

/* Text that grows by appending; what does not fit is left out. */
struct text {
	char s[256];
	size_t n;
};

static void append(struct text *text, const char *s)
{
	int n = snprintf(text->s + text->n, sizeof(text->s) - text->n, "%s", s);

	text->n += (size_t)n;
	if (text->n >= sizeof(text->s))
		text->n = sizeof(text->s) - 1;
}

/* The profiles that give a parameter this value: "published, hardened". */
static struct text profiles_of(const struct spec_choice *c)
{
	struct text text = { "", 0 };
	const struct spec_profile *p;
	size_t i;

	for (i = 0; i < spec_profile_count; i++) {
		p = &spec_profiles[i];
		if (strcmp(p->parameter, c->parameter) != 0 || strcmp(p->value, c->value) != 0)
			continue;
		append(&text, text.n ? ", " : "");
		append(&text, p->name);
	}
	return text;
}

static void fill_parameters(struct table *t, const struct options *o)
{
	static const struct table_column columns[] = {
		{ "parameter", "parameter", COLUMN_TEXT },
		{ "value", "value", COLUMN_TEXT },
		{ "profiles", "profiles", COLUMN_TEXT },
		{ "meaning", "meaning", COLUMN_TEXT },
	};
	const struct spec_choice *c;
	struct text profiles;
	size_t i;

	(void)o;
	table_init(t, columns, N_ELEMENTS(columns));
	for (i = 0; i < spec_choice_count; i++) {
		c = &spec_choices[i];
		profiles = profiles_of(c);
		table_cell(t, "%s", c->parameter);
		table_cell(t, "%s", c->value);
		table_cell(t, "%s", profiles.s);
		table_cell(t, "%s", c->text);
	}
}

/* ---- Rules ------------------------------------------------------------------------------ */

/* "trigger = ept-dirty; full = exit or ve" */
static struct text condition_text(const struct spec_rule *rule)
{
	const struct spec_condition *c = rule->when;
	struct text text = { "", 0 };

	for (; c->parameter; c++) {
		if (c > rule->when && strcmp(c[-1].parameter, c->parameter) == 0) {
			append(&text, " or ");
		} else {
			append(&text, text.n ? "; " : "");
			append(&text, c->parameter);
			append(&text, " = ");
		}
		append(&text, c->value);
	}
	return text;
}

static const char *profile_value(const void *profile, const char *parameter)
{
	return spec_profile_value(profile, parameter);
}

/* A terminal has room for two columns: conditions and source follow the rule's text. */
static void add_rule_text(struct table *t, const struct spec_rule *rule)
{
	struct text when = condition_text(rule);

	table_cell(t, "%s", rule->id);
	if (when.n)
		table_cell(t, "%s [%s] (%s)", rule->text, when.s, rule->source);
	else
		table_cell(t, "%s (%s)", rule->text, rule->source);
}

static void add_rule_columns(struct table *t, const struct spec_rule *rule)
{
	struct text when = condition_text(rule);

	table_cell(t, "%s", rule->id);
	table_cell(t, "%s", rule->chapter);
	table_cell(t, "%s", rule->text);
	table_cell(t, "%s", when.s);
	table_cell(t, "%s", rule->source);
}

static void fill_rules(struct table *t, const struct options *o)
{
	static const struct table_column text_columns[] = {
		{ "id", "id", COLUMN_TEXT },
		{ "text", "rule [holds with] (source)", COLUMN_TEXT },
	};
	static const struct table_column columns[] = {
		{ "id", "id", COLUMN_TEXT },
		{ "chapter", "chapter", COLUMN_TEXT },
		{ "text", "rule", COLUMN_TEXT },
		{ "when", "holds with", COLUMN_TEXT },
		{ "source", "source", COLUMN_TEXT },
	};
	const struct spec_rule *rule;
	size_t i;

	if (o->format == TABLE_TEXT)
		table_init(t, text_columns, N_ELEMENTS(text_columns));
	else
		table_init(t, columns, N_ELEMENTS(columns));
	for (i = 0; i < spec_rule_count; i++) {
		rule = &spec_rules[i];
		if ((o->chapter && strcmp(o->chapter, rule->chapter) != 0) ||
		    (o->profile && !spec_rule_applies(rule, profile_value, o->profile)))
			continue;
		if (o->format == TABLE_TEXT)
			add_rule_text(t, rule);
		else
			add_rule_columns(t, rule);
	}
}

/* ---- Arguments -------------------------------------------------------------------------- */

static bool known_chapter(const char *name)
{
	size_t i;

	for (i = 0; i < spec_rule_count; i++) {
		if (strcmp(spec_rules[i].chapter, name) == 0)
			return true;
	}
	return false;
}

static bool known_profile(const char *name)
{
	size_t i;

	for (i = 0; i < spec_profile_count; i++) {
		if (strcmp(spec_profiles[i].name, name) == 0)
			return true;
	}
	return false;
}

static bool known_layout(const char *name)
{
	size_t i;

	for (i = 0; i < spec_bits_count; i++) {
		if (strcmp(spec_bits[i].layout, name) == 0)
			return true;
	}
	return false;
}

static const struct view {
	const char *name;
	void (*fill)(struct table *t, const struct options *o);
} views[] = {
	{ "fields", fill_fields },
	{ "bits", fill_bits },
	{ "reasons", fill_reasons },
	{ "errors", fill_errors },
	{ "parameters", fill_parameters },
	{ "rules", fill_rules },
};

/* Take one option with its value; 0, or STATUS_BAD after one line on stderr. */
static int set_option(struct options *o, const struct view *view, const char *option,
		      const char *value)
{
	bool rules = view->fill == fill_rules, bits = view->fill == fill_bits;

	if (strcmp(option, "--format") == 0) {
		if (!table_format_by_name(value, &o->format))
			return cli_bad_argument(value, "text, markdown or json");
	} else if (rules && strcmp(option, "--chapter") == 0) {
		o->chapter = value;
		if (!known_chapter(value))
			return cli_bad_argument(value, "a chapter that \"epml spec rules\" lists");
	} else if (rules && strcmp(option, "--profile") == 0) {
		o->profile = value;
		if (!known_profile(value))
			return cli_bad_argument(value, "a profile of \"epml spec parameters\"");
	} else if (bits && strcmp(option, "--layout") == 0) {
		o->layout = value;
		if (!known_layout(value))
			return cli_bad_argument(value, "a layout that \"epml spec bits\" lists");
	} else {
		return cli_bad_argument(option, "an option that \"epml spec --help\" lists");
	}
	return 0;
}

static int print_view(const struct view *view, const struct options *o)
{
	struct table table;
	int ret;

	view->fill(&table, o);
	ret = table_print(&table, o->format, stdout);
	table_free(&table);
	if (ret) {
		return cli_error("cannot print the table; expected memory and a writable output");
	}
	return 0;
}

static const struct view *find_view(const char *name)
{
	size_t i;

	for (i = 0; i < N_ELEMENTS(views); i++) {
		if (strcmp(views[i].name, name) == 0)
			return &views[i];
	}
	return NULL;
}

int cmd_spec(int argc, char **argv)
{
	struct options o = { .format = TABLE_TEXT };
	const struct view *view;
	int i;

	if (argc > 1 && strcmp(argv[1], "coverage") == 0)
		return cmd_coverage(argc - 1, argv + 1);
	cli_begin(argv, "epml spec");
	for (i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--help") == 0) {
			fputs(usage_text, stdout);
			return 0;
		}
	}
	view = argc > 1 ? find_view(argv[1]) : NULL;
	if (!view)
		return cli_bad_argument(argc > 1 ? argv[1] : "", "fields, bits, reasons, errors, "
					"parameters, rules or coverage");
	for (i = 2; i < argc; i += 2) {
		if (i + 1 == argc)
			return cli_bad_argument(argv[i], "an option with a value behind it");
		if (set_option(&o, view, argv[i], argv[i + 1]))
			return STATUS_BAD;
	}
	return print_view(view, &o);
}
