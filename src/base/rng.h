/* SPDX-License-Identifier: MIT */
/* rng.h - a small, fast, seedable generator (xoshiro256**, seeded by
 * splitmix64; Blackman and Vigna, https://prng.di.unimi.it/).  One per thread or
 * user; not for secrets. */
#ifndef RAMPTOP_BASE_RNG_H
#define RAMPTOP_BASE_RNG_H

#include <stdint.h>

struct rng {
    uint64_t s[4];
};

void rng_seed(struct rng *r, uint64_t seed);
uint64_t rng_next(struct rng *r);
uint64_t rng_below(struct rng *r, uint64_t n); /* 0 .. n-1, n > 0, unbiased */
double rng_unit(struct rng *r);                /* [0, 1) */

#endif
