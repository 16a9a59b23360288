/* SPDX-License-Identifier: MIT */
/* world.h - the users of a worker on a transport that only takes notes, in a time of its own:
 * hours pass in a moment, and every request is answered as the test says. */
#ifndef RAMPTOP_TESTS_WORLD_H
#define RAMPTOP_TESTS_WORLD_H

#include "src/load/worker_users.h"
#include "src/load/message.h"
#include "src/load/user.h"
#include "src/profile/build.h"
#include "src/stats/note.h"
#include "src/stats/sample.h"

#define MS UINT64_C(1000000)
#define CALLS_MAX 4096

/* A request that was sent. */
struct call {
    uint64_t at_ns; /* since the beginning of the world */
    uint32_t user;
    char url[96]; /* without "http://t" */
    struct channel *channel;
};

struct world {
    struct engine engine;
    struct recorder recorder;
    struct worker_users users;
    struct collector *collector;
    struct budget budget;
    struct profile *profile;
    struct names *names;
    struct endpoint_index index;
    uint64_t start_ns, now_ns;
    /* How each request is answered: 200 at once unless the test says otherwise. */
    void (*reply)(struct world *w, const struct call *c, struct outcome *o);
    uint64_t latency_ns;
    unsigned opened, siblings, resets; /* channels */
    struct transport_rules rules;
    bool full; /* no channel is opened any more */
    unsigned n_calls;
    struct call calls[CALLS_MAX];
};

/* An empty profile; worker `index` of `count` with that seed. */
struct world *world_create(unsigned index, unsigned count, uint64_t seed);
void world_destroy(struct world *w);

/* The pieces of its profile. */
struct request *world_request(struct world *w, const char *url);
struct user_class *world_class(struct world *w, const char *name, unsigned weight);
struct task *world_task(struct user_class *c, unsigned weight, const struct step *steps, size_t n);
void world_steps(struct steps *to, const struct step *steps, size_t n);
uint32_t world_slot(struct world *w, const char *name);
uint32_t world_feeder(struct world *w, const char *name, const char *csv, enum feeder_order order,
                      enum feeder_end end);
void world_check(struct world *w, struct request *r, const char *name, const char *contains);
void world_capture(struct world *w, struct request *r, const char *variable, const char *from);
struct condition *world_condition(struct world *w, const char *text);

/* The profile is complete: it becomes the users' program, with that mix (NULL: its own). */
void world_begin(struct world *w);
void world_use_mix(struct world *w, const struct mix *mix);

void world_users(struct world *w, uint32_t n);
/* Lets so much time pass. */
void world_run(struct world *w, uint64_t ns);

/* The next sample, in the order in which they were pushed; false: no more. */
bool world_sample(struct world *w, struct sample *s);
bool world_note(struct world *w, struct note *n);

/* "/a /b /b": the calls of one user (UINT32_MAX: of all) from the first-th on. */
const char *world_path(const struct world *w, uint32_t user, unsigned first);

#endif
