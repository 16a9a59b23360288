/* SPDX-License-Identifier: MIT */
#include "src/run/session.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "src/base/clean.h"
#include "src/base/human.h"
#include "src/base/log.h"
#include "src/base/mem.h"
#include "src/base/now.h"
#include "src/load/limits.h"
#include "src/load/plan.h"
#include "src/load/pool.h"
#include "src/load/transport.h"
#include "src/profile/subject.h"
#include "src/stats/collect.h"

#define UNDO_DEPTH 32
/* Without a spawn rate a change of load takes a second, and a small one less. */
#define AUTO_RATE_MIN 10.0
/* Changes that follow one another this fast are one turn of the knob: one mark. */
#define ONE_TURN_NS (2 * NS_PER_S)
/* Not looked at for so long: the program was stopped meanwhile. */
#define STOPPED_NS (NS_PER_S / 2)

/* What undo brings back. */
struct setting {
    struct profile *profile; /* a reference */
    const struct level *level;
    enum snap_driver driver;
    uint32_t users;
    double spawn_rate;             /* 0: automatic */
    uint64_t run_time_ns, ends_ns; /* as they were: in undo[] only */
};

struct session {
    struct collector *collector;
    struct pool *pool;
    struct profile_overrides overrides;
    uint64_t request_budget;
    unsigned workers;

    /* Held for short copies and for calls into pool and collector, which never call
     * back; the collector calls before_publish without a lock of its own.  Guards all
     * that follows. */
    pthread_mutex_t lock;
    struct setting now;
    struct setting undo[UNDO_DEPTH];
    size_t n_undo;
    struct plan plan;
    bool hold;
    bool pool_spent;      /* all requests of -n are done */
    bool ended;           /* no load any more, until somebody wants some again */
    uint64_t ends_ns;     /* when the run time is over, UINT64_MAX for never */
    uint64_t run_time_ns; /* 0 for none */
    bool suspended;       /* between session_suspend and session_gap */
    uint64_t looked_ns;   /* when before_publish last ran */
    char end_reason[SNAP_TEXT];
    double done_at_s; /* when the last user had gone; 0 while there is load */
    enum snap_window window;
    uint64_t turned_ns;   /* last change of users by hand */
    uint32_t turned_from; /* users before that turn of the knob began */
};

/* ------------------------------------------------------------------- setting */

static struct setting setting_copy(const struct setting *s)
{
    struct setting c = *s;
    c.profile = profile_ref(s->profile);
    return c;
}

static void remember(struct session *s)
{
    if (s->n_undo == UNDO_DEPTH) {
        profile_unref(s->undo[0].profile);
        memmove(&s->undo[0], &s->undo[1], (UNDO_DEPTH - 1) * sizeof s->undo[0]);
        s->n_undo--;
    }
    struct setting *was = &s->undo[s->n_undo++];
    *was = setting_copy(&s->now);
    was->run_time_ns = s->run_time_ns;
    was->ends_ns = s->ends_ns;
}

static double effective_rate(const struct session *s, uint32_t users)
{
    if (s->now.spawn_rate > 0)
        return s->now.spawn_rate;
    double change = fabs((double)users - (double)plan_users_at(&s->plan, now_ns()));
    return fmax(AUTO_RATE_MIN, change);
}

static void set_run_time(struct session *s, uint64_t run_time_ns)
{
    s->run_time_ns = run_time_ns;
    s->ends_ns = run_time_ns > 0 ? now_ns() + run_time_ns : UINT64_MAX;
}

/* Aims at s->now.users from wherever the load is. */
static void replan(struct session *s)
{
    uint64_t now = now_ns();
    if (s->ended) {
        /* All users have gone: a new start, from nothing. */
        s->ended = false;
        s->end_reason[0] = '\0';
        if (s->now.driver == SNAP_DRIVER_MANUAL)
            set_run_time(s, 0); /* the one that ended is spent */
        s->plan = (struct plan){.t0_ns = now, .rate_per_s = 1};
        s->done_at_s = 0;
        collect_rest(s->collector, false);
        pool_set_drain(s->pool, false);
    }
    s->plan = plan_to(&s->plan, now, s->now.users, effective_rate(s, s->now.users));
    pool_set_plan(s->pool, &s->plan);
}

static void end_run(struct session *s, const char *reason)
{
    if (s->ended)
        return;
    s->ended = true;
    s->turned_ns = 0; /* its mark is not the turn of a knob */
    s->ends_ns = UINT64_MAX;
    snprintf(s->end_reason, sizeof s->end_reason, "%s", reason);
    s->plan = (struct plan){.t0_ns = now_ns(), .rate_per_s = 1};
    pool_set_drain(s->pool, true);
    pool_set_plan(s->pool, &s->plan);
    collect_mark(s->collector, SNAP_MARK_LOAD, '.', reason);
    log_info("%s", reason);
}

static void take_level(struct session *s, const struct level *l)
{
    s->now.level = l;
    s->now.driver = SNAP_DRIVER_LEVEL;
    s->now.users = l->users;
    s->now.spawn_rate = l->spawn_rate;
    set_run_time(s, l->run_time_ns);
}

/* ------------------------------------------------------------------ snapshot */

static enum snap_state state_of(const struct session *s, const struct snapshot *snap)
{
    if (s->ended)
        return snap->users == 0 && snap->in_flight == 0 ? SNAP_DONE : SNAP_STOPPING;
    if (s->hold)
        return SNAP_HELD;
    if (snap->users == 0 && s->now.users == 0)
        return SNAP_IDLE;
    return snap->users == s->now.users ? SNAP_RUNNING : SNAP_RAMPING;
}

static void describe_undo(const struct session *s, struct snap_run *run)
{
    run->can_undo = s->n_undo > 0;
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

/* What commands decide: all of it known here, whatever the collector has published. */
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
    run->insecure = p->insecure;
    run->http2 = p->http2;
    run->driver = s->now.driver;
    memcpy(run->end_reason, s->end_reason, sizeof run->end_reason);
    run->users_wanted = s->ended ? 0 : s->now.users;
    run->users_cap = p->max_users;
    run->level_users = l != NULL ? l->users : 0;
    run->spawn_rate = s->now.spawn_rate > 0 ? s->now.spawn_rate : s->plan.rate_per_s;
    run->run_time_s = (double)s->run_time_ns / (double)NS_PER_S;
    run->request_budget = s->request_budget;
    run->window = s->window;
    describe_undo(s, run);
}

static void fill_run(struct session *s, struct snapshot *snap)
{
    fill_setting(s, &snap->run);
    snap->run.state = state_of(s, snap);
    /* Figures per second of a run that is over do not fade while somebody looks at them. */
    if (snap->run.state != SNAP_DONE) {
        s->done_at_s = 0;
    } else if (s->done_at_s > 0) {
        snap->elapsed_s = s->done_at_s;
    } else {
        /* A run of -n requests lasts until the last of them, not until this look at it. */
        bool by_budget = s->pool_spent && snap->last_done_s > 0;
        s->done_at_s = by_budget ? snap->last_done_s : snap->elapsed_s;
        snap->elapsed_s = s->done_at_s;
        collect_rest(s->collector, true);
    }
}

/* Is the run time over?  Time in which the program was stopped does not count, and after
 * a stop this thread may be awake before the one that calls session_gap: not at once. */
static bool time_is_over(struct session *s)
{
    uint64_t now = now_ns(), pause = now - s->looked_ns;
    s->looked_ns = now;
    return now >= s->ends_ns && !s->suspended && pause < STOPPED_NS;
}

/* The collector's thread, ten times a second: what has come to its end? */
static void before_publish(struct snapshot *snap, void *arg)
{
    struct session *s = arg;
    char reason[SNAP_TEXT];

    pthread_mutex_lock(&s->lock);
    bool over = time_is_over(s);
    if (!s->ended && over) {
        snprintf(reason, sizeof reason, "the run time of %.6g s is over",
                 (double)s->run_time_ns / (double)NS_PER_S);
        end_run(s, reason);
    } else if (!s->ended && s->pool != NULL && pool_budget_spent(s->pool) && pool_idle(s->pool)) {
        snprintf(reason, sizeof reason, "all %llu requests are done",
                 (unsigned long long)s->request_budget);
        s->pool_spent = true;
        end_run(s, reason);
    }
    fill_run(s, snap);
    pthread_mutex_unlock(&s->lock);
}

/* The published figures may be older than the last command; the setting must not be: the
 * next key starts from it.  Only the collector can tell when a run is over. */
void session_snapshot(struct session *s, struct snapshot *out)
{
    collect_snapshot(s->collector, out);
    pthread_mutex_lock(&s->lock);
    enum snap_state published = out->run.state;
    fill_setting(s, &out->run);
    out->run.state = s->ended ? published : state_of(s, out);
    pthread_mutex_unlock(&s->lock);
}

/* ------------------------------------------------------------------ commands */

static bool load_allowed(struct session *s, int64_t users, struct err *e)
{
    if (users < 0 || users > (int64_t)PROFILE_MAX_USERS)
        return err_set(e, "users must be between 0 and %u, not %lld", PROFILE_MAX_USERS,
                       (long long)users);
    if (users > 0 && pool_budget_spent(s->pool))
        return err_set(e, "all %llu requests (-n) have been made: start a new run for more",
                       (unsigned long long)s->request_budget);
    return limits_fit((uint32_t)users, s->workers, e);
}

static void mark_users(struct session *s, uint32_t from)
{
    char text[SNAP_NAME], was[HUMAN_MAX], is[HUMAN_MAX];
    uint64_t now = now_ns();
    bool same_turn = now - s->turned_ns < ONE_TURN_NS;
    if (!same_turn)
        s->turned_from = from;
    s->turned_ns = now;
    snprintf(text, sizeof text, "users %s to %s", human_count(was, sizeof was, s->turned_from),
             human_count(is, sizeof is, s->now.users));
    if (same_turn)
        collect_mark_again(s->collector, text);
    else
        collect_mark(s->collector, SNAP_MARK_LOAD, 0, text);
}

static bool set_users(struct session *s, int64_t users, struct err *e)
{
    if (!load_allowed(s, users, e))
        return false;
    uint32_t from = s->ended ? 0 : s->now.users;
    if ((uint32_t)users == from && s->now.driver == SNAP_DRIVER_MANUAL)
        return true;
    remember(s);
    if (s->now.driver == SNAP_DRIVER_LEVEL)
        set_run_time(s, 0); /* the level's end is part of the level: manual wins */
    s->now.driver = SNAP_DRIVER_MANUAL;
    s->now.users = (uint32_t)users;
    replan(s);
    mark_users(s, from);
    return true;
}

static bool set_spawn_rate(struct session *s, double rate, struct err *e)
{
    if (!(rate > 0) || rate > 1e6)
        return err_set(e, "the spawn rate must be between 0 and 1,000,000 users per second");
    remember(s);
    s->now.spawn_rate = rate;
    if (!s->ended)
        replan(s);
    return true;
}

static bool set_hold(struct session *s, int64_t how)
{
    bool hold = how < 0 ? !s->hold : how != 0;
    if (hold == s->hold)
        return true;
    s->hold = hold;
    s->turned_ns = 0; /* this mark ends a turn of the knob */
    pool_set_hold(s->pool, hold);
    collect_mark(s->collector, SNAP_MARK_LOAD, hold ? '|' : '>', hold ? "held" : "goes on");
    return true;
}

static bool set_level(struct session *s, const char *name, struct err *e)
{
    char text[SNAP_NAME];
    const struct level *l = profile_level(s->now.profile, name);
    if (l == NULL)
        return err_set(e, "the profile %s has no level \"%s\"", s->now.profile->name, name);
    if (!load_allowed(s, l->users, e))
        return false;
    remember(s);
    s->turned_ns = 0;
    take_level(s, l);
    replan(s);
    snprintf(text, sizeof text, "level %.60s", l->name);
    collect_mark(s->collector, SNAP_MARK_PROFILE, 0, text);
    return true;
}

static bool resume_plan(struct session *s, struct err *e)
{
    const struct level *l = s->now.level;
    if (l == NULL)
        return err_set(e, "no level to go back to: pick one with p");
    if (s->now.driver == SNAP_DRIVER_LEVEL && !s->ended)
        return err_set(e, "the level %s drives already", l->name);
    return set_level(s, l->name, e);
}

/* Puts a setting in force, its profile included; takes over its reference. */
static void apply(struct session *s, struct setting to)
{
    if (to.profile != s->now.profile)
        pool_set_profile(s->pool, to.profile, NULL);
    profile_unref(s->now.profile);
    s->now = to;
    replan(s);
}

/* A level that comes back starts its run time afresh; a load by hand goes on with the
 * end it had. */
static void undo_run_time(struct session *s, const struct setting *to)
{
    bool by_level = to->driver == SNAP_DRIVER_LEVEL;
    if (by_level && (s->ended || s->now.driver != to->driver || s->now.level != to->level)) {
        set_run_time(s, to->run_time_ns);
    } else if (!by_level && to->ends_ns > now_ns()) {
        s->run_time_ns = to->run_time_ns;
        s->ends_ns = to->ends_ns;
    } else if (!by_level) {
        set_run_time(s, 0);
    }
}

static bool undo(struct session *s, struct err *e)
{
    char text[SNAP_NAME];
    if (s->n_undo == 0)
        return err_set(e, "nothing to undo");
    if (!load_allowed(s, s->undo[s->n_undo - 1].users, e))
        return false;
    struct snap_run run = {0};
    describe_undo(s, &run);
    struct setting to = s->undo[--s->n_undo];
    undo_run_time(s, &to);
    s->turned_ns = 0;
    apply(s, to);
    snprintf(text, sizeof text, "undo: %.80s", run.undo_text);
    collect_mark(s->collector, SNAP_MARK_LOAD, 0, text);
    return true;
}

static bool use_profile(struct session *s, struct profile *p, bool keep_users, struct err *e)
{
    char text[SNAP_NAME];
    const struct level *was = s->now.level;
    const struct level *l = was != NULL ? profile_level(p, was->name) : NULL;
    bool driven = s->now.driver == SNAP_DRIVER_LEVEL;
    bool by_level = l != NULL && driven && !keep_users;

    if (by_level && !load_allowed(s, l->users, e))
        return false;
    remember(s);
    struct setting to = {.profile = profile_ref(p),
                         .level = l,
                         .driver = SNAP_DRIVER_MANUAL,
                         .users = s->ended ? 0 : s->now.users,
                         .spawn_rate = s->now.spawn_rate};
    apply(s, to);
    if (by_level) {
        take_level(s, l);
        replan(s);
    } else if (driven) {
        set_run_time(s, 0); /* it was the level's */
    }
    snprintf(text, sizeof text, "profile %.60s", p->name);
    collect_mark(s->collector, SNAP_MARK_PROFILE, 0, text);
    return true;
}

/* Reads it outside the lock: a slow disk must not hold up the statistics. */
static struct profile *load_profile(struct session *s, const char *what, struct problems *problems)
{
    struct profile_overrides o = s->overrides;
    if (!subject_is_file(what))
        o.host = NULL; /* a URL picked by hand names its own target */
    return subject_open(what, &o, problems);
}

static bool transport_fits(const struct profile *p, struct err *e)
{
    const struct transport_rules rules = {.insecure = p->insecure, .http2 = p->http2};
    return transport_supports(&rules, p->target, e);
}

static bool set_profile(struct session *s, const struct command *c, struct problems *problems,
                        struct err *e)
{
    struct problems own = {0};
    struct problems *list = problems != NULL ? problems : &own;
    struct profile *p = load_profile(s, c->text, list);
    bool ok = p != NULL && transport_fits(p, e);
    if (p == NULL) {
        err_set(e, "%s%s", list->n > 0 ? list->lines[0] : "the profile cannot be read",
                list->n > 1 ? " (and more: see the log)" : "");
    } else if (ok) {
        pthread_mutex_lock(&s->lock);
        ok = use_profile(s, p, c->n != 0, e);
        pthread_mutex_unlock(&s->lock);
    }
    profile_unref(p);
    problems_finish(&own);
    return ok;
}

bool session_send(struct session *s, const struct command *c, struct problems *problems,
                  struct err *e)
{
    bool ok = true;

    if (c->kind == COMMAND_PROFILE)
        return set_profile(s, c, problems, e);
    pthread_mutex_lock(&s->lock);
    switch (c->kind) {
    case COMMAND_USERS_SET:
        ok = set_users(s, c->n, e);
        break;
    case COMMAND_USERS_ADD: {
        int64_t users = (s->ended ? 0 : (int64_t)s->now.users) + c->n;
        ok = set_users(s, users < 0 ? 0 : users, e);
        break;
    }
    case COMMAND_SPAWN_RATE:
        ok = set_spawn_rate(s, c->rate, e);
        break;
    case COMMAND_HOLD:
        ok = set_hold(s, c->n);
        break;
    case COMMAND_UNDO:
        ok = undo(s, e);
        break;
    case COMMAND_LEVEL:
        ok = set_level(s, c->text, e);
        break;
    case COMMAND_RESUME_PLAN:
        ok = resume_plan(s, e);
        break;
    case COMMAND_WINDOW:
        s->window = c->n >= 0 && c->n < SNAP_WINDOWS ? (enum snap_window)c->n : s->window;
        collect_set_window(s->collector, s->window);
        break;
    case COMMAND_MARK:
        collect_mark(s->collector, SNAP_MARK_USER, 0, c->text);
        break;
    case COMMAND_STOP:
        end_run(s, "stopped");
        break;
    case COMMAND_PROFILE:
        break;
    }
    pthread_mutex_unlock(&s->lock);
    return ok;
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
    }
    pthread_mutex_unlock(&s->lock);
    return n;
}

/* Held, and the ramp stands: whichever thread is awake first afterwards, nothing is
 * caught up before session_gap has told how long it was. */
void session_suspend(struct session *s)
{
    pthread_mutex_lock(&s->lock);
    uint64_t now = now_ns();
    uint32_t users = plan_users_at(&s->plan, now);
    const struct plan stands = {.t0_ns = now, .from = users, .to = users, .rate_per_s = 1};
    s->suspended = true;
    pool_set_plan(s->pool, &stands);
    pool_set_hold(s->pool, true);
    pool_rebase(s->pool);
    pthread_mutex_unlock(&s->lock);
}

void session_gap(struct session *s, uint64_t gap_ns)
{
    pthread_mutex_lock(&s->lock);
    uint64_t now = now_ns();
    if (s->ends_ns != UINT64_MAX)
        s->ends_ns += gap_ns;
    for (size_t i = 0; i < s->n_undo; i++)
        if (s->undo[i].ends_ns != UINT64_MAX)
            s->undo[i].ends_ns += gap_ns;
    s->plan.t0_ns = s->plan.t0_ns + gap_ns < now ? s->plan.t0_ns + gap_ns : now;
    s->suspended = false;
    pool_set_plan(s->pool, &s->plan);
    pool_rebase(s->pool);
    pool_set_hold(s->pool, s->hold);
    pthread_mutex_unlock(&s->lock);
    collect_gap(s->collector, gap_ns);
}

/* ---------------------------------------------------------------------- life */

static bool first_setting(struct session *s, const struct session_config *cfg, struct err *e)
{
    s->now.profile = profile_ref(cfg->profile);
    if (!transport_fits(cfg->profile, e))
        return false;
    if (cfg->level != NULL) {
        const struct level *l = profile_level(cfg->profile, cfg->level);
        if (l == NULL)
            return err_set(e, "the profile %s has no level \"%s\"", cfg->profile->name, cfg->level);
        take_level(s, l);
    }
    if (cfg->users_set)
        s->now.users = cfg->users;
    if (cfg->spawn_rate > 0)
        s->now.spawn_rate = cfg->spawn_rate;
    if (cfg->run_time_ns > 0)
        s->run_time_ns = cfg->run_time_ns;
    return s->now.users == 0 || limits_fit(s->now.users, s->workers, e);
}

static bool start(struct session *s, const struct session_config *cfg, struct err *e)
{
    if (!first_setting(s, cfg, e))
        return false;
    const struct collect_config cc = {
        .workers = s->workers, .before_publish = before_publish, .arg = s};
    s->collector = collect_create(&cc);
    collect_set_window(s->collector, s->window);
    const struct pool_config pc = {.workers = s->workers,
                                   .collector = s->collector,
                                   .request_budget = cfg->request_budget,
                                   .seed = cfg->seed != 0 ? cfg->seed : (uint64_t)time(NULL)};
    s->pool = pool_create(&pc, e);
    if (s->pool == NULL)
        return false;
    pthread_mutex_lock(&s->lock);
    pool_set_profile(s->pool, s->now.profile, NULL);
    bool ok = collect_start(s->collector, e);
    if (ok) {
        s->plan = (struct plan){.t0_ns = now_ns(), .rate_per_s = 1};
        set_run_time(s, s->run_time_ns);
        replan(s);
    }
    pthread_mutex_unlock(&s->lock);
    return ok;
}

struct session *session_open(const struct session_config *cfg, struct err *e)
{
    struct session *s = mem_zalloc(sizeof *s);
    s->overrides = cfg->overrides;
    s->request_budget = cfg->request_budget;
    s->workers = cfg->workers != 0 ? cfg->workers : limits_cores();
    if (s->workers > SNAP_WORKERS)
        s->workers = SNAP_WORKERS;
    s->ends_ns = UINT64_MAX;
    s->window = SNAP_10S;
    pthread_mutex_init(&s->lock, NULL);
    if (!start(s, cfg, e)) {
        session_close(s, 0, NULL);
        return NULL;
    }
    return s;
}

static void wait_for_replies(struct session *s, uint64_t grace_ns)
{
    const struct timespec pause = {.tv_nsec = 2000000};
    uint64_t until = now_ns() + grace_ns;
    while (!pool_idle(s->pool) && now_ns() < until)
        nanosleep(&pause, NULL);
}

void session_close(struct session *s, uint64_t grace_ns, struct snapshot *final)
{
    if (s == NULL)
        return;
    if (s->pool != NULL) {
        pthread_mutex_lock(&s->lock);
        end_run(s, "stopped");
        pthread_mutex_unlock(&s->lock);
        wait_for_replies(s, grace_ns);
        pool_destroy(s->pool); /* an ended session's pool is not asked anything any more */
    }
    if (s->collector != NULL) {
        collect_stop(s->collector);
        if (final != NULL)
            collect_snapshot(s->collector, final);
    }
    collect_destroy(s->collector);
    while (s->n_undo > 0)
        profile_unref(s->undo[--s->n_undo].profile);
    profile_unref(s->now.profile);
    pthread_mutex_destroy(&s->lock);
    free(s);
}
