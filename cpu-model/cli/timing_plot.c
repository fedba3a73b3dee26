/* SPDX-License-Identifier: BSD-2-Clause */
/* Cycles by cause, stacked, with the range of each phase's sum. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli_error.h"
#include "gnuplot.h"
#include "newfile.h"
#include "timing_print.h"

static double cycles(const struct timing_result *r, const uint64_t *count, int cause,
		     enum timing_bound bound)
{
	struct timing_cycles c = { { 0 } };

	timing_cycles_add(&c, r->processor.price, count, cause);
	return (double)c.milli[bound] / 1000;
}

/* One line for each phase: name, cycles of each cause, likely, low and high sum. */
static unsigned write_data(FILE *out, const struct timing_result *r)
{
	uint64_t count[TIMING_N_COSTS];
	unsigned n = 0;

	fputs("$data << END\n", out);
	for (unsigned id = 0; id < TIMING_PHASES; id++) {
		const char *name = timing_result_phase_name(r, id);

		if (!name)
			continue;
		timing_result_sum(r, name, count);
		/* Between double quotes, which a name may have too. */
		putc('"', out);
		for (const char *c = name; *c; c++)
			putc(*c == '"' || *c == '\\' ? '\'' : *c, out);
		putc('"', out);
		for (int cause = 0; cause < TIMING_N_CAUSES; cause++)
			fprintf(out, " %.3f", cycles(r, count, cause, TIMING_LIKELY));
		fprintf(out, " %.3f %.3f %.3f\n",
			cycles(r, count, TIMING_ALL_CAUSES, TIMING_LIKELY),
			cycles(r, count, TIMING_ALL_CAUSES, TIMING_LOW),
			cycles(r, count, TIMING_ALL_CAUSES, TIMING_HIGH));
		n++;
	}
	fputs("END\n", out);
	return n;
}

/* Causes that were not counted would only fill the key. */
static void write_bars(FILE *out, const struct timing_result *r)
{
	static const char *const colours[] = {
		"#4477aa", "#66ccee", "#228833", "#ccbb44", "#ee6677", "#aa3377",
		"#bbbbbb", "#882255", "#44aa99", "#999933", "#332288", "#117733",
		"#cc6677", "#ddcc77", "#88ccee", "#aa4499", "#661100", "#6699cc",
	};
	uint64_t count[TIMING_N_COSTS];

	timing_result_sum(r, NULL, count);
	fputs("plot ", out);
	for (int cause = 0; cause < TIMING_N_CAUSES; cause++) {
		if (cycles(r, count, cause, TIMING_LIKELY) <= 0)
			continue;
		fprintf(out, "$data using %d:xtic(1) linecolor rgb '%s' title ", cause + 2,
			colours[(size_t)cause % (sizeof(colours) / sizeof(colours[0]))]);
		gnuplot_quote(out, timing_causes[cause].name);
		fputs(", ", out);
	}
	fprintf(out, "$data using 0:%d:%d:%d with yerrorbars pointtype 0 linewidth 1.5 "
		"linecolor rgb '#000000' title 'low to high'\n", TIMING_N_CAUSES + 2,
		TIMING_N_CAUSES + 3, TIMING_N_CAUSES + 4);
}

static void write_script(FILE *out, const struct timing_result *r, bool png)
{
	const unsigned n = write_data(out, r), width = 420 + 60 * (n < 30 ? n : 30);

	fprintf(out, png ? "set terminal pngcairo size %u,520 font 'sans-serif,10' noenhanced\n"
			 : "set terminal svg size %u,520 dynamic noenhanced font 'sans-serif,13' "
			   "background '#ffffff'\n", width);
	fputs("set title ", out);
	gnuplot_quote(out, r->processor.name);
	fputs("\nset style data histograms\nset style histogram rowstacked\n"
	      "set style fill solid noborder\nset boxwidth 0.7\nset border 3\n"
	      "set tics nomirror out\nset grid ytics linecolor rgb '#dddddd'\nset yrange [0:*]\n"
	      "set ylabel 'cycles'\nset format y '%.1s%c'\nset xtics rotate by -45\n"
	      "set key outside right reverse Left\n", out);
	write_bars(out, r);
}

static int ends_with(const char *path, const char *end)
{
	const size_t a = strlen(path), b = strlen(end);

	return a > b && !strcmp(path + a - b, end);
}

static int write_image(const char *path, const char *image, size_t size)
{
	struct newfile file;

	if (newfile_open(&file, path))
		return cli_error("--plot %s: %s", path, strerror(errno));
	fwrite(image, 1, size, file.out);
	if (newfile_close(&file, true))
		return cli_error("--plot %s: %s", path, strerror(errno));
	return 0;
}

int timing_plot(const struct timing_result *r, const char *path)
{
	char *script = NULL, *image = NULL;
	size_t size;
	FILE *out;
	int status;

	if (!ends_with(path, ".svg") && !ends_with(path, ".png"))
		return cli_error("--plot %s: expected a name that ends with .svg or .png", path);
	if (!timing_result_total(r).milli[TIMING_LIKELY])
		return cli_error("--plot %s: nothing was counted", path);
	out = open_memstream(&script, &size);
	if (!out)
		return cli_error("out of memory");
	write_script(out, r, ends_with(path, ".png"));
	status = fclose(out) ? cli_error("out of memory") : 0;
	if (!status && gnuplot_draw(path, script, &image, &size))
		status = STATUS_BAD;
	if (!status)
		status = write_image(path, image, size);
	free(script);
	free(image);
	return status;
}
