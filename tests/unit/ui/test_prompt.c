/* SPDX-License-Identifier: MIT */
/* The line editor, the question and the picker, fed key by key. */
#include <check.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/unit.h"
#include "ui/prompt.h"
#include "ui/tty.h"

/* Keys as a string: ordinary characters, and letters behind a backslash for the others. */
static enum prompt_result feed(struct prompt *p, const char *keys)
{
    static const struct {
        char letter;
        int key;
    } others[] = {{'l', TTY_KEY_LEFT},
                  {'r', TTY_KEY_RIGHT},
                  {'h', TTY_KEY_HOME},
                  {'e', TTY_KEY_END},
                  {'b', TTY_KEY_BACKSPACE},
                  {'d', TTY_KEY_DELETE},
                  {'u', TTY_KEY_UP},
                  {'n', TTY_KEY_DOWN},
                  {'t', TTY_KEY_TAB},
                  {'T', TTY_KEY_BACK_TAB},
                  {'x', TTY_KEY_ESC},
                  {'k', TTY_KEY_ENTER},
                  {'U', TTY_KEY_CTRL('u')},
                  {'K', TTY_KEY_CTRL('k')},
                  {'W', TTY_KEY_CTRL('w')},
                  {'A', TTY_KEY_CTRL('a')},
                  {'E', TTY_KEY_CTRL('e')},
                  {'D', TTY_KEY_CTRL('d')},
                  {'B', TTY_KEY_CTRL('b')},
                  {'F', TTY_KEY_CTRL('f')},
                  {'p', TTY_KEY_PAGE_UP},
                  {'P', TTY_KEY_PAGE_DOWN},
                  {'R', TTY_KEY_RESIZE},
                  {'o', 0xf6},
                  {'j', 0x1f600},
                  {'c', 0x0301},
                  {'z', 0x202e},
                  {'1', TTY_KEY_F1}};
    enum prompt_result r = PROMPT_OPEN;
    for (const char *k = keys; *k != '\0' && r == PROMPT_OPEN; k++) {
        int key = (unsigned char)*k;
        if (*k == '\\') {
            k++;
            for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
                if (others[i].letter == *k)
                    key = others[i].key;
            }
        }
        r = prompt_key(p, key);
        ck_assert_uint_eq(p->len, strlen(p->text));
        ck_assert_uint_le(p->cursor, p->len);
    }
    return r;
}

static const struct {
    const char *initial, *keys, *text;
    size_t cursor;
} edits[] = {
    {"", "abc", "abc", 3},
    {"abc", "d", "abcd", 4},
    {"", "users 250", "users 250", 9},
    {"", "ac\\lb", "abc", 2},
    {"abc", "\\hx", "xabc", 1},
    {"abc", "\\Ax\\Ey", "xabcy", 5},
    {"abc", "\\b", "ab", 2},
    {"abc", "\\h\\d", "bc", 0},
    {"abc", "\\h\\D\\F\\D", "b", 1},
    {"abc", "\\B\\b", "ac", 1},
    {"abc", "\\l\\U", "c", 0},
    {"abc", "\\l\\K", "ab", 2},
    {"filter  one two  ", "\\W", "filter  one ", 12},
    {"one", "\\W", "", 0},
    {"a", "\\l\\l\\r\\r\\r\\d", "a", 1},
    {"", "b\\os", "b\xc3\xb6s", 4},
    {"b\xc3\xb6s", "\\l\\l\\d", "bs", 1},
    {"b\xc3\xb6s", "\\l\\b", "bs", 1},
    {"", "\\j\\b", "", 0},
    {"", "a\\z\\1\\Rb", "ab", 2}, /* direction controls, unbound keys: nothing */
    {"a\x1b[31m", "", "a\xef\xbf\xbd[31m", 8},
};

START_TEST(a_line_is_edited)
{
    struct prompt p = {0};
    prompt_line(&p, 7, "users", edits[_i].initial);
    ck_assert_int_eq(feed(&p, edits[_i].keys), PROMPT_OPEN);
    ck_assert_str_eq(p.text, edits[_i].text);
    ck_assert_uint_eq(p.cursor, edits[_i].cursor);
    ck_assert_int_eq(feed(&p, "\\k"), PROMPT_ACCEPTED);
    ck_assert_str_eq(prompt_value(&p), edits[_i].text);
    ck_assert_int_eq(p.purpose, 7);
}
END_TEST

START_TEST(a_line_is_closed)
{
    struct prompt p = {0};
    prompt_line(&p, 0, "mark", "text");
    ck_assert_int_eq(feed(&p, "\\x"), PROMPT_CANCELLED);
    prompt_line(&p, 0, "mark", "a");
    ck_assert_int_eq(feed(&p, "\\b"), PROMPT_OPEN);
    ck_assert_int_eq(feed(&p, "\\b"), PROMPT_CANCELLED);
}
END_TEST

START_TEST(a_full_line_takes_no_more)
{
    struct prompt p = {0};
    prompt_line(&p, 0, "x", "");
    for (int i = 0; i < 2 * PROMPT_TEXT_MAX; i++)
        feed(&p, i % 2 == 0 ? "x" : "\\j");
    ck_assert_uint_lt(p.len, PROMPT_TEXT_MAX);
    ck_assert_uint_ge(p.len, PROMPT_TEXT_MAX - 5);
}
END_TEST

START_TEST(history_comes_back)
{
    static struct prompt_history h;
    static const char *const lines[] = {"users 10", "users 20", "users 20", "hold"};
    struct prompt p = {0};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        prompt_line(&p, 0, ":", lines[i]);
        p.history = &h;
        feed(&p, "\\k");
    }
    ck_assert_uint_eq(h.n, 3); /* the same line twice is one */
    prompt_line(&p, 0, ":", "unse");
    p.history = &h;
    feed(&p, "nt\\u");
    ck_assert_str_eq(p.text, "hold");
    feed(&p, "\\u\\u\\u\\u");
    ck_assert_str_eq(p.text, "users 10");
    feed(&p, "\\n");
    ck_assert_str_eq(p.text, "users 20");
    feed(&p, "\\n\\n\\n\\n");
    ck_assert_str_eq(p.text, "unsent");
    for (int i = 0; i < 3 * PROMPT_HISTORY_MAX; i++) {
        char line[16];
        snprintf(line, sizeof line, "users %d", i);
        prompt_line(&p, 0, ":", line);
        p.history = &h;
        feed(&p, "\\k");
    }
    ck_assert_uint_eq(h.n, PROMPT_HISTORY_MAX);
    ck_assert_str_eq(h.lines[PROMPT_HISTORY_MAX - 1], "users 95");
}
END_TEST

static size_t complete_words(const char *text, char (*out)[PROMPT_TEXT_MAX], size_t max, void *arg)
{
    const char *const *words = arg;
    size_t n = 0;
    for (; *words != NULL && n < max; words++) {
        if (strncmp(*words, text, strlen(text)) == 0)
            snprintf(out[n++], PROMPT_TEXT_MAX, "%s", *words);
    }
    return n;
}

static const struct {
    const char *keys, *text;
    size_t candidates;
} completions[] = {
    {"x\\t", "x", 0},           {"h\\t", "hold", 0},
    {"u\\t", "u", 2},           {"u\\t\\t", "undo", 2},
    {"u\\t\\t\\t", "users", 2}, {"u\\t\\t\\t\\t", "undo", 2},
    {"u\\T", "u", 2},           {"u\\T\\T", "users", 2},
    {"l\\t", "level ", 2},      {"l\\t\\tx", "level onex", 0},
    {"g\\t", "g", 2}, /* they part in the middle of a character */
};

START_TEST(tab_completes)
{
    static const char *const words[] = {"hold",      "undo",      "users",     "level one",
                                        "level two", "g\xc3\xb6", "g\xc3\xbc", NULL};
    struct prompt p = {0};
    prompt_line(&p, 0, ":", "");
    p.complete = complete_words;
    p.complete_arg = (void *)words;
    ck_assert_int_eq(feed(&p, completions[_i].keys), PROMPT_OPEN);
    ck_assert_str_eq(p.text, completions[_i].text);
    ck_assert_uint_eq(p.n_candidates, completions[_i].candidates);
    if (p.n_candidates > 0) { /* esc closes one thing at a time */
        ck_assert_int_eq(feed(&p, "\\x"), PROMPT_OPEN);
        ck_assert_uint_eq(p.n_candidates, 0);
    }
    ck_assert_int_eq(feed(&p, "\\x"), PROMPT_CANCELLED);
}
END_TEST

START_TEST(only_y_is_yes)
{
    static const struct {
        const char *keys;
        enum prompt_result want;
    } answers[] = {{"y", PROMPT_ACCEPTED},    {"Y", PROMPT_ACCEPTED},    {"n", PROMPT_CANCELLED},
                   {"\\k", PROMPT_CANCELLED}, {"\\x", PROMPT_CANCELLED}, {" ", PROMPT_CANCELLED},
                   {"+", PROMPT_CANCELLED},   {"\\R", PROMPT_OPEN}};
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        struct prompt p = {0};
        prompt_confirm(&p, 3, "From 10 to 500 users?");
        ck_assert_int_eq(feed(&p, answers[i].keys), answers[i].want);
    }
}
END_TEST

static const struct {
    const char *keys, *value;
    enum prompt_result result;
} picks[] = {
    {"\\k", "smoke", PROMPT_ACCEPTED},       {"\\n\\n\\k", "soak", PROMPT_ACCEPTED},
    {"\\u\\k", "smoke", PROMPT_ACCEPTED},    {"\\t\\t\\T\\k", "stress", PROMPT_ACCEPTED},
    {"\\e\\k", "shop.cfg", PROMPT_ACCEPTED}, {"\\P\\k", "shop.cfg", PROMPT_ACCEPTED},
    {"\\e\\p\\k", "smoke", PROMPT_ACCEPTED}, {"\\e\\h\\k", "smoke", PROMPT_ACCEPTED},
    {"so\\k", "soak", PROMPT_ACCEPTED},      {"S\\e\\k", "shop.cfg", PROMPT_ACCEPTED},
    {"500\\k", "stress", PROMPT_ACCEPTED}, /* the hint counts too */
    {"nothing\\k", "", PROMPT_OPEN},         {"nothing\\U\\n\\k", "stress", PROMPT_ACCEPTED},
    {"\\n\\x", "stress", PROMPT_CANCELLED},
};

START_TEST(the_picker_filters_and_moves)
{
    struct prompt p = {0};
    prompt_pick(&p, 1, "level");
    ck_assert_int_eq(prompt_key(&p, TTY_KEY_ENTER), PROMPT_OPEN); /* nothing to choose */
    prompt_add_item(&p, "smoke", "10 users");
    prompt_add_item(&p, "stress", "500 users");
    prompt_add_item(&p, "soak", "50 users, 8 h");
    prompt_add_item(&p, "shop.cfg", "profile");
    ck_assert_int_eq(feed(&p, picks[_i].keys), picks[_i].result);
    ck_assert_str_eq(prompt_value(&p), picks[_i].value);
}
END_TEST

START_TEST(the_picker_holds_what_fits)
{
    struct prompt p = {0};
    prompt_pick(&p, 1, "profile");
    for (int i = 0; i < 2 * PROMPT_ITEMS_MAX; i++)
        prompt_add_item(&p, "a\x1b[31mb", "hint\n");
    ck_assert_uint_eq(p.n_items, PROMPT_ITEMS_MAX);
    ck_assert_str_eq(p.items[0].text, "a\xef\xbf\xbd[31mb");
    ck_assert_uint_eq(prompt_choice(&p), 0);
}
END_TEST

START_TEST(a_closed_prompt_takes_no_keys)
{
    struct prompt p = {0};
    ck_assert_int_eq(prompt_key(&p, 'x'), PROMPT_CANCELLED);
    ck_assert_str_eq(prompt_value(&p), "");
}
END_TEST

#define LOOP(t, f, cases) tcase_add_loop_test(t, f, 0, (int)(sizeof cases / sizeof *cases))

int main(void)
{
    setlocale(LC_ALL, "C.UTF-8");
    Suite *s = suite_create("prompt");
    TCase *t = tcase_create("prompt");
    suite_add_tcase(s, t);
    LOOP(t, a_line_is_edited, edits);
    tcase_add_test(t, a_line_is_closed);
    tcase_add_test(t, a_full_line_takes_no_more);
    tcase_add_test(t, history_comes_back);
    LOOP(t, tab_completes, completions);
    tcase_add_test(t, only_y_is_yes);
    LOOP(t, the_picker_filters_and_moves, picks);
    tcase_add_test(t, the_picker_holds_what_fits);
    tcase_add_test(t, a_closed_prompt_takes_no_keys);
    return unit_run(s);
}
