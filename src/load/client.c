/* SPDX-License-Identifier: MIT */
#include "src/load/client.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "src/base/clean.h"
#include "src/base/mem.h"
#include "src/base/now.h"
#include "src/load/compose.h"
#include "src/load/validate.h"
#include "src/load/user_init.h"
#include "src/load/resolver.h"
#include "src/load/transport_rules.h"
#include "src/load/transports.h"
#include "src/load/user.h"
#include "src/profile/profile.h"

#define EVENTS 16
#define FALLBACK_MS 5 /* where it cannot be waited for events */
#define LONGEST_SLEEP_MS 60000
/* Of one run of steps: loops inside loops must not go on for ever. */
#define STEPS_MAX 1000000u

struct solos {
    struct solos_config cfg;
    const struct transport_ops *ops;
    struct transport *transport;
    struct resolver *resolver;
    int epoll_fd;
    bool stopped;
    _Atomic uint64_t *sequences, *cursors; /* as struct counters */
    _Atomic bool *ran_out;
};

struct solo {
    struct solos *all;
    const struct user_class *cls;
    struct scope scope;
    struct channel *channel;
    struct draft draft;
    struct buf headers; /* of the last reply */
    unsigned sent;
    bool cookies;
    /* the request under way */
    const struct request *request;
    struct solo_reply *out;
    bool done;
};

/* ---------------------------------------------------------------------- the loop */

bool solos_stopped(struct solos *s)
{
    s->stopped = s->stopped || (s->cfg.stop != NULL && s->cfg.stop(s->cfg.arg));
    return s->stopped;
}

static int sleep_ms(uint64_t until_ns, uint64_t now)
{
    if (until_ns <= now)
        return 0;
    uint64_t ms = (until_ns - now + NS_PER_MS - 1) / NS_PER_MS;
    return ms < LONGEST_SLEEP_MS ? (int)ms : LONGEST_SLEEP_MS;
}

/* One turn: what has happened, or until then. */
static void turn(struct solos *s, uint64_t until_ns)
{
    struct epoll_event events[EVENTS];
    uint64_t deadline = s->ops->deadline(s->transport);
    int n = epoll_wait(s->epoll_fd, events, EVENTS,
                       sleep_ms(deadline < until_ns ? deadline : until_ns, now_ns()));
    if (n < 0 && errno != EINTR) /* nothing spins */
        poll(NULL, 0, FALLBACK_MS);
    for (int i = 0; i < n; i++) {
        if ((events[i].data.u64 & TRANSPORT_TAG) != 0)
            s->ops->on_event(s->transport, (int)(uint32_t)events[i].data.u64, events[i].events);
        else
            solos_stopped(s);
    }
    if (s->ops->deadline(s->transport) <= now_ns())
        s->ops->on_time(s->transport);
}

bool solos_wait(struct solos *s, uint64_t until_ns)
{
    while (!solos_stopped(s) && now_ns() < until_ns)
        turn(s, until_ns);
    return !s->stopped;
}

/* ------------------------------------------------------------------ one request */

static void words_of(struct solo *u, const struct verdict *v, const struct outcome *o,
                     bool timed_out)
{
    struct note n;
    u->out->why[0] = '\0';
    if (v->fail == FAIL_NONE)
        return;
    const struct unseen unseen = {.secrets = &u->all->cfg.profile->secrets,
                                  .cls = u->cls,
                                  .scope = &u->scope,
                                  .sent = v->fail != FAIL_NO_VALUE ? &u->draft.message : NULL,
                                  .ops = u->all->ops,
                                  .channel = u->channel};
    judge_note(&n, v, u->request, o, timed_out, &unseen);
    char text[NOTE_TEXT_MAX + 32] = "";
    if (v->fail == FAIL_STATUS && o->body_len > 0)
        snprintf(text, sizeof text, "status %u: ", o->status);
    size_t len = strlen(text);
    snprintf(text + len, sizeof text - len, "%s", n.text);
    clean_text(u->out->why, sizeof u->out->why, text, strlen(text)); /* cut between characters */
}

static void keep_headers(struct solo *u, const struct outcome *o)
{
    struct reply *head = &u->out->head;
    size_t len;
    buf_clear(&u->headers);
    buf_add(&u->headers, o->headers, o->headers_len);
    *head = (struct reply){
        .status = o->status, .body = "", .headers = u->headers.data, .headers_len = u->headers.len};
    u->cookies = u->cookies || reply_header(head, "Set-Cookie", 0, &len) != NULL;
}

static void over(struct solo *u, struct verdict *v, const struct outcome *o, bool timed_out)
{
    struct solo_reply *out = u->out;
    out->fail = v->fail;
    out->retry_after_s = o->retry_after_s;
    u->scope.status = out->head.status;
    words_of(u, v, o, timed_out);
    u->done = true;
}

static void on_done(void *tag, const struct outcome *o, void *arg)
{
    struct solo *u = tag;
    struct verdict v;
    (void)arg;
    u->out->done_ns = now_ns();
    judge(u->request, o, u->out->done_ns - u->out->sent_ns, &u->scope, &v);
    if (o->fail == FAIL_NONE)
        keep_headers(u, o);
    over(u, &v, o, false);
}

/* No reply in time, or it is no longer wanted. */
static void give_up(struct solo *u)
{
    struct outcome o;
    struct verdict v = {.fail = FAIL_TIMEOUT};
    u->all->ops->abort(u->channel, &o);
    u->out->done_ns = now_ns();
    u->out->stopped = u->all->stopped;
    over(u, &v, &o, true);
}

static void not_sent(struct solo *u, struct verdict *v)
{
    static const struct outcome nothing = {
        .reason = "", .body = "", .headers = "", .retry_after_s = UINT32_MAX};
    v->fail = FAIL_NO_VALUE;
    v->name = NULL;
    u->out->done_ns = u->out->sent_ns;
    over(u, v, &nothing, false);
}

static uint64_t hash(uint64_t h, const char *data, size_t len)
{
    for (size_t i = 0; i < len; i++)
        h = (h ^ (unsigned char)data[i]) * UINT64_C(1099511628211);
    return h;
}

/* Payloads are drawn at random: they tell nothing of who sends them. */
static uint64_t print_of(const struct message *m)
{
    uint64_t h = hash(UINT64_C(14695981039346656037), m->url, strlen(m->url) + 1);
    for (size_t i = 0; i < m->n_headers; i++)
        h = hash(h, m->headers[i], strlen(m->headers[i]) + 1);
    if (m->cookies != NULL)
        h = hash(h, m->cookies, strlen(m->cookies));
    for (size_t i = 0; i < m->n_pieces; i++)
        if (m->body[i].kind == PIECE_BYTES)
            h = hash(h, m->body[i].data, m->body[i].len);
    return h;
}

static bool is_loopback(const char *url)
{
    const char *host = strstr(url, "://");
    if (host == NULL)
        return false;
    host += 3;
    size_t len = strcspn(host, ":/?#");
    return strncmp(host, "127.", 4) == 0 || (len == 9 && strncmp(host, "localhost", len) == 0);
}

static void begin(struct solo *u)
{
    struct message *m = &u->draft.message;
    m->keep |= REPLY_HEADERS;
    u->out->print = print_of(m);
    u->out->loopback = is_loopback(m->url);
    u->sent++;
    u->out->sent_ns = now_ns();
    u->all->ops->begin(u->channel, m);
}

void solo_request(struct solo *u, const struct request *r, struct solo_reply *out)
{
    struct verdict v;
    *out = (struct solo_reply){.sent_ns = now_ns(), .head = {.body = "", .headers = ""}};
    u->request = r;
    u->out = out;
    u->done = false;
    u->scope.iteration++;
    if (solos_stopped(u->all)) {
        out->stopped = true;
        out->fail = FAIL_OTHER;
        return;
    }
    if (!compose(&u->draft, r, &u->scope, &v.why)) {
        not_sent(u, &v);
        return;
    }
    begin(u);
    uint64_t deadline = out->sent_ns + r->timeout_ns;
    while (!u->done && !u->all->stopped && now_ns() < deadline)
        turn(u->all, deadline);
    if (!u->done)
        give_up(u);
}

/* ------------------------------------------------------------------------ steps */

static struct lives lives_of(const struct solos *s)
{
    return (struct lives){.profile = s->cfg.profile,
                          .sequences = s->sequences,
                          .cursors = s->cursors,
                          .ran_out = s->ran_out,
                          .seed = s->cfg.seed};
}

bool solo_take_rows(struct solo *u, const struct steps *steps)
{
    const struct lives all = lives_of(u->all);
    for (size_t i = 0; i < steps->n_feeders; i++)
        if (u->scope.rows[steps->feeders[i]] == SCOPE_NO_ROW &&
            !life_take_row(&u->scope, &all, steps->feeders[i]))
            return false;
    return true;
}

struct walk {
    uint32_t at;
    uint32_t loops[PROFILE_MAX_LOOPS]; /* rounds left, by depth */
};

/* A step that is no request.  False: the user was stopped, or stops itself. */
static bool take(struct solo *u, const struct step *s, struct walk *w, struct err *e)
{
    switch (s->kind) {
    case STEP_THINK:
        w->at++;
        return solos_wait(u->all, now_ns() + user_draw_wait(&u->scope.rng, &s->pause)) ||
               err_set(e, "interrupted");
    case STEP_LOOP:
        w->loops[s->depth] = s->count;
        w->at++;
        return true;
    case STEP_AGAIN:
        w->at = --w->loops[s->depth] > 0 ? s->to : w->at + 1;
        return true;
    case STEP_WHEN:
        w->at = condition_holds(s->condition, &u->scope) ? w->at + 1 : s->to;
        return true;
    case STEP_JUMP:
        w->at = s->to;
        return true;
    case STEP_PARALLEL: /* its requests stand behind it */
        w->at++;
        return true;
    default:
        return err_set(e, "a step of on_start ends the user (stop = true)");
    }
}

bool solo_steps(struct solo *u, const struct steps *steps, struct solo_reply *last, struct err *e)
{
    struct walk w = {.at = 0};
    *last = (struct solo_reply){.fail = FAIL_NONE};
    if (!solo_take_rows(u, steps))
        return err_set(e, "a feeder has no row left for it");
    for (uint32_t n = 0; w.at < steps->n; n++) {
        const struct step *s = &steps->items[w.at];
        if (n == STEPS_MAX)
            return err_set(e, "on_start has more than %u steps", STEPS_MAX);
        if (s->kind != STEP_REQUEST) {
            if (!take(u, s, &w, e))
                return false;
            continue;
        }
        solo_request(u, s->request, last);
        if (last->fail != FAIL_NONE)
            return err_set(e, "%s %s: %s", s->request->method, s->request->name,
                           last->stopped ? "interrupted" : last->why);
        w.at++;
    }
    return true;
}

unsigned solo_sent(const struct solo *u)
{
    return u->sent;
}

bool solo_has_cookies(const struct solo *u)
{
    return u->cookies && u->cls->cookies;
}

/* ---------------------------------------------------------------------- a life */

struct solo *solo_open(struct solos *s, uint16_t cls, uint32_t number, const char *from,
                       struct err *e)
{
    struct solo *u = mem_zalloc(sizeof *u);
    const struct lives all = lives_of(s);
    u->all = s;
    u->cls = &s->cfg.profile->classes[cls];
    u->channel = s->ops->channel_open(s->transport, NULL, u->cls->cookies, u);
    /* The dice of the same user in a run. */
    bool lives = u->channel != NULL && life_begin(&u->scope, &all, u->cls, number, 0);
    if (u->channel == NULL)
        err_set(e, "out of memory for its connection");
    else if (!lives)
        err_set(e, "a feeder has no row left for it");
    if (!lives) {
        solo_close(u);
        return NULL;
    }
    s->ops->channel_number(u->channel, number);
    if (from != NULL)
        s->ops->channel_source(u->channel, from);
    return u;
}

void solo_close(struct solo *u)
{
    if (u == NULL)
        return;
    u->all->ops->channel_close(u->channel);
    scope_finish(&u->scope);
    draft_finish(&u->draft);
    buf_finish(&u->headers);
    free(u);
}

/* ------------------------------------------------------------------- all of them */

static bool watch_stop(struct solos *s)
{
    struct epoll_event ev = {.events = EPOLLIN};
    return s->cfg.stop_fd < 0 || epoll_ctl(s->epoll_fd, EPOLL_CTL_ADD, s->cfg.stop_fd, &ev) == 0;
}

static bool open_transport(struct solos *s, struct err *e)
{
    struct transport_rules rules = transport_rules_of(s->cfg.profile);
    rules.parallel = 1;
    const struct transport_ops *ops = transport_pick(&rules, e);
    if (ops == NULL)
        return false;
    s->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (s->epoll_fd < 0 || !watch_stop(s))
        return err_set(e, "no event loop: %s", strerror(errno));
    s->resolver = resolver_create(NULL);
    const struct transport_config cfg = {
        .epoll_fd = s->epoll_fd, .resolver = s->resolver, .done = on_done};
    s->ops = ops;
    s->transport = ops->create(&cfg, e);
    if (s->transport == NULL)
        return false;
    ops->configure(s->transport, &rules);
    return true;
}

struct solos *solos_open(const struct solos_config *cfg, struct err *e)
{
    const struct profile *p = cfg->profile;
    struct solos *s = mem_zalloc(sizeof *s);
    s->cfg = *cfg;
    s->epoll_fd = -1;
    s->sequences = mem_array(p->n_sequences + 1, sizeof *s->sequences);
    s->cursors = mem_array(p->n_feeders + 1, sizeof *s->cursors);
    s->ran_out = mem_array(p->n_feeders + 1, sizeof *s->ran_out);
    for (size_t i = 0; i < p->n_sequences; i++)
        atomic_init(&s->sequences[i], p->sequence_starts[i]);
    profile_ref(cfg->profile);
    if (open_transport(s, e))
        return s;
    solos_close(s);
    return NULL;
}

void solos_close(struct solos *s)
{
    if (s == NULL)
        return;
    if (s->transport != NULL)
        s->ops->destroy(s->transport);
    resolver_close(s->resolver);
    if (s->epoll_fd >= 0)
        close(s->epoll_fd);
    free(s->sequences);
    free(s->cursors);
    free(s->ran_out);
    profile_unref(s->cfg.profile);
    free(s);
}
