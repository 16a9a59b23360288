/* SPDX-License-Identifier: MIT */
/* sentence.h - the one sentence that matters most, chosen by a fixed rank.
 *
 * From the top: the run ended; held or no load, by which all below is the past; every request
 * fails; no reply at all; the latency breaks, and what reached its limit with it; failures above
 * 1 %; one of these is over; the generator is not healthy; frozen; a resource at its limit; what
 * came of the last burst; a mark of the last half minute; nothing.  How the target does is
 * decided, and worded, in stats/verdict.h and probe/cause.h.  Pure; main thread. */
#ifndef RAMPTOP_UI_SENTENCE_H
#define RAMPTOP_UI_SENTENCE_H

#include "src/stats/cause.h"
#include "src/stats/snapshot.h"
#include "ui/view.h"

struct sentence {
    enum style style; /* style of the sign; the text itself is plain unless it is bad */
    const char *sign; /* "!", "" ... drawn before the text */
    char text[3 * SNAP_TEXT];
    char brief[3 * SNAP_TEXT]; /* the same for a narrow screen, "" when there is none */
};

/* cause: why and since when the latency breaks, what the probes found; NULL for nothing. */
void sentence_make(struct sentence *out, const struct snapshot *s, const struct view_state *v,
                   const struct cause *cause);

#endif
