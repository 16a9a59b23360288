/* SPDX-License-Identifier: MIT */
/* transport_curl.h - the transport by libcurl.  Only the table (transports.c) includes it. */
#ifndef RAMPTOP_LOAD_TRANSPORT_CURL_H
#define RAMPTOP_LOAD_TRANSPORT_CURL_H

#include "src/load/transport.h"

extern const struct transport_ops transport_curl;

#endif
