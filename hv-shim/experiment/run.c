/* SPDX-License-Identifier: BSD-2-Clause */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bochs_dir.h"
#include "cli_error.h"
#include "run.h"
#include "script.h"
#include "xen_job.h"

#define PATH_SIZE	4200
#define ROW_SECONDS	600u		/* of the host, for one row in the guest */

/* A boot: the engine calls back from the thread that runs it. */
struct boot {
	const struct xp_request *request;
	enum profile profile;
	FILE *lines;
	int status;
};

/* ---- What a guest needs ---------------------------------------------------------------------- */

unsigned xp_guest_memory(const struct xp_plan *plan)
{
	const unsigned largest = plan->mb[plan->n_sizes - 1];
	/* The oracle's copy; and what lists of pages, logs and page tables take. */
	const unsigned copies = plan->technique[XP_ORACLE] ? 2 : 1;
	const unsigned wanted = XEN_GUEST_MEMORY + copies * largest + largest / 6;

	return wanted < XP_MAX_GUEST_MEMORY ? wanted : XP_MAX_GUEST_MEMORY;
}

/* ---- Callbacks ------------------------------------------------------------------------------- */

/* Each row is a line of progress; whether it is a good one is seen when all is read. */
static void take_result(void *ctx, const char *guest, const char *text)
{
	const struct boot *b = ctx;
	char error[XP_TEXT];
	struct xp_row row;

	(void)guest;
	fprintf(b->lines, "%s\n", text);
	fflush(b->lines);
	if (xp_parse_line(&row, text, error) == 1)
		fprintf(stderr, "%s: %s at %u MB%s%s\n", profile_names[b->profile],
			xp_technique_names[row.technique], row.mb, row.text[0] ? ": " : "",
			row.text);
}

static void take_phase(void *ctx, const char *name, double seconds)
{
	const struct boot *b = ctx;

	fprintf(stderr, "%s: %s, %.1f s\n", profile_names[b->profile], name, seconds);
}

static void take_line(void *ctx, const char *line)
{
	const struct boot *b = ctx;

	if (b->request->verbose)
		fprintf(stderr, "%s: %s\n", profile_names[b->profile], line);
}

/* ---- One boot -------------------------------------------------------------------------------- */

static int run_job(struct boot *b, const struct script *script, const char *timing_out)
{
	static const struct xen_job_ops ops = { take_result, take_phase, take_line };
	const struct xp_request *r = b->request;
	char params[64];
	const struct xen_job job = {
		.paths = r->paths,
		.params = params,
		.timing = r->mode == TIMING_FULL ? XEN_TIMING_FULL : XEN_TIMING_EVENTS,
		.costs = r->costs,
		.timing_out = timing_out,
		.guest_memory = xp_guest_memory(&r->plan),
		.vcpus = r->vcpus,
		.files = script->file,
		.n_files = script->n_files,
		.command = script->text,
		.limit = ROW_SECONDS,
		.verbose = r->verbose,
	};

	snprintf(params, sizeof(params), "profile=%s", profile_names[b->profile]);
	return xen_job_run(&job, &ops, b);
}

static int run_boot(struct boot *b)
{
	const char *name = profile_names[b->profile], *directory = b->request->directory;
	char lines[PATH_SIZE], timing[PATH_SIZE];
	struct script script;
	int status;

	snprintf(lines, sizeof(lines), "%s/%s.lines", directory, name);
	snprintf(timing, sizeof(timing), "%s/%s.timing.json", directory, name);
	/* What is there afterwards is of this run. */
	remove(timing);
	b->lines = fopen(lines, "we");
	if (!b->lines)
		return cli_error("cannot write %s: %s", lines, strerror(errno));
	status = script_make(&script, b->request);
	if (!status) {
		status = run_job(b, &script, timing);
		script_free(&script);
	}
	if (fclose(b->lines) && !status)
		status = cli_error("cannot write %s: %s", lines, strerror(errno));
	return status;
}

static void *boot_thread(void *arg)
{
	struct boot *b = arg;

	b->status = run_boot(b);
	return NULL;
}

/* ---- All of them ----------------------------------------------------------------------------- */

/* Start as many as may run at the same time, and wait for these. */
static void run_some(struct boot *boots, unsigned n)
{
	pthread_t thread[PROFILES];
	bool started[PROFILES];

	for (unsigned i = 0; i < n; i++) {
		started[i] = !pthread_create(&thread[i], NULL, boot_thread, &boots[i]);
		if (!started[i])
			boot_thread(&boots[i]);
	}
	for (unsigned i = 0; i < n; i++)
		if (started[i])
			pthread_join(thread[i], NULL);
}

int xp_run(const struct xp_request *request)
{
	struct boot boots[PROFILES];
	unsigned n = 0;
	int status = xp_write_plan(request->directory, &request->plan, request->profile);

	if (status)
		return status;
	for (unsigned p = 0; p < PROFILES; p++)
		if (request->profile[p])
			boots[n++] = (struct boot){
				.request = request, .profile = (enum profile)p
			};
	for (unsigned i = 0; i < n; i += request->jobs)
		run_some(boots + i, n - i < request->jobs ? n - i : request->jobs);
	for (unsigned i = 0; i < n; i++)
		if (boots[i].status > status)
			status = boots[i].status;
	return status;
}
