/* SPDX-License-Identifier: MIT */
/* draw.h - times drawn at random around a mean. */
#ifndef RAMPTOP_DEMO_DRAW_H
#define RAMPTOP_DEMO_DRAW_H

#include <stdint.h>

#include "src/base/rng.h"

enum demo_service { DEMO_CONST, DEMO_EXP, DEMO_LOGNORMAL, DEMO_UNIFORM };

struct demo_time {
    enum demo_service kind;
    double mean_ns;
    double half_ns; /* UNIFORM: from mean - half to mean + half */
};

double draw_ns(const struct demo_time *d, struct rng *rng);

#endif
