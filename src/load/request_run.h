/* SPDX-License-Identifier: MIT */
/* request_run.h - one request of a user on its way: sent, timed, judged, recorded, tried again.
 *
 *            begin               done, time-out
 *   IDLE ------------> FLYING -------------------> IDLE, and its user goes on
 *                        ^   `--- to be tried again: RESTING --.
 *                        `----------- back-off over -----------'
 *
 * A user has one flight of its own and, for requests side by side, more of them, each
 * with a connection of its own.  Private to src/load.  The worker's thread only. */
#ifndef RAMPTOP_LOAD_REQUEST_RUN_H
#define RAMPTOP_LOAD_REQUEST_RUN_H

#include "src/load/compose.h"
#include "src/load/timers.h"
#include "src/load/transport.h"

struct crew;
struct user;
struct request;

enum flight_state { FLIGHT_IDLE, FLIGHT_FLYING, FLIGHT_RESTING };

struct flight {
    struct timer timer; /* first: a popped timer is its flight */
    struct user *user;
    struct channel *channel;
    const struct request *request;
    const struct message *message; /* the draft's, or one that is the same for all users */
    struct draft draft;
    struct flight *older, *newer; /* FLYING, by sent_ns */
    uint64_t due_ns;              /* when it should have been sent */
    uint64_t sent_ns;
    uint64_t deadline_ns; /* FLYING: its time-out; RESTING: when it is sent again */
    unsigned retries;     /* further attempts so far */
    enum flight_state state;
    bool spoiled; /* the program was stopped meanwhile: it cannot be timed */
};

/* Sends it.  False: it cannot be composed, which is recorded as a failure. */
bool flight_begin(struct flight *f, const struct request *r, uint64_t due, uint64_t now);
/* Its user has no channel for such a request, or for the first one of its life (r NULL): it is
 * not sent, which is recorded. */
void flight_unable(struct user *u, const struct request *r, uint64_t due, uint64_t now);
/* It came to its end, which was seen at `done`: judges and records it, then has it tried
 * again or lets its user go on (and perhaps end). */
void flight_over(struct flight *f, const struct outcome *o, uint64_t done, uint64_t now);
/* Its timer went off. */
void flight_on_time(struct flight *f, uint64_t now);
/* The program was stopped: it cannot be timed any more, or is due now at the earliest. */
void flight_spoil(struct flight *f, uint64_t now);
/* No further attempt; one that rests is over.  True if it did rest. */
bool flight_settle(struct flight *f);
/* Gives up what is on its way, closes the channel, frees the draft. */
void flight_finish(struct flight *f);

/* The transport's done callback; flight is a struct flight. */
void flight_done(void *flight, const struct outcome *o, void *crew);

/* Failures that say nothing of the target's mind: it was not reached. */
bool flight_missed(enum fail f);

#endif
