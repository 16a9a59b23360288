/* SPDX-License-Identifier: MIT */
#include "ui/action.h"

#include <stdarg.h>
#include <stdio.h>

struct action action_message(enum action_kind kind, const char *fmt, ...)
{
    struct action a = {.kind = kind};
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(a.text, sizeof a.text, fmt, ap);
    va_end(ap);
    return a;
}

struct action action_nothing(void)
{
    return (struct action){.kind = ACTION_NONE};
}

struct action action_send(enum command_kind kind, int64_t n)
{
    return (struct action){.kind = ACTION_SEND, .command = {.kind = kind, .n = n}};
}

struct action action_send_text(enum command_kind kind, const char *text)
{
    struct action a = action_send(kind, 0);
    snprintf(a.command.text, sizeof a.command.text, "%s", text);
    return a;
}

struct action action_open_line(enum action_purpose purpose, const char *label, const char *initial)
{
    struct action a = {.kind = ACTION_LINE, .purpose = purpose};
    snprintf(a.text, sizeof a.text, "%s", label);
    snprintf(a.initial, sizeof a.initial, "%s", initial);
    return a;
}
