/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef EPML_CMD_TIMING_H
#define EPML_CMD_TIMING_H

/**
 * epml timing: runs that were counted in cycles.
 * @param argv	argv[0] is the name of the command
 * @return	exit status: 0 or 2 (bad input)
 */
int cmd_timing(int argc, char **argv);

#endif
