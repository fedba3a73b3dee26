/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory of the proofs of walks: entries, of which each address has one value, and no writes. */
#ifndef EPML_ENTRIES_H
#define EPML_ENTRIES_H

#include "proof.h"

static struct { uint64_t hpa, value; } reads[2 * EPT_LEVELS];
static unsigned n_reads;

/* The entry at @p hpa: any value, but for bits in @p changing that of the read before. */
static uint64_t read_entry(uint64_t hpa, uint64_t changing)
{
	uint64_t value = any_u64();

	for (unsigned i = 0; i < n_reads; i++)
		assume(reads[i].hpa != hpa || !((reads[i].value ^ value) & ~changing));
	reads[n_reads].hpa = hpa;
	reads[n_reads++].value = value;
	return value;
}

static void memory_write(void *host, uint64_t hpa, unsigned size, uint64_t value,
			 enum epml_mem what)
{
	(void)host;
	(void)hpa;
	(void)size;
	(void)value;
	(void)what;
	claim(false, "2: nothing is written");
}

#endif
