/* SPDX-License-Identifier: MIT */
#include "src/cli/subcommand.h"

#include <stdio.h>

const struct subcommand *const subcommands[] = {
    &cmd_run,         &cmd_check,      &cmd_list,  &cmd_bench, &cmd_limits,
    &cmd_import_curl, &cmd_import_har, &cmd_trust, &cmd_new,   &cmd_demo,
    &cmd_help,        &cmd_version,    NULL};

const char *const *subcommand_names(void)
{
    static const char *names[sizeof subcommands / sizeof *subcommands];
    size_t n = 0;
    for (const struct subcommand *const *c = subcommands; *c != NULL; c++) {
        if ((*c)->name != NULL)
            names[n++] = (*c)->name;
    }
    return names;
}

const char *subcommand_title(const struct subcommand *c, char out[SUBCOMMAND_NAME])
{
    snprintf(out, SUBCOMMAND_NAME, "%s%s%s", c->name != NULL ? c->name : "",
             c->kind != NULL ? " " : "", c->kind != NULL ? c->kind : "");
    return out;
}
