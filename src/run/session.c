/* SPDX-License-Identifier: MIT */
#include "src/run/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "src/base/clean.h"
#include "src/base/log.h"
#include "src/base/mem.h"
#include "src/base/now.h"
#include "src/load/machine.h"
#include "src/load/resolver.h"
#include "src/load/transport_rules.h"
#include "src/load/transports.h"
#include "src/probe/discover.h"
#include "src/profile/goal.h"
#include "src/run/session_inner.h"
#include "src/run/run_source.h"
#include "src/stats/verdict.h"

/* Not looked at for so long: the program was stopped meanwhile. */
#define STOPPED_NS (NS_PER_S / 2)
/* Sums of seconds are no more exact than that. */
#define ROUNDING_S 1e-6
/* How long the load waits for probes that are still connecting. */
#define SETTLE_NS (300 * NS_PER_MS)

/* ------------------------------------------------------------------ snapshot */

static enum snap_state run_state(const struct session *s, const struct snapshot *snap)
{
    if (s->ended)
        return snap->users == 0 && snap->in_flight == 0 ? SNAP_DONE : SNAP_STOPPING;
    if (s->hold)
        return SNAP_HELD;
    if (snap->users == 0 && s->now.users == 0)
        return SNAP_IDLE;
    uint32_t wanted = session_possible(s, s->now.users), left = steering_state(&s->steering).left;
    bool there = snap->users + left == wanted;
    return there ? SNAP_RUNNING : SNAP_RAMPING;
}

void session_describe_undo(const struct session *s, struct snap_run *run)
{
    if (s->n_undo == 0)
        return;
    const struct setting *u = &s->undo[s->n_undo - 1];
    if (u->profile != s->now.profile)
        snprintf(run->undo_text, sizeof run->undo_text, "profile %.80s", u->profile->name);
    else if (u->level != s->now.level && u->level != NULL)
        snprintf(run->undo_text, sizeof run->undo_text, "level %.80s", u->level->name);
    else if (u->users == s->now.users && u->spawn_rate > 0)
        snprintf(run->undo_text, sizeof run->undo_text, "spawn rate %.6g/s", u->spawn_rate);
    else
        snprintf(run->undo_text, sizeof run->undo_text, "users %u", u->users);
}

static void fill_parts(const struct session *s, struct snap_run *run)
{
    const struct driver *d = &s->steering.driver;
    struct driver_left left;
    if (d->ops->parts == SNAP_PARTS_NONE)
        return;
    driver_left(d, now_ns(), &left);
    run->parts = d->ops->parts;
    run->part = left.part;
    run->n_parts = left.n_parts;
    run->part_left_s = left.part_s;
    run->waiting = steering_state(&s->steering).ready;
}

/* On the clock of the run, which goes on when another level is picked. */
static double run_ends_s(const struct session *s)
{
    uint64_t start = collect_start_ns(s->collector);
    return start > 0 && s->ends_ns != UINT64_MAX && s->ends_ns > start
               ? (double)(s->ends_ns - start) / (double)NS_PER_S
               : 0;
}

/* Fills in what commands decide, which is known here whatever the collector has published. */
static void fill_setting(const struct session *s, struct snap_run *run)
{
    const struct profile *p = s->now.profile;
    const struct level *l = s->now.level;

    memset(run, 0, sizeof *run);
    clean_text(run->target, sizeof run->target, p->target, strlen(p->target));
    clean_text(run->profile, sizeof run->profile, p->name, strlen(p->name));
    if (l != NULL)
        clean_text(run->level, sizeof run->level, l->name, strlen(l->name));
    run->tls = strncmp(p->target, "https:", 6) == 0;
    run->insecure = p->insecure && p->tls; /* without TLS there is nothing to verify */
    run->http2 = p->http2;
    run->driver = s->now.driver;
    memcpy(run->end_reason, s->end_reason, sizeof run->end_reason);
    run->users_wanted = s->ended ? 0 : s->now.users;
    run->users_cap = p->max_users;
    run->level_users = l != NULL ? l->users : 0;
    run->spawn_rate = s->now.spawn_rate > 0 ? s->now.spawn_rate : s->steering.demand.slope;
    run->grace_s = (double)p->grace_ns / (double)NS_PER_S;
    run->run_time_s = (double)s->run_time_ns / (double)NS_PER_S;
    run->ends_s = run_ends_s(s);
    run->request_budget = s->request_budget;
    run->window = s->window;
    run->changes = s->changes;
    fill_parts(s, run);
    session_describe_undo(s, run);
}

static void fill_bursts(const struct session *s, struct snapshot *snap)
{
    uint32_t first = s->n_bursts > SNAP_BURSTS ? s->n_bursts - SNAP_BURSTS : 0;
    snap->n_bursts = s->n_bursts - first;
    snap->bursts_poor = s->bursts_poor;
    for (uint32_t i = first; i < s->n_bursts; i++)
        snap->bursts[i - first] = s->bursts[i % SNAP_BURSTS];
}

static void fill_breaches(struct session *s, struct snapshot *snap)
{
    const struct profile *p = s->now.profile;
    breach_feed(&s->breaches, snap, (uint64_t)goal_of_all(p, GOAL_P99),
                (uint64_t)goal_of_all(p, GOAL_P95));
    snap->n_breaches = s->breaches.n;
    memcpy(snap->breaches, s->breaches.found, sizeof snap->breaches);
}

/* A load lasts until it is ended or its last request is done, whichever is later; not until
 * this look at it, nor while those are waited for that are given up.  Of -n nothing more is to
 * be done behind the last one. */
static double run_lasted_s(const struct session *s, const struct snapshot *snap)
{
    uint64_t start = collect_start_ns(s->collector);
    double ended_s = s->ended_ns > start ? (double)(s->ended_ns - start) / (double)NS_PER_S : 0;
    bool by_budget = s->budget_done && snap->last_done_s > 0;
    return by_budget || snap->last_done_s > ended_s ? snap->last_done_s : ended_s;
}

_Static_assert(sizeof((struct address_use *)0)->host == sizeof((struct snap_address *)0)->name &&
                   sizeof((struct address_use *)0)->address ==
                       sizeof((struct snap_address *)0)->address,
               "texts are copied whole");

static void fill_addresses(const struct session *s, struct snapshot *snap)
{
    struct address_use uses[SNAP_ADDRESSES];
    snap->n_addresses = (uint32_t)resolver_uses(s->resolver, uses, SNAP_ADDRESSES);
    for (uint32_t i = 0; i < snap->n_addresses; i++) {
        struct snap_address *a = &snap->addresses[i];
        memcpy(a->name, uses[i].host, sizeof a->name);
        memcpy(a->address, uses[i].address, sizeof a->address);
        a->tries = uses[i].tries;
        a->connections = uses[i].connections;
    }
}

/* Figures per second of a run that is over do not fade while somebody looks at them: it lasted
 * as long as it lasted, from when all users have gone. */
static void pause_when_done(struct session *s, const struct snapshot *newest)
{
    if (run_state(s, newest) != SNAP_DONE) {
        s->done_at_s = 0;
        return;
    }
    if (s->done_at_s > 0)
        return;
    s->done_at_s = run_lasted_s(s, newest);
    s->done_stopped_s = s->done_at_s - newest->load_s - newest->drain_s;
    if (s->done_stopped_s < ROUNDING_S)
        s->done_stopped_s = 0;
    collect_pause(s->collector, true);
}

static void fill_run(struct session *s, struct snapshot *snap)
{
    fill_setting(s, &snap->run);
    snap->run.state = run_state(s, snap);
    if (snap->run.state == SNAP_DONE && s->done_at_s > 0) {
        snap->elapsed_s = s->done_at_s;
        snap->stopped_s = s->done_stopped_s;
    }
}

/* Does the run go on as usual?  Time in which the program was stopped does not count, and
 * after a stop this thread may be awake before the one that calls session_gap: not at once. */
static bool was_program_awake(struct session *s, uint64_t now)
{
    uint64_t pause = now - s->looked_ns;
    s->looked_ns = now;
    return !s->suspended && pause < STOPPED_NS;
}

static bool have_users_left(const struct session *s, uint64_t now)
{
    struct generator_state state = steering_state(&s->steering);
    uint32_t possible = session_possible(s, s->now.users);
    struct driver_left left;
    driver_left(&s->steering.driver, now, &left);
    return !left.more && steering_follows(&s->steering, &state) && possible > 0 &&
           state.left == possible && state.users == 0 && demand_reached(&s->steering.demand, now);
}

/* Ends the run whose time, budget or users are spent. */
static void end_spent_run(struct session *s, uint64_t now, bool awake)
{
    char reason[SNAP_TEXT];
    struct generator_state state = steering_state(&s->steering);
    if (awake && now >= s->ends_ns) {
        snprintf(reason, sizeof reason, "the run time of %.6g s is over",
                 (double)s->run_time_ns / (double)NS_PER_S);
        session_end_run(s, reason);
    } else if (state.budget_spent && state.in_flight == 0) {
        snprintf(reason, sizeof reason, "all %llu requests are done",
                 (unsigned long long)s->request_budget);
        s->budget_done = true;
        session_end_run(s, reason);
    } else if (awake && have_users_left(s, now)) {
        session_end_run(s, "all users have ended");
    }
}

/* Since when a target owes a reply and has given none; not later than the end of the load. */
static uint64_t silent_since_ns(const struct session *s, const struct snapshot *snap, uint64_t now)
{
    uint64_t start = collect_start_ns(s->collector), oldest_ns = (uint64_t)(snap->oldest_s * 1e9);
    uint64_t sent = now > oldest_ns ? now - oldest_ns : 0;
    uint64_t done = start + (uint64_t)(snap->last_done_s * 1e9);
    uint64_t since = done > sent ? done : sent;
    return since < s->ended_ns ? since : s->ended_ns;
}

static void give_users_up(struct session *s, uint64_t beyond_ns)
{
    s->steering.order.gives_up = true;
    s->steering.order.beyond_ns = beyond_ns;
    steering_send(&s->steering);
}

/* Requests under way at the end of the load have the grace to be done.  A target that has given
 * no reply for as long has had it already: then only those time-outs are waited for that are
 * due within it. */
static void end_grace(struct session *s, const struct snapshot *snap, uint64_t now)
{
    uint64_t grace_ns = s->now.profile->grace_ns, until_ns = s->ended_ns + grace_ns;
    if (s->gave_up < GAVE_UP_ALL && now >= until_ns) {
        s->gave_up = GAVE_UP_ALL;
        give_users_up(s, 0);
    } else if (s->gave_up == GAVE_UP_NONE && snap->in_flight > 0 && now >= s->ended_ns &&
               now - silent_since_ns(s, snap, now) >= grace_ns) {
        s->gave_up = GAVE_UP_SILENT;
        give_users_up(s, until_ns);
    }
}

/* Memory may grow while users come: only under a load that stands still is it judged. */
static bool is_load_constant(const struct session *s, const struct snapshot *newest, uint64_t now)
{
    return run_state(s, newest) == SNAP_RUNNING && demand_reached(&s->steering.demand, now);
}

/* Does what time brings about: on the collector's thread, ten times a second. */
static void on_tick(const struct snapshot *newest, const struct timeline *seconds, void *arg)
{
    struct session *s = arg;

    pthread_mutex_lock(&s->lock);
    uint64_t now = now_ns();
    bool awake = was_program_awake(s, now);
    if (!s->ended && awake && s->steering.generator != NULL)
        session_drive(s, newest, seconds);
    if (!s->ended && s->steering.generator != NULL)
        end_spent_run(s, now, awake);
    else if (s->ended && awake && s->done_at_s == 0)
        end_grace(s, newest, now);
    if (s->steering.generator != NULL)
        session_mind_load(s);
    pause_when_done(s, newest);
    watch_set_load(s->watch, is_load_constant(s, newest, now));
    pthread_mutex_unlock(&s->lock);
}

/* The session's part of a snapshot, after that. */
static void fill_snapshot(struct snapshot *snap, void *arg)
{
    struct session *s = arg;

    pthread_mutex_lock(&s->lock);
    fill_run(s, snap);
    fill_bursts(s, snap);
    fill_breaches(s, snap);
    fill_addresses(s, snap);
    pthread_mutex_unlock(&s->lock);
}

/* Into the snapshot that is published.  Only the collector can tell when a run is over. */
static void fill_published(struct snapshot *snap, void *arg)
{
    struct session *s = arg;
    enum snap_state published = snap->run.state;
    fill_setting(s, &snap->run);
    snap->run.state = s->ended ? published : run_state(s, snap);
}

void session_publish(struct session *s)
{
    s->changes++;
    collect_republish(s->collector, fill_published, s);
}

void session_snapshot(struct session *s, struct snapshot *out)
{
    collect_snapshot(s->collector, out);
    if (out->run.window != SNAP_ALL && verdict_is_still(out))
        verdict_clear_window(out);
}

/* ------------------------------------------------------------- questions, stops */

void session_probe_snapshot(struct session *s, struct probe_snapshot *out)
{
    watch_snapshot(s->watch, out);
}

size_t session_levels(struct session *s, struct level *out, size_t max, char (*names)[SNAP_NAME])
{
    pthread_mutex_lock(&s->lock);
    const struct profile *p = s->now.profile;
    size_t n = p->n_levels;
    for (size_t i = 0; i < n && i < max; i++) {
        clean_text(names[i], SNAP_NAME, p->levels[i].name, strlen(p->levels[i].name));
        out[i] = p->levels[i];
        out[i].name = names[i];
        out[i].stages = NULL; /* the profile's, which may be gone when this is looked at */
        out[i].mix = NULL;
        out[i].goal = (struct goal){0};
    }
    pthread_mutex_unlock(&s->lock);
    return n;
}

/* Held, and the ramp stands: whichever thread is awake first afterwards, nothing is
 * caught up before session_gap has told how long it was. */
void session_suspend(struct session *s)
{
    pthread_mutex_lock(&s->lock);
    s->suspended = true;
    steering_stand(&s->steering, now_ns());
    pthread_mutex_unlock(&s->lock);
}

void session_gap(struct session *s, uint64_t gap_ns)
{
    pthread_mutex_lock(&s->lock);
    if (s->ends_ns != UINT64_MAX)
        s->ends_ns += gap_ns;
    s->ended_ns += gap_ns;
    for (size_t i = 0; i < s->n_undo; i++)
        if (s->undo[i].ends_ns != UINT64_MAX)
            s->undo[i].ends_ns += gap_ns;
    s->suspended = false;
    steering_go_on(&s->steering, gap_ns, now_ns(), s->hold);
    session_publish(s);
    pthread_mutex_unlock(&s->lock);
    collect_gap(s->collector, gap_ns);
}

static void source_snapshot(void *run, struct snapshot *out)
{
    session_snapshot(run, out);
}

static void source_probe_snapshot(void *run, struct probe_snapshot *out)
{
    session_probe_snapshot(run, out);
}

static bool source_send(void *run, const struct command *c, struct problems *problems,
                        struct err *e)
{
    return session_send(run, c, problems, e);
}

static bool source_asks(void *run)
{
    return session_asks(run);
}

static size_t source_levels(void *run, struct level *out, size_t max, char (*names)[SNAP_NAME])
{
    return session_levels(run, out, max, names);
}

static uint32_t source_classes(void *run, char (*out)[SNAP_NAME])
{
    const struct session *s = run;
    return collect_class_names(s->collector, out);
}

static void source_suspend(void *run)
{
    session_suspend(run);
}

static void source_gap(void *run, uint64_t gap_ns)
{
    session_gap(run, gap_ns);
}

struct run_source session_source(struct session *s)
{
    return (struct run_source){.run = s,
                               .snapshot = source_snapshot,
                               .probe_snapshot = source_probe_snapshot,
                               .send = source_send,
                               .asks = source_asks,
                               .levels = source_levels,
                               .classes = source_classes,
                               .suspend = source_suspend,
                               .gap = source_gap};
}

/* ---------------------------------------------------------------------- life */

bool session_transport_fits(const struct session *s, const struct profile *p, struct err *e)
{
    const struct transport_rules rules = transport_rules_of(p);
    return s->transport->supports(&rules, e);
}

static bool pick_transport(struct session *s, struct err *e)
{
    const struct transport_rules rules = transport_rules_of(s->now.profile);
    s->transport = transport_pick(&rules, e);
    return s->transport != NULL;
}

static bool first_setting(struct session *s, const struct session_config *cfg, struct err *e)
{
    s->now.profile = profile_ref(cfg->profile);
    if (!pick_transport(s, e))
        return false;
    if (cfg->level != NULL) {
        const struct level *l = profile_level(cfg->profile, cfg->level);
        if (l == NULL)
            return err_set(e, "the profile %s has no level \"%s\"", cfg->profile->name, cfg->level);
        const struct driver_ops *driver = driver_of_level(l);
        if (driver->sets_users && (cfg->users_set || cfg->spawn_rate > 0))
            return err_set(e,
                           "the level %s has %s, which say how many users and how fast: "
                           "leave out --users and --spawn-rate",
                           l->name, driver->name);
        session_take_level(s, l);
    }
    if (cfg->users_set)
        s->now.users = cfg->users;
    if (cfg->spawn_rate > 0)
        s->now.spawn_rate = cfg->spawn_rate;
    if (cfg->run_time_ns > 0)
        s->run_time_ns = cfg->run_time_ns;
    return s->now.users == 0 || session_has_room(s, s->now.profile, s->now.level, s->now.users, e);
}

/* A moment that a probe saw.  On its thread. */
static void on_probe_event(const struct snap_event *ev, void *arg)
{
    struct session *s = arg;
    char text[SNAP_TEXT];
    snap_format_event(ev, text, sizeof text);
    collect_mark(s->collector, SNAP_MARK_TARGET, 0, text);
    log_add(ev->kind == EVENT_START ? LOG_LEVEL_INFO : LOG_LEVEL_WARN, "%s", text);
}

bool session_may_exec(struct session *s)
{
    pthread_mutex_lock(&s->lock);
    struct profile *p = s->watched != NULL ? profile_ref(s->watched) : NULL;
    pthread_mutex_unlock(&s->lock);
    struct err e;
    bool may = p != NULL && s->permitted != NULL && s->permitted(p, true, NULL, &e);
    profile_unref(p);
    return may;
}

void session_watch(struct session *s)
{
    static const struct probe_specs none;
    struct profile *p = NULL;
    pthread_mutex_lock(&s->lock);
    if (s->watched != s->now.profile && !s->no_probes) {
        p = profile_ref(s->now.profile);
        profile_unref(s->watched);
        s->watched = profile_ref(p);
    }
    pthread_mutex_unlock(&s->lock);
    if (p == NULL)
        return;
    const struct probe_specs *specs = p->base == NULL ? &p->probes : &none;
    struct err e;
    bool may_exec = specs->n > 0 && s->permitted != NULL && s->permitted(p, true, NULL, &e);
    watch_set_profile(s->watch, specs, may_exec);
    profile_unref(p);
}

/* A database that will soon refuse connections is connected to before the load begins. */
static void start_probes(struct session *s, const struct session_config *cfg)
{
    struct err e;
    const struct watch_config wc = {.event = on_probe_event, .arg = s, .discover = discover};
    s->watch = watch_create(&wc);
    s->no_probes = cfg->no_probes;
    s->permitted = cfg->permitted;
    s->permit = cfg->permit;
    for (size_t i = 0; cfg->probes != NULL && !cfg->no_probes && i < cfg->probes->n; i++)
        if (!watch_add_probe(s->watch, cfg->probes->items[i], &e))
            log_warn("The probe %s is left out: %s.", cfg->probes->items[i]->name, e.text);
    session_watch(s);
    watch_wait_polled(s->watch, SETTLE_NS);
}

static bool start_session(struct session *s, const struct session_config *cfg, struct err *e)
{
    if (!first_setting(s, cfg, e))
        return false;
    s->resolver = resolver_create(NULL);
    const struct collect_config cc = {.workers = s->workers,
                                      .tick = on_tick,
                                      .fill = fill_snapshot,
                                      .arg = s,
                                      .finished = cfg->finished,
                                      .finished_arg = cfg->finished_arg};
    s->collector = collect_create(&cc);
    collect_set_window(s->collector, s->window);
    const struct generator_config gc = {.workers = s->workers,
                                        .collector = s->collector,
                                        .resolver = s->resolver,
                                        .transport = s->transport,
                                        .request_budget = cfg->request_budget,
                                        .seed = cfg->seed != 0 ? cfg->seed : (uint64_t)time(NULL)};
    if (!steering_open(&s->steering, cfg->generator != NULL ? cfg->generator : &generator_local,
                       &gc, e))
        return false;
    start_probes(s, cfg);
    pthread_mutex_lock(&s->lock);
    session_use_mix(s);
    bool ok = collect_start(s->collector, e);
    if (ok) {
        watch_start_axis(s->watch, collect_start_ns(s->collector));
        session_set_run_time(s, s->run_time_ns);
        session_replan(s);
        session_publish(s);
    }
    pthread_mutex_unlock(&s->lock);
    return ok;
}

struct session *session_open(const struct session_config *cfg, struct err *e)
{
    struct session *s = mem_zalloc(sizeof *s);
    s->overrides = cfg->overrides;
    s->request_budget = cfg->request_budget;
    s->workers = cfg->workers != 0 ? cfg->workers : machine_cores();
    if (s->workers > SNAP_WORKERS)
        s->workers = SNAP_WORKERS;
    s->ends_ns = UINT64_MAX;
    s->loads = true; /* as the statistics take it */
    s->window = SNAP_10S;
    pthread_mutex_init(&s->lock, NULL);
    if (!start_session(s, cfg, e)) {
        session_close(s, 0, NULL);
        return NULL;
    }
    return s;
}

/* And for what users do when they end. */
static void wait_for_users(struct session *s, uint64_t grace_ns)
{
    const struct timespec pause = {.tv_nsec = 2000000};
    uint64_t until = now_ns() + grace_ns;
    for (;;) {
        pthread_mutex_lock(&s->lock);
        uint32_t users = steering_state(&s->steering).users;
        pthread_mutex_unlock(&s->lock);
        if (users == 0 || now_ns() >= until)
            return;
        nanosleep(&pause, NULL);
    }
}

void session_close(struct session *s, uint64_t grace_ns, struct snapshot *final)
{
    if (s == NULL)
        return;
    if (s->steering.generator != NULL) {
        pthread_mutex_lock(&s->lock);
        session_end_run(s, "stopped");
        pthread_mutex_unlock(&s->lock);
        wait_for_users(s, grace_ns);
        s->steering.ops->stop(s->steering.generator);
    }
    if (s->collector != NULL) {
        collect_stop(s->collector); /* ticks, and so asks the generator to the last */
        if (final != NULL)
            collect_snapshot(s->collector, final);
    }
    steering_close(&s->steering);
    watch_destroy(s->watch); /* the collector asks it, its threads mark the collector's axis */
    collect_destroy(s->collector);
    resolver_close(s->resolver);
    while (s->n_undo > 0)
        profile_unref(s->undo[--s->n_undo].profile);
    profile_unref(s->watched);
    profile_unref(s->asking);
    profile_unref(s->now.profile);
    pthread_mutex_destroy(&s->lock);
    free(s);
}
