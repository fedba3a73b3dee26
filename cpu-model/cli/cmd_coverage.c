/* SPDX-License-Identifier: BSD-2-Clause */
/* epml spec coverage: which vectors, lines and proofs stand for each rule. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "cli_error.h"
#include "cmd_coverage.h"
#include "rule_coverage.h"
#include "table.h"

static const char usage[] =
	"usage: epml spec coverage [OPTION]...\n"
	"\n"
	"For each rule and property: how many vectors show it in each profile, the lines of the\n"
	"model that cite it, and the proofs. What is missing, and each cited line that is not\n"
	"as vmcs-spec/citations.json has it, is one line on standard error; the exit status is\n"
	"then 1.\n"
	"\n"
	"  --format text|markdown|json   json has all names; text, the default, has numbers\n"
	"  --tree DIR                    source tree (default: the one that epml was built from)\n"
	"  --update                      write vmcs-spec/citations.json again\n"
	"  --help                        print this\n";

struct options {
	enum table_format format;
	const char *tree;
	bool update, help;
};

static int parse(int argc, char **argv, struct options *o)
{
	cli_begin(argv, "epml spec coverage");
	for (int i = 1; i < argc; i++) {
		const char *value = i + 1 < argc ? argv[i + 1] : "";

		if (!strcmp(argv[i], "--help")) {
			o->help = true;
		} else if (!strcmp(argv[i], "--update")) {
			o->update = true;
		} else if (!strcmp(argv[i], "--tree") && *value) {
			o->tree = argv[++i];
		} else if (!strcmp(argv[i], "--format")) {
			if (!table_format_by_name(value, &o->format))
				return cli_bad_argument(value, "text, markdown or json");
			i++;
		} else {
			return cli_bad_argument(argv[i],
						"an option of \"epml spec coverage --help\"");
		}
	}
	return 0;
}

/* ---- The table -------------------------------------------------------------------------- */

static void vectors_cell(struct table *t, const struct covered *r, unsigned design)
{
	if (!r->holds[design])
		table_cell(t, "-");
	else if (r->n_vectors[design] || !r->n_tests)
		table_cell(t, "%u", r->n_vectors[design]);
	else
		table_cell(t, "tests");
}

static const char *base_name(const char *file)
{
	const char *slash = strrchr(file, '/');

	return slash ? slash + 1 : file;
}

/* "lib/ept.c:58 lib/access.c:33"; proofs by their name alone. */
static void citations_cell(struct table *t, struct arena *arena, const struct covered *r,
			   const struct citations *c, bool lines)
{
	const char *text = "";

	for (unsigned i = 0; i < c->n; i++) {
		const struct citation *one = &c->list[i];
		const char *file = lines ? strchr(one->file, '/') + 1 : base_name(one->file);

		if (!rule_coverage_cites(r, one))
			continue;
		text = lines ? arena_printf(arena, "%s%s%s:%u", text, *text ? " " : "", file,
					    one->line) :
			       arena_printf(arena, "%s%s%s", text, *text ? " " : "", file);
	}
	table_cell(t, "%s", text);
}

static void tests_cell(struct table *t, struct arena *arena, const struct covered *r)
{
	const char *text = "";

	for (unsigned i = 0; i < r->n_tests; i++)
		text = arena_printf(arena, "%s%s%s", text, *text ? " " : "",
				    base_name(r->tests[i]));
	table_cell(t, "%s", text);
}

static int print_table(struct rule_coverage *c, enum table_format format)
{
	struct table_column columns[MAX_DESIGNS + 4] = { { "rule", "rule", COLUMN_TEXT } };
	unsigned n = 1;
	struct table t;
	int status;

	for (unsigned d = 0; d < c->n_designs; d++)
		columns[n++] = (struct table_column){
			c->designs[d].name, c->designs[d].name, COLUMN_TEXT };
	columns[n++] = (struct table_column){ "proofs", "proofs", COLUMN_TEXT };
	columns[n++] = (struct table_column){ "tests", "other tests", COLUMN_TEXT };
	columns[n++] = (struct table_column){ "sources", "lines", COLUMN_TEXT };
	table_init(&t, columns, n);
	for (unsigned i = 0; i < c->n; i++) {
		const struct covered *r = &c->list[i];

		table_cell(&t, "%s", r->id);
		for (unsigned d = 0; d < c->n_designs; d++)
			vectors_cell(&t, r, d);
		citations_cell(&t, &c->arena, r, &c->proofs, false);
		tests_cell(&t, &c->arena, r);
		citations_cell(&t, &c->arena, r, &c->sources, true);
	}
	status = table_print(&t, format, stdout);
	table_free(&t);
	return status;
}

/* ---- The command ------------------------------------------------------------------------ */

static int print(struct rule_coverage *c, enum table_format format)
{
	if (format == TABLE_JSON ? rule_coverage_json(stdout, c) : print_table(c, format))
		return cli_error("cannot print; expected memory and a writable output");
	fflush(stdout);
	for (unsigned i = 0; i < c->n_findings; i++)
		fprintf(stderr, "%s\n", c->findings[i]);
	return c->n_findings ? STATUS_FAILED : 0;
}

int cmd_coverage(int argc, char **argv)
{
	struct options o = { .format = TABLE_TEXT, .tree = EPML_SRCDIR };
	struct rule_coverage c = { .n = 0 };
	int status = parse(argc, argv, &o);

	if (o.help)
		fputs(usage, stdout);
	if (status || o.help)
		return status;
	if (rule_coverage_collect(&c, o.tree, o.update))
		status = STATUS_BAD;
	else
		status = print(&c, o.format);
	rule_coverage_free(&c);
	return status;
}
