/* SPDX-License-Identifier: MIT */
/* The docker probe, which podman answers as well: the Engine API over one connection, a
 * stream of figures for each container and one of events.  Only GET.
 *
 * podman's stream has a period of 5 s: there each container is asked for a single sample
 * once in a look. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/clean.h"
#include "src/base/mem.h"
#include "src/base/now.h"
#include "src/probe/docker/docker_inner.h"

#define POLL_LIMIT_NS (5 * NS_PER_S)
#define NEWS_NS (50 * NS_PER_MS)

/* ----------------------------------------------------------------- containers */

static struct docker_box *place_of(struct docker *d, const struct docker_who *who)
{
    for (size_t i = 0; i < d->n_boxes; i++)
        if (docker_match_same(&d->boxes[i]->who, who))
            return d->boxes[i];
    return NULL;
}

static bool name_taken(const struct docker *d, const char *name)
{
    for (size_t i = 0; i < d->n_boxes; i++)
        if (d->boxes[i] != NULL && strcmp(d->boxes[i]->group, name) == 0)
            return true;
    return false;
}

/* Of one that is no longer there, or has ended, for the longest time; NULL: there is none. */
static struct docker_box **place_to_lose(struct docker *d)
{
    struct docker_box **best = NULL;
    for (size_t i = 0; i < d->n_boxes; i++) {
        const struct docker_box *b = d->boxes[i];
        if (b->ended_ns == 0)
            continue;
        bool better = best == NULL || b->gone > (*best)->gone ||
                      (b->gone == (*best)->gone && b->ended_ns < (*best)->ended_ns);
        best = better ? &d->boxes[i] : best;
    }
    return best;
}

static struct docker_box **new_place(struct docker *d)
{
    if (d->n_boxes < DOCKER_BOXES)
        return &d->boxes[d->n_boxes++];
    struct docker_box **at = place_to_lose(d);
    if (at != NULL) {
        probe_drop_group(d->probe, (*at)->group);
        docker_box_free(*at);
        *at = NULL;
    }
    return at;
}

/* Two never share one, though names may be long, or another's service is called so. */
static void choose_name(const struct docker *d, const struct docker_who *who, char *out,
                        size_t size)
{
    char text[SNAP_GROUP + DOCKER_ID];
    docker_match_name(who, false, out, size);
    if (name_taken(d, out))
        docker_match_name(who, true, out, size);
    if (!name_taken(d, out))
        return;
    snprintf(text, sizeof text, "%.34s %.12s", out, who->id);
    clean_text(out, size, text, strlen(text));
}

static void add_box(struct docker *d, const struct docker_who *who)
{
    char name[SNAP_GROUP];
    if (d->n_boxes == DOCKER_BOXES && place_to_lose(d) == NULL) {
        d->left_out++;
        return;
    }
    struct docker_box **at = new_place(d);
    choose_name(d, who, name, sizeof name);
    *at = docker_box_new(d, who, name);
}

/* The same place with another id: made anew. */
static void move_in(struct docker_box *b, const struct docker_who *who)
{
    docker_box_rest(b);
    b->who = *who;
    b->ask = true;
    b->ended_ns = 0;
    b->log_refused = b->restarting = b->died = b->oom = b->stopped = b->started = b->unclear =
        false;
    probe_event(b->docker->probe, EVENT_START, b->group, "was made anew and started");
}

static void use_list(struct docker *d, const struct docker_container *all, size_t n)
{
    d->left_out = 0;
    for (size_t i = 0; i < n; i++) {
        if (!docker_match(d->spec, &all[i]))
            continue;
        struct docker_box *b = place_of(d, &all[i].who);
        if (b == NULL)
            add_box(d, &all[i].who);
        else if (strcmp(b->who.id, all[i].who.id) != 0)
            move_in(b, &all[i].who);
        else if (b->gone)
            b->ask = true;
    }
}

/* What ends at once is in no list that is asked for afterwards, and just that is worth knowing of one
 * that is looked for.  No place is taken from another: a stream may be being read. */
void docker_meet(struct docker *d, const struct docker_who *who)
{
    struct docker_container c = {.who = *who};
    if (d->spec->n_match > 0 && d->n_boxes < DOCKER_BOXES && place_of(d, who) == NULL &&
        docker_match(d->spec, &c))
        add_box(d, who);
}

static enum probe_state list(struct docker *d, uint64_t deadline_ns, struct err *e)
{
    struct docker_container *all = NULL;
    size_t n = 0;
    long status = docker_get(d, deadline_ns, "/containers/json");
    if (status != 200)
        return docker_bad_answer(d, status, e);
    if (!docker_json_list(d->body.data, d->body.len, &all, &n)) {
        err_set(e, "what %s answered is no list of containers.", d->where.shown);
        return PROBE_DOWN;
    }
    d->list_due = false;
    use_list(d, all, n);
    free(all);
    return PROBE_LIVE;
}

/* podman says it with a status of 500 while a container is being removed. */
static bool no_such_container(const struct docker *d)
{
    char reason[256];
    docker_json_reason(d->body.data, d->body.len, reason, sizeof reason);
    return strstr(reason, "no such container") != NULL;
}

static enum probe_state inspect(struct docker *d, struct docker_box *b, uint64_t deadline_ns,
                                struct err *e)
{
    struct docker_inspect info;
    long status = docker_get(d, deadline_ns, "/containers/%s/json", b->who.id);
    if (status == 404 || (status == 500 && no_such_container(d))) {
        b->ask = false;
        docker_event_settle(b);
        if (!b->gone)
            probe_event(d->probe, EVENT_GONE, b->group, "was removed");
        docker_box_gone(b);
        docker_box_rest(b);
        return PROBE_LIVE;
    }
    if (status != 200 || !docker_json_inspect(d->body.data, d->body.len, &info))
        return docker_bad_answer(d, status, e);
    b->info = info;
    docker_event_settle(b);
    docker_box_go(b);
    return PROBE_LIVE;
}

static enum probe_state ask(struct docker *d, uint64_t deadline_ns, struct err *e)
{
    enum probe_state state = PROBE_LIVE;
    for (size_t i = 0; i < d->n_boxes && state == PROBE_LIVE; i++)
        if (d->boxes[i]->ask && now_ns() < deadline_ns)
            state = inspect(d, d->boxes[i], deadline_ns, e);
    return state;
}

/* podman: a sample of each.  An empty answer: it is stopped. */
static enum probe_state poll_stats(struct docker *d, uint64_t deadline_ns, struct err *e)
{
    if (!d->podman || now_ns() - d->polled_ns < d->poll_ns / 2)
        return PROBE_LIVE; /* over a moment a throttled container does all or nothing */
    d->polled_ns = now_ns();
    for (size_t i = 0; i < d->n_boxes && now_ns() < deadline_ns; i++) {
        struct docker_box *b = d->boxes[i];
        if (b->gone || b->ask)
            continue;
        long status = docker_get(d, deadline_ns, "/containers/%s/stats?stream=false", b->who.id);
        if (status == 0)
            return docker_bad_answer(d, status, e);
        if (status == 200)
            docker_box_take(b, d->body.data, d->body.len);
        else if (status >= 500)
            docker_box_refused(b, d->body.data, d->body.len);
        b->ask = status != 200;
    }
    return PROBE_LIVE;
}

/* ------------------------------------------------------------------------ look */

static size_t present(const struct docker *d)
{
    size_t n = 0;
    for (size_t i = 0; i < d->n_boxes; i++)
        n += !d->boxes[i]->gone;
    return n;
}

static enum probe_state nobody(const struct docker *d, struct err *e)
{
    char words[120];
    docker_match_words(d->spec, words, sizeof words);
    if (words[0] != '\0')
        err_set(e, "no container that runs at %s is %s: `%s ps` lists them.", d->where.shown, words,
                d->podman ? "podman" : "docker");
    else
        err_set(e, "no container runs at %s.", d->where.shown);
    return PROBE_DOWN;
}

static void remark(struct docker *d)
{
    char text[SNAP_TEXT] = "";
    const struct docker_box *cache = NULL, *log = NULL, *mute = NULL;
    for (size_t i = 0; i < d->n_boxes; i++) {
        bool refused = d->boxes[i]->refusal[0] != '\0' && !d->boxes[i]->gone;
        mute = refused ? d->boxes[i] : mute;
        cache = d->boxes[i]->cache_in ? d->boxes[i] : cache;
        log = d->boxes[i]->log_refused ? d->boxes[i] : log;
    }
    if (d->left_out > 0)
        snprintf(text, sizeof text, "%zu more containers are left out: name those that matter",
                 d->left_out);
    else if (mute != NULL)
        snprintf(text, sizeof text, "no figures of %s: %s", mute->group, mute->refusal);
    else if (log != NULL)
        snprintf(text, sizeof text, "the log of %s cannot be read: its log driver keeps none",
                 log->group);
    else if (cache != NULL)
        snprintf(text, sizeof text, "memory includes the page cache, which %s does not tell apart",
                 d->podman ? "podman" : "this engine");
    probe_status_text(d->probe, "%s", text);
}

/* After the pump, since no stream ends while one of them is read. */
static void tidy(struct docker *d)
{
    for (size_t i = 0; i < d->n_boxes; i++) {
        docker_box_count_logs(d->boxes[i]);
        if (d->boxes[i]->gone)
            docker_box_rest(d->boxes[i]);
    }
}

static void count_tunnel(struct docker *d)
{
    uint64_t used = d->tunnel != NULL ? docker_tunnel_cpu_ns(d->tunnel) : 0;
    if (used > d->tunnel_cpu_ns)
        probe_cost(d->probe, used - d->tunnel_cpu_ns);
    d->tunnel_cpu_ns = used;
}

static enum probe_state look_on(struct docker *d, uint64_t until_ns, uint64_t deadline_ns,
                                struct err *e)
{
    enum probe_state state = PROBE_LIVE;
    if (d->list_due || present(d) == 0)
        state = list(d, deadline_ns, e);
    if (state == PROBE_LIVE)
        state = ask(d, deadline_ns, e);
    d->idle = state == PROBE_LIVE && present(d) == 0;
    if (d->idle) {
        http_pump(d->http, now_ns() + NEWS_NS); /* what happened since the last look */
        return d->lost ? docker_lost(d, e) : nobody(d, e);
    }
    if (state == PROBE_LIVE)
        state = poll_stats(d, deadline_ns, e);
    if (state != PROBE_LIVE)
        return state;
    remark(d);
    http_pump(d->http, until_ns);
    tidy(d);
    return d->lost ? docker_lost(d, e) : PROBE_LIVE;
}

/* until_ns is when news are waited for; an engine that is slow to answer has longer. */
static enum probe_state docker_poll(void *self, struct probe *p, uint64_t until_ns, struct err *e)
{
    struct docker *d = self;
    uint64_t deadline_ns = now_ns() + POLL_LIMIT_NS;
    enum probe_state state = PROBE_LIVE;
    (void)p;
    d->why = (struct http_failure){0};
    if (d->http == NULL)
        state = docker_connect(d, deadline_ns, e);
    if (state == PROBE_CONNECTING) /* ssh goes on until the next look */
        return PROBE_DOWN;
    bool connected = state == PROBE_LIVE;
    if (connected)
        state = look_on(d, until_ns, deadline_ns, e);
    count_tunnel(d);
    if (state == PROBE_LIVE || (d->idle && !d->lost))
        return state;
    bool woken = d->why.woken && !d->lost; /* it was not the engine's fault */
    if (!woken || !connected)
        docker_disconnect(d);
    return woken ? PROBE_CONNECTING : state;
}

/* ---------------------------------------------------------------------- details */

static const char *state_of(const struct docker_box *b)
{
    if (b->gone)
        return "removed";
    if (!b->info.running)
        return "ended";
    return b->info.health[0] != '\0' ? b->info.health : "running";
}

static void row(const struct docker_box *b, char *out)
{
    char cpus[24] = "all", memory[24] = "all", text[SNAP_DETAIL_ROW_BYTES];
    bool said = strcmp(b->group, b->who.name) == 0;
    if (b->info.cpus > 0)
        snprintf(cpus, sizeof cpus, "%.2f", b->info.cpus);
    if (b->info.memory > 0)
        snap_format_value(UNIT_BYTES, b->info.memory, memory, sizeof memory);
    snprintf(text, sizeof text, "%-24.24s %-10.10s %8u %6s %9s  %.40s%s%.12s", b->group,
             state_of(b), b->info.restarts, cpus, memory, said ? "" : b->who.name, said ? "" : "  ",
             b->who.id);
    clean_text(out, SNAP_DETAIL_ROW_BYTES, text, strlen(text));
}

static bool docker_answer(void *self, struct probe *p, uint64_t deadline_ns,
                          struct snap_detail *out, struct err *e)
{
    const struct docker *d = self;
    (void)p;
    (void)deadline_ns;
    if (d->n_boxes == 0)
        return err_set(e, "no container is watched.");
    snprintf(out->title, sizeof out->title, "containers");
    snprintf(out->rows[0], sizeof out->rows[0], "%-24s %-10s %8s %6s %9s  %s", "", "state",
             "restarts", "cpus", "memory", "container");
    out->n_rows = 1;
    for (size_t i = 0; i < d->n_boxes && out->n_rows < SNAP_DETAIL_ROWS; i++)
        row(d->boxes[i], out->rows[out->n_rows++]);
    return true;
}

/* -------------------------------------------------------------------------- life */

static void *docker_open(struct probe *p, const struct probe_spec *spec)
{
    struct docker *d = mem_zalloc(sizeof *d);
    d->probe = p;
    d->spec = spec;
    d->podman = spec->podman; /* until it says itself what it is */
    d->poll_ns = spec->period_ns != 0 ? spec->period_ns : NS_PER_S;
    return d;
}

static void docker_close(void *self)
{
    struct docker *d = self;
    docker_disconnect(d);
    for (size_t i = 0; i < d->n_boxes; i++)
        docker_box_free(d->boxes[i]);
    buf_finish(&d->event_line);
    buf_finish(&d->body);
    free(d);
}

const struct probe_ops probe_docker = {
    .type = PROBE_DOCKER,
    .period_ns = NS_PER_S,
    .limit_ns = POLL_LIMIT_NS,
    .streams = true,
    .open = docker_open,
    .poll = docker_poll,
    .answer = docker_answer,
    .close = docker_close,
};
