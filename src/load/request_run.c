/* SPDX-License-Identifier: MIT */
#include "src/load/request_run.h"

#include "src/base/now.h"
#include "src/load/validate.h"
#include "src/load/user.h"
#include "src/stats/gauge.h"
#include "src/stats/note.h"
#include "src/stats/ring.h"
#include "src/stats/sample.h"

#define RETRY_AFTER_MAX_S 600
/* While the load is held an attempt that is due is looked at again after this. */
#define HELD_NS (50 * NS_PER_MS)

/* -------------------------------------------------------------- in flight, by age */

static void publish_oldest(struct crew *c)
{
    uint64_t ns = c->oldest != NULL ? c->oldest->sent_ns : 0;
    atomic_store_explicit(&c->lane.gauge->oldest_ns, ns, memory_order_relaxed);
}

static void list_add(struct crew *c, struct flight *f)
{
    f->older = c->newest;
    f->newer = NULL;
    if (c->newest != NULL)
        c->newest->newer = f;
    c->newest = f;
    if (c->oldest == NULL) {
        c->oldest = f;
        publish_oldest(c);
    }
    gauge_add32(&c->lane.gauge->in_flight, 1);
}

static void list_remove(struct crew *c, struct flight *f)
{
    if (f->newer != NULL)
        f->newer->older = f->older;
    else
        c->newest = f->older;
    if (f->older != NULL) {
        f->older->newer = f->newer;
    } else {
        c->oldest = f->newer;
        publish_oldest(c);
    }
    gauge_add32(&c->lane.gauge->in_flight, -1);
}

/* --------------------------------------------------------------------- samples */

static uint32_t saturate(uint64_t n)
{
    return n > UINT32_MAX ? UINT32_MAX : (uint32_t)n;
}

/* One note per endpoint, kind, name and second is enough for the failures view. */
static bool note_wanted(struct crew *c, uint32_t key, uint64_t now)
{
    uint64_t second = now / NS_PER_S;
    size_t i = (key * 2654435761u) >> 26;
    if (c->noted[i].key == key && c->noted[i].second == second)
        return false;
    c->noted[i].key = key;
    c->noted[i].second = second;
    return true;
}

static void push_note(struct flight *f, const struct verdict *v, const struct outcome *o,
                      const struct sample *s)
{
    struct user *u = f->user;
    struct note n = {.at_ns = s->done_ns,
                     .endpoint = s->endpoint,
                     .status = s->status,
                     .detail = s->detail,
                     .fail = s->fail};
    uint32_t key = (uint32_t)s->endpoint << 16 | (uint32_t)s->fail << 10 | (s->status & 0x3ff);
    if (!note_wanted(u->crew, key ^ s->detail * 40503u, s->done_ns))
        return;
    bool timed_out = v->fail == FAIL_TIMEOUT && f->deadline_ns <= s->done_ns;
    const struct unseen unseen = {.secrets = &u->program->profile->secrets,
                                  .cls = u->cls,
                                  .scope = &u->scope,
                                  .sent = v->fail != FAIL_NO_VALUE ? f->message : NULL,
                                  .ops = u->crew->ops,
                                  .channel = f->channel};
    judge_note(&n, v, f->request, o, timed_out, &unseen);
    ring_push(u->crew->lane.notes, &n);
}

static void record(struct flight *f, const struct verdict *v, const struct outcome *o,
                   uint64_t done, uint64_t lag)
{
    struct user *u = f->user;
    struct crew *c = u->crew;
    struct sample s = {
        .due_ns = f->due_ns,
        .sent_ns = f->sent_ns,
        .done_ns = done,
        .dns_us = o->dns_us,
        .connect_us = o->connect_us,
        .tls_us = o->tls_us,
        .first_byte_us = o->first_byte_us,
        .bytes_in = saturate(o->bytes_in),
        .bytes_out = saturate(o->bytes_out),
        .lag_us = saturate(lag / NS_PER_US),
        .endpoint = u->program->endpoint_ids[f->request->endpoint],
        .status = (uint16_t)o->status,
        .fail = (uint8_t)v->fail,
        .flags = (uint8_t)((o->new_connection ? SAMPLE_NEW_CONNECTION : 0) |
                           (o->http2 ? SAMPLE_HTTP2 : 0)),
        .worker = c->worker,
        .detail = v->name != NULL ? fail_detail(v->name) : 0,
        .burst = u->burst,
    };
    ring_push(c->lane.samples, &s);
    if (v->fail != FAIL_NONE)
        push_note(f, v, o, &s);
    gauge_add64(&c->lane.gauge->finished, 1);
}

/* ----------------------------------------------------------------------- begin */

static void send_off(struct flight *f, uint64_t due, uint64_t now)
{
    struct crew *c = f->user->crew;
    f->state = FLIGHT_FLYING;
    f->due_ns = due;
    f->sent_ns = now;
    f->deadline_ns = now + f->request->timeout_ns;
    f->spoiled = false;
    /* An earlier timer stays: when it goes off it is set to the deadline.  So a request
     * that is answered costs no timer at all. */
    if (!timer_is_set(&f->timer) || f->timer.due_ns > f->deadline_ns)
        timers_set(&c->timers, &f->timer, f->deadline_ns);
    list_add(c, f);
    gauge_add64(&c->lane.gauge->started, 1);
    c->ops->begin(f->channel, f->message);
}

static void not_sent(struct flight *f, struct verdict *v, const char *reason, uint64_t due,
                     uint64_t now)
{
    const struct outcome nothing = {.reason = reason, .body = "", .headers = ""};
    v->name = NULL;
    f->due_ns = due;
    f->sent_ns = now;
    gauge_add64(&f->user->crew->lane.gauge->started, 1);
    record(f, v, &nothing, now, 0);
}

void flight_unable(struct user *u, const struct request *r, uint64_t due, uint64_t now)
{
    struct flight f = {.user = u, .request = r};
    struct verdict v = {.fail = FAIL_CLIENT_MEMORY};
    if (f.request == NULL)
        f.request = steps_first_request(&u->cls->on_start);
    for (size_t i = 0; i < u->cls->n_tasks && f.request == NULL; i++)
        f.request = steps_first_request(&u->cls->tasks[i].steps);
    if (f.request != NULL)
        not_sent(&f, &v, "out of memory for one more connection", due, now);
}

bool flight_begin(struct flight *f, const struct request *r, uint64_t due, uint64_t now)
{
    struct user *u = f->user;
    const struct draft *fixed = u->program->fixed[r->number];
    f->request = r;
    f->retries = 0;
    if (fixed != NULL) {
        f->message = &fixed->message;
    } else {
        struct verdict v;
        f->message = &f->draft.message;
        if (!compose(&f->draft, r, &u->scope, &v.why)) {
            v.fail = FAIL_NO_VALUE;
            not_sent(f, &v, "", due, now);
            return false;
        }
    }
    send_off(f, due, now);
    return true;
}

/* ------------------------------------------------------------------------- end */

bool flight_missed(enum fail f)
{
    return f == FAIL_REFUSED || f == FAIL_UNREACHABLE || f == FAIL_DNS || f == FAIL_TLS ||
           fail_is_client(f);
}

static bool wants_retry(const struct flight *f, enum fail fail, const struct outcome *o)
{
    const struct retry *r = &f->request->retry;
    if (f->retries >= r->times || f->user->ending || f->user->crew->drain)
        return false;
    if (fail == FAIL_TIMEOUT)
        return r->on_timeout;
    if (flight_missed(fail))
        return r->on_connect;
    /* Also where the profile takes that status for a success: a polite client comes back. */
    return o->fail == FAIL_NONE && r->statuses.n > 0 && status_expected(&r->statuses, o->status);
}

static uint64_t pause_before_retry(struct flight *f, const struct outcome *o)
{
    const struct retry *r = &f->request->retry;
    if (r->retry_after && o->fail == FAIL_NONE && o->retry_after_s != UINT32_MAX)
        return (o->retry_after_s < RETRY_AFTER_MAX_S ? o->retry_after_s : RETRY_AFTER_MAX_S) *
               NS_PER_S;
    uint64_t ns = r->first_ns;
    for (unsigned i = 0; i < f->retries && ns < r->longest_ns; i++)
        ns *= 2;
    ns = ns < r->longest_ns ? ns : r->longest_ns;
    return ns - rng_below(&f->user->scope.rng, ns / 2 + 1);
}

static void rest(struct flight *f, const struct outcome *o, uint64_t now)
{
    f->state = FLIGHT_RESTING;
    f->deadline_ns = now + pause_before_retry(f, o);
    timers_set(&f->user->crew->timers, &f->timer, f->deadline_ns);
    f->retries++;
}

static void over(struct flight *f, struct verdict *v, const struct outcome *o, uint64_t done,
                 uint64_t now)
{
    struct user *u = f->user;
    struct crew *c = u->crew;

    list_remove(c, f);
    f->state = FLIGHT_IDLE;
    u->scope.status = o->fail == FAIL_NONE && v->fail != FAIL_TIMEOUT ? o->status : 0;
    if (o->sent_again)
        gauge_add64(&c->lane.gauge->sent_again, 1);
    if (f->spoiled)
        gauge_add64(&c->lane.gauge->aborted, 1);
    else
        record(f, v, o, done, (f->sent_ns - f->due_ns) + (done - c->wake_ns));
    if (wants_retry(f, v->fail, o)) {
        rest(f, o, now);
        return;
    }
    if (v->fail == FAIL_STATUS)
        user_turned_away(u, o->status);
    user_landed(u, v->fail, now);
}

void flight_over(struct flight *f, const struct outcome *o, uint64_t done, uint64_t now)
{
    struct verdict v;
    judge(f->request, o, done - f->sent_ns, &f->user->scope, &v);
    over(f, &v, o, done, now);
}

void flight_done(void *flight, const struct outcome *o, void *crew)
{
    struct flight *f = flight;
    (void)crew;
    /* The reply was there when its event was picked up; what the transport then takes to read it
     * is ours and not the target's.  But beside another one's event a transport may really send
     * what was begun before, and even read its reply: that was not there yet. */
    uint64_t now = f->user->crew->clock(), picked_up = f->user->crew->event_ns;
    flight_over(f, o, o->by_event && picked_up >= f->sent_ns ? picked_up : now, now);
}

static void time_out(struct flight *f, uint64_t now)
{
    struct verdict v;
    struct outcome o;
    f->user->crew->ops->abort(f->channel, &o);
    v.fail = FAIL_TIMEOUT;
    v.name = NULL;
    over(f, &v, &o, now, now);
}

static void try_again(struct flight *f, uint64_t now)
{
    struct crew *c = f->user->crew;
    if (c->hold) {
        f->deadline_ns = now + HELD_NS;
        timers_set(&c->timers, &f->timer, f->deadline_ns);
    } else if (crew_ticket(c)) {
        send_off(f, f->deadline_ns, now);
    } else {
        f->state = FLIGHT_IDLE;
        user_landed(f->user, FAIL_OTHER, now); /* as its last attempt did */
    }
}

void flight_on_time(struct flight *f, uint64_t now)
{
    if (f->state == FLIGHT_IDLE)
        return;
    if (f->deadline_ns > now)
        timers_set(&f->user->crew->timers, &f->timer, f->deadline_ns);
    else if (f->state == FLIGHT_FLYING)
        time_out(f, now);
    else
        try_again(f, now);
}

void flight_spoil(struct flight *f, uint64_t now)
{
    if (f->state == FLIGHT_RESTING && f->deadline_ns < now)
        f->deadline_ns = now; /* its timer is due already */
    if (f->state != FLIGHT_FLYING)
        return;
    f->spoiled = true;
    f->deadline_ns = now + f->request->timeout_ns;
}

bool flight_settle(struct flight *f)
{
    bool rests = f->state == FLIGHT_RESTING;
    if (rests)
        f->state = FLIGHT_IDLE;
    return rests;
}

static void give_up(struct flight *f)
{
    struct crew *c = f->user->crew;
    struct gauge *g = c->lane.gauge;
    uint64_t now = c->clock(), age_ns = now > f->sent_ns ? now - f->sent_ns : 0;
    list_remove(c, f);
    f->state = FLIGHT_IDLE;
    gauge_add64(&g->aborted, 1);
    if (f->spoiled) /* how long it waited is not known */
        return;
    gauge_add64(&g->given_up, 1);
    if (age_ns > atomic_load_explicit(&g->given_up_ns, memory_order_relaxed))
        atomic_store_explicit(&g->given_up_ns, age_ns, memory_order_relaxed);
}

void flight_finish(struct flight *f)
{
    struct crew *c = f->user->crew;
    if (f->state == FLIGHT_FLYING)
        give_up(f);
    timers_remove(&c->timers, &f->timer);
    c->ops->channel_close(f->channel);
    draft_finish(&f->draft);
}
