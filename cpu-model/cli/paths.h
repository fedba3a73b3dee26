/* SPDX-License-Identifier: BSD-2-Clause */
/* Where the command finds its data and the two builds of Bochs. */
#ifndef EPML_PATHS_H
#define EPML_PATHS_H

/*
 * A command in its build tree uses the files of that tree and of its source tree, an installed
 * one the installed files. EPML_DATADIR names another directory with rom.bin and vectors/;
 * EPML_BOCHS and EPML_BOCHS_STOCK name other programs.
 */
struct paths {
	char *vectors;		/* directory of vector files */
	char *rom;		/* rom.bin */
	char *bochs;		/* Bochs with the model */
	char *bochs_stock;	/* Bochs 2.6.11 as it was published */
	char *bench;		/* what "make bench" has measured */
	char *costs;		/* directory of costs files, for the timing model */
	char *include_spec;	/* directory of epml-spec.h */
	char *include_guest;	/* directory of epml-guest.h */
};

/** Find all paths; whether the files exist is for their users to check. */
void paths_init(struct paths *p);
void paths_free(struct paths *p);

#endif
