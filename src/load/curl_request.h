/* SPDX-License-Identifier: MIT */
/* curl_request.h - sets a libcurl handle up for a message.
 *
 * A handle is set up again and again, mostly for nearly the same: only what differs from
 * the last time is told to libcurl, and the header list is made of nodes that stay.
 *
 * Private to src/load.  The worker's thread only. */
#ifndef RAMPTOP_LOAD_CURL_REQUEST_H
#define RAMPTOP_LOAD_CURL_REQUEST_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>

#include "src/base/buf.h"
#include "src/load/message.h"
#include "src/load/body_reader.h"
#include "src/load/transport.h"

enum body_way { BODY_UNSET, BODY_GET, BODY_HEAD, BODY_NO_BODY, BODY_MEMORY, BODY_STREAM };

/* The state of a handle: the message that it is set up for.  Zeroed to begin with. */
struct curl_request {
    const struct message *message; /* NULL: nothing, or no longer that */
    unsigned rules_version;
    struct body_reader body; /* the one under way */
    bool file_short;         /* a file to send ended early */
    CURLcode refused;        /* libcurl did not take a part of it: it must not go out like that */
    /* private: what libcurl was told */
    CURLU *url;
    struct buf last;            /* the text that url was set to */
    size_t path_at, query_at;   /* where the path begins in it, and in the path its query */
    struct curl_slist *headers; /* nodes in one piece */
    size_t headers_room;
    struct buf lines;        /* the texts of the headers */
    struct curl_slist *list; /* headers, or NULL for none */
    bool posts;              /* the body is known to libcurl: */
    const char *fields;
    uint64_t body_len;
    char method[24]; /* a copy: a profile may be gone before its users' handles */
    enum body_way way;
    long max_redirects;
    bool gzip, cookies;
};

/* Once per handle; false: out of memory. */
bool curl_request_init(struct curl_request *r, CURL *easy);
/* CURLE_OK, or why libcurl did not take all of it: then it is not to be sent. */
CURLcode curl_request_set(struct curl_request *r, CURL *easy, const struct message *m,
                          const struct transport_rules *rules, unsigned rules_version);
/* The reply is 303: what is fetched next is fetched with GET, whatever was asked for.  libcurl
 * by itself keeps a method that it was given by name (7.88): a DELETE would delete twice. */
void curl_request_see_other(struct curl_request *r, CURL *easy);
/* To be called right before the handle is used: the body starts from its beginning. */
void curl_request_begin(struct curl_request *r);
void curl_request_finish(struct curl_request *r);

#endif
