/* SPDX-License-Identifier: MIT */
#include "src/cli/demo_run.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "src/base/log.h"
#include "src/base/mem.h"
#include "src/base/out.h"
#include "src/cli/print.h"
#include "src/cli/start.h"
#include "src/demo/demo.h"
#include "src/demo/description.h"
#include "src/demo/named.h"
#include "src/profile/read.h"
#include "src/profile/subject.h"
#include "src/run/signals.h"

struct demo_run {
    const struct options *options; /* borrowed */
    struct demo_child child;
    struct description *description; /* a named service's; else NULL */
    char url[64];
};

static struct demo_config run_config(const struct demo_run *d)
{
    const struct options *o = d->options;
    struct demo_config c = demo_defaults();
    c.port = o->demo_port;
    c.servers = o->demo_servers > 0 ? o->demo_servers : c.servers;
    c.postgres = o->demo_postgres;
    c.postgres_shown = o->demo_postgres_shown;
    if (c.postgres != NULL)
        c.servers = o->demo_pool > 0 ? o->demo_pool : DEMO_POOL;
    c.service_ms = o->demo_service_ms >= 0 ? o->demo_service_ms : c.service_ms;
    c.service = o->demo_service >= 0 ? (enum demo_service)o->demo_service : c.service;
    c.queue = o->demo_queue >= 0 ? (unsigned)o->demo_queue : c.queue;
    c.truth = o->demo_truth;
    c.seed = o->seed > 0 ? o->seed : c.seed;
    c.description = d->description;
    return c;
}

static bool options_are_plain(const struct options *o, struct err *e)
{
    if (o->demo_servers == 0 && o->demo_service_ms < 0 && o->demo_service < 0 &&
        o->demo_queue < 0 && o->demo_postgres == NULL && o->demo_pool == 0)
        return true;
    return err_set(e,
                   "--servers, --service-ms, --service, --queue, --postgres and --pool are for "
                   "ramptop demo without a name; %.80s says its own",
                   o->demo_name);
}

/* Servers are computed, or a pool of connections. */
static bool options_agree(const struct options *o, struct err *e)
{
    if (o->demo_postgres != NULL && o->demo_servers > 0)
        return err_set(e, "--servers does not go with --postgres, where --pool says how many "
                          "requests are served at once");
    if (o->demo_postgres == NULL && o->demo_pool > 0)
        return err_set(e, "--pool is of connections to a PostgreSQL: --postgres DSN says which");
    return true;
}

/* Watches the pool of a demo with a database: it is its first limit. */
static void run_watch(const struct demo_run *d, struct probe_specs *probes)
{
    struct err e;
    if (!start_demo_probe(d->options, DEMO_APPLICATION, run_config(d).servers, probes, &e))
        log_info("%s", e.text);
}

static void run_end(struct demo_run *d)
{
    demo_end(&d->child);
    description_free(d->description);
    free(d);
}

/* EXIT_FINE, or what was said. */
static int run_begin(struct demo_run *d)
{
    const struct options *o = d->options;
    struct problems problems = {0};
    struct err e;
    if ((o->demo_name != NULL && !options_are_plain(o, &e)) || !options_agree(o, &e))
        return print_error(&e);
    if (o->demo_name != NULL && (d->description = demo_open(o->demo_name, &problems)) == NULL)
        return print_problems(&problems);
    const struct demo_config c = run_config(d);
    if (!demo_check(&c, &e) || !demo_spawn(&c, &d->child, &e))
        return print_error(&e);
    snprintf(d->url, sizeof d->url, "http://127.0.0.1:%u", d->child.port);
    return EXIT_FINE;
}

static int run_start(const struct options *o, struct demo_run **out)
{
    struct demo_run *d = mem_zalloc(sizeof *d);
    d->options = o;
    d->child.life_fd = -1;
    int code = run_begin(d);
    if (code == EXIT_FINE)
        *out = d;
    else
        run_end(d);
    return code;
}

static void run_tell(const struct demo_run *d)
{
    static const char *const kinds[] = {"const", "exp", "lognormal"};
    const struct demo_config c = run_config(d);
    char breaks[64] = "";
    if (d->description != NULL) {
        out_line(STDOUT_FILENO, "%s  %s; see /about, /stats", d->url, d->description->title);
        return;
    }
    if (c.service_ms > 0)
        snprintf(breaks, sizeof breaks, ": GET / breaks at %.6g requests per second",
                 demo_capacity(&c, 1));
    out_line(STDOUT_FILENO, "%s  %u %s x %g ms (%s), queue %u%s", d->url, c.servers,
             c.postgres != NULL ? "connections to PostgreSQL" : "servers", c.service_ms,
             kinds[c.service], c.queue, breaks);
}

/* The target alone, until a signal or its own end. */
static int run_serve(const struct options *o)
{
    struct demo_run *d = NULL;
    struct err e;
    int code = run_start(o, &d);
    if (code != EXIT_FINE)
        return code;
    signals_install();
    run_tell(d);
    struct pollfd wait[] = {{.fd = signals_fd(), .events = POLLIN},
                            {.fd = d->child.life_fd, .events = POLLIN}};
    int signo;
    while ((signo = signals_stop()) == 0 && wait[1].revents == 0) {
        if (poll(wait, 2, -1) < 0 && errno != EINTR)
            break;
        if (signals_suspend_wanted())
            signals_suspend();
    }
    run_end(d);
    if (signo == 0) {
        err_set(&e, "the demo target ended by itself");
        return print_error(&e);
    }
    return EXIT_FINE; /* a signal is how it is meant to end */
}

static struct profile *run_profile(const struct demo_run *d, struct profile_overrides *overrides,
                                   struct problems *problems)
{
    const struct options *o = d->options;
    char *name = demo_profile_name(o->demo_name != NULL ? o->demo_name : "demo");
    const char *text = demo_text(name);
    struct profile *profile = NULL;
    overrides->host = d->url;
    if (o->demo_name != NULL && demo_is_file(o->demo_name))
        profile = subject_open(name, overrides, problems);
    else if (text != NULL)
        profile = profile_parse(name, text, strlen(text), overrides, problems);
    else
        problems_add(problems,
                     "there is no profile %.80s yet; ramptop demo %.80s --serve only "
                     "serves.",
                     name, o->demo_name);
    if (profile != NULL && (o->demo_name == NULL || !demo_is_file(o->demo_name)))
        profile->shipped = true;
    free(name);
    return profile;
}

static const struct demo_ops ops = {
    .start = run_start,
    .end = run_end,
    .serve = run_serve,
    .profile = run_profile,
    .watch = run_watch,
};
const struct demo_ops *const demo_ops = &ops;
