/* SPDX-License-Identifier: BSD-2-Clause */
#include <unistd.h>

#include "xen_terminal.h"

void xen_terminal_raw(struct xen_terminal *t)
{
	struct termios raw;

	t->raw = isatty(STDIN_FILENO) && !tcgetattr(STDIN_FILENO, &t->saved);
	if (!t->raw)
		return;
	raw = t->saved;
	cfmakeraw(&raw);
	tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
}

void xen_terminal_restore(struct xen_terminal *t)
{
	if (t->raw)
		tcsetattr(STDIN_FILENO, TCSADRAIN, &t->saved);
	t->raw = false;
}
