/* SPDX-License-Identifier: MIT */
/* num.h - least, most and middle of numbers, numbers that get narrower, and digits. */
#ifndef RAMPTOP_BASE_NUM_H
#define RAMPTOP_BASE_NUM_H

#include <stddef.h>
#include <stdint.h>

static inline uint64_t num_max(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

static inline uint64_t num_min(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* Returns n, or the most that there is. */
static inline uint32_t num_saturate(uint64_t n)
{
    return n < UINT32_MAX ? (uint32_t)n : UINT32_MAX;
}

/* Returns the value of a hexadecimal digit, in either case; -1: it is none. */
static inline int num_hex_digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* Returns the median of n values, n > 0; sorts them. */
uint32_t num_median(uint32_t *values, size_t n);

#endif
