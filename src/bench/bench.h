/* SPDX-License-Identifier: MIT */
/* bench.h - the figures of `ramptop bench` as values, what they say, and how they are
 * shown.  Pure: values in, text out.
 *
 * All texts are cleaned.  Latencies are microseconds. */
#ifndef RAMPTOP_BENCH_BENCH_H
#define RAMPTOP_BENCH_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/profile/goal.h"
#include "src/stats/snapshot.h"

/* An endpoint with so many requests at once. */
struct bench_step {
    uint32_t at;
    uint64_t requests, failures, bytes_in;
    uint64_t not_sent; /* beside these: this side could not send them */
    double seconds;    /* over which rps was counted */
    double rps;
    struct snap_latency latency, failed; /* successes and failures apart */
    enum grade grades[GOAL_METRICS], rate_grade;
    char failure[SNAP_NAME]; /* the commonest kind: "503", "timeout"; "" for none */
    bool generator_limited;  /* the figures are the generator's, not the target's */
};

struct bench_endpoint {
    char method[12];
    char name[SNAP_NAME];
    char goal[SNAP_NAME]; /* "" for none */
    struct bench_step *steps;
    size_t n_steps;
    char skipped[SNAP_TEXT]; /* why there are no steps; "" otherwise */
};

struct bench {
    char target[SNAP_NAME], profile[SNAP_NAME];
    struct bench_endpoint *endpoints;
    size_t n_endpoints;
    bool interrupted;
};

void bench_finish(struct bench *b);

/* Fills a step's grades. */
void bench_grade(struct bench_step *s, const struct goal *g);
/* The worst of a step, of an endpoint, of all. */
enum grade bench_step_grade(const struct bench_step *s);
enum grade bench_endpoint_grade(const struct bench_endpoint *e);
enum grade bench_worst(const struct bench *b);

/* Says what the figures of an endpoint show: where it saturates, that it varies much, that
 * failures grow.  "" for nothing.  Returns out. */
const char *bench_hint(const struct bench_endpoint *e, char *out, size_t size);

/* How many endpoints have a goal and nothing that could be held against it. */
size_t bench_unknown(const struct bench *b);

/* Could any request not be sent? */
bool bench_unsent(const struct bench *b);

/* Did any request get a reply? */
bool bench_reached(const struct bench *b);

/* The text of one endpoint, as soon as it is measured; the whole's last lines.  The
 * caller frees. */
char *bench_text(const struct bench_endpoint *e);
char *bench_summary(const struct bench *b);
/* Schema "ramptop-bench/1"; the caller frees. */
char *bench_json(const struct bench *b);

#endif
