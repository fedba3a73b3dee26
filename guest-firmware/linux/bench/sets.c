/* SPDX-License-Identifier: BSD-2-Clause */
#include "bench.h"

static uint64_t count(const uint8_t *a, const uint8_t *b, unsigned pages)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < (pages + 7) / 8; i++)
		n += (uint64_t)__builtin_popcount(b ? a[i] & ~b[i] : a[i]);
	return n;
}

uint64_t set_less(const uint8_t *a, const uint8_t *b, unsigned pages)
{
	return count(a, b, pages);
}

uint64_t set_size(const uint8_t *a, unsigned pages)
{
	return count(a, NULL, pages);
}
