/* SPDX-License-Identifier: MIT */
/* Headers and cookies out of what a server sent, redirects and hostile lines included. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "src/script/reply.h"
#include "tests/unit/unit.h"

#define PLAIN "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nX-Empty:\r\nETag:\t \"a b\" \t\r\n\r\n"
#define REDIRECTED                                                                                 \
    "HTTP/1.1 302 Found\r\nLocation: /two\r\nSet-Cookie: a=1; Path=/\r\nSet-Cookie: b=x\r\n\r\n"   \
    "HTTP/2 200\r\nset-cookie: a=2;HttpOnly\r\nX-A: one\r\nx-a: two\r\n\r\n"

/* found NULL: there is none. */
static const struct {
    const char *headers, *name;
    unsigned n;
    const char *found;
} headers[] = {
    {PLAIN, "Content-Type", 0, "text/html"},
    {PLAIN, "content-TYPE", 0, "text/html"},
    {PLAIN, "Content-Type", 1, NULL},
    {PLAIN, "Content", 0, NULL},
    {PLAIN, "Content-Type-X", 0, NULL},
    {PLAIN, "X-Empty", 0, ""},
    {PLAIN, "ETag", 0, "\"a b\""},
    {PLAIN, "HTTP/1.1 200 OK", 0, NULL},
    {REDIRECTED, "Location", 0, NULL},
    {REDIRECTED, "X-A", 0, "one"},
    {REDIRECTED, "X-A", 1, "two"},
    {REDIRECTED, "X-A", 2, NULL},
    {REDIRECTED, "X-A", 4000000000, NULL},
    {"", "X", 0, NULL},
    {"HTTP/1.1 200", "X", 0, NULL},
    {"HTTP/1.1 200\r\nX:cut", "X", 0, "cut"},
    {"HTTP/1.1 200\nX: bare feeds\nY: 1\n", "X", 0, "bare feeds"},
    {"HTTP/1.1 200\r\nno colon\r\n: no name\r\nX: y: z\r\n", "X", 0, "y: z"},
    {"HTTP/1.1 200\r\nX: 1\r\n folded\r\nX : 2\r\n", "X", 1, NULL},
    {"HTTP/1.1 200\r\nA: 1\r\n\r\nTrailer: 2\r\n", "trailer", 0, "2"},
    /* [ is @ | 0x20 apart from {: no letter, so no case */
    {"HTTP/1.1 200\r\nX{: 1\r\n", "X[", 0, NULL},
};

static struct reply reply_with(const char *text, char **copy)
{
    size_t len = strlen(text);
    *copy = malloc(len > 0 ? len : 1);
    ck_assert_ptr_nonnull(*copy);
    memcpy(*copy, text, len);
    return (struct reply){.headers = *copy, .headers_len = len};
}

START_TEST(a_header_of_the_last_reply_is_found)
{
    char *copy;
    struct reply r = reply_with(headers[_i].headers, &copy);
    size_t len = 0;
    const char *value = reply_header(&r, headers[_i].name, headers[_i].n, &len);
    const char *found = headers[_i].found;
    ck_assert_msg((value == NULL) == (found == NULL), "%s", headers[_i].name);
    if (found != NULL)
        ck_assert_msg(len == strlen(found) && memcmp(value, found, len) == 0, "%s: %.*s",
                      headers[_i].name, (int)len, value);
    free(copy);
}
END_TEST

static const struct {
    const char *headers, *name, *found;
} cookies[] = {
    {REDIRECTED, "a", "2"},
    {REDIRECTED, "b", "x"},
    {REDIRECTED, "A", NULL},
    {REDIRECTED, "Path", NULL},
    {PLAIN, "a", NULL},
    {"HTTP/1.1 200\r\nSet-Cookie: a=\r\n", "a", ""},
    {"HTTP/1.1 200\r\nSet-Cookie: a\r\n", "a", NULL},
    {"HTTP/1.1 200\r\nSet-Cookie:  a = \"q=1\" ; x\r\n", "a", "\"q=1\""},
    {"HTTP/1.1 200\r\nSet-Cookie: ; a=1\r\n", "a", NULL},
    {"HTTP/1.1 200\r\nSet-Cookie: a=1\r\nSet-Cookie: aa=3\r\nSet-Cookie: a=2\r\n", "a", "2"},
    {"HTTP/1.1 200\r\nSet-Cookie: ab=1\r\nX-Set-Cookie: a=1\r\n", "a", NULL},
};

START_TEST(the_last_value_of_a_cookie_wins)
{
    char *copy;
    struct reply r = reply_with(cookies[_i].headers, &copy);
    size_t len = 0;
    const char *value = reply_cookie(&r, cookies[_i].name, &len);
    const char *found = cookies[_i].found;
    ck_assert_msg((value == NULL) == (found == NULL), "%s", cookies[_i].headers);
    if (found != NULL)
        ck_assert_msg(len == strlen(found) && memcmp(value, found, len) == 0, "%.*s", (int)len,
                      value);
    free(copy);
}
END_TEST

START_TEST(a_reply_without_headers_has_none)
{
    struct reply r = {.status = 200};
    size_t len;
    ck_assert_ptr_null(reply_header(&r, "X", 0, &len));
    ck_assert_ptr_null(reply_cookie(&r, "X", &len));
}
END_TEST

#define ALL(table) ((int)(sizeof(table) / sizeof(table)[0]))

int main(void)
{
    Suite *s = suite_create("reply");
    TCase *t = tcase_create("all");
    tcase_add_loop_test(t, a_header_of_the_last_reply_is_found, 0, ALL(headers));
    tcase_add_loop_test(t, the_last_value_of_a_cookie_wins, 0, ALL(cookies));
    tcase_add_test(t, a_reply_without_headers_has_none);
    suite_add_tcase(s, t);
    return unit_run(s);
}
