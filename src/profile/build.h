/* SPDX-License-Identifier: MIT */
/* build.h - the pieces of a profile, checked and put together; shared by
 * profile_from_url and profile_read, so that a bare URL and a file obey the same
 * rules.
 *
 * Failures are half sentences in struct err ("the port must be ..."); the caller
 * puts the place in front and the full stop behind. */
#ifndef RAMPTOP_PROFILE_BUILD_H
#define RAMPTOP_PROFILE_BUILD_H

#include "src/profile/profile.h"

#define BUILD_MAX_SEQUENCE 10000u /* entries of profile->class_of */
#define BUILD_NAME_MAX 128        /* bytes of a name that is shown */

/* A growing list of headers; a later one of the same name replaces the earlier. */
struct header_list {
    struct header *items;
    size_t n;
};

bool build_header_ok(const char *name, const char *value, struct err *e);
void build_header_set(struct header_list *h, const char *name, const char *value);
bool build_header_has(const struct header_list *h, const char *name);
/* "Name: value", as on a command line. */
bool build_header_line(struct header_list *h, const char *line, struct err *e);
void build_header_merge(struct header_list *h, const struct header_list *over);
/* Takes from under only what h does not have. */
void build_header_fill(struct header_list *h, const struct header_list *under);
void build_header_finish(struct header_list *h);

bool build_method_ok(const char *method, struct err *e);

/* text cleaned for show and cut to BUILD_NAME_MAX; the caller frees. */
char *build_name(const char *text);

/* "Basic dXNlcjpwYXNz"; the caller frees. */
char *build_basic_auth(const char *userinfo);

struct profile *build_profile(void); /* empty, one reference */

/* Finds endpoints while a profile is built: a hash table of positions + 1. */
#define BUILD_SLOTS (4 * PROFILE_MAX_ENDPOINTS)
struct endpoint_index {
    uint16_t slots[BUILD_SLOTS];
};

/* The endpoint of that method and name, added if new.  *index is into p->endpoints;
 * table is zeroed before the first. */
bool build_endpoint(struct profile *p, struct endpoint_index *table, const char *method,
                    const char *name, uint32_t *index, struct err *e);

/* Fills class_of from the classes' weights. */
bool build_class_sequence(struct profile *p, struct err *e);

#endif
