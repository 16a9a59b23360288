/* SPDX-License-Identifier: MIT */
#include "tests/unit/load/world.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"
#include "src/base/now.h"
#include "src/stats/ring.h"

#define CLASSES_MAX 8
#define TASKS_MAX 8

/* ------------------------------------------------------------------- transport */

struct channel {
    struct world *world;
    struct channel *sibling;
    void *tag; /* its request */
    bool cookies, running;
    uint32_t number;
    unsigned call; /* the newest */
    struct channel *next;
};

struct transport {
    struct world *world;
    struct channel *channels;
};

static void fake_configure(struct transport *t, const struct transport_rules *rules)
{
    t->world->rules = *rules;
}

static struct channel *fake_open(struct transport *t, struct channel *sibling, bool cookies,
                                 void *tag)
{
    if (t->world->full)
        return NULL;
    struct channel *ch = mem_zalloc(sizeof *ch);
    *ch = (struct channel){.world = t->world, .sibling = sibling, .tag = tag, .cookies = cookies};
    ch->next = t->channels;
    t->channels = ch;
    t->world->opened++;
    t->world->siblings += sibling != NULL;
    return ch;
}

static void fake_close(struct channel *ch)
{
    if (ch == NULL)
        return;
    struct channel **at = &ch->world->engine.transport->channels;
    for (const struct channel *other = *at; other != NULL; other = other->next)
        ck_assert_ptr_ne(other->sibling, ch); /* the first one goes last */
    while (*at != ch)
        at = &(*at)->next;
    *at = ch->next;
    free(ch);
}

static void fake_number(struct channel *ch, uint32_t number)
{
    ck_assert(!ch->running);
    ch->number = number;
}

static void fake_reset(struct channel *ch)
{
    ck_assert(!ch->running);
    ch->world->resets++;
}

static void fake_begin(struct channel *ch, const struct message *m)
{
    struct world *w = ch->world;
    ck_assert(!ch->running);
    ck_assert_uint_lt(w->n_calls, CALLS_MAX);
    struct call *c = &w->calls[w->n_calls];
    c->at_ns = w->now_ns - w->start_ns;
    c->user = ((struct user *)((struct request_run *)ch->tag)->requester)->number;
    if (ch->sibling == NULL) /* it decides on addresses */
        ck_assert_uint_eq(ch->number, c->user);
    c->channel = ch;
    snprintf(c->url, sizeof c->url, "%s", m->path);
    ch->running = true;
    ch->call = w->n_calls++;
}

static const struct outcome answered = {
    .status = 200, .reason = "", .body = "", .headers = "", .retry_after_s = UINT32_MAX};

static void fake_abort(struct channel *ch, struct outcome *o)
{
    ch->running = false;
    *o = answered;
    o->status = 0;
}

static const struct transport_ops fake = {.name = "notes",
                                          .configure = fake_configure,
                                          .channel_open = fake_open,
                                          .channel_close = fake_close,
                                          .channel_number = fake_number,
                                          .channel_reset = fake_reset,
                                          .begin = fake_begin,
                                          .abort = fake_abort};

/* --------------------------------------------------------------------- profile */

struct request *world_request(struct world *w, const char *url)
{
    struct err e = {{0}};
    char *whole = mem_printf("http://t%s", url);
    struct request *r = build_request(w->profile, &e);
    r->method = mem_strdup("GET");
    r->name = mem_strdup(url);
    origin_init(&r->origin, "http://t");
    r->url = template_compile(whole, ENCODE_URL, w->names, &e);
    ck_assert_msg(r->url != NULL, "%s", e.text);
    ck_assert(build_endpoint(w->profile, &w->index, r->method, r->name, &r->endpoint, &e));
    r->timeout_ns = 30 * NS_PER_S;
    free(whole);
    return r;
}

struct user_class *world_class(struct world *w, const char *name, unsigned weight)
{
    struct profile *p = w->profile;
    if (p->classes == NULL) /* all at once: the test holds on to them */
        p->classes = mem_array(CLASSES_MAX, sizeof *p->classes);
    ck_assert_uint_lt(p->n_classes, CLASSES_MAX);
    struct user_class *c = &p->classes[p->n_classes++];
    *c = (struct user_class){.name = mem_strdup(name), .weight = weight, .cookies = true};
    return c;
}

void world_steps(struct steps *to, const struct step *steps, size_t n)
{
    to->items = mem_array(n, sizeof *steps);
    memcpy(to->items, steps, n * sizeof *steps);
    to->n = n;
}

struct task *world_task(struct user_class *c, unsigned weight, const struct step *steps, size_t n)
{
    if (c->tasks == NULL)
        c->tasks = mem_array(TASKS_MAX, sizeof *c->tasks);
    ck_assert_uint_lt(c->n_tasks, TASKS_MAX);
    struct task *t = &c->tasks[c->n_tasks++];
    *t = (struct task){.name = mem_strdup("task"), .weight = weight};
    world_steps(&t->steps, steps, n);
    c->total_weight += weight;
    return t;
}

uint32_t world_slot(struct world *w, const char *name)
{
    uint32_t slot;
    ck_assert(names_slot(w->names, name, &slot, NULL));
    w->profile->n_slots = names_slots(w->names);
    return slot;
}

uint32_t world_feeder(struct world *w, const char *name, const char *csv, enum feeder_order order,
                      enum feeder_end end)
{
    struct err e;
    struct profile *p = w->profile;
    const struct feeder_config cfg = {.order = order, .at_end = end};
    struct feeder *f = feeder_parse(csv, strlen(csv), &cfg, &e);
    ck_assert_msg(f != NULL, "%s", e.text);
    p->feeders = mem_room(p->feeders, p->n_feeders, sizeof(struct feeder *));
    p->feeders[p->n_feeders] = f;
    ck_assert(names_feeder(w->names, name, f, (uint32_t)p->n_feeders, &e));
    return (uint32_t)p->n_feeders++;
}

void world_check(struct world *w, struct request *r, const char *name, const char *contains)
{
    const struct check_spec spec = {.kind = CHECK_CONTAINS, .name = name, .text = contains};
    r->checks = mem_room(r->checks, r->n_checks, sizeof(struct check *));
    r->checks[r->n_checks++] = check_compile(&spec, w->names, NULL);
    r->keep |= REPLY_BODY;
}

void world_capture(struct world *w, struct request *r, const char *variable, const char *from)
{
    const struct capture_spec spec = {
        .name = variable, .slot = world_slot(w, variable), .from = from};
    r->captures = mem_room(r->captures, r->n_captures, sizeof(struct capture *));
    r->captures[r->n_captures++] = capture_compile(&spec, NULL);
    r->keep |= REPLY_BODY;
}

struct condition *world_condition(struct world *w, const char *text)
{
    struct err e;
    struct condition *c = condition_compile(text, w->names, &e);
    ck_assert_msg(c != NULL, "%s", e.text);
    return c;
}

/* ------------------------------------------------------------------------ life */

static uint64_t world_time; /* of the world that runs */

static uint64_t world_clock(void)
{
    return world_time;
}

static void set_time(struct world *w, uint64_t now)
{
    w->now_ns = world_time = now;
}

struct world *world_create(unsigned index, unsigned count, uint64_t seed)
{
    struct world *w = aligned_alloc(64, (sizeof *w + 63) / 64 * 64);
    ck_assert_ptr_nonnull(w);
    memset(w, 0, sizeof *w);
    const struct collect_config cc = {.workers = 1};
    w->collector = collect_create(&cc);
    w->profile = build_profile();
    w->profile->name = mem_strdup("test");
    w->profile->target = mem_strdup("http://t");
    w->names = names_create();
    w->start_ns = 1000 * NS_PER_S;
    set_time(w, w->start_ns);
    w->latency_ns = MS;
    w->recorder.lane = collect_lane(w->collector, 0);
    w->engine = (struct engine){
        .ops = &fake, .clock = world_clock, .gauge = w->recorder.lane.gauge, .budget = &w->budget};
    w->engine.transport = mem_zalloc(sizeof(struct transport));
    w->engine.transport->world = w;
    worker_users_init(&w->users, &w->engine, &w->recorder, index, count, seed);
    return w;
}

void world_destroy(struct world *w)
{
    worker_users_finish(&w->users);
    ck_assert_ptr_null(w->engine.transport->channels);
    timers_finish(&w->engine.timers);
    free(w->engine.transport);
    names_free(w->names);
    profile_unref(w->profile);
    collect_destroy(w->collector);
    free(w);
}

void world_use_mix(struct world *w, const struct mix *mix)
{
    struct program *p = program_create(w->profile, mix, w->users.group.program, w->collector);
    worker_users_set_program(&w->users, p, w->now_ns);
}

/* Every class draws everything. */
static void draw_all(const struct profile *p, struct user_class *c)
{
    c->draws = mem_array(p->n_draws + 1, sizeof *c->draws);
    for (; c->n_draws < p->n_draws; c->n_draws++)
        c->draws[c->n_draws] = (uint32_t)c->n_draws;
}

void world_begin(struct world *w)
{
    struct err e = {{0}};
    struct profile *p = w->profile;
    for (size_t i = 0; i < p->n_classes; i++)
        draw_all(p, &p->classes[i]);
    unsigned *weights = mem_array(p->n_classes, sizeof *weights);
    for (size_t i = 0; i < p->n_classes; i++)
        weights[i] = p->classes[i].weight;
    ck_assert_msg(build_mix(p, weights, &p->mix, &e), "%s", e.text);
    free(weights);
    p->n_sequences = names_sequences(w->names);
    p->sequence_starts = mem_array(p->n_sequences + 1, sizeof *p->sequence_starts);
    for (uint32_t i = 0; i < p->n_sequences; i++)
        p->sequence_starts[i] = names_sequence_start(w->names, i);
    world_use_mix(w, NULL);
}

void world_users(struct world *w, uint32_t n)
{
    set_time(w, w->now_ns);
    while (worker_users_set(&w->users, n, w->now_ns))
        ;
}

static struct channel *first_answer(struct world *w, uint64_t *at)
{
    struct channel *first = NULL;
    *at = UINT64_MAX;
    for (struct channel *ch = w->engine.transport->channels; ch != NULL; ch = ch->next) {
        if (!ch->running || w->latency_ns == UINT64_MAX)
            continue;
        uint64_t due = w->start_ns + w->calls[ch->call].at_ns + w->latency_ns;
        if (due < *at || (due == *at && ch->call < first->call)) {
            *at = due;
            first = ch;
        }
    }
    return first;
}

static void answer(struct world *w, struct channel *ch)
{
    struct outcome o = answered;
    ch->running = false;
    if (w->reply != NULL)
        w->reply(w, &w->calls[ch->call], &o);
    request_run_on_outcome(ch->tag, &o, NULL);
}

void world_run(struct world *w, uint64_t ns)
{
    uint64_t end = w->now_ns + ns, answer_at;
    set_time(w, w->now_ns);
    for (unsigned turns = 0;; turns++) {
        ck_assert_msg(turns < 1000000, "it spins");
        struct channel *ch = first_answer(w, &answer_at);
        uint64_t due = timers_next(&w->engine.timers);
        uint64_t next = due < answer_at ? due : answer_at;
        if (next > end)
            break;
        if (next > w->now_ns)
            set_time(w, next);
        w->engine.wake_ns = w->now_ns;
        if (due <= answer_at)
            engine_on_time(&w->engine, w->now_ns);
        else
            answer(w, ch);
    }
    set_time(w, end);
}

bool world_sample(struct world *w, struct sample *s)
{
    return ring_drain(w->recorder.lane.samples, s, 1) == 1;
}

bool world_note(struct world *w, struct note *n)
{
    return ring_drain(w->recorder.lane.notes, n, 1) == 1;
}

const char *world_path(const struct world *w, uint32_t user, unsigned first)
{
    static char path[CALLS_MAX * 16];
    size_t len = 0;
    unsigned n = 0;
    path[0] = '\0';
    for (unsigned i = 0; i < w->n_calls && len < sizeof path - 128; i++)
        if ((user == UINT32_MAX || w->calls[i].user == user) && n++ >= first)
            len += (size_t)snprintf(path + len, sizeof path - len, "%s%s", len > 0 ? " " : "",
                                    w->calls[i].url);
    return path;
}
