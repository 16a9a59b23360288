/* SPDX-License-Identifier: MIT */
/* ledger.h - the books of a run: samples in, seconds, windows and totals out.
 *
 * Time is a parameter, so that hours can be tested in a moment; the collector
 * gives it the clock and the rings.
 *
 * A sample counts in the second of its done_ns.  LEDGER_OPEN seconds are open at
 * a time, each with the histograms and statuses of the endpoints that had a sample:
 * recording one is one hist_record() and some additions.  All else happens when a second closes,
 * COLLECT_GRACE_MS after its end: its histograms are packed into the timeline and
 * added to the window and to the run, and the second that falls out of the window
 * is taken out.  A sample for a second that is closed counts in the oldest open
 * one; one that lies beyond the open seconds closes the oldest before its time.
 *
 * What counts: `requests` are all that finished but those that failed by the
 * generator's own fault (fail_is_client): these were not sent, and are in
 * `client_failures` and the failures table alone.  The latencies of failures are kept
 * apart from those of successes (stats/latencies.h).  A reply counts in the statuses
 * whatever became of it.
 *
 * One thread at a time. */
#ifndef RAMPTOP_STATS_LEDGER_H
#define RAMPTOP_STATS_LEDGER_H

#include <stdbool.h>
#include <stdint.h>

#include "src/stats/note.h"
#include "src/stats/sample.h"
#include "src/stats/snapshot.h"
#include "src/stats/timeline.h"

#define LEDGER_OPEN 4 /* a power of two */

/* What a second takes from elsewhere when it closes. */
struct ledger_moment {
    uint32_t users, users_wanted, in_flight;
};

/* The first failure of a kind (for FAIL_STATUS: of a status). */
struct ledger_alert {
    double at_s;
    uint16_t endpoint, status;
    uint8_t fail;
};

struct ledger;

struct ledger *ledger_create(uint64_t start_ns, enum snap_window w);
void ledger_destroy(struct ledger *l); /* NULL is fine */

/* The window is rebuilt from the timeline at once. */
void ledger_set_window(struct ledger *l, enum snap_window w);

void ledger_add(struct ledger *l, const struct sample *s);
void ledger_note(struct ledger *l, const struct note *n);

/* Closes the seconds that are due at now_ns; true when one was. */
bool ledger_close(struct ledger *l, uint64_t now_ns, const struct ledger_moment *m);

/* The run ended at now_ns: closes what is open, the last second with the length it
 * really had.  Nothing may be added afterwards. */
void ledger_finish(struct ledger *l, uint64_t now_ns, const struct ledger_moment *m);

/* The program was stopped from .. to; seconds that were closed meanwhile are put
 * right. */
void ledger_gap(struct ledger *l, uint64_t from_ns, uint64_t to_ns);

/* The oldest alert not yet taken; false when there is none. */
bool ledger_take_alert(struct ledger *l, struct ledger_alert *out);

/* Fills the figures of totals, windows, endpoints (but not their names), points,
 * failures and shapes.  Cheap unless a second was closed since the last call. */
void ledger_fill(struct ledger *l, struct snapshot *snap);

/* Rates over the whole run divide by that time instead of all that has passed since the
 * start. */
void ledger_set_rate_time(struct ledger *l, uint64_t now_ns, uint64_t rate_ns);

/* When the newest request was done, 0 for none. */
uint64_t ledger_last_done_ns(const struct ledger *l);

/* The seconds that are closed; borrowed. */
const struct timeline *ledger_timeline(const struct ledger *l);

#endif
