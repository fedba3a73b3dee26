/* SPDX-License-Identifier: BSD-2-Clause */
#include "xml.h"

void xml_char(FILE *out, char c)
{
	switch (c) {
	case '<':
		fputs("&lt;", out);
		break;
	case '>':
		fputs("&gt;", out);
		break;
	case '&':
		fputs("&amp;", out);
		break;
	case '"':
		fputs("&quot;", out);
		break;
	default:
		putc((unsigned char)c < ' ' && c != '\n' ? ' ' : c, out);
	}
}

void xml_text(FILE *out, const char *text)
{
	for (; *text; text++)
		xml_char(out, *text);
}
