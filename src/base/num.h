/* SPDX-License-Identifier: MIT */
/* num.h - numbers that get narrower, and digits. */
#ifndef RAMPTOP_BASE_NUM_H
#define RAMPTOP_BASE_NUM_H

#include <stdint.h>

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

#endif
