/* SPDX-License-Identifier: MIT */
/* curl_options.h - curl's options, up to 8.x: which take a value, and what each is to a
 * recorded request. */
#ifndef RAMPTOP_IMPORT_CURL_OPTIONS_H
#define RAMPTOP_IMPORT_CURL_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

enum curl_act {
    CURL_QUIET,     /* does not change the request */
    CURL_NOTED,     /* does, in a way a profile has no word for: left out and said so */
    CURL_NO,        /* without it the request would be another one: refused */
    CURL_ELSEWHERE, /* would go to another machine: refused */
    CURL_URL,
    CURL_GLOBOFF,
    CURL_METHOD,
    CURL_HEADER,
    CURL_DATA, /* data, data-ascii */
    CURL_BINARY,
    CURL_RAW,
    CURL_ENCODE, /* data-urlencode */
    CURL_JSON,
    CURL_FORM,
    CURL_FORM_STRING,
    CURL_UPLOAD,
    CURL_GET,
    CURL_QUERY,
    CURL_HEAD,
    CURL_USER,
    CURL_BEARER,
    CURL_COOKIE,
    CURL_JAR,
    CURL_AGENT,
    CURL_REFERER,
    CURL_RANGE,
    CURL_CONTINUE,
    CURL_INSECURE,
    CURL_FOLLOW,
    CURL_REDIRECTS,
    CURL_TIMEOUT,
    CURL_GZIP,
    CURL_HTTP1,
    CURL_HTTP2,
    CURL_HTTP2_PRIOR,
    CURL_PROTO, /* the scheme of a URL without one */
    CURL_NEXT
};

struct curl_option {
    char letter; /* 0: none */
    const char *name;
    bool value;
    enum curl_act act;
};

extern const struct curl_option curl_options[]; /* ends with name NULL */

const struct curl_option *curl_option_short(char letter);
const struct curl_option *curl_option_long(const char *name, size_t len);
/* The shortest whose name begins so, as curl takes it where there is one only; or NULL. */
const struct curl_option *curl_option_begun(const char *name, size_t len);
/* The option somebody may have meant by --name, without the dashes; NULL if none is near. */
const char *curl_option_nearest(const char *name);

#endif
