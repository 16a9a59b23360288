/* SPDX-License-Identifier: MIT */
#include "src/base/now.h"
#include "src/load/request_engine.h"
#include "src/profile/profile.h"
#include "src/stats/gauge.h"

#define RETRY_AFTER_MAX_S 600
/* While the load is held an attempt that is due is looked at again after this. */
#define HELD_NS (50 * NS_PER_MS)

/* -------------------------------------------------------------- in flight, by age */

static void publish_oldest(struct engine *en)
{
    uint64_t ns = en->oldest != NULL ? en->oldest->sent_ns : 0;
    atomic_store_explicit(&en->gauge->oldest_ns, ns, memory_order_relaxed);
}

static void in_flight_add(struct engine *en, struct request_run *r)
{
    r->older = en->newest;
    r->newer = NULL;
    if (en->newest != NULL)
        en->newest->newer = r;
    en->newest = r;
    if (en->oldest == NULL) {
        en->oldest = r;
        publish_oldest(en);
    }
    gauge_add32(&en->gauge->in_flight, 1);
}

static void in_flight_remove(struct engine *en, struct request_run *r)
{
    if (r->newer != NULL)
        r->newer->older = r->older;
    else
        en->newest = r->older;
    if (r->older != NULL) {
        r->older->newer = r->newer;
    } else {
        en->oldest = r->newer;
        publish_oldest(en);
    }
    gauge_add32(&en->gauge->in_flight, -1);
}

/* ----------------------------------------------------------------------- begin */

static void request_send(struct request_run *r, uint64_t due, uint64_t now)
{
    struct engine *en = r->requester->engine;
    r->state = REQUEST_IN_FLIGHT;
    r->due_ns = due;
    r->sent_ns = now;
    r->deadline_ns = now + r->request->timeout_ns;
    r->invalid = false;
    /* An earlier timer stays: when it goes off it is set to the deadline.  So a request
     * that is answered costs no timer at all. */
    if (!timer_is_set(&r->timer) || r->timer.due_ns > r->deadline_ns)
        timers_set(&en->timers, &r->timer, r->deadline_ns);
    in_flight_add(en, r);
    gauge_add64(&en->gauge->started, 1);
    en->ops->begin(r->channel, r->message);
}

static void attempt_unsent(struct request_run *r, const struct result *result, const char *reason,
                           uint64_t due, uint64_t now)
{
    const struct outcome nothing = {
        .reason = reason, .body = "", .headers = "", .retry_after_s = UINT32_MAX};
    const struct attempt a = {.result = result, .outcome = &nothing, .done_ns = now};
    r->due_ns = due;
    r->sent_ns = now;
    gauge_add64(&r->requester->engine->gauge->started, 1);
    r->requester->ops->attempt(r, &a);
}

void request_run_fail_unsent(struct requester *requester, const struct request *request,
                             uint64_t due, uint64_t now)
{
    struct request_run r = {.requester = requester, .request = request};
    const struct result result = {.fail = FAIL_CLIENT_MEMORY};
    attempt_unsent(&r, &result, "out of memory for one more connection", due, now);
}

bool request_run_begin(struct request_run *r, const struct request *request,
                       const struct message_buf *fixed, uint64_t due, uint64_t now)
{
    r->request = request;
    r->retries = 0;
    if (fixed != NULL) {
        r->message = &fixed->message;
    } else {
        struct result result; /* not zeroed: words of a failure are long, and there is none */
        r->message = &r->buf.message;
        result.fail = FAIL_NO_VALUE;
        result.name = NULL;
        if (!compose(&r->buf, request, &r->requester->scope, &result.why)) {
            attempt_unsent(r, &result, "", due, now);
            return false;
        }
        r->buf.message.keep |= r->keep;
    }
    request_send(r, due, now);
    return true;
}

/* ------------------------------------------------------------------------- end */

bool fail_never_connected(enum fail f)
{
    return f == FAIL_REFUSED || f == FAIL_UNREACHABLE || f == FAIL_DNS || f == FAIL_TLS ||
           fail_is_client(f);
}

static bool request_may_retry(const struct request_run *r, enum fail fail, const struct outcome *o)
{
    const struct retry *retry = &r->request->retry;
    if (r->retries >= retry->times || r->requester->ending || r->requester->engine->drain)
        return false;
    if (fail == FAIL_TIMEOUT)
        return retry->on_timeout;
    if (fail_never_connected(fail))
        return retry->on_connect;
    /* Also where the profile takes that status for a success: a polite client comes back. */
    return o->fail == FAIL_NONE && retry->statuses.n > 0 &&
           status_expected(&retry->statuses, o->status);
}

static uint64_t backoff_before_retry(struct request_run *r, const struct outcome *o)
{
    const struct retry *retry = &r->request->retry;
    if (retry->retry_after && o->fail == FAIL_NONE && o->retry_after_s != UINT32_MAX)
        return (o->retry_after_s < RETRY_AFTER_MAX_S ? o->retry_after_s : RETRY_AFTER_MAX_S) *
               NS_PER_S;
    uint64_t ns = retry->first_ns;
    for (unsigned i = 0; i < r->retries && ns < retry->longest_ns; i++)
        ns *= 2;
    ns = ns < retry->longest_ns ? ns : retry->longest_ns;
    return ns - rng_below(&r->requester->scope.rng, ns / 2 + 1);
}

static void request_retry_later(struct request_run *r, const struct outcome *o, uint64_t now)
{
    r->state = REQUEST_RETRY_WAIT;
    r->deadline_ns = now + backoff_before_retry(r, o);
    timers_set(&r->requester->engine->timers, &r->timer, r->deadline_ns);
    r->retries++;
}

static void attempt_end(struct request_run *r, const struct result *result, const struct outcome *o,
                        uint64_t done, uint64_t now)
{
    struct engine *en = r->requester->engine;

    in_flight_remove(en, r);
    r->state = REQUEST_IDLE;
    r->requester->scope.status =
        o->fail == FAIL_NONE && result->fail != FAIL_TIMEOUT ? o->status : 0;
    if (o->sent_again)
        gauge_add64(&en->gauge->sent_again, 1);
    if (r->invalid) {
        gauge_add64(&en->gauge->aborted, 1);
    } else {
        const struct attempt a = {.result = result,
                                  .outcome = o,
                                  .done_ns = done,
                                  .lag_ns = (r->sent_ns - r->due_ns) + (done - en->wake_ns),
                                  .timed_out =
                                      result->fail == FAIL_TIMEOUT && r->deadline_ns <= done};
        r->requester->ops->attempt(r, &a);
    }
    if (request_may_retry(r, result->fail, o))
        request_retry_later(r, o, now);
    else
        r->requester->ops->done(r, result->fail, o->status, now);
}

void request_run_on_outcome(void *run, const struct outcome *o, void *arg)
{
    struct request_run *r = run;
    const struct engine *en = r->requester->engine;
    struct result result;
    (void)arg;
    /* The reply was there when its event was picked up; what the transport then takes to read it
     * is ours and not the target's.  But beside another one's event it may really send what was
     * begun before, and even read its reply: that was not there yet. */
    uint64_t now = en->clock();
    uint64_t done = o->by_event && en->event_ns >= r->sent_ns ? en->event_ns : now;
    validate_reply(r->request, o, done - r->sent_ns, &r->requester->scope, &result);
    attempt_end(r, &result, o, done, now);
}

static void request_time_out(struct request_run *r, uint64_t now)
{
    const struct result result = {.fail = FAIL_TIMEOUT};
    struct outcome o;
    r->requester->engine->ops->abort(r->channel, &o);
    attempt_end(r, &result, &o, now, now);
}

static void request_send_again(struct request_run *r, uint64_t now)
{
    struct engine *en = r->requester->engine;
    if (en->hold) {
        r->deadline_ns = now + HELD_NS;
        timers_set(&en->timers, &r->timer, r->deadline_ns);
    } else if (engine_take_ticket(en)) {
        request_send(r, r->deadline_ns, now);
    } else {
        r->state = REQUEST_IDLE;
        r->requester->ops->done(r, FAIL_OTHER, 0, now); /* as its last attempt did */
    }
}

static void request_on_time(struct timer *t, uint64_t now)
{
    struct request_run *r = (struct request_run *)t;
    if (r->state == REQUEST_IDLE)
        return;
    if (r->deadline_ns > now)
        timers_set(&r->requester->engine->timers, &r->timer, r->deadline_ns);
    else if (r->state == REQUEST_IN_FLIGHT)
        request_time_out(r, now);
    else
        request_send_again(r, now);
}

struct redaction request_run_redaction(const struct request_run *r, const struct attempt *a)
{
    const struct requester *by = r->requester;
    return (struct redaction){.secrets = by->secrets,
                              .cls = by->cls,
                              .scope = &by->scope,
                              .sent = a->result->fail != FAIL_NO_VALUE ? r->message : NULL,
                              .ops = by->engine->ops,
                              .channel = r->channel};
}

/* ---------------------------------------------------------- in a requester's hands */

bool request_run_open(struct request_run *r, struct requester *requester, struct channel *sibling)
{
    const struct engine *en = requester->engine;
    *r = (struct request_run){.timer.on_due = request_on_time, .requester = requester};
    r->channel = en->ops->channel_open(en->transport, sibling, requester->cls->cookies, r);
    return r->channel != NULL;
}

void request_run_invalidate(struct request_run *r, uint64_t now)
{
    if (r->state == REQUEST_RETRY_WAIT && r->deadline_ns < now)
        r->deadline_ns = now; /* the timer is due already */
    if (r->state != REQUEST_IN_FLIGHT)
        return;
    r->invalid = true;
    r->deadline_ns = now + r->request->timeout_ns;
}

bool request_run_cancel_retry(struct request_run *r)
{
    bool waited = r->state == REQUEST_RETRY_WAIT;
    if (waited)
        r->state = REQUEST_IDLE;
    return waited;
}

static void request_give_up(struct request_run *r)
{
    struct engine *en = r->requester->engine;
    struct gauge *g = en->gauge;
    uint64_t now = en->clock(), age_ns = now > r->sent_ns ? now - r->sent_ns : 0;
    in_flight_remove(en, r);
    r->state = REQUEST_IDLE;
    gauge_add64(&g->aborted, 1);
    if (r->invalid) /* how long it waited is not known */
        return;
    gauge_add64(&g->given_up, 1);
    if (age_ns > atomic_load_explicit(&g->given_up_ns, memory_order_relaxed))
        atomic_store_explicit(&g->given_up_ns, age_ns, memory_order_relaxed);
}

void request_run_finish(struct request_run *r)
{
    struct engine *en = r->requester->engine;
    if (r->state == REQUEST_IN_FLIGHT)
        request_give_up(r);
    timers_remove(&en->timers, &r->timer);
    en->ops->channel_close(r->channel);
    message_buf_finish(&r->buf);
}
