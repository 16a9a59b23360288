/* SPDX-License-Identifier: MIT */
#include "ui/keys.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "ui/tty.h"

const struct key_binding key_bindings[KEY_ACTIONS - 1] = {
#define X(id, keys, bar, rank, group, help) {KEY_ACTION_##id, keys, bar, rank, group, help},
    KEYS(X)
#undef X
};

static const struct {
    const char *name;
    int code;
} named_keys[] = {
    {"space", ' '},
    {"tab", TTY_KEY_TAB},
    {"btab", TTY_KEY_BACK_TAB},
    {"enter", TTY_KEY_ENTER},
    {"esc", TTY_KEY_ESC},
    {"up", TTY_KEY_UP},
    {"down", TTY_KEY_DOWN},
    {"left", TTY_KEY_LEFT},
    {"right", TTY_KEY_RIGHT},
    {"home", TTY_KEY_HOME},
    {"end", TTY_KEY_END},
    {"pgup", TTY_KEY_PAGE_UP},
    {"pgdn", TTY_KEY_PAGE_DOWN},
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static int function_key(const char *name, size_t len)
{
    if (len < 2 || len > 3 || name[0] != 'f' || !is_digit(name[1]) ||
        (len == 3 && !is_digit(name[2])))
        return -1;
    int n = name[1] - '0';
    if (len == 3)
        n = n * 10 + (name[2] - '0');
    return n >= 1 && n <= 12 ? TTY_KEY_F1 + n - 1 : -1;
}

int keys_code(const char *name, size_t len)
{
    if (len == 1)
        return (unsigned char)name[0] > ' ' && (unsigned char)name[0] < 0x7f ? name[0] : -1;
    if (len == 2 && name[0] == '^' && name[1] >= 'a' && name[1] <= 'z')
        return TTY_KEY_CTRL(name[1]);
    for (size_t i = 0; i < sizeof named_keys / sizeof *named_keys; i++) {
        if (strlen(named_keys[i].name) == len && memcmp(named_keys[i].name, name, len) == 0)
            return named_keys[i].code;
    }
    return function_key(name, len);
}

static bool binds(const struct key_binding *b, int key)
{
    for (const char *k = b->keys; *k != '\0';) {
        size_t len = strcspn(k, " ");
        if (keys_code(k, len) == key)
            return true;
        k += len + strspn(k + len, " ");
    }
    return false;
}

enum key_action keys_action(int key)
{
    if (key < 0)
        return KEY_ACTION_NONE;
    for (size_t i = 0; i < KEY_ACTIONS - 1; i++) {
        if (binds(&key_bindings[i], key))
            return key_bindings[i].action;
    }
    return KEY_ACTION_NONE;
}
