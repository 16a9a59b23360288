/* SPDX-License-Identifier: MIT */
/* plain_routes.h - the plain demo target's endpoints: one table that the server, its metrics
 * and its own description of itself read. */
#ifndef RAMPTOP_DEMO_PLAIN_ROUTES_H
#define RAMPTOP_DEMO_PLAIN_ROUTES_H

#include <stdbool.h>

enum route {
    ROUTE_HOME,
    ROUTE_FAST,
    ROUTE_SLOW,
    ROUTE_WRITE,
    ROUTE_FLAKY,
    ROUTE_ABOUT,
    ROUTE_HEALTH,
    ROUTE_METRICS,
    ROUTE_OTHER, /* every path that is not served; 404 */
    ROUTE_COUNT
};

struct route_info {
    const char *path;
    double factor; /* times the service time; 0: beside the queue, replies at once */
    bool write;    /* POST and PUT; else GET and HEAD */
    const char *about;
};

extern const struct route_info routes[ROUTE_COUNT];

/* One in this many requests to /flaky fails. */
#define ROUTE_FLAKY_ONE_IN 50

enum route route_find(const char *path);
bool route_takes(enum route route, const char *method);

#endif
