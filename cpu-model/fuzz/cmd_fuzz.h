/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef EPML_CMD_FUZZ_H
#define EPML_CMD_FUZZ_H

/**
 * epml fuzz: random vectors on the model and on Bochs; what differs is made small and written.
 * @param argv	argv[0] is the name of the command
 * @return	exit status: 0, 1 (a vector failed), 2 (bad input)
 */
int cmd_fuzz(int argc, char **argv);

#endif
