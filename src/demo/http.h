/* SPDX-License-Identifier: MIT */
/* http.h - the demo target's HTTP side: the only user of libmicrohttpd.
 *
 * The library keeps its time-outs in milliseconds, far too coarse for a target
 * against which a load console's figures are tested.  So it owns no thread and no
 * clock here: a request that the service keeps busy is suspended, and the caller's
 * loop calls http_run() when its reply is due.
 *
 * One thread. */
#ifndef RAMPTOP_DEMO_HTTP_H
#define RAMPTOP_DEMO_HTTP_H

#include <stdbool.h>
#include <stdint.h>

#include "src/base/err.h"
#include "src/demo/handler.h"
#include "src/demo/access_log.h"

/* Serves on listen_fd, which stays the caller's also on failure; so do the service and
 * truth, which may be NULL. */
struct http *http_start(struct handler *handler, int listen_fd, unsigned max_connections,
                        struct access_log *log, struct err *e);

int http_epoll_fd(const struct http *h); /* readable: call http_run */
unsigned http_connections(const struct http *h);

/* Sends the replies that are due and handles what has arrived.  True when there is
 * more to do at once. */
bool http_run(struct http *h);

/* Asks the handler for the next step of a request that slept.  The reply goes out with the next
 * http_run. */
void http_wake(struct http *h, struct request *q);

uint64_t http_due_ns(const struct http *h); /* when the next reply is due; UINT64_MAX: none */

/* Cuts what is still open.  NULL is fine. */
void http_stop(struct http *h);

#endif
