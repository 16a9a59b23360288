/* SPDX-License-Identifier: MIT */
/* tunnel.h - one ssh that brings the socket of an engine on another machine here.
 *
 * It asks nothing (BatchMode): keys and hosts are to be known to ssh.  The socket lies in
 * a folder of its own that nobody else can enter. */
#ifndef RAMPTOP_PROBE_DOCKER_TUNNEL_H
#define RAMPTOP_PROBE_DOCKER_TUNNEL_H

#include <stdbool.h>
#include <stdint.h>

#include "src/base/err.h"
#include "src/probe/docker/where.h"

struct docker_tunnel;

enum docker_tunnel_state {
    TUNNEL_WAITING, /* ssh is still at it */
    TUNNEL_UP,
    TUNNEL_DENIED, /* a key, a host that is not known */
    TUNNEL_FAILED,
};

/* NULL with a sentence when ssh cannot be started. */
struct docker_tunnel *docker_tunnel_open(const struct docker_where *where, struct err *e);

/* Waits for the socket until deadline_ns or until wake_fd is readable.  A sentence in *e
 * unless it is up. */
enum docker_tunnel_state docker_tunnel_wait(struct docker_tunnel *t, int wake_fd,
                                            uint64_t deadline_ns, struct err *e);
const char *docker_tunnel_socket(const struct docker_tunnel *t);
uint64_t docker_tunnel_cpu_ns(const struct docker_tunnel *t); /* that ssh has used */
void docker_tunnel_close(struct docker_tunnel *t);            /* at most 100 ms; NULL is fine */

#endif
