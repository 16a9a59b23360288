/* SPDX-License-Identifier: MIT */
#include "src/cli/cli_table.h"
#include "src/cli/cmd.h"
#include "src/cli/demo_run.h"
#include "src/cli/print.h"
#include "src/cli/subcommand.h"

#define DEMO_LEVEL "baseline"
#define DEMO_NS (UINT64_C(20) * 1000000000) /* run time without a terminal */

static int show_demo(struct options *o)
{
    struct err e;
    if (demo_ops == NULL) {
        err_set(&e, "this ramptop was built without the demo target (libmicrohttpd)");
        return print_error(&e);
    }
    if (o->demo_serve)
        return demo_ops->serve(o);
    if (o->demo_name == NULL && o->level == NULL && !o->users_set)
        o->level = DEMO_LEVEL;
    if (!cmd_has_terminal(o) && o->run_time_ns == 0 && o->requests == 0)
        o->run_time_ns = DEMO_NS;
    return cmd_load(o, demo_ops);
}

static bool demo_take_name(struct options *o, char *const *words, size_t n, struct err *e)
{
    if (o->host != NULL || o->method != NULL || o->body != NULL || o->body_file != NULL)
        return err_set(e, "ramptop demo has its own target and requests: --host, --method and "
                          "--data have no place there");
    if (n > 0 && *words[0] != '\0')
        o->demo_name = words[0];
    return n == 0 || cli_take_classes(o, words + 1, n - 1, e);
}

const struct subcommand cmd_demo = {
    .name = "demo",
    .operands = "[NAME]",
    .help = "the console against the built-in demo target",
    .options = OPTS_RUN | OPT_BIT(SERVE) | OPT_BIT(PORT) | OPT_BIT(SERVERS) | OPT_BIT(SERVICE_MS) |
               OPT_BIT(SERVICE) | OPT_BIT(QUEUE) | OPT_BIT(POSTGRES) | OPT_BIT(POOL) |
               OPT_BIT(TRUTH),
    .names_classes = true,
    .take = demo_take_name,
    .run = show_demo,
};
