/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Other terminals on the console of a boot: "epml xen console" connects to a socket in the run's
 * directory.
 */
#ifndef EPML_XEN_ATTACH_H
#define EPML_XEN_ATTACH_H

#include <poll.h>

#include "xen_console.h"
#include "xen_dir.h"
#include "xen_serial.h"

#define XEN_CLIENTS	4u

struct xen_attach {
	int listener;		/* -1: none */
	int client[XEN_CLIENTS];
};

/** Begin to listen. Where no socket can be had, the boot goes on without. */
void xen_attach_open(struct xen_attach *a, const struct xen_dir *d);
void xen_attach_close(struct xen_attach *a);

/** Fill in what to poll for; 1 + XEN_CLIENTS elements. */
void xen_attach_poll(const struct xen_attach *a, struct pollfd *fds);

/** Do what poll() has found: take a new terminal, and what is typed. */
void xen_attach_serve(struct xen_attach *a, const struct pollfd *fds, struct xen_serial *serial,
		      const struct xen_console *console);

/** Pass on what the console shows. A terminal that does not read loses some of it. */
void xen_attach_send(struct xen_attach *a, const char *bytes, size_t n);

/**
 * Connect this terminal with a running boot, until that ends or Ctrl-] is typed.
 * @param directory	of the run; NULL: of the only one there is
 * @return		exit status
 */
int xen_attach_run(const char *directory);

#endif
