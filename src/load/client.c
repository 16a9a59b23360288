/* SPDX-License-Identifier: MIT */
#include "src/load/client.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/clean.h"
#include "src/base/hash.h"
#include "src/base/mem.h"
#include "src/base/now.h"
#include "src/load/request_engine.h"
#include "src/load/resolver.h"
#include "src/load/steps.h"
#include "src/load/transport_rules.h"
#include "src/load/transports.h"
#include "src/load/user_init.h"
#include "src/profile/profile.h"
#include "src/stats/gauge.h"

#define LONGEST_SLEEP_MS 60000
/* The bound of one run of steps: loops inside loops must not go on for ever. */
#define STEPS_MAX 1000000u

struct client_env {
    struct gauge gauge; /* read by nobody */
    struct client_config cfg;
    struct engine engine;
    struct resolver *resolver;
    struct counters *counters;
    bool stopped;
};

struct client {
    struct requester requester; /* first */
    struct client_env *env;
    struct request_run run;
    struct client_reply *out; /* the caller's, while a request of it is under way */
    struct buf headers;       /* the last reply's */
    unsigned sent;
    bool cookies;
};

/* ---------------------------------------------------------------------- the loop */

bool client_env_stopped(struct client_env *env)
{
    env->stopped = env->stopped || (env->cfg.stop != NULL && env->cfg.stop(env->cfg.arg));
    return env->stopped;
}

static int client_sleep_ms(uint64_t until_ns, uint64_t now)
{
    if (until_ns <= now)
        return 0;
    uint64_t ms = (until_ns - now + NS_PER_MS - 1) / NS_PER_MS;
    return ms < LONGEST_SLEEP_MS ? (int)ms : LONGEST_SLEEP_MS;
}

/* Does what happens next, or sleeps until then. */
static void client_loop_once(struct client_env *env, uint64_t until_ns)
{
    uint64_t deadline = engine_deadline(&env->engine);
    if (engine_wait(&env->engine,
                    client_sleep_ms(deadline < until_ns ? deadline : until_ns, now_ns())))
        client_env_stopped(env);
    engine_dispatch(&env->engine);
}

bool client_env_wait(struct client_env *env, uint64_t until_ns)
{
    while (!client_env_stopped(env) && now_ns() < until_ns)
        client_loop_once(env, until_ns);
    return !env->stopped;
}

/* ------------------------------------------------------------------ one request */

static void reply_words(struct client *c, const struct attempt *a)
{
    struct note n;
    char text[NOTE_TEXT_MAX + 32] = "";
    const struct redaction redaction = request_run_redaction(&c->run, a);
    failure_words(&n, a->result, c->run.request, a->outcome, a->timed_out, &redaction);
    if (a->result->fail == FAIL_STATUS && a->outcome->body_len > 0)
        snprintf(text, sizeof text, "status %u: ", a->outcome->status);
    size_t len = strlen(text);
    snprintf(text + len, sizeof text - len, "%s", n.text);
    clean_text(c->out->why, sizeof c->out->why, text, strlen(text)); /* cut between characters */
}

static void reply_keep_headers(struct client *c, const struct outcome *o)
{
    struct reply *head = &c->out->head;
    size_t len;
    buf_clear(&c->headers);
    buf_add(&c->headers, o->headers, o->headers_len);
    *head = (struct reply){
        .status = o->status, .body = "", .headers = c->headers.data, .headers_len = c->headers.len};
    c->cookies = c->cookies || reply_header(head, "Set-Cookie", 0, &len) != NULL;
}

/* Payloads are drawn at random: they tell nothing of who sends them. */
static uint64_t message_fingerprint(const struct message *m)
{
    uint64_t h = hash_bytes(HASH_BEGIN, m->origin->text, m->origin->len);
    h = hash_bytes(h, m->path, strlen(m->path) + 1);
    for (size_t i = 0; i < m->n_headers; i++) {
        const struct message_header *sent = &m->headers[i];
        h = hash_bytes(h, sent->name, strlen(sent->name) + 1);
        if (sent->value != NULL)
            h = hash_bytes(h, sent->value, strlen(sent->value) + 1);
    }
    if (m->cookies != NULL)
        h = hash_bytes(h, m->cookies, strlen(m->cookies));
    for (size_t i = 0; i < m->n_pieces; i++)
        if (m->body[i].kind == PIECE_BYTES)
            h = hash_bytes(h, m->body[i].data, m->body[i].len);
    return h;
}

static bool is_loopback(const struct origin *o)
{
    return strncmp(o->host, "127.", 4) == 0 || strcmp(o->host, "localhost") == 0;
}

static void client_on_attempt(struct request_run *r, const struct attempt *a)
{
    struct client *c = (struct client *)r->requester;
    c->out->fail = a->result->fail;
    c->out->retry_after_s = a->outcome->retry_after_s;
    c->out->sent_ns = r->sent_ns;
    c->out->done_ns = a->done_ns;
    if (a->outcome->fail == FAIL_NONE && !a->timed_out && a->outcome->status != 0)
        reply_keep_headers(c, a->outcome);
    if (a->result->fail != FAIL_NONE)
        reply_words(c, a);
}

static void client_on_request_done(struct request_run *r, enum fail fail, unsigned status,
                                   uint64_t now)
{
    (void)r;
    (void)fail;
    (void)status;
    (void)now;
}

static const struct requester_ops client_requester = {.attempt = client_on_attempt,
                                                      .done = client_on_request_done};

void client_request(struct client *c, const struct request *r, struct client_reply *out)
{
    uint64_t now = now_ns();
    *out = (struct client_reply){
        .fail = FAIL_OTHER, .sent_ns = now, .done_ns = now, .head = {.body = "", .headers = ""}};
    c->out = out;
    c->requester.scope.iteration++;
    out->stopped = client_env_stopped(c->env);
    if (out->stopped || !request_run_begin(&c->run, r, NULL, now, now))
        return;
    c->sent++;
    out->fingerprint = message_fingerprint(c->run.message);
    out->loopback = is_loopback(c->run.message->origin);
    while (c->run.state != REQUEST_IDLE && !c->env->stopped)
        client_loop_once(c->env, UINT64_MAX);
    out->stopped = c->run.state != REQUEST_IDLE;
    if (out->stopped)
        out->done_ns = now_ns();
}

/* ------------------------------------------------------------------------ steps */

static struct user_env client_user_env(const struct client_env *env)
{
    return (struct user_env){
        .profile = env->cfg.profile, .counters = env->counters, .seed = env->cfg.seed};
}

bool client_take_rows(struct client *c, const struct steps *steps)
{
    const struct user_env env = client_user_env(c->env);
    struct scope *scope = &c->requester.scope;
    for (size_t i = 0; i < steps->n_feeders; i++)
        if (scope->rows[steps->feeders[i]] == SCOPE_NO_ROW &&
            !user_take_row(scope, &env, steps->feeders[i]))
            return false;
    return true;
}

static bool client_request_all(struct client *c, const struct next *next, struct client_reply *last,
                               struct err *e)
{
    for (uint32_t i = 0; i < next->n; i++) {
        const struct request *r = next->first[i].request;
        client_request(c, r, last);
        if (last->stopped || last->fail != FAIL_NONE)
            return err_set(e, "%s %s: %s", r->method, r->name,
                           last->stopped ? "interrupted" : last->why);
    }
    return true;
}

bool client_run_steps(struct client *c, const struct steps *steps, struct client_reply *last,
                      struct err *e)
{
    struct cursor cursor = {.steps = steps};
    *last = (struct client_reply){.fail = FAIL_NONE};
    if (!client_take_rows(c, steps))
        return err_set(e, "a feeder has no row left for it");
    for (uint32_t n = 0; n < STEPS_MAX; n++) {
        const struct next next = steps_next(&cursor, &c->requester.scope);
        switch (next.kind) {
        case NEXT_REQUESTS:
            steps_sent(&cursor, &next);
            if (!client_request_all(c, &next, last, e))
                return false;
            break;
        case NEXT_WAIT:
            if (!client_env_wait(c->env, now_ns() + next.wait_ns))
                return err_set(e, "interrupted");
            break;
        case NEXT_END:
            return true;
        default:
            return err_set(e, "a step of on_start ends the user (stop = true)");
        }
    }
    return err_set(e, "on_start has more than %u steps", STEPS_MAX);
}

unsigned client_sent(const struct client *c)
{
    return c->sent;
}

bool client_has_cookies(const struct client *c)
{
    return c->cookies && c->requester.cls->cookies;
}

/* ---------------------------------------------------------------- open and close */

struct client *client_open(struct client_env *env, uint16_t cls, uint32_t number, const char *from,
                           struct err *e)
{
    struct client *c = mem_zalloc(sizeof *c);
    const struct user_env ue = client_user_env(env);
    const struct transport_ops *ops = env->engine.ops;
    c->env = env;
    c->requester.ops = &client_requester;
    c->requester.engine = &env->engine;
    c->requester.cls = &env->cfg.profile->classes[cls];
    c->requester.secrets = &env->cfg.profile->secrets;
    c->requester.ending = true; /* nothing is tried again */
    bool opened = request_run_open(&c->run, &c->requester, NULL);
    c->run.keep = REPLY_HEADERS;
    /* The dice of the same user in a run. */
    if (!opened)
        err_set(e, "out of memory for its connection");
    else if (!user_init(&c->requester.scope, &ue, c->requester.cls, number, 0))
        opened = err_set(e, "a feeder has no row left for it");
    if (!opened) {
        client_close(c);
        return NULL;
    }
    ops->channel_number(c->run.channel, number);
    if (from != NULL)
        ops->channel_source(c->run.channel, from);
    return c;
}

void client_close(struct client *c)
{
    if (c == NULL)
        return;
    request_run_finish(&c->run);
    scope_finish(&c->requester.scope);
    buf_finish(&c->headers);
    free(c);
}

static bool client_env_start(struct client_env *env, struct err *e)
{
    struct transport_rules rules = transport_rules_of(env->cfg.profile);
    rules.parallel = 1;
    const struct transport_ops *ops = transport_pick(&rules, e);
    if (ops == NULL)
        return false;
    if (!engine_open(&env->engine, ops, &env->gauge) ||
        (env->cfg.stop_fd >= 0 && !engine_watch(&env->engine, env->cfg.stop_fd, false)))
        return err_set(e, "no event loop: %s", strerror(errno));
    env->resolver = resolver_create(NULL);
    if (!engine_open_transport(&env->engine, env->resolver, e))
        return false;
    ops->configure(env->engine.transport, &rules);
    return true;
}

struct client_env *client_env_open(const struct client_config *cfg, struct err *e)
{
    struct client_env *env = mem_aligned(64, sizeof *env);
    *env = (struct client_env){.cfg = *cfg, .counters = counters_create(cfg->profile)};
    profile_ref(cfg->profile);
    if (client_env_start(env, e))
        return env;
    client_env_close(env);
    return NULL;
}

void client_env_close(struct client_env *env)
{
    if (env == NULL)
        return;
    engine_close(&env->engine);
    resolver_close(env->resolver);
    counters_unref(env->counters);
    profile_unref(env->cfg.profile);
    free(env);
}
