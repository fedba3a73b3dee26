/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "report_doc.h"
#include "xml.h"

static const char style[] =
	":root { color-scheme: light dark; --line: #ccc; --head: #f2f2f2; --bad: #b00020;\n"
	"  --known: #8a6100; }\n"
	"@media (prefers-color-scheme: dark) {\n"
	"  :root { --line: #444; --head: #262626; --bad: #ff7b86; --known: #e0b84c; }\n"
	"}\n"
	"body { font: 16px/1.5 system-ui, sans-serif; max-width: 76rem; margin: 2rem auto;\n"
	"  padding: 0 1rem; }\n"
	"h2 { margin-top: 2.5rem; border-bottom: 1px solid var(--line); }\n"
	"div { overflow-x: auto; }\n"
	"table { border-collapse: collapse; font-size: 0.9rem; }\n"
	"th, td { border: 1px solid var(--line); padding: 0.25rem 0.6rem; text-align: left;\n"
	"  vertical-align: top; }\n"
	"th { background: var(--head); }\n"
	"code { font-family: ui-monospace, monospace; font-size: 0.9em; }\n"
	"figure { margin: 1.5rem 0; }\n"
	"figure img { max-width: 100%; height: auto; }\n"
	".bad { color: var(--bad); font-weight: bold; }\n"
	".known { color: var(--known); }\n";

/* Text with code between backquotes. */
static void put_text(FILE *out, const char *text)
{
	bool code = false;

	for (; *text; text++) {
		if (*text == '`') {
			fputs(code ? "</code>" : "<code>", out);
			code = !code;
		} else {
			xml_char(out, *text);
		}
	}
	if (code)
		fputs("</code>", out);
}

static void begin(struct doc *doc, const char *title)
{
	fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
	      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n<title>",
	      doc->out);
	put_text(doc->out, title);
	fprintf(doc->out, "</title>\n<style>\n%s</style>\n</head>\n<body>\n<h1>", style);
	put_text(doc->out, title);
	fputs("</h1>\n", doc->out);
}

static void heading(struct doc *doc, unsigned level, const char *text)
{
	fprintf(doc->out, "<h%u>", level);
	put_text(doc->out, text);
	fprintf(doc->out, "</h%u>\n", level);
}

static void paragraph(struct doc *doc, const char *text)
{
	fputs("<p>", doc->out);
	put_text(doc->out, text);
	fputs("</p>\n", doc->out);
}

static const char *cell_class(const struct table_column *column, const char *text)
{
	if (strcmp(column->key, DOC_COUNT))
		return "";
	if (strstr(text, "failed"))
		return " class=\"bad\"";
	return strstr(text, "known") ? " class=\"known\"" : "";
}

static void table(struct doc *doc, const struct table *t)
{
	fputs("<div><table>\n<tr>", doc->out);
	for (size_t i = 0; i < t->n_columns; i++) {
		fputs("<th>", doc->out);
		put_text(doc->out, t->columns[i].title);
		fputs("</th>", doc->out);
	}
	for (size_t i = 0; i < t->n_cells; i++) {
		const struct table_column *column = &t->columns[i % t->n_columns];

		if (i % t->n_columns == 0)
			fputs("</tr>\n<tr>", doc->out);
		fprintf(doc->out, "<td%s>", cell_class(column, t->cells[i]));
		put_text(doc->out, t->cells[i]);
		fputs("</td>", doc->out);
	}
	fputs("</tr>\n</table></div>\n", doc->out);
}

/* An image of its own inside the page: the names in one SVG do not meet those of another. */
static void plot(struct doc *doc, const struct plot *p)
{
	fputs("<figure>\n<img alt=\"", doc->out);
	put_text(doc->out, p->caption);
	fputs("\" src=\"data:image/svg+xml,", doc->out);
	for (const char *c = p->svg; *c; c++) {
		if (strchr("%#<>\"'&\r\n\t ", *c))
			fprintf(doc->out, "%%%02X", (unsigned char)*c);
		else
			putc(*c, doc->out);
	}
	fputs("\"/>\n<figcaption>", doc->out);
	put_text(doc->out, p->caption);
	fputs("</figcaption>\n</figure>\n", doc->out);
}

static void end(struct doc *doc)
{
	fputs("</body>\n</html>\n", doc->out);
}

const struct doc_ops doc_html = { begin, heading, paragraph, table, plot, end };
