/* SPDX-License-Identifier: MIT */
/* keep.h - which entries of a recorded browser session are worth loading, and the count of
 * those that are not. */
#ifndef RAMPTOP_IMPORT_KEEP_H
#define RAMPTOP_IMPORT_KEEP_H

#include "src/import/import.h"
#include "src/import/transcript.h"

enum drop {
    DROP_NOT, /* kept */
    DROP_UNREADABLE,
    DROP_SCHEME, /* data:, blob:, chrome-extension: ... */
    DROP_WEBSOCKET,
    DROP_FAILED, /* no reply was recorded */
    DROP_PREFLIGHT,
    DROP_STATIC,
    DROP_HOST,
    DROP_COUNT
};

/* The facts that decide about an entry; borrowed. */
struct keep_entry {
    const char *url, *method;
    const char *mime;     /* type of the reply; "" if not known */
    const char *resource; /* the browser's word: "xhr", "image"; "" if not known */
    bool preflight;       /* asks for leave to send another one */
    int status;
    bool no_reply; /* no reply is recorded */
};

#define KEEP_MAX_HOSTS 200

struct keep {
    const struct import_options *o;
    char *target; /* origin; owned */
    size_t dropped[DROP_COUNT];
    char *hosts[KEEP_MAX_HOSTS]; /* the dropped ones; owned */
    size_t n_hosts;
};

/* Returns the reason to drop an entry, whatever its host. */
enum drop keep_kind(const struct keep *k, const struct keep_entry *e);
/* Whether a request to that origin is kept; counts nothing. */
bool keep_origin(const struct keep *k, const char *origin, int status);
void keep_count(struct keep *k, enum drop why, const char *origin);
/* Notes for the head of the profile. */
void keep_notes(const struct keep *k, struct transcript *r);
void keep_finish(struct keep *k);

#endif
