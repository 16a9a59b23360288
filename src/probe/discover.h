/* SPDX-License-Identifier: MIT */
/* discover.h - finds what could be watched of a target, by its address: the container that
 * publishes its port, with the other services of its compose project; else the process that
 * listens there. */
#ifndef RAMPTOP_PROBE_DISCOVER_H
#define RAMPTOP_PROBE_DISCOVER_H

#include <stdint.h>

#include "src/probe/docker/docker_json.h"
#include "src/stats/probe_snapshot.h"

/* Reads /proc and asks docker and podman, as far as they are there; at most 3 s.  Any thread.
 * Returns the number of offers, at most max, the best first. */
uint32_t discover(const char *target_url, struct snap_offer *out, uint32_t max);

/* The address of a URL.  Pure; false for no URL. */
struct discover_target {
    char host[128]; /* without brackets */
    uint16_t port;
    bool local;  /* this machine */
    bool podman; /* the containers are podman's */
};
bool discover_target(const char *url, struct discover_target *out);
/* Writes the offers that a list of containers has for the address.  Pure; returns how many. */
uint32_t discover_containers(const struct discover_target *t, const struct docker_list_entry *all,
                             size_t n, struct snap_offer *out, uint32_t max);

#endif
