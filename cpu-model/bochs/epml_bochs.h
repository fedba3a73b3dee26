/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What Bochs's own files see of the model, besides the members of BX_CPU_C. */
#ifndef EPML_BOCHS_H
#define EPML_BOCHS_H

#include "epml/epml.h"
#include "epml_time.h"
#include "timing_timeline.h"

/*
 * Does the model replace the EPT walk and PML? Set by "epml: enabled=1" in bochsrc. Expected to be
 * off, so that the compiler keeps the inserted calls out of the way of Bochs's own code.
 */
extern bool epml_enabled;
#define epml_on __builtin_expect(epml_enabled, false)

/* Charge a cost to the processor that executes this. */
#define EPML_CHARGE(cost) \
  do { \
    if (epml_timing_on) \
      epml_charge(TIMING_##cost); \
  } while (0)

/* Is each access modelled? Only the build with an instrument.h of ours asks. */
extern bool epml_timing_full;
void epml_full_init(void);

/* MSR that Bochs lacks. */
#define EPML_IA32_MISC_ENABLE 0x1A0

/* Highest VMCS field index in bits 9:1, for IA32_VMX_VMCS_ENUM. CAP-2 */
#define EPML_VMCS_ENUM 0x60

/* Make the "epml" option known to the bochsrc parser. */
void epml_register_option(void);

/* Begin the random numbers anew if the option has a seed. */
void epml_seed_random(void);

/* Offset in the VMCS region of a field that Bochs's own map has no room for, or 0. */
unsigned epml_vmcs_field_offset(unsigned encoding);

#endif
