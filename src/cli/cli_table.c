/* SPDX-License-Identifier: MIT */
/* The table of options and the help made from it. */
#include "src/cli/cli_table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/buf.h"
#include "src/base/mem.h"
#include "src/cli/subcommand.h"

const struct cli_option cli_table[OPT_COUNT] = {
#define X(id, name, letters, arg, group, help) {name, letters, arg, group, help},
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

static void help_usage(struct buf *out)
{
    for (const struct subcommand *const *c = subcommands; *c != NULL; c++) {
        char title[SUBCOMMAND_NAME], left[64];
        if ((*c)->help == NULL)
            continue;
        subcommand_title(*c, title);
        snprintf(left, sizeof left, "%s ramptop %s%s%s", c == subcommands ? "Usage:" : "      ",
                 title, *title != '\0' ? " " : "", (*c)->operands);
        buf_printf(out, "%-35s  %s\n", left, (*c)->help);
    }
}

char *cli_help(void)
{
    static const char *const titles[CLI_GROUPS] = {
        [CLI_LOAD] = "Load",
        [CLI_PROFILE] = "Profile",
        [CLI_REQUEST] = "Request",
        [CLI_PROBES] = "Probes",
        [CLI_OUTPUT] = "Output",
        [CLI_FOR_BENCH] = "Only with ramptop bench and ramptop limits",
        [CLI_FOR_IMPORT] = "Only with ramptop import (in front of curl)",
        [CLI_FOR_DEMO] = "Only with ramptop demo",
        [CLI_OTHER] = "Other"};
    struct buf text = {0}, *out = &text;
    help_usage(out);
    buf_text(out,
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
