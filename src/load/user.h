/* SPDX-License-Identifier: MIT */
/* user.h - one user's life inside its worker: tasks, waits, requests, samples.
 *
 *        start                 wait over / next step
 *   (none) ----> WAITING ---------------------------> ACTIVE
 *                 ^   ^  \ held or no ticket left        |
 *                 |   |   `--------> PARKED <------------| (the same, at the next request)
 *                 |   `--- resume ------'                |
 *                 `-------------- done, time-out --------'
 *   any state but ACTIVE: ended at once when the plan wants fewer users; ACTIVE: as
 *   soon as its request is done.
 *
 * Private to src/load.  The worker's thread only. */
#ifndef RAMPTOP_LOAD_USER_H
#define RAMPTOP_LOAD_USER_H

#include "src/base/rng.h"
#include "src/load/compose.h"
#include "src/load/program.h"
#include "src/load/timers.h"
#include "src/load/transport.h"
#include "src/stats/collect.h"

enum user_state { USER_WAITING, USER_ACTIVE, USER_PARKED };

struct user {
    struct timer timer; /* first: a popped timer is its user */
    struct crew *crew;
    struct channel *channel;
    struct program *program; /* a reference */
    const struct user_class *cls;
    const struct task *task;       /* NULL between tasks */
    const struct request *request; /* in flight */
    struct draft draft;            /* its message, unless that is fixed */
    struct scope scope;
    struct user *older, *newer;    /* in flight, by sent_ns */
    uint64_t due_ns;      /* WAITING: start of the next request; ACTIVE: when it was due */
    uint64_t sent_ns;
    uint64_t deadline_ns; /* ACTIVE: its time-out */
    uint32_t number;      /* among all users of the run */
    uint32_t step;        /* next step of the task */
    enum user_state state;
    bool ending;
    bool spoiled;           /* the program was stopped meanwhile: it cannot be timed */
    uint8_t failed_connects; /* in a row */
};

#define NOTE_SLOTS 64

/* What the users of one worker share. */
struct crew {
    const struct transport_ops *ops;
    struct transport *transport;
    struct collect_lane lane;
    struct budget *budget;
    struct program *program; /* the current one; a reference; NULL before the first */
    struct timers timers;
    struct rng rng;
    struct user *oldest, *newest; /* in flight */
    struct user **slots;          /* by local number; NULL where there is none */
    uint32_t n_slots, room;
    uint32_t wanted; /* slots below this are to have a user that is not ending */
    uint64_t wake_ns;  /* when the loop woke for this turn */
    uint64_t event_ns; /* when the event under way was picked up: before its reply was read */
    uint16_t worker;
    uint32_t index, count;
    bool hold, drain;
    struct {
        uint32_t key;
        uint64_t second;
    } noted[NOTE_SLOTS]; /* which failures had a note this second */
};

/* Makes it so that users 0..n-1 of this worker run and no others. */
void crew_set_users(struct crew *c, uint32_t n, uint64_t now);
/* Starts what was parked, spread over each user's wait. */
void crew_resume(struct crew *c, uint64_t now);
/* A new program: whoever is between requests goes over now, the others as they finish.
 * Takes over the reference. */
void crew_set_program(struct crew *c, struct program *p, uint64_t now);
/* The program was stopped: waits start afresh, requests in flight do not count. */
void crew_rebase(struct crew *c, uint64_t now);
/* Handles what is due, or a part of it when it is much: call again. */
void crew_on_time(struct crew *c, uint64_t now);
/* Ends everybody, gives running requests up. */
void crew_finish(struct crew *c);

/* The transport's done callback; user is a struct user. */
void user_done(void *user, const struct outcome *o, void *crew);

#endif
