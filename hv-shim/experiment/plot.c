/* SPDX-License-Identifier: BSD-2-Clause */
/* Plots beside the published figures, drawn by gnuplot from scripts that hold their data. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "cli_error.h"
#include "experiment.h"
#include "gnuplot.h"
#include "output_dir.h"

static const char *const colours[XP_ALONE] = {
	[XP_PROC] = "#4477aa", [XP_UFD] = "#ee6677", [XP_UFD_ASYNC] = "#cc99bb",
	[XP_SPML] = "#228833", [XP_SPML_INDEXED] = "#99bb55", [XP_EPML] = "#aa3377",
	[XP_ORACLE] = "#888888",
};

static void write_head(FILE *out, const char *name)
{
	fprintf(out,
		"set terminal svg size 760,480 dynamic noenhanced font 'sans-serif,13' name '%s' "
		"background '#ffffff'\n"
		"set border 3 linecolor '#666666'\n"
		"set tics nomirror out textcolor '#333333'\n"
		"set key outside right top\n"
		"set grid ytics linecolor '#dddddd'\n", name);
}

/* ---- Slowdown by size ------------------------------------------------------------------------ */

static unsigned write_counted(FILE *out, const struct experiment *x, unsigned profile, unsigned t)
{
	unsigned n = 0;

	fprintf(out, "$counted%u << END\n", t);
	for (unsigned i = 0; i < x->n; i++) {
		const struct xp_row *row = &x->rows[i];

		if (row->profile == profile && row->technique == t && xp_slowdown(x, row) > 0) {
			fprintf(out, "%u %.4f\n", row->mb, xp_slowdown(x, row));
			n++;
		}
	}
	fputs("END\n", out);
	return n;
}

static unsigned write_published(FILE *out, const struct xp_published *p, unsigned t)
{
	unsigned n = 0;

	fprintf(out, "$published%u << END\n", t);
	for (unsigned i = 0; i < p->n; i++) {
		const struct xp_figure *g = &p->figure[i];

		if (g->kind != XPF_SLOWDOWN || strcmp(g->name, xp_technique_names[t]))
			continue;
		for (unsigned j = 0; j < g->n; j++)
			fprintf(out, "%u %.4f\n", g->mb[j], g->value[j]);
		n += g->n;
	}
	fputs("END\n", out);
	return n;
}

static void write_slowdown(FILE *out, const struct experiment *x, const struct xp_published *p,
			   unsigned profile)
{
	unsigned counted[XP_ALONE], published[XP_ALONE];
	const char *separator = "plot";

	write_head(out, "slowdown");
	for (unsigned t = 0; t < XP_ALONE; t++) {
		counted[t] = write_counted(out, x, profile, t);
		published[t] = write_published(out, p, t);
	}
	fputs("set logscale xy\nset xlabel 'array, MB'\nset ylabel 'slowdown'\n"
	      "set xtics (1, 10, 50, 100, 250, 500, 1000)\n", out);
	for (unsigned t = 0; t < XP_ALONE; t++) {
		if (counted[t]) {
			fprintf(out, "%s $counted%u using 1:2 with linespoints pointtype 7 "
				"linewidth 2 linecolor rgb '%s' title '%s'", separator, t,
				colours[t], xp_technique_names[t]);
			separator = ",";
		}
		if (published[t]) {
			fprintf(out, "%s $published%u using 1:2 with linespoints pointtype 6 "
				"dashtype 2 linecolor rgb '%s' title '%s, published'", separator, t,
				colours[t], xp_technique_names[t]);
			separator = ",";
		}
	}
	fputc('\n', out);
}

/* ---- Cycles by part -------------------------------------------------------------------------- */

/* Cycles for each page that is written, of each technique that was counted, by part. */
static void write_parts(FILE *out, const struct experiment *x, const struct xp_published *p,
			unsigned profile)
{
	static const char *const part_colours[] = { "#4477aa", "#ccbb44", "#ee6677" };

	(void)p;
	write_head(out, "parts");
	fputs("$parts << END\n", out);
	for (unsigned i = 0; i < x->n; i++) {
		const struct xp_row *row = &x->rows[i];
		const double pages = 256.0 * row->mb * x->plan.rounds;

		if (row->profile != profile || row->outcome != XP_OK || !row->counted)
			continue;
		fprintf(out, "\"%s %u\" %.2f %.2f %.2f\n", xp_technique_names[row->technique],
			row->mb, xp_part_cycles(x, row, XP_TRACKED) / pages,
			xp_part_cycles(x, row, XP_COLLECT) / pages,
			xp_part_cycles(x, row, XP_REARM) / pages);
	}
	/* gnuplot does not draw what has no data. */
	fputs("\"\" 0 0 0\nEND\n"
	      "set style data histograms\nset style histogram rowstacked\n"
	      "set style fill solid noborder\nset boxwidth 0.8\nset yrange [0:*]\n"
	      "set xtics rotate by -60\nset bmargin 8\nset ylabel 'cycles per page'\nplot ", out);
	for (unsigned part = XP_TRACKED; part <= XP_REARM; part++)
		fprintf(out, "%s $parts using %u:xtic(1) linecolor rgb '%s' title '%s'",
			part > XP_TRACKED ? "," : "", part + 1, part_colours[part - XP_TRACKED],
			xp_part_names[part]);
	fputc('\n', out);
}

/* ---- Overhead beside the published ----------------------------------------------------------- */

static bool has_overhead(const struct xp_row *row, unsigned profile)
{
	return row->profile == profile && row->outcome == XP_OK &&
	       (row->technique == XP_PROC || row->technique == XP_UFD);
}

static void write_overhead(FILE *out, const struct experiment *x, const struct xp_published *p,
			   unsigned profile)
{
	write_head(out, "overhead");
	fputs("$overhead << END\n", out);
	for (unsigned i = 0; i < x->n; i++) {
		const struct xp_row *row = &x->rows[i];
		const char *name = xp_technique_names[row->technique];

		if (!has_overhead(row, profile) || !xp_alone(x, row))
			continue;
		fprintf(out, "\"%s %u\" %.2f %.2f\n", name, row->mb,
			100 * (xp_slowdown(x, row) - 1),
			xp_published(p, XPF_TRACKED, name, row->mb));
	}
	fputs("\"\" 0 0\nEND\n"
	      "set style data histograms\nset style histogram clustered gap 1\n"
	      "set style fill solid noborder\nset yrange [0:*]\n"
	      "set xtics rotate by -60\nset bmargin 8\nset ylabel 'overhead on Tracked, %'\n"
	      "plot $overhead using 2:xtic(1) linecolor rgb '#4477aa' title 'counted', "
	      "'' using 3 linecolor rgb '#bbbbbb' title 'published'\n", out);
}

/* ---- Files ----------------------------------------------------------------------------------- */

typedef void write_script_fn(FILE *out, const struct experiment *x, const struct xp_published *p,
			     unsigned profile);

static int draw(const char *name, write_script_fn *write_script, const struct experiment *x,
		const struct xp_published *p, unsigned profile, char **image, size_t *size)
{
	char *script = NULL;
	size_t script_size;
	FILE *out = open_memstream(&script, &script_size);
	int status;

	if (!out)
		return cli_error("out of memory");
	write_script(out, x, p, profile);
	status = fclose(out) ? cli_error("out of memory")
			     : gnuplot_draw(name, script, image, size) ? STATUS_BAD : 0;
	free(script);
	return status;
}

int xp_plot_slowdown(const struct experiment *x, const struct xp_published *p, unsigned profile,
		     char **svg)
{
	return draw("slowdown", write_slowdown, x, p, profile, svg, NULL);
}

static int plot(const char *directory, const char *what, write_script_fn *write_script,
		const struct experiment *x, const struct xp_published *p, unsigned profile)
{
	char name[64], *image = NULL;
	size_t size;
	int status;

	snprintf(name, sizeof(name), "%s-%s.svg", what, profile_names[profile]);
	status = draw(name, write_script, x, p, profile, &image, &size);
	if (!status)
		status = output_dir_write(directory, name, image, size);
	free(image);
	return status;
}

int xp_plot(const char *directory, const struct experiment *x, const struct xp_published *p)
{
	int status = 0;

	for (unsigned i = 0; i < PROFILES && !status; i++)
		if (x->profile[i])
			status = plot(directory, "slowdown", write_slowdown, x, p, i) ||
				 plot(directory, "parts", write_parts, x, p, i) ||
				 plot(directory, "overhead", write_overhead, x, p, i)
				 ? STATUS_BAD : 0;
	return status;
}
