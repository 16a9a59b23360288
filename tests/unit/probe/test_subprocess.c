/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "src/base/now.h"
#include "src/probe/subprocess.h"
#include "tests/unit/unit.h"

#define DEADLINE_NS (20 * NS_PER_S)

/* All it prints, until it closes its output. */
static void read_all(struct subprocess *c, char *out, size_t size)
{
    size_t len = 0;
    uint64_t end = now_ns() + DEADLINE_NS;
    while (now_ns() < end) {
        struct pollfd fd = {.fd = c->out_fd, .events = POLLIN};
        poll(&fd, 1, 100);
        ssize_t n = read(c->out_fd, out + len, size - 1 - len);
        if (n == 0)
            break;
        if (n > 0)
            len += (size_t)n;
    }
    out[len] = '\0';
}

static void wait_for(struct subprocess *c)
{
    uint64_t end = now_ns() + DEADLINE_NS;
    while (!subprocess_ended(c) && now_ns() < end)
        poll(NULL, 0, 1);
    ck_assert_int_eq(c->pid, 0);
}

START_TEST(it_gets_nothing_of_ours)
{
    struct err e = {0};
    struct subprocess c;
    char text[512];
    int ours = open("/dev/null", O_RDONLY); /* without O_CLOEXEC, as libcurl opens its sockets */
    ck_assert_int_ge(ours, 3);
    ck_assert(subprocess_start(
        &c, (const char *const[]){"sh", "-c", "ls /proc/self/fd | wc -l; cat", NULL}, NULL, &e));
    read_all(&c, text, sizeof text);
    wait_for(&c);
    ck_assert_int_eq(atoi(text), 4); /* 0, 1, 2 and ls's own */
    subprocess_end(&c, 0);
    close(ours);
}
END_TEST

static bool is_gone(pid_t pid)
{
    char path[64], stat[256] = "";
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    FILE *f = fopen(path, "re");
    bool gone = f == NULL || fgets(stat, sizeof stat, f) == NULL || strstr(stat, ") Z ") != NULL;
    if (f != NULL)
        fclose(f);
    return gone;
}

START_TEST(its_group_ends_with_it)
{
    struct err e = {0};
    struct subprocess c;
    char text[64] = "";
    /* A grandchild that does not listen to TERM. */
    ck_assert(subprocess_start(
        &c,
        (const char *const[]){"sh", "-c", "trap '' TERM; sleep 100 >&- & echo $!; exec >&-; wait",
                              NULL},
        NULL, &e));
    read_all(&c, text, sizeof text);
    pid_t grandchild = atoi(text);
    ck_assert_int_gt(grandchild, 1);
    subprocess_end(&c, NS_PER_S / 20);
    ck_assert_int_eq(c.pid, 0);
    uint64_t end = now_ns() + DEADLINE_NS;
    while (!is_gone(grandchild) && now_ns() < end)
        poll(NULL, 0, 2);
    ck_assert(is_gone(grandchild));
}
END_TEST

/* It ends by itself, and leaves one behind that does not listen to TERM. */
START_TEST(what_it_left_behind_ends_too)
{
    struct err e = {0};
    struct subprocess c;
    char text[64] = "";
    ck_assert(
        subprocess_start(&c,
                         (const char *const[]){
                             "sh", "-c", "trap '' TERM; (exec sleep 100 >&- 2>&-) & echo $!", NULL},
                         NULL, &e));
    read_all(&c, text, sizeof text);
    pid_t left = atoi(text);
    ck_assert_int_gt(left, 1);
    wait_for(&c);
    subprocess_end(&c, NS_PER_S / 20);
    uint64_t end = now_ns() + DEADLINE_NS;
    while (!is_gone(left) && now_ns() < end)
        poll(NULL, 0, 2);
    bool gone = is_gone(left);
    if (!gone)
        kill(left, SIGKILL);
    ck_assert(gone);
}
END_TEST

START_TEST(how_it_ended_is_said)
{
    struct err e = {0};
    struct subprocess c;
    char text[80];
    ck_assert(subprocess_start(&c, (const char *const[]){"sh", "-c", "exit 3", NULL}, NULL, &e));
    wait_for(&c);
    subprocess_status(&c, text, sizeof text);
    ck_assert_str_eq(text, "exit status 3");
    subprocess_end(&c, 0);
    ck_assert(
        subprocess_start(&c, (const char *const[]){"sh", "-c", "kill -9 $$", NULL}, NULL, &e));
    wait_for(&c);
    subprocess_status(&c, text, sizeof text);
    ck_assert_str_eq(text, "killed by signal 9 (Killed)");
    subprocess_end(&c, 0);
    ck_assert(!subprocess_start(&c, (const char *const[]){"/nonexistent/x", NULL}, NULL, &e));
    ck_assert_str_eq(e.text, "/nonexistent/x cannot be run: No such file or directory; is it "
                             "installed, and in PATH?");
    subprocess_end(&c, 0);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("child");
    TCase *t = tcase_create("child");
    tcase_add_test(t, it_gets_nothing_of_ours);
    tcase_add_test(t, its_group_ends_with_it);
    tcase_add_test(t, what_it_left_behind_ends_too);
    tcase_add_test(t, how_it_ended_is_said);
    tcase_set_timeout(t, 60);
    suite_add_tcase(s, t);
    return unit_run(s);
}
