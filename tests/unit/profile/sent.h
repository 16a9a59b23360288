/* SPDX-License-Identifier: MIT */
/* sent.h - what a request's prepared texts come to, for tests that compare them. */
#ifndef TESTS_PROFILE_SENT_H
#define TESTS_PROFILE_SENT_H

#include <check.h>
#include <string.h>
#include <strings.h>

#include "src/base/buf.h"
#include "src/profile/profile.h"

/* The text of a template that needs no user; NULL for none.  Good until the eighth call
 * from now. */
static inline const char *sent_text(const struct template *t)
{
    static struct buf ring[8];
    static unsigned next;
    struct scope nobody = {0};
    struct err e;
    if (t == NULL)
        return NULL;
    struct buf *b = &ring[next++ % 8];
    buf_clear(b);
    buf_text(b, "");
    ck_assert_msg(template_render(t, &nobody, b, &e), "%s", e.text);
    return b->data;
}

/* The header's value; NULL if the request has none. */
static inline const char *sent_header(const struct request *r, const char *name)
{
    const char *value = NULL;
    for (size_t i = 0; i < r->headers.n; i++) {
        if (strcasecmp(r->headers.items[i].name, name) == 0) {
            ck_assert_ptr_null(value); /* merged, not repeated */
            value = sent_text(r->headers.items[i].value);
        }
    }
    return value;
}

#endif
