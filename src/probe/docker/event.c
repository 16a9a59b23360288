/* SPDX-License-Identifier: MIT */
/* What happens to containers, in words on the time axis. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "src/probe/docker/docker_inner.h"

#define KILLED 137

static struct docker_box *box_of(struct docker *d, const char *id)
{
    for (size_t i = 0; i < d->n_boxes; i++)
        if (strcmp(d->boxes[i]->who.id, id) == 0)
            return d->boxes[i];
    return NULL;
}

static struct docker_box *place_of(struct docker *d, const struct docker_who *who)
{
    for (size_t i = 0; i < d->n_boxes; i++)
        if (d->boxes[i]->gone && docker_match_same(&d->boxes[i]->who, who))
            return d->boxes[i];
    return NULL;
}

static void tell_end(struct docker_box *b, enum snap_event_kind kind, int code)
{
    char text[160];
    docker_figures_exit(code, b->oom, b->info.memory, text, sizeof text);
    probe_event(b->docker->probe, kind, b->group, "%s", text);
    b->unclear = false;
}

static void on_die(struct docker_box *b, const struct docker_event *ev)
{
    b->died = true;
    b->has_before = false;
    b->info.running = false;
    docker_box_ended(b);
    b->info.exit_code = ev->exit_code;
    /* Some engines send no "oom"; the container's state knows. */
    if (ev->exit_code == KILLED && !b->oom)
        b->unclear = b->ask = true;
    else
        tell_end(b, EVENT_DIE, ev->exit_code);
}

void docker_event_oom(struct docker_box *b)
{
    b->oom = true;
    if (b->unclear) /* it came after the end */
        tell_end(b, EVENT_OOM, KILLED);
    else
        probe_event(b->docker->probe, EVENT_OOM, b->group,
                    "ran out of memory: the kernel kills a process of it");
}

static void tell_restart(struct docker_box *b)
{
    probe_event(b->docker->probe, EVENT_RESTART, b->group, "was restarted");
    b->restarting = b->started = b->died = b->oom = b->stopped = false;
}

static void on_start(struct docker_box *b, const struct docker_event *ev)
{
    if (b->unclear)
        tell_end(b, EVENT_DIE, KILLED);
    b->started = true;
    b->ask = true;
    b->ended_ns = 0;
    b->has_before = false;
    b->log_since = ev->at_ns / 1000000000;
    if (b->restarting)
        tell_restart(b);
}

/* docker says it when it is done.  podman says it before it does it, and also before its restart
 * policy starts a container that has died, which is told as for docker. */
static void on_restart(struct docker_box *b)
{
    if (b->docker->podman)
        b->restarting = !b->died;
    else
        tell_restart(b);
}

static void on_destroy(struct docker_box *b)
{
    docker_event_settle(b); /* nobody can be asked any more */
    probe_event(b->docker->probe, EVENT_GONE, b->group, "was removed");
    docker_box_gone(b);
}

static void on_box_event(struct docker_box *b, const struct docker_event *ev)
{
    struct probe *p = b->docker->probe;
    const char *action = ev->action;
    if (strcmp(action, "die") == 0)
        on_die(b, ev);
    else if (strcmp(action, "oom") == 0)
        docker_event_oom(b);
    else if (strcmp(action, "start") == 0)
        on_start(b, ev);
    else if (strcmp(action, "restart") == 0)
        on_restart(b);
    else if (strcmp(action, "stop") == 0)
        b->stopped = true;
    else if (strcmp(action, "destroy") == 0 || strcmp(action, "remove") == 0)
        on_destroy(b);
    else if (strcmp(action, "update") == 0)
        b->ask = true;
    else if (strcmp(action, "pause") == 0)
        probe_event(p, EVENT_PAUSE, b->group, "was paused");
    else if (strcmp(action, "unpause") == 0)
        probe_event(p, EVENT_PAUSE, b->group, "goes on after its pause");
    else if (strncmp(action, "health_status: ", 15) == 0)
        probe_event(p, EVENT_HEALTH, b->group, "is %s", action + 15);
}

void docker_event_take(struct docker *d, const char *text, size_t len)
{
    struct docker_event ev;
    if (!docker_json_event(text, len, &ev))
        return;
    if (ev.at_ns > d->last_event_ns)
        d->last_event_ns = ev.at_ns;
    struct docker_box *b = box_of(d, ev.who.id);
    if (b != NULL && !b->gone)
        on_box_event(b, &ev);
    else if (strcmp(ev.action, "start") == 0 || strcmp(ev.action, "unpause") == 0) {
        d->list_due = true; /* it may be one of those that are looked for; podman lists no paused */
        docker_meet(d, &ev.who);
    } else if (strcmp(ev.action, "die") == 0 && (b = place_of(d, &ev.who)) != NULL)
        tell_end(b, EVENT_DIE, ev.exit_code); /* its successor did not live until we looked */
}

/* After an inspect. */
void docker_event_settle(struct docker_box *b)
{
    struct probe *p = b->docker->probe;
    if (b->unclear) {
        b->oom = b->info.oom_killed;
        tell_end(b, b->oom ? EVENT_OOM : EVENT_DIE, KILLED);
    }
    if (!b->started)
        return;
    if (b->died && !b->stopped && b->info.restarts > 0)
        probe_event(p, EVENT_RESTART, b->group, "was started again by its restart policy (%u.)",
                    b->info.restarts);
    else
        probe_event(p, EVENT_START, b->group, "was started");
    b->started = b->died = b->oom = b->stopped = false;
}
