/* SPDX-License-Identifier: MIT */
#include "src/probe/postgres/pg_locks.h"

#include <stdlib.h>
#include <string.h>

static struct pg_session *find_session(struct pg_locks *l, int32_t pid)
{
    for (uint32_t i = 0; i < l->n; i++)
        if (l->sessions[i].pid == pid)
            return &l->sessions[i];
    return NULL;
}

static struct pg_session *find_or_add_session(struct pg_locks *l, int32_t pid)
{
    struct pg_session *s = find_session(l, pid);
    if (s == NULL && l->n < 2 * PG_LOCKS_MAX) {
        s = &l->sessions[l->n++];
        *s = (struct pg_session){.pid = pid, .row = -1};
    }
    return s;
}

/* Adds a blocker once, though several workers of a parallel query may wait for it. */
static void session_add_blocker(struct pg_session *s, int32_t pid)
{
    if (pid == s->pid)
        return;
    for (uint32_t i = 0; i < s->n_blockers; i++)
        if (s->blockers[i] == pid)
            return;
    if (s->n_blockers < PG_BLOCKERS_MAX)
        s->blockers[s->n_blockers++] = pid;
}

void pg_locks_add(struct pg_locks *l, int32_t pid, const char *blockers, int row)
{
    struct pg_session *s = find_or_add_session(l, pid);
    if (s == NULL)
        return;
    s->known = true;
    s->row = row;
    for (const char *p = blockers != NULL ? blockers : ""; *p != '\0';) {
        char *end;
        long v = strtol(p, &end, 10);
        if (end == p) {
            p++;
            continue;
        }
        session_add_blocker(s, (int32_t)v);
        p = end;
    }
}

/* Returns the session under which another is shown: its first blocker, or itself. */
static uint32_t parent_session(struct pg_locks *l, uint32_t i)
{
    struct pg_session *s = &l->sessions[i];
    struct pg_session *up = s->n_blockers > 0 ? find_session(l, s->blockers[0]) : NULL;
    return up != NULL ? (uint32_t)(up - l->sessions) : i;
}

/* Adds blockers that have no row of their own, so that each is shown. */
static void add_unlisted_blockers(struct pg_locks *l)
{
    uint32_t told = l->n;
    for (uint32_t i = 0; i < told; i++)
        for (uint32_t b = 0; b < l->sessions[i].n_blockers; b++)
            find_or_add_session(l, l->sessions[i].blockers[b]);
}

/* Cuts each ring of waits at its lowest pid, which becomes a root. */
static void cut_wait_rings(struct pg_locks *l, uint32_t *parent)
{
    for (uint32_t i = 0; i < l->n; i++) {
        uint32_t at = i, steps = 0;
        while (parent[at] != at && steps++ <= l->n)
            at = parent[at];
        if (parent[at] == at)
            continue;
        uint32_t lowest = at;
        for (uint32_t next = parent[at]; next != at; next = parent[next])
            if (l->sessions[next].pid < l->sessions[lowest].pid)
                lowest = next;
        parent[lowest] = lowest;
    }
}

static void count_sessions_behind(struct pg_locks *l, const uint32_t *parent)
{
    for (uint32_t i = 0; i < l->n; i++) {
        uint32_t depth = 0;
        for (uint32_t at = i; parent[at] != at; at = parent[at], depth++)
            l->sessions[parent[at]].behind++;
        l->sessions[i].depth = depth;
    }
}

static void order_subtree(struct pg_locks *l, const uint32_t *parent, uint32_t root)
{
    l->order[l->n_order++] = root;
    for (uint32_t i = 0; i < l->n; i++)
        if (parent[i] == root && i != root)
            order_subtree(l, parent, i);
}

void pg_locks_order(struct pg_locks *l)
{
    uint32_t parent[2 * PG_LOCKS_MAX];
    bool placed[2 * PG_LOCKS_MAX] = {false};
    add_unlisted_blockers(l);
    for (uint32_t i = 0; i < l->n; i++) {
        parent[i] = parent_session(l, i);
        l->sessions[i].behind = 0;
    }
    cut_wait_rings(l, parent);
    count_sessions_behind(l, parent);
    l->n_order = 0;
    for (;;) {
        uint32_t best = l->n;
        for (uint32_t i = 0; i < l->n; i++)
            if (parent[i] == i && !placed[i] &&
                (best == l->n || l->sessions[i].behind > l->sessions[best].behind))
                best = i;
        if (best == l->n)
            return;
        placed[best] = true;
        order_subtree(l, parent, best);
    }
}
