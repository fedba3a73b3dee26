/* SPDX-License-Identifier: BSD-2-Clause */
/* The command "epml spec coverage". */
#ifndef EPML_CMD_COVERAGE_H
#define EPML_CMD_COVERAGE_H

/**
 * Print what there is for each rule, and what is missing, one line each on standard error.
 * @param argv	argv[0] is "coverage"
 * @return	exit status: 0, 1 if something is missing, 2 for bad input
 */
int cmd_coverage(int argc, char **argv);

#endif
