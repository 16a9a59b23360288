/* SPDX-License-Identifier: MIT */
/* The resolver with a name server that this test is: it answers when it is told to. */
#include <arpa/inet.h>
#include <check.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"
#include "src/base/now.h"
#include "src/load/resolver.h"
#include "tests/unit/unit.h"

#define HELD_MAX 64

/* ------------------------------------------------------------------- name server */

static struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool mute;             /* lookups stay inside */
    unsigned inside, most; /* now; at once so far */
    unsigned asked;        /* so far */
    int why;               /* what they come to */
    const char *addresses; /* "10.0.0.2 ::1" */
} server = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

static void add_found(struct found *out, const char *text)
{
    union address *a = &out->items[out->n++];
    memset(a, 0, sizeof *a);
    if (inet_pton(AF_INET, text, &a->v4.sin_addr) == 1)
        a->any.sa_family = AF_INET;
    else if (inet_pton(AF_INET6, text, &a->v6.sin6_addr) == 1)
        a->any.sa_family = AF_INET6;
}

static int serve(const char *host, struct found *out, void *arg)
{
    char text[256], *rest = text, *one;
    (void)host;
    (void)arg;
    pthread_mutex_lock(&server.lock);
    server.asked++;
    server.inside++;
    server.most = server.inside > server.most ? server.inside : server.most;
    pthread_cond_broadcast(&server.changed);
    while (server.mute)
        pthread_cond_wait(&server.changed, &server.lock);
    int why = server.why;
    snprintf(text, sizeof text, "%s", server.addresses);
    server.inside--;
    pthread_cond_broadcast(&server.changed);
    pthread_mutex_unlock(&server.lock);
    while (why == 0 && (one = strsep(&rest, " ")) != NULL)
        add_found(out, one);
    return why;
}

static void server_says(int why, const char *addresses)
{
    pthread_mutex_lock(&server.lock);
    server.mute = false;
    server.why = why;
    server.addresses = addresses;
    pthread_cond_broadcast(&server.changed);
    pthread_mutex_unlock(&server.lock);
}

static void server_is_mute(void)
{
    pthread_mutex_lock(&server.lock);
    server.mute = true;
    pthread_mutex_unlock(&server.lock);
}

/* So many lookups are inside. */
static void await_inside(unsigned n)
{
    pthread_mutex_lock(&server.lock);
    while (server.inside != n)
        pthread_cond_wait(&server.changed, &server.lock);
    pthread_mutex_unlock(&server.lock);
}

static unsigned times_asked(void)
{
    pthread_mutex_lock(&server.lock);
    unsigned n = server.asked;
    pthread_mutex_unlock(&server.lock);
    return n;
}

/* ------------------------------------------------------------------------ client */

static _Atomic uint64_t the_time;

static uint64_t test_clock(void)
{
    return atomic_load(&the_time);
}

static struct resolver *resolver;
static struct desk *desk;

static void set_up(void)
{
    const struct resolver_config cfg = {.threads = 3, .lookup = serve, .clock = test_clock};
    server.asked = server.most = 0;
    server_says(0, "10.0.0.1");
    atomic_store(&the_time, 1000 * NS_PER_S);
    resolver = resolver_create(&cfg);
    desk = desk_open(resolver, NULL);
}

static void tear_down(void)
{
    desk_close(desk);
    resolver_close(resolver);
}

/* The next answer, whenever it comes. */
static struct question *await_answer(struct desk *d)
{
    struct question *q;
    struct pollfd p = {.fd = desk_fd(d), .events = POLLIN};
    while ((q = desk_take(d)) == NULL)
        ck_assert_int_eq(poll(&p, 1, 20000), 1);
    return q;
}

static void ask_and_wait(struct question *q, uint64_t max_age_ns)
{
    if (!resolver_ask(desk, q, max_age_ns))
        ck_assert_ptr_eq(await_answer(desk), q);
}

static const char *shown(const struct answer *a)
{
    static char text[512];
    size_t n = 0;
    text[0] = '\0';
    for (unsigned i = 0; a != NULL && i < a->n; i++) {
        const union address *x = &a->items[i].address;
        char one[INET6_ADDRSTRLEN];
        inet_ntop(x->any.sa_family,
                  x->any.sa_family == AF_INET ? (const void *)&x->v4.sin_addr
                                              : (const void *)&x->v6.sin6_addr,
                  one, sizeof one);
        n += (size_t)snprintf(text + n, sizeof text - n, "%s%s", i > 0 ? " " : "", one);
    }
    return text;
}

/* ------------------------------------------------------------------------- tests */

START_TEST(one_lookup_answers_all_who_ask)
{
    struct desk *other = desk_open(resolver, NULL);
    struct question q[20], far = {.host = "api.test"};
    server_is_mute();
    ck_assert(!resolver_ask(other, &far, NS_PER_S));
    for (size_t i = 0; i < 20; i++) {
        q[i] = (struct question){.host = "api.test"};
        ck_assert(!resolver_ask(desk, &q[i], NS_PER_S));
    }
    ck_assert_ptr_null(desk_take(desk));
    await_inside(1);
    server_says(0, "10.0.0.7");
    for (size_t i = 0; i < 20; i++) {
        struct question *told = await_answer(desk);
        ck_assert_str_eq(shown(told->answer), "10.0.0.7");
        answer_unref(told->answer);
    }
    ck_assert_ptr_eq(await_answer(other), &far);
    answer_unref(far.answer);
    ck_assert_ptr_null(desk_take(desk));
    ck_assert_uint_eq(times_asked(), 1);
    desk_close(other);
}
END_TEST

START_TEST(an_answer_is_kept_for_as_long_as_is_asked_for)
{
    struct question q = {.host = "api.test"};
    ask_and_wait(&q, 30 * NS_PER_S);
    answer_unref(q.answer);
    atomic_fetch_add(&the_time, 30 * NS_PER_S);
    ck_assert(resolver_ask(desk, &q, 30 * NS_PER_S));
    ck_assert_str_eq(shown(q.answer), "10.0.0.1");
    answer_unref(q.answer);
    ck_assert_uint_eq(times_asked(), 1);
    atomic_fetch_add(&the_time, 1);
    server_says(0, "10.0.0.2");
    ask_and_wait(&q, 30 * NS_PER_S);
    ck_assert_str_eq(shown(q.answer), "10.0.0.2");
    answer_unref(q.answer);
    ck_assert_uint_eq(times_asked(), 2);
}
END_TEST

START_TEST(a_failure_is_kept_for_a_second)
{
    struct question q = {.host = "no.test"};
    server_says(EAI_NONAME, "");
    ask_and_wait(&q, 30 * NS_PER_S);
    ck_assert_ptr_null(q.answer);
    ck_assert_int_eq(q.why, EAI_NONAME);
    atomic_fetch_add(&the_time, RESOLVER_FAILED_NS);
    ck_assert(resolver_ask(desk, &q, 30 * NS_PER_S));
    ck_assert_uint_eq(times_asked(), 1);
    atomic_fetch_add(&the_time, 1);
    server_says(0, "10.0.0.3");
    ask_and_wait(&q, 30 * NS_PER_S);
    ck_assert_int_eq(q.why, 0);
    ck_assert_str_eq(shown(q.answer), "10.0.0.3");
    answer_unref(q.answer);
}
END_TEST

/* A server that does not answer says nothing of a name; one that knows no such name does. */
START_TEST(old_addresses_outlive_a_mute_server_only)
{
    struct question q = {.host = "api.test"};
    ask_and_wait(&q, NS_PER_S);
    answer_unref(q.answer);
    atomic_fetch_add(&the_time, 2 * NS_PER_S);
    server_says(EAI_AGAIN, "");
    ask_and_wait(&q, NS_PER_S);
    ck_assert_str_eq(shown(q.answer), "10.0.0.1");
    ck_assert_int_eq(q.why, EAI_AGAIN);
    answer_unref(q.answer);
    atomic_fetch_add(&the_time, 2 * NS_PER_S);
    server_says(EAI_NONAME, "");
    ask_and_wait(&q, NS_PER_S);
    ck_assert_ptr_null(q.answer);
    ck_assert_int_eq(q.why, EAI_NONAME);
}
END_TEST

START_TEST(addresses_stand_in_an_order_of_their_own)
{
    struct question q = {.host = "api.test"};
    server_says(0, "10.0.0.30 ::2 10.0.0.4 ::1 10.0.0.4 10.0.0.1");
    ask_and_wait(&q, NS_PER_S);
    ck_assert_str_eq(shown(q.answer), "10.0.0.1 10.0.0.4 10.0.0.30 ::1 ::2");
    ck_assert_uint_eq(q.answer->n_first, 3);
    uint64_t number = q.answer->number;
    answer_unref(q.answer);
    /* Turned round by the server: the same answer.  The other family first: another one. */
    atomic_fetch_add(&the_time, 2 * NS_PER_S);
    server_says(0, "10.0.0.1 10.0.0.30 ::1 10.0.0.4 ::2");
    ask_and_wait(&q, NS_PER_S);
    ck_assert_uint_eq(q.answer->number, number);
    answer_unref(q.answer);
    atomic_fetch_add(&the_time, 2 * NS_PER_S);
    server_says(0, "::1 10.0.0.1 10.0.0.30 10.0.0.4 ::2");
    ask_and_wait(&q, NS_PER_S);
    ck_assert_uint_ne(q.answer->number, number);
    ck_assert_str_eq(shown(q.answer), "::1 ::2 10.0.0.1 10.0.0.4 10.0.0.30");
    ck_assert_uint_eq(q.answer->n_first, 2);
    answer_unref(q.answer);
}
END_TEST

START_TEST(localhost_needs_no_name_server)
{
    static const char *const hosts[] = {"localhost", "api.localhost"};
    struct question q = {.host = hosts[_i]};
    server_is_mute();
    ck_assert(resolver_ask(desk, &q, NS_PER_S));
    ck_assert_str_eq(shown(q.answer), "::1 127.0.0.1");
    answer_unref(q.answer);
    atomic_fetch_add(&the_time, 3600 * NS_PER_S);
    ck_assert(resolver_ask(desk, &q, NS_PER_S));
    answer_unref(q.answer);
    ck_assert_uint_eq(times_asked(), 0);
}
END_TEST

START_TEST(a_question_can_be_withdrawn)
{
    struct question waits = {.host = "api.test"}, told = {.host = "api.test"};
    struct question stays = {.host = "api.test"};
    server_is_mute();
    ck_assert(!resolver_ask(desk, &waits, NS_PER_S));
    ck_assert(!resolver_ask(desk, &told, NS_PER_S));
    ck_assert(!resolver_ask(desk, &stays, NS_PER_S));
    resolver_withdraw(&waits);
    server_says(0, "10.0.0.1");
    struct pollfd p = {.fd = desk_fd(desk), .events = POLLIN};
    ck_assert_int_eq(poll(&p, 1, 20000), 1);
    resolver_withdraw(&told); /* its answer goes with it */
    resolver_withdraw(&told);
    ck_assert_ptr_eq(await_answer(desk), &stays);
    resolver_withdraw(&stays);
    answer_unref(stays.answer);
    ck_assert_ptr_null(desk_take(desk));
}
END_TEST

START_TEST(threads_are_few)
{
    struct question q[HELD_MAX];
    char names[HELD_MAX][16];
    server_is_mute();
    for (unsigned i = 0; i < HELD_MAX; i++) {
        snprintf(names[i], sizeof names[i], "host%u.test", i);
        q[i] = (struct question){.host = names[i]};
        ck_assert(!resolver_ask(desk, &q[i], NS_PER_S));
    }
    await_inside(3);
    server_says(0, "10.0.0.1");
    for (unsigned i = 0; i < HELD_MAX; i++)
        answer_unref(await_answer(desk)->answer);
    ck_assert_uint_eq(times_asked(), HELD_MAX);
    ck_assert_uint_eq(server.most, 3);
}
END_TEST

/* Neither the questions that wait nor the threads that are inside hold up the end, and what
 * these need stays as long as they do: for the address sanitizer to see. */
START_TEST(the_end_waits_for_no_lookup)
{
    struct question q[4];
    static const char *const hosts[] = {"a.test", "b.test", "c.test", "d.test"};
    server_is_mute();
    for (size_t i = 0; i < 4; i++) {
        q[i] = (struct question){.host = hosts[i]};
        ck_assert(!resolver_ask(desk, &q[i], NS_PER_S));
    }
    await_inside(3);
    for (size_t i = 0; i < 4; i++)
        resolver_withdraw(&q[i]);
    desk_close(desk);
    resolver_close(resolver);
    desk = NULL;
    resolver = NULL;
    ck_assert_uint_eq(server.inside, 3);
    server_says(0, "10.0.0.1");
    await_inside(0);
}
END_TEST

START_TEST(uses_are_counted_by_address)
{
    struct question q = {.host = "api.test"};
    struct address_use uses[3];
    server_says(0, "10.0.0.2 10.0.0.1");
    ask_and_wait(&q, NS_PER_S);
    atomic_fetch_add(&q.answer->items[1].tally->tries, 3);
    answer_unref(q.answer);
    atomic_fetch_add(&the_time, 2 * NS_PER_S);
    server_says(0, "10.0.0.9 10.0.0.2");
    ask_and_wait(&q, NS_PER_S);
    atomic_fetch_add(&q.answer->items[0].tally->tries, 4);
    atomic_fetch_add(&q.answer->items[0].tally->connections, 2);
    atomic_fetch_add(&q.answer->items[1].tally->tries, 5);
    answer_unref(q.answer);
    ck_assert_uint_eq(resolver_uses(resolver, uses, 3), 3); /* also what it has no more */
    ck_assert_str_eq(uses[1].host, "api.test");
    ck_assert_str_eq(uses[1].address, "10.0.0.2");
    ck_assert_uint_eq(uses[1].tries, 7);
    ck_assert_uint_eq(uses[1].connections, 2);
    ck_assert_str_eq(uses[0].address, "10.0.0.1");
    ck_assert_uint_eq(uses[0].tries, 0);
    ck_assert_uint_eq(resolver_uses(resolver, uses, 2), 2);
    ck_assert_str_eq(uses[1].host, "(others)");
    ck_assert_str_eq(uses[1].address, "");
    ck_assert_uint_eq(uses[1].tries, 12);
    ck_assert_uint_eq(uses[1].connections, 2);
}
END_TEST

/* For the thread sanitizer. */
static void *ask_at_random(void *arg)
{
    static const char *const hosts[] = {"a.test", "b.test", "c.test", "d.test", "e.test"};
    unsigned dice = (unsigned)(uintptr_t)arg * 7919;
    struct desk *d = desk_open(resolver, NULL);
    struct question q[5] = {{0}};
    bool asked[5] = {false};
    for (unsigned i = 0; i < 3000; i++) {
        dice = dice * 1103515245 + 12345;
        unsigned k = (dice >> 16) % 5;
        struct question *told;
        if (asked[k] && (dice >> 24) % 2 == 0) {
            resolver_withdraw(&q[k]);
            asked[k] = false;
        } else if (!asked[k]) {
            q[k].host = hosts[k];
            asked[k] = !resolver_ask(d, &q[k], 0);
            if (!asked[k])
                answer_unref(q[k].answer);
        }
        atomic_fetch_add(&the_time, NS_PER_S);
        while ((told = desk_take(d)) != NULL) {
            asked[told - q] = false;
            answer_unref(told->answer);
        }
    }
    for (unsigned k = 0; k < 5; k++)
        if (asked[k])
            resolver_withdraw(&q[k]);
    desk_close(d);
    return NULL;
}

START_TEST(many_workers_ask_at_once)
{
    pthread_t threads[4];
    for (uintptr_t i = 0; i < 4; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, ask_at_random, (void *)(i + 1)), 0);
    for (size_t i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("resolver");
    TCase *t = tcase_create("resolver");
    tcase_set_timeout(t, 60);
    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_test(t, one_lookup_answers_all_who_ask);
    tcase_add_test(t, an_answer_is_kept_for_as_long_as_is_asked_for);
    tcase_add_test(t, a_failure_is_kept_for_a_second);
    tcase_add_test(t, old_addresses_outlive_a_mute_server_only);
    tcase_add_test(t, addresses_stand_in_an_order_of_their_own);
    tcase_add_loop_test(t, localhost_needs_no_name_server, 0, 2);
    tcase_add_test(t, a_question_can_be_withdrawn);
    tcase_add_test(t, threads_are_few);
    tcase_add_test(t, the_end_waits_for_no_lookup);
    tcase_add_test(t, uses_are_counted_by_address);
    tcase_add_test(t, many_workers_ask_at_once);
    suite_add_tcase(s, t);
    return unit_run(s);
}
