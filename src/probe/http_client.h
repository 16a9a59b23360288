/* SPDX-License-Identifier: MIT */
/* http_client.h - HTTP as the probes need it: GET, whole or line by line, with hard deadlines.
 *
 * The probes' own user of libcurl; the load has another (src/load).  Only GET: a probe never
 * changes anything at its target.  Proxies of the environment are not used.  Descriptors are
 * closed in children.  One thread: its probe's. */
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
    size_t max_body; /* bytes of a GET's body, decoded; 0: 8 MiB */
    int wake_fd;     /* a GET or a pump ends soon after it becomes readable; -1: none */
};

/* The reason why no reply came, for the caller's own words. */
struct http_failure {
    int os_errno; /* errno of connect(2): EACCES, ENOENT, ECONNREFUSED; 0: not known */
    bool timed_out;
    bool woken; /* the wake descriptor became readable */
    bool cut;   /* the reply ended early */
    bool too_big;
    char text[160]; /* libcurl's message, cleaned */
};

struct http_client *http_open(const struct http_config *cfg); /* copies the texts */
void http_close(struct http_client *h);                       /* ends its streams; NULL is fine */

/* GETs base + path into *body (emptied first) by deadline_ns.  Returns the status, or 0 with
 * *why.  A status is never an error here: 404 and its body are a reply. */
long http_get(struct http_client *h, const char *path, uint64_t deadline_ns, struct buf *body,
              struct http_failure *why);
/* Returns a header's value of the last reply of http_get, until the next call; NULL when there
 * was none. */
const char *http_header(struct http_client *h, const char *name);

/* Overwrites the secrets that were sent, in texts of a body that are kept. */
void http_scrub(const struct http_client *h, char *text, size_t len);

struct http_stream_ops {
    /* Receives a piece of the body of a reply with status 200. */
    void (*data)(void *arg, const char *data, size_t len);
    /* Receives the end: the reply's status, or 0 with *why; a body that was no success is in
     * *why's text.  The stream is freed after this. */
    void (*end)(void *arg, long status, const struct http_failure *why);
};

/* Starts GET base + path; data arrives within http_pump.  After silence_ns without data the
 * stream ends, timed_out; 0: it may be silent. */
struct http_stream *http_stream(struct http_client *h, const char *path, uint64_t silence_ns,
                                const struct http_stream_ops *ops, void *arg);
void http_stream_end(struct http_stream *s); /* does not call `end` */

/* Moves all streams along until until_ns, or until the wake descriptor is readable. */
void http_pump(struct http_client *h, uint64_t until_ns);
/* Does the same, but returns once the head of that stream's reply has come, or the stream has
 * ended. */
void http_await(struct http_client *h, const struct http_stream *s, uint64_t until_ns);

#endif
