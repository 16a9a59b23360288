/* SPDX-License-Identifier: MIT */
/* The nginx probe: nginx by its stub_status page. */
#include <math.h>
#include <stdlib.h>
#include <strings.h>

#include "src/base/mem.h"
#include "src/base/now.h"
#include "src/probe/nginx_status.h"
#include "src/probe/web.h"

struct nginx {
    struct web web;
    struct buf body;
    struct nginx_status before;
    bool seen;
    uint64_t asked, opened; /* requests and connections of this probe, since nginx was started */
    bool anew;              /* the next request opens a connection */
    struct probe_counter requests, accepts, dropped;
    bool dropping;
    int per_s, active, waiting, busy, accepted, lost;
};

static void *nginx_open(struct probe *p, const struct probe_spec *spec)
{
    struct nginx *s = mem_zalloc(sizeof *s);
    web_open(&s->web, p, spec, "nginx", false);
    s->per_s = probe_series(p, "", "requests", UNIT_PER_S, SERIES_MAIN);
    s->active = probe_series(p, "", "connections", UNIT_COUNT, SERIES_MAIN);
    s->busy = probe_series(p, "", "busy", UNIT_COUNT, 0);
    s->waiting = probe_series(p, "", "keep-alive", UNIT_COUNT, 0);
    s->accepted = probe_series(p, "", "accepted", UNIT_PER_S, 0);
    s->lost = probe_series(p, "", "dropped", UNIT_PER_S, 0);
    s->anew = true;
    return s;
}

static void nginx_close(void *self)
{
    struct nginx *s = self;
    web_close(&s->web);
    buf_finish(&s->body);
    free(s);
}

static void nginx_restart_counters(struct nginx *s, struct probe *p)
{
    s->requests.seen = s->accepts.seen = s->dropped.seen = s->dropping = false;
    s->asked = s->opened = 1; /* this request */
    s->before = (struct nginx_status){0};
    probe_event(p, EVENT_RESTART, "", "was started anew");
}

static uint64_t dropped_connections(const struct nginx_status *st)
{
    return st->accepts > st->handled ? st->accepts - st->handled : 0;
}

/* Publishes dropped connections.  The comparison is with the last page that could be read,
 * however old: while nginx drops connections, ours is among them. */
static void nginx_publish_dropped(struct nginx *s, struct probe *p, const struct nginx_status *st,
                                  double at_s)
{
    bool now = s->seen && dropped_connections(st) > dropped_connections(&s->before);
    probe_value(p, s->lost, probe_rate(&s->dropped, (double)dropped_connections(st), at_s, NULL));
    if (now && !s->dropping)
        probe_event(p, EVENT_FINDING, "", "drops connections: its worker_connections are used up");
    s->dropping = now;
}

/* Returns whether nginx closes our connection, as it does after each request without keep-alive. */
static bool nginx_closes_connection(struct nginx *s)
{
    const char *word = http_header(s->web.http, "Connection");
    return word != NULL && strcasecmp(word, "close") == 0;
}

/* Publishes figures without this probe's own: one connection that is writing, one request per
 * poll. */
static void nginx_publish(struct nginx *s, struct probe *p, const struct nginx_status *st,
                          double at_s)
{
    uint64_t own = st->requests > s->asked ? s->asked : st->requests;
    uint64_t busy = st->reading + st->writing;
    uint64_t opened = st->accepts > s->opened ? s->opened : st->accepts;
    probe_value(p, s->per_s, probe_rate(&s->requests, (double)(st->requests - own), at_s, NULL));
    probe_value(p, s->active, st->active > 0 ? (double)(st->active - 1) : 0);
    probe_value(p, s->busy, busy > 0 ? (double)(busy - 1) : 0);
    probe_value(p, s->waiting, (double)st->waiting);
    probe_value(p, s->accepted,
                probe_rate(&s->accepts, (double)(st->accepts - opened), at_s, NULL));
    nginx_publish_dropped(s, p, st, at_s);
}

static enum probe_state nginx_poll(void *self, struct probe *p, uint64_t deadline_ns, struct err *e)
{
    static const char *missing = "nginx shows its figures where its configuration has a location "
                                 "with stub_status;";
    struct nginx *s = self;
    struct nginx_status st;
    long status;
    uint64_t sent = now_ns();
    enum probe_state state = web_get(&s->web, s->web.path, deadline_ns, &s->body, &status, e);
    if (state == PROBE_CONNECTING)
        return state;
    if (state != PROBE_LIVE) {
        s->requests.seen = s->accepts.seen = s->dropped.seen = false; /* no rate over the gap */
        s->anew = true;
        return state;
    }
    s->opened += s->anew;
    s->anew = nginx_closes_connection(s);
    if (status != 200)
        return web_refused(&s->web, status, missing, e);
    if (!nginx_status_parse(s->body.data, s->body.len, &st)) {
        err_set(e, "%s is no page of nginx's stub_status: is it the right address?", s->web.place);
        return PROBE_DENIED;
    }
    s->asked++;
    if (s->seen && (st.requests < s->before.requests || st.accepts < s->before.accepts))
        nginx_restart_counters(s, p);
    uint64_t at = sent + (now_ns() - sent) / 2; /* about when nginx counted */
    nginx_publish(s, p, &st, (double)at / 1e9);
    s->before = st;
    s->seen = true;
    return PROBE_LIVE;
}

const struct probe_ops probe_nginx = {
    .type = PROBE_NGINX,
    .period_ns = NS_PER_S,
    .limit_ns = 2 * NS_PER_S,
    .open = nginx_open,
    .poll = nginx_poll,
    .close = nginx_close,
};
