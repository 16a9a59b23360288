/* SPDX-License-Identifier: MIT */
/* Kept connections: what the kernel says of one, and how long a target keeps idle ones. */
#include <arpa/inet.h>
#include <check.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "src/base/now.h"
#include "src/load/kept.h"
#include "tests/unit/unit.h"

#define MS(n) ((n)*NS_PER_MS)

static struct kept_limits limits;
static uint64_t now;

static void set_up(void)
{
    memset(&limits, 0, sizeof limits);
    now = 1000 * NS_PER_S;
}

/* At intervals, so that an order can be told. */
static void closes(uint32_t peer, uint64_t idle)
{
    now += MS(1);
    kept_closed(&limits, peer, idle, now);
}

static bool too_long(uint32_t peer, uint64_t idle)
{
    return kept_too_long(&limits, peer, idle, now);
}

START_TEST(quiet_is_what_has_nothing_to_say)
{
    int s[2];
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, s), 0);
    ck_assert(kept_is_quiet(s[0]));
    ck_assert_int_eq(write(s[1], "x", 1), 1);
    ck_assert(!kept_is_quiet(s[0]));
    ck_assert(!kept_is_quiet(s[0])); /* it is still there */
    char c;
    ck_assert_int_eq(read(s[0], &c, 1), 1);
    ck_assert(kept_is_quiet(s[0]));
    close(s[1]);
    ck_assert(!kept_is_quiet(s[0]));
    close(s[0]);
    ck_assert(!kept_is_quiet(s[0]));
}
END_TEST

START_TEST(nothing_is_known_at_first)
{
    ck_assert(!too_long(7, MS(100000)));
    closes(7, MS(99)); /* at once, nothing to do with idleness */
    ck_assert(!too_long(7, MS(99)));
}
END_TEST

START_TEST(one_alone_holds_for_some_seconds)
{
    closes(7, MS(1000)); /* perhaps for another reason */
    ck_assert(too_long(7, MS(1000)));
    now += 10 * NS_PER_S;
    ck_assert(!too_long(7, MS(1000)));
}
END_TEST

START_TEST(a_limit_is_learned)
{
    closes(7, MS(1004));
    closes(7, MS(1001));
    ck_assert(!too_long(7, MS(890)));
    ck_assert(too_long(7, MS(910)));
    ck_assert(too_long(7, MS(1000)));
    ck_assert(too_long(7, MS(1200))); /* a target may be late */
    ck_assert(!too_long(8, MS(1000)));
}
END_TEST

START_TEST(a_late_close_does_not_make_it_unknown)
{
    closes(7, MS(1000));
    closes(7, MS(1000));
    closes(7, MS(1400));
    ck_assert(too_long(7, MS(950)));
    closes(7, MS(1050));
    ck_assert(too_long(7, MS(910)));
}
END_TEST

START_TEST(another_limit_takes_its_place)
{
    closes(7, MS(5000));
    closes(7, MS(5000));
    ck_assert(too_long(7, MS(4900)));
    closes(7, MS(1000));
    closes(7, MS(1000));
    ck_assert(too_long(7, MS(1000)));
    closes(7, MS(8000)); /* perhaps it is only late */
    ck_assert(too_long(7, MS(1000)));
    now += 7 * NS_PER_S;
    closes(7, MS(8000));
    closes(7, MS(8000));
    ck_assert(!too_long(7, MS(1000)));
    ck_assert(too_long(7, MS(8000)));
}
END_TEST

START_TEST(an_open_one_shows_that_it_no_longer_holds)
{
    closes(7, MS(300)); /* a restart while all users paused */
    closes(7, MS(300));
    ck_assert(too_long(7, MS(310)));
    now += 10 * NS_PER_S;
    ck_assert(too_long(7, MS(900))); /* the target may be late */
    now += 2 * NS_PER_S;
    ck_assert(too_long(7, MS(900)));
    now += 2 * NS_PER_S;
    ck_assert(!too_long(7, MS(900)));
    ck_assert(!too_long(7, MS(310)));
}
END_TEST

START_TEST(a_late_target_confirms_it)
{
    closes(7, MS(1000));
    closes(7, MS(1000));
    for (unsigned i = 0; i < 20; i++) {
        now += 2 * NS_PER_S;
        ck_assert(too_long(7, MS(2400)));
        closes(7, MS(1900));
        closes(7, MS(2300));
        closes(7, MS(1020));
        ck_assert(too_long(7, MS(950)));
    }
}
END_TEST

/* A target that is late closes all at once, also those that are hardly due. */
START_TEST(the_shortest_is_the_limit)
{
    closes(7, MS(2000));
    closes(7, MS(1500));
    closes(7, MS(1010));
    closes(7, MS(1800));
    ck_assert(too_long(7, MS(920)));
    ck_assert(!too_long(7, MS(850)));
}
END_TEST

/* Two ends of a connection; what one sends is with the other when `arrived` says so. */
static void connect_both(int *client, int *server)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof a;
    int l = socket(AF_INET, SOCK_STREAM, 0);
    ck_assert(bind(l, (struct sockaddr *)&a, len) == 0 && listen(l, 1) == 0);
    getsockname(l, (struct sockaddr *)&a, &len);
    *client = socket(AF_INET, SOCK_STREAM, 0);
    ck_assert_int_eq(connect(*client, (struct sockaddr *)&a, len), 0);
    *server = accept(l, NULL, NULL);
    close(l);
}

static void arrived(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    ck_assert_int_eq(poll(&p, 1, 20000), 1);
}

static const char request[] = "GET / HTTP/1.1\r\n\r\n";
#define REQUEST_BYTES (sizeof request - 1)

static void say(int fd)
{
    ck_assert_int_eq(send(fd, request, REQUEST_BYTES, MSG_NOSIGNAL), REQUEST_BYTES);
}

enum reading { READS_NOTHING, READS_ALL, READS_A_PART };

/* Whoever sent a request to one that reads so much and then closes: how did it end? */
static enum kept_end ending_after(enum reading reading, bool abort, uint64_t request_bytes)
{
    char in[64];
    size_t size = reading == READS_ALL ? sizeof in : 3;
    struct linger at_once = {.l_onoff = 1, .l_linger = 0};
    int client, server;
    connect_both(&client, &server);
    say(client);
    arrived(server);
    ck_assert_int_eq(kept_ending(client, request_bytes), KEPT_OPEN);
    if (reading != READS_NOTHING)
        ck_assert_int_gt(recv(server, in, size, 0), 0);
    if (abort)
        setsockopt(server, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close(server);
    arrived(client);
    ck_assert_uint_eq(kept_bytes(client), 0);
    enum kept_end end = kept_ending(client, request_bytes);
    close(client);
    return end;
}

START_TEST(the_kernel_tells_how_it_ended)
{
    ck_assert_int_eq(ending_after(READS_ALL, false, REQUEST_BYTES), KEPT_ENDED);
    ck_assert_int_eq(ending_after(READS_ALL, true, REQUEST_BYTES), KEPT_RESET);
    ck_assert_int_eq(ending_after(READS_A_PART, false, REQUEST_BYTES), KEPT_RESET);
    ck_assert_int_eq(ending_after(READS_NOTHING, false, REQUEST_BYTES), KEPT_RESET);
    ck_assert_int_eq(ending_after(READS_NOTHING, false, 0), KEPT_OPEN); /* nothing was sent */
    ck_assert_int_eq(kept_ending(-1, 1), KEPT_OPEN);
}
END_TEST

/* Then the target has it nowhere, whatever it does: its kernel answers with a reset. */
START_TEST(a_request_behind_the_end_is_told_from_one_before)
{
    for (unsigned i = 0; i < 2; i++) {
        int client, server;
        connect_both(&client, &server);
        if (i == 1) { /* there were requests before */
            char in[64];
            say(client);
            arrived(server);
            ck_assert_int_gt(recv(server, in, sizeof in, 0), 0);
            say(server); /* a reply, which acknowledges it */
            arrived(client);
            ck_assert_int_gt(recv(client, in, sizeof in, 0), 0);
        }
        close(server);
        arrived(client);
        say(client);
        ck_assert_int_eq(kept_ending(client, REQUEST_BYTES), KEPT_ENDED_BEFORE);
        close(client);
    }
}
END_TEST

START_TEST(an_alert_is_told_from_a_reply)
{
    static const struct {
        const char *bytes;
        size_t len;
        bool says_end;
    } t[] = {
        {"\x15\x03\x03\x00\x02\x01\x00", 7, true},
        {"\x15\x03\x03\x00\x1a"
         "0123456789abcdefghijklmnop",
         31, true},
        {"\x17\x03\x03\x00\x13"
         "0123456789abcdefghi",
         24, true},
        {"\x17\x03\x03\x00\x14"
         "0123456789abcdefghij",
         25, false},
        {"\x17\x03\x03\x00\x13"
         "0123456789abcdefgh",
         23, false}, /* not all of it */
        {"\x17\x03\x03\x00\x13"
         "0123456789abcdefghi+",
         25, false}, /* more behind it */
        {"\x16\x03\x03\x00\x13"
         "0123456789abcdefghi",
         24, false},
        {"\x15\x03", 2, false},
        {"HTTP/1.1 200 OK\r\n", 17, false},
    };
    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        int s[2];
        ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, s), 0);
        ck_assert(!kept_says_end(s[0]));
        ck_assert_int_eq(write(s[1], t[i].bytes, t[i].len), t[i].len);
        ck_assert_msg(kept_says_end(s[0]) == t[i].says_end, "row %zu", i);
        ck_assert_uint_eq(kept_bytes(s[0]), t[i].len);
        close(s[0]);
        close(s[1]);
    }
}
END_TEST

START_TEST(it_does_not_hold_for_ever)
{
    closes(7, MS(300));
    closes(7, MS(300));
    now += 59 * NS_PER_S;
    ck_assert(too_long(7, MS(310)));
    now += 10 * NS_PER_S;
    ck_assert(!too_long(7, MS(310)));
    closes(7, MS(300));
    closes(7, MS(300));
    ck_assert(too_long(7, MS(310)));
}
END_TEST

START_TEST(many_targets_the_latest_are_known)
{
    for (uint32_t peer = 1; peer <= 3 * KEPT_PEERS; peer++) {
        closes(peer, MS(1000));
        closes(peer, MS(1000));
        ck_assert(too_long(peer, MS(1000)));
    }
    for (uint32_t peer = 2 * KEPT_PEERS + 1; peer <= 3 * KEPT_PEERS; peer++)
        ck_assert(too_long(peer, MS(1000)));
    ck_assert(!too_long(1, MS(1000)));
    ck_assert_uint_ne(kept_peer("127.0.0.1", 80), kept_peer("127.0.0.1", 81));
    ck_assert_uint_ne(kept_peer("127.0.0.1", 80), kept_peer("127.0.0.2", 80));
    ck_assert_uint_ne(kept_peer(NULL, 0), 0);
}
END_TEST

START_TEST(a_target_may_tell)
{
    static const struct {
        const char *value;
        unsigned seconds;
    } t[] = {{"timeout=5", 5},
             {" timeout=5, max=100\r\n", 5},
             {"max=100, Timeout=72", 72},
             {"max=100", 0},
             {"", 0},
             {"timeout=", 0},
             {"timeout=x", 0},
             {"timeout=-1", 0},
             {"timeout", 0},
             {"timeout=99999999999999999999", 9999999}};
    for (size_t i = 0; i < sizeof t / sizeof *t; i++)
        ck_assert_uint_eq(kept_timeout_s(t[i].value, strlen(t[i].value)), t[i].seconds);
    ck_assert_uint_eq(kept_timeout_s("timeout=55", 9), 5); /* no more than its length is read */
    kept_told(&limits, 7, MS(5000), now);
    ck_assert(!too_long(7, MS(4400)));
    ck_assert(too_long(7, MS(4600)));
}
END_TEST

int main(void)
{
    Suite *s = suite_create("kept");
    TCase *tc = tcase_create("kept");
    tcase_add_checked_fixture(tc, set_up, NULL);
    tcase_add_test(tc, quiet_is_what_has_nothing_to_say);
    tcase_add_test(tc, nothing_is_known_at_first);
    tcase_add_test(tc, one_alone_holds_for_some_seconds);
    tcase_add_test(tc, a_limit_is_learned);
    tcase_add_test(tc, a_late_close_does_not_make_it_unknown);
    tcase_add_test(tc, another_limit_takes_its_place);
    tcase_add_test(tc, an_open_one_shows_that_it_no_longer_holds);
    tcase_add_test(tc, a_late_target_confirms_it);
    tcase_add_test(tc, the_shortest_is_the_limit);
    tcase_add_test(tc, the_kernel_tells_how_it_ended);
    tcase_add_test(tc, a_request_behind_the_end_is_told_from_one_before);
    tcase_add_test(tc, an_alert_is_told_from_a_reply);
    tcase_add_test(tc, it_does_not_hold_for_ever);
    tcase_add_test(tc, many_targets_the_latest_are_known);
    tcase_add_test(tc, a_target_may_tell);
    suite_add_tcase(s, tc);
    return unit_run(s);
}
