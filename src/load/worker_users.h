/* SPDX-License-Identifier: MIT */
/* worker_users.h - the virtual users of one worker: how many there are, what they follow.
 *
 * Private to src/load.  The worker's thread only. */
#ifndef RAMPTOP_LOAD_WORKER_USERS_H
#define RAMPTOP_LOAD_WORKER_USERS_H

#include "src/load/user.h"

/* The place of one user of the run. */
struct user_place {
    struct user *user; /* NULL: nobody there */
    uint32_t nth;      /* users it has had: each has dice of its own */
    bool left;         /* the last one ended by itself: the place stays empty */
};

struct worker_users {
    struct user_group group;   /* first */
    struct user_place *places; /* by local number; owned */
    uint32_t n_places, room;
    uint32_t wanted;       /* places below this are to have a user that is not ending */
    uint32_t index, count; /* worker `index` of `count` */
    uint64_t release_ns;   /* when the newest burst was due */
};

void worker_users_init(struct worker_users *w, struct engine *engine, struct recorder *recorder,
                       unsigned index, unsigned count, uint64_t seed);
/* Ends everybody, gives running requests up. */
void worker_users_finish(struct worker_users *w);

/* Makes it so that users 0..n-1 of this worker run and no others.  True: of many only a part
 * was begun or ended; call again. */
bool worker_users_set(struct worker_users *w, uint32_t n, uint64_t now);
/* Starts what was parked, spread over each user's wait. */
void worker_users_resume(struct worker_users *w, uint64_t now);
/* Has all follow a new program: whoever is between requests goes over now, the others as they
 * finish.  A user whose class stays what it was in the same profile keeps all it knows; places
 * that users left by themselves are filled again.  Takes over the reference. */
void worker_users_set_program(struct worker_users *w, struct program *p, uint64_t now);
/* With a barrier users rest after each task until they are released. */
void worker_users_set_barrier(struct worker_users *w, bool on, uint64_t now);
/* Everybody who is ready begins one task, now, which was due at w->release_ns. */
void worker_users_release(struct worker_users *w, uint16_t burst);
/* The load has ended and was waited for: who has a request in flight whose time-out is not due
 * by until_ns is given up, and with UINT64_C(0) everybody who is still there. */
void worker_users_give_up(struct worker_users *w, uint64_t until_ns, uint64_t now);
/* The program was stopped: waits start afresh, requests in flight do not count. */
void worker_users_rebase(struct worker_users *w, uint64_t now);

#endif
