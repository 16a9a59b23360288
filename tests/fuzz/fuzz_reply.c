/* SPDX-License-Identifier: MIT */
/* Any reply, looked into in any way.  Lines: a capture's source, the kind and text of a
 * check, a condition, the name of a header and cookie; then the headers up to an empty
 * line, and the body. */
#include "src/script/capture.h"
#include "src/script/check.h"
#include "src/script/condition.h"
#include "tests/fuzz/fuzz.h"

#define MOST 65536 /* bytes; each ${seq} takes some of them */

static struct scope scope;
static struct names *names; /* of one run: each ${seq} it compiles is counted there */
static _Atomic uint64_t sequences[MOST];

static void prepare(void)
{
    uint32_t slot;
    if (scope.values == NULL) {
        scope_init(&scope, 3, NULL, 0);
        scope.sequences = sequences;
        rng_seed(&scope.rng, 1);
    }
    names = names_create();
    must(names_slot(names, "a", &slot, NULL) && names_slot(names, "b", &slot, NULL));
    must(names_slot(names, "c", &slot, NULL) && names_constant(names, "d", "x", NULL));
    value_set(&scope.values[0], "12", 2);
    value_set(&scope.values[1], "text", 4);
    value_clear(&scope.values[2]);
}

static char *exact(const char *from, size_t len)
{
    char *copy = malloc(len > 0 ? len : 1);
    must(copy != NULL);
    if (len > 0)
        memcpy(copy, from, len);
    return copy;
}

static void try_capture(const char *from, enum pick pick, const struct reply *r)
{
    struct err e = {""}, why = {""};
    struct capture_spec spec = {"c", 2, from, pick, NULL};
    struct capture *c = capture_compile(&spec, &e);
    must((c == NULL) == (e.text[0] != '\0'));
    if (c != NULL) {
        bool taken = capture_take(c, r, &scope, &why);
        must(taken == scope.values[2].set && taken == (why.text[0] == '\0'));
        must(!taken || scope.values[2].text[scope.values[2].len] == '\0');
    }
    capture_free(c);
}

static void try_check(const char *line, const struct reply *r)
{
    struct err e = {""}, why = {""};
    struct check_spec spec = {*line != '\0' ? (enum check_kind)((unsigned char)*line % 8)
                                            : CHECK_CONTAINS,
                              NULL, *line != '\0' ? line + 1 : "", 100};
    struct check *c = check_compile(&spec, names, &e);
    must((c == NULL) == (e.text[0] != '\0'));
    if (c != NULL) {
        must(fuzz_is_clean(check_name(c)));
        bool passes = check_passes(c, r, &scope, &why);
        must(passes == (why.text[0] == '\0') && strlen(why.text) < 600);
    }
    check_free(c);
}

/* A condition and its opposite never agree. */
static void try_condition(const char *text, const struct reply *r)
{
    struct err e = {""};
    struct condition *c = condition_compile(text, names, &e);
    must((c == NULL) == (e.text[0] != '\0'));
    if (c != NULL)
        condition_holds(c, &scope);
    condition_free(c);
    struct condition *yes = condition_compile_rest("", false, names, NULL);
    struct condition *no = condition_compile_rest("", true, names, NULL);
    must(yes != NULL && no != NULL);
    must(condition_holds_for(yes, r->body, r->body_len, &scope) !=
         condition_holds_for(no, r->body, r->body_len, &scope));
    condition_free(yes);
    condition_free(no);
}

static bool lies_in(const char *value, size_t len, const struct reply *r)
{
    return value >= r->headers && (size_t)(value - r->headers) <= r->headers_len &&
           len <= r->headers_len - (size_t)(value - r->headers);
}

static void try_names(const char *name, const struct reply *r)
{
    size_t len, at = 0, next_len;
    for (unsigned n = 0; n < 1000; n++) {
        const char *value = reply_header(r, name, n, &len);
        const char *next = reply_next_header(r, name, &at, &next_len);
        must(value == next && (value == NULL || (len == next_len && lies_in(value, len, r))));
        if (value == NULL)
            break;
        must(memchr(value, '\n', len) == NULL);
    }
    const char *value = reply_cookie(r, name, &len);
    must(value == NULL || (lies_in(value, len, r) && memchr(value, ';', len) == NULL));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char none[1];
    if (size > MOST)
        return 0;
    char *lines[4] = {none, none, none, none}, *block;
    size_t n = fuzz_lines(data, size, lines, 4, &block);
    const char *rest = (const char *)data, *end = rest + size;
    for (size_t i = 0; i < 4 && rest < end; i++) {
        const char *feed = memchr(rest, '\n', (size_t)(end - rest));
        rest = feed != NULL ? feed + 1 : end;
    }
    size_t left = n == 4 ? (size_t)(end - rest) : 0;
    const char *gap = left > 0 ? memmem(rest, left, "\n\n", 2) : NULL;
    size_t headers_len = gap != NULL ? (size_t)(gap + 1 - rest) : left;
    size_t body_len = gap != NULL ? left - headers_len - 1 : 0;
    char *headers = exact(rest, headers_len), *body = exact(gap != NULL ? gap + 2 : "", body_len);
    struct reply r = {.status = 200,
                      .body = body,
                      .body_len = body_len,
                      .body_bytes = body_len + (size % 2),
                      .headers = headers,
                      .headers_len = headers_len,
                      .took_us = 99 + size % 3};
    prepare();
    try_capture(lines[0], (enum pick)(size % 3), &r);
    try_check(lines[1], &r);
    try_condition(lines[2], &r);
    try_names(lines[3], &r);
    names_free(names);
    free(headers);
    free(body);
    free(block);
    return 0;
}
