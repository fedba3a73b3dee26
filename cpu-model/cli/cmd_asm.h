/* SPDX-License-Identifier: BSD-2-Clause */
/* The command "epml asm": run a program of the user's own as a guest on Bochs. */
#ifndef EPML_CMD_ASM_H
#define EPML_CMD_ASM_H

/**
 * @param argv	argv[0] is the command's name
 * @return	exit status: 0 the program returned, 1 it ended otherwise, 2 bad input
 */
int cmd_asm(int argc, char **argv);

#endif
