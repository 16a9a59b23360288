/* SPDX-License-Identifier: MIT */
#include "src/probe/docker/tunnel.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/base/clean.h"
#include "src/base/mem.h"
#include "src/base/now.h"
#include "src/probe/subprocess.h"

#define READY_POLL_MS 50
#define END_NS (100 * NS_PER_MS)
#define SAID_MAX 512

struct docker_tunnel {
    struct subprocess ssh;
    char said[SAID_MAX]; /* the end of ssh's messages */
    size_t said_len;
    char to[128];
    char folder[96];
    char socket[108];
};

static bool make_socket_folder(struct docker_tunnel *t)
{
    const char *where[] = {getenv("XDG_RUNTIME_DIR"), getenv("TMPDIR"), "/tmp"};
    for (size_t i = 0; i < sizeof where / sizeof where[0]; i++) {
        if (where[i] == NULL || where[i][0] != '/' || strlen(where[i]) > 60)
            continue;
        snprintf(t->folder, sizeof t->folder, "%s/ramptop-XXXXXX", where[i]);
        if (mkdtemp(t->folder) != NULL) { /* with mode 0700 */
            snprintf(t->socket, sizeof t->socket, "%s/d.sock", t->folder);
            return true;
        }
    }
    t->folder[0] = '\0';
    return false;
}

/* Starts ssh without ControlMaster: a shared connection would outlive this ssh and keep the
 * forwarding. */
static bool start_tunnel_ssh(struct docker_tunnel *t, const struct docker_where *w, struct err *e)
{
    char forward[256], port[16];
    snprintf(forward, sizeof forward, "%s:%s", t->socket, w->path);
    snprintf(port, sizeof port, "%u", w->ssh_port);
    const char *argv[32] = {"ssh", "-nNT",
                            "-o",  "BatchMode=yes",
                            "-o",  "ConnectTimeout=8",
                            "-o",  "ExitOnForwardFailure=yes",
                            "-o",  "StreamLocalBindUnlink=yes",
                            "-o",  "StreamLocalBindMask=0177",
                            "-o",  "ServerAliveInterval=5",
                            "-o",  "ServerAliveCountMax=2",
                            "-o",  "ControlMaster=no",
                            "-o",  "ControlPath=none",
                            "-L",  forward};
    size_t n = 0;
    while (argv[n] != NULL)
        n++;
    if (w->ssh_port != 0) {
        argv[n++] = "-p";
        argv[n++] = port;
    }
    argv[n++] = "--";
    argv[n++] = w->ssh_to;
    return subprocess_start(&t->ssh, argv, NULL, e);
}

struct docker_tunnel *docker_tunnel_open(const struct docker_where *w, struct err *e)
{
    struct docker_tunnel *t = mem_zalloc(sizeof *t);
    t->ssh.out_fd = t->ssh.err_fd = -1;
    clean_text(t->to, sizeof t->to, w->ssh_to, strlen(w->ssh_to));
    if (!make_socket_folder(t))
        err_set(e, "there is no folder for the socket of the ssh tunnel: %s.", strerror(errno));
    else if (start_tunnel_ssh(t, w, e))
        return t;
    docker_tunnel_close(t);
    return NULL;
}

static void read_ssh_messages(struct docker_tunnel *t)
{
    char piece[256];
    ssize_t n;
    for (int i = 0; i < 64 && (n = read(t->ssh.err_fd, piece, sizeof piece)) > 0; i++) {
        size_t len = (size_t)n, room = sizeof t->said - t->said_len;
        if (len > room) {
            memmove(t->said, t->said + (len - room), t->said_len - (len - room));
            t->said_len -= len - room;
        }
        memcpy(t->said + t->said_len, piece, len);
        t->said_len += len;
    }
}

/* Copies ssh's last line, which is the reason. */
static void last_ssh_line(const struct docker_tunnel *t, char *out, size_t size)
{
    size_t end = t->said_len;
    while (end > 0 && strchr(" \r\n.", t->said[end - 1]) != NULL)
        end--;
    const char *begin = end > 0 ? memrchr(t->said, '\n', end) : NULL;
    begin = begin != NULL ? begin + 1 : t->said;
    clean_text(out, size, begin, end - (size_t)(begin - t->said));
}

static enum docker_tunnel_state tunnel_failure_state(struct docker_tunnel *t, struct err *e)
{
    char why[200];
    read_ssh_messages(t);
    last_ssh_line(t, why, sizeof why);
    err_set(e, "ssh to %s failed: %s.", t->to, why[0] != '\0' ? why : "it ended without a word");
    return strstr(why, "denied") != NULL || strstr(why, "verification failed") != NULL
               ? TUNNEL_DENIED
               : TUNNEL_FAILED;
}

enum docker_tunnel_state docker_tunnel_wait(struct docker_tunnel *t, int wake_fd,
                                            uint64_t deadline_ns, struct err *e)
{
    struct pollfd fd = {.fd = wake_fd, .events = POLLIN};
    struct stat st;
    for (;;) {
        read_ssh_messages(t);                             /* a full pipe would stop ssh */
        if (t->ssh.pid == 0 || subprocess_ended(&t->ssh)) /* the socket's file stays behind */
            return tunnel_failure_state(t, e);
        if (stat(t->socket, &st) == 0)
            return TUNNEL_UP;
        if (now_ns() >= deadline_ns || poll(&fd, 1, READY_POLL_MS) != 0)
            break;
    }
    err_set(e, "ssh to %s is not there yet.", t->to);
    return TUNNEL_WAITING;
}

const char *docker_tunnel_socket(const struct docker_tunnel *t)
{
    return t->socket;
}

uint64_t docker_tunnel_cpu_ns(const struct docker_tunnel *t)
{
    return subprocess_cpu_ns(&t->ssh);
}

void docker_tunnel_close(struct docker_tunnel *t)
{
    if (t == NULL)
        return;
    subprocess_end(&t->ssh, END_NS);
    if (t->folder[0] != '\0') {
        unlink(t->socket);
        rmdir(t->folder);
    }
    free(t);
}
