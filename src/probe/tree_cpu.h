/* SPDX-License-Identifier: MIT */
/* tree_cpu.h - CPU time that a tree of processes used from one poll to the next.
 *
 * Children that ended in between count too, once their parent has waited for them: their time is
 * then part of its own (cutime and cstime of proc(5)), less what was counted while they lived.
 * Without that, a server that starts a program for each request would seem idle.
 *
 * Pure. */
#ifndef RAMPTOP_PROBE_TREE_CPU_H
#define RAMPTOP_PROBE_TREE_CPU_H

#include <stddef.h>
#include <stdint.h>

#include "src/probe/procfs.h"

struct tree_past {
    uint32_t pid;
    uint64_t started, ticks, waited;
};

struct tree_cpu {
    struct tree_past *past; /* owned; the processes of the previous poll, sorted by pid */
    size_t n;
    double owed; /* ticks of ended processes that are in no parent's time yet */
};

/* Returns the ticks used since the previous poll by all processes of the tree, which are sorted
 * by pid and include those that ended and are not waited for yet. now_ticks: since boot;
 * passed_ticks: since the previous poll.  NaN the first time. */
double tree_cpu_used(struct tree_cpu *c, const struct proc_stat *all, size_t n, double now_ticks,
                     double passed_ticks);
void tree_cpu_forget(struct tree_cpu *c); /* makes the next call the first again */
void tree_cpu_finish(struct tree_cpu *c);

#endif
