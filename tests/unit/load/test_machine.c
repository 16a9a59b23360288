/* SPDX-License-Identifier: MIT */
/* Whether this machine has room for a load: tried with a limit of our own. */
#include "src/load/machine.h"

#include <check.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "tests/unit/unit.h"

static void allow_files(unsigned n)
{
    struct rlimit r;
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &r), 0);
    r.rlim_cur = n;
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &r), 0);
}

START_TEST(a_user_needs_a_file)
{
    struct err e;
    allow_files(200); /* 80 are for other things: 64, and 8 for each worker */
    ck_assert(machine_allows(120, 120, 2, &e));
    ck_assert(!machine_allows(121, 121, 2, &e));
    ck_assert_str_eq(e.text, "121 users need 201 open files, the limit here is 200: raise it "
                             "(ulimit -n 201) or take at most 120 users");
}
END_TEST

START_TEST(requests_side_by_side_need_one_each)
{
    struct err e;
    allow_files(200);
    ck_assert(machine_allows(30, 120, 2, &e));
    ck_assert(!machine_allows(40, 160, 2, &e));
    ck_assert_str_eq(e.text, "40 users with up to 160 requests at once need 240 open files, the "
                             "limit here is 200: raise it (ulimit -n 240) or take at most 30 "
                             "users");
}
END_TEST

START_TEST(a_limit_below_what_the_program_needs_leaves_none)
{
    struct err e;
    allow_files(70);
    ck_assert(!machine_allows(1, 1, 1, &e));
    ck_assert_ptr_nonnull(strstr(e.text, "take at most 0 users"));
}
END_TEST

/* In a network of its own, which has as many ports as it is told. */
static bool allow_ports(unsigned n)
{
    if (unshare(CLONE_NEWNET) != 0 && unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0)
        return false;
    FILE *f = fopen("/proc/sys/net/ipv4/ip_local_port_range", "w");
    if (f == NULL)
        return false;
    fprintf(f, "40000 %u\n", 40000 + n - 1);
    return fclose(f) == 0;
}

START_TEST(ports_end_too)
{
    struct err e;
    if (!allow_ports(100)) {
        printf("ports_end_too: not tried, this machine allows no network of one's own\n");
        return;
    }
    allow_files(400);
    ck_assert(machine_allows(100, 100, 1, &e));
    ck_assert(machine_allows(50, 100, 1, &e));
    ck_assert(!machine_allows(51, 102, 1, &e));
    ck_assert_str_eq(e.text, "51 users with up to 102 requests at once need as many local ports "
                             "towards one address, this machine has 100 "
                             "(net.ipv4.ip_local_port_range): take at most 50 users");
}
END_TEST

int main(void)
{
    Suite *s = suite_create("limits");
    TCase *t = tcase_create("limits");
    tcase_add_test(t, a_user_needs_a_file);
    tcase_add_test(t, requests_side_by_side_need_one_each);
    tcase_add_test(t, a_limit_below_what_the_program_needs_leaves_none);
    tcase_add_test(t, ports_end_too);
    suite_add_tcase(s, t);
    return unit_run(s);
}
