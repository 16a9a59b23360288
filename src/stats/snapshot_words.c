/* SPDX-License-Identifier: MIT */
#include "src/stats/snapshot_words.h"

#include <stdio.h>

const char *snap_title(const struct snap_endpoint *e, char *out, size_t size)
{
    snprintf(out, size, "%s%s%s", e->method, e->method[0] != '\0' ? " " : "", e->name);
    return out;
}

const char *snap_fail_word(const struct snap_fail *f, char *out, size_t size)
{
    if (f->fail != FAIL_STATUS || f->status == 0)
        return fail_word((enum fail)f->fail);
    snprintf(out, size, "%u", f->status);
    return out;
}

const char *snap_fail_endpoint(const struct snapshot *s, const struct snap_fail *f, char *out,
                               size_t size)
{
    return f->endpoint < s->n_endpoints ? snap_title(&s->endpoints[f->endpoint], out, size)
                                        : "(others)";
}
