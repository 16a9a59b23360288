/* SPDX-License-Identifier: MIT */
/* transports.h - the table of transports, and which one serves a profile.
 *
 * Only the table names a transport; all others get theirs from transport_pick.
 *
 * transports_init and transports_finish: main, without threads.  The rest: any thread. */
#ifndef RAMPTOP_LOAD_TRANSPORTS_H
#define RAMPTOP_LOAD_TRANSPORTS_H

#include <stdbool.h>

#include "src/base/err.h"
#include "src/load/transport.h"

/* The preferred one first, the one that can do the most last; NULL ends it. */
extern const struct transport_ops *const transports[];

/* Prepares all of them; false with a sentence.  Finish also after a failure. */
bool transports_init(struct err *e);
void transports_finish(void);

/* Returns the first transport that can serve these rules; NULL with the last one's sentence. */
const struct transport_ops *transport_pick(const struct transport_rules *rules, struct err *e);

#endif
