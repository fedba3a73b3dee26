/* SPDX-License-Identifier: BSD-2-Clause */
/* The section of the report about micro-operations: what "epml timing micro" prints. */
#include "report_doc.h"

static void put(struct doc *doc, struct table *t, bool *failed)
{
	doc->ops->table(doc, t);
	*failed |= t->failed;
	table_free(t);
}

void report_write_timing(struct doc *doc, const struct report_data *d, bool *failed)
{
	const struct timing_result *r = micro_first(d->micro);
	struct table t;
	char text[TIMING_NAME + 300];

	doc->ops->heading(doc, 2, "What operations cost");
	snprintf(text, sizeof(text), "Counted by `make micro` for %s, mode %s: cycles of one "
		 "operation, from the lowest prices to the highest, beside what was published. "
		 "The error is 0 within the published range. `docs/timing.md` explains model, "
		 "sources and limits.", r->processor.name, timing_mode_names[r->mode]);
	doc->ops->paragraph(doc, text);
	if (micro_table(&t, d->micro, d->published, TABLE_MARKDOWN))
		*failed = true;
	else
		put(doc, &t, failed);
	doc->ops->heading(doc, 3, "The published formulas");
	doc->ops->paragraph(doc, "A program that writes to all its pages, and its tracker, by "
			    "the published formulas and as counted in the same run.");
	if (micro_formulas_table(&t, d->micro))
		*failed = true;
	else
		put(doc, &t, failed);
}
