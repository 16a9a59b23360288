/* SPDX-License-Identifier: MIT */
/* The keys drive: to the users that somebody asked for, and there they stay.  Each change by
 * hand begins it anew. */
#include <stdlib.h>

#include "src/run/driver.h"

const struct driver_ops driver_manual = {
    .name = "manual",
    .begin = driver_single_begin,
    .next = driver_single_next,
    .left = driver_single_left,
    .shift = driver_single_shift,
    .end = free,
};
