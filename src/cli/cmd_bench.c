/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "src/base/mem.h"
#include "src/bench/bench_run.h"
#include "src/cli/cli_table.h"
#include "src/cli/cmd.h"
#include "src/cli/print.h"
#include "src/cli/subcommand.h"
#include "src/load/machine.h"
#include "src/load/transports.h"
#include "src/run/signals.h"

/* An endpoint is shown as soon as it is measured; until then, on a terminal, what is
 * under way. */
static void show_bench(const struct bench_endpoint *e, unsigned at, bool done, void *arg)
{
    const struct options *o = arg;
    cmd_show_progress(o, done ? NULL : mem_printf("%s %s: %u at once ...", e->method, e->name, at));
    if (done)
        cmd_show_result(o, bench_text(e));
}

static int bench_code(const struct bench *b)
{
    if (b->interrupted)
        return EXIT_SIGNAL + signals_stop();
    if (!bench_reached(b))
        return EXIT_UNREACHABLE;
    bool fine = bench_worst(b) != GRADE_POOR && bench_unknown(b) == 0 && !bench_unsent(b);
    return fine ? EXIT_FINE : EXIT_THRESHOLD;
}

static int bench_target(struct options *o)
{
    static const unsigned usual[] = {1, 10, 25, 50};
    struct bench b = {0};
    struct err e;
    struct profile *p = cmd_open_permitted(o);
    if (p == NULL)
        return EXIT_USAGE;
    bool given = o->n_concurrency > 0;
    const struct bench_config cfg = {
        .profile = p,
        .at = given ? o->concurrency : usual,
        .n_at = given ? o->n_concurrency : sizeof usual / sizeof *usual,
        .requests = o->requests,
        .step_ns = o->run_time_ns,
        .only = o->only,
        .workers = o->workers,
        .seed = o->seed,
        .progress = show_bench,
        .arg = o,
    };
    machine_raise_files();
    int code;
    if (!transports_init(&e) || !bench_run(&cfg, &b, &e))
        code = print_error(&e);
    else
        code = cmd_report(o, o->json != NULL ? bench_json(&b) : NULL, bench_summary(&b),
                          b.interrupted, bench_code(&b));
    bench_finish(&b);
    profile_unref(p);
    transports_finish();
    return code;
}

const struct subcommand cmd_bench = {
    .name = "bench",
    .operands = "PROFILE|URL",
    .help = "each endpoint alone, at 1, 10, 25, 50 at once",
    .missing = "which profile? ramptop bench PROFILE, or a URL",
    .load_is_said = "--concurrency says how many requests at once",
    .options = OPTS_PROFILE | OPT_BIT(RUN_TIME) | OPT_BIT(DURATION) | OPT_BIT(REQUESTS) |
               OPT_BIT(CONCURRENCY) | OPT_BIT(ONLY),
    .names_classes = true,
    .heeds_locust = true,
    .run = bench_target,
};
