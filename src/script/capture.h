/* SPDX-License-Identifier: MIT */
/* capture.h - takes a value out of a reply into a user's variable.
 *
 *   json:PATH  regex:PATTERN (its first group)  header:NAME  cookie:NAME  body  status
 *
 * Prepared once; any thread. */
#ifndef RAMPTOP_SCRIPT_CAPTURE_H
#define RAMPTOP_SCRIPT_CAPTURE_H

#include "src/base/err.h"
#include "src/script/reply.h"
#include "src/script/scope.h"

enum pick { PICK_FIRST, PICK_LAST, PICK_RANDOM };

struct capture;

struct capture_spec {
    const char *name; /* the variable's name, for messages */
    uint32_t slot;
    const char *from;     /* "json:$.token" */
    enum pick pick;       /* among several matches */
    const char *fallback; /* the value when nothing matches, NULL: then the request fails */
};

struct capture *capture_compile(const struct capture_spec *spec, struct err *e);
void capture_free(struct capture *c);
const char *capture_name(const struct capture *c);
uint32_t capture_slot(const struct capture *c);
/* Is the value one that must not be seen, by the name of the variable or of where it is from? */
bool capture_is_secret(const struct capture *c);
unsigned capture_needs(const struct capture *c); /* enum reply_part */

/* Sets the variable.  False with a half sentence when nothing matched: the variable then
 * has no value. */
bool capture_take(const struct capture *c, const struct reply *r, struct scope *scope,
                  struct err *why);

#endif
