/* SPDX-License-Identifier: BSD-2-Clause */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "xen_console.h"

#define MAX_LINE	(1u << 20)

double xen_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* ---- Phases ---------------------------------------------------------------------------------- */

static void end_phase(struct xen_console *c)
{
	const double now = xen_seconds();

	if (c->ops->phase)
		c->ops->phase(c->ctx, c->phase, now - c->phase_begin);
	c->phase_begin = c->progress = now;
}

static void begin_phase(struct xen_console *c, const char *guest, const char *name)
{
	end_phase(c);
	/* The first guest is most often the only one. */
	if (*guest && strcmp(guest, "guest"))
		snprintf(c->phase, sizeof(c->phase), "%s: %s", guest, name);
	else
		snprintf(c->phase, sizeof(c->phase), "%s", name);
}

/* Xen and dom0's kernel do not know of phases, but say something when they begin. */
static void find_phase(struct xen_console *c, const char *line)
{
	if (!strcmp(c->phase, "BIOS and GRUB") && !strncmp(line, "(XEN) ", 6))
		begin_phase(c, "", "Xen");
	else if (!strcmp(c->phase, "Xen") && !strncmp(line, "mapping kernel into", 19))
		begin_phase(c, "", "dom0's kernel");
}

/* ---- Lines ----------------------------------------------------------------------------------- */

/* The text behind a mark, or NULL. */
static const char *marked(const char *line, const char *mark)
{
	const size_t len = strlen(mark);

	if (strncmp(line, mark, len) || (line[len] && line[len] != ' '))
		return NULL;
	return line + len + (line[len] == ' ');
}

/* dom0 puts "(NAME) " in front of what a guest prints. Xen's own lines begin with "(XEN) ". */
static const char *skip_guest(const char *line, char *guest, size_t size)
{
	const char *end = *line == '(' ? strstr(line, ") ") : NULL;

	*guest = '\0';
	if (!end || strncmp(line, "(guest", 6))
		return line;
	snprintf(guest, size, "%.*s", (int)(end - line - 1), line + 1);
	return end + 2;
}

static void take_status(struct xen_console *c, const char *guest, const char *text)
{
	c->ended++;
	if (!strcmp(text, "0"))
		return;
	c->failed++;
	snprintf(c->failure, sizeof(c->failure), "the command of %s has ended with status %s",
		 *guest ? guest : "guest", text);
}

static void find_marks(struct xen_console *c, const char *line)
{
	char guest[32];
	const char *rest = skip_guest(line, guest, sizeof(guest)), *text;

	if ((text = marked(rest, "EPML-PHASE"))) {
		begin_phase(c, guest, text);
	} else if ((text = marked(rest, "EPML-RESULT"))) {
		c->progress = xen_seconds();
		if (c->ops->result)
			c->ops->result(c->ctx, guest, text);
	} else if ((text = marked(rest, "EPML-STATUS"))) {
		take_status(c, guest, text);
	} else if ((text = marked(rest, "EPML-ERROR")) && !c->error[0]) {
		snprintf(c->error, sizeof(c->error), "%s%s%s", guest, *guest ? ": " : "", text);
		strcpy(c->error_phase, c->phase);
	}
}

static void keep_line(struct xen_console *c, const char *line)
{
	char **place = &c->last[c->n_lines++ % XEN_LAST_LINES];

	free(*place);
	*place = strdup(line);
}

static void take_line(struct xen_console *c)
{
	c->line[c->used] = '\0';
	c->used = 0;
	if (c->line[strspn(c->line, " ")])
		keep_line(c, c->line);
	find_phase(c, c->line);
	find_marks(c, c->line);
	if (c->ops->console)
		c->ops->console(c->ctx, c->line);
}

static bool make_room(struct xen_console *c)
{
	const size_t size = c->size ? 2 * c->size : 256;
	char *line;

	if (c->used + 1 < c->size)
		return true;
	line = size <= MAX_LINE ? realloc(c->line, size) : NULL;
	if (!line)
		return false;
	c->line = line;
	c->size = size;
	return true;
}

void xen_console_take(struct xen_console *c, const char *bytes, size_t n)
{
	if (c->log)
		fwrite(bytes, 1, n, c->log);
	for (size_t i = 0; i < n; i++) {
		if (!make_room(c))
			continue;
		if (bytes[i] == '\n')
			take_line(c);
		else if (bytes[i] != '\r' && bytes[i])
			c->line[c->used++] = bytes[i];
	}
}

/* ---- Begin and end --------------------------------------------------------------------------- */

void xen_console_begin(struct xen_console *c, const struct xen_job_ops *ops, void *ctx)
{
	*c = (struct xen_console){ .ops = ops, .ctx = ctx };
	snprintf(c->phase, sizeof(c->phase), "BIOS and GRUB");
	c->phase_begin = c->progress = xen_seconds();
}

void xen_console_end(struct xen_console *c)
{
	if (c->used)
		take_line(c);
	end_phase(c);
}

void xen_console_print_last(const struct xen_console *c, FILE *out)
{
	const unsigned n = c->n_lines < XEN_LAST_LINES ? c->n_lines : XEN_LAST_LINES;

	for (unsigned i = c->n_lines - n; i < c->n_lines; i++)
		fprintf(out, "  %s\n", c->last[i % XEN_LAST_LINES] ? c->last[i % XEN_LAST_LINES]
								     : "");
}

void xen_console_free(struct xen_console *c)
{
	for (unsigned i = 0; i < XEN_LAST_LINES; i++)
		free(c->last[i]);
	free(c->line);
}
