/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An oracle for one write, read or fetch, written from the rules alone (epml spec rules); nothing
 * of libepml is used but the names of numbers. It knows two EPT entries: the one that maps the
 * page table, which the page walk reads, and the one that maps the data page. Everything above
 * and beside them is settled: readable, writable, executable, accessed and dirty. Of sub-page write
 * permissions it knows how the walk of the SPPT ends.
 */
#ifndef EPML_FUZZ_ORACLE_H
#define EPML_FUZZ_ORACLE_H

#include <stdbool.h>
#include <stdint.h>

#include "epml/epml.h"

#define ORACLE_GVA	0x400000ull
#define ORACLE_GPA	0x200000ull		/* of the data page */
#define ORACLE_TABLE	0x103000ull		/* GPA of the page table */

enum oracle_end { ORACLE_DONE, ORACLE_EXIT, ORACLE_VE };

enum oracle_spp {
	SPP_OFF,			/* sub-page write permissions = 0 */
	SPP_MISS, SPP_MISCONFIGURED, SPP_DENIES, SPP_GRANTS,
	SPP_ENDS
};

/* One access and all that it depends on; afterwards, what it has done. */
struct oracle {
	/* Circumstances. */
	struct epml_params params;
	unsigned access;			/* EPML_ACCESS_READ, _WRITE, both or _FETCH */
	bool ad, pml, gpml, ve;			/* EPTP bit 6; controls */
	uint16_t threshold;
	enum oracle_spp spp;
	/* State, before and after. */
	uint64_t table_leaf, data_leaf;		/* EPT entries */
	uint64_t pte;				/* guest entry */
	uint16_t pml_index, gpml_index;
	/* What happened. */
	enum oracle_end end;
	uint32_t reason;			/* of the exit or #VE */
	uint64_t qualification;
	unsigned n_pml, n_gpml, n_notify;
	uint64_t pml_entry[2], gpml_entry[2];
};

/** Do the access. */
void oracle_access(struct oracle *o);

#endif
