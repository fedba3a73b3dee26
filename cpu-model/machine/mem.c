/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Physical memory: one array, as large as the world of the vectors.
 *
 * Pages that were written are remembered, so that a vector that touches ten pages of the 64
 * MByte costs the zeroing of ten pages.
 */
#include <stdlib.h>
#include <string.h>

#include "machine_priv.h"

bool mem_init(struct machine *m)
{
	m->ram = calloc(1, W_RAM_SIZE);
	return m->ram;
}

void mem_reset(struct machine *m)
{
	for (unsigned i = 0; i < W_RAM_SIZE / PAGE_SIZE; i++)
		if (m->touched[i / 64] >> i % 64 & 1)
			memset(m->ram + i * PAGE_SIZE, 0, PAGE_SIZE);
	memset(m->touched, 0, sizeof(m->touched));
}

static void touch(struct machine *m, uint64_t hpa)
{
	m->touched[hpa / PAGE_SIZE / 64] |= 1ull << hpa / PAGE_SIZE % 64;
}

uint64_t mem_read(const struct machine *m, uint64_t hpa, unsigned size)
{
	uint64_t value = 0;

	for (unsigned i = 0; i < size; i++) {
		uint64_t byte = hpa + i < W_RAM_SIZE ? m->ram[hpa + i] : 0xFF;

		value |= byte << 8 * i;
	}
	return value;
}

void mem_write(struct machine *m, uint64_t hpa, unsigned size, uint64_t value)
{
	for (unsigned i = 0; i < size && hpa + i < W_RAM_SIZE; i++) {
		touch(m, hpa + i);
		m->ram[hpa + i] = value >> 8 * i;
	}
}

void mem_zero_page(struct machine *m, uint64_t hpa)
{
	hpa &= ~PAGE_OFFSET;
	if (hpa < W_RAM_SIZE)
		memset(m->ram + hpa, 0, PAGE_SIZE);
}
