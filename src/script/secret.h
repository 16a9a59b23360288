/* SPDX-License-Identifier: MIT */
/* secret.h - a text that must never be seen.
 *
 * A type of its own, so that nothing prints one by accident: no function gives its
 * text as a string but secret_reveal, which only those that need it may call (a
 * lint test reads the sources).  Its memory is wiped when it is freed.
 *
 * A target may echo what it was sent: every text from outside that is kept (notes of
 * failed requests, reasons) goes through secrets_scrub (script/scrub.h)
 * before it is stored. */
#ifndef RAMPTOP_SCRIPT_SECRET_H
#define RAMPTOP_SCRIPT_SECRET_H

#include <stdbool.h>
#include <stddef.h>

#include "src/base/err.h"

struct permissions;
struct secret;

/* The hook is called once in a process, before the first secret is made: main takes the memory
 * out of core files then.  Set before threads start; NULL: nothing is called. */
void secret_on_first(void (*hook)(void));

/* From "env:NAME", "env:NAME:-default" or "file:PATH".  A file must be regular, at most
 * 64 KiB, the user's own or root's, and readable by nobody else (0600 or 0400); one line
 * feed at its end is dropped.  What is read is noted in `all` (permissions.h), NULL: nowhere.
 * NULL with a half sentence; it never contains the secret. */
struct secret *secret_read(const char *source, struct permissions *all, struct err *e);
struct secret *secret_from(const char *text, size_t len); /* copies; e.g. userinfo of a URL */
struct secret *secret_copy(const struct secret *s);       /* for an owner of its own */
void secret_free(struct secret *s);                       /* NULL is fine */
const char *secret_reveal(const struct secret *s, size_t *len);

/* All secrets of a profile.  Immutable once the profile is built; any thread may scrub. */
struct secrets {
    struct secret **items; /* owned */
    size_t n;
};

/* Takes s over, and returns it.  Whatever else must not be seen is added too, as a secret
 * of its own: a text that was rendered from one, a password hashed by the program. */
struct secret *secrets_add(struct secrets *all, struct secret *s);
/* Adds that text unless it is there already. */
void secrets_add_text(struct secrets *all, const char *text, size_t len);
void secrets_finish(struct secrets *all);

#endif
