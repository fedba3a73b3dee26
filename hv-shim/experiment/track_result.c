/* SPDX-License-Identifier: BSD-2-Clause */
/* Results of ooh-track: a program of the user's, once under each technique. */
#include <string.h>

#include "cli_error.h"
#include "track_result.h"

static const char *const keys[XT_NUMBERS] = {
	"intervals", "dirty", "reported", "missed", "unchanged", "new"
};

static const struct table_column columns[] = {
	{ "profile", "profile", COLUMN_TEXT }, { "technique", "technique", COLUMN_TEXT },
	{ "intervals", "intervals", COLUMN_NUMBER }, { "changed", "changed", COLUMN_NUMBER },
	{ "reported", "reported", COLUMN_NUMBER }, { "missed", "missed", COLUMN_NUMBER },
	{ "unchanged", "unchanged", COLUMN_NUMBER }, { "new", "new", COLUMN_NUMBER },
	{ "note", "note", COLUMN_TEXT },
};

int xt_parse_line(struct xt_row *row, const char *text)
{
	json_t *line = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	const char *run = json_string_value(json_object_get(line, "run"));
	const char *name = json_string_value(json_object_get(line, "technique"));
	int status = run && name && !strcmp(run, "track") ? 0 : -1;
	unsigned technique = 0;

	while (!status && technique < XP_ALONE && strcmp(xp_technique_names[technique], name))
		technique++;
	if (technique == XP_ALONE)
		status = -1;
	for (unsigned i = 0; i < XT_NUMBERS && !status; i++) {
		const json_t *value = json_object_get(line, keys[i]);

		if (!json_is_integer(value) || json_integer_value(value) < 0)
			status = -1;
		else
			row->number[i] = (uint64_t)json_integer_value(value);
	}
	row->technique = (enum xp_technique)technique;
	json_decref(line);
	return status;
}

static int take_line(void *ctx, enum profile profile, const char *path, unsigned number,
		     const char *text)
{
	struct xt_result *r = ctx;
	struct xt_row row = { .there = true };

	if (xt_parse_line(&row, text)) {
		fprintf(stderr, "%s:%u: expected a result of ooh-track\n", path, number);
		return STATUS_BAD;
	}
	r->row[profile][row.technique] = row;
	return 0;
}

int xt_load(struct xt_result *r, const char *directory, const struct xp_plan *plan,
	    const bool *profile)
{
	int status = 0;

	memset(r, 0, sizeof(*r));
	for (unsigned p = 0; p < PROFILES && !status; p++) {
		for (unsigned t = 0; profile[p] && t < XP_ALONE; t++)
			r->asked[p][t] = plan->technique[t];
		if (profile[p])
			status = xp_read_lines(directory, (enum profile)p, take_line, r);
	}
	return status;
}

static bool may_miss(unsigned profile, unsigned technique)
{
	return profile == PROFILE_PUBLISHED && technique == XP_EPML;
}

static void row_cells(struct table *t, unsigned profile, unsigned technique,
		      const struct xt_row *row)
{
	table_cell(t, "%s", profile_names[profile]);
	table_cell(t, "%s", xp_technique_names[technique]);
	for (unsigned i = 0; i < XT_NUMBERS; i++)
		if (row->there)
			table_cell(t, "%llu", (unsigned long long)row->number[i]);
		else
			table_cell(t, "-");
	if (!row->there)
		table_cell(t, "no result");
	else if (row->number[XT_MISSED])
		table_cell(t, "%s", may_miss(profile, technique) ? "missed by design"
								 : "PAGES MISSED");
	else
		table_cell(t, "%s", "");
}

void xt_table(struct table *t, const struct xt_result *r)
{
	table_init(t, columns, sizeof(columns) / sizeof(columns[0]));
	for (unsigned p = 0; p < PROFILES; p++)
		for (unsigned i = 0; i < XP_ALONE; i++)
			if (r->asked[p][i])
				row_cells(t, p, i, &r->row[p][i]);
}

int xt_verdict(const struct xt_result *r)
{
	for (unsigned p = 0; p < PROFILES; p++)
		for (unsigned i = 0; i < XP_ALONE; i++)
			if (r->asked[p][i] &&
			    (!r->row[p][i].there ||
			     (r->row[p][i].number[XT_MISSED] && !may_miss(p, i))))
				return STATUS_FAILED;
	return 0;
}
