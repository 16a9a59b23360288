/* SPDX-License-Identifier: MIT */
#include "src/load/recorder.h"

#include "src/base/now.h"
#include "src/base/num.h"
#include "src/stats/gauge.h"
#include "src/stats/note.h"
#include "src/stats/ring.h"
#include "src/stats/sample.h"

/* A note per endpoint, kind, name and second is enough for the failures view. */
static bool note_is_wanted(struct recorder *rec, uint32_t key, uint64_t now)
{
    uint64_t second = now / NS_PER_S;
    size_t i = (key * 2654435761u) >> 26;
    if (rec->noted[i].key == key && rec->noted[i].second == second)
        return false;
    rec->noted[i].key = key;
    rec->noted[i].second = second;
    return true;
}

static void recorder_add_note(struct recorder *rec, const struct request_run *r,
                              const struct attempt *a, const struct sample *s)
{
    struct note n = {.at_ns = s->done_ns,
                     .endpoint = s->endpoint,
                     .status = s->status,
                     .detail = s->detail,
                     .fail = s->fail};
    uint32_t key = (uint32_t)s->endpoint << 16 | (uint32_t)s->fail << 10 | (s->status & 0x3ff);
    if (!note_is_wanted(rec, key ^ s->detail * 40503u, s->done_ns))
        return;
    const struct redaction redaction = request_run_redaction(r, a);
    failure_words(&n, a->result, r->request, a->outcome, a->timed_out, &redaction);
    ring_push(rec->lane.notes, &n);
}

void recorder_add(struct recorder *rec, const struct request_run *r, const struct attempt *a,
                  uint16_t endpoint, uint16_t burst)
{
    const struct outcome *o = a->outcome;
    const struct result *result = a->result;
    struct sample s = {
        .due_ns = r->due_ns,
        .sent_ns = r->sent_ns,
        .done_ns = a->done_ns,
        .dns_us = o->dns_us,
        .connect_us = o->connect_us,
        .tls_us = o->tls_us,
        .first_byte_us = o->first_byte_us,
        .bytes_in = num_saturate(o->bytes_in),
        .bytes_out = num_saturate(o->bytes_out),
        .lag_us = num_saturate(a->lag_ns / NS_PER_US),
        .endpoint = endpoint,
        .status = (uint16_t)o->status,
        .fail = (uint8_t)result->fail,
        .flags = (uint8_t)((o->new_connection ? SAMPLE_NEW_CONNECTION : 0) |
                           (o->http2 ? SAMPLE_HTTP2 : 0)),
        .worker = rec->worker,
        .detail = result->name != NULL ? fail_detail(result->name) : 0,
        .burst = burst,
    };
    ring_push(rec->lane.samples, &s);
    if (result->fail != FAIL_NONE)
        recorder_add_note(rec, r, a, &s);
    gauge_add64(&rec->lane.gauge->finished, 1);
}
