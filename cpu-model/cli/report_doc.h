/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The report as a document: its sections are written once (report_sections.c), to Markdown or to
 * HTML. Text between backquotes is code, in both.
 */
#ifndef EPML_REPORT_DOC_H
#define EPML_REPORT_DOC_H

#include <stdio.h>

#include "report_data.h"
#include "table.h"

struct plot {
	const char *file;		/* "vectors.svg" */
	const char *caption;
	char *svg;			/* NULL: there is no such plot */
};

/* The last ones are slowdowns of techniques: one for each profile. */
enum { PLOT_VECTORS, PLOT_BENCH, PLOT_SLOWDOWN, PLOTS = PLOT_SLOWDOWN + PROFILES };

struct doc {
	FILE *out;
	const struct doc_ops *ops;
	const struct plot *plots;	/* PLOTS of them, or NULL */
};

struct doc_ops {
	void (*begin)(struct doc *doc, const char *title);
	void (*heading)(struct doc *doc, unsigned level, const char *text);
	void (*paragraph)(struct doc *doc, const char *text);
	void (*table)(struct doc *doc, const struct table *t);
	void (*plot)(struct doc *doc, const struct plot *plot);
	void (*end)(struct doc *doc);
};

extern const struct doc_ops doc_markdown;	/* report_md.c */
extern const struct doc_ops doc_html;		/* report_html.c: one file, plots inside */

/** Columns with this key hold counts of results; HTML colours them. */
#define DOC_COUNT "count"

/** Write the section about micro-operations (report_timing.c). Sets *failed if it cannot. */
void report_write_timing(struct doc *doc, const struct report_data *d, bool *failed);

/** Write the section about techniques (report_experiment.c). Sets *failed if it cannot. */
void report_write_experiment(struct doc *doc, const struct report_data *d, bool *failed);

/** Write all sections. @return 0, or -1 if memory or the output failed */
int report_write(struct doc *doc, const struct report_data *d);

/**
 * Draw the plots with gnuplot (report_plot.c).
 * @param plots	PLOTS of them, filled in; release with report_plots_free()
 * @return	0, or -1 after one line on stderr
 */
int report_plots_make(struct plot *plots, const struct report_data *d);
void report_plots_free(struct plot *plots);

#endif
