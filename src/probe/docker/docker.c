/* SPDX-License-Identifier: MIT */
/* The docker probe, which also watches podman: the Engine API over one connection, a stream of
 * figures for each container and a stream of events.  Only GET.
 *
 * podman's stream has a period of 5 s: each of its containers is asked for a single sample in
 * each poll. */
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

static struct container *known_container(struct docker *d, const struct docker_who *who)
{
    for (size_t i = 0; i < d->n_containers; i++)
        if (docker_match_same(&d->containers[i]->who, who))
            return d->containers[i];
    return NULL;
}

static bool group_name_taken(const struct docker *d, const char *name)
{
    for (size_t i = 0; i < d->n_containers; i++)
        if (d->containers[i] != NULL && strcmp(d->containers[i]->group, name) == 0)
            return true;
    return false;
}

/* Returns the entry to evict: removed longest ago, else ended longest ago; NULL if all run. */
static struct container **container_to_evict(struct docker *d)
{
    struct container **best = NULL;
    for (size_t i = 0; i < d->n_containers; i++) {
        const struct container *c = d->containers[i];
        if (c->ended_ns == 0)
            continue;
        bool better = best == NULL || c->removed > (*best)->removed ||
                      (c->removed == (*best)->removed && c->ended_ns < (*best)->ended_ns);
        best = better ? &d->containers[i] : best;
    }
    return best;
}

static struct container **free_container_place(struct docker *d)
{
    if (d->n_containers < DOCKER_CONTAINERS)
        return &d->containers[d->n_containers++];
    struct container **at = container_to_evict(d);
    if (at != NULL) {
        probe_drop_group(d->probe, (*at)->group);
        container_free(*at);
        *at = NULL;
    }
    return at;
}

/* Chooses a name that no other container has, even if names are long or another's service has
 * the same name. */
static void choose_group_name(const struct docker *d, const struct docker_who *who, char *out,
                              size_t size)
{
    char text[SNAP_GROUP + DOCKER_ID];
    docker_match_name(who, false, out, size);
    if (group_name_taken(d, out))
        docker_match_name(who, true, out, size);
    if (!group_name_taken(d, out))
        return;
    snprintf(text, sizeof text, "%.34s %.12s", out, who->id);
    clean_text(out, size, text, strlen(text));
}

static void add_container(struct docker *d, const struct docker_who *who)
{
    char name[SNAP_GROUP];
    if (d->n_containers == DOCKER_CONTAINERS && container_to_evict(d) == NULL) {
        d->left_out++;
        return;
    }
    struct container **at = free_container_place(d);
    choose_group_name(d, who, name, sizeof name);
    *at = container_new(d, who, name);
}

/* Takes over a container's place when it was recreated with another id. */
static void container_replaced(struct container *c, const struct docker_who *who)
{
    container_end_streams(c);
    c->who = *who;
    c->inspect_due = true;
    c->ended_ns = 0;
    c->log_refused = c->restarting = c->died = c->oom = c->stopped = c->started = c->unclear =
        false;
    probe_event(c->docker->probe, EVENT_START, c->group, "was made anew and started");
}

static void apply_container_list(struct docker *d, const struct docker_list_entry *all, size_t n)
{
    d->left_out = 0;
    for (size_t i = 0; i < n; i++) {
        if (!docker_match_entry(d->spec, &all[i]))
            continue;
        struct container *c = known_container(d, &all[i].who);
        if (c == NULL)
            add_container(d, &all[i].who);
        else if (strcmp(c->who.id, all[i].who.id) != 0)
            container_replaced(c, &all[i].who);
        else if (c->removed)
            c->inspect_due = true;
    }
}

/* Watches a container from its start event on.  A container that ends at once is in no later
 * list, and is the most interesting one if it is asked for by name.  Nothing is evicted here,
 * since a stream may be being read. */
void container_adopt(struct docker *d, const struct docker_who *who)
{
    struct docker_list_entry entry = {.who = *who};
    if (d->spec->n_match > 0 && d->n_containers < DOCKER_CONTAINERS &&
        known_container(d, who) == NULL && docker_match_entry(d->spec, &entry))
        add_container(d, who);
}

static enum probe_state list_containers(struct docker *d, uint64_t deadline_ns, struct err *e)
{
    struct docker_list_entry *all = NULL;
    size_t n = 0;
    long status = docker_get(d, deadline_ns, "/containers/json");
    if (status != 200)
        return docker_failure_state(d, status, e);
    if (!docker_json_list(d->body.data, d->body.len, &all, &n)) {
        err_set(e, "what %s answered is no list of containers.", d->where.shown);
        return PROBE_DOWN;
    }
    d->list_due = false;
    apply_container_list(d, all, n);
    free(all);
    return PROBE_LIVE;
}

/* Returns whether the engine has no such container: podman answers with status 500 while it is
 * being removed. */
static bool no_such_container(const struct docker *d)
{
    char reason[256];
    docker_json_reason(d->body.data, d->body.len, reason, sizeof reason);
    return strstr(reason, "no such container") != NULL;
}

static enum probe_state inspect_container(struct docker *d, struct container *c,
                                          uint64_t deadline_ns, struct err *e)
{
    struct docker_inspect info;
    long status = docker_get(d, deadline_ns, "/containers/%s/json", c->who.id);
    if (status == 404 || (status == 500 && no_such_container(d))) {
        c->inspect_due = false;
        container_settle_events(c);
        if (!c->removed)
            probe_event(d->probe, EVENT_GONE, c->group, "was removed");
        container_mark_removed(c);
        container_end_streams(c);
        return PROBE_LIVE;
    }
    if (status != 200 || !docker_json_inspect(d->body.data, d->body.len, &info))
        return docker_failure_state(d, status, e);
    c->info = info;
    container_settle_events(c);
    container_start_streams(c);
    return PROBE_LIVE;
}

static enum probe_state inspect_due_containers(struct docker *d, uint64_t deadline_ns,
                                               struct err *e)
{
    enum probe_state state = PROBE_LIVE;
    for (size_t i = 0; i < d->n_containers && state == PROBE_LIVE; i++)
        if (d->containers[i]->inspect_due && now_ns() < deadline_ns)
            state = inspect_container(d, d->containers[i], deadline_ns, e);
    return state;
}

/* Asks podman for a sample of each container.  An empty answer: the container is stopped. */
static enum probe_state poll_container_stats(struct docker *d, uint64_t deadline_ns, struct err *e)
{
    if (!d->podman || now_ns() - d->polled_ns < d->poll_ns / 2)
        return PROBE_LIVE; /* over a moment a throttled container uses all or nothing */
    d->polled_ns = now_ns();
    for (size_t i = 0; i < d->n_containers && now_ns() < deadline_ns; i++) {
        struct container *c = d->containers[i];
        if (c->removed || c->inspect_due)
            continue;
        long status = docker_get(d, deadline_ns, "/containers/%s/stats?stream=false", c->who.id);
        if (status == 0)
            return docker_failure_state(d, status, e);
        if (status == 200)
            container_take_stats(c, d->body.data, d->body.len);
        else if (status >= 500)
            container_set_refusal(c, d->body.data, d->body.len);
        c->inspect_due = status != 200;
    }
    return PROBE_LIVE;
}

/* ------------------------------------------------------------------------ poll */

static size_t count_present_containers(const struct docker *d)
{
    size_t n = 0;
    for (size_t i = 0; i < d->n_containers; i++)
        n += !d->containers[i]->removed;
    return n;
}

static enum probe_state no_container_state(const struct docker *d, struct err *e)
{
    char words[120];
    docker_match_words(d->spec, words, sizeof words);
    if (words[0] != '\0')
        err_set(e, "no running container at %s matches %s: `%s ps` lists them.", d->where.shown,
                words, d->podman ? "podman" : "docker");
    else
        err_set(e, "no container runs at %s.", d->where.shown);
    return PROBE_DOWN;
}

static void docker_status_text(struct docker *d)
{
    char text[SNAP_TEXT] = "";
    const struct container *cache = NULL, *log = NULL, *mute = NULL;
    for (size_t i = 0; i < d->n_containers; i++) {
        bool refused = d->containers[i]->refusal[0] != '\0' && !d->containers[i]->removed;
        mute = refused ? d->containers[i] : mute;
        cache = d->containers[i]->cache_in ? d->containers[i] : cache;
        log = d->containers[i]->log_refused ? d->containers[i] : log;
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

/* Ends streams of removed containers: after the pump, since no stream may end while one is read. */
static void end_removed_containers(struct docker *d)
{
    for (size_t i = 0; i < d->n_containers; i++) {
        container_count_logs(d->containers[i]);
        if (d->containers[i]->removed)
            container_end_streams(d->containers[i]);
    }
}

static void add_tunnel_cost(struct docker *d)
{
    uint64_t used = d->tunnel != NULL ? docker_tunnel_cpu_ns(d->tunnel) : 0;
    if (used > d->tunnel_cpu_ns)
        probe_cost(d->probe, used - d->tunnel_cpu_ns);
    d->tunnel_cpu_ns = used;
}

static enum probe_state poll_engine(struct docker *d, uint64_t until_ns, uint64_t deadline_ns,
                                    struct err *e)
{
    enum probe_state state = PROBE_LIVE;
    if (d->list_due || count_present_containers(d) == 0)
        state = list_containers(d, deadline_ns, e);
    if (state == PROBE_LIVE)
        state = inspect_due_containers(d, deadline_ns, e);
    d->idle = state == PROBE_LIVE && count_present_containers(d) == 0;
    if (d->idle) {
        http_pump(d->http, now_ns() + NEWS_NS); /* events since the previous poll */
        return d->lost ? docker_lost_state(d, e) : no_container_state(d, e);
    }
    if (state == PROBE_LIVE)
        state = poll_container_stats(d, deadline_ns, e);
    if (state != PROBE_LIVE)
        return state;
    docker_status_text(d);
    http_pump(d->http, until_ns);
    end_removed_containers(d);
    return d->lost ? docker_lost_state(d, e) : PROBE_LIVE;
}

/* Waits for news until until_ns; an engine that is slow to answer has longer. */
static enum probe_state docker_poll(void *self, struct probe *p, uint64_t until_ns, struct err *e)
{
    struct docker *d = self;
    uint64_t deadline_ns = now_ns() + POLL_LIMIT_NS;
    enum probe_state state = PROBE_LIVE;
    (void)p;
    d->why = (struct http_failure){0};
    if (d->http == NULL)
        state = docker_connect(d, deadline_ns, e);
    if (state == PROBE_CONNECTING) /* ssh goes on until the next poll */
        return PROBE_DOWN;
    bool connected = state == PROBE_LIVE;
    if (connected)
        state = poll_engine(d, until_ns, deadline_ns, e);
    add_tunnel_cost(d);
    if (state == PROBE_LIVE || (d->idle && !d->lost))
        return state;
    bool woken = d->why.woken && !d->lost; /* the engine is not to blame */
    if (!woken || !connected)
        docker_disconnect(d);
    return woken ? PROBE_CONNECTING : state;
}

/* ---------------------------------------------------------------------- details */

static const char *container_state_word(const struct container *c)
{
    if (c->removed)
        return "removed";
    if (!c->info.running)
        return "ended";
    return c->info.health[0] != '\0' ? c->info.health : "running";
}

static void container_row(const struct container *c, char *out)
{
    char cpus[24] = "all", memory[24] = "all", text[SNAP_DETAIL_ROW_BYTES];
    bool said = strcmp(c->group, c->who.name) == 0;
    if (c->info.cpus > 0)
        snprintf(cpus, sizeof cpus, "%.2f", c->info.cpus);
    if (c->info.memory > 0)
        snap_format_value(UNIT_BYTES, c->info.memory, memory, sizeof memory);
    snprintf(text, sizeof text, "%-24.24s %-10.10s %8u %6s %9s  %.40s%s%.12s", c->group,
             container_state_word(c), c->info.restarts, cpus, memory, said ? "" : c->who.name,
             said ? "" : "  ", c->who.id);
    clean_text(out, SNAP_DETAIL_ROW_BYTES, text, strlen(text));
}

static bool docker_answer(void *self, struct probe *p, uint64_t deadline_ns,
                          struct snap_detail *out, struct err *e)
{
    const struct docker *d = self;
    (void)p;
    (void)deadline_ns;
    if (d->n_containers == 0)
        return err_set(e, "no container is watched.");
    snprintf(out->title, sizeof out->title, "containers");
    snprintf(out->rows[0], sizeof out->rows[0], "%-24s %-10s %8s %6s %9s  %s", "", "state",
             "restarts", "cpus", "memory", "container");
    out->n_rows = 1;
    for (size_t i = 0; i < d->n_containers && out->n_rows < SNAP_DETAIL_ROWS; i++)
        container_row(d->containers[i], out->rows[out->n_rows++]);
    return true;
}

/* -------------------------------------------------------------------------- life */

static void *docker_open(struct probe *p, const struct probe_spec *spec)
{
    struct docker *d = mem_zalloc(sizeof *d);
    d->probe = p;
    d->spec = spec;
    d->podman = spec->podman; /* until the engine says what it is */
    d->poll_ns = spec->period_ns != 0 ? spec->period_ns : NS_PER_S;
    return d;
}

static void docker_close(void *self)
{
    struct docker *d = self;
    docker_disconnect(d);
    for (size_t i = 0; i < d->n_containers; i++)
        container_free(d->containers[i]);
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
