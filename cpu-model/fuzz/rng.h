/* SPDX-License-Identifier: BSD-2-Clause */
/* Random numbers that depend on their seed alone, on every machine. */
#ifndef EPML_FUZZ_RNG_H
#define EPML_FUZZ_RNG_H

#include <stdbool.h>
#include <stdint.h>

struct rng {
	uint64_t state;
};

/* A counter through a mixing function: any seed is a good one. */
static inline uint64_t rng_next(struct rng *r)
{
	uint64_t x = r->state += 0x9E3779B97F4A7C15ull;

	x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9ull;
	x = (x ^ x >> 27) * 0x94D049BB133111EBull;
	return x ^ x >> 31;
}

/** The numbers of vector @p number of a seed. */
static inline struct rng rng_make(uint64_t seed, uint64_t number)
{
	struct rng r = { seed };

	r.state = rng_next(&r) + number;
	r.state = rng_next(&r);
	return r;
}

static inline unsigned rng_below(struct rng *r, unsigned n)
{
	return (unsigned)((rng_next(r) >> 32) * n >> 32);
}

static inline bool rng_percent(struct rng *r, unsigned p)
{
	return rng_below(r, 100) < p;
}

#define rng_choose(r, array) ((array)[rng_below((r), sizeof(array) / sizeof((array)[0]))])

#endif
