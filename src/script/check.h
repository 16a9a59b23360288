/* SPDX-License-Identifier: MIT */
/* check.h - what a reply must be like beyond its status.  Prepared once; any thread. */
#ifndef RAMPTOP_SCRIPT_CHECK_H
#define RAMPTOP_SCRIPT_CHECK_H

#include "src/base/err.h"
#include "src/script/names.h"
#include "src/script/reply.h"
#include "src/script/scope.h"

enum check_kind {
    CHECK_CONTAINS, /* text: a template */
    CHECK_LACKS,
    CHECK_MATCHES, /* text: a regular expression */
    CHECK_JSON,    /* text: "$.path" or "$.path == value" (condition.h), `not` before it */
    CHECK_HEADER,  /* text: "Name" or "Name contains value", `not` before it */
    CHECK_MIN_BYTES,
    CHECK_MAX_BYTES,
    CHECK_MAX_TIME,
};

struct check_spec {
    enum check_kind kind;
    const char *name;  /* NULL: made from the kind and the text */
    const char *text;  /* the first five kinds */
    uint64_t limit;    /* the others: bytes, or microseconds */
};

struct check;

struct check *check_compile(const struct check_spec *spec, struct names *names, struct err *e);
void check_free(struct check *c);
const char *check_name(const struct check *c); /* cleaned, fit to be shown */
unsigned check_needs(const struct check *c);   /* enum reply_part */
/* Calls back for each slot / each feeder it needs (template.h). */
void check_uses(const struct check *c, void (*slot)(uint32_t index, void *arg),
                void (*feeder)(uint32_t index, void *arg), void *arg);

/* False with a half sentence: what was wanted and what was there (cut, not cleaned). */
bool check_passes(const struct check *c, const struct reply *r, struct scope *scope,
                  struct err *why);

#endif
