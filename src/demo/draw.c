/* SPDX-License-Identifier: MIT */
#include "src/demo/draw.h"

#include <math.h>

/* The standard deviation of the service time's logarithm: the mean is then 1.65 times
 * the median and one in a hundred takes 6.2 times the mean, as real services do. */
#define LOGNORMAL_SIGMA 1.0

#define TWO_PI 6.283185307179586

double draw_ns(const struct demo_time *d, struct rng *rng)
{
    double mean = d->mean_ns;
    switch (d->kind) {
    case DEMO_EXP:
        return -mean * log1p(-rng_unit(rng));
    case DEMO_LOGNORMAL: {
        double radius = sqrt(-2.0 * log1p(-rng_unit(rng)));
        double normal = radius * cos(TWO_PI * rng_unit(rng));
        /* Half the variance is taken off so that the mean, not the median, is S. */
        return mean * exp(LOGNORMAL_SIGMA * normal - LOGNORMAL_SIGMA * LOGNORMAL_SIGMA / 2);
    }
    case DEMO_UNIFORM:
        return mean + (2 * rng_unit(rng) - 1) * d->half_ns;
    case DEMO_CONST:
        break;
    }
    return mean;
}
