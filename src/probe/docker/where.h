/* SPDX-License-Identifier: MIT */
/* where.h - finds the engine as the docker command does: the probe's own setting, DOCKER_HOST,
 * DOCKER_CONTEXT, the current context of the configuration, docker's usual sockets; where there
 * is none, as podman does: CONTAINER_HOST, podman's usual sockets.  If podman is meant these
 * come first, then DOCKER_HOST.  Reads files, connects to nothing. */
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

/* The variables of the environment that matter; NULL for each that is not set. */
struct docker_env {
    const char *host, *context, *config, *cert_path, *tls_verify; /* DOCKER_* */
    const char *container_host;                                   /* CONTAINER_HOST */
    const char *home, *runtime;                                   /* HOME, XDG_RUNTIME_DIR */
    const char *root; /* prefix of the usual sockets' paths: for tests */
    bool podman;      /* podman is meant, not docker */
};

struct docker_env docker_env_now(bool podman);

/* Finds the engine. engine: "" for the environment's, else unix:///path or a path,
 * tcp://host:port, http://, https://, ssh://user@host[:port][/path] or a context's name.
 * Returns false with a sentence.  On success the caller calls docker_where_finish. */
bool docker_where_find(const char *engine, const struct docker_env *env, struct docker_where *out,
                       struct err *e);
void docker_where_finish(struct docker_where *w); /* zeroed is fine */

#endif
