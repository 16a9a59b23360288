/* SPDX-License-Identifier: MIT */
/* secret_text.h - what lets somebody in, found in the texts of a request by the names that
 * stand beside it (secret_name.h).
 *
 * Each adds to `all`, what is there already once.  For texts of the user's own and for what
 * is sent: nothing is checked.  Any thread. */
#ifndef RAMPTOP_SCRIPT_SECRET_TEXT_H
#define RAMPTOP_SCRIPT_SECRET_TEXT_H

#include <stddef.h>

#include "src/script/secret.h"

/* Adds the secrets of a header: the text behind the scheme, as in "Bearer abc"; of Cookie each
 * value. */
void secret_text_header(struct secrets *all, const char *name, const char *value);
/* Adds each value of "session=abc; theme=dark" that is long enough to be no setting. */
void secret_text_cookies(struct secrets *all, const char *value);
/* A cookie's value by itself. */
void secret_text_cookie(struct secrets *all, const char *value, size_t len);
/* The query of a URL. */
void secret_text_url(struct secrets *all, const char *url);
/* A body: JSON, or else pairs as in a form.  The first 64 KiB are looked at. */
void secret_text_body(struct secrets *all, const char *body, size_t len);

#endif
