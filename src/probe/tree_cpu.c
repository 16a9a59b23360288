/* SPDX-License-Identifier: MIT */
#include "src/probe/tree_cpu.h"

#include <math.h>
#include <stdlib.h>

#include "src/base/mem.h"

static int past_by_pid(const void *a, const void *b)
{
    const struct tree_past *x = a, *y = b;
    return (x->pid > y->pid) - (x->pid < y->pid);
}

static int stat_by_pid(const void *a, const void *b)
{
    const struct proc_stat *x = a, *y = b;
    return (x->pid > y->pid) - (x->pid < y->pid);
}

static const struct tree_past *find_past(const struct tree_cpu *c, const struct proc_stat *p)
{
    const struct tree_past key = {.pid = p->pid};
    const struct tree_past *was = bsearch(&key, c->past, c->n, sizeof key, past_by_pid);
    return was != NULL && was->started == p->started ? was : NULL;
}

static bool process_is_listed(const struct proc_stat *all, size_t n, const struct tree_past *was)
{
    const struct proc_stat key = {.pid = was->pid};
    const struct proc_stat *p = n == 0 ? NULL : bsearch(&key, all, n, sizeof key, stat_by_pid);
    return p != NULL && p->started == was->started;
}

static double ticks_gained(uint64_t now, uint64_t was)
{
    return now > was ? (double)(now - was) : 0;
}

/* Returns the ticks of a process that is new in the tree since the previous poll, assuming that
 * it always used as much. */
static double new_process_ticks(const struct proc_stat *p, double now_ticks, double passed_ticks)
{
    double age = now_ticks - (double)p->started;
    return (double)(p->ticks + p->waited) * (age > passed_ticks ? passed_ticks / age : 1);
}

/* Takes off ticks that were counted while the children lived.  A child that exits between our
 * two reads shows up in its parent's time only at the next poll. */
static double waited_not_counted(struct tree_cpu *c, double waited, double gone)
{
    double owed = c->owed + gone, settled = fmin(waited, owed);
    c->owed = fmin(gone, owed - settled);
    return waited - settled;
}

static void store_past(struct tree_cpu *c, const struct proc_stat *all, size_t n)
{
    c->n = 0;
    for (size_t i = 0; i < n; i++) {
        c->past = mem_room(c->past, c->n, sizeof *c->past);
        c->past[c->n++] =
            (struct tree_past){all[i].pid, all[i].started, all[i].ticks, all[i].waited};
    }
}

double tree_cpu_used(struct tree_cpu *c, const struct proc_stat *all, size_t n, double now_ticks,
                     double passed_ticks)
{
    double own = 0, waited = 0, gone = 0;
    bool first = c->n == 0;
    for (size_t i = 0; i < n && !first; i++) {
        const struct tree_past *was = find_past(c, &all[i]);
        own += was != NULL ? ticks_gained(all[i].ticks, was->ticks)
                           : new_process_ticks(&all[i], now_ticks, passed_ticks);
        waited += was != NULL ? ticks_gained(all[i].waited, was->waited) : 0;
    }
    for (size_t i = 0; i < c->n; i++)
        if (!process_is_listed(all, n, &c->past[i]))
            gone += (double)(c->past[i].ticks + c->past[i].waited);
    store_past(c, all, n);
    return first ? NAN : own + waited_not_counted(c, waited, gone);
}

void tree_cpu_forget(struct tree_cpu *c)
{
    c->n = 0;
    c->owed = 0;
}

void tree_cpu_finish(struct tree_cpu *c)
{
    free(c->past);
    *c = (struct tree_cpu){0};
}
