/* SPDX-License-Identifier: MIT */
/* curl_command.h - one of curl's commands while it is read: curl.c has its options and makes
 * the requests, curl_body.c what they send, curl_form.c the parts of forms. */
#ifndef RAMPTOP_IMPORT_CURL_COMMAND_H
#define RAMPTOP_IMPORT_CURL_COMMAND_H

#include "src/import/curl_options.h"
#include "src/import/import.h"
#include "src/import/paste.h"
#include "src/import/transcript.h"

/* An option as it was given. */
struct curl_given {
    const struct curl_option *option;
    const char *value; /* a text of the language; borrowed from the words */
};

struct curl_reader {
    struct transcript r;
    const struct import_options *o; /* NULL is fine */
    const struct paste_command *paste;
    /* The options between two --next. */
    struct curl_given *items;
    size_t n;
    size_t urls; /* URLs that are requests already */
    bool cookie_engine;
    struct err *e;
};

bool curl_has(const struct curl_reader *rd, enum curl_act act);

enum curl_reading { CURL_AS_IT_IS, CURL_WITHOUT_BREAKS };
/* The content of a file ("-" is the input that the paste has), as a text of the language that
 * the caller frees; *bytes, which may be NULL, is its length before.  NULL: it cannot be had,
 * and *why (which may be NULL) says so, a half sentence. */
char *curl_content(const struct curl_reader *rd, const char *file, enum curl_reading how,
                   size_t *bytes, struct err *why);

/* The body by -d and its kin, -F, -T, and what -G and --url-query put into the query. */
bool curl_set_body(struct curl_reader *rd, struct tr_request *q);
bool curl_set_form(struct curl_reader *rd, struct tr_request *q);

#endif
