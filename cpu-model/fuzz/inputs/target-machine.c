/* SPDX-License-Identifier: BSD-2-Clause */
/* Machines that are made once: their memory is large, and each run begins by clearing it. */
#include <string.h>

#include "target-machine.h"
#include "target.h"

#define SLOTS	8

static struct {
	struct machine *m;
	struct epml_params params;
} slots[SLOTS];

struct machine *target_machine(const struct epml_params *params)
{
	static unsigned next;
	unsigned i = 0;

	while (i < SLOTS && slots[i].m && memcmp(&slots[i].params, params, sizeof(*params)))
		i++;
	if (i == SLOTS) {
		i = next++ % SLOTS;
		machine_free(slots[i].m);
		slots[i].m = NULL;
	}
	if (!slots[i].m) {
		slots[i].params = *params;
		slots[i].m = machine_new(params, NULL, NULL);
	}
	TARGET_ASSERT(slots[i].m);
	return slots[i].m;
}
