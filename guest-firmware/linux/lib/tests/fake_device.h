/* SPDX-License-Identifier: BSD-2-Clause */
/* In place of the OoH Module: a ring in a file, and a note of what was asked for. */
#ifndef FAKE_DEVICE_H
#define FAKE_DEVICE_H

#include <stdint.h>
#include "../../ooh_uapi.h"

#define FAKE_ENTRIES 1024u

struct fake {
	struct ooh_user_ring *ring;
	uint64_t *entry;
	uint32_t caps;
	struct ooh_register registered;
	/* Errors to be returned, 0 for none. */
	int register_error, start_error, drain_error, rearm_error, stop_error;
	unsigned int starts, drains, rearms, stops;
	/* The last re-arming; n = 0 for all pages, with which address is 0. */
	uint64_t rearmed[FAKE_ENTRIES];
	uint64_t rearmed_n;
	struct ooh_stats stats;
	int ring_fd;
};

extern struct fake fake;

void fake_begin(uint32_t caps);
void fake_end(void);
/* An entry of the log; it overwrites if there is no room, as a hostile module would. */
void fake_log(uint64_t address);

#endif
