/* SPDX-License-Identifier: MIT */
/* sentence.h - the one sentence that matters most, chosen by priority.
 *
 * From the top: the run ended; nothing succeeds any more; the generator is not
 * healthy; the latency breaks, and what reached its limit with it; failures above 1 %; no
 * reply at all for a while; held; frozen; no load; a resource at its limit; what came of the
 * last burst; a mark of the last half minute; nothing.  Pure; main thread. */
#ifndef RAMPTOP_UI_SENTENCE_H
#define RAMPTOP_UI_SENTENCE_H

#include "src/probe/cause.h"
#include "src/stats/snapshot.h"
#include "ui/view.h"

struct sentence {
    enum style style; /* of its sign; the text itself is plain unless it is bad */
    const char *sign; /* "!", "" ... drawn before the text */
    char text[2 * SNAP_TEXT + 64];
    char brief[2 * SNAP_TEXT + 64]; /* the same for a narrow screen, "" when there is none */
};

/* cause: what the probes found; NULL for nothing. */
void sentence_make(struct sentence *out, const struct snapshot *s, const struct view_state *v,
                   const struct cause *cause);

/* The word of a row of failures: the status, or the kind's word. */
const char *sentence_fail_word(const struct snap_fail *f, char *buf, size_t size);
/* "14 s", above two minutes "00:02:31" */
const char *sentence_age(double seconds, char *buf, size_t size);
/* "POST /api/run" */
const char *sentence_endpoint(const struct snapshot *s, unsigned endpoint, char *buf, size_t size);

#endif
