/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef EPML_CMD_XEN_RUN_H
#define EPML_CMD_XEN_RUN_H

/** epml xen run. @return the exit status */
int cmd_xen_run(int argc, char **argv);

#endif
