/* SPDX-License-Identifier: BSD-2-Clause */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli_error.h"
#include "costs_load.h"
#include "newfile.h"
#include "replay.h"
#include "timing_run.h"

/* ---- Costs ------------------------------------------------------------------------------- */

static bool is_file(const char *name)
{
	const size_t len = strlen(name);

	return strchr(name, '/') || (len > 5 && !strcmp(name + len - 5, ".json"));
}

char *timing_costs_path(const char *directory, const char *name)
{
	char *path = NULL;

	if ((is_file(name) ? asprintf(&path, "%s", name)
			   : asprintf(&path, "%s/%s.json", directory, name)) < 0) {
		cli_error("out of memory");
		return NULL;
	}
	if (is_file(name) || !access(path, F_OK))
		return path;
	cli_error("--costs %s: expected a file, or a name that \"epml timing --list processors\" "
		  "prints", name);
	free(path);
	return NULL;
}

char *timing_find_costs(const char *directory, const char *name)
{
	char *path = timing_costs_path(directory, name ? name : TIMING_DEFAULT_COSTS);
	struct timing_processor checked;

	if (path && !timing_costs_load(&checked, path))
		return path;
	free(path);
	return NULL;
}

int timing_read_costs(struct timing_processor *p, const char *directory, const char *name)
{
	char *path = timing_costs_path(directory, name);
	int status = 0;

	if (!path || timing_costs_load(p, path))
		status = STATUS_BAD;
	free(path);
	return status;
}

int timing_parse_mode(const char *option, const char *text, enum timing_mode *mode)
{
	if (strcmp(text, "full") && strcmp(text, "events"))
		return cli_error("%s %s: expected full or events", option, text);
	*mode = strcmp(text, "full") ? TIMING_EVENTS : TIMING_FULL;
	return 0;
}

/* ---- Results ----------------------------------------------------------------------------- */

int timing_read_result(struct timing_result *r, const char *path,
		       const struct timing_processor *costs)
{
	if (timing_result_load(r, path))
		return STATUS_BAD;
	if (!costs)
		return 0;
	if (memcmp(r->processor.geometry, costs->geometry, sizeof(costs->geometry)))
		fprintf(stderr, "epml timing: note: %s was counted with the caches and TLBs of "
			"%s; only its prices change\n", path, r->processor.name);
	memcpy(r->processor.price, costs->price, sizeof(costs->price));
	strcpy(r->processor.name, costs->name);
	return 0;
}

static int write_result(const struct timing_result *r, const char *path)
{
	struct newfile file;

	if (newfile_open(&file, path))
		return cli_error("-o %s: %s", path, strerror(errno));
	timing_result_write(file.out, r);
	if (newfile_close(&file, true))
		return cli_error("-o %s: %s", path, strerror(errno));
	return 0;
}

/* ---- Replay ------------------------------------------------------------------------------ */

static int replay_with_timeline(struct timing_result *r, const struct replay_trace *trace,
				const struct timing_processor *costs, enum timing_mode mode,
				const char *timeline)
{
	struct newfile file;
	int status;

	if (!timeline)
		return replay_run(r, trace, costs, mode, NULL) ? STATUS_BAD : 0;
	if (newfile_open(&file, timeline))
		return cli_error("--timeline %s: %s", timeline, strerror(errno));
	status = replay_run(r, trace, costs, mode, file.out) ? STATUS_BAD : 0;
	if (newfile_close(&file, !status) && !status) {
		timing_result_free(r);
		status = cli_error("--timeline %s: %s", timeline, strerror(errno));
	}
	return status;
}

int timing_replay(struct timing_result *r, const char *path, const struct timing_processor *costs,
		  enum timing_mode mode, const char *output, const char *timeline)
{
	struct replay_trace trace;
	int status;

	if (replay_parse(&trace, path))
		return STATUS_BAD;
	status = replay_with_timeline(r, &trace, costs, mode, timeline);
	replay_trace_free(&trace);
	if (!status && output) {
		status = write_result(r, output);
		if (status)
			timing_result_free(r);
	}
	return status;
}
