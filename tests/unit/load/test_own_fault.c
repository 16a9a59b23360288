/* SPDX-License-Identifier: MIT */
/* What fails on this side is never the target's: system calls of the transport fail as told,
 * against a server of our own that is well. */
#include <arpa/inet.h>
#include <check.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "src/base/now.h"
#include "src/load/message.h"
#include "src/load/own_fault.h"
#include "src/profile/url.h"
#include "tests/unit/load/each_transport.h"

/* ------------------------------------------------- calls that fail, for a library as for us */

enum call { CALL_NONE, CALL_SOCKET, CALL_CONNECT, CALL_SEND, CALL_RECV, CALL_EPOLL };

static enum call failing;
static int error_wanted;
static unsigned times_left, times_failed;
static pthread_t tester; /* the server's thread does as it likes */

static bool fails(enum call call)
{
    if (failing != call || times_left == 0 || !pthread_equal(tester, pthread_self()))
        return false;
    times_left--;
    times_failed++;
    errno = error_wanted;
    return true;
}

static void fail_next(enum call call, int error, unsigned times)
{
    failing = call;
    error_wanted = error;
    times_left = times;
    times_failed = 0;
}

int socket(int domain, int type, int protocol)
{
    return fails(CALL_SOCKET) ? -1 : (int)syscall(SYS_socket, domain, type, protocol);
}

int connect(int fd, const struct sockaddr *to, socklen_t len)
{
    return fails(CALL_CONNECT) ? -1 : (int)syscall(SYS_connect, fd, to, len);
}

ssize_t send(int fd, const void *data, size_t len, int flags)
{
    return fails(CALL_SEND) ? -1 : syscall(SYS_sendto, fd, data, len, flags, NULL, 0);
}

ssize_t recv(int fd, void *data, size_t len, int flags)
{
    return fails(CALL_RECV) ? -1 : syscall(SYS_recvfrom, fd, data, len, flags, NULL, NULL);
}

int epoll_ctl(int epoll, int op, int fd, struct epoll_event *ev)
{
    if (op != EPOLL_CTL_DEL && fails(CALL_EPOLL))
        return -1;
    return (int)syscall(SYS_epoll_ctl, epoll, op, fd, ev);
}

/* -------------------------------------------------------------------- server */

static int listen_fd;
static uint16_t port;
static struct origin origin; /* of the server */
static pthread_t thread;
static _Atomic unsigned n_seen;

static void *serve_one(void *arg)
{
    static const char reply[] = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nthere";
    char data[4096];
    int fd = (int)(intptr_t)arg;
    while (read(fd, data, sizeof data) > 0) {
        n_seen++;
        if (write(fd, reply, sizeof reply - 1) < 0)
            break;
    }
    close(fd);
    return NULL;
}

static void *serve(void *arg)
{
    int fd;
    (void)arg;
    while ((fd = accept(listen_fd, NULL, NULL)) >= 0) {
        pthread_t t;
        pthread_create(&t, NULL, serve_one, (void *)(intptr_t)fd);
        pthread_detach(t);
    }
    return NULL;
}

/* -------------------------------------------------------------------- client */

static struct transport *transport;
static struct channel *ch;
static int epoll_fd;
static unsigned n_done;
static struct outcome outcome;
static char reason[256];

static void on_done(void *tag, const struct outcome *o, void *arg)
{
    (void)tag;
    (void)arg;
    outcome = *o;
    snprintf(reason, sizeof reason, "%s", o->reason);
    n_done++;
}

static void ask_at(const struct origin *at)
{
    struct epoll_event events[16];
    struct message m = {.origin = at, .path = "/", .method = "GET", .body_cap = 1 << 20};
    uint64_t end = now_ns() + 20 * NS_PER_S;
    unsigned before = n_done;
    ops->begin(ch, &m);
    ck_assert_uint_eq(n_done, before); /* never from within */
    while (n_done == before) {
        ck_assert_msg(now_ns() < end, "the request does not end");
        int n = epoll_wait(epoll_fd, events, 16, 5);
        for (int i = 0; i < n; i++)
            ops->on_event(transport, (int)(uint32_t)events[i].data.u64, events[i].events);
        if (ops->deadline(transport) <= now_ns())
            ops->on_time(transport);
    }
}

static void ask(void)
{
    ask_at(&origin);
}

static void set_up(void)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof a;
    struct err e;
    tester = pthread_self();
    failing = CALL_NONE;
    listen_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert(bind(listen_fd, (struct sockaddr *)&a, len) == 0 && listen(listen_fd, 16) == 0);
    getsockname(listen_fd, (struct sockaddr *)&a, &len);
    port = ntohs(a.sin_port);
    char here[64];
    snprintf(here, sizeof here, "http://127.0.0.1:%u", port);
    origin_init(&origin, here);
    ck_assert_int_eq(pthread_create(&thread, NULL, serve, NULL), 0);
    ck_assert(transports_init(&e));
    epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    const struct transport_config cfg = {.epoll_fd = epoll_fd, .done = on_done};
    transport = ops->create(&cfg, &e);
    ck_assert_ptr_nonnull(transport);
    const struct transport_rules rules = {.parallel = 1};
    ops->configure(transport, &rules);
    ch = ops->channel_open(transport, NULL, true, NULL);
    ck_assert_ptr_nonnull(ch);
}

static void tear_down(void)
{
    failing = CALL_NONE;
    ops->channel_close(ch);
    ops->destroy(transport);
    close(epoll_fd);
    shutdown(listen_fd, SHUT_RDWR);
    pthread_join(thread, NULL);
    close(listen_fd);
    origin_finish(&origin);
}

static const struct {
    enum call call;
    int error;
    enum fail fail;
} faults[] = {
    {CALL_SOCKET, EMFILE, FAIL_CLIENT_FDS},
    {CALL_SOCKET, ENFILE, FAIL_CLIENT_FDS},
    {CALL_SOCKET, ENOBUFS, FAIL_CLIENT_MEMORY},
    {CALL_SOCKET, ENOMEM, FAIL_CLIENT_MEMORY},
    {CALL_SOCKET, EACCES, FAIL_CLIENT_DENIED},
    {CALL_SOCKET, EPERM, FAIL_CLIENT_DENIED},
    {CALL_SOCKET, EAFNOSUPPORT, FAIL_CLIENT_NETWORK},
    {CALL_SOCKET, EINVAL, FAIL_CLIENT_FAULT},
    {CALL_CONNECT, EADDRNOTAVAIL, FAIL_CLIENT_PORTS},
    {CALL_CONNECT, EADDRINUSE, FAIL_CLIENT_PORTS},
    {CALL_CONNECT, ENOBUFS, FAIL_CLIENT_MEMORY},
    {CALL_CONNECT, ENOMEM, FAIL_CLIENT_MEMORY},
    {CALL_CONNECT, EACCES, FAIL_CLIENT_DENIED},
    {CALL_CONNECT, EPERM, FAIL_CLIENT_DENIED},
    {CALL_CONNECT, ENETDOWN, FAIL_CLIENT_NETWORK},
    {CALL_CONNECT, EINVAL, FAIL_CLIENT_FAULT},
    {CALL_SEND, ENOBUFS, FAIL_CLIENT_MEMORY},
    {CALL_SEND, ENOMEM, FAIL_CLIENT_MEMORY},
    {CALL_SEND, EPERM, FAIL_CLIENT_DENIED},
    {CALL_SEND, EACCES, FAIL_CLIENT_DENIED},
    {CALL_RECV, ENOMEM, FAIL_CLIENT_MEMORY},
    {CALL_RECV, ENOBUFS, FAIL_CLIENT_MEMORY},
    {CALL_EPOLL, ENOMEM, FAIL_CLIENT_MEMORY},
    {CALL_EPOLL, ENOSPC, FAIL_CLIENT_FAULT},
    {CALL_EPOLL, EPERM, FAIL_CLIENT_DENIED},
    /* And what is the target's, or the way's to it, stays so. */
    {CALL_CONNECT, ECONNREFUSED, FAIL_REFUSED},
    {CALL_CONNECT, ENETUNREACH, FAIL_UNREACHABLE},
    {CALL_CONNECT, EHOSTUNREACH, FAIL_UNREACHABLE},
    {CALL_CONNECT, ETIMEDOUT, FAIL_TIMEOUT},
    {CALL_SEND, EPIPE, FAIL_RESET},
    {CALL_SEND, ECONNRESET, FAIL_RESET},
    {CALL_RECV, ECONNRESET, FAIL_RESET},
};

/* For ever: no further try of the transport's own gets through. */
START_TEST(a_call_that_fails_here_is_ours_and_one_that_fails_there_is_not)
{
    fail_next(faults[_i].call, faults[_i].error, 1000);
    ask();
    ck_assert_uint_gt(times_failed, 0);
    ck_assert_msg(outcome.fail == faults[_i].fail, "%s: %s is %s, not %s (%s)",
                  strerror(faults[_i].error), "it", fail_word(outcome.fail),
                  fail_word(faults[_i].fail), reason);
    ck_assert_str_ne(reason, "");
    fail_next(CALL_NONE, 0, 0);
    ask();
    ck_assert_msg(outcome.fail == FAIL_NONE, "%s (%s)", fail_word(outcome.fail), reason);
    ck_assert_uint_eq(outcome.status, 200);
}
END_TEST

START_TEST(on_a_kept_connection_too)
{
    ask();
    ck_assert_int_eq(outcome.fail, FAIL_NONE);
    fail_next(CALL_SEND, ENOBUFS, 1000);
    ask();
    ck_assert_msg(outcome.fail == FAIL_CLIENT_MEMORY, "%s (%s)", fail_word(outcome.fail), reason);
    fail_next(CALL_NONE, 0, 0);
    ask();
    ck_assert_int_eq(outcome.fail, FAIL_NONE);
}
END_TEST

START_TEST(a_request_that_nobody_watches_does_not_hang)
{
    for (unsigned i = 0; i < 5; i++) {
        fail_next(CALL_EPOLL, ENOSPC, 1);
        ask();
        ck_assert_int_eq(outcome.fail, FAIL_CLIENT_FAULT);
        ck_assert_ptr_nonnull(strstr(reason, "epoll_ctl on this machine: No space left"));
    }
    ck_assert_uint_eq(n_seen, 0);
}
END_TEST

START_TEST(what_is_no_url_is_not_sent)
{
    static const char *const wrong[] = {"http://127.0.0.1:99999", "http://[::1",
                                        "gopher://127.0.0.1"};
    struct origin at;
    origin_init(&at, wrong[_i]);
    ask_at(&at);
    origin_finish(&at);
    ck_assert_msg(outcome.fail == FAIL_CLIENT_REQUEST, "%s (%s)", fail_word(outcome.fail), reason);
    ck_assert_str_ne(reason, "");
    ask();
    ck_assert_int_eq(outcome.fail, FAIL_NONE);
}
END_TEST

START_TEST(who_is_given_up_or_closed_meanwhile_is_not_told_of)
{
    struct outcome o;
    struct message m = {.origin = &origin, .path = "/", .method = "GET", .body_cap = 1 << 20};
    fail_next(CALL_EPOLL, ENOMEM, 1000);
    unsigned before = n_done;
    ops->begin(ch, &m);
    ops->on_time(transport); /* it connects, and nobody can watch that */
    ops->abort(ch, &o);
    ops->on_time(transport);
    ck_assert_uint_eq(n_done, before);
    struct channel *other = ops->channel_open(transport, NULL, true, NULL);
    ops->begin(other, &m);
    ops->on_time(transport);
    ops->channel_close(other);
    ops->on_time(transport);
    ck_assert_uint_eq(n_done, before);
}
END_TEST

START_TEST(every_error_is_one_or_the_other)
{
    for (int error = 1; error < 134; error++) {
        enum fail own = own_fault(error);
        ck_assert(own == FAIL_NONE || fail_is_client(own));
    }
    ck_assert_int_eq(own_fault(0), FAIL_NONE);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("own_fault");
    TCase *tc = tcase_create("own_fault");
    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, a_call_that_fails_here_is_ours_and_one_that_fails_there_is_not, 0,
                        sizeof faults / sizeof *faults);
    tcase_add_test(tc, on_a_kept_connection_too);
    tcase_add_test(tc, a_request_that_nobody_watches_does_not_hang);
    tcase_add_loop_test(tc, what_is_no_url_is_not_sent, 0, 3);
    tcase_add_test(tc, who_is_given_up_or_closed_meanwhile_is_not_told_of);
    tcase_add_test(tc, every_error_is_one_or_the_other);
    suite_add_tcase(s, tc);
    return s;
}

int main(void)
{
    return run_each_transport(suite);
}
