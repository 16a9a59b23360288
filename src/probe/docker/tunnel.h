/* SPDX-License-Identifier: MIT */
/* tunnel.h - one ssh that brings the socket of an engine on another machine here.
 *
 * ssh asks no questions (BatchMode): keys and hosts must be known to it.  The socket lies in a
 * folder of its own that nobody else can enter. */
#ifndef RAMPTOP_PROBE_DOCKER_TUNNEL_H
#define RAMPTOP_PROBE_DOCKER_TUNNEL_H

#include <stdbool.h>
#include <stdint.h>

#include "src/base/err.h"
#include "src/probe/docker/where.h"

struct docker_tunnel;

enum docker_tunnel_state {
    TUNNEL_WAITING, /* ssh is still connecting */
    TUNNEL_UP,
    TUNNEL_DENIED, /* a key is missing, or a host is unknown */
    TUNNEL_FAILED,
};

/* Starts ssh.  Returns NULL with a sentence when it cannot be started. */
struct docker_tunnel *docker_tunnel_open(const struct docker_where *where, struct err *e);

/* Waits for the socket until deadline_ns or until wake_fd is readable.  Sets *e unless the
 * tunnel is up. */
enum docker_tunnel_state docker_tunnel_wait(struct docker_tunnel *t, int wake_fd,
                                            uint64_t deadline_ns, struct err *e);
const char *docker_tunnel_socket(const struct docker_tunnel *t);
uint64_t docker_tunnel_cpu_ns(const struct docker_tunnel *t); /* CPU time of ssh */
void docker_tunnel_close(struct docker_tunnel *t);            /* at most 100 ms; NULL is fine */

#endif
