/* SPDX-License-Identifier: MIT */
#include "src/bench/bench_run.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/clean.h"
#include "src/base/mem.h"
#include "src/base/now.h"
#include "src/profile/alone.h"
#include "src/profile/goal.h"
#include "src/run/run_source.h"
#include "src/run/session.h"
#include "src/run/signals.h"
#include "src/stats/snapshot_words.h"

#define TURN_MS 20
#define STEP_NS (5 * NS_PER_S)
/* Snapshots come ten times a second: a rate over less than this would say little. */
#define SHORTEST_S 1.0
/* All that began at once may end at once, and a look can fall in between. */
#define SETTLE_S 0.25
#define GRACE_NS (5 * NS_PER_S)
#define REQUESTS 50
/* The requests that come before (log-in ...) may take so long on top. */
#define PREPARE_NS (30 * NS_PER_S)

/* A step under way. */
struct measure {
    struct snapshot *snap;
    const char *method, *name; /* as the snapshot has them */
    uint64_t wanted, step_ns;
    /* At the first look that saw the endpoint's requests, or soon after, and at the last. */
    bool begun;
    double from_s, to_s;
    double from_done_s, to_done_s; /* when the newest request was done, without stops */
    uint64_t from_requests, to_requests;
    uint64_t unsent;
};

static const struct snap_endpoint *step_endpoint(const struct snapshot *snap, const char *method,
                                                 const char *name)
{
    for (uint32_t i = 0; i < snap->n_endpoints; i++)
        if (strcmp(snap->endpoints[i].method, method) == 0 &&
            strcmp(snap->endpoints[i].name, name) == 0)
            return &snap->endpoints[i];
    return NULL;
}

static void measure_look(struct measure *m, struct session *s)
{
    session_snapshot(s, m->snap);
    const struct snap_endpoint *e = step_endpoint(m->snap, m->method, m->name);
    if (e == NULL || e->requests + e->client_failures == 0)
        return;
    m->unsent = e->client_failures;
    if (!m->begun) {
        m->begun = true;
        m->from_s = m->snap->elapsed_s;
    }
    m->to_s = m->snap->elapsed_s;
    if (m->to_requests != e->requests)
        m->to_done_s = m->snap->last_done_s - m->snap->stopped_s;
    m->to_requests = e->requests;
    if (m->to_s - m->from_s < SETTLE_S) {
        m->from_done_s = m->to_done_s;
        m->from_requests = m->to_requests;
    }
}

static bool measure_is_enough(const struct measure *m)
{
    return m->begun && m->to_requests + m->unsent >= m->wanted && m->to_s - m->from_s >= SHORTEST_S;
}

/* Watches until there are enough requests, time is over, or somebody wants to stop. */
static void measure_watch(struct measure *m, struct session *s)
{
    uint64_t last_ns = now_ns(), end_ns = last_ns + PREPARE_NS;
    const struct run_source source = session_source(s);
    bool begun = false;
    while (now_ns() < end_ns && signals_stop() == 0 && !measure_is_enough(m)) {
        struct pollfd p = {.fd = signals_fd(), .events = POLLIN};
        poll(&p, 1, TURN_MS);
        signals_drain();
        end_ns += run_source_mind_stops(&source, last_ns);
        last_ns = now_ns();
        measure_look(m, s);
        if (m->begun && !begun)
            end_ns = now_ns() + m->step_ns;
        begun = m->begun;
    }
}

static void step_fill_failure(struct bench_step *to, const struct snapshot *snap,
                              const struct snap_endpoint *e)
{
    uint64_t most = 0;
    for (uint32_t i = 0; i < snap->n_fails; i++) {
        const struct snap_fail *f = &snap->fails[i];
        char kind[32];
        if (&snap->endpoints[f->endpoint] != e || f->count <= most)
            continue;
        most = f->count;
        snprintf(to->failure, sizeof to->failure, "%s", snap_fail_word(f, kind, sizeof kind));
    }
}

/* From one request's end to another's: slow ones are few, and a look is late for their ends.
 * If none came after the first, those first ones from the start of the load on. */
static void step_fill_rate(struct bench_step *to, const struct measure *m)
{
    bool none = m->to_requests == m->from_requests;
    to->seconds = none ? m->to_done_s : m->to_done_s - m->from_done_s;
    if (to->seconds > 0)
        to->rps = (double)(m->to_requests - (none ? 0 : m->from_requests)) / to->seconds;
}

static void step_fill(struct bench_step *to, const struct measure *m, const struct goal *goal)
{
    const struct snap_endpoint *e = step_endpoint(m->snap, m->method, m->name);
    if (e != NULL) {
        to->requests = e->requests;
        to->failures = e->failures;
        to->not_sent = e->client_failures;
        to->bytes_in = e->bytes_in;
        to->latency = e->total;
        to->failed = e->total_failed;
        step_fill_failure(to, m->snap, e);
    }
    step_fill_rate(to, m);
    to->generator_limited = m->snap->health.n_warnings > 0;
    bench_grade(to, goal);
}

static bool bench_one_step(const struct bench_config *cfg, struct profile *alone,
                           const struct bench_endpoint *e, const struct goal *goal,
                           struct bench_step *to, struct snapshot *snap, struct err *err)
{
    uint64_t usual = to->at > REQUESTS / 10 ? 10u * to->at : REQUESTS;
    struct measure m = {.snap = snap,
                        .method = e->method,
                        .name = e->name,
                        .wanted = cfg->requests > 0 ? cfg->requests : usual,
                        .step_ns = cfg->step_ns > 0 ? cfg->step_ns : STEP_NS};
    const struct session_config sc = {.profile = alone,
                                      .users_set = true,
                                      .users = to->at,
                                      .spawn_rate = 1e6, /* at once */
                                      .workers = cfg->workers,
                                      .seed = cfg->seed};
    struct session *s = session_open(&sc, err);
    if (s == NULL)
        return false;
    measure_watch(&m, s);
    measure_look(&m, s);
    session_close(s, GRACE_NS, snap);
    step_fill(to, &m, goal);
    return true;
}

static void bench_one_endpoint(const struct bench_config *cfg, uint32_t index,
                               struct profile *alone, struct bench *b, struct snapshot *snap)
{
    struct bench_endpoint *e = &b->endpoints[b->n_endpoints++];
    const struct endpoint *ep = &cfg->profile->endpoints[index];
    const struct goal *goal = profile_goal(cfg->profile, ep->method, ep->name);
    struct err err;
    clean_text(e->method, sizeof e->method, ep->method, strlen(ep->method));
    clean_text(e->name, sizeof e->name, ep->name, strlen(ep->name));
    if (goal != NULL)
        clean_text(e->goal, sizeof e->goal, goal->name, strlen(goal->name));
    bool ok = true;
    e->steps = mem_array(cfg->n_at + 1, sizeof *e->steps);
    for (size_t i = 0; i < cfg->n_at && ok && signals_stop() == 0; i++) {
        struct bench_step *step = &e->steps[e->n_steps];
        step->at = cfg->at[i];
        if (cfg->progress != NULL)
            cfg->progress(e, step->at, false, cfg->arg);
        ok = bench_one_step(cfg, alone, e, goal, step, snap, &err);
        e->n_steps += ok;
    }
    if (!ok && e->n_steps == 0)
        clean_text(e->skipped, sizeof e->skipped, err.text, strlen(err.text));
    if (cfg->progress != NULL)
        cfg->progress(e, 0, true, cfg->arg);
}

static bool endpoint_is_chosen(const struct bench_config *cfg, uint32_t index)
{
    const struct endpoint *e = &cfg->profile->endpoints[index];
    if (cfg->only == NULL)
        return true;
    char *whole = mem_printf("%s %s", e->method, e->name);
    bool is = goal_matches(cfg->only, whole) || goal_matches(cfg->only, e->name);
    free(whole);
    return is;
}

bool bench_run(const struct bench_config *cfg, struct bench *b, struct err *e)
{
    const struct profile *p = cfg->profile;
    struct snapshot *snap = mem_zalloc(sizeof *snap); /* too large for a stack */
    clean_text(b->target, sizeof b->target, p->target, strlen(p->target));
    clean_text(b->profile, sizeof b->profile, p->name, strlen(p->name));
    b->endpoints = mem_array(p->n_endpoints + 1, sizeof *b->endpoints);
    for (uint32_t i = 0; i < p->n_endpoints && signals_stop() == 0; i++) {
        struct profile *alone =
            endpoint_is_chosen(cfg, i) ? profile_alone(cfg->profile, i, e) : NULL;
        if (alone != NULL && alone->grace_ns < GRACE_NS)
            alone->grace_ns = GRACE_NS;
        if (alone != NULL) /* else no user sends it: it belongs to an on_stop or a rate limit */
            bench_one_endpoint(cfg, i, alone, b, snap);
        profile_unref(alone);
    }
    b->interrupted = signals_stop() != 0;
    free(snap);
    if (b->n_endpoints == 0 && !b->interrupted)
        return err_set(e,
                       "--only %.100s: no endpoint of the profile is called so; ramptop list "
                       "shows them",
                       cfg->only != NULL ? cfg->only : "");
    return true;
}
