/* SPDX-License-Identifier: BSD-2-Clause */
/* The serial line between Bochs and us: a pseudo-terminal whose other end is COM1. */
#ifndef EPML_XEN_SERIAL_H
#define EPML_XEN_SERIAL_H

#include <stdbool.h>
#include <stddef.h>

struct xen_serial {
	int master, slave;
	char name[64];		/* of the device for Bochs */
	char input[4096];	/* on its way to COM1 */
	size_t n_input;
	double next;		/* when more of it may go */
};

/** @return	0, or STATUS_BAD after one line on standard error */
int xen_serial_open(struct xen_serial *s);
void xen_serial_close(struct xen_serial *s);

/**
 * Something for COM1. It goes slowly: Xen keeps 128 bytes for dom0, and drops what comes when dom0
 * has not been scheduled for a while.
 */
void xen_serial_queue(struct xen_serial *s, const char *bytes, size_t n);

/** Room for more? */
size_t xen_serial_room(const struct xen_serial *s);

/**
 * Pass on what may go.
 * @return	milliseconds until more may go, or -1 if nothing waits
 */
int xen_serial_flush(struct xen_serial *s);

#endif
