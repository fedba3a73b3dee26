/* SPDX-License-Identifier: BSD-2-Clause */
/* The user's terminal, when every key is for a guest. */
#ifndef EPML_XEN_TERMINAL_H
#define EPML_XEN_TERMINAL_H

#include <stdbool.h>
#include <termios.h>

struct xen_terminal {
	bool raw;
	struct termios saved;
};

/** Standard input becomes raw, if it is a terminal. */
void xen_terminal_raw(struct xen_terminal *t);

/** As it was before; may be called without xen_terminal_raw() if *t is zero. */
void xen_terminal_restore(struct xen_terminal *t);

#endif
