/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef EPML_OPTION_H
#define EPML_OPTION_H

#include "epml_bochs.h"

struct epml_options {
  struct epml_params params;
  char trace[512];            // file name, "-" or empty
  char checkpoint[512];       // directory or empty
  Bit64u checkpoint_at;       // ticks
  unsigned seed;              // of RDRAND and RDSEED; 0: another one each second
  enum timing_mode timing;
  char costs[512];            // file names or empty
  char timing_out[512];
  char timeline[512];
  const char *phase_names[TIMING_PHASES];	// or NULL
};

extern struct epml_options epml_options;

// Open the trace file that the option names, once. Returns false if it cannot be opened.
bool epml_trace_open(void);
bool epml_tracing(void);

// Is the checkpoint that the option asks for due, and not yet taken?
bool epml_checkpoint_due(void);
// Take it, between two instructions. Returns false if it could not be written.
bool epml_checkpoint_save(void);
void epml_trace_event(unsigned cpu, const struct epml_event *event);

#endif
