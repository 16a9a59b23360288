/* SPDX-License-Identifier: MIT */
/* ratelimit.h - what `ramptop limits` found as values, what that says beside the profile, and
 * how it is shown.  Pure: values in, text out.
 *
 * All texts are cleaned. */
#ifndef RAMPTOP_RATELIMIT_RATELIMIT_H
#define RAMPTOP_RATELIMIT_RATELIMIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/ratelimit/quota.h"

#define RATELIMIT_NAME 96
#define RATELIMIT_TEXT 232

/* How the search for the first refusal ended. */
enum ratelimit_end {
    RATELIMIT_OPEN, /* interrupted before */
    RATELIMIT_FOUND,
    RATELIMIT_NEVER,   /* all of max_requests accepted */
    RATELIMIT_NO_USER, /* on_start failed, so that no request was sent */
    RATELIMIT_LOST,    /* no reply, or the request could not be made */
};

enum ratelimit_scope {
    RATELIMIT_UNTOLD,  /* not tried, or nothing to be learnt from it */
    RATELIMIT_USER,    /* another user is let through */
    RATELIMIT_ADDRESS, /* another user from the same address is not, from another one it is */
    RATELIMIT_ALL,     /* nor is one from another address */
    RATELIMIT_SHARED,  /* another user is not; another address was not to be had */
};

enum ratelimit_recovery {
    RATELIMIT_NOT_ASKED, /* the profile says recovers = 0, or it ended before */
    RATELIMIT_TOO_LONG,  /* the target says it takes longer than is to be waited */
    RATELIMIT_RECOVERED,
    RATELIMIT_STILL, /* refused until the end of the wait */
    RATELIMIT_CUT,   /* interrupted */
};

/* By whom is said how long it takes; SILENCE: nobody. */
enum ratelimit_source {
    RATELIMIT_SILENCE,
    RATELIMIT_RETRY_AFTER,
    RATELIMIT_RESET,
    RATELIMIT_WINDOW
};

struct ratelimit {
    /* promised by the profile */
    char name[RATELIMIT_NAME], class[RATELIMIT_NAME], method[12], endpoint[RATELIMIT_NAME];
    unsigned status; /* with which the target refuses */
    uint32_t after_min, after_max, max_requests;
    enum ratelimit_scope per; /* USER, ADDRESS, or UNTOLD: not said */
    double window_s;          /* 0: not said */
    bool retry_after;         /* must be there */
    double wait_s;            /* longest wait for the recovery */
    /* the search */
    enum ratelimit_end end;
    char why[RATELIMIT_TEXT];            /* NO_USER, LOST */
    bool reached;                        /* there was a reply, be it to on_start */
    uint32_t before;                     /* requests of on_start, which may have counted too */
    uint32_t accepted;                   /* before the first refusal */
    uint32_t unanswered;                 /* meanwhile: they may have counted as well */
    double took_s;                       /* from the first request to the end of the search */
    uint32_t unexpected;                 /* accepted, but not as the request expects */
    char unexpected_why[RATELIMIT_TEXT]; /* the first of them */
    /* the refusal */
    bool held_asked, held; /* the next request was refused, too */
    struct quota refusal;
    struct quota_trail trail;
    /* the scope of the limit */
    bool scope_asked;
    enum ratelimit_scope scope;
    bool told_apart;                /* the second user sends something else than the first */
    char scope_why[RATELIMIT_TEXT]; /* UNTOLD: why */
    /* how it ends */
    enum ratelimit_recovery recovery;
    enum ratelimit_source told_by;
    double told_s;      /* so long it takes, from the first refusal on */
    double recovered_s; /* from the first refusal to the reply that was none, or so far */
    uint32_t asked;     /* requests while waiting */
};

struct ratelimits {
    char target[RATELIMIT_NAME], profile[RATELIMIT_NAME];
    struct ratelimit *items;
    size_t n;
    bool interrupted;
};

void ratelimits_finish(struct ratelimits *l);

/* How a check ended, in this order: the worst of several is the greatest. */
enum ratelimit_grade { RATELIMIT_NOTE, RATELIMIT_RIGHT, RATELIMIT_UNCLEAR, RATELIMIT_DIFFERS };

struct ratelimit_finding {
    char subject[16]; /* "first 429", "Retry-After" ... */
    enum ratelimit_grade grade;
    char text[RATELIMIT_TEXT + 160]; /* a text from above with words around it */
};

#define RATELIMIT_FINDINGS 8u

/* Fills at most RATELIMIT_FINDINGS of them; returns how many. */
size_t ratelimit_findings(const struct ratelimit *l, struct ratelimit_finding *out);
enum ratelimit_grade ratelimit_grade(const struct ratelimit *l); /* the worst of them */
enum ratelimit_grade ratelimits_worst(const struct ratelimits *l);
const char *ratelimit_grade_word(enum ratelimit_grade g); /* "", "ok", "unclear", "differs" */
const char *ratelimit_scope_word(enum ratelimit_scope s); /* NULL for UNTOLD */
bool ratelimits_reached(const struct ratelimits *l);      /* was there a reply at all? */

/* The text of one limit; the whole's last lines.  80 columns; the caller frees. */
char *ratelimit_text(const struct ratelimit *l);
char *ratelimits_summary(const struct ratelimits *l);
/* Schema "ramptop-limits/1"; the caller frees. */
char *ratelimits_json(const struct ratelimits *l);

#endif
