/* SPDX-License-Identifier: MIT */
#include "src/base/num.h"

#include <stdlib.h>

static int compare_numbers(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

uint32_t num_median(uint32_t *values, size_t n)
{
    qsort(values, n, sizeof *values, compare_numbers);
    return values[n / 2];
}
