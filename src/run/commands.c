/* SPDX-License-Identifier: MIT */
/* Carries out the commands that a user sends a session. */
#include <stdio.h>
#include <string.h>

#include "src/base/human.h"
#include "src/base/now.h"
#include "src/profile/subject.h"
#include "src/run/session_inner.h"

/* Changes that follow one another this fast are one turn of the knob: one mark. */
#define ONE_TURN_NS (2 * NS_PER_S)

static struct setting setting_copy(const struct setting *s)
{
    struct setting c = *s;
    c.profile = profile_ref(s->profile);
    return c;
}

static void remember_setting(struct session *s)
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
    if (s->ended && s->now.driver == SNAP_DRIVER_MANUAL) { /* there was no load any more */
        was->users = 0;
        was->run_time_ns = 0;
    }
}

static bool load_allowed(const struct session *s, const struct profile *p, const struct level *l,
                         int64_t users, struct err *e)
{
    char most[HUMAN_MAX];
    if (users < 0 || users > (int64_t)PROFILE_MAX_USERS)
        return err_set(e, "users must be between 0 and %s, not %lld",
                       human_count(most, sizeof most, PROFILE_MAX_USERS), (long long)users);
    if (users > 0 && steering_state(&s->steering).budget_spent)
        return err_set(e, "all %llu requests (-n) have been made: start a new run for more",
                       (unsigned long long)s->request_budget);
    return session_has_room(s, p, l, (uint32_t)users, e);
}

static void mark_users(struct session *s, uint32_t from)
{
    char text[SNAP_NAME], was[HUMAN_MAX], is[HUMAN_MAX];
    uint64_t now = now_ns();
    bool same_turn = now - s->knob_turned_ns < ONE_TURN_NS;
    if (!same_turn)
        s->knob_turned_from = from;
    s->knob_turned_ns = now;
    snprintf(text, sizeof text, "users %s to %s", human_count(was, sizeof was, s->knob_turned_from),
             human_count(is, sizeof is, s->now.users));
    if (same_turn)
        collect_mark_again(s->collector, text);
    else
        collect_mark(s->collector, SNAP_MARK_LOAD, 0, text);
}

/* A hand takes over the users, not the end: a level ends when it said it would, also on a box
 * that somebody has left alone.  Bursts have no run time; they end where the last one would. */
static void take_over_users(struct session *s)
{
    struct driver_left left;
    driver_left(&s->steering.driver, now_ns(), &left);
    if (s->now.driver == SNAP_DRIVER_LEVEL && s->ends_ns == UINT64_MAX && left.whole_s >= 0)
        session_set_run_time(s, (uint64_t)(left.whole_s * (double)NS_PER_S));
    s->now.driver = SNAP_DRIVER_MANUAL;
}

static bool set_users(struct session *s, int64_t users, struct err *e)
{
    if (!load_allowed(s, s->now.profile, s->now.level, users, e))
        return false;
    uint32_t from = s->ended ? 0 : s->now.users;
    if ((uint32_t)users == from && s->now.driver == SNAP_DRIVER_MANUAL)
        return true;
    remember_setting(s);
    take_over_users(s);
    s->now.users = (uint32_t)users;
    session_replan(s);
    mark_users(s, from);
    return true;
}

static bool set_spawn_rate(struct session *s, double rate, struct err *e)
{
    if (!(rate > 0) || rate > 1e6)
        return err_set(e, "the spawn rate must be between 0 and 1,000,000 users per second");
    const struct driver_ops *driver = s->steering.driver.ops;
    if (driver->parts != SNAP_PARTS_NONE)
        return err_set(e, "the level %s says how fast its %s come: +, = and :users take over",
                       s->now.level->name, driver->name);
    remember_setting(s);
    s->now.spawn_rate = rate;
    if (!s->ended)
        session_replan(s);
    return true;
}

static bool set_hold(struct session *s, int64_t how)
{
    bool hold = how < 0 ? !s->hold : how != 0;
    if (hold == s->hold)
        return true;
    s->hold = hold;
    s->knob_turned_ns = 0; /* this mark ends a turn of the knob */
    s->steering.order.hold = hold;
    steering_send(&s->steering);
    collect_mark(s->collector, SNAP_MARK_LOAD, hold ? '|' : '>', hold ? "held" : "goes on");
    return true;
}

/* Whether giving the load back to that level goes on with its time.  Stages and bursts begin
 * from the first one again, and their time with them. */
static bool is_level_under_way(const struct session *s, const struct level *l)
{
    return !s->ended && s->now.level == l && s->now.driver == SNAP_DRIVER_MANUAL &&
           driver_of_level(l)->parts == SNAP_PARTS_NONE && s->ends_ns != UINT64_MAX;
}

static void begin_level(struct session *s, const struct level *l, bool goes_on)
{
    uint64_t run_time_ns = s->run_time_ns, ends_ns = s->ends_ns;
    session_take_level(s, l);
    if (!goes_on)
        return;
    s->run_time_ns = run_time_ns;
    s->ends_ns = ends_ns;
}

static bool set_level(struct session *s, const char *name, bool goes_on, struct err *e)
{
    char text[SNAP_NAME];
    const struct level *l = profile_level(s->now.profile, name);
    if (l == NULL)
        return err_set(e, "the profile %s has no level \"%s\"", s->now.profile->name, name);
    if (!load_allowed(s, s->now.profile, l, l->users, e))
        return false;
    remember_setting(s);
    s->knob_turned_ns = 0;
    begin_level(s, l, goes_on && is_level_under_way(s, l));
    session_use_mix(s);
    snprintf(text, sizeof text, "level %.60s", l->name);
    collect_mark(s->collector, SNAP_MARK_PROFILE, 0, text);
    session_replan(s); /* the marks of its driver come behind */
    return true;
}

static bool resume_plan(struct session *s, struct err *e)
{
    const struct level *l = s->now.level;
    if (l == NULL)
        return err_set(e, "no level to go back to: pick one with p");
    if (s->now.driver == SNAP_DRIVER_LEVEL && !s->ended)
        return err_set(e, "the level %s drives already", l->name);
    return set_level(s, l->name, true, e);
}

/* Puts a setting in force, its profile included; takes over its reference. */
static void apply_setting(struct session *s, struct setting to)
{
    bool other = to.profile != s->now.profile || to.level != s->now.level;
    profile_unref(s->now.profile);
    s->now = to;
    if (other)
        session_use_mix(s);
    session_replan(s);
}

/* A level that comes back starts its run time afresh, unless only its users were touched
 * meanwhile; a load by hand goes on with the end it had. */
static void undo_run_time(struct session *s, const struct setting *to)
{
    bool by_level = to->driver == SNAP_DRIVER_LEVEL;
    if (by_level && to->level == s->now.level && is_level_under_way(s, to->level))
        return;
    if (by_level && (s->ended || s->now.driver != to->driver || s->now.level != to->level)) {
        session_set_run_time(s, to->run_time_ns);
    } else if (!by_level && to->ends_ns > now_ns()) {
        s->run_time_ns = to->run_time_ns;
        s->ends_ns = to->ends_ns;
    } else if (!by_level) {
        session_set_run_time(s, 0);
    }
}

static bool undo_setting(struct session *s, struct err *e)
{
    char text[SNAP_NAME];
    if (s->n_undo == 0)
        return err_set(e, "nothing to undo");
    const struct setting *before = &s->undo[s->n_undo - 1];
    if (!load_allowed(s, before->profile, before->level, before->users, e))
        return false;
    struct snap_run run = {0};
    session_describe_undo(s, &run);
    struct setting to = s->undo[--s->n_undo];
    undo_run_time(s, &to);
    s->knob_turned_ns = 0;
    apply_setting(s, to);
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
    uint32_t users = s->ended ? 0 : s->now.users;

    if (by_level ? !load_allowed(s, p, l, l->users, e) : !session_has_room(s, p, l, users, e))
        return false;
    remember_setting(s);
    struct setting to = {.profile = profile_ref(p),
                         .level = l,
                         .driver = SNAP_DRIVER_MANUAL,
                         .users = users,
                         .spawn_rate = s->now.spawn_rate};
    apply_setting(s, to);
    if (by_level) {
        session_take_level(s, l);
        session_replan(s);
    } else if (driven) {
        session_set_run_time(s, 0); /* the one until now was the level's */
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

/* Returns the very profile that was shown and agreed to, whatever its file says by now. */
static struct profile *asked_profile(struct session *s, const struct command *c)
{
    struct profile *p = s->asking;
    s->asking = NULL;
    if (c->agreed)
        return p;
    profile_unref(p);
    return NULL;
}

static bool is_profile_permitted(struct session *s, bool agreed, struct profile *p,
                                 struct problems *asks, struct err *e)
{
    if (agreed && s->permit != NULL)
        return s->permit(p, e);
    if (s->permitted == NULL || s->permitted(p, !s->no_probes, asks, e))
        return true;
    s->asking = profile_ref(p);
    return false;
}

bool session_asks(struct session *s)
{
    return s->asking != NULL;
}

static bool set_profile(struct session *s, const struct command *c, struct problems *problems,
                        struct err *e)
{
    struct problems own = {0};
    struct problems *list = problems != NULL ? problems : &own;
    struct profile *p = asked_profile(s, c);
    bool agreed = p != NULL;
    if (!agreed)
        p = load_profile(s, c->text, list);
    bool ok =
        p != NULL && session_transport_fits(s, p, e) && is_profile_permitted(s, agreed, p, list, e);
    if (p == NULL && list->n > 1) { /* said first: a narrow screen cuts the end */
        err_set(e, "%zu mistakes, all in the log; %s", list->n + list->dropped, list->lines[0]);
    } else if (p == NULL) {
        err_set(e, "%s", list->n > 0 ? list->lines[0] : "the profile cannot be read");
    } else if (ok) {
        pthread_mutex_lock(&s->lock);
        ok = use_profile(s, p, c->n != 0, e);
        session_publish(s);
        pthread_mutex_unlock(&s->lock);
    }
    profile_unref(p);
    problems_finish(&own);
    return ok;
}

static bool add_probe(struct session *s, const char *text, struct err *e)
{
    struct probe_spec *spec = probe_spec_parse(text, e);
    bool ok = spec != NULL && watch_add_probe(s->watch, spec, e);
    probe_spec_unref(spec);
    return ok;
}

static void discover_probes(struct session *s)
{
    pthread_mutex_lock(&s->lock);
    struct profile *p = profile_ref(s->now.profile);
    pthread_mutex_unlock(&s->lock);
    watch_discover(s->watch, p->target);
    profile_unref(p);
}

/* Probes need no lock of the session.  False: the command is for something else. */
static bool send_to_probes(struct session *s, const struct command *c, bool *ok, struct err *e)
{
    *ok = true;
    switch (c->kind) {
    case COMMAND_PROBE_ADD:
        *ok = add_probe(s, c->text, e);
        return true;
    case COMMAND_PROBE_ASK:
        *ok = watch_ask_detail(s->watch, (uint32_t)c->n, e);
        return true;
    case COMMAND_PROBE_RETRY:
        *ok = watch_retry_probe(s->watch, (uint32_t)c->n, session_may_exec(s), e);
        return true;
    case COMMAND_PROBE_END:
        watch_stop_probe(s->watch, (uint32_t)c->n);
        return true;
    case COMMAND_DISCOVER:
        discover_probes(s);
        return true;
    default:
        return false;
    }
}

static bool send_to_load(struct session *s, const struct command *c, struct err *e)
{
    bool ok = true;
    pthread_mutex_lock(&s->lock);
    switch (c->kind) {
    case COMMAND_USERS_SET:
        ok = set_users(s, c->n, e);
        break;
    case COMMAND_USERS_ADD: {
        int64_t now = s->ended ? 0 : s->now.users;
        int64_t users = c->n > INT64_MAX - now ? INT64_MAX : now + c->n;
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
        ok = undo_setting(s, e);
        break;
    case COMMAND_LEVEL:
        ok = set_level(s, c->text, false, e);
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
        session_end_run(s, "stopped");
        break;
    default:
        break;
    }
    session_mind_load(s);
    session_publish(s);
    pthread_mutex_unlock(&s->lock);
    return ok;
}

bool session_send(struct session *s, const struct command *c, struct problems *problems,
                  struct err *e)
{
    bool ok;
    if (send_to_probes(s, c, &ok, e))
        return ok;
    ok = c->kind == COMMAND_PROFILE ? set_profile(s, c, problems, e) : send_to_load(s, c, e);
    session_watch(s); /* a profile may have come, or come back */
    return ok;
}
