/* SPDX-License-Identifier: MIT */
/* nginx_status.h - parses the text of nginx's stub_status page.  Pure. */
#ifndef RAMPTOP_PROBE_NGINX_STATUS_H
#define RAMPTOP_PROBE_NGINX_STATUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct nginx_status {
    uint64_t active, reading, writing, waiting;
    uint64_t accepts, handled, requests; /* since nginx was started */
};

/* Returns false for any other text. */
bool nginx_status_parse(const char *text, size_t len, struct nginx_status *out);

#endif
