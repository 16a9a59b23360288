/* SPDX-License-Identifier: MIT */
#include "src/cli/start.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"
#include "src/base/words.h"
#include "src/cli/subcommand.h"
#include "src/profile/url.h"

#define LEVELS_NAMED 12

_Static_assert(CLI_MAX_USERS == PROFILE_MAX_USERS, "-u and profiles agree");
_Static_assert(CLI_MAX_GRACE_NS == PROFILE_MAX_GRACE_NS, "--grace and profiles agree");

static struct profile_under start_under(const struct options *u)
{
    if (u == NULL)
        return (struct profile_under){0};
    return (struct profile_under){.host = u->host,
                                  .headers = u->headers,
                                  .n_headers = u->n_headers,
                                  .timeout_ns = u->timeout_ns,
                                  .grace_set = u->grace_set,
                                  .grace_ns = u->grace_ns,
                                  .insecure = u->insecure,
                                  .http2 = u->http2,
                                  .follow = u->follow};
}

struct profile_overrides start_overrides(const struct options *o)
{
    return (struct profile_overrides){.under = start_under(o->under),
                                      .host = o->host,
                                      .insecure = o->insecure,
                                      .http2 = o->http2,
                                      .method = o->method,
                                      .body = o->body,
                                      .headers = o->headers,
                                      .n_headers = o->n_headers,
                                      .timeout_ns = o->timeout_ns,
                                      .grace_set = o->grace_set,
                                      .grace_ns = o->grace_ns,
                                      .follow = o->follow,
                                      .equal_weights = o->equal_weights,
                                      .sets = o->sets.items,
                                      .n_sets = o->sets.n,
                                      .tags = o->tags.items,
                                      .n_tags = o->tags.n,
                                      .exclude_tags = o->exclude_tags.items,
                                      .n_exclude_tags = o->exclude_tags.n,
                                      .classes = o->classes.items,
                                      .n_classes = o->classes.n};
}

/* A bare word is never taken for a host, so it can only be a slip. */
static bool mistyped_command(const char *subject, struct err *e)
{
    const char *near =
        strpbrk(subject, "/.:@[") == NULL ? words_nearest(subject, subcommand_names()) : NULL;
    return near != NULL &&
           !err_set(e, "unknown command %.80s (did you mean ramptop %s?)", subject, near);
}

bool start_check(const struct options *o, bool is_file, struct err *e)
{
    if (is_file && (o->method != NULL || o->body != NULL || o->body_file != NULL))
        return err_set(e, "--method and --data are for a bare URL; in a profile each request has "
                          "its own");
    if (is_file)
        return true;
    const char *what = o->classes.n > 0                         ? "a user class"
                       : o->tags.n > 0 || o->exclude_tags.n > 0 ? "--tags"
                       : o->sets.n > 0                          ? "--set"
                                                                : NULL;
    if (mistyped_command(o->subject, e))
        return false;
    if (what == NULL)
        return true;
    char *shown = url_shown(o->subject);
    err_set(e, "%s goes with a profile, and %.80s is a URL", what, shown);
    free(shown);
    return false;
}

static bool unknown_level(const struct profile *p, const char *name, struct err *e)
{
    const char *names[LEVELS_NAMED + 1] = {NULL};
    char list[512] = "";
    size_t n = p->n_levels < LEVELS_NAMED ? p->n_levels : LEVELS_NAMED, len = 0;

    if (n == 0)
        return err_set(e, "--level %.80s: %.80s has no levels; give --users", name, p->name);
    for (size_t i = 0; i < n && len < sizeof list; i++) {
        names[i] = p->levels[i].name;
        len +=
            (size_t)snprintf(list + len, sizeof list - len, "%s%.60s", i > 0 ? ", " : "", names[i]);
    }
    const char *near = words_nearest(name, names);
    if (near != NULL)
        return err_set(e, "--level %.80s: no such level in %.80s (did you mean %.80s?)", name,
                       p->name, near);
    return err_set(e, "--level %.80s: no such level in %.80s; it has %s", name, p->name, list);
}

/* The level to begin with when neither --level nor --users says; NULL for none. */
static const char *first_level(const struct profile *p, const struct options *under)
{
    const struct level *l = under->level != NULL ? profile_level(p, under->level) : NULL;
    if (l != NULL)
        return l->name;
    return p->n_levels > 0 ? p->levels[0].name : NULL;
}

bool start_load(const struct options *o, bool console, struct profile *p,
                struct session_config *cfg, struct err *e)
{
    static const struct options none;
    const struct options *under = o->under != NULL ? o->under : &none;
    *cfg = (struct session_config){.profile = p,
                                   .overrides = start_overrides(o),
                                   .level = o->level,
                                   .users_set = o->users_set,
                                   .users = o->users,
                                   .spawn_rate = o->spawn_rate,
                                   .run_time_ns = o->run_time_ns,
                                   .request_budget = o->requests,
                                   .workers = o->workers,
                                   .seed = o->seed,
                                   .no_probes = o->no_probes};
    if (o->level != NULL)
        return profile_level(p, o->level) != NULL || unknown_level(p, o->level, e);
    if (!o->users_set && (cfg->level = first_level(p, under)) != NULL)
        return true;
    if (o->spawn_rate <= 0)
        cfg->spawn_rate = under->spawn_rate;
    if (o->run_time_ns == 0)
        cfg->run_time_ns = under->run_time_ns;
    if (o->users_set)
        return true;
    cfg->users_set = true;
    cfg->users = under->users_set ? under->users : 1;
    if (under->users_set)
        return true;
    if (!console && cfg->run_time_ns == 0 && o->requests == 0)
        return err_set(e, "without a terminal say how much: -u 50 -t 30s (50 users for 30 "
                          "seconds) or -n 1000 (1,000 requests)");
    return true;
}

bool start_probes(const struct options *o, struct probe_specs *out, struct err *e)
{
    struct err why;
    for (size_t i = 0; i < o->probes.n; i++) {
        struct probe_spec *s = probe_spec_parse(o->probes.items[i], &why);
        if (s == NULL)
            return err_set(e, "--probe: %s", why.text);
        probe_specs_add(out, s);
    }
    return out->n <= PROBE_MAX ||
           err_set(e, "--probe: there are %zu, and %u is the most", out->n, PROBE_MAX);
}

static bool watches_postgres(const struct probe_specs *all)
{
    for (size_t i = 0; i < all->n; i++)
        if (all->items[i]->type == PROBE_POSTGRES)
            return true;
    return false;
}

bool start_demo_probe(const struct options *o, const char *application, unsigned pool,
                      struct probe_specs *out, struct err *e)
{
    struct err why;
    if (o->demo_postgres == NULL || o->no_probes || out->n >= PROBE_MAX || watches_postgres(out))
        return true;
    struct probe_spec *s = probe_spec_new(PROBE_POSTGRES);
    s->where = mem_strdup(o->demo_postgres);
    s->pools = mem_room(s->pools, 0, sizeof *s->pools);
    s->pools[s->n_pools++] = (struct probe_pool){.name = mem_strdup("pool"),
                                                 .match = POOL_APPLICATION,
                                                 .text = mem_strdup(application),
                                                 .max = pool};
    if (probe_spec_complete(s, &why)) {
        probe_specs_add(out, s);
        return true;
    }
    probe_spec_unref(s);
    return err_set(e, "the demo's database is not watched: %s", why.text);
}

/* Kinds where the target gave no sign of life. */
static bool is_silence(enum fail f)
{
    switch (f) {
    case FAIL_TIMEOUT:
    case FAIL_REFUSED:
    case FAIL_UNREACHABLE:
    case FAIL_DNS:
    case FAIL_TLS:
    case FAIL_RESET:
    case FAIL_EMPTY_REPLY:
        return true;
    default:
        return false;
    }
}

/* Requests were sent and not one reply came. */
static bool unreachable(const struct snapshot *final)
{
    uint64_t silent = 0;
    for (uint32_t i = 0; i < final->n_fails; i++) {
        if (is_silence((enum fail) final->fails[i].fail))
            silent += final->fails[i].count;
    }
    return final->finished + final->aborted > 0 && silent >= final->finished;
}

int start_exit_code(const struct snapshot *final, int signo)
{
    if (signo != 0)
        return EXIT_SIGNAL + signo;
    if (unreachable(final))
        return EXIT_UNREACHABLE;
    return final->bursts_poor > 0 || final->client_failures > 0 ? EXIT_THRESHOLD : EXIT_FINE;
}
