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

#include "src/load/kept.h"
#include "src/load/transport.h"

#define BODY_KEPT 256 /* bytes of the reply for the sample message of a failure */

enum stop_cause {
    STOP_NONE,
    STOP_BODY_CAP,
    STOP_REDIRECT,
    STOP_FILE,
    STOP_HEADER_CAP,
    STOP_DECODE,   /* the encoding of the body is damaged */
    STOP_NOT_HTTP, /* the bytes that came are no reply */
    STOP_STALE,    /* the kept connection is not to be used: nothing went out */
    STOP_DROPPED,  /* a kept connection ended before the reply */
    STOP_REFUSED,  /* HTTP/2: the target refused the stream */
    STOP_HTTP_1_1, /* HTTP/2: the target wants HTTP/1.1 */
    STOP_ANSWERED, /* the reply is there, and libcurl would ask once more (417) */
};

/* Observations of the callbacks during one request. */
struct curl_seen {
    bool connected;        /* a connection was made for it */
    bool headers_complete; /* the blank line behind the headers was seen */
    enum fail own;         /* a failure seen on this side; FAIL_NONE: none */
    enum stop_cause stop;  /* why we ended it ourselves */
    bool asked;            /* the request went out, and no reply said that it may go out again */
    bool kept, http2;      /* the connection was used before; by HTTP/2 */
    enum kept_end end;     /* how the connection ended before the first byte of a reply */
    bool unread;           /* the connection ended, and nobody can have read the request */
    long sent_before;      /* bytes of requests before it went out: those of redirects */
    unsigned keeps_s;      /* so long its connection is kept, as the target says; 0: it does not */
    uint64_t leg_bytes;    /* headers since the request went out */
    bool tls, answered;    /* by https; the target has answered others before */
    bool reached;          /* given up with a new connection open, be it without TLS yet */
    uint64_t header_bytes, body_bytes;
    uint64_t wire_bytes; /* the body as it came, encoded */
    size_t body_kept;
    char body[BODY_KEPT];
    char error[CURL_ERROR_SIZE]; /* libcurl's text */
    char words[160];             /* ours, with STOP_DECODE and STOP_NOT_HTTP */
};

/* Once, after curl_global_init and before any thread uses the rest. */
void curl_outcome_init(void);

void curl_seen_begin(struct curl_seen *seen);
/* Something failed on this side: a system call with that error, or libcurl itself. */
void curl_seen_fault(struct curl_seen *seen, const char *call, int error);
void curl_seen_refusal(struct curl_seen *seen, enum fail own, const char *why);

/* A request is sent once, and once more for each redirect that is followed.  libcurl by itself
 * also sends it again, whatever its method, where a kept connection ends before the reply,
 * where HTTP/2 refuses a stream or wants HTTP/1.1, and after 417: the target would see more
 * requests than are counted, and what it dropped would be no failure. */
void curl_seen_ask(struct curl_seen *seen, CURL *easy); /* the request goes out now */
void curl_seen_redirect(struct curl_seen *seen);        /* the request may go out once more */
/* Would it be sent again behind our back?  Sets `stop` then. */
bool curl_seen_again(struct curl_seen *seen, CURL *easy);
/* Bytes of it that went out, head and body, before TLS. */
uint64_t curl_seen_sent(const struct curl_seen *seen, CURL *easy, const struct message *m);
/* With TLS: libcurl read that the target ends the connection, and could not answer as it had been
 * reset by then.  Had there been nothing to read, the reading would have failed. */
bool curl_seen_end_and_reset(const struct curl_seen *seen, CURL *easy);
/* Did any byte of a reply come? */
bool curl_seen_byte(CURL *easy);
/* Whether a request that ended with rc may begin anew: the target has certainly not looked at it.
 */
bool curl_seen_unseen(const struct curl_seen *seen, CURLcode rc);

/* Fills all but the verdict: status, phases, bytes, start of the body (borrowed from
 * seen).  fail is FAIL_NONE, reason is empty. */
void curl_outcome(CURL *easy, const struct curl_seen *seen, const struct message *m,
                  struct outcome *o);

/* Sets fail and, where there is one, the reason, for a request that ended with rc. */
void curl_verdict(CURL *easy, const struct curl_seen *seen, CURLcode rc, struct outcome *o);

/* The reply is no HTTP and begins so: sets `stop` and `words`. */
void curl_seen_not_http(struct curl_seen *seen, const char *data, size_t len);

/* Sets the reason of a request that is given up: how far it had come. */
void curl_phase(CURL *easy, const struct curl_seen *seen, struct outcome *o);

#endif
