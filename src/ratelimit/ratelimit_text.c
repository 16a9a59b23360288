/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "src/base/buf.h"
#include "src/base/width.h"
#include "src/ratelimit/ratelimit.h"

#define WIDTH 80u
#define INDENT 24u

/* How many bytes of text fill one line: up to a blank if there is one. */
static size_t line_length(const char *text, size_t room)
{
    size_t len = width_fit(text, room), blank = len;
    if (text[len] == '\0' || text[len] == ' ')
        return len;
    while (blank > 0 && text[blank] != ' ')
        blank--;
    return blank > 0 ? blank : len;
}

/* Broken into lines that stand below one another. */
static void put_wrapped(struct buf *b, const char *text)
{
    do {
        size_t len = line_length(text, WIDTH - INDENT);
        buf_add(b, text, len);
        buf_char(b, '\n');
        text += len + (text[len] == ' ');
        if (*text != '\0')
            buf_printf(b, "%*s", (int)INDENT, "");
    } while (*text != '\0');
}

static void put_finding(struct buf *b, const struct ratelimit_finding *f)
{
    buf_printf(b, "  %-8s %-12s ", ratelimit_grade_word(f->grade), f->subject);
    put_wrapped(b, f->text);
}

char *ratelimit_text(const struct ratelimit *l)
{
    struct ratelimit_finding findings[RATELIMIT_FINDINGS];
    struct ratelimit_finding request = {.subject = "request", .grade = RATELIMIT_NOTE};
    struct buf b = {0};
    size_t n = ratelimit_findings(l, findings);
    buf_printf(&b, "%s\n", l->name);
    snprintf(request.text, sizeof request.text, "%s %s, as %s", l->method, l->endpoint, l->class);
    put_finding(&b, &request);
    for (size_t i = 0; i < n; i++)
        put_finding(&b, &findings[i]);
    return buf_take(&b);
}

char *ratelimits_summary(const struct ratelimits *l)
{
    size_t n[RATELIMIT_DIFFERS + 1] = {0};
    struct buf b = {0};
    for (size_t i = 0; i < l->n; i++)
        n[ratelimit_grade(&l->items[i])]++;
    if (l->interrupted)
        buf_text(&b, "interrupted: what was found until then\n");
    buf_printf(&b, "%zu %s: %zu as the profile says, %zu %s", l->n, l->n == 1 ? "limit" : "limits",
               n[RATELIMIT_RIGHT], n[RATELIMIT_DIFFERS],
               n[RATELIMIT_DIFFERS] == 1 ? "differs" : "differ");
    if (n[RATELIMIT_UNCLEAR] > 0)
        buf_printf(&b, ", %zu unclear", n[RATELIMIT_UNCLEAR]);
    buf_char(&b, '\n');
    return buf_take(&b);
}
