/* SPDX-License-Identifier: MIT */
/* limits.h - what `ramptop limits` found as values, what that says beside the profile, and
 * how it is shown.  Pure: values in, text out.
 *
 * All texts are cleaned. */
#ifndef RAMPTOP_REPORT_LIMITS_H
#define RAMPTOP_REPORT_LIMITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/report/quota.h"

#define LIMITS_NAME 96
#define LIMITS_TEXT 232

/* How the search for the first refusal ended. */
enum limits_end {
    LIMITS_OPEN, /* interrupted before */
    LIMITS_FOUND,
    LIMITS_NEVER,   /* all of max_requests accepted */
    LIMITS_NO_USER, /* on_start failed, so that no request was sent */
    LIMITS_LOST,    /* no reply, or the request could not be made */
};

enum limits_scope {
    LIMITS_UNTOLD,  /* not tried, or nothing to be learnt from it */
    LIMITS_USER,    /* another user is let through */
    LIMITS_ADDRESS, /* another user from the same address is not, from another one it is */
    LIMITS_ALL,     /* nor is one from another address */
    LIMITS_SHARED,  /* another user is not; another address was not to be had */
};

enum limits_recovery {
    LIMITS_NOT_ASKED, /* the profile says recovers = 0, or it ended before */
    LIMITS_TOO_LONG,  /* the target says it takes longer than is to be waited */
    LIMITS_RECOVERED,
    LIMITS_STILL, /* refused until the end of the wait */
    LIMITS_CUT,   /* interrupted */
};

/* By whom is said how long it takes; SILENCE: nobody. */
enum limits_source { LIMITS_SILENCE, LIMITS_RETRY_AFTER, LIMITS_RESET, LIMITS_WINDOW };

struct limits_one {
    /* promised by the profile */
    char name[LIMITS_NAME], class[LIMITS_NAME], method[12], endpoint[LIMITS_NAME];
    unsigned status; /* with which the target refuses */
    uint32_t after_min, after_max, max_requests;
    enum limits_scope per; /* USER, ADDRESS, or UNTOLD: not said */
    double window_s;       /* 0: not said */
    bool retry_after;      /* must be there */
    double wait_s;         /* longest wait for the recovery */
    /* the search */
    enum limits_end end;
    char why[LIMITS_TEXT];            /* NO_USER, LOST */
    bool reached;                     /* there was a reply, be it to on_start */
    uint32_t before;                  /* requests of on_start, which may have counted too */
    uint32_t accepted;                /* before the first refusal */
    uint32_t unanswered;              /* meanwhile: they may have counted as well */
    double took_s;                    /* from the first request to the end of the search */
    uint32_t unexpected;              /* accepted, but not as the request expects */
    char unexpected_why[LIMITS_TEXT]; /* the first of them */
    /* the refusal */
    bool held_asked, held; /* the next request was refused, too */
    struct quota refusal;
    struct quota_trail trail;
    /* the scope of the limit */
    bool scope_asked;
    enum limits_scope scope;
    bool told_apart;             /* the second user sends something else than the first */
    char scope_why[LIMITS_TEXT]; /* UNTOLD: why */
    /* how it ends */
    enum limits_recovery recovery;
    enum limits_source told_by;
    double told_s;      /* so long it takes, from the first refusal on */
    double recovered_s; /* from the first refusal to the reply that was none, or so far */
    uint32_t asked;     /* requests while waiting */
};

struct limits {
    char target[LIMITS_NAME], profile[LIMITS_NAME];
    struct limits_one *items;
    size_t n;
    bool interrupted;
};

void limits_finish(struct limits *l);

/* How a check ended, in this order: the worst of several is the greatest. */
enum limits_grade { LIMITS_NOTE, LIMITS_RIGHT, LIMITS_UNCLEAR, LIMITS_DIFFERS };

struct limits_finding {
    char subject[16]; /* "first 429", "Retry-After" ... */
    enum limits_grade grade;
    char text[LIMITS_TEXT + 160]; /* a text from above with words around it */
};

#define LIMITS_FINDINGS 8u

/* Fills at most LIMITS_FINDINGS of them; returns how many. */
size_t limits_findings(const struct limits_one *l, struct limits_finding *out);
enum limits_grade limits_grade(const struct limits_one *l); /* the worst of them */
enum limits_grade limits_worst(const struct limits *l);
const char *limits_grade_word(enum limits_grade g); /* "", "ok", "unclear", "differs" */
const char *limits_scope_word(enum limits_scope s); /* NULL for UNTOLD */
bool limits_reached(const struct limits *l);        /* was there a reply at all? */

/* The text of one limit; the whole's last lines.  80 columns; the caller frees. */
char *limits_text(const struct limits_one *l);
char *limits_summary(const struct limits *l);
/* Schema "ramptop-limits/1"; the caller frees. */
char *limits_json(const struct limits *l);

#endif
