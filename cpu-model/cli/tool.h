/* SPDX-License-Identifier: BSD-2-Clause */
/* Other programs that run to their end: assembler, linker, addr2line. */
#ifndef EPML_TOOL_H
#define EPML_TOOL_H

#include <stddef.h>

/**
 * Run a program from PATH, with messages in English and nothing on its standard input. The signals
 * of bochs_catch_signals() end it.
 * @param argv		its name and arguments, ending with NULL
 * @param output	file that its standard output and standard error go to
 * @param text		set to one line, unless the program could be run
 * @return		its exit status, or -1 if it could not be run or was ended by a signal
 */
int tool_run(const char *const argv[], const char *output, char *text, size_t size);

#endif
