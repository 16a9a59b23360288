/* SPDX-License-Identifier: MIT */
/* Words for what happens to containers, on the time axis. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "src/probe/docker/docker_inner.h"

#define KILLED 137

static struct container *container_with_id(struct docker *d, const char *id)
{
    for (size_t i = 0; i < d->n_containers; i++)
        if (strcmp(d->containers[i]->who.id, id) == 0)
            return d->containers[i];
    return NULL;
}

static struct container *removed_namesake(struct docker *d, const struct docker_who *who)
{
    for (size_t i = 0; i < d->n_containers; i++)
        if (d->containers[i]->removed && docker_match_same(&d->containers[i]->who, who))
            return d->containers[i];
    return NULL;
}

static void container_end_event(struct container *c, enum snap_event_kind kind, int code)
{
    char text[160];
    docker_figures_exit(code, c->oom, c->info.memory, text, sizeof text);
    probe_event(c->docker->probe, kind, c->group, "%s", text);
    c->unclear = false;
}

static void on_container_die(struct container *c, const struct docker_event *ev)
{
    c->died = true;
    c->has_before = false;
    c->info.running = false;
    container_mark_ended(c);
    c->info.exit_code = ev->exit_code;
    /* Some engines send no "oom"; an inspect shows the reason. */
    if (ev->exit_code == KILLED && !c->oom)
        c->unclear = c->inspect_due = true;
    else
        container_end_event(c, EVENT_DIE, ev->exit_code);
}

void container_out_of_memory(struct container *c)
{
    c->oom = true;
    if (c->unclear) /* the event came after the end */
        container_end_event(c, EVENT_OOM, KILLED);
    else
        probe_event(c->docker->probe, EVENT_OOM, c->group,
                    "ran out of memory: the kernel kills a process of it");
}

static void container_restart_event(struct container *c)
{
    probe_event(c->docker->probe, EVENT_RESTART, c->group, "was restarted");
    c->restarting = c->started = c->died = c->oom = c->stopped = false;
}

static void on_container_start(struct container *c, const struct docker_event *ev)
{
    if (c->unclear)
        container_end_event(c, EVENT_DIE, KILLED);
    c->started = true;
    c->inspect_due = true;
    c->ended_ns = 0;
    c->has_before = false;
    c->log_since = ev->at_ns / 1000000000;
    if (c->restarting)
        container_restart_event(c);
}

/* Handles a restart event. docker sends it when the restart is done. podman sends it before, and
 * also before its restart policy starts a container that has died, which is reported as for
 * docker. */
static void on_container_restart(struct container *c)
{
    if (c->docker->podman)
        c->restarting = !c->died;
    else
        container_restart_event(c);
}

static void on_container_destroy(struct container *c)
{
    container_settle_events(c); /* the container can no longer be inspected */
    probe_event(c->docker->probe, EVENT_GONE, c->group, "was removed");
    container_mark_removed(c);
}

static void on_container_event(struct container *c, const struct docker_event *ev)
{
    struct probe *p = c->docker->probe;
    const char *action = ev->action;
    if (strcmp(action, "die") == 0)
        on_container_die(c, ev);
    else if (strcmp(action, "oom") == 0)
        container_out_of_memory(c);
    else if (strcmp(action, "start") == 0)
        on_container_start(c, ev);
    else if (strcmp(action, "restart") == 0)
        on_container_restart(c);
    else if (strcmp(action, "stop") == 0)
        c->stopped = true;
    else if (strcmp(action, "destroy") == 0 || strcmp(action, "remove") == 0)
        on_container_destroy(c);
    else if (strcmp(action, "update") == 0)
        c->inspect_due = true;
    else if (strcmp(action, "pause") == 0)
        probe_event(p, EVENT_PAUSE, c->group, "was paused");
    else if (strcmp(action, "unpause") == 0)
        probe_event(p, EVENT_PAUSE, c->group, "goes on after its pause");
    else if (strncmp(action, "health_status: ", 15) == 0)
        probe_event(p, EVENT_HEALTH, c->group, "is %s", action + 15);
}

void docker_event_read(struct docker *d, const char *text, size_t len)
{
    struct docker_event ev;
    if (!docker_json_event(text, len, &ev))
        return;
    if (ev.at_ns > d->last_event_ns)
        d->last_event_ns = ev.at_ns;
    struct container *c = container_with_id(d, ev.who.id);
    if (c != NULL && !c->removed)
        on_container_event(c, &ev);
    else if (strcmp(ev.action, "start") == 0 || strcmp(ev.action, "unpause") == 0) {
        d->list_due = true; /* the spec may ask for it; podman's list leaves paused ones out */
        container_adopt(d, &ev.who);
    } else if (strcmp(ev.action, "die") == 0 && (c = removed_namesake(d, &ev.who)) != NULL)
        container_end_event(c, EVENT_DIE,
                            ev.exit_code); /* the successor ended before our first poll of it */
}

void container_settle_events(struct container *c)
{
    struct probe *p = c->docker->probe;
    if (c->unclear) {
        c->oom = c->info.oom_killed;
        container_end_event(c, c->oom ? EVENT_OOM : EVENT_DIE, KILLED);
    }
    if (!c->started)
        return;
    if (c->died && !c->stopped && c->info.restarts > 0)
        probe_event(p, EVENT_RESTART, c->group, "was started again by its restart policy (%u.)",
                    c->info.restarts);
    else
        probe_event(p, EVENT_START, c->group, "was started");
    c->started = c->died = c->oom = c->stopped = false;
}
