/* SPDX-License-Identifier: MIT */
/* fail.h - the kinds of failed request.
 *
 * A failed request is data: every one falls in exactly one kind.  The kinds
 * FAIL_CLIENT_* and FAIL_NO_VALUE are the generator's own: such a request was not
 * sent, or was broken off here, and is no request at all in counts, rates and shares,
 * let alone a failure of the target's.  Order is part of recordings to come: append only. */
#ifndef RAMPTOP_STATS_FAIL_H
#define RAMPTOP_STATS_FAIL_H

#include <stdbool.h>
#include <stdint.h>

enum fail {
    FAIL_NONE = 0,
    FAIL_STATUS,      /* a status the profile does not expect; shown as its number */
    FAIL_TIMEOUT,     /* no complete reply within the time-out */
    FAIL_REFUSED,     /* ECONNREFUSED */
    FAIL_UNREACHABLE, /* no route, network or host down */
    FAIL_DNS,         /* the name does not resolve */
    FAIL_TLS,         /* handshake or certificate */
    FAIL_RESET,       /* ECONNRESET or EPIPE, before or inside the reply */
    FAIL_EMPTY_REPLY, /* closed before the first byte */
    FAIL_CUT_HEADERS, /* closed inside the headers */
    FAIL_CUT_BODY,    /* closed inside the body */
    FAIL_PROTOCOL,    /* not HTTP, bad chunk, bad length */
    FAIL_HEADER_TOO_BIG,
    FAIL_BODY_TOO_BIG,
    FAIL_DECODE,       /* content encoding */
    FAIL_REDIRECT,     /* too many, or to where the profile does not allow */
    FAIL_CLIENT_PORTS, /* EADDRNOTAVAIL: no local port left */
    FAIL_CLIENT_FDS,   /* EMFILE or ENFILE */
    FAIL_CLIENT_MEMORY,
    FAIL_OTHER,          /* anything else; the sample message tells */
    FAIL_NO_VALUE,       /* not sent: a variable that it needs has no value; the client's own */
    FAIL_CHECK,          /* the profile's check did not pass; the message begins with its name */
    FAIL_CAPTURE,        /* nothing to capture; the message begins with the variable's name */
    FAIL_CLIENT_FILE,    /* a file to send got shorter, or cannot be read */
    FAIL_CLIENT_DENIED,  /* EACCES, EPERM: this machine does not let it out */
    FAIL_CLIENT_NETWORK, /* this machine lacks the protocol, or its network is down */
    FAIL_CLIENT_REQUEST, /* the profile makes one that cannot be sent: its URL is too long, say */
    FAIL_CLIENT_FAULT,   /* the generator's own works: epoll, a call that must not fail */
    FAIL_KINDS
};

/* A short word: "timeout", "refused", "cut headers", "no ports (client)" ... never
 * NULL.  FAIL_STATUS gives "status": callers that know it show the number. */
const char *fail_word(enum fail f);

/* Returns what it means and what to look at: one sentence for the failures view. */
const char *fail_explain(enum fail f);

/* The same; with FAIL_STATUS it says what that status usually means. */
const char *fail_explain_status(enum fail f, unsigned status);

/* Failures of one kind at one endpoint are told apart by the name they fail under: a number
 * made of it, never 0.  The same name gives the same number in every profile. */
uint16_t fail_detail(const char *name);

/* Is this kind the generator's own fault? */
bool fail_is_client(enum fail f);

#endif
