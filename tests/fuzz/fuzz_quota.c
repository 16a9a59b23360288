/* SPDX-License-Identifier: MIT */
/* Any headers of replies to a limited request: blocks of lines between empty ones, each an
 * accepted reply, the last the refusal. */
#include <math.h>

#include "src/ratelimit/ratelimit.h"
#include "tests/fuzz/fuzz.h"

static void check_value(const struct quota_value *v)
{
    must(v->there || !v->readable);
    must(!v->readable || (isfinite(v->value) && v->value >= 0));
}

static struct quota read_block(const char *from, size_t len)
{
    char *copy = malloc(len > 0 ? len : 1);
    must(copy != NULL);
    memcpy(copy, from, len);
    const struct reply r = {.status = 429, .headers = copy, .headers_len = len};
    struct quota q = quota_read(&r, 1.7e9, len % 3 == 0 ? UINT32_MAX : (uint32_t)len);
    free(copy);
    check_value(&q.limit);
    check_value(&q.remaining);
    check_value(&q.reset);
    check_value(&q.retry_after);
    return q;
}

static void show(struct ratelimit *l)
{
    struct ratelimit_finding f[RATELIMIT_FINDINGS];
    must(ratelimit_findings(l, f) <= RATELIMIT_FINDINGS);
    char *text = ratelimit_text(l);
    for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n"))
        must(strlen(line) <= 80 && fuzz_is_clean(line));
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ratelimit l = {.name = "n",
                          .class = "C",
                          .method = "GET",
                          .endpoint = "/",
                          .status = 429,
                          .after_min = 1,
                          .after_max = 1 + (uint32_t)(size % 2),
                          .window_s = (double)(size % 4) * 20,
                          .end = RATELIMIT_FOUND};
    const char *at = (const char *)data, *end = at + size;
    quota_trail_begin(&l.trail);
    for (const char *gap; at < end && (gap = memmem(at, (size_t)(end - at), "\n\n", 2)) != NULL;) {
        struct quota q = read_block(at, (size_t)(gap - at));
        quota_trail_add(&l.trail, &q, true);
        l.accepted++;
        at = gap + 2;
    }
    l.refusal = read_block(at, (size_t)(end - at));
    quota_trail_add(&l.trail, &l.refusal, false);
    must(l.trail.replies == l.accepted);
    show(&l);
    return 0;
}
