/* SPDX-License-Identifier: BSD-2-Clause */
/* The section of the report about techniques on the whole stack: what "epml xen run" prints. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "report_doc.h"

static void put(struct doc *doc, struct table *t, bool *failed)
{
	if (t->n_cells)
		doc->ops->table(doc, t);
	*failed |= t->failed;
	table_free(t);
}

/* Sentences come as lines. */
static void write_text(struct doc *doc, const struct report_data *d, bool *failed)
{
	char *text = NULL, *rest, *line;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (out)
		xp_write_text(out, d->experiment, d->tracking);
	if (!out || fclose(out)) {
		*failed = true;
		return;
	}
	for (rest = text; (line = strsep(&rest, "\n"));)
		if (*line)
			doc->ops->paragraph(doc, line);
	free(text);
}

void report_write_experiment(struct doc *doc, const struct report_data *d, bool *failed)
{
	struct table t;

	doc->ops->heading(doc, 2, "Techniques compared");
	doc->ops->paragraph(doc, "Counted by `epml xen run`: Xen, a Linux guest, and in it a "
			    "program that writes to each page of an array while it is tracked. "
			    "`docs/experiment.md` explains the columns.");
	xp_table_rows(&t, d->experiment, d->tracking);
	put(doc, &t, failed);
	write_text(doc, d, failed);
	for (unsigned i = 0; i < PROFILES; i++)
		if (doc->plots && doc->plots[PLOT_SLOWDOWN + i].svg)
			doc->ops->plot(doc, &doc->plots[PLOT_SLOWDOWN + i]);
	doc->ops->heading(doc, 3, "Events in the timed rounds");
	xp_table_events(&t, d->experiment);
	put(doc, &t, failed);
	doc->ops->heading(doc, 3, "Parts, beside what was published for them");
	xp_table_parts(&t, d->experiment, d->tracking);
	put(doc, &t, failed);
	doc->ops->heading(doc, 3, "The published formulas on these runs");
	xp_table_formulas(&t, d->experiment);
	put(doc, &t, failed);
}
