/* SPDX-License-Identifier: MIT */
/* The table of keys: names are known, nothing is bound twice, dispatch finds it. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/unit.h"
#include "ui/keys.h"
#include "ui/tty.h"

#define BOUND_MAX 128

struct bound {
    int code;
    enum key_action action;
};

static size_t all_bound(struct bound *out)
{
    size_t n = 0;
    for (size_t i = 0; i < KEY_ACTIONS - 1; i++) {
        for (const char *k = key_bindings[i].keys; *k != '\0';) {
            size_t len = strcspn(k, " ");
            int code = keys_code(k, len);
            ck_assert_msg(code >= 0, "%s: no such key", key_bindings[i].keys);
            ck_assert_uint_lt(n, BOUND_MAX);
            out[n++] = (struct bound){code, key_bindings[i].action};
            k += len + strspn(k + len, " ");
        }
    }
    return n;
}

START_TEST(no_key_is_bound_twice)
{
    struct bound b[BOUND_MAX];
    size_t n = all_bound(b);
    ck_assert_uint_gt(n, KEY_ACTIONS - 1);
    for (size_t i = 0; i < n; i++) {
        for (size_t j = i + 1; j < n; j++)
            ck_assert_msg(b[i].code != b[j].code, "key %#x is bound to %s and %s",
                          (unsigned)b[i].code, key_bindings[b[i].action - 1].help,
                          key_bindings[b[j].action - 1].help);
    }
}
END_TEST

START_TEST(every_bound_key_is_dispatched)
{
    struct bound b[BOUND_MAX];
    size_t n = all_bound(b);
    for (size_t i = 0; i < n; i++)
        ck_assert_int_eq(keys_action(b[i].code), b[i].action);
    for (size_t i = 0; i < KEY_ACTIONS - 1; i++)
        ck_assert_int_eq((int)key_bindings[i].action, (int)i + 1);
}
END_TEST

START_TEST(what_is_no_key_does_nothing)
{
    static const int codes[] = {-1,
                                0,
                                'y',
                                TTY_KEY_ESC,
                                TTY_KEY_NONE,
                                TTY_KEY_EOF,
                                TTY_KEY_RESIZE,
                                TTY_KEY_BACKSPACE,
                                0xe9};
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        ck_assert_int_eq(keys_action(codes[i]), KEY_ACTION_NONE);
}
END_TEST

static const struct {
    const char *name;
    int code;
} names[] = {
    {"+", '+'},
    {"space", ' '},
    {"f1", TTY_KEY_F1},
    {"f12", TTY_KEY_F12},
    {"^l", 12},
    {"btab", TTY_KEY_BACK_TAB},
    {"f0", -1},
    {"f13", -1},
    {"spac", -1},
    {"", -1},
    {"^", '^'},
    {"^1", -1},
    {"pgdn", TTY_KEY_PAGE_DOWN},
    {"f", 'f'},
    {"enter", '\n'},
    {"\xc3", -1},
};

START_TEST(keys_have_names)
{
    ck_assert_int_eq(keys_code(names[_i].name, strlen(names[_i].name)), names[_i].code);
}
END_TEST

/* The key bar drops entries by rank: two of the same rank would go in an order that
 * nobody chose, unless they are the ones that stay longest. */
START_TEST(entries_of_the_bar_have_a_rank)
{
    for (size_t i = 0; i < KEY_ACTIONS - 1; i++) {
        const struct key_binding *b = &key_bindings[i];
        ck_assert_int_eq(b->bar[0] != '\0', b->rank > 0);
        ck_assert(b->help[0] != '\0' && b->group[0] != '\0');
    }
}
END_TEST

int main(void)
{
    Suite *s = suite_create("keys");
    TCase *t = tcase_create("keys");
    suite_add_tcase(s, t);
    tcase_add_test(t, no_key_is_bound_twice);
    tcase_add_test(t, every_bound_key_is_dispatched);
    tcase_add_test(t, what_is_no_key_does_nothing);
    tcase_add_loop_test(t, keys_have_names, 0, (int)(sizeof names / sizeof *names));
    tcase_add_test(t, entries_of_the_bar_have_a_rank);
    return unit_run(s);
}
