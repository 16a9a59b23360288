/* SPDX-License-Identifier: MIT */
/* hash.h - FNV-1a (http://www.isthe.com/chongo/tech/comp/fnv): the same in each process, and no
 * secret.  Where somebody may choose what is hashed, what falls together must be harmless. */
#ifndef RAMPTOP_BASE_HASH_H
#define RAMPTOP_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

#define HASH_BEGIN UINT64_C(0xcbf29ce484222325)

/* Returns the hash of what h is of, HASH_BEGIN for nothing, with those bytes behind it. */
static inline uint64_t hash_bytes(uint64_t h, const void *data, size_t len)
{
    const unsigned char *at = data;
    for (size_t i = 0; i < len; i++)
        h = (h ^ at[i]) * UINT64_C(0x100000001b3);
    return h;
}

/* Returns the same with all bits in the lower half. */
static inline uint32_t hash_fold(uint64_t h)
{
    return (uint32_t)(h ^ h >> 32);
}

#endif
