/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Jobs on the stack of Bochs, Xen, dom0 and guests: one boot from reset to power-off.
 *
 * A job is the base image (make xen-image) and what is added to it: programs for the guest, what
 * the guest does with them, what dom0 does with the guests. docs/xen-boot.md tells what a
 * program in a guest finds, and how it reports.
 */
#ifndef EPML_XEN_JOB_H
#define EPML_XEN_JOB_H

#include <stdbool.h>
#include <stddef.h>

#include "paths.h"

/** A file of the machine that runs the command, and its place in a guest or in dom0. */
struct xen_file {
	const char *path;
	const char *guest_path;		/* absolute, e.g. "/job/my-program" */
};

enum xen_timing { XEN_TIMING_OFF, XEN_TIMING_EVENTS, XEN_TIMING_FULL };

struct xen_job {
	const struct paths *paths;	/* of Bochs, image and hypervisor */
	bool stock_xen;			/* Debian's hypervisor, not ours */

	/* The processor. */
	const char *params;		/* of the model, as in bochsrc: "profile=published, ..." */
	const char *trace;		/* file for the architectural trace, or NULL */
	enum xen_timing timing;
	const char *costs;		/* costs file; NULL if timing is off */
	const char *timing_out;		/* file for the counted result, or NULL */
	const char *const *phases;	/* "1:collect", ..., NULL: names of marks; or NULL */

	/* The machine and its guests. */
	unsigned memory;		/* MByte of the machine; 0: as much as the guests need */
	unsigned guest_memory;		/* MByte of each guest; 0: XEN_GUEST_MEMORY */
	unsigned vcpus;			/* of each guest; 0: 1 */
	unsigned guests;		/* "guest", "guest2", ...; 0: 1 */
	const char *guest_config;	/* lines for each guest's configuration, or NULL */
	const char *guest_cmdline;	/* more words for the guest's kernel, or NULL */
	const char *xen_cmdline;	/* more words for the hypervisor, or NULL */

	/* What is done. */
	const struct xen_file *files;	/* for each guest */
	size_t n_files;
	const struct xen_file *dom0_files;
	size_t n_dom0_files;
	const char *command;		/* shell script that each guest runs in /job, or NULL */
	const char *dom0_script;	/* shell script that dom0 runs instead of starting all
					 * guests and waiting for their end, or NULL */
	unsigned limit;			/* seconds without progress; 0: XEN_LIMIT */

	/* How. */
	bool shell;			/* a prompt in the first guest, on our terminal */
	bool gui;			/* Bochs opens a window */
	bool verbose;			/* kernels tell everything */
	const char *keep;		/* new directory that keeps all files of the run, or NULL */
};

#define XEN_GUEST_MEMORY	192u
#define XEN_DOM0_MEMORY		512u
#define XEN_MIN_MEMORY		1280u
#define XEN_MAX_MEMORY		2048u	/* of Bochs */
#define XEN_MAX_GUESTS		8u
#define XEN_LIMIT		120u

/** What a run reports; each member may be NULL. Lines have no newline. */
struct xen_job_ops {
	/** The guest printed "EPML-RESULT text". */
	void (*result)(void *ctx, const char *guest, const char *text);
	/** A phase has ended, after so many seconds. */
	void (*phase)(void *ctx, const char *name, double seconds);
	/** Any line of the serial line. */
	void (*console)(void *ctx, const char *line);
};

/**
 * Boot, run the job, power off. Nothing that was started survives, and no file but those named in
 * the job. Jobs may run at the same time in several threads. The caller has called
 * bochs_catch_signals(), and ends the program afterwards if bochs_stopped().
 * @return	0: every guest's command ended with status 0; STATUS_FAILED: one did not, or the
 *		boot hung, after lines on standard error that name the phase and the last lines of
 *		the console; STATUS_BAD: it could not be started, after one line
 */
int xen_job_run(const struct xen_job *job, const struct xen_job_ops *ops, void *ctx);

/** MByte of the machine, as given or as the guests need it. */
unsigned xen_job_memory(const struct xen_job *job);

#endif
