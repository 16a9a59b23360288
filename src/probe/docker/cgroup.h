/* SPDX-License-Identifier: MIT */
/* cgroup.h - what podman leaves out, out of the control group itself when the engine
 * runs on this machine: the page cache that memory includes, throttling, and whether the kernel
 * killed something for its memory.  Readable without any right. */
#ifndef RAMPTOP_PROBE_DOCKER_CGROUP_H
#define RAMPTOP_PROBE_DOCKER_CGROUP_H

#include <stdbool.h>

#include "src/probe/docker/docker_json.h"

/* Fills in memory_cache, the throttling and oom_kills of *s, as far as s does not know them.  pid
 * is the container's first process; nothing happens unless its group names the container's id, so
 * that another process of that number is not taken for it.  root stands before /proc and
 * /sys ("" but for tests). */
void docker_cgroup_fill(const char *root, int pid, const char *id, struct docker_stats *s);

#endif
