/* SPDX-License-Identifier: MIT */
/* A level with one number of users drives: to them at its spawn rate.  When its run time is
 * over is the session's matter, since a hand that takes the users over does not move the end. */
#include <stdlib.h>

#include "src/run/driver.h"

const struct driver_ops driver_steady = {
    .name = "steady",
    .begin = driver_single_begin,
    .next = driver_single_next,
    .left = driver_single_left,
    .shift = driver_single_shift,
    .end = free,
};
