/* SPDX-License-Identifier: MIT */
/* values.h - what a recorded reply held, each value with the capture that finds it again. */
#ifndef RAMPTOP_IMPORT_VALUES_H
#define RAMPTOP_IMPORT_VALUES_H

#include "src/import/transcript.h"

#define VALUES_MAX 3000 /* from a single reply */

/* Takes the values of a Set-Cookie header, or of several with a line feed between them. */
void values_of_cookies(struct tr_request *q, const char *text);
/* Hidden fields of forms, and <meta name="csrf-token" content="...">. */
void values_of_html(struct tr_request *q, const char *text, size_t len);

/* Adds one; key and above may be NULL. */
void values_add(struct tr_request *q, const char *value, const char *from, const char *key,
                const char *above);

#endif
