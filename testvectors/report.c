/* SPDX-License-Identifier: BSD-2-Clause */
/* Lines of the output protocol. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"

/* The kinds of lines and how many numbers they have. */
static const struct {
	char kind;
	unsigned n;
} forms[] = {
	{ 'V', 1 }, { 'n', 1 }, { 'x', 9 }, { 'e', 4 }, { 'r', 3 }, { 'g', 1 }, { 'f', 2 },
	{ 'm', 2 }, { '!', 0 }, { 'z', 1 }, { 'Z', 1 },
};

static bool parse_number(const char **line, uint64_t *value)
{
	char *end;

	if (**line != ' ' || !isxdigit((unsigned char)(*line)[1]))
		return false;
	errno = 0;
	*value = strtoull(*line + 1, &end, 16);
	*line = end;
	return !errno;
}

/* The word that is the name of a register. */
static bool parse_name(const char **line, struct report *r)
{
	size_t len;

	if (**line != ' ')
		return false;
	len = strcspn(*line + 1, " ");
	if (!len || len >= sizeof(r->text))
		return false;
	memcpy(r->text, *line + 1, len);
	*line += 1 + len;
	return true;
}

bool report_parse(const char *line, struct report *r)
{
	unsigned form = 0;

	while (form < sizeof(forms) / sizeof(forms[0]) && forms[form].kind != *line)
		form++;
	if (form == sizeof(forms) / sizeof(forms[0]))
		return false;
	memset(r, 0, sizeof(*r));
	r->kind = *line++;
	if (r->kind == '!') {
		snprintf(r->text, sizeof(r->text), "%s", line + (*line == ' '));
		return true;
	}
	if (r->kind == 'g' && !parse_name(&line, r))
		return false;
	while (r->n < forms[form].n)
		if (!parse_number(&line, &r->v[r->n++]))
			return false;
	return !*line;
}

void outcome_add(struct outcome *o, const struct report *r)
{
	o->reports = array_grow(o->reports, o->n, sizeof(*o->reports));
	o->reports[o->n++] = *r;
	if (r->kind == 'z')
		o->ended = true;
}

void outcome_clear(struct outcome *o)
{
	free(o->reports);
	memset(o, 0, sizeof(*o));
}
