/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef EPML_CMD_SPEC_H
#define EPML_CMD_SPEC_H

/**
 * The command "epml spec": print tables of the specification.
 * @param argc	number of arguments
 * @param argv	the arguments; argv[0] is "spec"
 * @return	exit status: 0, or 2 after one line on stderr
 */
int cmd_spec(int argc, char **argv);

#endif
