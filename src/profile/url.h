/* SPDX-License-Identifier: MIT */
/* url.h - takes http and https URLs apart and checks them, so that a wrong one is
 * a sentence before anything starts and not a failed request later.
 *
 * Messages never show the user information of a URL. */
#ifndef RAMPTOP_PROFILE_URL_H
#define RAMPTOP_PROFILE_URL_H

#include <stdbool.h>
#include <stddef.h>

#include "src/base/err.h"

struct url {
    char *origin;   /* "http://127.0.0.1:8080"; the scheme and host in lower case */
    char *host;     /* "127.0.0.1", "[::1]" */
    char *userinfo; /* "user:password", percent-decoded; NULL for none */
    char *path;     /* begins with "/" */
    char *query;    /* without "?"; NULL for none */
};

/* Takes text apart.  Without a scheme "http://" is meant.  The fragment is dropped,
 * as it is never sent.  On success the caller calls url_finish. */
bool url_parse(struct url *u, const char *text, struct err *e);
void url_finish(struct url *u); /* zeroed is fine */

/* The server of a request. */
struct origin {
    char *text;    /* "http://127.0.0.1:8080", as in struct url */
    size_t len;    /* text's */
    char *host;    /* as in struct url */
    unsigned port; /* also where it is not written */
    bool tls;
};

/* Takes apart what struct url has as an origin.  The caller calls origin_finish. */
void origin_init(struct origin *o, const char *text);
void origin_finish(struct origin *o); /* zeroed is fine */

/* Whether two origins (struct url) are the same server: a port that the scheme has anyway may
 * be written or not. */
bool url_same_origin(const char *a, const char *b);
/* Have two origins the same host, whatever scheme and port? */
bool url_same_host(const char *a, const char *b);

/* Whether text begins with "scheme://". */
bool url_has_scheme(const char *text);

/* Whether a path (with its query) can be sent as it is; the reason if not. */
bool url_path_ok(const char *path, struct err *e);

/* text with its user information masked, and in its query what is a secret by its name: for
 * messages.  The caller frees. */
char *url_shown(const char *text);

#endif
