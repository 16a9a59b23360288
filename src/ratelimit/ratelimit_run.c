/* SPDX-License-Identifier: MIT */
#include "src/ratelimit/ratelimit_run.h"

#include <stdio.h>
#include <string.h>

#include "src/base/clean.h"
#include "src/base/mem.h"
#include "src/base/now.h"
#include "src/load/client.h"
#include "src/profile/goal.h"
#include "src/profile/profile.h"
#include "src/run/signals.h"

#define OTHER_ADDRESS "127.0.0.2"
/* Requests in a row without a reply, until it is given up; and the pause before the next. */
#define LOST_MAX 3u
#define LOST_PAUSE_NS (200 * NS_PER_MS)
#define TELL_NS (200 * NS_PER_MS)
/* Between two requests that see whether it has recovered; doubling where nobody says. */
#define PAUSE_NS NS_PER_S
#define PAUSE_MAX_NS (30 * NS_PER_S)

enum answer { ANSWER_ACCEPTED, ANSWER_REFUSED, ANSWER_LOST, ANSWER_STOPPED };

/* The trial of one limit. */
struct trial {
    const struct ratelimit_config *cfg;
    const struct rate_limit *limit;
    struct ratelimit *one;
    struct client_env *env;
    uint32_t number; /* user A's; B's is the next */
    struct client *a;
    uint64_t told_ns;    /* last call of progress */
    uint64_t first_ns;   /* the first request */
    uint64_t refused_ns; /* the first refusal */
    /* by the newest refusal */
    uint64_t due_ns;
    enum ratelimit_source told_by;
    uint64_t fingerprint; /* A's newest request */
    bool loopback;
};

static void copy_clean(char *to, size_t size, const char *text)
{
    clean_text(to, size, text, strlen(text));
}

static double seconds_between(uint64_t from_ns, uint64_t to_ns)
{
    return to_ns > from_ns ? (double)(to_ns - from_ns) / 1e9 : 0;
}

static void trial_progress(struct trial *p, enum ratelimit_phase phase, double left_s)
{
    uint64_t now = now_ns();
    if (p->cfg->progress == NULL || (phase != RATELIMIT_DONE && now < p->told_ns + TELL_NS))
        return;
    p->told_ns = now;
    p->cfg->progress(p->one, phase, left_s, p->cfg->arg);
}

/* ------------------------------------------------------------------- one question */

static enum answer trial_answer(struct trial *p, const struct client_reply *r)
{
    p->one->reached = p->one->reached || r->head.status != 0;
    if (r->stopped)
        return ANSWER_STOPPED;
    if (r->head.status == 0)
        return ANSWER_LOST;
    return r->head.status == p->limit->status ? ANSWER_REFUSED : ANSWER_ACCEPTED;
}

/* Sends A's next request; notes when the target says that it may come again. */
static enum answer trial_ask(struct trial *p, struct client_reply *r, struct quota *q)
{
    client_request(p->a, p->limit->request, r);
    enum answer answer = trial_answer(p, r);
    p->fingerprint = r->fingerprint;
    p->loopback = r->loopback;
    *q = (struct quota){.limit = {.there = false}};
    if (answer <= ANSWER_REFUSED)
        *q = quota_read(&r->head, now_wall_s(), r->retry_after_s);
    if (answer != ANSWER_REFUSED)
        return answer;
    const struct quota_value *v = q->retry_after.readable ? &q->retry_after : &q->reset;
    p->told_by = RATELIMIT_SILENCE;
    if (v->readable && v->value < 1e8) {
        p->told_by = v == &q->reset ? RATELIMIT_RESET : RATELIMIT_RETRY_AFTER;
        p->due_ns = r->done_ns + (uint64_t)(v->value * 1e9);
    }
    return answer;
}

static bool is_still_refused(struct trial *p)
{
    struct client_reply r;
    struct quota q;
    return trial_ask(p, &r, &q) == ANSWER_REFUSED;
}

/* Opens a user, which goes through on_start if the limit wants it.  NULL with half a sentence;
 * *last is its last reply. */
static struct client *trial_open_user(struct trial *p, uint32_t number, const char *from,
                                      struct client_reply *last, struct err *why)
{
    const struct user_class *cls = &p->cfg->profile->classes[p->limit->class];
    struct client *u = client_open(p->env, p->limit->class, number, from, why);
    *last = (struct client_reply){.fail = FAIL_NONE};
    bool ok = u != NULL && (!p->limit->on_start || client_run_steps(u, &cls->on_start, last, why));
    if (last->head.status != 0)
        p->one->reached = true;
    if (ok && !client_take_rows(u, &p->limit->steps))
        ok = err_set(why, "a feeder has no row left for it");
    if (ok)
        return u;
    client_close(u);
    return NULL;
}

/* --------------------------------------------------------------------- the search */

static void count_accepted(struct ratelimit *one, const struct client_reply *r,
                           const struct quota *q)
{
    one->accepted++;
    quota_trail_add(&one->trail, q, true);
    if (r->fail == FAIL_NONE)
        return;
    if (one->unexpected++ == 0)
        snprintf(one->unexpected_why, sizeof one->unexpected_why, "%s", r->why);
}

static void note_refusal(struct trial *p, const struct client_reply *r, const struct quota *q)
{
    p->one->end = RATELIMIT_FOUND;
    p->one->refusal = *q;
    p->refused_ns = r->done_ns;
    quota_trail_add(&p->one->trail, q, false);
}

static void note_last_loss(struct ratelimit *one, const struct client_reply *r)
{
    one->end = RATELIMIT_LOST;
    snprintf(one->why, sizeof one->why, "%s", r->why);
}

/* Counts a request without a reply.  False: they are enough, or the trial is stopped. */
static bool count_loss(struct trial *p, const struct client_reply *r, unsigned *losses)
{
    p->one->unanswered += r->fail != FAIL_NO_VALUE;
    if (++*losses == LOST_MAX || r->fail == FAIL_NO_VALUE) {
        note_last_loss(p->one, r);
        return false;
    }
    return client_env_wait(p->env, now_ns() + LOST_PAUSE_NS);
}

static void search_refusal(struct trial *p)
{
    struct ratelimit *one = p->one;
    struct client_reply r = {.done_ns = 0};
    struct quota q;
    unsigned losses = 0;
    bool on = true;
    quota_trail_begin(&one->trail);
    p->first_ns = now_ns();
    while (on && one->accepted < p->limit->max_requests) {
        trial_progress(p, RATELIMIT_SEARCHING, 0);
        switch (trial_ask(p, &r, &q)) {
        case ANSWER_ACCEPTED:
            losses = 0;
            count_accepted(one, &r, &q);
            break;
        case ANSWER_REFUSED:
            note_refusal(p, &r, &q);
            on = false;
            break;
        case ANSWER_LOST:
            on = count_loss(p, &r, &losses);
            break;
        case ANSWER_STOPPED:
            on = false;
            break;
        }
    }
    one->took_s = seconds_between(p->first_ns, r.done_ns);
    if (on)
        one->end = RATELIMIT_NEVER;
}

static void verify_refusal(struct trial *p)
{
    struct client_reply r;
    struct quota q;
    enum answer a = trial_ask(p, &r, &q);
    p->one->held_asked = a <= ANSWER_REFUSED;
    p->one->held = a == ANSWER_REFUSED;
}

/* ----------------------------------------------------------------------- the scope */

/* Sends a request of user B, from that address unless it is NULL. */
static enum answer ask_second_user(struct trial *p, const char *from)
{
    struct ratelimit *one = p->one;
    struct client_reply r;
    struct err why;
    struct client *b = trial_open_user(p, p->number + 1, from, &r, &why);
    if (b == NULL) {
        enum answer answer = r.fail == FAIL_NONE ? ANSWER_LOST : trial_answer(p, &r);
        one->told_apart = true; /* B never sent the same as A */
        copy_clean(one->scope_why, sizeof one->scope_why, why.text);
        return answer == ANSWER_ACCEPTED ? ANSWER_LOST : answer;
    }
    client_request(b, p->limit->request, &r);
    enum answer answer = trial_answer(p, &r);
    one->told_apart = r.fingerprint != p->fingerprint || client_has_cookies(b);
    if (answer == ANSWER_LOST)
        copy_clean(one->scope_why, sizeof one->scope_why, r.why);
    client_close(b);
    return answer;
}

static void compare_users(struct trial *p)
{
    static const char gone[] = "the limit was over before the second user was answered";
    struct ratelimit *one = p->one;
    enum ratelimit_scope if_accepted = RATELIMIT_USER;
    trial_progress(p, RATELIMIT_COMPARING, 0);
    enum answer answer = ask_second_user(p, NULL);
    if (answer == ANSWER_REFUSED && p->loopback) {
        answer = ask_second_user(p, OTHER_ADDRESS);
        if_accepted = RATELIMIT_ADDRESS;
    }
    if (answer == ANSWER_STOPPED)
        return;
    one->scope_asked = true;
    if (answer == ANSWER_REFUSED)
        one->scope = p->loopback ? RATELIMIT_ALL : RATELIMIT_SHARED;
    else if (answer == ANSWER_LOST)
        one->scope = if_accepted == RATELIMIT_ADDRESS ? RATELIMIT_SHARED : RATELIMIT_UNTOLD;
    else if (is_still_refused(p))
        one->scope = if_accepted;
    else
        copy_clean(one->scope_why, sizeof one->scope_why, gone);
}

/* -------------------------------------------------------------------- the recovery */

/* Waits in slices, so that it can be shown.  False: stopped. */
static bool trial_wait(struct trial *p, uint64_t until_ns)
{
    uint64_t now;
    while ((now = now_ns()) < until_ns) {
        trial_progress(p, RATELIMIT_WAITING, seconds_between(now, until_ns));
        uint64_t slice = now + NS_PER_S;
        if (!client_env_wait(p->env, slice < until_ns ? slice : until_ns))
            return false;
    }
    return !client_env_stopped(p->env);
}

/* Returns when to ask first. */
static uint64_t first_ask_ns(struct trial *p)
{
    struct ratelimit *one = p->one;
    if (p->told_by == RATELIMIT_SILENCE && p->limit->window_ns > 0) {
        /* Windows begin with the first request, or slide: then it takes the whole of it. */
        one->told_by = RATELIMIT_WINDOW;
        one->told_s = (double)p->limit->window_ns / 1e9;
        return p->first_ns + p->limit->window_ns;
    }
    one->told_by = p->told_by;
    one->told_s = p->told_by != RATELIMIT_SILENCE ? seconds_between(p->refused_ns, p->due_ns) : 0;
    return p->told_by != RATELIMIT_SILENCE ? p->due_ns : now_ns() + PAUSE_NS;
}

/* Returns when to ask again.  A request too early by a fraction of a second is refused: the first
 * time it is not waited as long again as the target says. */
static uint64_t next_ask_ns(struct trial *p, uint64_t *pause_ns)
{
    bool first = *pause_ns == PAUSE_NS;
    uint64_t due = now_ns() + *pause_ns;
    *pause_ns = 2 * *pause_ns < PAUSE_MAX_NS ? 2 * *pause_ns : PAUSE_MAX_NS;
    return !first && p->told_by != RATELIMIT_SILENCE && p->due_ns > due ? p->due_ns : due;
}

/* Asks at `due`, then again and again until `end`. */
static enum ratelimit_recovery ask_until_accepted(struct trial *p, uint64_t due, uint64_t end)
{
    uint64_t pause = PAUSE_NS;
    struct client_reply r;
    struct quota q;
    for (;;) {
        if (!trial_wait(p, due < end ? due : end))
            return RATELIMIT_CUT;
        enum answer answer = trial_ask(p, &r, &q);
        p->one->asked++;
        if (answer == ANSWER_ACCEPTED)
            return RATELIMIT_RECOVERED;
        if (answer == ANSWER_STOPPED)
            return RATELIMIT_CUT;
        if (now_ns() >= end)
            return RATELIMIT_STILL;
        due = next_ask_ns(p, &pause);
    }
}

static void await_recovery(struct trial *p)
{
    struct ratelimit *one = p->one;
    uint64_t end = now_ns() + (uint64_t)(one->wait_s * 1e9), due = first_ask_ns(p);
    if (one->wait_s <= 0)
        return;
    if (due > end) {
        one->recovery = RATELIMIT_TOO_LONG;
        return;
    }
    one->recovery = ask_until_accepted(p, due, end);
    one->recovered_s = seconds_between(p->refused_ns, now_ns());
}

/* ----------------------------------------------------------------------- the whole */

static void describe_promise(struct trial *p)
{
    static const enum ratelimit_scope scopes[] = {[LIMIT_ANY] = RATELIMIT_UNTOLD,
                                                  [LIMIT_PER_USER] = RATELIMIT_USER,
                                                  [LIMIT_PER_ADDRESS] = RATELIMIT_ADDRESS};
    const struct rate_limit *l = p->limit;
    struct ratelimit *one = p->one;
    uint64_t wait_ns = p->cfg->max_wait_set ? p->cfg->max_wait_ns : l->recovers_ns;
    copy_clean(one->name, sizeof one->name, l->name);
    copy_clean(one->class, sizeof one->class, p->cfg->profile->classes[l->class].name);
    copy_clean(one->method, sizeof one->method, l->request->method);
    copy_clean(one->endpoint, sizeof one->endpoint, l->request->name);
    one->status = l->status;
    one->after_min = l->after_min;
    one->after_max = l->after_max;
    one->max_requests = l->max_requests;
    one->per = scopes[l->per];
    one->window_s = (double)l->window_ns / 1e9;
    one->retry_after = l->retry_after;
    one->wait_s = (double)wait_ns / 1e9;
}

static void try_limit(struct trial *p)
{
    struct client_reply r;
    struct err why;
    trial_progress(p, RATELIMIT_SEARCHING, 0);
    p->a = trial_open_user(p, p->number, NULL, &r, &why);
    if (p->a == NULL && !r.stopped && !client_env_stopped(p->env)) {
        p->one->end = RATELIMIT_NO_USER;
        copy_clean(p->one->why, sizeof p->one->why, why.text);
    }
    if (p->a == NULL)
        return;
    p->one->before = client_sent(p->a);
    search_refusal(p);
    if (p->one->end == RATELIMIT_FOUND) {
        verify_refusal(p);
        compare_users(p);
        await_recovery(p);
    }
    client_close(p->a);
}

/* Looks for new signals, as clients want it; Ctrl-Z stops us here. */
static bool stop_is_wanted(void *arg)
{
    (void)arg;
    bool stop = signals_stop() != 0;
    if (signals_suspend_wanted())
        signals_suspend();
    return stop;
}

static bool limit_is_chosen(const struct ratelimit_config *cfg, const struct rate_limit *l)
{
    return cfg->only == NULL || goal_matches(cfg->only, l->name);
}

static bool any_limit_chosen(const struct ratelimit_config *cfg, struct err *e)
{
    const struct profile *p = cfg->profile;
    if (p->n_rate_limits == 0)
        return err_set(e,
                       "%.100s names no rate limit; give it one, as in rate_limits = ( { name = "
                       "\"log-ins\"; request = \"POST /login\"; after = 5; } );",
                       p->file != NULL ? p->file : p->name);
    for (size_t i = 0; i < p->n_rate_limits; i++)
        if (limit_is_chosen(cfg, &p->rate_limits[i]))
            return true;
    return err_set(e,
                   "--only %.100s: no rate limit of the profile is called so; ramptop list shows "
                   "them",
                   cfg->only);
}

static void try_limits(const struct ratelimit_config *cfg, struct client_env *env,
                       struct ratelimits *l)
{
    const struct profile *p = cfg->profile;
    for (size_t i = 0; i < p->n_rate_limits && !client_env_stopped(env); i++) {
        if (!limit_is_chosen(cfg, &p->rate_limits[i]))
            continue;
        struct trial trial = {.cfg = cfg,
                              .limit = &p->rate_limits[i],
                              .one = &l->items[l->n],
                              .env = env,
                              .number = (uint32_t)(2 * i)};
        l->n++;
        describe_promise(&trial);
        try_limit(&trial);
        trial_progress(&trial, RATELIMIT_DONE, 0);
        if (!ratelimits_reached(l)) /* nobody is there: the others would only wait for time-outs */
            break;
    }
    l->interrupted = client_env_stopped(env);
}

bool ratelimit_run(const struct ratelimit_config *cfg, struct ratelimits *l, struct err *e)
{
    const struct profile *p = cfg->profile;
    const struct client_config sc = {.profile = cfg->profile,
                                     .seed = cfg->seed != 0 ? cfg->seed : now_ns(),
                                     .stop_fd = signals_fd(),
                                     .stop = stop_is_wanted};
    copy_clean(l->target, sizeof l->target, p->target);
    copy_clean(l->profile, sizeof l->profile, p->name);
    if (!any_limit_chosen(cfg, e))
        return false;
    struct client_env *env = client_env_open(&sc, e);
    if (env == NULL)
        return false;
    l->items = mem_array(p->n_rate_limits, sizeof *l->items);
    try_limits(cfg, env, l);
    client_env_close(env);
    return true;
}
