/* SPDX-License-Identifier: BSD-2-Clause */
/* Plots as SVG, drawn by gnuplot from scripts that hold their data. */
#define _GNU_SOURCE
#include <math.h>
#include <stdlib.h>

#include "cli_error.h"
#include "gnuplot.h"
#include "report_doc.h"

/* ---- Scripts ---- */

static void write_head(FILE *out, const char *name, unsigned width, unsigned height)
{
	fprintf(out,
		"set terminal svg size %u,%u dynamic noenhanced font 'sans-serif,13' name '%s' "
		"background '#ffffff'\n"
		"set border 3 linecolor '#666666'\n"
		"set tics nomirror out textcolor '#333333'\n"
		"set key outside top center horizontal\n"
		"set grid ytics linecolor '#dddddd'\n", width, height, name);
}

/* One block of bars for each place, a bar for each chapter. */
static void write_vectors_script(FILE *out, const struct report_data *d)
{
	write_head(out, "vectors", 300 + 190 * d->n_places, 460);
	for (unsigned place = 0; place < d->n_places; place++) {
		fprintf(out, "$place%u << END\n", place);
		for (unsigned chapter = 0; chapter < d->n_chapters; chapter++) {
			const struct report_count c = report_data_count(d, chapter, place);

			fprintf(out, "\"%s\" %u %u %u\n", d->chapters[chapter], c.passed, c.known,
				c.failed);
		}
		fputs("END\n", out);
	}
	fputs("set style data histograms\n"
	      "set style histogram rowstacked title offset 0,-2\n"
	      "set style fill solid noborder\nset boxwidth 0.8\nset yrange [0:*]\n"
	      "set ylabel 'vectors'\nset xtics rotate by -45\nset bmargin 8.5\n"
	      "set rmargin 5\nplot ", out);
	for (unsigned place = 0; place < d->n_places; place++)
		fprintf(out, "%snewhistogram '%s', "
			"$place%u using 2:xtic(1) linecolor rgb '#4477aa' %s, "
			"'' using 3 linecolor rgb '#ccbb44' %s, "
			"'' using 4 linecolor rgb '#ee6677' %s",
			place ? ", " : "", d->places[place].label, place,
			place ? "notitle" : "title 'passed'",
			place ? "notitle" : "title 'known defect'",
			place ? "notitle" : "title 'failed'");
	fputc('\n', out);
}

static const char *name_of(const json_t *item)
{
	return json_string_value(json_object_get(item, "name"));
}

static double ratio_of(const json_t *on, const char *key)
{
	return json_number_value(json_object_get(json_object_get(on, "ratio"), key));
}

/* Data of the configuration at @p index: place of the point, median, least and greatest ratio. */
static void write_ratios(FILE *out, const json_t *workloads, size_t index, size_t n)
{
	const json_t *workload;
	size_t i;

	fprintf(out, "$on%zu << END\n", index);
	json_array_foreach(workloads, i, workload) {
		const json_t *on = json_array_get(json_object_get(workload, "on"), index);

		fprintf(out, "%.3f %.6f %.6f %.6f\n",
			(double)i + 0.8 * ((double)index / (double)n - 0.5),
			ratio_of(on, "median"), ratio_of(on, "min"), ratio_of(on, "max"));
	}
	fputs("END\n", out);
}

/* From a little below the least ratio to a little above the greatest. */
static void write_range(FILE *out, const json_t *workloads)
{
	double least = 0.9, greatest = 1.1;
	const json_t *workload, *on;
	size_t i, j;

	json_array_foreach(workloads, i, workload) {
		json_array_foreach(json_object_get(workload, "on"), j, on) {
			least = fmin(least, ratio_of(on, "min"));
			greatest = fmax(greatest, ratio_of(on, "max"));
		}
	}
	fprintf(out, "set logscale y\nset yrange [%.4f:%.4f]\n", least / 1.1, greatest * 1.2);
}

/* What is 1 by definition, stock Bochs, is a line; each other configuration a colour. */
static void write_bench_script(FILE *out, const struct report_data *d)
{
	static const char *const colours[] = {
		"#888888", "#4477aa", "#228833", "#aa3377", "#ee6677", "#ccbb44"
	};
	const json_t *workloads = json_object_get(d->bench, "workloads"), *item;
	const json_t *on = json_object_get(json_array_get(workloads, 0), "on");
	const size_t n = json_array_size(on);
	size_t i;

	write_head(out, "bench", 900, 460);
	for (i = 1; i < n; i++)
		write_ratios(out, workloads, i, n);
	write_range(out, workloads);
	fprintf(out, "set xrange [-0.5:%zu-0.5]\n"
		"set ytics (0.25, 0.5, 0.7, 0.8, 0.9, 1, 1.1, 1.25, 1.5, 2, 3, 5, 7, 10, 20)\n"
		"set ylabel 'CPU time, ratio to stock Bochs'\nset xtics (",
		json_array_size(workloads));
	json_array_foreach(workloads, i, item)
		fprintf(out, "%s'%s' %zu", i ? ", " : "", name_of(item), i);
	fputs(")\nplot 1 linecolor rgb '#888888' title 'stock'", out);
	for (i = 1; i < n; i++)
		fprintf(out, ", $on%zu using 1:2:3:4 with yerrorbars pointtype 7 linewidth 2 "
			"linecolor rgb '%s' title '%s', "
			"$on%zu using 1:2:(sprintf('%%.2f', $2)) with labels offset 0,1 "
			"textcolor '#333333' notitle", i,
			colours[i % (sizeof(colours) / sizeof(colours[0]))],
			name_of(json_array_get(on, i)), i);
	fputc('\n', out);
}

/* Every workload has the same configurations, two of them at least. */
static bool can_plot(const json_t *workloads)
{
	const size_t n = json_array_size(json_object_get(json_array_get(workloads, 0), "on"));
	const json_t *workload;
	size_t i;

	json_array_foreach(workloads, i, workload)
		if (json_array_size(json_object_get(workload, "on")) != n)
			return false;
	return n >= 2;
}

/* ---- The plots ---- */

typedef void write_script_fn(FILE *out, const struct report_data *d);

static int make_plot(struct plot *plot, write_script_fn *write_script, const struct report_data *d)
{
	char *script = NULL;
	size_t size;
	FILE *out = open_memstream(&script, &size);
	int status;

	if (!out)
		return cli_error("out of memory");
	write_script(out, d);
	status = fclose(out) ? cli_error("out of memory")
			     : gnuplot_draw(plot->file, script, &plot->svg, NULL);
	free(script);
	return status;
}

/* What the rows of the experiment say of each profile. */
static int make_slowdowns(struct plot *plots, const struct report_data *d)
{
	static const char *const files[PROFILES] = {
		"slowdown-published.svg", "slowdown-hardened.svg"
	};
	static const char *const captions[PROFILES] = {
		"Slowdown by size of the array, profile `published`; dashed: as published",
		"Slowdown by size of the array, profile `hardened`; dashed: as published"
	};

	for (unsigned i = 0; d->experiment && i < PROFILES; i++) {
		plots[i] = (struct plot){ .file = files[i], .caption = captions[i] };
		if (d->experiment->profile[i] &&
		    xp_plot_slowdown(d->experiment, d->tracking, i, &plots[i].svg))
			return -1;
	}
	return 0;
}

int report_plots_make(struct plot *plots, const struct report_data *d)
{
	plots[PLOT_VECTORS] = (struct plot){
		.file = "vectors.svg", .caption = "Vectors by chapter, for each profile and host"
	};
	plots[PLOT_BENCH] = (struct plot){
		.file = "bench.svg",
		.caption = "CPU time of guest programs, as a ratio to stock Bochs; medians, with "
			   "the least and the greatest"
	};
	if (make_plot(&plots[PLOT_VECTORS], write_vectors_script, d) ||
	    make_slowdowns(&plots[PLOT_SLOWDOWN], d))
		return -1;
	if (!d->bench || !can_plot(json_object_get(d->bench, "workloads")))
		return 0;
	return make_plot(&plots[PLOT_BENCH], write_bench_script, d);
}

void report_plots_free(struct plot *plots)
{
	for (unsigned i = 0; i < PLOTS; i++)
		free(plots[i].svg);
}
