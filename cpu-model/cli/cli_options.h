/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Values of options that more than one command has. Each function returns 0, or STATUS_BAD after
 * one line on standard error.
 */
#ifndef EPML_CLI_OPTIONS_H
#define EPML_CLI_OPTIONS_H

#include <stdint.h>

#include "cli_error.h"
#include "run_vectors.h"

#define ALL_PROFILES	(-1)

/** A number from min to max; "option" is for the message. */
int option_number(const char *option, const char *text, uint64_t min, uint64_t max, uint64_t *n);

/** A number from 1 to max. */
int option_count(const char *option, const char *text, unsigned max, unsigned *n);

/** -j: runs at the same time. */
int option_jobs(const char *text, unsigned *jobs);

/** --timeout: seconds without progress on Bochs. */
int option_timeout(const char *text, unsigned *seconds);

/** --on: names of hosts to one bit per enum host. */
int option_hosts(const char *text, unsigned *hosts);

/** --profile: to an enum profile, or ALL_PROFILES for "all". */
int option_profiles(const char *text, int *profile);

/**
 * Are the programs and the ROM there that the hosts need?
 * @param hosts	one bit per enum host; if 0, set to the hosts that have been built
 */
int require_hosts(const struct paths *p, unsigned *hosts);

#endif
