/* SPDX-License-Identifier: MIT */
#include "src/stats/unsent.h"

#include <stdio.h>

#include "src/base/human.h"
#include "src/stats/snapshot_words.h"

/* The commonest kind of them at one endpoint. */
static const struct snap_fail *top_unsent(const struct snapshot *s, bool now)
{
    const struct snap_fail *top = NULL;
    for (uint32_t i = 0; i < s->n_fails && i < SNAP_FAILS; i++) {
        const struct snap_fail *f = &s->fails[i];
        if (!fail_is_client((enum fail)f->fail) || (now && !(f->per_s > 0)))
            continue;
        if (top == NULL || (now ? f->per_s > top->per_s : f->count > top->count))
            top = f;
    }
    return top;
}

static bool say_unsent(const struct snapshot *s, bool now, bool brief, char *out, size_t size)
{
    char n[HUMAN_MAX];
    const struct snap_fail *top = top_unsent(s, now);
    if (s->client_failures == 0 || top == NULL)
        return false;
    if (brief) {
        snprintf(out, size, "%s not sent: %s.  %s", human_count(n, sizeof n, s->client_failures),
                 fail_word((enum fail)top->fail), fail_explain((enum fail)top->fail));
        return true;
    }
    const char *text = top->text;
    char title[SNAP_TITLE] = "";
    bool known = top->endpoint < s->n_endpoints;
    if (known)
        snap_title(&s->endpoints[top->endpoint], title, sizeof title);
    snprintf(out, size, "%s request%s could not be sent: %s%s%s%s%s.  %s",
             human_count(n, sizeof n, s->client_failures), s->client_failures == 1 ? "" : "s",
             fail_word((enum fail)top->fail), known ? ", " : "", title, text[0] != '\0' ? ": " : "",
             text, fail_explain((enum fail)top->fail));
    return true;
}

bool unsent_sentence(const struct snapshot *s, bool now, char *out, size_t size)
{
    return say_unsent(s, now, false, out, size);
}

bool unsent_brief(const struct snapshot *s, bool now, char *out, size_t size)
{
    return say_unsent(s, now, true, out, size);
}
