/* SPDX-License-Identifier: MIT */
/* slots.h - the places of a recorded request where a value stands by itself: a segment of
 * the path, a query value, a header, a field, a string of a JSON body ...
 *
 * That is where secrets are hidden and captured values are put in. */
#ifndef RAMPTOP_IMPORT_SLOTS_H
#define RAMPTOP_IMPORT_SLOTS_H

#include "src/import/transcript.h"

enum place {
    PLACE_SEGMENT, /* a segment of the path */
    PLACE_QUERY,
    PLACE_HEADER,
    PLACE_COOKIE,
    PLACE_FIELD,     /* a form's field, a part of a multipart body */
    PLACE_STRING,    /* a string of a JSON body; the text of an XML element */
    PLACE_NUMBER,    /* a number of a JSON body */
    PLACE_RAW_FIELD, /* a field of a form that is kept as text: percent-encoded already */
    PLACE_BEARER,
    PLACE_USER,
    PLACE_PASSWORD
};

struct slot {
    enum place place;
    char **text; /* the text around it; a member of the request */
    size_t at, len;
    char *key; /* the name of the field, header, JSON member; of a segment the one before */
};

struct slots {
    struct slot *items;
    size_t n;
};

/* All of them; those in one text in its order, so that whoever replaces some goes from the
 * last to the first.  The caller calls slots_finish. */
void slots_find(struct slots *s, struct tr_request *q);
void slots_finish(struct slots *s);
/* The same of a JSON or XML text; none of another one. */
void slots_of_document(struct slots *s, char **text);

/* The value as it was before it was encoded for its place; NULL if there is a variable in
 * it already.  The caller frees. */
char *slot_value(const struct slot *s);

/* Calls back with every text of a request in which a value may be hidden. */
void slots_texts(struct tr_request *q, void (*text)(char **text, void *arg), void *arg);

#endif
