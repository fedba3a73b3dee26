/* SPDX-License-Identifier: BSD-2-Clause */
/* Published figures: data. */
#include <string.h>

#include "cli_error.h"
#include "experiment.h"
#include "jsonfile.h"

static int bad(const struct jsonfile *f, const json_t *figure, const char *key,
	       const char *expected)
{
	jsonfile_error(f, figure, "\"%s\": expected %s", key, expected);
	return STATUS_BAD;
}

static int read_text(const struct jsonfile *f, const json_t *figure, const char *key, char *text,
		     size_t size)
{
	const char *value = json_string_value(json_object_get(figure, key));

	if (!value || !*value || strlen(value) >= size)
		return bad(f, figure, key, "a short text");
	strcpy(text, value);
	return 0;
}

static int read_kind(const struct jsonfile *f, const json_t *figure, struct xp_figure *g)
{
	static const char *const names[XPF_KINDS] = { "slowdown", "tracked", "tracker", "cost" };
	const char *text = json_string_value(json_object_get(figure, "kind"));

	for (unsigned kind = 0; text && kind < XPF_KINDS; kind++)
		if (!strcmp(names[kind], text)) {
			g->kind = (enum xp_figure_kind)kind;
			return 0;
		}
	return bad(f, figure, "kind", "slowdown, tracked, tracker or cost");
}

static int read_values(const struct jsonfile *f, const json_t *figure, struct xp_figure *g)
{
	const json_t *sizes = json_object_get(figure, "sizes");
	const json_t *values = json_object_get(figure, "values");
	const size_t n = json_array_size(sizes);

	if (n < 1 || n > XP_SIZES)
		return bad(f, figure, "sizes", "1 to 7 sizes");
	if (json_array_size(values) != n)
		return bad(f, figure, "values", "as many values as there are sizes");
	for (g->n = 0; g->n < n; g->n++) {
		const json_int_t mb = json_integer_value(json_array_get(sizes, g->n));
		const double value = json_number_value(json_array_get(values, g->n));

		if (mb < 1 || mb > XP_MAX_MB || (g->n && mb <= (json_int_t)g->mb[g->n - 1]))
			return bad(f, figure, "sizes", "MB, in ascending order");
		if (!(value > 0))
			return bad(f, figure, "values", "numbers above 0");
		g->mb[g->n] = (unsigned)mb;
		g->value[g->n] = value;
	}
	return 0;
}

static int read_figures(struct xp_published *p, const struct jsonfile *f)
{
	const json_t *figures = json_object_get(f->root, "figures"), *figure;
	size_t i;

	if (!json_is_array(figures) || json_array_size(figures) > XP_FIGURES)
		return bad(f, figures, "figures", "a list of at most 64");
	json_array_foreach(figures, i, figure) {
		struct xp_figure *g = &p->figure[p->n++];

		if (read_kind(f, figure, g) || read_values(f, figure, g) ||
		    read_text(f, figure, "name", g->name, sizeof(g->name)) ||
		    read_text(f, figure, "source", g->source, sizeof(g->source)))
			return STATUS_BAD;
	}
	return 0;
}

int xp_published_load(struct xp_published *p, const char *path)
{
	struct jsonfile f;
	int status;

	memset(p, 0, sizeof(*p));
	if (jsonfile_load(&f, path))
		return STATUS_BAD;
	status = read_figures(p, &f);
	jsonfile_free(&f);
	return status;
}

double xp_published(const struct xp_published *p, enum xp_figure_kind kind, const char *name,
		    unsigned mb)
{
	for (unsigned i = 0; i < p->n; i++) {
		const struct xp_figure *g = &p->figure[i];

		for (unsigned j = 0; j < g->n; j++)
			if (g->kind == kind && !strcmp(g->name, name) && g->mb[j] == mb)
				return g->value[j];
	}
	return 0;
}
