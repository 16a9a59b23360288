/* SPDX-License-Identifier: MIT */
#include "src/cli/cmd.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "src/base/buf.h"
#include "src/base/human.h"
#include "src/base/mem.h"
#include "src/base/out.h"
#include "src/cli/consent.h"
#include "src/import/import.h"
#include "src/load/machine.h"
#include "src/load/transports.h"
#include "src/list/list.h"
#include "src/profile/subject.h"
#include "src/bench/bench.h"
#include "src/ratelimit/ratelimit.h"
#include "src/report/report.h"
#include "src/bench/bench_run.h"
#include "src/ratelimit/ratelimit_run.h"
#include "src/run/signals.h"
#include "src/cli/print.h"
#include "src/cli/start.h"
#include "src/cli/trust.h"

/* The profile with all that the command line lays over it; NULL when it is wrong, which
 * has been said then. */
static struct profile *cmd_open_profile(const struct options *o)
{
    const struct profile_overrides overrides = start_overrides(o);
    struct problems problems = {0};
    struct probe_specs probes = {0};
    struct err e;
    bool ok = start_check(o, subject_is_file(o->subject), &e) && start_probes(o, &probes, &e) &&
              report_writable(o->json, &e);
    probe_specs_finish(&probes);
    if (!ok) {
        print_error(&e);
        return NULL;
    }
    struct profile *p = subject_open(o->subject, &overrides, &problems);
    if (p == NULL)
        print_problems(&problems);
    problems_finish(&problems);
    return p;
}

/* The same, and what it asks for is granted: before anything is sent.  These commands run no
 * probe. */
static struct profile *open_permitted(const struct options *o)
{
    struct err e;
    bool person = !o->headless && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
    struct profile *p = cmd_open_profile(o);
    signals_install();
    if (p == NULL || o->trust || consent_given(p, false, person, &e))
        return p;
    print_error(&e);
    profile_unref(p);
    return NULL;
}

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

int cmd_check(const struct options *o)
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

/* JSON on standard output stays alone there. */
int cmd_list(const struct options *o)
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

/* ------------------------------------------------------------- bench and limits */

/* Shows what is under way, on a terminal; NULL: nothing is.  Frees the text. */
static void show_progress(const struct options *o, char *text)
{
    if (!o->quiet)
        out_progress(text);
    free(text);
}

/* A part of the result, as soon as it is there; standard output may be for the JSON alone.
 * What it does not take is told with the summary.  Frees the text. */
static void show_result(const struct options *o, char *text)
{
    char *block = mem_printf("%s\n", text);
    if (o->json == NULL || strcmp(o->json, "-") != 0)
        out_write(STDOUT_FILENO, block);
    free(block);
    free(text);
}

/* An endpoint is shown as soon as it is measured; until then, on a terminal, what is
 * under way. */
static void show_bench(const struct bench_endpoint *e, unsigned at, bool done, void *arg)
{
    const struct options *o = arg;
    show_progress(o, done ? NULL : mem_printf("%s %s: %u at once ...", e->method, e->name, at));
    if (done)
        show_result(o, bench_text(e));
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

static int report_bench(const struct options *o, const struct bench *b)
{
    struct err e;
    const struct report_ending r = {.json = o->json != NULL ? bench_json(b) : NULL,
                                    .path = o->json,
                                    .text = bench_summary(b),
                                    .by_signal = b->interrupted};
    bool ok = report_end(&r, &e);
    return ok ? bench_code(b) : print_error(&e);
}

int cmd_bench(const struct options *o)
{
    static const unsigned usual[] = {1, 10, 25, 50};
    struct bench b = {0};
    struct err e;
    struct profile *p = open_permitted(o);
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
        .arg = (void *)(uintptr_t)o,
    };
    machine_raise_files();
    int code;
    if (!transports_init(&e) || !bench_run(&cfg, &b, &e))
        code = print_error(&e);
    else
        code = report_bench(o, &b);
    bench_finish(&b);
    profile_unref(p);
    transports_finish();
    return code;
}

/* As show_bench. */
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
                          human_clock(left, sizeof left, (uint64_t)left_s + 1));
    show_progress(o, text);
    if (phase == RATELIMIT_DONE)
        show_result(o, ratelimit_text(l));
}

static int ratelimit_code(const struct ratelimits *l)
{
    if (l->interrupted)
        return EXIT_SIGNAL + signals_stop();
    if (!ratelimits_reached(l))
        return EXIT_UNREACHABLE;
    return ratelimits_worst(l) == RATELIMIT_DIFFERS ? EXIT_THRESHOLD : EXIT_FINE;
}

static int report_limits(const struct options *o, const struct ratelimits *l)
{
    struct err e;
    const struct report_ending r = {.json = o->json != NULL ? ratelimits_json(l) : NULL,
                                    .path = o->json,
                                    .text = ratelimits_summary(l),
                                    .by_signal = l->interrupted};
    bool ok = report_end(&r, &e);
    return ok ? ratelimit_code(l) : print_error(&e);
}

int cmd_limits(const struct options *o)
{
    struct ratelimits l = {.n = 0};
    struct err e;
    struct profile *p = open_permitted(o);
    if (p == NULL)
        return EXIT_USAGE;
    const struct ratelimit_config cfg = {
        .profile = p,
        .only = o->only,
        .max_wait_set = o->max_wait_set,
        .max_wait_ns = o->max_wait_ns,
        .seed = o->seed,
        .progress = show_limit,
        .arg = (void *)(uintptr_t)o,
    };
    signals_install();
    int code;
    if (!transports_init(&e) || !ratelimit_run(&cfg, &l, &e))
        code = print_error(&e);
    else
        code = report_limits(o, &l);
    ratelimits_finish(&l);
    profile_unref(p);
    transports_finish();
    return code;
}

/* ------------------------------------------------------------------ getting in */

static struct import_options import_options(const struct options *o)
{
    return (struct import_options){.keep_secrets = o->keep_secrets,
                                   .read_file = import_read_file,
                                   .keep_static = o->keep_static,
                                   .keep_all_hosts = o->keep_all_hosts,
                                   .keep_hosts = o->keep_hosts.items,
                                   .n_keep_hosts = o->keep_hosts.n};
}

int cmd_import_curl(const struct options *o)
{
    const struct import_options how = import_options(o);
    struct err e;
    char *text;
    if (!import_curl(o->curl_words, o->n_curl_words, &how, &text, &e))
        return print_error(&e);
    return print_file_text(text);
}

int cmd_import_har(const struct options *o)
{
    const struct import_options how = import_options(o);
    struct err e;
    char *har, *text;
    size_t len;
    if (!import_read_file(o->subject, &har, &len, &e))
        return print_error(&e);
    const char *name = strcmp(o->subject, "-") == 0 ? "standard input" : o->subject;
    bool ok = import_har(name, har, len, &how, &text, &e);
    free(har);
    return ok ? print_file_text(text) : print_error(&e);
}

/* ------------------------------------------------------------------------ trust */

static int trust(const struct options *o, const struct profile *p)
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

int cmd_trust(const struct options *o)
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
    int code = n == 0 ? EXIT_FINE : trust(o, p);
    free(list);
    profile_unref(p);
    return code;
}

int cmd_new(const struct options *o)
{
    struct err e;
    if (o->subject == NULL)
        return print_file_text(mem_strdup(import_starter()));
    if (!import_write_new(o->subject, import_starter(), &e))
        return print_error(&e);
    out_line(STDOUT_FILENO, "%s is written; change it, then: ramptop check %s", o->subject,
             o->subject);
    return EXIT_FINE;
}
