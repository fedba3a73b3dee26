/* SPDX-License-Identifier: BSD-2-Clause */
/* The runs behind the table of micro-operations. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bochs_dir.h"
#include "bochs_run.h"
#include "cli_error.h"
#include "output_dir.h"
#include "timing_micro.h"
#include "timing_run.h"

#define TIMEOUT		120u		/* seconds for one run, which takes a few */
#define PATH_SIZE	700
#define TEXT_SIZE	400

/* What the ROM has said when it gave up. */
struct said {
	char text[TEXT_SIZE];
};

static bool take_line(void *ctx, const char *line)
{
	struct said *said = ctx;

	if (!strncmp(line, "! ", 2))
		snprintf(said->text, sizeof(said->text), "%s", line + 2);
	return false;
}

static void result_path(char path[PATH_SIZE], const char *directory, enum micro_run run)
{
	snprintf(path, PATH_SIZE, "%s/%s.json", directory, micro_run_names[run]);
}

/* ---- One run -------------------------------------------------------------------------------- */

static int run_bochs(const char *program, const struct paths *paths, const char *epml)
{
	const struct bochs_options o = {
		.program = program, .rom = paths->micro_rom, .epml = epml, .timeout = TIMEOUT,
	};
	struct said said = { "" };
	char text[TEXT_SIZE] = "";
	const enum bochs_end end = bochs_run(&o, "", 0, take_line, &said, text, sizeof(text));

	if (end == BOCHS_STOPPED)
		return STATUS_BAD;
	if (said.text[0])
		return cli_error("%s: %s", paths->micro_rom, said.text);
	return end == BOCHS_DONE ? 0 : cli_error("%s: %s", program, text);
}

static int run_one(const struct paths *paths, enum micro_run run, const char *costs,
		   enum timing_mode mode, const char *directory)
{
	const char *program = mode == TIMING_FULL ? paths->bochs_timing : paths->bochs;
	char path[PATH_SIZE], *epml;
	int status;

	result_path(path, directory, run);
	unlink(path);			/* what is there afterwards is of this run */
	if (asprintf(&epml, "enabled=1, %s, timing=%s, costs=%s, timing-out=%s",
		     micro_run_params[run], timing_mode_names[mode], costs, path) < 0)
		return cli_error("out of memory");
	status = run_bochs(program, paths, epml);
	free(epml);
	if (!status && access(path, R_OK))
		status = cli_error("%s has not written a result", program);
	return status;
}

/* ---- All of them ----------------------------------------------------------------------------- */

static int check_tools(const struct paths *paths, enum timing_mode mode)
{
	const char *program = mode == TIMING_FULL ? paths->bochs_timing : paths->bochs;

	if (access(paths->micro_rom, R_OK))
		return cli_error("%s is missing; run \"make\"", paths->micro_rom);
	if (!access(program, X_OK))
		return 0;
	return mode == TIMING_FULL
		? cli_error("%s is missing; run \"make bochs-timing\" or set EPML_BOCHS_TIMING",
			    program)
		: cli_error("%s is missing; run \"make bochs-model\" or set EPML_BOCHS", program);
}

static int run_into(struct micro_results *m, const struct paths *paths, const char *costs,
		    enum timing_mode mode, const char *directory)
{
	char *const file = bochs_absolute_path(costs);
	char *const dir = file ? bochs_absolute_path(directory) : NULL;
	int status = dir ? 0 : STATUS_BAD;

	for (unsigned run = 0; run < MICRO_RUNS && !status; run++)
		if (m->has[run])
			status = run_one(paths, run, file, mode, dir);
	free(file);
	free(dir);
	return status ? status : micro_read_all(m, directory, NULL);
}

int micro_run_all(struct micro_results *m, const struct paths *paths, const char *costs,
		  enum timing_mode mode, const char *output)
{
	char temporary[TEMPDIR_PATH];
	const char *directory;
	int status = check_tools(paths, mode);

	if (status)
		return status;
	bochs_catch_signals();
	directory = output_dir_make(output, temporary);
	if (!directory)
		return STATUS_BAD;
	status = run_into(m, paths, costs, mode, directory);
	if (!output)
		tempdir_remove(temporary);
	if (bochs_stopped())
		bochs_reraise();
	return status;
}

int micro_read_all(struct micro_results *m, const char *directory,
		   const struct timing_processor *costs)
{
	char path[PATH_SIZE];

	for (unsigned run = 0; run < MICRO_RUNS; run++) {
		if (!m->has[run])
			continue;
		result_path(path, directory, run);
		if (timing_read_result(&m->run[run], path, costs)) {
			micro_free_all(m);
			return STATUS_BAD;
		}
	}
	return 0;
}

void micro_free_all(struct micro_results *m)
{
	for (unsigned run = 0; run < MICRO_RUNS; run++)
		timing_result_free(&m->run[run]);
}
