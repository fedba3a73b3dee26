/* SPDX-License-Identifier: BSD-2-Clause */
/* epml vectors export. */
#ifndef EPML_CMD_EXPORT_H
#define EPML_CMD_EXPORT_H

/**
 * Run the command.
 * @param argv	argv[0] is the command's name
 * @return	exit status
 */
int cmd_export(int argc, char **argv);

#endif
