/* SPDX-License-Identifier: BSD-2-Clause */
/* The architectural trace as users get it: what the test's own machinery does is left out. */
#ifndef EPML_TRACE_FILE_H
#define EPML_TRACE_FILE_H

#include <stdio.h>

/**
 * Write a line of the trace, unless it is an access through the system alias: the guest's harness
 * lives there, its code, stack and tables, which are not the same in all hosts and whose accesses
 * have no effect. Where another event names such an address, "harness" stands instead. So the
 * trace of a vector is the same from every host.
 * @param line	as epml_event_format() makes it, without newline
 */
void trace_line(FILE *out, const char *line);

#endif
