/* SPDX-License-Identifier: MIT */
/* user.h - one user's life inside its worker: on_start, tasks and waits, on_stop.
 *
 *        start              wait over / next step
 *   (none) ----> WAITING -------------------------> ACTIVE
 *                 ^  ^ ^ \ held or no ticket left      |
 *                 |  | |  `-----> PARKED <-------------| (the same, at the next request)
 *                 |  | `-- resume ---'                 |
 *                 |  `------------- done, time-out ----'
 *                 `-- released -- READY (bursts: between on_start and each task)
 *
 * A user ends in order when the demand is for fewer, the load is drained, or a step says so:
 * ACTIVE as soon as its requests are done, else at once; then on_stop runs, unless it never
 * came through on_start, requests are held, or no ticket is left.
 *
 * A user that lost its log-in restarts, from a step of a task or by its class's restart_on: it
 * waits, a second at least, and does its on_start again.
 *
 * A user that misses the target (nobody there, no value for a request) waits 1, 2, 4 ... ms
 * before what comes next: a dead target must not turn the load into a storm of attempts.
 *
 * Its choices depend on the seed, its number and its life alone, not on the number of
 * workers.  Private to src/load.  The worker's thread only. */
#ifndef RAMPTOP_LOAD_USER_H
#define RAMPTOP_LOAD_USER_H

#include "src/load/worker_users.h"
#include "src/load/request_run.h"
#include "src/load/user_init.h"
#include "src/profile/profile.h"

enum user_state { USER_WAITING, USER_ACTIVE, USER_PARKED, USER_READY };
enum user_part { PART_START, PART_TASK, PART_STOP };

struct user {
    struct timer timer; /* first: a popped timer is its user */
    struct crew *crew;
    struct program *program; /* a reference */
    const struct user_class *cls;
    _Atomic uint32_t *class_users; /* the gauge that it counts in, by its class */
    const struct steps *steps; /* gone through now; NULL: which ones is decided next */
    const struct task *task;   /* the newest one */
    struct scope scope;
    struct flight flight; /* its own; */
    struct flight **more; /* further ones, for requests side by side; owned */
    unsigned n_more;
    uint32_t *start_rows; /* of on_start's feeders, for its life; owned; NULL: none yet */
    uint64_t due_ns;      /* WAITING: when it goes on */
    uint64_t task_due_ns; /* when the newest task was due */
    uint64_t backoff_ns;  /* before what comes next, since the target was missed */
    uint64_t asked_ns;    /* when the requests under way were begun; 0: none ever was */
    uint32_t number;      /* among all users of the run */
    uint32_t at;          /* the next step */
    uint32_t loops[PROFILE_MAX_LOOPS]; /* rounds left, by depth */
    uint32_t in_sequence, times_left;  /* a class with `sequence`: the task, and how often yet */
    enum user_state state;
    enum user_part part;
    uint16_t burst;  /* the one it is released for, 0 for none */
    uint8_t pending; /* flights that are not done */
    uint8_t misses;  /* in a row */
    bool reached;    /* the target was, by one of the requests under way */
    bool unsent;     /* none of them could be composed */
    bool failed;     /* one in this run of steps did */
    bool sent;       /* a request was begun in this run of steps */
    bool started;    /* on_start is done */
    bool turned_out; /* by a status of its class's restart_on */
    bool ending;
    bool leaving; /* by itself */
};

/* Starts the user of that slot, if there is one in the program's mix. */
void user_start(struct crew *c, uint32_t slot, uint64_t now);
/* Wanted no more: ends in order, now or as soon as its requests are done. */
void user_leave(struct user *u, uint64_t now);
/* Wanted again.  (One whose on_stop has begun makes place for another.) */
void user_stay(struct user *u);
/* Goes over to the crew's program; not while it is ACTIVE.  True: as what it was, it goes
 * on as before. */
bool user_follow(struct user *u, uint64_t now);
/* Ends at once; what is on its way is given up.  u is gone. */
void user_end(struct user *u, uint64_t now);

struct lives user_lives(const struct user *u); /* what it has in common with the others */
void user_wait(struct user *u, uint64_t due);  /* and then goes on */
void user_park(struct user *u);
void user_set_state(struct user *u, enum user_state state);
uint64_t user_draw_wait(struct rng *rng, const struct wait *w);
/* That flight of its, opened when it is first asked for; NULL: out of memory. */
struct flight *user_flight(struct user *u, uint32_t i);
/* A flight of it is about to land with that status, which its request does not want. */
void user_turned_away(struct user *u, unsigned status);
/* A flight has come to its end. */
void user_landed(struct user *u, enum fail f, uint64_t now);

/* For user_steps.c: */

/* Requests of it have been begun, then. */
void user_asks(struct user *u, uint64_t now);

/* Decides on the next run of steps.  False: it waits, or is gone. */
bool user_begins(struct user *u, uint64_t due, uint64_t now);
/* A run of steps is done.  False: it waits, or is gone. */
bool user_ends_run(struct user *u, uint64_t *due, uint64_t now);
/* All requests of a step are over (or could not be sent). */
void user_step_done(struct user *u, uint64_t now);
/* Comes again after a wait: the same visitor, by its name and rows, but with nothing in its
 * hands.  No request of it is under way. */
void user_restart(struct user *u, uint64_t now);
/* Ends by itself: its place stays empty. */
void user_quit(struct user *u, uint64_t now);

#endif
