/* SPDX-License-Identifier: BSD-2-Clause */
/* Results in TAP, for a program that also runs in a guest without CMocka. */
#ifndef TAP_H
#define TAP_H

#include <stdbool.h>
#include <stdio.h>

extern int tap_count, tap_failed;

/* The format is the test's name. */
#define ok(condition, ...) tap_ok((condition), __FILE__, __LINE__, __VA_ARGS__)

__attribute__((format(printf, 4, 5))) bool tap_ok(bool condition, const char *file, int line,
						  const char *format, ...);
void tap_skip(const char *name, const char *reason);
/* The plan; the result is the program's exit status. */
int tap_finish(void);

#endif
