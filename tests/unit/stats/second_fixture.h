/* SPDX-License-Identifier: MIT */
/* second_fixture.h - seconds for tests: compared field by field, and made up. */
#ifndef RAMPTOP_TESTS_SECOND_FIXTURE_H
#define RAMPTOP_TESTS_SECOND_FIXTURE_H

#include "src/base/rng.h"
#include "src/stats/second.h"

/* NULL when all is equal, else the name of the first field that is not. */
const char *second_difference(const struct second *a, const struct second *b);

/* Fills *s with figures that go together; anything may be absent.  The caller finishes it. */
void second_random(struct second *s, struct rng *g);

#endif
