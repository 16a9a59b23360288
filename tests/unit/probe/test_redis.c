/* SPDX-License-Identifier: MIT */
/* A redis probe under a real watch, against a server of the test's own that does what a real
 * one does seldom. */
#include <check.h>
#include <math.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "src/base/mem.h"
#include "src/base/now.h"
#include "src/probe/watch.h"
#include "tests/unit/unit.h"

#define DEADLINE_NS (20 * NS_PER_S)
#define PASSWORD "a-word-that-nobody-may-see"

/* ------------------------------------------------------------------ the server */

static int listener = -1;
static int port;
static const char *auth_reply;                /* NULL: +OK */
static _Atomic int infos, commands, delay_ms; /* delay: before INFO's reply */
static _Atomic bool held, reset;

static bool put(int fd, const char *text)
{
    return send(fd, text, strlen(text), MSG_NOSIGNAL) == (ssize_t)strlen(text);
}

static bool put_info(int fd)
{
    char *body, *whole;
    if (reset) {
        reset = false;
        commands = 1; /* the PING before */
    }
    body = mem_printf("run_id:abc\r\nuptime_in_seconds:100\r\nconnected_clients:3\r\n"
                      "maxclients:100\r\ntotal_commands_processed:%d\r\n",
                      (int)commands);
    whole = mem_printf("$%zu\r\n%s\r\n", strlen(body), body);
    held = delay_ms > 0;
    poll(NULL, 0, delay_ms);
    bool sent = put(fd, whole);
    held = false;
    free(body);
    free(whole);
    commands += 5; /* it and four of others */
    infos++;
    return sent;
}

static bool serve(int fd, const char *request)
{
    if (strstr(request, "AUTH") != NULL)
        return put(fd, auth_reply != NULL ? auth_reply : "+OK\r\n");
    if (strstr(request, "INFO") != NULL)
        return put_info(fd);
    commands++;
    return put(fd, "+PONG\r\n");
}

/* The probe asks one thing at a time. */
static void *server_main(void *arg)
{
    (void)arg;
    for (int fd; (fd = accept(listener, NULL, NULL)) >= 0; close(fd)) {
        char in[512];
        ssize_t n;
        while ((n = read(fd, in, sizeof in - 1)) > 0) {
            in[n] = '\0';
            if (!serve(fd, in))
                break;
        }
    }
    return NULL;
}

/* -------------------------------------------------------------------- the probe */

static pthread_t server;
static struct watch *watch;
static struct probe_snapshot *probe_snap;
static _Atomic int told;

static void on_event(const struct snap_event *ev, void *arg)
{
    (void)ev;
    (void)arg;
    told++;
}

static void set_up(void)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof a;
    listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert_int_eq(bind(listener, (struct sockaddr *)&a, sizeof a), 0);
    ck_assert_int_eq(getsockname(listener, (struct sockaddr *)&a, &len), 0);
    ck_assert_int_eq(listen(listener, 16), 0);
    port = ntohs(a.sin_port);
    commands = 10000;
    ck_assert_int_eq(pthread_create(&server, NULL, server_main, NULL), 0);
    watch = watch_create(&(struct watch_config){.event = on_event});
    probe_snap = mem_zalloc(sizeof *probe_snap);
}

static void tear_down(void)
{
    watch_destroy(watch);
    free(probe_snap);
    shutdown(listener, SHUT_RDWR);
    close(listener);
    pthread_join(server, NULL);
}

static void begin(const char *password)
{
    struct probe_spec *s = probe_spec_new(PROBE_REDIS);
    s->where = mem_printf("127.0.0.1:%d", port);
    s->period_ns = 20 * NS_PER_MS;
    if (password != NULL)
        s->password = secret_from(password, strlen(password));
    ck_assert(probe_spec_complete(s, NULL));
    ck_assert(watch_add_probe(watch, s, NULL));
    probe_spec_unref(s);
    watch_start_axis(watch, now_ns());
}

static void until_state(enum probe_state state)
{
    uint64_t deadline = now_ns() + DEADLINE_NS;
    do {
        watch_snapshot(watch, probe_snap);
        if (probe_snap->probes[0].state == state)
            return;
        poll(NULL, 0, 2);
    } while (now_ns() < deadline);
    ck_abort_msg("%s: %s", probe_state_words[probe_snap->probes[0].state],
                 probe_snap->probes[0].text);
}

static void until_infos(int n)
{
    uint64_t deadline = now_ns() + DEADLINE_NS;
    while (infos < n && now_ns() < deadline)
        poll(NULL, 0, 2);
    ck_assert_int_ge(infos, n);
}

static const struct snap_series *series(const char *name)
{
    watch_snapshot(watch, probe_snap);
    for (uint32_t i = 0; i < probe_snap->n_series; i++)
        if (strcmp(probe_snap->series[i].name, name) == 0)
            return &probe_snap->series[i];
    ck_abort_msg("no series %s", name);
    return NULL;
}

static void says(const char *text)
{
    ck_assert_msg(strstr(probe_snap->probes[0].text, text) != NULL, "%s",
                  probe_snap->probes[0].text);
}

static void nothing_shows(const char *text)
{
    ck_assert_msg(strstr(probe_snap->probes[0].text, text) == NULL, "%s",
                  probe_snap->probes[0].text);
    for (uint32_t i = 0; i < probe_snap->n_events; i++)
        ck_assert_msg(strstr(probe_snap->event[i].text, text) == NULL, "%s",
                      probe_snap->event[i].text);
}

START_TEST(what_an_error_gives_back_is_not_shown)
{
    auth_reply = "-ERR unknown command 'AUTH', with args beginning with: '" PASSWORD "' \r\n";
    begin(PASSWORD);
    until_state(PROBE_DOWN);
    says("unknown command 'AUTH'.");
    nothing_shows("nobody-may-see");
}
END_TEST

START_TEST(what_an_error_says_otherwise_is_scrubbed)
{
    auth_reply = "-ERR we were sent " PASSWORD " and do not like it\r\n";
    begin(PASSWORD);
    until_state(PROBE_DOWN);
    says("we were sent *");
    nothing_shows("nobody-may-see");
}
END_TEST

START_TEST(servers_of_before_version_6)
{
    auth_reply = "-ERR Client sent AUTH, but no password is set\r\n";
    begin(PASSWORD);
    until_state(PROBE_LIVE);
}
END_TEST

START_TEST(a_wrong_password_before_version_6)
{
    auth_reply = "-ERR invalid password\r\n";
    begin(PASSWORD);
    until_state(PROBE_DENIED);
    says("wants another log-in");
}
END_TEST

/* CONFIG RESETSTAT, before a test: the figures of the others are not nothing until they have
 * outgrown what the probe itself had asked before. */
START_TEST(counters_that_begin_again)
{
    begin(NULL);
    until_infos(40);
    reset = true;
    until_infos(50);
    const struct snap_series *s = series("commands");
    ck_assert_uint_gt(s->count, 0);
    ck_assert_double_gt(s->now, 0);
    ck_assert_double_gt(s->min, 0);
    ck_assert_uint_eq(probe_snap->events, 0); /* it was not started anew */
}
END_TEST

/* Something is wanted of the probe while its server takes its time: that is no failure. */
START_TEST(woken_while_it_waits)
{
    begin(NULL);
    until_infos(2);
    delay_ms = 300;
    for (int i = 0; i < 5; i++) {
        uint64_t deadline = now_ns() + DEADLINE_NS;
        while (!held && now_ns() < deadline)
            poll(NULL, 0, 1);
        ck_assert(held);
        ck_assert(i % 2 == 0 ? watch_ask_detail(watch, 0, NULL)
                             : watch_retry_probe(watch, 0, false, NULL));
        until_infos(infos + 1);
    }
    watch_snapshot(watch, probe_snap);
    ck_assert_uint_eq(probe_snap->probes[0].failed, 0);
    ck_assert_int_eq(told, 0);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("probe/redis");
    TCase *c = tcase_create("redis");
    tcase_set_timeout(c, 60);
    tcase_add_checked_fixture(c, set_up, tear_down);
    tcase_add_test(c, what_an_error_gives_back_is_not_shown);
    tcase_add_test(c, what_an_error_says_otherwise_is_scrubbed);
    tcase_add_test(c, servers_of_before_version_6);
    tcase_add_test(c, a_wrong_password_before_version_6);
    tcase_add_test(c, counters_that_begin_again);
    tcase_add_test(c, woken_while_it_waits);
    suite_add_tcase(s, c);
    return unit_run(s);
}
