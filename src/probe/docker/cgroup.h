/* SPDX-License-Identifier: MIT */
/* cgroup.h - figures that podman leaves out, read from the control group itself when the engine
 * runs on this machine: the page cache in memory, throttling, and kills by the kernel for want
 * of memory.  Readable without any right. */
#ifndef RAMPTOP_PROBE_DOCKER_CGROUP_H
#define RAMPTOP_PROBE_DOCKER_CGROUP_H

#include <stdbool.h>

#include "src/probe/docker/docker_json.h"

/* Fills in memory_cache, throttling and oom_kills of *s, as far as they are not known. pid is
 * the container's first process; nothing happens unless its group names the container's id, so
 * that another process with that pid is not mistaken for it. root stands before /proc and /sys
 * ("" but for tests). */
void docker_cgroup_fill(const char *root, int pid, const char *id, struct docker_stats *s);

#endif
