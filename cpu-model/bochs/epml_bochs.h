/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What Bochs's own files see of the model, besides the members of BX_CPU_C. */
#ifndef EPML_BOCHS_H
#define EPML_BOCHS_H

#include "epml/epml.h"

/*
 * Does the model replace the EPT walk and PML? Set by "epml: enabled=1" in bochsrc. Expected to be
 * off, so that the compiler keeps the inserted calls out of the way of Bochs's own code.
 */
extern bool epml_enabled;
#define epml_on __builtin_expect(epml_enabled, false)

/* Highest VMCS field index in bits 9:1, for IA32_VMX_VMCS_ENUM. CAP-2 */
#define EPML_VMCS_ENUM 0x60

/* Make the "epml" option known to the bochsrc parser. */
void epml_register_option(void);

/* Offset in the VMCS region of a field that Bochs's own map has no room for, or 0. */
unsigned epml_vmcs_field_offset(unsigned encoding);

#endif
