/* SPDX-License-Identifier: MIT */
/* curl_outcome.h - how a request ended: what libcurl says, put right by what we saw.
 *
 * libcurl's code alone is not enough.  It calls a reply that is cut inside its headers
 * complete, a missing file descriptor or local port a refusal, and a header line that is
 * too long a lack of memory; its error text may be that of an earlier try.  The mapping
 * is what was measured against a hostile server with libcurl 7.88.
 *
 * Private to src/load.  The worker's thread only. */
#ifndef RAMPTOP_LOAD_CURL_OUTCOME_H
#define RAMPTOP_LOAD_CURL_OUTCOME_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/load/transport.h"

#define BODY_KEPT 256 /* of the reply, for the sample message of a failure */

enum stop_cause { STOP_NONE, STOP_BODY_CAP, STOP_REDIRECT, STOP_FILE, STOP_DROPPED };

/* What the callbacks of one request saw. */
struct curl_seen {
    bool connected;        /* a connection was made for it */
    bool headers_complete; /* the blank line behind the headers was seen */
    enum fail own;         /* what failed on this side; FAIL_NONE: nothing that was seen */
    enum stop_cause stop;  /* why we ended it ourselves */
    uint64_t header_bytes, body_bytes;
    size_t body_kept;
    char body[BODY_KEPT];
    char error[CURL_ERROR_SIZE];
};

void curl_seen_begin(struct curl_seen *seen);
/* Something failed on this side: a system call with that error, or libcurl itself. */
void curl_seen_fault(struct curl_seen *seen, const char *call, int error);
void curl_seen_refusal(struct curl_seen *seen, enum fail own, const char *why);

/* Fills all but the verdict: status, phases, bytes, start of the body (borrowed from
 * seen).  fail is FAIL_NONE, reason is empty. */
void curl_outcome(CURL *easy, const struct curl_seen *seen, const struct message *m,
                  struct outcome *o);

/* Sets fail and, where there is one, the reason, for a request that ended with rc. */
void curl_verdict(CURL *easy, const struct curl_seen *seen, CURLcode rc, struct outcome *o);

/* Sets the reason of a request that is given up: how far it had come. */
void curl_phase(CURL *easy, struct outcome *o);

#endif
