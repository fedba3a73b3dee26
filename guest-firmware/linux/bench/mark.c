/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Marks in the cycle count. A byte written to port EDH begins a phase (docs/bochs.md); Xen lets
 * its guests do that without a VM exit, so that a mark costs next to nothing. Where the port is not
 * to be had, the OoH Module asks Xen.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/io.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "../ooh_uapi.h"
#include "bench.h"

#define MARK_PORT 0xed

static enum { MARKS_OFF, MARKS_PORT, MARKS_CALL } marks;
static int control = -1;

int mark_begin(char error[MAX_TEXT])
{
	const __u32 other = MARK_OTHER;

	if (!ioperm(MARK_PORT, 1, 1)) {
		marks = MARKS_PORT;
		return 0;
	}
	control = open("/dev/ooh", O_RDWR | O_CLOEXEC);
	if (control >= 0 && !ioctl(control, OOH_IOC_MARK, &other)) {
		marks = MARKS_CALL;
		return 0;
	}
	snprintf(error, MAX_TEXT, "phases cannot be marked: neither port EDH nor /dev/ooh (%s)",
		 strerror(errno));
	return -1;
}

void mark(unsigned phase)
{
	const __u32 number = phase;

	if (marks == MARKS_PORT)
		outb((unsigned char)phase, MARK_PORT);
	else if (marks == MARKS_CALL)
		ioctl(control, OOH_IOC_MARK, &number);
}
