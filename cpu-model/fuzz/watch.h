/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The properties P1 to P5, watched while the standalone machine executes a vector.
 *
 * The watch sees the architectural trace, the memory and the fields that VM entry loaded. It keeps
 * its own account of the log's address and index, and makes its own EPT walks:
 *
 *	P1, P5	each dirty flag that triggers is followed by one guest entry for its page (or by a
 *		lost one, where the design loses entries), and there is no other entry; the same
 *		for the hypervisor's log
 *	P2	the guest reads of its log's address what it wrote (translation at-log)
 *	P3	an entry goes where EPT lets the guest write at that moment (at-log)
 *
 * A data write passes only where EPT, or the SPPT for its first byte, gives permission. A log-full
 * event needs a full log, and a notification an entry that makes it due.
 */
#ifndef EPML_FUZZ_WATCH_H
#define EPML_FUZZ_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "epml/epml.h"
#include "machine.h"

struct watch {
	struct machine *m;
	bool pml_pending;		/* an entry of the hypervisor's log awaits its dirty flag */
	uint64_t pml_page;
	bool ept_dirty;			/* since the last completed access */
	uint64_t log_leaf;		/* EPT entry of the log page whose dirty flag the entry's
					 * own access has just set, or 0 */
	bool due;			/* a guest entry is due ... */
	uint64_t due_page;		/* ... for this page */
	bool notify_due;
	bool granted;			/* SPP has granted the access under way ... */
	uint64_t granted_gpa;		/* ... to this address ... */
	uint32_t granted_sub_pages;	/* ... by this vector */
	unsigned n_granted, n_denied;	/* writes that SPP has decided about */
	unsigned n_refused_above;	/* writes that it would have, but for upper EPT entries */
	uint64_t address;		/* of the guest's log, and its index: our account */
	uint16_t index;
	char text[200];			/* what was found first, or "" */
};

/** Begin a vector. */
void watch_begin(struct watch *w, struct machine *m);

/** Receiver of the machine's trace. @p ctx is the watch. */
void watch_event(void *ctx, const struct epml_event *ev);

/** The hypervisor's log index at this moment. */
uint16_t watch_pml_index(const struct watch *w);

#endif
