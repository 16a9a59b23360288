/* SPDX-License-Identifier: MIT */
/* What a worker knows of names, with a time that stands still and a name server of its own. */
#include <arpa/inet.h>
#include <check.h>
#include <netdb.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/now.h"
#include "src/load/hosts.h"
#include "tests/unit/unit.h"

static _Atomic uint64_t the_time;
static _Atomic unsigned asked;
static _Atomic int why;
static _Atomic uint32_t last; /* byte of the address */

static uint64_t test_clock(void)
{
    return atomic_load(&the_time);
}

static int serve(const char *name, struct found *out, void *arg)
{
    (void)name;
    (void)arg;
    asked++;
    out->items[0].v4 =
        (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(0x0a000000 + last)};
    out->n = 1;
    return why;
}

static struct resolver *resolver;
static struct hosts *hosts;
static struct host *host;

static void set_up(void)
{
    const struct resolver_config cfg = {.lookup = serve, .clock = test_clock};
    the_time = 1000 * NS_PER_S;
    asked = 0;
    why = 0;
    last = 1;
    resolver = resolver_create(&cfg);
    hosts = hosts_create(resolver, NULL);
    host = hosts_find(hosts, "Api.Test:80", 8);
}

static void tear_down(void)
{
    hosts_destroy(hosts);
    resolver_close(resolver);
}

static void await_event(void)
{
    struct pollfd p = {.fd = hosts_fd(hosts), .events = POLLIN};
    ck_assert_int_eq(poll(&p, 1, 20000), 1);
    hosts_on_event(hosts, the_time);
}

static uint32_t byte_of_answer(void)
{
    return ntohl(host_answer(host)->items[0].address.v4.sin_addr.s_addr) & 0xff;
}

static void make_known(void)
{
    ck_assert_int_eq(host_look(host, the_time), HOST_ASKED);
    await_event();
    ck_assert_int_eq(host_look(host, the_time), HOST_KNOWN);
}

START_TEST(a_host_is_found_again_whatever_its_letters)
{
    ck_assert_ptr_eq(hosts_find(hosts, "api.test", 8), host);
    ck_assert_ptr_ne(hosts_find(hosts, "api.tes", 7), host);
    ck_assert_ptr_ne(hosts_find(hosts, "api.test.", 9), host);
}
END_TEST

START_TEST(who_waits_comes_in_turn)
{
    int owners[3];
    struct waiter w[3] = {{.owner = &owners[0]}, {.owner = &owners[1]}, {.owner = &owners[2]}};
    struct host *of = NULL;
    ck_assert_int_eq(host_look(host, the_time), HOST_ASKED);
    for (size_t i = 0; i < 3; i++)
        host_wait(host, &w[i]);
    ck_assert(!hosts_is_due(hosts));
    ck_assert_ptr_null(hosts_next_due(hosts, &of));
    waiter_leave(&w[1]);
    waiter_leave(&w[1]);
    await_event();
    host_wait_no_more(host, &w[1]);
    ck_assert(hosts_is_due(hosts));
    ck_assert_ptr_eq(hosts_next_due(hosts, &of), &owners[0]);
    ck_assert_ptr_eq(of, host);
    ck_assert_ptr_eq(hosts_next_due(hosts, &of), &owners[2]);
    waiter_leave(&w[1]); /* it was due */
    ck_assert(!hosts_is_due(hosts));
    ck_assert_uint_eq(asked, 1);
}
END_TEST

START_TEST(old_addresses_are_used_while_new_ones_are_looked_up)
{
    make_known();
    last = 2;
    the_time += HOSTS_DEFAULT_TTL_NS - 1;
    ck_assert_int_eq(host_look(host, the_time), HOST_KNOWN);
    ck_assert_uint_eq(asked, 1);
    the_time += 2;
    ck_assert_int_eq(host_look(host, the_time), HOST_KNOWN);
    ck_assert_uint_eq(byte_of_answer(), 1);
    await_event();
    ck_assert_uint_eq(byte_of_answer(), 2);
    ck_assert_uint_eq(asked, 2);
}
END_TEST

START_TEST(how_long_they_are_used_can_be_set)
{
    make_known();
    hosts_set_ttl(hosts, 2 * NS_PER_S);
    last = 2;
    the_time += 2 * NS_PER_S + 1;
    ck_assert_int_eq(host_look(host, the_time), HOST_KNOWN);
    await_event();
    ck_assert_uint_eq(byte_of_answer(), 2);
    hosts_set_ttl(hosts, 0);
    the_time += 3 * NS_PER_S;
    ck_assert_int_eq(host_look(host, the_time), HOST_KNOWN);
    ck_assert_uint_eq(asked, 2);
}
END_TEST

START_TEST(addresses_in_doubt_are_looked_up_again)
{
    make_known();
    host_doubt(host, the_time);
    ck_assert_uint_eq(asked, 1); /* too young */
    last = 2;
    the_time += 2 * NS_PER_S;
    host_doubt(host, the_time);
    host_doubt(host, the_time);
    ck_assert_uint_eq(byte_of_answer(), 1);
    await_event();
    ck_assert_uint_eq(byte_of_answer(), 2);
    ck_assert_uint_eq(asked, 2);
}
END_TEST

START_TEST(a_failure_has_words_and_is_tried_again)
{
    why = EAI_NONAME;
    ck_assert_int_eq(host_look(host, the_time), HOST_ASKED);
    await_event();
    ck_assert_int_eq(host_look(host, the_time), HOST_BAD);
    ck_assert_str_eq(host_failure(host),
                     "could not resolve host: api.test (Name or service not known)");
    ck_assert_ptr_null(host_answer(host));
    the_time += RESOLVER_FAILED_NS + 1;
    why = 0;
    make_known();
}
END_TEST

START_TEST(what_a_mute_server_left_is_used)
{
    make_known();
    why = EAI_AGAIN;
    the_time += HOSTS_DEFAULT_TTL_NS + 1;
    ck_assert_int_eq(host_look(host, the_time), HOST_KNOWN);
    await_event();
    ck_assert_int_eq(host_look(host, the_time), HOST_KNOWN);
    ck_assert_uint_eq(asked, 2);
    why = EAI_NONAME; /* that is an answer */
    the_time += RESOLVER_FAILED_NS + 1;
    ck_assert_int_eq(host_look(host, the_time), HOST_KNOWN);
    await_event();
    ck_assert_int_eq(host_look(host, the_time), HOST_BAD);
}
END_TEST

/* Each user meets every address once, its own first, and no family is left for the other. */
START_TEST(user_i_begins_with_address_i)
{
    struct answer *a = calloc(1, sizeof *a + 5 * sizeof a->items[0]);
    a->n = 5;
    a->n_first = 3;
    for (uint32_t user = 0; user < 60; user++) {
        bool met[5] = {false};
        ck_assert_uint_eq(answer_place(a, 0, user), user % 3);
        ck_assert_uint_eq(answer_place(a, 3, user), 3 + user % 2);
        for (unsigned i = 0; i < 5; i++) {
            unsigned k = answer_place(a, i, user);
            ck_assert_uint_lt(k, 5);
            ck_assert(!met[k]);
            ck_assert_int_eq(k < 3, i < 3);
            met[k] = true;
        }
    }
    free(a);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("hosts");
    TCase *t = tcase_create("hosts");
    tcase_set_timeout(t, 60);
    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_test(t, a_host_is_found_again_whatever_its_letters);
    tcase_add_test(t, who_waits_comes_in_turn);
    tcase_add_test(t, old_addresses_are_used_while_new_ones_are_looked_up);
    tcase_add_test(t, how_long_they_are_used_can_be_set);
    tcase_add_test(t, addresses_in_doubt_are_looked_up_again);
    tcase_add_test(t, a_failure_has_words_and_is_tried_again);
    tcase_add_test(t, what_a_mute_server_left_is_used);
    tcase_add_test(t, user_i_begins_with_address_i);
    suite_add_tcase(s, t);
    return unit_run(s);
}
