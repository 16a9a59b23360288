/* SPDX-License-Identifier: MIT */
/* The transport against a server that this test runs in a thread of its own: what is sent
 * arrives, what is to be kept of a reply is kept, cookies belong to a user. */
#include <arpa/inet.h>
#include <check.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "src/base/buf.h"
#include "src/base/mem.h"
#include "src/base/now.h"
#include "src/load/message.h"
#include "src/load/body_reader.h"
#include "src/load/resolver.h"
#include "src/load/transport_rules.h"
#include "src/profile/read.h"
#include "src/profile/url.h"
#include "src/script/reply.h"
#include "tests/unit/load/each_transport.h"

/* -------------------------------------------------------------------- server */

struct served {
    char head[4096];
    uint64_t body_len, body_sum;
};

static int listen_fd;
static uint16_t port;
static struct origin origin; /* of the server */
static pthread_t thread;
static struct served last; /* written before the reply is sent, by one connection at a time */
static pthread_mutex_t last_lock = PTHREAD_MUTEX_INITIALIZER;
static _Atomic unsigned n_connections, n_requests, n_dropped, n_unasked;

static uint64_t sum(uint64_t before, const char *data, size_t len)
{
    for (size_t i = 0; i < len; i++)
        before = before * 1099511628211u + (unsigned char)data[i];
    return before;
}

/* The connection that was accepted last, and whether it is to end between the transport's look at
 * a kept connection and the request that follows. */
static _Atomic int served_fd;
static _Atomic bool ends_now;

/* Client and server take turns.  TSan knows recv for what orders threads, but not this one: each
 * counts here before it speaks and after it has heard. */
static _Atomic unsigned turns;

/* Also the transport's and the server's. */
ssize_t recv(int fd, void *data, size_t len, int flags)
{
    ssize_t n = recvfrom(fd, data, len, flags, NULL, NULL);
    if (!ends_now || flags != (MSG_PEEK | MSG_DONTWAIT) || n >= 0)
        return n;
    struct pollfd p = {.fd = fd, .events = POLLIN};
    ends_now = false;
    shutdown(served_fd, SHUT_RDWR);
    ck_assert_int_eq(poll(&p, 1, 20000), 1); /* the end is here before anything is sent */
    errno = EAGAIN;
    return -1;
}

/* gzip of "hello, hello, hello, hello" */
static const char zipped[] = "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff\xcb\x48\xcd\xc9\xc9\xd7\x51"
                             "\xc8\xc0\xa4\x00\x55\xa3\x82\x77\x1a\x00\x00\x00";

/* As many cookies as a transport takes of one reply (libcurl), each time others. */
static void answer_with_cookies(int fd)
{
    static _Atomic unsigned number;
    struct buf reply = {0};
    buf_text(&reply, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n");
    for (int i = 0; i < 50; i++)
        buf_printf(&reply, "Set-Cookie: n%u=%0200d\r\n", ++number, 7);
    buf_text(&reply, "\r\n");
    ck_assert_int_eq(send(fd, reply.data, reply.len, MSG_NOSIGNAL), (ssize_t)reply.len);
    buf_finish(&reply);
}

static void answer(int fd, const char *head)
{
    char reply[1024];
    const char *at;
    int len;
    if (strncmp(head, "GET /set", 8) == 0)
        len = snprintf(
            reply, sizeof reply,
            "HTTP/1.1 200 OK\r\nSet-Cookie: sid=42; Path=/\r\nContent-Length: 2\r\n\r\nok");
    else if (strncmp(head, "GET /moved", 10) == 0)
        len = snprintf(reply, sizeof reply,
                       "HTTP/1.1 302 Found\r\nSet-Cookie: way=long\r\nLocation: /there\r\n"
                       "Content-Length: 0\r\n\r\n");
    else if ((at = strstr(head, " /goto/")) != NULL)
        len = snprintf(reply, sizeof reply,
                       "HTTP/1.1 %.3s See\r\nLocation: /there\r\nContent-Length: 0\r\n\r\n",
                       at + strlen(" /goto/"));
    else if (strncmp(head, "GET /to-drop", 12) == 0)
        len = snprintf(reply, sizeof reply,
                       "HTTP/1.1 302 Found\r\nLocation: /drop \r\nContent-Length: 0\r\n\r\n");
    else if (strcasestr(head, "\r\nexpect: 100-continue") != NULL)
        len = snprintf(reply, sizeof reply,
                       "HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\n\r\n");
    else if (strncmp(head, "GET /later", 10) == 0)
        len = snprintf(
            reply, sizeof reply,
            "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n");
    else if (strncmp(head, "GET /zipped", 11) == 0) {
        len = snprintf(reply, sizeof reply,
                       "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %zu\r\n\r\n",
                       sizeof zipped - 1);
        memcpy(reply + len, zipped, sizeof zipped - 1);
        len += (int)sizeof zipped - 1;
    } else
        len = snprintf(reply, sizeof reply,
                       "HTTP/1.1 200 OK\r\nX-Seen: yes\r\nContent-Length: 5\r\n\r\nthere");
    ck_assert_int_eq(send(fd, reply, (size_t)len, MSG_NOSIGNAL), len);
}

/* Answers, and closes when its time is over, with what came until then unread. */
static bool keep_1_s(int fd)
{
    static const char reply[] = "HTTP/1.1 200 OK\r\nKeep-Alive: timeout=1\r\n"
                                "Content-Length: 0\r\n\r\n";
    struct pollfd p = {.fd = fd, .events = POLLIN};
    uint64_t end = now_ns() + 1100 * NS_PER_MS;
    send(fd, reply, sizeof reply - 1, MSG_NOSIGNAL);
    poll(&p, 1, 20000); /* never longer: the next request, or the end of the connection */
    while (now_ns() < end)
        usleep(10000);
    return false;
}

/* Reads one request; false at the end of the connection. */
static bool serve_one(int fd)
{
    char in[65536];
    size_t n = 0;
    char *end = NULL;
    while (end == NULL) {
        ssize_t got = recv(fd, in + n, sizeof in - 1 - n, 0);
        if (got <= 0)
            return false;
        n += (size_t)got;
        in[n] = '\0';
        end = strstr(in, "\r\n\r\n");
    }
    size_t head = (size_t)(end + 4 - in);
    const char *length = strcasestr(in, "\r\ncontent-length:");
    uint64_t wanted = length != NULL && length < end ? strtoull(length + 17, NULL, 10) : 0;
    struct served s = {.body_len = n - head, .body_sum = sum(0, end + 4, n - head)};
    snprintf(s.head, sizeof s.head, "%.*s", (int)head, in);
    if (strncmp(in, "POST /refuse", 12) == 0) { /* an answer before the body is read */
        static const char no[] = "HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n"
                                 "Connection: close\r\n\r\n";
        send(fd, no, sizeof no - 1, MSG_NOSIGNAL);
        return false;
    }
    while (s.body_len < wanted) {
        ssize_t got = recv(fd, in, sizeof in, 0);
        if (got <= 0)
            return false;
        s.body_len += (uint64_t)got;
        s.body_sum = sum(s.body_sum, in, (size_t)got);
    }
    turns++;
    pthread_mutex_lock(&last_lock);
    last = s;
    pthread_mutex_unlock(&last_lock);
    turns++;
    n_requests++;
    if (strstr(s.head, " /drop ") != NULL) { /* all that was sent was read, and nothing answered */
        n_dropped++;
        return false;
    }
    if (strstr(s.head, " /reset ") != NULL) {
        struct linger at_once = {.l_onoff = 1, .l_linger = 0};
        n_dropped++;
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
        return false;
    }
    if (strstr(s.head, " /keeps-1-s ") != NULL)
        return keep_1_s(fd);
    if (strncmp(s.head, "GET /cookies", 12) == 0)
        answer_with_cookies(fd);
    else
        answer(fd, s.head);
    if (strncmp(s.head, "GET /unasked", 12) == 0) {
        static const char more[] = "HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n"
                                   "Connection: close\r\n\r\n";
        while (n_unasked == 0) /* until the test has the reply: then nothing is asked for */
            usleep(1000);
        send(fd, more, sizeof more - 1, MSG_NOSIGNAL);
        n_unasked = s.head[12] == '-' ? 0 : 2;
        return s.head[12] != '-';
    }
    return true;
}

static void *serve_connection(void *arg)
{
    int fd = (int)(intptr_t)arg;
    while (serve_one(fd))
        ;
    close(fd);
    return NULL;
}

static void *serve(void *arg)
{
    int fd;
    (void)arg;
    while ((fd = accept(listen_fd, NULL, NULL)) >= 0) {
        pthread_t t;
        n_connections++;
        served_fd = fd;
        pthread_create(&t, NULL, serve_connection, (void *)(intptr_t)fd);
        pthread_detach(t);
    }
    return NULL;
}

/* -------------------------------------------------------------------- client */

#define COOKIES_MAX (512u << 10) /* of all users; none of the other tests comes near it */

static struct transport *transport;
static struct resolver *resolver;
static int epoll_fd;
static unsigned n_done;
static struct outcome outcome;
static struct buf body, headers;
static char reason[256];

static void on_done(void *tag, const struct outcome *o, void *arg)
{
    (void)tag;
    (void)arg;
    turns++;
    outcome = *o;
    buf_clear(&body);
    buf_add(&body, o->body, o->body_len);
    buf_clear(&headers);
    buf_add(&headers, o->headers, o->headers_len);
    snprintf(reason, sizeof reason, "%s", o->reason);
    n_done++;
}

/* Runs the loop until so many requests are done. */
static void run_until(unsigned done)
{
    uint64_t end = now_ns() + 20 * NS_PER_S;
    turns++;
    while (n_done < done) {
        struct epoll_event events[16];
        ck_assert_msg(now_ns() < end, "the request does not end");
        int n = epoll_wait(epoll_fd, events, 16, 5);
        for (int i = 0; i < n; i++)
            ops->on_event(transport, (int)(uint32_t)events[i].data.u64, events[i].events);
        if (ops->deadline(transport) <= now_ns())
            ops->on_time(transport);
    }
}

static void send_and_wait(struct channel *ch, struct message *m, const char *path)
{
    m->origin = &origin;
    m->path = path;
    m->method = m->method != NULL ? m->method : m->has_body ? "POST" : "GET";
    m->body_cap = m->body_cap > 0 ? m->body_cap : 1 << 20;
    unsigned before = n_done;
    ops->begin(ch, m);
    run_until(before + 1);
}

static void set_up(void)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof a;
    struct err e;
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
    resolver = resolver_create(NULL);
    const struct transport_config cfg = {
        .epoll_fd = epoll_fd, .resolver = resolver, .cookies_max = COOKIES_MAX, .done = on_done};
    transport = ops->create(&cfg, &e);
    const struct transport_rules rules = {.parallel = 2};
    ops->configure(transport, &rules);
}

static void tear_down(void)
{
    ops->destroy(transport);
    resolver_close(resolver);
    close(epoll_fd);
    shutdown(listen_fd, SHUT_RDWR);
    pthread_join(thread, NULL);
    close(listen_fd);
    buf_finish(&body);
    buf_finish(&headers);
    origin_finish(&origin);
}

START_TEST(a_streamed_body_arrives_whole)
{
    const struct piece pieces[] = {{.kind = PIECE_BYTES, .len = 5, .data = "begin"},
                                   {.kind = PIECE_PAYLOAD, .len = 3000000, .seed = 9},
                                   {.kind = PIECE_BYTES, .len = 3, .data = "end"}};
    static const char *const methods[] = {"POST", "PUT", "PATCH"};
    struct message m = {.has_body = true,
                        .body = pieces,
                        .n_pieces = 3,
                        .body_len = 3000008,
                        .method = methods[_i]};
    char *payload = mem_array(3000000, 1);
    payload_bytes(9, 0, payload, 3000000);
    uint64_t expected = sum(sum(sum(0, "begin", 5), payload, 3000000), "end", 3);
    struct channel *ch = ops->channel_open(transport, NULL, true, NULL);
    send_and_wait(ch, &m, "/up");
    ck_assert_int_eq(outcome.fail, FAIL_NONE);
    ck_assert_uint_eq(outcome.status, 200);
    ck_assert_uint_eq(last.body_len, 3000008);
    ck_assert_uint_eq(last.body_sum, expected);
    ck_assert_int_eq(strncmp(last.head, methods[_i], strlen(methods[_i])), 0);
    ck_assert_ptr_null(strcasestr(last.head, "\r\nexpect"));
    ck_assert_uint_ge(outcome.bytes_out, 3000008);
    ops->channel_close(ch);
    free(payload);
}
END_TEST

/* What is told to have been sent is what the server received, to the byte. */
START_TEST(bytes_out_are_head_and_body)
{
    static char text[70000];
    static const size_t lens[] = {0, 3, 1000, 65535, 65536, sizeof text};
    memset(text, 'x', sizeof text);
    struct channel *ch = ops->channel_open(transport, NULL, true, NULL);
    for (size_t i = 0; i < sizeof lens / sizeof *lens; i++) {
        struct piece piece = {.kind = PIECE_BYTES, .len = lens[i], .data = text};
        struct message m = {
            .has_body = true, .body = &piece, .n_pieces = 1, .body_len = lens[i], .method = "POST"};
        send_and_wait(ch, &m, "/up");
        ck_assert_int_eq(outcome.fail, FAIL_NONE);
        ck_assert_uint_eq(last.body_len, lens[i]);
        ck_assert_uint_eq(outcome.bytes_out, strlen(last.head) + lens[i]);
    }
    ops->channel_close(ch);
}
END_TEST

START_TEST(a_file_that_gets_shorter_is_our_fault)
{
    char name[] = "/tmp/transport-XXXXXX";
    int fd = mkstemp(name);
    unlink(name);
    ck_assert_int_eq(ftruncate(fd, 1000), 0);
    const struct piece piece = {.kind = PIECE_FILE, .len = 2000, .fd = fd};
    struct message m = {.has_body = true, .body = &piece, .n_pieces = 1, .body_len = 2000};
    struct channel *ch = ops->channel_open(transport, NULL, true, NULL);
    send_and_wait(ch, &m, "/up");
    ck_assert_int_eq(outcome.fail, FAIL_CLIENT_FILE);
    ck_assert_ptr_nonnull(strstr(reason, "shorter"));
    ops->channel_close(ch);
    close(fd);
}
END_TEST

/* The socket's buffers take some megabytes: more than that, so that the reply comes while
 * we still send. */
START_TEST(a_reply_before_the_end_of_the_body_counts)
{
    const struct piece piece = {.kind = PIECE_PAYLOAD, .len = 200 << 20, .seed = 1};
    struct message m = {.has_body = true, .body = &piece, .n_pieces = 1, .body_len = 200 << 20};
    struct channel *ch = ops->channel_open(transport, NULL, true, NULL);
    send_and_wait(ch, &m, "/refuse");
    /* The server closes with our bytes unread, which resets the connection: the reply may
     * be lost with it, as for every client. */
    ck_assert_msg((outcome.fail == FAIL_NONE && outcome.status == 413) ||
                      outcome.fail == FAIL_RESET,
                  "%s: %s", fail_word(outcome.fail), reason);
    ck_assert_uint_lt(outcome.bytes_out, 200 << 20);
    ops->channel_close(ch);
}
END_TEST

/* Sent again on a new connection, be it a POST, and again, the target would see more requests than
 * we count, and we less failures than there were. */
START_TEST(a_request_is_sent_once)
{
    struct message get = {.method = "GET"};
    struct message post = {.method = "POST", .has_body = true};
    struct channel *ch = ops->channel_open(transport, NULL, true, NULL);
    n_dropped = 0;
    for (unsigned i = 0; i < 14; i++) {
        send_and_wait(ch, &get, "/there"); /* the connection is kept open */
        ck_assert_int_eq(outcome.fail, FAIL_NONE);
        send_and_wait(ch, i % 2 == 0 ? &get : &post, "/drop");
        ck_assert_msg(outcome.fail == FAIL_EMPTY_REPLY, "%s: %s", fail_word(outcome.fail), reason);
        ck_assert_uint_eq(outcome.status, 0);
        ck_assert(!outcome.new_connection);
        ck_assert_uint_eq(n_dropped, i + 1);
    }
    send_and_wait(ch, &get, "/there");
    ck_assert_int_eq(outcome.fail, FAIL_NONE);
    ck_assert(outcome.new_connection);
    ops->channel_close(ch);
}
END_TEST

/* On another one that is idle, too: no socket is opened for it then. */
START_TEST(a_request_is_sent_once_beside_others)
{
    struct message m = {.method = "GET", .origin = &origin, .path = "/there", .body_cap = 1000},
                   drop = {.method = "POST"};
    struct channel *a = ops->channel_open(transport, NULL, true, NULL),
                   *b = ops->channel_open(transport, a, true, NULL);
    n_dropped = 0;
    for (unsigned i = 0; i < 14; i++) {
        unsigned before = n_done;
        ops->begin(a, &m);
        ops->begin(b, &m);
        run_until(before + 2); /* two connections are kept */
        ck_assert_int_eq(outcome.fail, FAIL_NONE);
        send_and_wait(i % 2 == 0 ? a : b, &drop, "/drop");
        ck_assert_msg(outcome.fail == FAIL_EMPTY_REPLY, "%s: %s", fail_word(outcome.fail), reason);
        ck_assert_uint_eq(n_dropped, i + 1);
    }
    ops->channel_close(a);
    ops->channel_close(b);
}
END_TEST

/* The target ends a kept connection, and what was sent meets its end: no program there can have
 * read it, be it a POST. */
START_TEST(a_request_that_meets_the_end_is_sent_again)
{
    const struct piece piece = {.kind = PIECE_BYTES, .len = 3, .data = "a=b"};
    struct message there = {.method = "GET"};
    struct message m[] = {{.method = "GET"},
                          {.method = "HEAD"},
                          {.method = "POST", .has_body = true},
                          {.has_body = true, .body = &piece, .n_pieces = 1, .body_len = 3}};
    struct channel *ch = ops->channel_open(transport, NULL, true, NULL);
    n_requests = 0;
    for (unsigned i = 0; i < 12; i++) {
        send_and_wait(ch, &there, "/there");
        ck_assert(outcome.fail == FAIL_NONE && !outcome.sent_again);
        ends_now = true;
        send_and_wait(ch, &m[i % 4], i % 4 == 1 ? "/set" : "/there");
        ck_assert(!ends_now);
        ck_assert_msg(outcome.fail == FAIL_NONE, "%u %s: %s", i, fail_word(outcome.fail), reason);
        ck_assert(outcome.sent_again && outcome.new_connection);
        ck_assert_uint_eq(n_requests, 2 * i + 2);
        if (i % 4 == 3)
            ck_assert_uint_eq(last.body_len, 3);
        ops->channel_reset(ch); /* the body behind the reply to a HEAD */
    }
    ops->channel_close(ch);
}
END_TEST

/* Where the new connection ends without a reply as well, that is how it ends. */
START_TEST(a_request_is_sent_again_once)
{
    struct message there = {.method = "GET"}, m = {.method = "POST", .has_body = true};
    struct channel *ch = ops->channel_open(transport, NULL, true, NULL);
    n_dropped = 0;
    for (unsigned i = 0; i < 7; i++) {
        send_and_wait(ch, &there, "/there");
        ends_now = true;
        send_and_wait(ch, &m, "/drop");
        ck_assert_msg(outcome.fail == FAIL_EMPTY_REPLY, "%s: %s", fail_word(outcome.fail), reason);
        ck_assert(outcome.sent_again && outcome.new_connection);
        ck_assert_uint_eq(n_dropped, i + 1);
    }
    ops->channel_close(ch);
}
END_TEST

/* By a program that had read it: nothing tells that from one that had not. */
START_TEST(a_reset_is_one_and_nothing_is_sent_again)
{
    struct message get = {.method = "GET"}, post = {.method = "POST", .has_body = true};
    struct channel *ch = ops->channel_open(transport, NULL, true, NULL);
    n_dropped = 0;
    for (unsigned i = 0; i < 14; i++) {
        send_and_wait(ch, &get, "/there");
        ck_assert_int_eq(outcome.fail, FAIL_NONE);
        send_and_wait(ch, i % 2 == 0 ? &get : &post, "/reset");
        ck_assert_msg(outcome.fail == FAIL_RESET, "%s: %s", fail_word(outcome.fail), reason);
        ck_assert_ptr_nonnull(strstr(reason, "reset"));
        ck_assert(!outcome.sent_again && !outcome.new_connection);
        ck_assert_uint_eq(n_dropped, i + 1);
    }
    ops->channel_close(ch);
}
END_TEST

/* Reset when the target's time for idle connections was over, with the request unread: a GET goes
 * out once more, a POST does not. */
START_TEST(a_reset_for_idleness_fails_no_get)
{
    struct message get = {.method = "GET"}, post = {.method = "POST", .has_body = true};
    struct message *m = _i == 0 ? &get : &post;
    struct channel *ch = ops->channel_open(transport, NULL, true, NULL);
    unsigned tries = 0;
    do { /* on a machine that is so busy, the connection was idle for too long to be used */
        send_and_wait(ch, &get, "/keeps-1-s");
        ck_assert_int_eq(outcome.fail, FAIL_NONE);
        usleep(150000);
        n_requests = 0;
        send_and_wait(ch, m, "/there");
    } while (outcome.fail == FAIL_NONE && !outcome.sent_again && ++tries < 10);
    ck_assert_msg(outcome.fail == (_i == 0 ? FAIL_NONE : FAIL_RESET), "%s: %s",
                  fail_word(outcome.fail), reason);
    ck_assert(outcome.sent_again == (_i == 0));
    ck_assert_uint_eq(n_requests, _i == 0 ? 1 : 0);
    ops->channel_close(ch);
}
END_TEST

START_TEST(a_redirect_is_followed_once)
{
    struct message m = {.method = "GET", .max_redirects = 5};
    struct channel *ch = ops->channel_open(transport, NULL, true, NULL);
    n_dropped = 0;
    for (unsigned i = 0; i < 7; i++) {
        send_and_wait(ch, &m, "/to-drop");
        ck_assert_msg(outcome.fail == FAIL_EMPTY_REPLY, "%s: %s", fail_word(outcome.fail), reason);
        ck_assert_uint_eq(n_dropped, i + 1);
    }
    ops->channel_close(ch);
}
END_TEST

/* It is not asked for again without the header. */
START_TEST(what_is_not_expected_is_the_reply)
{
    static const struct message_header expect = {"Expect", "100-continue"};
    const struct piece piece = {.kind = PIECE_BYTES, .len = 3, .data = "a=b"};
    struct message m = {.has_body = true,
                        .body = &piece,
                        .n_pieces = 1,
                        .body_len = 3,
                        .headers = &expect,
                        .n_headers = 1};
    struct channel *ch = ops->channel_open(transport, NULL, true, NULL);
    n_requests = 0;
    send_and_wait(ch, &m, "/there");
    ck_assert_msg(outcome.fail == FAIL_NONE, "%s: %s", fail_word(outcome.fail), reason);
    ck_assert_uint_eq(outcome.status, 417);
    ck_assert_uint_le(n_requests, 1); /* its body may not have come */
    ops->channel_close(ch);
}
END_TEST

/* A balancer's 408 on an idle connection, which is then closed or not. */
START_TEST(what_is_said_on_an_idle_connection_is_no_reply)
{
    struct message m = {.method = "GET"};
    struct channel *ch = ops->channel_open(transport, NULL, true, NULL);
    for (unsigned i = 0; i < 6; i++) {
        n_unasked = 0;
        send_and_wait(ch, &m, i % 2 == 0 ? "/unasked" : "/unasked-and-closed");
        ck_assert_uint_eq(outcome.status, 200);
        ck_assert(i == 0 || outcome.new_connection);
        n_unasked = 1;
        while (n_unasked == 1)
            usleep(1000);
    }
    send_and_wait(ch, &m, "/there");
    ck_assert_int_eq(outcome.fail, FAIL_NONE);
    ck_assert_uint_eq(outcome.status, 200);
    ck_assert(outcome.new_connection);
    send_and_wait(ch, &m, "/there");
    ck_assert(!outcome.new_connection);
    ops->channel_close(ch);
}
END_TEST

/* Nearly always: a reply may be read by the very call that sent its request. */
START_TEST(a_reply_comes_with_the_event_of_its_socket)
{
    struct message m = {.method = "GET"};
    struct channel *ch = ops->channel_open(transport, NULL, true, NULL);
    unsigned by_event = 0;
    for (unsigned i = 0; i < 50; i++) {
        send_and_wait(ch, &m, "/there");
        ck_assert_int_eq(outcome.fail, FAIL_NONE);
        by_event += outcome.by_event;
    }
    ck_assert_uint_gt(by_event, 0);
    ops->channel_close(ch);
}
END_TEST

START_TEST(gzip_is_asked_for_and_decoded)
{
    struct message m = {.gzip = true, .keep = REPLY_BODY};
    struct channel *ch = ops->channel_open(transport, NULL, true, NULL);
    send_and_wait(ch, &m, "/zipped");
    ck_assert_int_eq(outcome.fail, FAIL_NONE);
    ck_assert_ptr_nonnull(strstr(last.head, "Accept-Encoding: gzip, deflate\r\n"));
    ck_assert_str_eq(body.data, "hello, hello, hello, hello");
    ck_assert_uint_eq(outcome.body_bytes, 26);
    m = (struct message){.keep = REPLY_BODY};
    send_and_wait(ch, &m, "/plain");
    ck_assert_ptr_null(strcasestr(last.head, "accept-encoding"));
    ck_assert_str_eq(body.data, "there");
    ops->channel_close(ch);
}
END_TEST

START_TEST(headers_of_all_replies_are_kept)
{
    struct message m = {.keep = REPLY_HEADERS, .max_redirects = 3};
    struct channel *ch = ops->channel_open(transport, NULL, true, NULL);
    size_t len;
    send_and_wait(ch, &m, "/moved");
    ck_assert_uint_eq(outcome.status, 200);
    struct reply r = {.headers = headers.data, .headers_len = headers.len};
    const char *seen = reply_header(&r, "x-seen", 0, &len);
    ck_assert(seen != NULL && len == 3 && memcmp(seen, "yes", 3) == 0);
    ck_assert_ptr_null(reply_header(&r, "Location", 0, &len)); /* of the reply before */
    const char *cookie = reply_cookie(&r, "way", &len);
    ck_assert(cookie != NULL && len == 4 && memcmp(cookie, "long", 4) == 0);
    ops->channel_close(ch);
}
END_TEST

/* Twice each: what was changed for a redirect does not stay. */
START_TEST(a_redirect_takes_the_method_along_as_in_a_browser)
{
    static const struct {
        const char *method, *path, *then;
        uint64_t body_len;
    } cases[] = {
        {"PUT", "/goto/303", "GET /there ", 0},       {"DELETE", "/goto/303", "GET /there ", 0},
        {"POST", "/goto/303", "GET /there ", 0},      {"POST", "/goto/302", "GET /there ", 0},
        {"PUT", "/goto/302", "PUT /there ", 3},       {"PATCH", "/goto/301", "PATCH /there ", 3},
        {"DELETE", "/goto/302", "DELETE /there ", 0}, {"POST", "/goto/307", "POST /there ", 3},
        {"PUT", "/goto/308", "PUT /there ", 3}};
    const struct piece piece = {.kind = PIECE_BYTES, .len = 3, .data = "a=b"};
    struct message m = {.max_redirects = 2, .fixed = true, .method = cases[_i / 2].method};
    if (strcmp(m.method, "DELETE") != 0) {
        m.has_body = true;
        m.body = &piece;
        m.n_pieces = 1;
        m.body_len = 3;
    }
    struct message plain = m;
    plain.max_redirects = 0;
    struct channel *ch = ops->channel_open(transport, NULL, true, NULL);
    for (unsigned i = 0; i < 2; i++) {
        send_and_wait(ch, &m, cases[_i / 2].path);
        ck_assert_uint_eq(outcome.status, 200);
        ck_assert_msg(strncmp(last.head, cases[_i / 2].then, strlen(cases[_i / 2].then)) == 0, "%s",
                      last.head);
        ck_assert_uint_eq(last.body_len, cases[_i / 2].body_len);
        if (_i % 2 == 0)
            continue;
        send_and_wait(ch, &plain, "/x");
        ck_assert_int_eq(strncmp(last.head, m.method, strlen(m.method)), 0);
        ck_assert_uint_eq(last.body_len, m.body_len);
    }
    ops->channel_close(ch);
}
END_TEST

/* No setting of a profile allows more, so none is to be looked for. */
START_TEST(a_body_that_is_too_large_says_how_much_is_not)
{
    struct message m = {.method = "GET", .body_cap = 3};
    struct channel *ch = ops->channel_open(transport, NULL, true, NULL);
    send_and_wait(ch, &m, "/there");
    ck_assert_int_eq(outcome.fail, FAIL_BODY_TOO_BIG);
    ck_assert_ptr_nonnull(strstr(reason, "64 MiB"));
    ops->channel_close(ch);
}
END_TEST

START_TEST(an_encoded_path_stays_as_it_is_written)
{
    static const char *const paths[] = {"/a%2Fb?c=%3D", "/x%2Fb?c=%3D", "/x%2Fb?c=%AF", "/x%2fb"};
    struct message m = {.method = "GET"};
    struct channel *ch = ops->channel_open(transport, NULL, true, NULL);
    for (size_t i = 0; i < 4; i++) {
        send_and_wait(ch, &m, paths[i]);
        ck_assert_msg(strncmp(last.head + 4, paths[i], strlen(paths[i])) == 0, "%s", last.head);
    }
    ops->channel_close(ch);
}
END_TEST

START_TEST(retry_after_is_told)
{
    struct message m = {0};
    struct channel *ch = ops->channel_open(transport, NULL, true, NULL);
    send_and_wait(ch, &m, "/later");
    ck_assert_uint_eq(outcome.status, 429);
    ck_assert_uint_eq(outcome.retry_after_s, 7);
    send_and_wait(ch, &m, "/");
    ck_assert_uint_eq(outcome.retry_after_s, UINT32_MAX);
    ops->channel_close(ch);
}
END_TEST

START_TEST(siblings_share_cookies_and_nobody_else_does)
{
    struct message m = {0}, with_own = {.cookies = "own=1"};
    struct channel *a = ops->channel_open(transport, NULL, true, NULL),
                   *b = ops->channel_open(transport, a, true, NULL),
                   *stranger = ops->channel_open(transport, NULL, true, NULL),
                   *without = ops->channel_open(transport, NULL, false, NULL);
    send_and_wait(a, &m, "/set");
    send_and_wait(b, &m, "/");
    ck_assert_ptr_nonnull(strstr(last.head, "Cookie: sid=42\r\n"));
    send_and_wait(b, &with_own, "/");
    ck_assert_ptr_nonnull(strstr(last.head, "Cookie: sid=42; own=1\r\n"));
    send_and_wait(b, &m, "/");
    ck_assert_ptr_null(strstr(last.head, "own=1"));
    send_and_wait(stranger, &m, "/");
    ck_assert_ptr_null(strstr(last.head, "Cookie:"));
    send_and_wait(without, &m, "/set");
    send_and_wait(without, &m, "/");
    ck_assert_ptr_null(strstr(last.head, "Cookie:"));
    ops->channel_reset(b);
    send_and_wait(a, &m, "/");
    ck_assert_ptr_null(strstr(last.head, "Cookie:"));
    ck_assert(outcome.new_connection); /* the old ones are gone with the cookies */
    ops->channel_close(a);
    send_and_wait(b, &m, "/set"); /* the first to come need not be the last to go */
    send_and_wait(b, &m, "/");
    ck_assert_ptr_nonnull(strstr(last.head, "Cookie: sid=42\r\n"));
    ops->channel_close(b);
    ops->channel_close(stranger);
    ops->channel_close(without);
}
END_TEST

START_TEST(requests_of_one_user_at_once)
{
    struct message m = {
        .method = "GET", .origin = &origin, .path = "/", .fixed = true, .body_cap = 1000};
    struct channel *a = ops->channel_open(transport, NULL, true, NULL),
                   *b = ops->channel_open(transport, a, true, NULL);
    for (unsigned round = 1; round <= 20; round++) {
        ops->begin(a, &m);
        ops->begin(b, &m);
        run_until(round * 2);
        ck_assert_int_eq(outcome.fail, FAIL_NONE);
    }
    ck_assert_uint_eq(n_connections, 2); /* each keeps its own */
    ops->channel_close(a);
    ops->channel_close(b);
}
END_TEST

START_TEST(from_one_message_to_another)
{
    const struct piece piece = {.kind = PIECE_BYTES, .len = 3, .data = "a=b"};
    static const struct message_header given[] = {{"X-A", "1"},
                                                  {"X-B", ""},
                                                  {"X-C", " "},
                                                  {"Accept", NULL},
                                                  {"X-A", "2"}},
                                       own_type = {"Content-Type", "x/y"};
    struct message get = {.method = "GET"}, head = {.method = "HEAD"}, del = {.method = "DELETE"},
                   put = {.method = "PUT",
                          .has_body = true,
                          .body = &piece,
                          .n_pieces = 1,
                          .body_len = 3,
                          .headers = given,
                          .n_headers = 5},
                   post = {.method = "POST"};
    struct channel *ch = ops->channel_open(transport, NULL, true, NULL);
    send_and_wait(ch, &put, "/a?b=c");
    ck_assert_int_eq(strncmp(last.head, "PUT /a?b=c HTTP/1.1\r\n", 21), 0);
    ck_assert_ptr_nonnull(strstr(last.head, "\r\nX-A: 1\r\nX-B:\r\nX-C:\r\nX-A: 2\r\n"));
    ck_assert_ptr_null(strstr(last.head, "Accept"));
    ck_assert_uint_eq(last.body_len, 3);
    send_and_wait(ch, &get, "/x");
    ck_assert_int_eq(strncmp(last.head, "GET /x HTTP/1.1\r\n", 17), 0);
    ck_assert_ptr_null(strstr(last.head, "X-A"));
    ck_assert_ptr_nonnull(strstr(last.head, "\r\nAccept: */*\r\n"));
    ck_assert_uint_eq(last.body_len, 0);
    send_and_wait(ch, &del, "/y/../z?q");
    ck_assert_int_eq(strncmp(last.head, "DELETE /z?q HTTP/1.1\r\n", 22), 0);
    send_and_wait(ch, &post, "/z");
    ck_assert_int_eq(strncmp(last.head, "POST /z HTTP/1.1\r\n", 18), 0);
    ck_assert_ptr_nonnull(strstr(last.head, "Content-Length: 0\r\n"));
    ck_assert_ptr_null(strcasestr(last.head, "\r\nContent-Type:")); /* of what? */
    post.headers = &own_type;
    post.n_headers = 1;
    send_and_wait(ch, &post, "/z");
    ck_assert_ptr_nonnull(strstr(last.head, "\r\nContent-Type: x/y\r\n"));
    send_and_wait(ch, &put, "/a");
    ck_assert_uint_eq(last.body_len, 3);
    (void)head; /* this server would send it a body */
    ops->channel_close(ch);
}
END_TEST

/* A profile that is over takes its texts along. */
START_TEST(nothing_of_an_earlier_message_is_needed)
{
    struct channel *ch = ops->channel_open(transport, NULL, true, NULL);
    for (int i = 0; i < 3; i++) {
        char *method = mem_strdup("OPTIONS");
        struct message m = {.method = method, .fixed = true};
        const struct transport_rules rules = {.insecure = i > 0};
        ops->configure(transport, &rules);
        send_and_wait(ch, &m, "/there");
        ck_assert_int_eq(strncmp(last.head, "OPTIONS ", 8), 0);
        free(method);
    }
    ops->channel_close(ch);
}
END_TEST

/* A captured value may make a URL longer than a transport takes (libcurl: 8 MB). */
START_TEST(an_impossible_url_is_not_the_one_before)
{
    struct message m = {.method = "GET", .body_cap = 1 << 20};
    struct channel *ch = ops->channel_open(transport, NULL, true, NULL);
    send_and_wait(ch, &m, "/there");
    ck_assert_int_eq(outcome.fail, FAIL_NONE);
    char *path = mem_printf("/%09000000d", 1);
    m.path = path;
    unsigned before = n_done;
    ops->begin(ch, &m);
    run_until(before + 1);
    ck_assert_int_eq(outcome.fail, FAIL_CLIENT_REQUEST);
    ck_assert_ptr_nonnull(strstr(reason, "URL"));
    send_and_wait(ch, &m, "/there");
    ck_assert_int_eq(outcome.fail, FAIL_NONE);
    ops->channel_close(ch);
    free(path);
}
END_TEST

static void add_cookie_cost(const char *text, size_t len, void *arg)
{
    (void)text;
    *(size_t *)arg += len + 256; /* its name and its host count, too */
}

static size_t cookies_of(struct channel *ch)
{
    size_t bytes = 0;
    ops->channel_cookies(ch, add_cookie_cost, &bytes);
    return bytes;
}

/* A target that sets cookies without end: all users together are bounded, each keeps some, and when
 * others have gone it may have more again. */
START_TEST(cookies_of_all_users_are_bounded)
{
    enum { USERS = 24, FEW = 3, ROUNDS = 8 };
    struct channel *users[USERS];
    struct message m = {0};
    for (size_t i = 0; i < USERS; i++)
        users[i] = ops->channel_open(transport, NULL, true, NULL);
    for (int round = 0; round < ROUNDS; round++)
        for (size_t i = 0; i < USERS; i++)
            send_and_wait(users[i], &m, "/cookies");
    size_t all = 0;
    for (size_t i = 0; i < USERS; i++) {
        size_t bytes = cookies_of(users[i]);
        ck_assert_uint_gt(bytes, 0);
        all += bytes;
    }
    ck_assert_uint_le(all, COOKIES_MAX / 8 * 9); /* what the newest reply brings comes on top */
    for (size_t i = FEW; i < USERS; i++)
        ops->channel_close(users[i]);
    for (int round = 0; round < ROUNDS; round++)
        for (size_t i = 0; i < FEW; i++)
            send_and_wait(users[i], &m, "/cookies");
    for (size_t i = 0; i < FEW; i++) {
        ck_assert_uint_gt(cookies_of(users[i]), COOKIES_MAX / USERS); /* its share before */
        ck_assert_uint_le(cookies_of(users[i]), TRANSPORT_COOKIES_MAX);
        ops->channel_close(users[i]);
    }
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("transport");
    TCase *tc = tcase_create("transport");
    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, a_streamed_body_arrives_whole, 0, 3);
    tcase_add_test(tc, bytes_out_are_head_and_body);
    tcase_add_test(tc, a_file_that_gets_shorter_is_our_fault);
    tcase_add_test(tc, a_reply_before_the_end_of_the_body_counts);
    tcase_add_test(tc, a_request_is_sent_once);
    tcase_add_test(tc, a_request_is_sent_once_beside_others);
    tcase_add_test(tc, a_request_that_meets_the_end_is_sent_again);
    tcase_add_test(tc, a_request_is_sent_again_once);
    tcase_add_test(tc, a_reset_is_one_and_nothing_is_sent_again);
    tcase_add_loop_test(tc, a_reset_for_idleness_fails_no_get, 0, 2);
    tcase_add_test(tc, what_is_not_expected_is_the_reply);
    tcase_add_test(tc, what_is_said_on_an_idle_connection_is_no_reply);
    tcase_add_test(tc, a_reply_comes_with_the_event_of_its_socket);
    tcase_add_test(tc, an_encoded_path_stays_as_it_is_written);
    tcase_add_test(tc, a_body_that_is_too_large_says_how_much_is_not);
    tcase_add_test(tc, retry_after_is_told);
    tcase_add_test(tc, requests_of_one_user_at_once);
    tcase_add_test(tc, from_one_message_to_another);
    tcase_add_test(tc, nothing_of_an_earlier_message_is_needed);
    tcase_add_test(tc, an_impossible_url_is_not_the_one_before);
    if (transport_can(TRANSPORT_GZIP))
        tcase_add_test(tc, gzip_is_asked_for_and_decoded);
    if (transport_can(TRANSPORT_REDIRECTS)) {
        tcase_add_test(tc, a_redirect_is_followed_once);
        tcase_add_test(tc, headers_of_all_replies_are_kept);
        tcase_add_loop_test(tc, a_redirect_takes_the_method_along_as_in_a_browser, 0, 18);
    }
    if (transport_can(TRANSPORT_COOKIES)) {
        tcase_add_test(tc, siblings_share_cookies_and_nobody_else_does);
        tcase_add_test(tc, cookies_of_all_users_are_bounded);
    }
    suite_add_tcase(s, tc);
    return s;
}

/* ------------------------------------------------------------------------- table */

START_TEST(whoever_is_picked_can_do_it)
{
    for (unsigned need = 0; need <= TRANSPORT_GZIP; need = need > 0 ? need * 2 : 1) {
        const struct transport_rules rules = {.needs = need};
        struct err e = {{0}}, why;
        const struct transport_ops *picked = transport_pick(&rules, &e);
        if (picked != NULL)
            ck_assert(picked->supports(&rules, &why));
        else
            ck_assert_str_ne(e.text, "");
    }
    const struct transport_rules none = {.needs = 0};
    ck_assert_ptr_eq(transport_pick(&none, NULL), transports[0]);
}
END_TEST

#define CLASS(task) "user_classes = ( { name = \"u\"; tasks = ( { " task " } ); } );"
#define GET(path) "{ request = \"GET " path "\"; }"

static const struct {
    const char *profile;
    unsigned needs, parallel;
} asked[] = {
    {"target = \"http://h\"; " CLASS("request = \"GET /\";"), TRANSPORT_COOKIES, 1},
    {"target = \"http://h\"; cookies = false; " CLASS("request = \"GET https://other/\";"),
     TRANSPORT_TLS, 1},
    {"target = \"http://h\"; cookies = false; http2 = true; gzip = true; " CLASS(
         "request = \"GET /\";"),
     TRANSPORT_HTTP2_PLAIN | TRANSPORT_GZIP, 1},
    {"target = \"https://h\"; cookies = false; http2 = true; follow = true; " CLASS(
         "steps = ( { parallel = ( " GET("/a") ", " GET("/b") ", " GET("/c") " ); } );"),
     TRANSPORT_TLS | TRANSPORT_HTTP2 | TRANSPORT_REDIRECTS, 3},
};

START_TEST(the_rules_are_what_the_profile_asks_for)
{
    struct problems problems = {0};
    struct profile *p =
        profile_parse("p.cfg", asked[_i].profile, strlen(asked[_i].profile), NULL, &problems);
    ck_assert_msg(p != NULL, "%s", problems.n > 0 ? problems.lines[0] : "");
    const struct transport_rules rules = transport_rules_of(p);
    ck_assert_uint_eq(rules.needs, asked[_i].needs);
    ck_assert_uint_eq(rules.parallel, asked[_i].parallel);
    profile_unref(p);
}
END_TEST

static Suite *table_suite(void)
{
    Suite *s = suite_create("transports");
    TCase *tc = tcase_create("transports");
    tcase_add_test(tc, whoever_is_picked_can_do_it);
    tcase_add_loop_test(tc, the_rules_are_what_the_profile_asks_for, 0,
                        sizeof asked / sizeof *asked);
    suite_add_tcase(s, tc);
    return s;
}

int main(void)
{
    if (unit_run(table_suite()) != EXIT_SUCCESS)
        return EXIT_FAILURE;
    return run_each_transport(suite);
}
