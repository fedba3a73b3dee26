/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The standalone machine: a processor in VMX operation around libepml that executes the steps of
 * a vector image (vecimg.h) and reports what happened, line for line as the ROM does on Bochs.
 */
#ifndef EPML_MACHINE_H
#define EPML_MACHINE_H

#include <stdint.h>

#include "epml/epml.h"
#include "vecimg.h"

struct machine;

/**
 * Receiver of one line of vecimg.h's protocol.
 * @param kind	the letter of the line
 * @param n	count of numbers after the letter
 * @param v	the numbers
 * @param text	the message of a '!' line, NULL otherwise
 */
typedef void machine_report_fn(void *ctx, char kind, unsigned n, const uint64_t *v,
			       const char *text);

/** Receiver of one architectural event. */
typedef void machine_event_fn(void *ctx, const struct epml_event *event);

/**
 * Make a machine with 64 MByte of memory.
 * @param params	design parameters of the model
 * @param trace		gets all architectural events, with @p ctx; NULL for no trace
 * @return		NULL if there is not enough memory
 */
struct machine *machine_new(const struct epml_params *params, machine_event_fn *trace, void *ctx);

/**
 * Execute one vector from its beginning to its 'z' line. The memory that earlier vectors wrote is
 * zeroed first, so that no vector depends on another.
 */
void machine_run(struct machine *m, const struct vi_vector *v, machine_report_fn *report,
		 void *ctx);

void machine_free(struct machine *m);

#endif
