/* SPDX-License-Identifier: MIT */
/* each_transport.h - runs a suite over every transport of the table, one after the other. */
#ifndef RAMPTOP_TESTS_EACH_TRANSPORT_H
#define RAMPTOP_TESTS_EACH_TRANSPORT_H

#include <check.h>
#include <stdio.h>

#include "src/load/transports.h"
#include "tests/unit/unit.h"

static const struct transport_ops *ops; /* the transport under test */

/* Whether the transport under test can do that, one of enum transport_need; says why not. */
static inline bool transport_can(unsigned need)
{
    const struct transport_rules rules = {.needs = need};
    struct err e;
    bool can = ops->supports(&rules, &e);
    if (!can)
        printf("skipped: %s: %s\n", ops->name, e.text);
    return can;
}

/* Returns what main returns.  The suite is made anew for each transport. */
static inline int run_each_transport(Suite *(*make)(void))
{
    int code = EXIT_SUCCESS;
    for (size_t i = 0; transports[i] != NULL; i++) {
        ops = transports[i];
        printf("transport: %s\n", ops->name);
        fflush(stdout); /* tests are forked */
        if (unit_run(make()) != EXIT_SUCCESS)
            code = EXIT_FAILURE;
    }
    return code;
}

#endif
