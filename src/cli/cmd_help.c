/* SPDX-License-Identifier: MIT */
/* The subcommands that say something of ramptop itself; their options ask for them, too. */
#include "config.h"
#include "src/base/mem.h"
#include "src/cli/cli_table.h"
#include "src/cli/print.h"
#include "src/cli/subcommand.h"

static int print_help(struct options *o)
{
    (void)o;
    return print_text(cli_help());
}

static int print_version(struct options *o)
{
    (void)o;
    return print_text(mem_strdup("ramptop " PACKAGE_VERSION "\n"));
}

static bool help_take_nothing(struct options *o, char *const *words, size_t n, struct err *e)
{
    (void)o;
    return n == 0 || cli_too_many(words[0], e);
}

const struct subcommand cmd_help = {
    .name = "help",
    .operands = "",
    .options = ~UINT64_C(0),
    .is_apart = true,
    .take = help_take_nothing,
    .run = print_help,
};

const struct subcommand cmd_version = {
    .operands = "",
    .options = ~UINT64_C(0),
    .is_apart = true,
    .take = help_take_nothing,
    .run = print_version,
};
