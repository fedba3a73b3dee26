/* SPDX-License-Identifier: BSD-2-Clause */
/* epml xen */
#ifndef EPML_CMD_XEN_H
#define EPML_CMD_XEN_H

/**
 * Run the command.
 * @param argv	argv[0] is "xen"
 * @return	exit status
 */
int cmd_xen(int argc, char **argv);

#endif
