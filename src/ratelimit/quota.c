/* SPDX-License-Identifier: MIT */
#include "src/ratelimit/quota.h"

#include <stdio.h>
#include <string.h>

/* Seconds: a reset beyond is a time of the clock, and beyond the second in milliseconds. */
#define EPOCH_FROM 1e9
#define EPOCH_MS_FROM 1e11

static bool is_ascii_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* A number that begins the text: "100", "58.5", "100;w=60", "100, 100;w=60".  By hand, as
 * strtod would ask the locale and take what no header means. */
static bool leading_number(const char *text, size_t len, double *out)
{
    size_t i = 0;
    double v = 0, unit = 1;
    for (; i < len && i < 15 && is_ascii_digit(text[i]); i++)
        v = v * 10 + (text[i] - '0');
    if (i == 0)
        return false;
    if (i + 1 < len && text[i] == '.' && is_ascii_digit(text[i + 1]))
        for (i++; i < len && is_ascii_digit(text[i]); i++)
            v += (text[i] - '0') * (unit /= 10);
    *out = v;
    return i == len || text[i] == ' ' || text[i] == ';' || text[i] == ',';
}

static struct quota_value quota_number(const char *text, size_t len)
{
    struct quota_value v = {.there = true};
    v.readable = leading_number(text, len, &v.value);
    return v;
}

/* -------------------------------------------------------------- the newer field */

/* The number behind `key=` that stands at the beginning of a parameter. */
static struct quota_value policy_parameter(const char *text, size_t len, const char *key)
{
    size_t key_len = strlen(key);
    bool begins = true;
    for (size_t i = 0; i + key_len < len; i++) {
        if (begins && memcmp(text + i, key, key_len) == 0 && text[i + key_len] == '=')
            return quota_number(text + i + key_len + 1, len - i - key_len - 1);
        begins = text[i] == ';' || text[i] == ',' || (begins && text[i] == ' ');
    }
    return (struct quota_value){.there = false};
}

static void quota_take_new(struct quota_value *to, struct quota_value v)
{
    if (!to->there)
        *to = v;
}

/* How long the first of several policies is: up to a comma that stands in no name. */
static size_t policy_length(const char *text, size_t len)
{
    bool quoted = false;
    size_t i = 0;
    for (; i < len && (quoted || text[i] != ','); i++)
        quoted = quoted != (text[i] == '"');
    return i;
}

/* Reads `"day";r=900;t=80000, "burst";r=0;t=3`: the policy that has least left is about to
 * refuse. */
static void read_policies(struct quota *q, const char *text, size_t len)
{
    for (size_t n; len > 0; text += n, len -= n) {
        n = policy_length(text, len);
        struct quota_value left = policy_parameter(text, n, "r"),
                           ends = policy_parameter(text, n, "t");
        if (left.readable && (!q->remaining.readable || left.value < q->remaining.value)) {
            q->remaining = left;
            q->reset = ends;
        }
        quota_take_new(&q->remaining, left);
        n += n < len; /* the comma */
    }
}

/* A field of its own in each draft: `limit=5, remaining=2, reset=30`, then a list of policies. */
static void read_quota_field(struct quota *q, const char *text, size_t len)
{
    quota_take_new(&q->limit, policy_parameter(text, len, "limit"));
    quota_take_new(&q->remaining, policy_parameter(text, len, "remaining"));
    quota_take_new(&q->reset, policy_parameter(text, len, "reset"));
}

/* --------------------------------------------------------------------- the rest */

static struct quota_value quota_header(const struct reply *r, const char *last)
{
    static const char *const prefixes[] = {"X-RateLimit-", "RateLimit-", "X-Rate-Limit-"};
    char name[40];
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
        size_t len;
        snprintf(name, sizeof name, "%s%s", prefixes[i], last);
        const char *text = reply_header(r, name, 0, &len);
        if (text != NULL)
            return quota_number(text, len);
    }
    return (struct quota_value){.there = false};
}

static void reset_from_now(struct quota_value *reset, double wall_s)
{
    if (!reset->readable || reset->value < EPOCH_FROM)
        return;
    if (reset->value >= EPOCH_MS_FROM)
        reset->value /= 1000;
    reset->value = reset->value > wall_s ? reset->value - wall_s : 0;
}

static struct quota_value quota_retry_after(const struct reply *r, uint32_t as_read_s)
{
    size_t len;
    const char *text = reply_header(r, "Retry-After", 0, &len);
    if (text == NULL)
        return (struct quota_value){.there = false};
    struct quota_value v = quota_number(text, len);
    if (!v.readable && as_read_s != UINT32_MAX)
        v = (struct quota_value){.there = true, .readable = true, .value = as_read_s};
    return v;
}

struct quota quota_read(const struct reply *r, double wall_s, uint32_t retry_after_s)
{
    struct quota q = {.limit = quota_header(r, "Limit"),
                      .remaining = quota_header(r, "Remaining"),
                      .reset = quota_header(r, "Reset"),
                      .retry_after = quota_retry_after(r, retry_after_s)};
    struct quota least = {.remaining = {.there = false}};
    size_t len;
    const char *field;
    for (unsigned n = 0; (field = reply_header(r, "RateLimit", n, &len)) != NULL; n++) {
        read_quota_field(&q, field, len);
        read_policies(&least, field, len);
    }
    quota_take_new(&q.remaining, least.remaining);
    quota_take_new(&q.reset, least.reset);
    reset_from_now(&q.reset, wall_s);
    return q;
}

/* -------------------------------------------------------------------- one by one */

void quota_trail_begin(struct quota_trail *t)
{
    *t = (struct quota_trail){.limit = -1, .counts = true, .reset_s = -1, .first = -1, .last = -1};
}

static bool value_is_unreadable(const struct quota_value *v)
{
    return v->there && !v->readable;
}

static void trail_count_down(struct quota_trail *t, const struct quota_value *remaining)
{
    if (!remaining->readable) {
        t->counts = false;
        return;
    }
    if (t->replies == 0)
        t->first = remaining->value;
    else if (t->counts && (remaining->value < t->last - 1 || remaining->value > t->last))
        t->jumps = true;
    t->last = remaining->value;
}

void quota_trail_add(struct quota_trail *t, const struct quota *q, bool accepted)
{
    t->any = t->any || q->limit.there || q->remaining.there || q->reset.there;
    t->unreadable = t->unreadable || value_is_unreadable(&q->limit) ||
                    value_is_unreadable(&q->remaining) || value_is_unreadable(&q->reset);
    if (q->limit.readable) {
        t->limit_varies = t->limit_varies || (t->limit >= 0 && t->limit != q->limit.value);
        t->limit = q->limit.value;
    }
    if (q->reset.readable)
        t->reset_s = q->reset.value;
    if (accepted) {
        trail_count_down(t, &q->remaining);
        t->replies++;
    }
}
