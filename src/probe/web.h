/* SPDX-License-Identifier: MIT */
/* web.h - the common part of probes that use HTTP: a URL taken apart, words for failures. */
#ifndef RAMPTOP_PROBE_WEB_H
#define RAMPTOP_PROBE_WEB_H

#include "src/base/buf.h"
#include "src/probe/http_client.h"
#include "src/probe/probe.h"

struct web {
    struct http_client *http;
    char *path;            /* path and query of the spec's URL; "" for none */
    char place[SNAP_NAME]; /* host, port and path, cleaned: for sentences */
    const char *who;       /* "nginx": for sentences */
};

/* Opens a client for the spec's URL, credentials and TLS settings; sets the probe's place. */
void web_open(struct web *w, struct probe *p, const struct probe_spec *spec, const char *who,
              bool gzip);
void web_close(struct web *w);

/* GETs that path.  Returns LIVE with the reply's *status; CONNECTING when the probe was woken;
 * else a state with the reason in *e. */
enum probe_state web_get(struct web *w, const char *path, uint64_t deadline_ns, struct buf *body,
                         long *status, struct err *e);

/* Returns DENIED or DOWN with a sentence for a status that is no success; `missing` says what to
 * do about a 404. */
enum probe_state web_refused(const struct web *w, long status, const char *missing, struct err *e);

#endif
