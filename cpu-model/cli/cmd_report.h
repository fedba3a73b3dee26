/* SPDX-License-Identifier: BSD-2-Clause */
/* epml report: what all vectors show, as Markdown and HTML. */
#ifndef EPML_CMD_REPORT_H
#define EPML_CMD_REPORT_H

/**
 * Run the command.
 * @param argv	argv[0] is "report"
 * @return	exit status: 0 written, 2 bad input or something is missing
 */
int cmd_report(int argc, char **argv);

#endif
