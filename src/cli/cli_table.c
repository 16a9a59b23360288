/* SPDX-License-Identifier: MIT */
/* The table of options and the help made from it. */
#include "src/cli/cli_table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/buf.h"
#include "src/base/mem.h"

const struct cli_option cli_table[OPT_COUNT] = {
#define X(id, name, letters, arg, group, actions, help) {name, letters, arg, group, actions, help},
    OPTIONS(X)
#undef X
};

const struct cli_option *cli_option(size_t i)
{
    return i < OPT_COUNT ? &cli_table[i] : NULL;
}

bool cli_setting_name(enum option_id id, char out[CLI_NAME_MAX])
{
    const struct cli_option *t = &cli_table[id];
    snprintf(out, CLI_NAME_MAX, "%s%s", t->group == CLI_FOR_DEMO ? "demo_" : "", t->name);
    for (char *c = out; *c != '\0'; c++)
        *c = *c == '-' ? '_' : *c;
    /* Permission for a profile is given for the moment only. */
    return t->group != CLI_OTHER && id != OPT_TRUST && id != OPT_ALLOW_EXEC && id != OPT_YES;
}

static void help_line(struct buf *out, enum option_id id)
{
    const struct cli_option *t = &cli_table[id];
    char left[64];
    snprintf(left, sizeof left, "  %c%c%s--%s %s", *t->letters ? '-' : ' ',
             *t->letters ? *t->letters : ' ', *t->letters ? ", " : "  ", t->name,
             t->arg != NULL ? t->arg : "");
    buf_printf(out, "%-31s %s\n", left, t->help);
}

/* ----------------------------------------------------------------- lists of texts */

void cli_add_text(struct cli_texts *t, const char *text)
{
    t->items = mem_room(t->items, t->n, sizeof *t->items);
    t->items[t->n++] = text;
}

const char *cli_keep(struct options *o, const char *text, size_t len)
{
    char *copy = mem_strndup(text, len);
    cli_add_text(&o->kept, copy);
    return copy;
}

void cli_add_words(struct options *o, struct cli_texts *t, const char *text)
{
    static const char parts[] = ", \t\r\n";
    for (text += strspn(text, parts); *text != '\0'; text += strspn(text, parts)) {
        size_t len = strcspn(text, parts);
        cli_add_text(t, cli_keep(o, text, len));
        text += len;
    }
}

/* ---------------------------------------------------------------------- the help */

char *cli_help(void)
{
    static const char *const titles[CLI_GROUPS] = {
        [CLI_LOAD] = "Load",
        [CLI_PROFILE] = "Profile",
        [CLI_REQUEST] = "Request",
        [CLI_PROBES] = "Probes",
        [CLI_OUTPUT] = "Output",
        [CLI_FOR_JOBS] = "Only with ramptop bench and ramptop limits",
        [CLI_FOR_IMPORT] = "Only with ramptop import (in front of curl)",
        [CLI_FOR_DEMO] = "Only with ramptop demo",
        [CLI_OTHER] = "Other"};
    struct buf text = {0}, *out = &text;
    buf_text(
        out,
        "Usage: ramptop [OPTION...] PROFILE|URL [CLASS...]  the console; headless without a\n"
        "                                                   terminal; only these user classes\n"
        "       ramptop check PROFILE         say what is wrong with a profile\n"
        "       ramptop list PROFILE          its classes, shares, levels, endpoints\n"
        "       ramptop bench PROFILE|URL     each endpoint alone, at 1, 10, 25, 50 at once\n"
        "       ramptop limits PROFILE        find and verify the target's rate limits\n"
        "       ramptop import curl WORD...   a profile from a pasted curl command\n"
        "       ramptop import har FILE       a profile from a recorded browser session\n"
        "       ramptop trust PROFILE         let it do what it asks for, after showing that\n"
        "       ramptop new [FILE]            a commented profile to begin with\n"
        "       ramptop demo [NAME]           the console against the built-in demo target\n"
        "\n"
        "ramptop is a load console for the terminal: it loads an HTTP server with users,\n"
        "shows live what it answers, and turns the load up and down by key.\n"
        "Without --level and --users the first level of the profile drives, or one user.\n");
    for (int g = 0; g < CLI_GROUPS; g++) {
        buf_printf(out, "\n%s\n", titles[g]);
        for (int id = 0; id < OPT_COUNT; id++) {
            if (cli_table[id].group == (enum cli_group)g)
                help_line(out, (enum option_id)id);
        }
    }
    buf_text(
        out,
        "\n"
        "Every option has a variable: --run-time is RAMPTOP_RUN_TIME, the demo target's --port\n"
        "is RAMPTOP_DEMO_PORT; a flag wins over it, it wins over the profile, and that over\n"
        "run_time = \"90s\"; in ~/.config/ramptop/ramptop.cfg.\n"
        "LOCUST_HOST and its like and locust.conf count where ours say nothing.\n"
        "Exit status: 0 fine, 1 a goal was missed, 2 usage or profile error, 3 the target\n"
        "could not be reached, 4 out of memory, 130 interrupted.  More: man ramptop\n");
    return buf_take(out);
}
