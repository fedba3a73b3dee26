/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A processor of the guest: what it logs to (cpu.c), and how it comes and goes (cpus.c).
 */
#ifndef OOH_CPU_H
#define OOH_CPU_H

#include "hw.h"
#include "module.h"

struct ooh_cpu {
	struct ooh_target *target;	/* whose process runs; NULL: none that is tracked */
	struct ooh_log *log;		/* that is loaded; NULL: guest PML is off */
	struct ooh_log trash;		/* for all that is not tracked, is thrown away */
	bool epml;			/* EPML_ENABLE was done */
	bool failed;			/* since then the hypervisor has turned it off again */
	bool spml;			/* SPML_ENABLE was done */
	bool spml_started;

	struct ooh_ring *ring;		/* shared with the hypervisor; NULL: none is needed */
	const struct ooh_entry *entries;
	u64 n_entries;
	u64 tail;
	u64 lost;			/* of the ring, at the last look */
	u64 spills;
	unsigned int ring_order;
};

DECLARE_PER_CPU(struct ooh_cpu, ooh_cpu);

void ooh_cpu_set_threshold(u16 value);
void ooh_cpu_notified(void);
int ooh_cpu_epml_on(struct ooh_cpu *cpu);
int ooh_cpu_epml_off(struct ooh_cpu *cpu);
void ooh_cpu_leave(struct ooh_cpu *cpu);

#endif
