/* SPDX-License-Identifier: BSD-2-Clause */
/* The directory of one run: the bootable image with the job in it, and Bochs's configuration. */
#ifndef EPML_XEN_DIR_H
#define EPML_XEN_DIR_H

#include <stdio.h>

#include "tempdir.h"
#include "xen_job.h"

#define XEN_DIR_FILE	(TEMPDIR_PATH + 40)

struct xen_dir {
	char path[TEMPDIR_PATH];
	bool keep;
	char log[XEN_DIR_FILE], errors[XEN_DIR_FILE], console[XEN_DIR_FILE];
};

/**
 * Make the directory: under TMPDIR, or the one that the job names.
 * @param terminal	device that is the serial line
 * @return		0, or STATUS_BAD after one line on standard error, with nothing left behind
 */
int xen_dir_make(struct xen_dir *d, const struct xen_job *job, const char *terminal);

/** The program that runs the job: with hooks for each instruction only where they are needed. */
const char *xen_job_bochs(const struct xen_job *job);

/** Name of a guest, from 0. */
void xen_guest_name(unsigned guest, char *name, size_t size);

/** Number of guests, and MByte of each. */
unsigned xen_guests(const struct xen_job *job);
unsigned xen_guest_memory(const struct xen_job *job);

/**
 * Write the file "initrd": dom0's initramfs of the image, and what the job adds for dom0 and for
 * its guests.
 * @return	as xen_dir_make()
 */
int xen_initrd_write(const struct xen_dir *d, const struct xen_job *job);

/** Open a new file of the directory; NULL after one line on standard error. */
FILE *xen_dir_create(const struct xen_dir *d, const char *name);

/** Close it; STATUS_BAD after one line on standard error if it could not be written. */
int xen_dir_finish(const struct xen_dir *d, const char *name, FILE *out);

/** Remove the directory, unless it is to be kept. */
void xen_dir_remove(struct xen_dir *d);

#endif
