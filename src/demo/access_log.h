/* SPDX-License-Identifier: MIT */
/* access_log.h - the demo target's own log of what it received and sent (the format is
 * in demo.h).
 *
 * Buffered, because a write per request would bend the times it records.  One
 * thread. */
#ifndef RAMPTOP_DEMO_ACCESS_LOG_H
#define RAMPTOP_DEMO_ACCESS_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "src/base/err.h"

struct access_log; /* NULL everywhere: no file was asked for, nothing is kept */

struct access_line {
    uint64_t received_ns, sent_ns;
    const char *method, *path; /* without blanks and control characters, up to 256 bytes */
    unsigned status;           /* 0: the request was never complete */
    uint64_t service_ns, wait_ns;
    bool cut; /* the connection ended before the reply was out */
};

struct access_log *access_log_open(const char *path, struct err *e);
void access_log_add(struct access_log *t, const struct access_line *line);

/* Writes what is older than a second.  Returns after how many milliseconds it wants
 * to be called again, -1 for never. */
int access_log_tick(struct access_log *t, uint64_t t_ns);

/* Writes the rest and releases it.  False with a sentence when any line is missing. */
bool access_log_close(struct access_log *t, struct err *e);

#endif
