/* SPDX-License-Identifier: MIT */
/* wrong_port.h - https to a plain port, http to a TLS port: found by what comes back, and said
 * in those words.  Each returns a sentence, or NULL where it looks like something else.
 *
 * Pure; any thread. */
#ifndef RAMPTOP_LOAD_WRONG_PORT_H
#define RAMPTOP_LOAD_WRONG_PORT_H

#include <stdbool.h>
#include <stddef.h>

/* The TLS handshake failed with that text of the TLS library's.  `answered`: the target has
 * answered requests before. */
const char *wrong_port_handshake(const char *error, bool answered);
/* The reply to plain HTTP is no HTTP and begins like that. */
const char *wrong_port_bytes(const char *data, size_t len);
/* So begins the body of a reply 400 to plain HTTP. */
const char *wrong_port_body(const char *body, size_t len);
/* For plain HTTP the connection was closed, or reset, without a reply; the target has not
 * answered anything by now. */
const char *wrong_port_silence(void);

#endif
