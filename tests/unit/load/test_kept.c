/* SPDX-License-Identifier: MIT */
/* Kept connections: what the kernel says of one, and how long a target keeps idle ones. */
#include <check.h>
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
    closes(7, MS(8000));
    closes(7, MS(8000));
    ck_assert(!too_long(7, MS(1000)));
}
END_TEST

START_TEST(an_open_one_shows_that_it_no_longer_holds)
{
    closes(7, MS(300)); /* a restart while all users paused */
    closes(7, MS(300));
    ck_assert(too_long(7, MS(310)));
    ck_assert(!too_long(7, MS(900)));
    ck_assert(!too_long(7, MS(310)));
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
    tcase_add_test(tc, it_does_not_hold_for_ever);
    tcase_add_test(tc, many_targets_the_latest_are_known);
    tcase_add_test(tc, a_target_may_tell);
    suite_add_tcase(s, tc);
    return unit_run(s);
}
