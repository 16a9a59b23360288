/* SPDX-License-Identifier: MIT */
#include "src/demo/plain_routes.h"

#include <string.h>

const struct route_info routes[ROUTE_COUNT] = {
    [ROUTE_HOME] = {"/", 1, false, "a greeting of one line"},
    [ROUTE_FAST] = {"/fast", 0.5, false, "half the service time"},
    [ROUTE_SLOW] = {"/slow", 4, false, "four times the service time"},
    [ROUTE_WRITE] = {"/write", 2, true, "reads a body of any size"},
    [ROUTE_FLAKY] = {"/flaky", 1, false, "one in 50 fails with 500"},
    [ROUTE_ABOUT] = {"/about", 0, false, "this page"},
    [ROUTE_HEALTH] = {"/health", 0, false, "always well"},
    [ROUTE_METRICS] = {"/metrics", 0, false, "Prometheus text"},
    [ROUTE_OTHER] = {"other", 0, false, "not found"},
};

enum route route_find(const char *path)
{
    for (enum route r = 0; r < ROUTE_OTHER; r++)
        if (strcmp(routes[r].path, path) == 0)
            return r;
    return ROUTE_OTHER;
}

bool route_takes(enum route route, const char *method)
{
    if (routes[route].write)
        return strcmp(method, "POST") == 0 || strcmp(method, "PUT") == 0;
    return strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0;
}
