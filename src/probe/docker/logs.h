/* SPDX-License-Identifier: MIT */
/* logs.h - counts the lines of a container's log that contain a text.
 *
 * Without a terminal the engine sends frames of two streams mixed, a frame being any piece of a
 * line; with one it sends the bytes as they are.  Both are given as they arrive, in pieces of
 * any size.  At most DOCKER_LOGS_BUDGET bytes are searched between two calls of
 * docker_logs_take; the rest is only split into frames, and the count is scaled. */
#ifndef RAMPTOP_PROBE_DOCKER_LOGS_H
#define RAMPTOP_PROBE_DOCKER_LOGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DOCKER_LOGS_WANTED 128 /* bytes of the text */
#define DOCKER_LOGS_BUDGET (1u << 20)

struct docker_logs_line {
    char tail[DOCKER_LOGS_WANTED]; /* the end of the searched part, lower case */
    size_t len;
    bool hit; /* counted already */
};

struct docker_logs {
    char wanted[DOCKER_LOGS_WANTED]; /* lower case */
    size_t wanted_len;
    bool raw;    /* no frames: a container with a terminal */
    bool broken; /* the stream has no valid frames */
    unsigned char head[8];
    size_t head_len;
    uint32_t left;  /* bytes left of the frame */
    unsigned which; /* stream of the frame */
    struct docker_logs_line lines[2];
    size_t searched, skipped; /* since the last take */
    uint64_t matches;
};

void docker_logs_init(struct docker_logs *l, const char *wanted, bool raw);
void docker_logs_feed(struct docker_logs *l, const char *data, size_t len);
/* Returns the number of matching lines since the last call; *sampled: a part was not searched. */
double docker_logs_take(struct docker_logs *l, bool *sampled);

#endif
