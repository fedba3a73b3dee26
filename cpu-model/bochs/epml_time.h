/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What Bochs's clock and devices see of the timing model. With timing on, a tick of Bochs is one
 * counted cycle, and whoever reads the time or sets a timer first lets the clock catch up.
 */
#ifndef EPML_TIME_H
#define EPML_TIME_H

/* Are cycles counted? Expected not to be, as epml_on. */
extern bool epml_timing_enabled;
#define epml_timing_on __builtin_expect(epml_timing_enabled, false)

/*
 * An OUT of a byte to this port begins the phase of that number. PCs have nothing there but
 * software that wastes time, and Xen lets its guests use it without a VM exit.
 */
#define EPML_PHASE_PORT 0xED

/* Before the clock is set up: load the costs, and let Bochs run at the processor's frequency. */
void epml_timing_begin(void);

/* Let Bochs's time come up to the counted cycles, in the middle of an instruction if need be. */
void epml_timing_catch_up(void);

/* Several processors: the number of the one that runs next, and that it has. */
unsigned epml_timing_next(void);
void epml_timing_ran(void);

/* An access to an I/O port. */
void epml_timing_io(void);
void epml_timing_out(unsigned port, unsigned len, unsigned value);

#endif
