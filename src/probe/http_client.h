/* SPDX-License-Identifier: MIT */
/* http_client.h - HTTP as the probes need it: GET, whole or line by line, with hard deadlines.
 *
 * The probes' own user of libcurl; the load has another (src/load).  Only GET: a probe
 * never changes anything at its target.  Proxies of the environment are not used.
 * Descriptors are closed in children.  One thread: its probe's. */
#ifndef RAMPTOP_PROBE_HTTP_CLIENT_H
#define RAMPTOP_PROBE_HTTP_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/base/buf.h"
#include "src/base/err.h"
#include "src/script/secret.h"

struct http_client;
struct http_stream;

struct http_config {
    const char *base;        /* "http://127.0.0.1:9090", "http://docker"; borrowed, as all here */
    const char *unix_socket; /* NULL: by the base's host and port */
    const char *user;        /* basic authentication with password */
    const struct secret *password;
    const struct secret *bearer;
    const char *ca, *cert, *key; /* files; NULL: the system's, none */
    bool insecure;
    bool gzip;       /* compressed replies are asked for */
    size_t max_body; /* of a GET, decoded; 0: 8 MiB */
    int wake_fd;     /* a GET or a pump ends soon after it becomes readable; -1: none */
};

/* Why nothing came: for the caller's own words. */
struct http_failure {
    int os_errno; /* of connect: EACCES, ENOENT, ECONNREFUSED; 0: not known */
    bool timed_out;
    bool woken; /* the wake descriptor became readable */
    bool cut;   /* the reply ended early */
    bool too_big;
    char text[160]; /* libcurl's word, cleaned */
};

struct http_client *http_open(const struct http_config *cfg); /* copies the texts */
void http_close(struct http_client *h);                       /* ends its streams; NULL is fine */

/* GET base + path into *body (emptied first) by deadline_ns.  The status, or 0 with *why.
 * Never throws a status away: 404 and its body are a reply. */
long http_get(struct http_client *h, const char *path, uint64_t deadline_ns, struct buf *body,
              struct http_failure *why);
/* The value of a header of the last reply of http_get; NULL when it had none.  Valid until
 * the next. */
const char *http_header(struct http_client *h, const char *name);

/* Overwrites what was sent as a secret, for texts of a body that are kept. */
void http_scrub(const struct http_client *h, char *text, size_t len);

struct http_stream_ops {
    /* A piece of the body as it came, of a reply with status 200. */
    void (*data)(void *arg, const char *data, size_t len);
    /* It is over: status of the reply or 0 with *why; a body that was no success is in
     * *why's text.  The stream is freed after this. */
    void (*end)(void *arg, long status, const struct http_failure *why);
};

/* Begins GET base + path; data comes within http_pump.  silence_ns: it ends, timed_out, when
 * nothing came for so long; 0: it may be silent. */
struct http_stream *http_stream(struct http_client *h, const char *path, uint64_t silence_ns,
                                const struct http_stream_ops *ops, void *arg);
void http_stream_end(struct http_stream *s); /* without `end` being called */

/* Moves the streams along until until_ns, or until the wake descriptor is readable. */
void http_pump(struct http_client *h, uint64_t until_ns);
/* The same, but not longer than until the head of that one's reply is there, or it is over. */
void http_await(struct http_client *h, const struct http_stream *s, uint64_t until_ns);

#endif
