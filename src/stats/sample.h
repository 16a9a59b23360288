/* SPDX-License-Identifier: MIT */
/* sample.h - one finished request, a plain value of one cache line.
 *
 * Times are now_ns().  due <= sent <= done.  What a user waited is done - sent
 * (service time); where the schedule was fixed in advance (SAMPLE_INTENDED_START)
 * latency counts from due_ns (response time), so that a stalled target cannot
 * hide the requests it held up (coordinated omission). */
#ifndef RAMPTOP_STATS_SAMPLE_H
#define RAMPTOP_STATS_SAMPLE_H

#include <stdint.h>

enum sample_flag {
    SAMPLE_NEW_CONNECTION = 1, /* a connection was made for it */
    SAMPLE_INTENDED_START = 2, /* latency counts from due_ns */
    SAMPLE_HTTP2 = 4,
};

struct sample {
    uint64_t due_ns;  /* when it should have been sent */
    uint64_t sent_ns; /* when it was handed to the transport */
    uint64_t done_ns; /* when its last byte, or its failure, was seen to be there */
    /* Phases, microseconds since sent_ns, 0 where the phase did not happen. */
    uint32_t dns_us;
    uint32_t connect_us;
    uint32_t tls_us;
    uint32_t first_byte_us;
    uint32_t bytes_in;  /* saturating */
    uint32_t bytes_out; /* saturating */
    uint32_t lag_us;    /* how long the generator itself held it up: late start + late reading */
    uint16_t endpoint;  /* session-wide id (stats/collect.h) */
    uint16_t status;    /* HTTP status, 0 for none */
    uint8_t fail;       /* enum fail */
    uint8_t flags;      /* enum sample_flag */
    uint16_t worker;
    uint16_t detail; /* fail_detail() of the check's or capture's name; 0 for other kinds */
    uint16_t burst;  /* number of the burst that it belongs to (from 1 on), 0 for none */
};

_Static_assert(sizeof(struct sample) == 64, "a sample is one cache line");

#endif
