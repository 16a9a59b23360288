/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "src/cli/cli_table.h"
#include "src/cli/cmd.h"
#include "src/cli/print.h"
#include "src/cli/subcommand.h"
#include "src/list/list.h"
#include "src/report/report.h"

/* JSON on standard output stays alone there. */
static int list_profile(struct options *o)
{
    struct err e;
    struct profile *p = cmd_open_profile(o);
    if (p == NULL)
        return EXIT_USAGE;
    char *json = o->json != NULL ? list_json(p) : NULL;
    char *text = json == NULL || strcmp(o->json, "-") != 0 ? list_text(p) : NULL;
    bool ok = json == NULL || report_write(o->json, json, &e);
    free(json);
    profile_unref(p);
    if (ok && text != NULL)
        return print_text(text);
    free(text);
    return ok ? EXIT_FINE : print_error(&e);
}

const struct subcommand cmd_list = {
    .name = "list",
    .operands = "PROFILE",
    .help = "its classes, shares, levels, endpoints",
    .missing = "which profile? ramptop list PROFILE",
    .options = OPTS_RUN,
    .names_classes = true,
    .heeds_locust = true,
    .run = list_profile,
};
