/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "src/base/buf.h"
#include "src/cli/cli_table.h"
#include "src/cli/cmd.h"
#include "src/cli/print.h"
#include "src/cli/subcommand.h"
#include "src/cli/trust.h"
#include "src/list/list.h"

static const char *plural(size_t n, const char *one, const char *many)
{
    return n == 1 ? one : many;
}

/* Lists what needs the user's trust, before a run asks for it. */
static void add_asked(struct buf *text, const struct profile *p)
{
    char *list;
    if (trust_list(p, &list) > 0)
        buf_printf(text, "it asks to (ramptop trust):\n%s", list);
    free(list);
}

static int check_profile(struct options *o)
{
    struct profile *p = cmd_open_profile(o);
    if (p == NULL)
        return EXIT_USAGE;
    struct buf text = {0};
    buf_printf(&text, "profile ok: %zu %s, %zu %s, %zu %s", p->n_classes,
               plural(p->n_classes, "class", "classes"), p->n_endpoints,
               plural(p->n_endpoints, "endpoint", "endpoints"), p->n_levels,
               plural(p->n_levels, "level", "levels"));
    if (p->probes.n > 0)
        buf_printf(&text, ", %zu %s", p->probes.n, plural(p->probes.n, "probe", "probes"));
    char *left_out = list_left_out(p);
    buf_printf(&text, "\n%s", left_out);
    free(left_out);
    add_asked(&text, p);
    profile_unref(p);
    return print_text(buf_take(&text));
}

const struct subcommand cmd_check = {
    .name = "check",
    .operands = "PROFILE",
    .help = "say what is wrong with a profile",
    .missing = "which profile? ramptop check PROFILE",
    .options = OPTS_RUN,
    .names_classes = true,
    .heeds_locust = true,
    .run = check_profile,
};
