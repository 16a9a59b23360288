/* SPDX-License-Identifier: MIT */
/* now.h - the only clock.
 *
 * Everything that is measured uses now_ns(); wall time is for labels only, so a
 * clock that is set back or forth never bends a figure. */
#ifndef RAMPTOP_BASE_NOW_H
#define RAMPTOP_BASE_NOW_H

#include <stdint.h>

#define NS_PER_S UINT64_C(1000000000)
#define NS_PER_MS UINT64_C(1000000)
#define NS_PER_US UINT64_C(1000)

/* CLOCK_MONOTONIC in nanoseconds.  Any thread. */
uint64_t now_ns(void);

/* Seconds since the epoch, for labels.  Any thread. */
double now_wall_s(void);

/* CPU time this thread / this process has used, in nanoseconds. */
uint64_t now_thread_cpu_ns(void);
uint64_t now_process_cpu_ns(void);

#endif
