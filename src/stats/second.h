/* SPDX-License-Identifier: MIT */
/* second.h - all that a run knows about one finished second: the currency in which statistics
 * are handed on, stored, sent and merged.
 *
 * stats/gather.h makes seconds out of samples; stats/aggregate.h books them, whoever made them;
 * second_write() turns one into bytes and second_read() bytes into one.  Endpoints and user
 * classes are numbers of the run (stats/collect.h); their names travel beside the seconds.
 *
 * Plain data.  The holder of a second owns what its pointers lead to, until second_finish().  Two
 * of a run may not have the same number, and a second is never changed once it was handed on:
 * what becomes known later (a stop of the program, told when it is over) is in a later one.
 * Its size is bounded: SECOND_ENDPOINTS endpoints, each histogram at most HIST_BUCKETS cells. */
#ifndef RAMPTOP_STATS_SECOND_H
#define RAMPTOP_STATS_SECOND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/base/buf.h"
#include "src/base/err.h"
#include "src/stats/latencies.h"
#include "src/stats/note.h"
#include "src/stats/snapshot.h"
#include "src/stats/statuses.h"

#define SECOND_ENDPOINTS SNAP_ENDPOINTS
#define SECOND_FAILS 256   /* rows; what finds none counts in the last, "(others)" */
#define SECOND_BURSTS 4    /* with a request in one second */
#define SECOND_GAPS 8      /* stops told since the second before */
#define SECOND_CLASSES 256 /* user classes; the last one is all others */

/* The phases of a request, as far as they happened. */
enum second_phase {
    PHASE_DNS,
    PHASE_CONNECT, /* measured where a connection was made */
    PHASE_TLS,
    PHASE_FIRST_BYTE,
    SECOND_PHASES
};

/* An endpoint.  What counts is as in stats/gather.h. */
struct second_endpoint {
    uint16_t endpoint;
    uint64_t requests, failures; /* finished; of these not succeeded */
    uint64_t client_failures;    /* not sent, by the generator's own fault */
    uint64_t timeouts;           /* failures with no reply in time */
    uint64_t connections;        /* made by a request */
    uint64_t bytes_in, bytes_out;
    struct statuses statuses;
    struct latencies_packed service; /* from when it was sent; microseconds, as in hist.h */
    /* From when it should have been sent; without a value: it is the same as service. */
    struct latencies_packed response;
    struct hist_sparse phases[SECOND_PHASES]; /* requests that succeeded; microseconds */
};

/* The failures of one endpoint, kind, status (FAIL_STATUS) and name (FAIL_CHECK, _CAPTURE). */
struct second_fail {
    uint16_t endpoint, status, detail;
    uint8_t fail;               /* enum fail, not FAIL_NONE */
    uint64_t count;             /* 0: there is only a text */
    uint64_t first_ns, last_ns; /* done, since the start of the run */
    char *text;                 /* newest example (stats/note.h), cleaned; owned; may be NULL */
};

/* The requests of one burst that were done in this second. */
struct second_burst {
    uint16_t number; /* in the run, from 1 on; rising */
    uint64_t requests, failures, client_failures;
    struct latencies_packed service;
};

/* The program was stopped from .. to, since the start of the run. */
struct second_gap {
    uint64_t from_ns, to_ns;
};

/* The workers' gauges and the load's clock (stats/loadtime.h) at the end of a second. */
struct gauges_now {
    uint32_t users, users_wanted, users_peak;
    uint32_t in_flight;
    uint64_t oldest_ns; /* age of the oldest request in flight, 0 for none */
    /* since the start of the run */
    uint64_t started, aborted, given_up, given_up_ns, sent_again;
    uint32_t cut_short; /* users whose on_stop did not run to its end */
    uint64_t elapsed_ns; /* until that look */
    uint64_t load_ns, drain_ns, rate_ns;
    uint64_t left_out_ns; /* rates over the run leave that out: it ran, and nobody was busy */
};

/* The generator itself. */
struct second_health {
    bool known;       /* was looked at; all but the lag is 0 otherwise */
    uint64_t span_ns; /* since the look before: what the CPU times are for */
    uint64_t cpu_ns;  /* the process's */
    uint32_t n_workers;
    uint64_t worker_cpu_ns[SNAP_WORKERS];
    uint32_t millicores;  /* CPU that it may use */
    uint32_t loop_max_us; /* longest turn of an event loop */
    uint32_t ring_ppm;    /* fullest ring */
    uint64_t ring_lost;   /* samples lost, since the look before */
    uint64_t open_fds, fd_limit;
    uint64_t rss_bytes;
    struct hist_sparse lag; /* how long it held each request up, microseconds */
};

struct second {
    uint32_t number;    /* seconds from the start of the run to its own */
    uint64_t wall_ns;   /* time of day at its start, since 1970 in UTC; 0: not known */
    uint64_t length_ns; /* a second; the last of a run what there was of it */
    uint64_t gap_ns;    /* time in which the program was stopped, as far as known then */
    bool cut_short;     /* the run ended in it */
    /* When the newest request was done by its end, since the start of the run, 0 for none; the
     * same without time-outs and the generator's own failures. */
    uint64_t last_done_ns, last_heard_ns;

    uint32_t n_endpoints; /* ascending, those that had a request or tried to send one */
    struct second_endpoint *endpoints;
    uint32_t n_fails; /* in the order in which they came */
    struct second_fail *fails;
    uint32_t n_bursts; /* ascending */
    struct second_burst bursts[SECOND_BURSTS];
    uint32_t n_gaps; /* told since the second before, those that reach back beyond it too */
    struct second_gap gaps[SECOND_GAPS];
    uint32_t n_marks; /* set since the second before; one of the same time replaces that */
    struct snap_mark *marks;

    bool has_now; /* else the second before goes on */
    struct gauges_now now;
    uint32_t n_classes; /* 0: not known */
    uint32_t *class_users; /* by class: running at its end */
    struct second_health health;
};

void second_finish(struct second *s); /* releases and zeroes; zeroed is fine */

void second_copy(struct second *out, const struct second *from); /* out is overwritten */

/* Adds what another generator saw in the same second, as if one had seen both.  Endpoints and
 * classes must mean the same in both.  What does not add up: the load's clock and the lengths are
 * the longest, the time stopped is that of both. */
void second_merge(struct second *into, const struct second *from);

/* Makes its histograms coarser (hist_sparse_coarsen), so that it takes fewer bytes. */
void second_coarsen(struct second *s, unsigned bits);

/* Returns an empty row for such failures: what does not belong to their kind is 0. */
struct second_fail second_fail_key(uint16_t endpoint, uint8_t fail, uint16_t status,
                                   uint16_t detail);
/* Whether they are about the same failures. */
bool second_fail_is(const struct second_fail *row, const struct second_fail *key);
/* Returns a number that is the same for the same failures. */
uint32_t second_fail_hash(const struct second_fail *key);

/* The latency that counts: response where there is one, else service. */
static inline const struct latencies_packed *second_latency(const struct second_endpoint *e)
{
    bool differs = e->response.ok.count > 0 || e->response.failed != NULL;
    return differs ? &e->response : &e->service;
}

/* ------------------------------------------------------------------------ bytes
 *
 *   "RTS"  major version, 1 byte; minor version, 1 byte; length of what follows, 4 bytes,
 *   little-endian; then parts (base/wire.h), each a kind, a length, and its numbers.
 *
 * The major version grows when old readers would be wrong, which then refuse; the minor one when
 * something is added: new kinds of parts, or numbers at the end of a known kind, which old
 * readers step over. */

#define SECOND_MAJOR 1
#define SECOND_MINOR 0
#define SECOND_HEAD 9                 /* bytes of the head */
#define SECOND_MAX_BYTES (128u << 20) /* a longer one is refused */
#define SECOND_COUNT_MAX (1ull << 48) /* most of anything in one second: sums of a run never wrap  \
                                       */

/* Adds the bytes of s. */
void second_write(const struct second *s, struct buf *out);

/* How many bytes the second has that begins here; 0: fewer than SECOND_HEAD are there; SIZE_MAX:
 * it is none, or longer than SECOND_MAX_BYTES. */
size_t second_length(const void *data, size_t len);

/* Reads exactly one second, which *out becomes; out need not be zeroed.  All promises above hold
 * for it then, whatever the bytes were: numbers within their bounds, histograms whole, texts
 * cleaned.  It needs no more memory than a small multiple of len and a fixed amount.  False with
 * a sentence: *out is zeroed. */
bool second_read(const void *data, size_t len, struct second *out, struct err *e);

#endif
