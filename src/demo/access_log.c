/* SPDX-License-Identifier: MIT */
#include "src/demo/access_log.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "src/base/mem.h"
#include "src/base/now.h"

#define BUFFER_BYTES 65536
#define LINE_BYTES 1024

static const char columns[] = "received_ns sent_ns method path status service_us wait_us reply\n";

struct access_log {
    int fd;
    char *path;
    int failed;         /* errno of the first write that failed; nothing is written after it */
    uint64_t oldest_ns; /* when the first buffered line was added */
    size_t used;
    char buffer[BUFFER_BYTES];
};

struct access_log *access_log_open(const char *path, struct err *e)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0) {
        err_set(e, "%s: the truth file cannot be written: %s", path, strerror(errno));
        return NULL;
    }
    struct access_log *t = mem_zalloc(sizeof *t);
    t->fd = fd;
    t->path = mem_strdup(path);
    memcpy(t->buffer, columns, sizeof columns - 1);
    t->used = sizeof columns - 1;
    t->oldest_ns = now_ns();
    return t;
}

static void flush_lines(struct access_log *t)
{
    size_t done = 0;
    while (done < t->used && t->failed == 0) {
        ssize_t n = write(t->fd, t->buffer + done, t->used - done);
        if (n > 0)
            done += (size_t)n;
        else if (n == 0 || errno != EINTR)
            t->failed = n == 0 ? EIO : errno;
    }
    t->used = 0;
}

void access_log_add(struct access_log *t, const struct access_line *line)
{
    if (t == NULL)
        return;
    if (t->used + LINE_BYTES > sizeof t->buffer)
        flush_lines(t);
    if (t->used == 0)
        t->oldest_ns = line->sent_ns;
    int n = snprintf(t->buffer + t->used, LINE_BYTES,
                     "%" PRIu64 " %" PRIu64 " %s %s %u %" PRIu64 " %" PRIu64 " %s\n",
                     line->received_ns, line->sent_ns, line->method, line->path, line->status,
                     line->service_ns / NS_PER_US, line->wait_ns / NS_PER_US,
                     line->cut ? "cut" : "sent");
    t->used += (size_t)n;
}

int access_log_tick(struct access_log *t, uint64_t t_ns)
{
    if (t == NULL || t->used == 0)
        return -1;
    uint64_t age_ns = t_ns > t->oldest_ns ? t_ns - t->oldest_ns : 0;
    if (age_ns >= NS_PER_S) {
        flush_lines(t);
        return -1;
    }
    return (int)((NS_PER_S - age_ns) / NS_PER_MS) + 1;
}

bool access_log_close(struct access_log *t, struct err *e)
{
    if (t == NULL)
        return true;
    flush_lines(t);
    if (close(t->fd) != 0 && t->failed == 0)
        t->failed = errno;
    bool ok = t->failed == 0;
    if (!ok)
        err_set(e, "%s: the truth file is incomplete: %s", t->path, strerror(t->failed));
    free(t->path);
    free(t);
    return ok;
}
