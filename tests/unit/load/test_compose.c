/* SPDX-License-Identifier: MIT */
/* A request and a user's scope become a message. */
#include <check.h>
#include <string.h>

#include "src/load/compose.h"
#include "src/profile/read.h"
#include "tests/unit/unit.h"

static struct profile *bare(const char *url, const char *body)
{
    struct problems problems = {0};
    const struct profile_overrides o = {.body = body};
    struct profile *p = profile_from_url(url, &o, &problems);
    ck_assert_ptr_nonnull(p);
    return p;
}

static const char *header_of(const struct message *m, const char *name)
{
    for (size_t i = 0; i < m->n_headers; i++)
        if (strcmp(m->headers[i].name, name) == 0)
            return m->headers[i].value;
    return NULL;
}

START_TEST(a_bare_url_is_the_same_for_all)
{
    struct profile *p = bare("http://h/a?b=${c}", "x=${y}");
    struct message_buf d = {0};
    struct scope nobody = {0};
    struct err e;
    ck_assert(compose_is_fixed(p->requests[0]));
    for (int again = 0; again < 2; again++) {
        ck_assert(compose(&d, p->requests[0], &nobody, &e));
        const struct message *m = &d.message;
        ck_assert_str_eq(m->method, "POST");
        ck_assert_str_eq(m->origin->text, "http://h");
        ck_assert_str_eq(m->path, "/a?b=${c}");
        ck_assert_str_eq(header_of(m, "Content-Type"), "application/x-www-form-urlencoded");
        ck_assert(m->has_body && m->n_pieces == 1 && m->body_len == 6);
        ck_assert_int_eq(memcmp(m->body[0].data, "x=${y}", 6), 0);
        ck_assert_ptr_null(m->cookies);
    }
    message_buf_finish(&d);
    profile_unref(p);
}
END_TEST

START_TEST(headers_are_sent_with_and_without_value_or_not_at_all)
{
    static const char text[] =
        "target = \"http://h\";\nuser_classes = ( { name = \"u\"; tasks = ( { request = \"GET "
        "/\";\n"
        "headers = (\"X-A: 1\", \"Accept:\", \"X-E;\", \"X-A: 2\"); } ); } );\n";
    static const struct message_header headers[] = {
        {"X-A", "1"}, {"X-E", ""}, {"X-A", "2"}, {"Accept", NULL}};
    struct problems problems = {0};
    struct profile *p = profile_parse("p.cfg", text, strlen(text), NULL, &problems);
    struct message_buf d = {0};
    struct scope nobody = {0};
    struct err e;
    ck_assert_ptr_nonnull(p);
    ck_assert(compose(&d, p->requests[0], &nobody, &e));
    ck_assert_uint_eq(d.message.n_headers, 4);
    for (size_t i = 0; i < 4; i++) {
        ck_assert_str_eq(d.message.headers[i].name, headers[i].name);
        ck_assert_pstr_eq(d.message.headers[i].value, headers[i].value);
    }
    message_buf_finish(&d);
    profile_unref(p);
}
END_TEST

static const struct {
    const char *url, *header;
} users[] = {
    {"http://a@h/", "Basic YTo="}, /* a name alone has an empty password */
    {"http://Aladdin:open%20sesame@h/", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="},
    {"http://:%ff%fe@h/", "Basic Ov/+"},
};

START_TEST(basic_authentication_is_base64)
{
    struct profile *p = bare(users[_i].url, NULL);
    struct message_buf d = {0};
    struct scope nobody = {0};
    struct err e;
    ck_assert(compose(&d, p->requests[0], &nobody, &e));
    ck_assert_pstr_eq(header_of(&d.message, "Authorization"), users[_i].header);
    message_buf_finish(&d);
    profile_unref(p);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("compose");
    TCase *tc = tcase_create("compose");
    tcase_add_test(tc, a_bare_url_is_the_same_for_all);
    tcase_add_test(tc, headers_are_sent_with_and_without_value_or_not_at_all);
    tcase_add_loop_test(tc, basic_authentication_is_base64, 0, sizeof users / sizeof *users);
    suite_add_tcase(s, tc);
    return unit_run(s);
}
