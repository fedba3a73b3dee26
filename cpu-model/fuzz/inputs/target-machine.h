/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef EPML_FUZZ_TARGET_MACHINE_H
#define EPML_FUZZ_TARGET_MACHINE_H

#include "machine.h"

/** A machine with these parameters. It belongs to the cache. */
struct machine *target_machine(const struct epml_params *params);

#endif
