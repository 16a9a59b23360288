/* SPDX-License-Identifier: MIT */
/* Users that go one after the other, against a server that this test runs in a thread of
 * its own: what they send, what they know, where they come from, and that they stop. */
#include <arpa/inet.h>
#include <check.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "src/base/mem.h"
#include "src/base/now.h"
#include "src/load/client.h"
#include "src/load/transports.h"
#include "src/profile/profile.h"
#include "src/profile/read.h"
#include "tests/unit/unit.h"

#define SEEN_MAX 32

/* -------------------------------------------------------------------- server */

struct seen {
    char line[128], from[INET_ADDRSTRLEN];
    char head[2048];
};

static int listen_fd;
static uint16_t port;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct seen seen[SEEN_MAX];
static unsigned n_seen;

static void remember(const char *head, int fd)
{
    struct sockaddr_in a;
    socklen_t len = sizeof a;
    getpeername(fd, (struct sockaddr *)&a, &len);
    pthread_mutex_lock(&lock);
    ck_assert_uint_lt(n_seen, SEEN_MAX);
    struct seen *s = &seen[n_seen++];
    snprintf(s->line, sizeof s->line, "%.*s", (int)strcspn(head, "\r"), head);
    *strrchr(s->line, ' ') = '\0'; /* without the version */
    snprintf(s->head, sizeof s->head, "%.2000s", head);
    inet_ntop(AF_INET, &a.sin_addr, s->from, sizeof s->from);
    pthread_mutex_unlock(&lock);
}

static void answer(int fd, const char *head)
{
    char reply[512];
    const char *body = "{\"token\": \"t0k\"}";
    if (strncmp(head, "GET /never", 10) == 0)
        return;
    bool no = strncmp(head, "GET /no", 7) == 0;
    int len = snprintf(reply, sizeof reply, "HTTP/1.1 %s\r\n%s%sContent-Length: %zu\r\n\r\n%s",
                       no ? "429 No" : "200 OK", no ? "Retry-After: 7\r\n" : "",
                       strncmp(head, "POST /login", 11) == 0 ? "Set-Cookie: sid=5\r\n" : "",
                       strlen(body), body);
    send(fd, reply, (size_t)len, MSG_NOSIGNAL);
}

static void *serve_connection(void *arg)
{
    int fd = (int)(intptr_t)arg;
    char in[4096];
    size_t n = 0;
    ssize_t got;
    while ((got = recv(fd, in + n, sizeof in - 1 - n, 0)) > 0) {
        n += (size_t)got;
        in[n] = '\0';
        if (strstr(in, "\r\n\r\n") == NULL)
            continue;
        remember(in, fd);
        answer(fd, in);
        n = 0;
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
        pthread_create(&t, NULL, serve_connection, (void *)(intptr_t)fd);
        pthread_detach(t);
    }
    return NULL;
}

/* --------------------------------------------------------------------- users */

static struct client_env *all;
static struct profile *profile;
static int stop_fd;
static bool stop;

static bool wants_stop(void *arg)
{
    uint64_t n;
    (void)arg;
    if (read(stop_fd, &n, sizeof n) == sizeof n)
        stop = true;
    return stop;
}

static void set_up(void)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof a;
    pthread_t thread;
    struct err e;
    listen_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert(bind(listen_fd, (struct sockaddr *)&a, len) == 0 && listen(listen_fd, 16) == 0);
    getsockname(listen_fd, (struct sockaddr *)&a, &len);
    port = ntohs(a.sin_port);
    ck_assert_int_eq(pthread_create(&thread, NULL, serve, NULL), 0);
    ck_assert(transports_init(&e));
    stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
}

static void tear_down(void)
{
    client_env_close(all);
    profile_unref(profile);
    transports_finish();
}

/* A profile of one class with that on_start, whose task sends `request`. */
static void open_all(const char *on_start, const char *request)
{
    const struct profile_overrides none = {.host = NULL};
    struct problems problems = {0};
    struct err e;
    char *text = mem_printf(
        "target = \"http://127.0.0.1:%u\"; timeout = 20.0;\n"
        "variables = { me = \"u${user}\"; };\n"
        "user_classes = ( { name = \"U\"; %s%s%s\n"
        "  tasks = ( { request = \"GET /task\"; } ); } );\n"
        "rate_limits = ( { name = \"l\"; after = 1; request = \"%s\"; expect = 200; } );\n",
        port, on_start != NULL ? "on_start = (" : "", on_start != NULL ? on_start : "",
        on_start != NULL ? ");" : "", request);
    profile = profile_parse("p.cfg", text, strlen(text), &none, &problems);
    ck_assert_msg(profile != NULL, "%s", problems.n > 0 ? problems.lines[0] : "");
    free(text);
    const struct client_config cfg = {
        .profile = profile, .seed = 1, .stop_fd = stop_fd, .stop = wants_stop};
    all = client_env_open(&cfg, &e);
    ck_assert_msg(all != NULL, "%s", e.text);
}

static struct client *open_one(uint32_t number, const char *from)
{
    struct err e;
    struct client *u = client_open(all, 0, number, from, &e);
    ck_assert_msg(u != NULL, "%s", e.text);
    return u;
}

static const struct request *request(void)
{
    return profile->rate_limits[0].request;
}

static bool start(struct client *u, struct err *e)
{
    struct client_reply r;
    return client_run_steps(u, &profile->classes[0].on_start, &r, e);
}

START_TEST(steps_one_after_the_other)
{
    struct err e;
    struct client_reply r;
    open_all("{ request = \"POST /login?u=${me}\"; capture = { token = \"json:$.token\"; }; },"
             "{ loop = 2; steps = ( { request = \"GET /a\"; }, { think = 0.001; } ); },"
             "{ when = \"status == 200\"; steps = ( { request = \"GET /yes\"; } );"
             "  else = ( { request = \"GET /else\"; } ); },"
             "{ parallel = ( { request = \"GET /p\"; }, { request = \"GET /q\"; } ); }",
             "GET /at/${token}");
    struct client *u = open_one(3, NULL);
    ck_assert_msg(start(u, &e), "%s", e.text);
    client_request(u, request(), &r);
    static const char *const lines[] = {"POST /login?u=u3", "GET /a", "GET /a",     "GET /yes",
                                        "GET /p",           "GET /q", "GET /at/t0k"};
    ck_assert_uint_eq(n_seen, 7);
    for (unsigned i = 0; i < 7; i++)
        ck_assert_str_eq(seen[i].line, lines[i]);
    ck_assert_ptr_nonnull(strstr(seen[6].head, "Cookie: sid=5"));
    ck_assert_uint_eq(client_sent(u), 7);
    ck_assert(client_has_cookies(u));
    ck_assert_int_eq(r.fail, FAIL_NONE);
    ck_assert(r.head.status == 200 && r.loopback && r.done_ns >= r.sent_ns);
    client_close(u);
}
END_TEST

START_TEST(users_are_told_apart)
{
    struct client_reply a, b, again;
    open_all(NULL, "GET /x?u=${me}");
    struct client *one = open_one(0, NULL), *two = open_one(1, NULL);
    client_request(one, request(), &a);
    client_request(two, request(), &b);
    client_request(one, request(), &again);
    ck_assert_uint_ne(a.fingerprint, b.fingerprint);
    ck_assert_uint_eq(a.fingerprint, again.fingerprint);
    ck_assert(!client_has_cookies(one));
    client_close(one);
    client_close(two);
}
END_TEST

START_TEST(another_address)
{
    struct client_reply r;
    open_all(NULL, "GET /x");
    struct client *one = open_one(0, NULL), *two = open_one(1, "127.0.0.2");
    client_request(one, request(), &r);
    client_request(two, request(), &r);
    ck_assert_int_eq(r.fail, FAIL_NONE);
    ck_assert_str_eq(seen[0].from, "127.0.0.1");
    ck_assert_str_eq(seen[1].from, "127.0.0.2");
    client_close(one);
    client_close(two);
}
END_TEST

START_TEST(what_is_not_expected_is_said)
{
    struct client_reply r;
    struct err e;
    size_t len;
    open_all("{ request = \"GET /a\"; capture = { x = \"json:$.none\"; }; }", "GET /no");
    struct client *u = open_one(0, NULL);
    ck_assert(!start(u, &e));
    ck_assert_ptr_nonnull(strstr(e.text, "GET /a: x: "));
    client_request(u, request(), &r);
    ck_assert_int_eq(r.fail, FAIL_STATUS);
    ck_assert_uint_eq(r.head.status, 429);
    ck_assert_uint_eq(r.retry_after_s, 7);
    ck_assert_str_eq(r.why, "status 429: {\"token\": \"t0k\"}");
    ck_assert_mem_eq(reply_header(&r.head, "Retry-After", 0, &len), "7", 1);
    client_close(u);
}
END_TEST

START_TEST(no_value_is_not_sent)
{
    struct client_reply r;
    struct err e;
    open_all("{ when = \"none\"; steps = ( { request = \"GET /a\"; capture = "
             "{ none = \"status\"; }; } ); }",
             "GET /x/${none}");
    struct client *u = open_one(0, NULL);
    ck_assert_msg(start(u, &e), "%s", e.text);
    client_request(u, request(), &r);
    ck_assert_int_eq(r.fail, FAIL_NO_VALUE);
    ck_assert(r.head.status == 0 && r.why[0] != '\0' && n_seen == 0);
    client_close(u);
}
END_TEST

START_TEST(a_time_out_of_its_own)
{
    struct client_reply r;
    open_all(NULL, "GET /never\"; timeout = \"100ms");
    struct client *u = open_one(0, NULL);
    client_request(u, request(), &r);
    ck_assert_int_eq(r.fail, FAIL_TIMEOUT);
    ck_assert(!r.stopped && r.head.status == 0);
    ck_assert_uint_ge(r.done_ns - r.sent_ns, 100 * NS_PER_MS);
    client_close(u);
}
END_TEST

/* From a thread, once the server has the request. */
static void *stop_soon(void *arg)
{
    const uint64_t one = 1, end = now_ns() + 20 * NS_PER_S;
    const struct timespec pause = {.tv_nsec = 1000000};
    bool there = false;
    (void)arg;
    while (!there && now_ns() < end) {
        pthread_mutex_lock(&lock);
        there = n_seen > 0;
        pthread_mutex_unlock(&lock);
        nanosleep(&pause, NULL);
    }
    ck_assert_int_eq(write(stop_fd, &one, sizeof one), sizeof one);
    return NULL;
}

START_TEST(a_stop_ends_a_request_and_all_waits)
{
    struct client_reply r;
    pthread_t t;
    open_all(NULL, "GET /never\"; timeout = \"10m");
    struct client *u = open_one(0, NULL);
    ck_assert_int_eq(pthread_create(&t, NULL, stop_soon, NULL), 0);
    client_request(u, request(), &r); /* would take ten minutes */
    pthread_join(t, NULL);
    ck_assert(r.stopped && r.fail != FAIL_NONE);
    ck_assert(!client_env_wait(all, now_ns() + 600 * NS_PER_S));
    client_request(u, request(), &r);
    ck_assert(r.stopped);
    ck_assert_uint_eq(n_seen, 1);
    client_close(u);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("client");
    TCase *tc = tcase_create("client");
    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, steps_one_after_the_other);
    tcase_add_test(tc, users_are_told_apart);
    tcase_add_test(tc, another_address);
    tcase_add_test(tc, what_is_not_expected_is_said);
    tcase_add_test(tc, no_value_is_not_sent);
    tcase_add_test(tc, a_time_out_of_its_own);
    tcase_add_test(tc, a_stop_ends_a_request_and_all_waits);
    suite_add_tcase(s, tc);
    return unit_run(s);
}
