/* SPDX-License-Identifier: MIT */
#include "src/base/human.h"
#include "src/base/mem.h"
#include "src/cli/cli_table.h"
#include "src/cli/cmd.h"
#include "src/cli/print.h"
#include "src/cli/subcommand.h"
#include "src/load/transports.h"
#include "src/ratelimit/ratelimit_run.h"
#include "src/run/signals.h"

/* Shows a limit as soon as it is measured; until then, on a terminal, what is under way. */
static void show_limit(const struct ratelimit *l, enum ratelimit_phase phase, double left_s,
                       void *arg)
{
    const struct options *o = arg;
    char left[HUMAN_MAX], *text = NULL;
    if (phase == RATELIMIT_SEARCHING)
        text = mem_printf("%s: %u accepted ...", l->name, l->accepted);
    else if (phase == RATELIMIT_COMPARING)
        text = mem_printf("%s: a second user ...", l->name);
    else if (phase == RATELIMIT_WAITING)
        text = mem_printf("%s: the next request in %s ...", l->name,
                          human_clock(left, sizeof left, left_s + 1));
    cmd_show_progress(o, text);
    if (phase == RATELIMIT_DONE)
        cmd_show_result(o, ratelimit_text(l));
}

static int ratelimit_code(const struct ratelimits *l)
{
    if (l->interrupted)
        return EXIT_SIGNAL + signals_stop();
    if (!ratelimits_reached(l))
        return EXIT_UNREACHABLE;
    return ratelimits_worst(l) == RATELIMIT_DIFFERS ? EXIT_THRESHOLD : EXIT_FINE;
}

static int verify_limits(struct options *o)
{
    struct ratelimits l = {.n = 0};
    struct err e;
    struct profile *p = cmd_open_permitted(o);
    if (p == NULL)
        return EXIT_USAGE;
    const struct ratelimit_config cfg = {
        .profile = p,
        .only = o->only,
        .max_wait_set = o->max_wait_set,
        .max_wait_ns = o->max_wait_ns,
        .seed = o->seed,
        .progress = show_limit,
        .arg = o,
    };
    signals_install();
    int code;
    if (!transports_init(&e) || !ratelimit_run(&cfg, &l, &e))
        code = print_error(&e);
    else
        code = cmd_report(o, o->json != NULL ? ratelimits_json(&l) : NULL, ratelimits_summary(&l),
                          l.interrupted, ratelimit_code(&l));
    ratelimits_finish(&l);
    profile_unref(p);
    transports_finish();
    return code;
}

const struct subcommand cmd_limits = {
    .name = "limits",
    .operands = "PROFILE",
    .help = "find and verify the target's rate limits",
    .missing = "which profile? ramptop limits PROFILE",
    .options = OPTS_PROFILE | OPT_BIT(ONLY) | OPT_BIT(MAX_WAIT),
    .heeds_locust = true,
    .run = verify_limits,
};
