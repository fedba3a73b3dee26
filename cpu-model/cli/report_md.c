/* SPDX-License-Identifier: BSD-2-Clause */
#include "report_doc.h"

static void begin(struct doc *doc, const char *title)
{
	fprintf(doc->out, "# %s\n", title);
}

static void heading(struct doc *doc, unsigned level, const char *text)
{
	fprintf(doc->out, "\n%.*s %s\n", (int)level, "######", text);
}

static void paragraph(struct doc *doc, const char *text)
{
	fprintf(doc->out, "\n%s\n", text);
}

static void table(struct doc *doc, const struct table *t)
{
	fputc('\n', doc->out);
	table_print(t, TABLE_MARKDOWN, doc->out);
}

static void plot(struct doc *doc, const struct plot *p)
{
	fprintf(doc->out, "\n![%s](%s)\n", p->caption, p->file);
}

static void end(struct doc *doc)
{
	(void)doc;
}

const struct doc_ops doc_markdown = { begin, heading, paragraph, table, plot, end };
