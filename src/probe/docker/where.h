/* SPDX-License-Identifier: MIT */
/* where.h - where the engine is, found as the docker command finds it: what the
 * probe says, DOCKER_HOST, DOCKER_CONTEXT, the current context of the configuration, the
 * sockets that docker usually has; where there is none, as podman finds it: CONTAINER_HOST,
 * podman's usual sockets.  Where podman is meant these come first, then DOCKER_HOST.  Reads
 * files, connects to nothing. */
#ifndef RAMPTOP_PROBE_DOCKER_WHERE_H
#define RAMPTOP_PROBE_DOCKER_WHERE_H

#include <stdbool.h>
#include <stdint.h>

#include "src/base/err.h"

enum docker_way { DOCKER_UNIX, DOCKER_TCP, DOCKER_SSH };

struct docker_where {
    enum docker_way way;
    char shown[128];       /* "/run/docker.sock", "127.0.0.1:2375", "ssh://me@box"; cleaned */
    char *base;            /* "http://docker" or "https://box:2376" */
    char *path;            /* the socket here, or on the other machine (SSH) */
    char *ca, *cert, *key; /* files; NULL for none */
    bool insecure;
    char *ssh_to;      /* "me@box", never beginning with "-" */
    unsigned ssh_port; /* 0: ssh's own */
};

/* The environment, as far as it matters; NULL for what is not set. */
struct docker_env {
    const char *host, *context, *config, *cert_path, *tls_verify; /* DOCKER_* */
    const char *container_host;                                   /* CONTAINER_HOST */
    const char *home, *runtime;                                   /* HOME, XDG_RUNTIME_DIR */
    const char *root; /* stands before the usual sockets' paths: for tests */
    bool podman;      /* it is meant, not docker */
};

struct docker_env docker_env_now(bool podman);

/* engine: "" for what the environment says, else unix:///path or a path, tcp://host:port,
 * http://, https://, ssh://user@host[:port][/path] or a context's name.  False with a
 * sentence.  On success the caller calls docker_where_finish. */
bool docker_where_find(const char *engine, const struct docker_env *env, struct docker_where *out,
                       struct err *e);
void docker_where_finish(struct docker_where *w); /* zeroed is fine */

#endif
