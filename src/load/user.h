/* SPDX-License-Identifier: MIT */
/* user.h - one virtual user of a worker: on_start, tasks and waits, on_stop.
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
 * Its choices depend on the seed, its number and how many its place has had before it, not on
 * the number of workers.  Private to src/load.  The worker's thread only. */
#ifndef RAMPTOP_LOAD_USER_H
#define RAMPTOP_LOAD_USER_H

#include "src/load/request_engine.h"
#include "src/load/recorder.h"
#include "src/load/steps.h"
#include "src/load/user_init.h"
#include "src/profile/profile.h"

enum user_state { USER_WAITING, USER_ACTIVE, USER_PARKED, USER_READY };
enum user_part { PART_START, PART_TASK, PART_STOP };

struct user;

/* Shared by the users of one worker. */
struct user_group {
    struct engine *engine;     /* borrowed */
    struct recorder *recorder; /* borrowed */
    struct program *program;   /* the current one; a reference; NULL before the first */
    struct rng rng;            /* for what the run does; a user has its own */
    uint64_t seed;
    bool barrier; /* a task is begun by user_release only */
    /* A user has ended, the nth of its place.  left: by itself, so that none is to follow. */
    void (*on_end)(struct user_group *g, uint32_t number, uint32_t nth, bool left, uint64_t now);
};

struct user {
    struct requester requester; /* first */
    struct user_group *group;
    struct program *program;       /* a reference */
    _Atomic uint32_t *class_users; /* the gauge that it counts in, by its class */
    struct cursor cursor;          /* in the steps gone through; NULL: which ones is decided next */
    const struct task *task;       /* the newest one */
    struct request_run run;        /* the first; */
    struct request_run **more;     /* further ones, for requests side by side; owned */
    unsigned n_more;
    uint32_t *start_rows; /* by on_start's feeders, until it begins anew; owned; NULL: none */
    uint64_t due_ns;      /* WAITING: when it goes on */
    uint64_t task_due_ns; /* when the newest task was due */
    uint64_t backoff_ns;  /* before what comes next, since the target was missed */
    uint64_t asked_ns;    /* when the requests under way were begun; 0: none ever was */
    uint32_t number;      /* among all users of the run */
    uint32_t nth;         /* users that its place has had, itself included */
    uint32_t in_sequence, times_left; /* a class with `sequence`: the task, and how often yet */
    enum user_state state;
    enum user_part part;
    uint16_t burst;  /* the one it is released for, 0 for none */
    uint8_t pending; /* requests that are not done */
    uint8_t misses;  /* in a row */
    bool reached;    /* the target was, by one of the requests under way */
    bool unsent;     /* none of them could be composed */
    bool failed;     /* a request failed in this run of steps */
    bool sent;       /* a request was begun in this run of steps */
    bool started;    /* on_start is done */
    bool turned_out; /* by a status of its class's restart_on */
    bool leaving;    /* by itself */
};

/* Makes a user of that class; user_start has it begin, and perhaps end.  nth: as in struct user,
 * without itself.  NULL: there is no memory for its connection, which is recorded. */
struct user *user_create(struct user_group *g, uint32_t number, int cls, uint32_t nth,
                         uint64_t now);
void user_start(struct user *u, uint64_t now);
/* Is wanted no more: ends in order, now or as soon as its requests are done. */
void user_leave(struct user *u, uint64_t now);
/* Is wanted again.  (A user whose on_stop has begun makes place for another.) */
void user_stay(struct user *u);
/* Goes over to the group's program; not while it is ACTIVE.  True: as what it was, it goes
 * on as before. */
bool user_follow(struct user *u, uint64_t now);
/* Ends at once; what is in flight is given up.  u is gone. */
void user_end(struct user *u, uint64_t now);
/* The same, counted if its on_stop did not come to its end. */
void user_cut_short(struct user *u, uint64_t now);

/* Waits as between two tasks, and a part of it only: of many users not all are to go on at
 * once. */
void user_wait_afresh(struct user *u, uint64_t now);
/* READY: begins one task of that burst, which was due at that time. */
void user_release(struct user *u, uint64_t due);
/* Between tasks: rests until it is released. */
void user_rest(struct user *u);
/* Does a request in flight need no reply by then? */
bool user_waits_beyond(const struct user *u, uint64_t until_ns);
/* The program was stopped: what is in flight cannot be timed, and a wait starts afresh. */
void user_rebase(struct user *u, uint64_t now);

/* -------------------------------------------------- between user.c and user_steps.c */

/* Goes on; what comes next was due at that time.  The user may be gone afterwards. */
void user_go_on(struct user *u, uint64_t due, uint64_t now);
/* Puts the cursor before these steps, for a task with fresh rows of the feeders that it uses, for
 * on_start and on_stop with those of the first on_start.  False: there is no row left. */
bool user_begin_steps(struct user *u, const struct steps *steps);

void user_wait(struct user *u, uint64_t due); /* and then goes on */
void user_set_state(struct user *u, enum user_state state);
void user_leave_burst(struct user *u);
struct user_env user_env(const struct user *u); /* shared with the others */
/* A request of its own, opened when it is first asked for; NULL: out of memory. */
struct request_run *user_request(struct user *u, uint32_t i);
/* Runs on_stop, if it is to run, and ends.  No request of it is in flight. */
void user_stop(struct user *u, uint64_t now);
/* Ends by itself: its place stays empty. */
void user_quit(struct user *u, uint64_t now);
/* Restarts the user after a wait: keeps number and feeder rows, drops cookies, connections and
 * captured values.  No request of it is in flight. */
void user_restart(struct user *u, uint64_t now);
/* Waits before on_start is tried again. */
void user_wait_to_start(struct user *u, uint64_t now);

extern const struct requester_ops user_requester;

#endif
