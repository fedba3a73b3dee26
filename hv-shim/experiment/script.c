/* SPDX-License-Identifier: BSD-2-Clause */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli_error.h"
#include "script.h"
#include "tempdir.h"
#include "tool.h"

#define LINE_SIZE 4200

/* ---- Files ----------------------------------------------------------------------------------- */

static int add_file(struct script *s, const char *path, const char *guest_path)
{
	if (s->n_files == SCRIPT_FILES)
		return cli_error("%s needs more than %u files", s->file[0].path, SCRIPT_FILES);
	if (access(path, R_OK))
		return cli_error("cannot read %s: %s", path, strerror(errno));
	s->file[s->n_files++] = (struct xen_file){ path, guest_path };
	return 0;
}

/* A path that is only in a buffer, at the same place in the guest. */
static int add_library(struct script *s, const char *path)
{
	char *copy = strdup(path);

	if (!copy || add_file(s, copy, copy)) {
		free(copy);
		return copy ? STATUS_BAD : cli_error("out of memory");
	}
	s->path[s->n_files - 1] = copy;
	return 0;
}

/* A line of ldd has a path with a slash, in front of an address in parentheses. */
static int take_ldd_line(struct script *s, char *line)
{
	char *path = strchr(line, '/'), *end = path ? strstr(path, " (0x") : NULL;

	if (strstr(line, "not found"))
		return cli_error("%s: library%s", s->file[0].path, line);
	if (!end)
		return 0;
	*end = '\0';
	return add_library(s, path);
}

/* The libraries of a program; ldd fails if it is a static one, or no program. */
static int add_libraries(struct script *s, const char *program)
{
	const char *const argv[] = { "ldd", program, NULL };
	char directory[TEMPDIR_PATH], output[TEMPDIR_PATH + 10], text[300], line[LINE_SIZE];
	FILE *f = NULL;
	int status = 0;

	if (tempdir_make(directory, text, sizeof(text)))
		return cli_error("%s", text);
	snprintf(output, sizeof(output), "%s/ldd", directory);
	if (!tool_run(argv, output, text, sizeof(text)))
		f = fopen(output, "re");
	while (f && !status && fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		status = take_ldd_line(s, line);
	}
	if (f)
		fclose(f);
	tempdir_remove(directory);
	return status;
}

/* ---- Text ------------------------------------------------------------------------------------ */

/* One word for the shell, whatever is in it. */
static void put_word(FILE *out, const char *word)
{
	fputs(" '", out);
	for (; *word; word++)
		fprintf(out, *word == '\'' ? "'\\''" : "%c", *word);
	putc('\'', out);
}

static void write_techniques(FILE *out, const struct xp_plan *plan)
{
	const char *separator = " --techniques ";

	for (unsigned t = 0; t < XP_ALONE; t++)
		if (plan->technique[t]) {
			fprintf(out, "%s%s", separator, xp_technique_names[t]);
			separator = ",";
		}
}

static void write_bench(FILE *out, const struct xp_request *r)
{
	fprintf(out, "./ooh-bench --marks --rounds %u --limit %u --sizes ", r->plan.rounds,
		1000 * r->limit);
	for (unsigned i = 0; i < r->plan.n_sizes; i++)
		fprintf(out, "%s%u", i ? "," : "", r->plan.mb[i]);
	write_techniques(out, &r->plan);
	if (r->every)
		fprintf(out, " --every %u", r->every);
	if (r->timer)
		fprintf(out, " --timer %u", r->timer);
	/* Tracked has the first processor, Tracker the last. */
	if (r->vcpus > 1)
		fprintf(out, " --tracker-cpu %u", r->vcpus - 1);
	putc('\n', out);
}

/* One run of the program for each technique; its own exit status is not the experiment's. */
static void write_track(FILE *out, const struct xp_request *r)
{
	for (unsigned t = 0; t < XP_ALONE; t++) {
		if (!r->plan.technique[t])
			continue;
		fprintf(out, "./ooh-track --result --technique %s -- ./program",
			xp_technique_names[t]);
		for (char *const *arg = r->program + 1; *arg; arg++)
			put_word(out, *arg);
		putc('\n', out);
	}
	fputs("true\n", out);
}

static int write_text(struct script *s, const struct xp_request *r)
{
	size_t size;
	FILE *out = open_memstream(&s->text, &size);

	if (!out)
		return cli_error("out of memory");
	if (r->program)
		write_track(out, r);
	else
		write_bench(out, r);
	return fclose(out) ? cli_error("out of memory") : 0;
}

int script_make(struct script *s, const struct xp_request *r)
{
	int status;

	memset(s, 0, sizeof(*s));
	if (r->program)
		status = add_file(s, r->program[0], "/job/program") ||
			 add_file(s, r->paths->ooh_track, "/job/ooh-track") ||
			 add_libraries(s, r->program[0]) ? STATUS_BAD : 0;
	else
		status = add_file(s, r->paths->ooh_bench, "/job/ooh-bench");
	if (!status)
		status = write_text(s, r);
	if (status)
		script_free(s);
	return status;
}

void script_free(struct script *s)
{
	for (size_t i = 0; i < s->n_files; i++)
		free(s->path[i]);
	free(s->text);
	s->text = NULL;
	s->n_files = 0;
}
