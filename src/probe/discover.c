/* SPDX-License-Identifier: MIT */
#include "src/probe/discover.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/base/buf.h"
#include "src/base/clean.h"
#include "src/base/mem.h"
#include "src/base/now.h"
#include "src/base/words.h"
#include "src/probe/docker/where.h"
#include "src/probe/http_client.h"
#include "src/probe/procfs.h"
#include "src/profile/url.h"

#define ENGINE_NS (2 * NS_PER_S)
#define PROC_NS NS_PER_S
#define MAX_SOCKETS 16
#define NET_BYTES (4u << 20)
/* Characters that a name may have in a probe's short text. */
#define PLAIN "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-"

/* ----------------------------------------------------------------- the target */

static bool is_own_address(const char *host)
{
    struct ifaddrs *all = NULL;
    char text[INET6_ADDRSTRLEN];
    bool own = false;
    if (getifaddrs(&all) != 0)
        return false;
    for (struct ifaddrs *a = all; a != NULL && !own; a = a->ifa_next) {
        int family = a->ifa_addr != NULL ? a->ifa_addr->sa_family : AF_UNSPEC;
        const void *bytes =
            family == AF_INET ? (const void *)&((struct sockaddr_in *)(void *)a->ifa_addr)->sin_addr
            : family == AF_INET6
                ? (const void *)&((struct sockaddr_in6 *)(void *)a->ifa_addr)->sin6_addr
                : NULL;
        own = bytes != NULL && inet_ntop(family, bytes, text, sizeof text) != NULL &&
              strcmp(text, host) == 0;
    }
    freeifaddrs(all);
    return own;
}

static bool host_is_local(const char *host)
{
    struct in_addr v4;
    if (strcmp(host, "localhost") == 0 || strcmp(host, "::1") == 0 || strcmp(host, "::") == 0)
        return true;
    if (inet_pton(AF_INET, host, &v4) == 1 &&
        (ntohl(v4.s_addr) >> 24 == 127 || v4.s_addr == INADDR_ANY))
        return true;
    return is_own_address(host);
}

bool discover_target(const char *text, struct discover_target *out)
{
    struct url u = {0};
    *out = (struct discover_target){0};
    if (!url_parse(&u, text, NULL))
        return false;
    const char *colon = strrchr(u.origin, ':'), *end = strrchr(u.origin, ']');
    bool bare = u.host[0] == '[';
    out->port = strncmp(u.origin, "https:", 6) == 0 ? 443 : 80;
    if (colon != NULL && colon > u.origin + 5 && (end == NULL || colon > end))
        out->port = (uint16_t)strtoul(colon + 1, NULL, 10);
    snprintf(out->host, sizeof out->host, "%.*s", (int)strlen(u.host) - 2 * bare, u.host + bare);
    out->local = host_is_local(out->host);
    url_finish(&u);
    return true;
}

/* ----------------------------------------------------------------- containers */

static bool container_serves(const struct docker_list_entry *c, const struct discover_target *t)
{
    for (size_t i = 0; t->local && i < c->n_ports; i++)
        if (c->ports[i] == t->port)
            return true;
    for (size_t i = 0; i < c->n_addresses; i++)
        if (strcmp(c->addresses[i], t->host) == 0)
            return true;
    return false;
}

static bool name_is_plain(const char *name)
{
    return name[0] != '\0' && strspn(name, PLAIN) == strlen(name);
}

/* Lists the services of a project, each once: "api, db, redis". */
static void project_services(const struct docker_list_entry *all, size_t n, const char *project,
                             char *out, size_t size)
{
    out[0] = '\0';
    for (size_t i = 0; i < n; i++) {
        const struct docker_who *w = &all[i].who;
        bool seen = strcmp(w->project, project) != 0 || w->oneoff;
        for (size_t k = 0; k < i && !seen; k++)
            seen = strcmp(all[k].who.project, project) == 0 &&
                   strcmp(all[k].who.service, w->service) == 0;
        size_t len = strlen(out);
        if (!seen && len + 3 < size)
            snprintf(out + len, size - len, "%s%s", len > 0 ? ", " : "", w->service);
    }
}

uint32_t discover_containers(const struct discover_target *t, const struct docker_list_entry *all,
                             size_t n, struct snap_offer *out, uint32_t max)
{
    const char *type = t->podman ? "podman" : "docker";
    uint32_t found = 0;
    for (size_t i = 0; i < n && found + 2 <= max; i++) {
        const struct docker_who *w = &all[i].who;
        char services[64], how[32] = "";
        if (!container_serves(&all[i], t))
            continue;
        if (name_is_plain(w->project)) {
            project_services(all, n, w->project, services, sizeof services);
            snprintf(out[found].label, sizeof out[found].label, "compose project %.30s: %s",
                     w->project, services);
            snprintf(out[found].spec, sizeof out[found].spec, "%s:compose:%s", type, w->project);
            found++;
        }
        if (t->local)
            snprintf(how, sizeof how, " (publishes port %u)", t->port);
        snprintf(out[found].label, sizeof out[found].label, "container %.40s%s", w->name, how);
        if (name_is_plain(w->name))
            snprintf(out[found].spec, sizeof out[found].spec, "%s:%s", type, w->name);
        else
            snprintf(out[found].spec, sizeof out[found].spec, "%s:%.12s", type, w->id);
        found++;
        break; /* a port has one owner */
    }
    return found;
}

static uint32_t offers_of_engine(const struct discover_target *t, const struct docker_where *w,
                                 uint64_t deadline_ns, struct snap_offer *out, uint32_t max)
{
    struct docker_list_entry *all = NULL;
    struct http_failure why;
    struct buf body = {0};
    size_t n = 0;
    uint32_t found = 0;
    struct http_config cfg = {.base = w->base,
                              .unix_socket = w->way == DOCKER_UNIX ? w->path : NULL,
                              .ca = w->ca,
                              .cert = w->cert,
                              .key = w->key,
                              .insecure = w->insecure,
                              .wake_fd = -1};
    struct http_client *h = http_open(&cfg);
    if (http_get(h, "/containers/json", deadline_ns, &body, &why) == 200 &&
        docker_json_list(body.data, body.len, &all, &n))
        found = discover_containers(t, all, n, out, max);
    http_close(h);
    free(all);
    buf_finish(&body);
    return found;
}

/* Asks the engine that docker: stands for, then podman's. */
static uint32_t offers_of_engines(struct discover_target *t, struct snap_offer *out, uint32_t max)
{
    uint64_t deadline_ns = now_ns() + ENGINE_NS;
    char asked[128] = "";
    uint32_t found = 0;
    for (int i = 0; i < 2 && found == 0; i++) {
        struct docker_env env = docker_env_now(i == 1);
        struct docker_where w;
        t->podman = env.podman;
        if (!docker_where_find("", &env, &w, NULL))
            continue;
        /* By ssh the ports would be another machine's. */
        if (w.way != DOCKER_SSH && strcmp(asked, w.shown) != 0)
            found = offers_of_engine(t, &w, deadline_ns, out, max);
        snprintf(asked, sizeof asked, "%s", w.shown);
        docker_where_finish(&w);
    }
    return found;
}

/* ------------------------------------------------------------------ processes */

static void read_whole_file(const char *path, struct buf *out)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    buf_clear(out);
    buf_add(out, "", 0);
    if (fd < 0)
        return;
    buf_read(out, fd, NET_BYTES);
    close(fd);
}

static size_t port_listeners(uint16_t port, uint64_t *inodes)
{
    struct buf text = {0};
    read_whole_file("/proc/net/tcp", &text);
    size_t n = procfs_listeners(text.data, port, inodes, MAX_SOCKETS);
    read_whole_file("/proc/net/tcp6", &text);
    n += procfs_listeners(text.data, port, inodes + n, MAX_SOCKETS - n);
    buf_finish(&text);
    return n;
}

static bool pid_holds_inode(const char *pid, const uint64_t *inodes, size_t n)
{
    char path[300], link[64];
    bool found = false;
    struct dirent *entry;
    snprintf(path, sizeof path, "/proc/%.20s/fd", pid);
    DIR *dir = opendir(path);
    while (dir != NULL && !found && (entry = readdir(dir)) != NULL) {
        ssize_t len = readlinkat(dirfd(dir), entry->d_name, link, sizeof link - 1);
        link[len > 0 ? len : 0] = '\0';
        uint64_t inode = strncmp(link, "socket:[", 8) == 0 ? strtoull(link + 8, NULL, 10) : 0;
        for (size_t i = 0; inode != 0 && i < n; i++)
            found = found || inodes[i] == inode;
    }
    if (dir != NULL)
        closedir(dir);
    return found;
}

/* Returns the lowest pid among the owners: the others were forked from it. */
static unsigned long socket_owner(const uint64_t *inodes, size_t n)
{
    unsigned long owner = 0;
    uint64_t deadline = now_ns() + PROC_NS;
    struct dirent *entry;
    DIR *dir = n > 0 ? opendir("/proc") : NULL;
    while (dir != NULL && (entry = readdir(dir)) != NULL && now_ns() < deadline) {
        unsigned long pid =
            isdigit((unsigned char)entry->d_name[0]) ? strtoul(entry->d_name, NULL, 10) : 0;
        if (pid != 0 && (owner == 0 || pid < owner) && pid_holds_inode(entry->d_name, inodes, n))
            owner = pid;
    }
    if (dir != NULL)
        closedir(dir);
    return owner;
}

/* Returns whether the program only holds a published port for docker or podman. */
static bool is_port_proxy(const char *name)
{
    static const char *const names[] = {"docker-proxy", "conmon", "rootlessport",
                                        "slirp4netns",  "pasta",  NULL};
    return words_have(names, name);
}

static uint32_t offer_of_proc(const struct discover_target *t, struct snap_offer *out)
{
    uint64_t inodes[MAX_SOCKETS];
    char path[64], name[32];
    struct buf comm = {0};
    unsigned long pid = socket_owner(inodes, port_listeners(t->port, inodes));
    if (pid == 0)
        return 0;
    snprintf(path, sizeof path, "/proc/%lu/comm", pid);
    read_whole_file(path, &comm);
    clean_text(name, sizeof name, comm.data, strcspn(comm.data, "\n"));
    buf_finish(&comm);
    if (is_port_proxy(name)) /* for a container that we may not see */
        return 0;
    snprintf(out->label, sizeof out->label, "process %s (%lu, listens on port %u)", name, pid,
             t->port);
    snprintf(out->spec, sizeof out->spec, "process:port=%u", t->port);
    return 1;
}

uint32_t discover(const char *target_url, struct snap_offer *out, uint32_t max)
{
    struct discover_target t;
    if (!discover_target(target_url, &t) || max < 3)
        return 0;
    uint32_t n = offers_of_engines(&t, out, max);
    if (n == 0 && t.local)
        n = offer_of_proc(&t, out);
    if (t.local && n < max) {
        snprintf(out[n].label, sizeof out[n].label, "this machine: CPU, memory, disks, network");
        snprintf(out[n].spec, sizeof out[n].spec, "host");
        n++;
    }
    return n;
}
