/* SPDX-License-Identifier: MIT */
/* Any text as a bare URL, with any host, method, body and headers: a profile that can be
 * sent as it is, or sentences.  One per line, the rest are headers. */
#include "src/profile/profile.h"
#include "src/profile/url.h"
#include "tests/fuzz/fuzz.h"

static void check_url(const struct profile *p, const char *url)
{
    must(strncmp(url, "http://", 7) == 0 || strncmp(url, "https://", 8) == 0);
    must(fuzz_is_clean(url) && strchr(url, ' ') == NULL);
    must(strncmp(url, p->target, strlen(p->target)) == 0 && url[strlen(p->target)] == '/');
}

static void check_profile(const struct profile *p)
{
    const struct request *r = p->classes[0].tasks[0].steps.items[0].request;
    struct buf url = {0}, header = {0};
    struct err e;
    must(p->n_classes == 1 && p->n_endpoints == 1 && p->n_levels == 0);
    must(template_render(r->url, NULL, &url, &e));
    check_url(p, url.data);
    must(fuzz_is_clean(p->name) && fuzz_is_clean(r->name) && fuzz_is_clean(p->target));
    must(strchr(p->target + 8, '@') == NULL); /* a password is never shown */
    must(*r->method != '\0' && strpbrk(r->method, " \r\n") == NULL && r->timeout_ns > 0);
    for (size_t i = 0; i < r->headers.n; i++) {
        const struct field *h = &r->headers.items[i];
        buf_clear(&header);
        must(*h->name != '\0' && strpbrk(h->name, ": \r\n") == NULL);
        must(template_render(h->value, NULL, &header, &e));
        must(header.len == 0 || strpbrk(header.data, "\r\n") == NULL);
    }
    buf_finish(&header);
    buf_finish(&url);
}

static void check_path(const char *text)
{
    struct err e = {""};
    bool ok = url_path_ok(text, &e);
    must(ok ? *text == '/' && fuzz_is_clean(text) : e.text[0] != '\0');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *lines[12], *block;
    size_t n = fuzz_lines(data, size, lines, 12, &block);
    struct profile_overrides o = {
        .host = n > 1 && *lines[1] != '\0' ? lines[1] : NULL,
        .method = n > 2 && *lines[2] != '\0' ? lines[2] : NULL,
        .body = n > 3 && *lines[3] != '\0' ? lines[3] : NULL,
        .headers = (const char *const *)lines + 4,
        .n_headers = n > 4 ? n - 4 : 0,
        .under = {.headers = (const char *const *)lines + 4, .n_headers = n > 4 ? n - 4 : 0}};
    struct problems problems = {0};
    struct profile *p = profile_from_url(lines[0], &o, &problems);
    must((p == NULL) == (problems.n > 0));
    for (size_t i = 0; i < problems.n; i++)
        must(fuzz_is_clean(problems.lines[i]));
    if (p != NULL)
        check_profile(p);
    check_path(lines[0]);
    profile_unref(p);
    problems_finish(&problems);
    free(block);
    return 0;
}
