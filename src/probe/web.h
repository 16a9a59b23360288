/* SPDX-License-Identifier: MIT */
/* web.h - what the probes that ask by HTTP share: a URL taken apart, failures in words. */
#ifndef RAMPTOP_PROBE_WEB_H
#define RAMPTOP_PROBE_WEB_H

#include "src/base/buf.h"
#include "src/probe/http_client.h"
#include "src/probe/probe.h"

struct web {
    struct http_client *http;
    char *path;            /* of the spec's URL, with its query; "" for none */
    char place[SNAP_NAME]; /* host, port and path, cleaned: for sentences */
    const char *who;       /* "nginx": for sentences */
};

/* From the spec's where, log-in and so on; tells the watch the place. */
void web_open(struct web *w, struct probe *p, const struct probe_spec *spec, const char *who,
              bool gzip);
void web_close(struct web *w);

/* GET of that path.  LIVE: a reply came, with its *status; CONNECTING: the probe was woken; else
 * *e says why none did. */
enum probe_state web_get(struct web *w, const char *path, uint64_t deadline_ns, struct buf *body,
                         long *status, struct err *e);

/* For a status that is no success: DENIED or DOWN with a sentence, where missing says what to
 * do about a 404. */
enum probe_state web_refused(const struct web *w, long status, const char *missing, struct err *e);

#endif
