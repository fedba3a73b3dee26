/* SPDX-License-Identifier: BSD-2-Clause */
/* Where the command finds its data and the builds of Bochs. */
#ifndef EPML_PATHS_H
#define EPML_PATHS_H

/*
 * A command in its build tree uses the files of that tree and of its source tree, an installed
 * one the installed files. EPML_DATADIR names another directory with rom.bin and vectors/;
 * EPML_BOCHS, EPML_BOCHS_STOCK and EPML_BOCHS_TIMING name other programs, EPML_XEN another
 * hypervisor and EPML_XEN_IMAGE another directory of the image's parts.
 */
struct paths {
	char *vectors;		/* directory of vector files */
	char *rom;		/* rom.bin */
	char *micro_rom;	/* micro.bin, the ROM of the micro-operations */
	char *bochs;		/* Bochs with the model */
	char *bochs_stock;	/* Bochs 2.6.11 as it was published */
	char *bochs_timing;	/* Bochs with the model, instrumented for timing=full */
	char *bench;		/* what "make bench" has measured */
	char *micro;		/* directory of what "make micro" has counted */
	char *costs;		/* directory of costs files, for the timing model */
	char *published;	/* published figures of micro-operations */
	char *published_tracking;	/* ... and of techniques that track modified pages */
	char *ooh_bench, *ooh_track;	/* programs for the guest */
	char *include_spec;	/* directory of epml-spec.h */
	char *include_guest;	/* directory of epml-guest.h */
	char *xen_image;	/* directory of what "make xen-image" has built */
	char *xen_hypervisor;	/* Xen with the part for OoH calls */
	char *ooh_module;	/* the guest's kernel module, ooh.ko */
};

/** Find all paths; whether the files exist is for their users to check. */
void paths_init(struct paths *p);
void paths_free(struct paths *p);

#endif
