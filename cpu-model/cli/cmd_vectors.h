/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef EPML_CMD_VECTORS_H
#define EPML_CMD_VECTORS_H

/**
 * The command "epml vectors": run test vectors and compare.
 * @param argc	number of arguments
 * @param argv	the arguments; argv[0] is "vectors"
 * @return	exit status: 0 if all passed, 1 if not, 2 for bad input or environment
 */
int cmd_vectors(int argc, char **argv);

#endif
