/* SPDX-License-Identifier: BSD-2-Clause */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "cli_error.h"
#include "xen_console.h"
#include "xen_serial.h"

#define CHUNK		16u	/* bytes, the size of the UART's FIFO */
#define PAUSE		0.01	/* seconds from one to the next */

/* Our own end of the slave keeps the line up until Bochs opens it. */
int xen_serial_open(struct xen_serial *s)
{
	struct termios raw;

	*s = (struct xen_serial){ .slave = -1 };
	s->master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (s->master >= 0 && !grantpt(s->master) && !unlockpt(s->master) &&
	    !ptsname_r(s->master, s->name, sizeof(s->name)))
		s->slave = open(s->name, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (s->slave >= 0 && !tcgetattr(s->slave, &raw)) {
		cfmakeraw(&raw);
		if (!tcsetattr(s->slave, TCSANOW, &raw))
			return 0;
	}
	cli_error("no pseudo-terminal: %s", strerror(errno));
	xen_serial_close(s);
	return STATUS_BAD;
}

void xen_serial_close(struct xen_serial *s)
{
	if (s->slave >= 0)
		close(s->slave);
	if (s->master >= 0)
		close(s->master);
}

size_t xen_serial_room(const struct xen_serial *s)
{
	return sizeof(s->input) - s->n_input;
}

void xen_serial_queue(struct xen_serial *s, const char *bytes, size_t n)
{
	if (n > xen_serial_room(s))
		n = xen_serial_room(s);
	memcpy(s->input + s->n_input, bytes, n);
	s->n_input += n;
}

int xen_serial_flush(struct xen_serial *s)
{
	const double now = xen_seconds();
	ssize_t n;

	if (!s->n_input)
		return -1;
	if (now < s->next)
		return (int)((s->next - now) * 1000) + 1;
	n = write(s->master, s->input, s->n_input < CHUNK ? s->n_input : CHUNK);
	if (n > 0) {
		s->n_input -= (size_t)n;
		memmove(s->input, s->input + n, s->n_input);
	}
	s->next = now + PAUSE;
	return s->n_input ? (int)(PAUSE * 1000) + 1 : -1;
}
