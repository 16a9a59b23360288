/* SPDX-License-Identifier: MIT */
/* routes.h - paths with parameters, "/api/sessions/{id}", and which of them a request means.
 *
 * Paths are compared as they came, byte by byte and segment by segment; only what stands for
 * a parameter is percent-decoded. */
#ifndef RAMPTOP_DEMO_ROUTES_H
#define RAMPTOP_DEMO_ROUTES_H

#include <stdbool.h>
#include <stddef.h>

#include "src/base/buf.h"
#include "src/base/err.h"

#define ROUTE_SEGMENTS 16

struct span {
    const char *at;
    size_t len;
};

/* A path taken apart; what it points to is the caller's. */
struct path {
    struct span segments[ROUTE_SEGMENTS];
    size_t n;
};

/* A route's path: the segments that are parameters have their names in there. */
struct path_params {
    char *text; /* owned */
    struct path path;
    bool is_param[ROUTE_SEGMENTS];
};

/* False for more segments than that, or a text that does not begin with a slash. */
bool path_split(struct path *p, const char *target); /* up to ?, # or the end */

bool path_params_compile(struct path_params *p, const char *text,
                         struct err *e); /* half sentence */
void path_params_finish(struct path_params *p);
bool path_params_match(const struct path_params *p, const struct path *path);
/* Do they mean the same paths? */
bool path_params_same(const struct path_params *a, const struct path_params *b);
/* The segment that is the parameter of that name; NULL: the last parameter.  -1: there is none. */
int path_params_find(const struct path_params *p, const char *name, size_t len);

/* The value of a query parameter, still encoded; false: it is not there. */
bool routes_query(const char *target, const char *name, size_t name_len, struct span *value);

#endif
