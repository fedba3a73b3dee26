/* SPDX-License-Identifier: BSD-2-Clause */
/* Plots, drawn by gnuplot from scripts that hold their data. */
#ifndef EPML_GNUPLOT_H
#define EPML_GNUPLOT_H

#include <stdio.h>

/** A string of gnuplot between single quotes. */
void gnuplot_quote(FILE *out, const char *text);

/**
 * Draw a plot.
 * @param name		of the plot, for messages
 * @param script	without "set output"
 * @param image		set to what was drawn, with a NUL behind it; to be freed
 * @param size		set to its size, unless NULL
 * @return		0, or -1 after one line on stderr
 */
int gnuplot_draw(const char *name, const char *script, char **image, size_t *size);

#endif
