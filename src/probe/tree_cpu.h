/* SPDX-License-Identifier: MIT */
/* tree_cpu.h - what a tree of processes has used from one look to the next.
 *
 * Children that ended in between count too, once their parent has waited for them: it has
 * their time among its own then (cutime and cstime of proc(5)).  Of that is taken off what
 * was counted while they could be seen.  A server that starts a program for each request
 * would seem idle otherwise.
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
    struct tree_past *past; /* owned; those of the look before, sorted by pid */
    size_t n;
    double owed; /* of those that were not there any more, but in no parent's time yet */
};

/* Of all processes of the tree, sorted by pid, those included that have ended and are not
 * waited for.  now_ticks: since boot; passed_ticks: since the look before.  NaN the first
 * time. */
double tree_cpu_used(struct tree_cpu *c, const struct proc_stat *all, size_t n, double now_ticks,
                     double passed_ticks);
void tree_cpu_forget(struct tree_cpu *c); /* the next time is the first again */
void tree_cpu_finish(struct tree_cpu *c);

#endif
