/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <unistd.h>

#include "src/base/out.h"
#include "src/cli/cli_table.h"
#include "src/cli/cmd.h"
#include "src/cli/consent.h"
#include "src/cli/print.h"
#include "src/cli/subcommand.h"
#include "src/cli/trust.h"
#include "src/run/signals.h"

static int ask_user_for_trust(const struct options *o, const struct profile *p)
{
    struct err e;
    if (!o->yes && !isatty(STDIN_FILENO)) {
        err_set(&e, "trust is given on a terminal, or with --yes");
        return print_error(&e);
    }
    if (!o->yes && !consent_key("Let it? [y/N] ")) {
        out_line(STDOUT_FILENO, "It is not let do that.");
        return EXIT_USAGE;
    }
    if (!trust_give(p, &e))
        return print_error(&e);
    out_line(STDOUT_FILENO, "It is from now on, until it asks for more or a command changes.");
    return EXIT_FINE;
}

static int trust_profile(struct options *o)
{
    struct profile *p = cmd_open_profile(o);
    char *list;
    if (p == NULL)
        return EXIT_USAGE;
    signals_install();
    size_t n = trust_list(p, &list);
    if (n == 0)
        out_line(STDOUT_FILENO, "%s asks for nothing: there is nothing to trust.", o->subject);
    else
        out_line(STDOUT_FILENO, "%s asks to:", o->subject);
    out_write(STDOUT_FILENO, list);
    int code = n == 0 ? EXIT_FINE : ask_user_for_trust(o, p);
    free(list);
    profile_unref(p);
    return code;
}

const struct subcommand cmd_trust = {
    .name = "trust",
    .operands = "PROFILE",
    .help = "let it do what it asks for, after showing that",
    .missing = "which profile? ramptop trust PROFILE",
    .options = OPT_BIT(YES),
    .run = trust_profile,
};
