/* SPDX-License-Identifier: MIT */
/* The probes' GET against a server of the test's own, on loopback and on a unix socket. */
#include <check.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "src/base/mem.h"
#include "src/base/now.h"
#include "src/probe/http_client.h"
#include "tests/unit/unit.h"

#define DEADLINE_NS (20 * NS_PER_S)

/* ------------------------------------------------------------------ the server */

static int listener = -1;
static pthread_t server;
static char base[64], folder[64], path[108];
static _Atomic int connections, requests, keep; /* keep: replies before a connection is closed */

static void put(int fd, const char *text)
{
    ssize_t n = send(fd, text, strlen(text), MSG_NOSIGNAL);
    (void)n;
}

static void reply(int fd, const char *status, const char *body)
{
    char *text = mem_printf("HTTP/1.1 %s\r\nX-Kind: test \r\nContent-Length: %zu\r\n\r\n%s", status,
                            strlen(body), body);
    put(fd, text);
    free(text);
}

static void until_closed(int fd)
{
    char c[64];
    while (read(fd, c, sizeof c) > 0)
        continue;
}

static void put_chunk(int fd, const char *text)
{
    char *chunk = mem_printf("%zx\r\n%s\r\n", strlen(text), text);
    put(fd, chunk);
    free(chunk);
}

static void big(int fd)
{
    static char block[65536];
    memset(block, 'x', sizeof block);
    put(fd, "HTTP/1.1 200 OK\r\n\r\n");
    for (int i = 0; i < 200; i++)
        if (send(fd, block, sizeof block, MSG_NOSIGNAL) < 0)
            return;
}

/* False: the connection is over. */
static bool serve(int fd, const char *line, const char *request)
{
#define AT(p) (strncmp(line, "GET " p " ", strlen(p) + 5) == 0)
    if (AT("/ok"))
        reply(fd, "200 OK", "hello");
    else if (AT("/404"))
        reply(fd, "404 Not Found", "{\"message\":\"no such thing\"}");
    else if (AT("/redirect"))
        put(fd, "HTTP/1.1 302 Found\r\nLocation: /ok\r\nContent-Length: 0\r\n\r\n");
    else if (AT("/echo"))
        reply(fd, "403 Forbidden", request);
    else if (AT("/mute"))
        until_closed(fd);
    else if (AT("/cut"))
        put(fd, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
    else if (AT("/cuthead"))
        put(fd, "HTTP/1.1 200 OK\r\nContent-Le");
    else if (AT("/big"))
        big(fd);
    else if (AT("/flow") || AT("/falls-silent")) {
        put(fd, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        for (int i = 0; i < 3; i++)
            put_chunk(fd, "line\n");
        if (AT("/falls-silent"))
            until_closed(fd);
        put_chunk(fd, "");
    } else if (AT("/flow-cut")) {
        put(fd, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        put_chunk(fd, "line\n");
    } else
        reply(fd, "500 Error", "");
    return AT("/ok") || AT("/404") || AT("/redirect") || AT("/echo") || AT("/flow");
#undef AT
}

static void *connection(void *arg)
{
    int fd = (int)(intptr_t)arg;
    char in[4096];
    size_t len = 0;
    connections++;
    for (int served = 0; served < keep; served++) {
        char *end = NULL;
        in[len] = '\0';
        while ((end = strstr(in, "\r\n\r\n")) == NULL && len < sizeof in - 1) {
            ssize_t n = read(fd, in + len, sizeof in - 1 - len);
            if (n <= 0)
                goto over;
            len += (size_t)n;
            in[len] = '\0';
        }
        requests++;
        if (end == NULL || !serve(fd, in, in))
            break;
        len = 0;
    }
over:
    shutdown(fd, SHUT_RDWR);
    close(fd);
    return NULL;
}

static void *server_main(void *arg)
{
    (void)arg;
    for (;;) {
        pthread_t t;
        int fd = accept(listener, NULL, NULL);
        if (fd < 0)
            return NULL;
        if (pthread_create(&t, NULL, connection, (void *)(intptr_t)fd) == 0)
            pthread_detach(t);
    }
}

static void begin_server(void)
{
    keep = 1000;
    connections = requests = 0;
    ck_assert_int_eq(listen(listener, 16), 0);
    ck_assert_int_eq(pthread_create(&server, NULL, server_main, NULL), 0);
}

static void begin_tcp(void)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof a;
    listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert_int_eq(bind(listener, (struct sockaddr *)&a, sizeof a), 0);
    ck_assert_int_eq(getsockname(listener, (struct sockaddr *)&a, &len), 0);
    snprintf(base, sizeof base, "http://127.0.0.1:%d", ntohs(a.sin_port));
    begin_server();
}

static void begin_unix(void)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    snprintf(folder, sizeof folder, "/tmp/ramptop-http-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/d.sock", folder);
    memcpy(a.sun_path, path, sizeof a.sun_path);
    listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert_int_eq(bind(listener, (struct sockaddr *)&a, sizeof a), 0);
    snprintf(base, sizeof base, "http://docker");
    begin_server();
}

static void end_server(void)
{
    shutdown(listener, SHUT_RDWR);
    pthread_join(server, NULL);
    close(listener);
    if (folder[0] != '\0') {
        unlink(path);
        rmdir(folder);
        folder[0] = '\0';
    }
}

static struct http_client *opened(const struct http_config *more)
{
    struct http_config cfg = more != NULL ? *more : (struct http_config){.wake_fd = -1};
    cfg.base = base;
    cfg.unix_socket = folder[0] != '\0' ? path : NULL;
    return http_open(&cfg);
}

/* ------------------------------------------------------------------------- GET */

static struct buf body;
static struct http_failure why;

static long get(struct http_client *h, const char *at)
{
    return http_get(h, at, now_ns() + DEADLINE_NS, &body, &why);
}

START_TEST(replies_come_whole)
{
    struct http_client *h = opened(NULL);
    ck_assert_int_eq(get(h, "/ok"), 200);
    ck_assert_str_eq(body.data, "hello");
    ck_assert_str_eq(http_header(h, "x-kind"), "test ");
    ck_assert_ptr_null(http_header(h, "x-kin"));
    ck_assert_int_eq(get(h, "/404"), 404);
    ck_assert_str_eq(body.data, "{\"message\":\"no such thing\"}");
    ck_assert_int_eq(connections, 1);
    http_close(h);
    buf_finish(&body);
}
END_TEST

START_TEST(redirects_are_not_followed)
{
    struct http_client *h = opened(NULL);
    ck_assert_int_eq(get(h, "/redirect"), 302);
    ck_assert_int_eq(requests, 1);
    http_close(h);
    buf_finish(&body);
}
END_TEST

START_TEST(proxies_of_the_environment_are_not_used)
{
    setenv("http_proxy", "http://127.0.0.1:1", 1);
    setenv("ALL_PROXY", "http://127.0.0.1:1", 1);
    struct http_client *h = opened(NULL);
    ck_assert_int_eq(get(h, "/ok"), 200);
    http_close(h);
    buf_finish(&body);
}
END_TEST

START_TEST(a_mute_server_is_given_up_at_the_deadline)
{
    struct http_client *h = opened(NULL);
    uint64_t deadline = now_ns() + 50 * NS_PER_MS;
    ck_assert_int_eq(http_get(h, "/mute", deadline, &body, &why), 0);
    ck_assert(why.timed_out && !why.cut && !why.woken);
    ck_assert(now_ns() >= deadline);
    ck_assert_int_eq(get(h, "/ok"), 200); /* and the next goes well */
    http_close(h);
    buf_finish(&body);
}
END_TEST

START_TEST(what_is_cut_is_no_reply)
{
    struct http_client *h = opened(NULL);
    ck_assert_int_eq(get(h, "/cut"), 0);
    ck_assert(why.cut);
    ck_assert_int_eq(get(h, "/cuthead"), 0);
    ck_assert_msg(why.cut, "%s", why.text);
    http_close(h);
    buf_finish(&body);
}
END_TEST

START_TEST(too_much_is_not_taken)
{
    struct http_client *h = opened(&(struct http_config){.wake_fd = -1, .max_body = 100000});
    ck_assert_int_eq(get(h, "/big"), 0);
    ck_assert(why.too_big);
    ck_assert_uint_le(body.len, 100000);
    http_close(h);
    buf_finish(&body);
}
END_TEST

START_TEST(a_wake_ends_the_waiting)
{
    int fd = eventfd(1, EFD_CLOEXEC);
    struct http_client *h = opened(&(struct http_config){.wake_fd = fd});
    ck_assert_int_eq(get(h, "/mute"), 0);
    ck_assert(why.woken && !why.timed_out);
    http_pump(h, now_ns() + DEADLINE_NS); /* this too */
    http_close(h);
    close(fd);
    buf_finish(&body);
}
END_TEST

START_TEST(a_connection_closed_meanwhile_is_made_anew)
{
    struct http_client *h = opened(NULL);
    keep = 1;
    for (int i = 1; i <= 5; i++) {
        ck_assert_int_eq(get(h, "/ok"), 200);
        ck_assert_int_eq(connections, i);
    }
    http_close(h);
    buf_finish(&body);
}
END_TEST

START_TEST(why_no_connection_is_told)
{
    end_server();
    struct http_client *h = opened(NULL);
    ck_assert_int_eq(get(h, "/ok"), 0);
    ck_assert_int_eq(why.os_errno, ECONNREFUSED);
    http_close(h);
    snprintf(path, sizeof path, "/nonexistent/d.sock");
    h = http_open(&(struct http_config){.base = base, .unix_socket = path, .wake_fd = -1});
    ck_assert_int_eq(get(h, "/ok"), 0);
    ck_assert_int_eq(why.os_errno, ENOENT);
    ck_assert_str_ne(why.text, "");
    http_close(h);
    buf_finish(&body);
    begin_tcp();
}
END_TEST

START_TEST(only_http_is_spoken)
{
    struct http_client *h = http_open(&(struct http_config){.base = "file:///etc", .wake_fd = -1});
    ck_assert_int_eq(get(h, "/passwd"), 0);
    ck_assert_uint_eq(body.len, 0);
    http_close(h);
    buf_finish(&body);
}
END_TEST

static void hold(const char *text, size_t len, const char *wanted, bool there)
{
    ck_assert_msg((memmem(text, len, wanted, strlen(wanted)) != NULL) == there, "%s", text);
}

START_TEST(log_ins_are_sent)
{
    struct secret *s = secret_from("opensesame", 10);
    struct http_client *h =
        opened(&(struct http_config){.wake_fd = -1, .user = "mon", .password = s, .gzip = true});
    ck_assert_int_eq(get(h, "/echo"), 403);
    hold(body.data, body.len, "Authorization: Basic bW9uOm9wZW5zZXNhbWU=\r\n", true);
    hold(body.data, body.len, "gzip", true);
    http_close(h);
    h = opened(&(struct http_config){.wake_fd = -1, .bearer = s});
    ck_assert_int_eq(get(h, "/echo"), 403);
    hold(body.data, body.len, "Authorization: Bearer opensesame\r\n", true);
    http_close(h);
    secret_free(s);
    buf_finish(&body);
}
END_TEST

/* --------------------------------------------------------------------- streams */

static struct {
    struct buf data;
    int ends;
    long status;
    struct http_failure why;
    struct http_stream *end_at_data;
} flow;

static void on_data(void *arg, const char *data, size_t len)
{
    (void)arg;
    buf_add(&flow.data, data, len);
    http_stream_end(flow.end_at_data);
}

static void on_end(void *arg, long status, const struct http_failure *w)
{
    (void)arg;
    flow.ends++;
    flow.status = status;
    flow.why = *w;
}

static const struct http_stream_ops ops = {on_data, on_end};

static void pump_until_end(struct http_client *h, int ends)
{
    uint64_t deadline = now_ns() + DEADLINE_NS;
    while (flow.ends < ends && now_ns() < deadline)
        http_pump(h, now_ns() + 20 * NS_PER_MS);
    ck_assert_int_eq(flow.ends, ends);
}

START_TEST(streams_come_piece_by_piece)
{
    struct http_client *h = opened(NULL);
    memset(&flow, 0, sizeof flow);
    ck_assert_ptr_nonnull(http_stream(h, "/flow", 0, &ops, NULL));
    pump_until_end(h, 1);
    ck_assert_int_eq(flow.status, 200);
    ck_assert_str_eq(flow.data.data, "line\nline\nline\n");
    buf_finish(&flow.data);
    http_close(h);
}
END_TEST

START_TEST(a_stream_that_falls_silent_is_given_up)
{
    struct http_client *h = opened(NULL);
    memset(&flow, 0, sizeof flow);
    http_stream(h, "/falls-silent", 100 * NS_PER_MS, &ops, NULL);
    pump_until_end(h, 1);
    ck_assert_int_eq(flow.status, 0);
    ck_assert(flow.why.timed_out);
    /* all of it, or as much as the server had come to say */
    ck_assert_int_eq(
        strncmp("line\nline\nline\n", flow.data.len > 0 ? flow.data.data : "", flow.data.len), 0);
    /* one that may be silent stays, and ends with the rest */
    http_stream(h, "/falls-silent", 0, &ops, NULL);
    http_pump(h, now_ns() + 150 * NS_PER_MS);
    ck_assert_int_eq(flow.ends, 1);
    buf_finish(&flow.data);
    http_close(h);
    ck_assert_int_eq(flow.ends, 1);
}
END_TEST

START_TEST(a_stream_tells_how_it_ended)
{
    struct http_client *h = opened(NULL);
    memset(&flow, 0, sizeof flow);
    http_stream(h, "/flow-cut", 0, &ops, NULL);
    pump_until_end(h, 1);
    ck_assert_int_eq(flow.status, 0);
    ck_assert(flow.why.cut);
    buf_clear(&flow.data);
    http_stream(h, "/404", 0, &ops, NULL);
    pump_until_end(h, 2);
    ck_assert_int_eq(flow.status, 404);
    ck_assert_str_eq(flow.why.text, "{\"message\":\"no such thing\"}");
    ck_assert_uint_eq(flow.data.len, 0);
    buf_finish(&flow.data);
    http_close(h);
}
END_TEST

START_TEST(a_secret_that_comes_back_is_not_told)
{
    struct secret *s = secret_from("opensesame", 10);
    struct http_client *h = opened(&(struct http_config){.wake_fd = -1, .bearer = s});
    memset(&flow, 0, sizeof flow);
    http_stream(h, "/echo", 0, &ops, NULL);
    pump_until_end(h, 1);
    ck_assert_int_eq(flow.status, 403);
    hold(flow.why.text, strlen(flow.why.text), "GET /echo", true);
    hold(flow.why.text, strlen(flow.why.text), "sesame", false);
    secret_free(s);
    http_close(h);
}
END_TEST

START_TEST(a_stream_may_end_itself)
{
    struct http_client *h = opened(NULL);
    memset(&flow, 0, sizeof flow);
    flow.end_at_data = http_stream(h, "/falls-silent", 0, &ops, NULL);
    uint64_t deadline = now_ns() + DEADLINE_NS;
    while (flow.data.len == 0 && now_ns() < deadline)
        http_pump(h, now_ns() + 20 * NS_PER_MS);
    ck_assert_uint_gt(flow.data.len, 0);
    http_pump(h, now_ns() + 20 * NS_PER_MS);
    ck_assert_int_eq(flow.ends, 0);
    buf_finish(&flow.data);
    http_close(h);
}
END_TEST

static void add_all(Suite *s, const char *name, void (*begin)(void))
{
    TCase *c = tcase_create(name);
    tcase_set_timeout(c, 60);
    tcase_add_checked_fixture(c, begin, end_server);
    tcase_add_test(c, replies_come_whole);
    tcase_add_test(c, redirects_are_not_followed);
    tcase_add_test(c, proxies_of_the_environment_are_not_used);
    tcase_add_test(c, a_mute_server_is_given_up_at_the_deadline);
    tcase_add_test(c, what_is_cut_is_no_reply);
    tcase_add_test(c, too_much_is_not_taken);
    tcase_add_test(c, a_wake_ends_the_waiting);
    tcase_add_test(c, a_connection_closed_meanwhile_is_made_anew);
    tcase_add_test(c, only_http_is_spoken);
    tcase_add_test(c, log_ins_are_sent);
    tcase_add_test(c, streams_come_piece_by_piece);
    tcase_add_test(c, a_stream_that_falls_silent_is_given_up);
    tcase_add_test(c, a_stream_tells_how_it_ended);
    tcase_add_test(c, a_secret_that_comes_back_is_not_told);
    tcase_add_test(c, a_stream_may_end_itself);
    if (begin == begin_tcp)
        tcase_add_test(c, why_no_connection_is_told);
    suite_add_tcase(s, c);
}

int main(void)
{
    Suite *s = suite_create("probe/http");
    add_all(s, "tcp", begin_tcp);
    add_all(s, "unix", begin_unix);
    return unit_run(s);
}
