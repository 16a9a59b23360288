/* SPDX-License-Identifier: MIT */
#include "src/load/transport_rules.h"

#include <string.h>

#include "src/profile/profile.h"

static unsigned needs_of_profile(const struct profile *p)
{
    unsigned needs = p->tls ? TRANSPORT_TLS : 0;
    if (p->http2)
        needs |= strncmp(p->target, "http:", 5) == 0 ? TRANSPORT_HTTP2_PLAIN : TRANSPORT_HTTP2;
    for (size_t i = 0; i < p->n_classes; i++)
        needs |= p->classes[i].cookies ? TRANSPORT_COOKIES : 0;
    for (size_t i = 0; i < p->n_requests; i++) {
        needs |= p->requests[i]->max_redirects > 0 ? TRANSPORT_REDIRECTS : 0;
        needs |= p->requests[i]->gzip ? TRANSPORT_GZIP : 0;
    }
    return needs;
}

struct transport_rules transport_rules_of(const struct profile *p)
{
    struct transport_rules rules = {.needs = needs_of_profile(p),
                                    .insecure = p->insecure,
                                    .http2 = p->http2,
                                    .parallel = 1,
                                    .dns_ttl_ns = p->dns_ttl_ns};
    for (size_t i = 0; i < p->n_classes; i++) {
        unsigned n = class_connections(&p->classes[i]);
        rules.parallel = n > rules.parallel ? n : rules.parallel;
    }
    return rules;
}
