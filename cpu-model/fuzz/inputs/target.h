/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fuzz targets: one function that takes any bytes. libFuzzer calls it ("make fuzz-inputs"), and so
 * does corpus.c with the inputs that are kept ("make check").
 */
#ifndef EPML_FUZZ_TARGET_H
#define EPML_FUZZ_TARGET_H

#include <stddef.h>
#include <stdint.h>

/** One input. Returns 0; what is wrong ends the program. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/** Path of a file in memory that holds the input, until the next call. */
const char *target_file(const uint8_t *data, size_t size);

/** End the program unless the condition holds. */
#define TARGET_ASSERT(condition) \
	do { \
		if (!(condition)) \
			target_fail(__FILE__, __LINE__, #condition); \
	} while (0)

void target_fail(const char *file, int line, const char *text) __attribute__((noreturn));

#endif
