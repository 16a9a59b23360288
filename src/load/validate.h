/* SPDX-License-Identifier: MIT */
/* validate.h - holds a reply against the profile: status, then checks, then captures; and
 * puts a failure into words.
 *
 * The engine's thread only. */
#ifndef RAMPTOP_LOAD_VALIDATE_H
#define RAMPTOP_LOAD_VALIDATE_H

#include "src/base/err.h"
#include "src/script/scope.h"
#include "src/script/secret.h"
#include "src/stats/fail.h"
#include "src/stats/note.h"

struct channel;
struct message;
struct outcome;
struct request;
struct transport_ops;
struct user_class;

/* The end of an attempt: a transport's outcome held against the profile. */
struct result {
    enum fail fail;
    const char *name; /* the check or capture that failed, else NULL; borrowed */
    struct err why;   /* if there is a name, and for FAIL_NO_VALUE; raw text from outside */
};

/* Takes captures into the scope when all is well up to them. */
void validate_reply(const struct request *r, const struct outcome *o, uint64_t took_ns,
                    struct scope *scope, struct result *result);

/* Secrets that a note must not tell.  A target may echo what it was sent, and a reply that is not
 * wanted may hold the token of a log-in that went well. */
struct redaction {
    const struct secrets *secrets; /* the profile's */
    const struct user_class *cls;  /* the user's; its hidden variables and cells */
    const struct scope *scope;
    const struct message *sent; /* NULL: nothing was */
    const struct transport_ops *ops;
    struct channel *channel; /* with the cookies that the target set; NULL: has none */
};

/* Writes the note's text, cleaned and without all that.  timed_out: our own clock ended it. */
void failure_words(struct note *n, const struct result *result, const struct request *r,
                   const struct outcome *o, bool timed_out, const struct redaction *redaction);

#endif
