/* SPDX-License-Identifier: MIT */
/* discover.h - what could be watched of a target, found by its address: the container that
 * publishes its port, with the other services of its compose project; else the process that
 * listens there. */
#ifndef RAMPTOP_PROBE_DISCOVER_H
#define RAMPTOP_PROBE_DISCOVER_H

#include <stdint.h>

#include "src/probe/probe_snapshot.h"
#include "src/probe/docker/docker_json.h"

/* Looks at /proc and asks docker and podman, which of them there is; at most 3 s.  Any thread.  At
 * most max offers, the best first; how many. */
uint32_t discover(const char *target_url, struct snap_offer *out, uint32_t max);

/* Its parts, pure.  Where a URL points; false for no URL. */
struct discover_target {
    char host[128]; /* without brackets */
    uint16_t port;
    bool local;  /* this machine */
    bool podman; /* whose containers these are */
};
bool discover_target(const char *url, struct discover_target *out);
/* The offers that a list of containers has for it. */
uint32_t discover_containers(const struct discover_target *t, const struct docker_list_entry *all,
                             size_t n, struct snap_offer *out, uint32_t max);

#endif
