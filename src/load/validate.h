/* SPDX-License-Identifier: MIT */
/* validate.h - was a reply what the profile wants: status, then checks, then captures; and
 * the words of one that was not.
 *
 * The worker's thread only. */
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

struct verdict {
    enum fail fail;
    const char *name; /* of the check or capture that failed, else NULL; borrowed */
    struct err why;   /* if there is a name, and for FAIL_NO_VALUE; raw text from outside */
};

/* Takes captures into the scope when all is well up to them. */
void judge(const struct request *r, const struct outcome *o, uint64_t took_ns, struct scope *scope,
           struct verdict *v);

/* What a note must not tell.  A target may echo what it was sent, and a reply that is not
 * wanted may hold the token of a log-in that went well. */
struct unseen {
    const struct secrets *secrets; /* the profile's */
    const struct user_class *cls;  /* the user's; its hidden variables and cells */
    const struct scope *scope;
    const struct message *sent; /* NULL: nothing was */
    const struct transport_ops *ops;
    struct channel *channel; /* with the cookies that the target set; NULL: has none */
};

/* The note's text, without that and cleaned.  timed_out: our own clock ended it. */
void judge_note(struct note *n, const struct verdict *v, const struct request *r,
                const struct outcome *o, bool timed_out, const struct unseen *unseen);

#endif
