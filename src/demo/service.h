/* SPDX-License-Identifier: MIT */
/* service.h - serves what a description says: a site (site.h).
 *
 *   service.c   takes a request, decides whether and when it is answered
 *   reply.c     what is answered
 *   stats.c     what was counted, as JSON (/stats), Prometheus text (/metrics), words (/about)
 *
 * One thread. */
#ifndef RAMPTOP_DEMO_SERVICE_H
#define RAMPTOP_DEMO_SERVICE_H

#include "src/demo/description.h"
#include "src/demo/site.h"

/* The description is borrowed.  ops->destroy ends it. */
struct site *service_create(const struct description *d, uint64_t seed);

#endif
