/* SPDX-License-Identifier: BSD-2-Clause */
/* The architectural trace of a user's program. */
#ifndef EPML_ASM_TRACE_H
#define EPML_ASM_TRACE_H

#include <stdbool.h>
#include <stdio.h>

/**
 * Copy a trace without what the ROM around the program does: accesses to the ROM's own memory and
 * the VM exit with which it ends.
 * @param from		file with the model's trace
 * @param rom_ended	the last VM exit is the ROM's, not the program's
 * @return		false if it could not be read or written
 */
bool asm_trace_copy(FILE *out, const char *from, bool rom_ended);

#endif
