/* SPDX-License-Identifier: MIT */
/* What the demo target remembers: items and their members, jobs, tokens. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"
#include "src/base/now.h"
#include "src/demo/accounts.h"
#include "src/demo/store.h"
#include "tests/unit/unit.h"

static const char *const job_states[JOB_STATES] = {"queued", "running", "done"};

static void merge(struct collection *c, struct item *i, const char *json, bool ok)
{
    ck_assert_msg(store_merge(c, i, json, strlen(json)) == ok, "%s", json);
}

static void shows(const struct collection *c, const struct item *i, uint64_t t_ns, const char *want)
{
    struct buf out = {0};
    store_write(c, i, t_ns, &out);
    ck_assert_str_eq(out.data, want);
    buf_finish(&out);
}

START_TEST(members_are_laid_over_each_other)
{
    struct collection c;
    store_init(&c, ID_INTEGER, "id", 10, NULL);
    struct item *i = store_create(&c, NULL, 0);
    shows(&c, i, 0, "{\"id\": 1}");
    merge(&c, i, " { \"a\" : 1 , \"b\":{\"x\":[1,2]} } ", true);
    shows(&c, i, 0, "{\"id\": 1, \"a\": 1, \"b\": {\"x\":[1,2]}}");
    merge(&c, i, "{\"b\": null, \"id\": 9, \"c\": \"\\\"}\"}", true);
    shows(&c, i, 0, "{\"id\": 1, \"a\": 1, \"b\": null, \"c\": \"\\\"}\"}");
    merge(&c, i, "{}", true);
    shows(&c, i, 0, "{\"id\": 1, \"a\": 1, \"b\": null, \"c\": \"\\\"}\"}");
    store_finish(&c);
}
END_TEST

static const char *const no_objects[] = {
    "",       "[]",        "7",          "{",           "{\"a\"}",     "{\"a\":}",    "{\"a\":1,}",
    "{a: 1}", "{\"a\":x}", "{\"a\":1}x", "{\"a\":1 2}", "{\"a\":\"x}", "{\"a\":tru}", "{\"a\":01}",
};

START_TEST(what_is_no_object_changes_nothing)
{
    struct collection c;
    store_init(&c, ID_INTEGER, "id", 10, NULL);
    struct item *i = store_create(&c, NULL, 0);
    merge(&c, i, "{\"a\": 1}", true);
    for (size_t n = 0; n < sizeof no_objects / sizeof *no_objects; n++) {
        merge(&c, i, no_objects[n], false);
        shows(&c, i, 0, "{\"id\": 1, \"a\": 1}");
    }
    store_finish(&c);
}
END_TEST

START_TEST(an_item_is_bounded)
{
    struct collection c;
    store_init(&c, ID_INTEGER, "id", 10, NULL);
    struct item *i = store_create(&c, NULL, 0);
    struct buf big = {0};
    buf_text(&big, "{\"a\": \"");
    while (big.len < STORE_ITEM_BYTES)
        buf_char(&big, 'x');
    buf_text(&big, "\"}");
    merge(&c, i, big.data, false);
    buf_clear(&big);
    buf_text(&big, "{\"m0\": 0");
    for (unsigned n = 1; n < STORE_ITEM_MEMBERS; n++)
        buf_printf(&big, ", \"m%u\": 0", n);
    buf_char(&big, '}');
    merge(&c, i, big.data, true);
    merge(&c, i, "{\"one more\": 0}", false);
    buf_finish(&big);
    store_finish(&c);
}
END_TEST

START_TEST(the_oldest_item_goes)
{
    struct collection c;
    struct buf out = {0};
    store_init(&c, ID_INTEGER, "n", 3, NULL);
    for (int n = 0; n < 5; n++)
        store_create(&c, NULL, 0);
    ck_assert_uint_eq(c.created, 5);
    ck_assert_uint_eq(c.dropped, 2);
    ck_assert_ptr_null(store_find(&c, "2", 1, STORE_READ));
    ck_assert_ptr_nonnull(store_find(&c, "3", 1, STORE_WRITE));
    ck_assert_uint_eq(c.unknown[STORE_READ], 1);
    ck_assert_uint_eq(c.known[STORE_WRITE], 1);
    store_list(&c, 0, 2, 0, &out);
    ck_assert_str_eq(out.data, "[{\"n\": 5}, {\"n\": 4}]");
    buf_clear(&out);
    store_list(&c, 2, 20, 0, &out);
    ck_assert_str_eq(out.data, "[{\"n\": 3}]");
    buf_clear(&out);
    store_list(&c, 3, 20, 0, &out);
    ck_assert_str_eq(out.data, "[]");
    buf_finish(&out);
    store_finish(&c);
}
END_TEST

START_TEST(ids_are_of_their_kind)
{
    struct collection c;
    store_init(&c, ID_UUID, "id", 10, NULL);
    const char *id = store_create(&c, NULL, 0)->entry.key;
    ck_assert_uint_eq(strlen(id), 36);
    ck_assert(id[8] == '-' && id[14] == '4' && strchr("89ab", id[19]) != NULL);
    ck_assert_str_ne(id, store_create(&c, NULL, 0)->entry.key);
    store_finish(&c);
    store_init(&c, ID_HEX, "id", 10, NULL);
    id = store_create(&c, NULL, 0)->entry.key;
    ck_assert_uint_eq(strspn(id, "0123456789abcdef"), 32);
    store_finish(&c);
    store_init(&c, ID_TEXT, "id", 10, NULL);
    store_create(&c, "kim\"s", 5);
    shows(&c, store_create(&c, "kim\"s", 5), 0, "{\"id\": \"kim\\\"s\"}");
    ck_assert_uint_eq(c.items.n, 1);
    store_finish(&c);
}
END_TEST

START_TEST(a_job_goes_through_its_states)
{
    struct collection c;
    store_init(&c, ID_INTEGER, "id", 10, job_states);
    struct item *i = store_create(&c, NULL, 0);
    merge(&c, i, "{\"status\": \"done\", \"x\": 1}", true);
    i->runs_ns = 100;
    i->done_ns = 200;
    shows(&c, i, 99, "{\"id\": 1, \"status\": \"queued\", \"x\": 1}");
    shows(&c, i, 100, "{\"id\": 1, \"status\": \"running\", \"x\": 1}");
    shows(&c, i, 199, "{\"id\": 1, \"status\": \"running\", \"x\": 1}");
    shows(&c, i, 200, "{\"id\": 1, \"status\": \"done\", \"x\": 1}");
    store_finish(&c);
}
END_TEST

/* ------------------------------------------------------------------------- accounts */

static char admins[] = "admin.*", keys[] = "keys", admin[] = "admin";
static char kims[] = "?im", word[] = "x", pupil[] = "pupil";
static struct account_spec users[] = {
    {.pattern = admins, .password = keys, .role = admin},
    {.pattern = kims, .password = word, .role = pupil},
};

static struct accounts_spec spec_of(unsigned failures)
{
    return (struct accounts_spec){.users = users,
                                  .n_users = 2,
                                  .failures = failures,
                                  .lock_ns = 10 * NS_PER_S,
                                  .token_ns = 100 * NS_PER_S};
}

START_TEST(a_token_is_valid_for_its_life)
{
    const struct accounts_spec spec = spec_of(0);
    struct accounts a;
    const struct token *t = NULL;
    uint64_t until_ns;
    accounts_init(&a, &spec);
    ck_assert_int_eq(accounts_login(&a, "kim", "x", 0, NS_PER_S, &t, &until_ns), LOGIN_PASSED);
    char text[64];
    strcpy(text, t->entry.key);
    ck_assert_uint_eq(strlen(text), 32);
    ck_assert_str_ne(text, t->csrf);
    ck_assert_str_eq(t->role, "pupil");
    ck_assert_ptr_nonnull(accounts_find(&a, text, 32, NS_PER_S));
    ck_assert_ptr_nonnull(accounts_find(&a, text, 32, 101 * NS_PER_S - 1));
    ck_assert_uint_eq(a.tokens_seen, 1);
    ck_assert_ptr_null(accounts_find(&a, text, 32, 101 * NS_PER_S));
    ck_assert_ptr_null(accounts_find(&a, "guess", 5, NS_PER_S));
    ck_assert_uint_eq(a.requests_known, 2);
    ck_assert_uint_eq(a.requests_unknown, 2);
    accounts_login(&a, "kim", "x", 0, NS_PER_S, &t, &until_ns);
    strcpy(text, t->entry.key);
    accounts_logout(&a, text, 32);
    ck_assert_ptr_null(accounts_find(&a, text, 32, NS_PER_S));
    accounts_finish(&a);
}
END_TEST

START_TEST(the_sixth_wrong_password_is_locked_out)
{
    const struct accounts_spec spec = spec_of(5);
    struct accounts a;
    const struct token *t;
    uint64_t until_ns = 0;
    accounts_init(&a, &spec);
    for (uint64_t i = 0; i < 5; i++)
        ck_assert_int_eq(accounts_login(&a, "kim", "no", 0, i, &t, &until_ns), LOGIN_FAILED);
    ck_assert_int_eq(accounts_login(&a, "kim", "x", 0, 5, &t, &until_ns), LOGIN_LOCKED);
    ck_assert_uint_eq(until_ns, 4 + 10 * NS_PER_S);
    ck_assert_int_eq(accounts_login(&a, "tim", "x", 0, 5, &t, &until_ns), LOGIN_PASSED);
    ck_assert_int_eq(accounts_login(&a, "kim", "x", 0, until_ns, &t, &until_ns), LOGIN_PASSED);
    ck_assert_uint_eq(a.failed, 5);
    ck_assert_uint_eq(a.locked, 1);
    ck_assert_int_eq(accounts_login(&a, "nobody", "x", 0, 5, &t, &until_ns), LOGIN_FAILED);
    ck_assert_int_eq(accounts_login(&a, "", "", 0, 5, &t, &until_ns), LOGIN_FAILED);
    accounts_finish(&a);
}
END_TEST

START_TEST(a_lock_can_be_of_an_address)
{
    struct accounts_spec spec = spec_of(2);
    struct accounts a;
    const struct token *t;
    uint64_t until_ns;
    spec.lock_address = true;
    accounts_init(&a, &spec);
    accounts_login(&a, "kim", "no", 1, 1, &t, &until_ns);
    accounts_login(&a, "tim", "no", 1, 2, &t, &until_ns);
    ck_assert_int_eq(accounts_login(&a, "jim", "x", 1, 3, &t, &until_ns), LOGIN_LOCKED);
    ck_assert_int_eq(accounts_login(&a, "jim", "x", 2, 3, &t, &until_ns), LOGIN_PASSED);
    accounts_finish(&a);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("demo store");
    TCase *tc = tcase_create("store");
    tcase_add_test(tc, members_are_laid_over_each_other);
    tcase_add_test(tc, what_is_no_object_changes_nothing);
    tcase_add_test(tc, an_item_is_bounded);
    tcase_add_test(tc, the_oldest_item_goes);
    tcase_add_test(tc, ids_are_of_their_kind);
    tcase_add_test(tc, a_job_goes_through_its_states);
    tcase_add_test(tc, a_token_is_valid_for_its_life);
    tcase_add_test(tc, the_sixth_wrong_password_is_locked_out);
    tcase_add_test(tc, a_lock_can_be_of_an_address);
    suite_add_tcase(s, tc);
    return unit_run(s);
}
