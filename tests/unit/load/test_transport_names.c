/* SPDX-License-Identifier: MIT */
/* Names through the transport: servers at three addresses of loopback which this test runs, and
 * a name server that it is. */
#include <arpa/inet.h>
#include <check.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "src/base/now.h"
#include "src/load/message.h"
#include "src/load/resolver.h"
#include "src/profile/url.h"
#include "src/script/reply.h"
#include "tests/unit/load/each_transport.h"

#define SERVERS 3
#define CONNECTIONS 64

/* ----------------------------------------------------------------------- servers */

static int listeners[SERVERS]; /* at 127.0.0.1, 127.0.0.2, 127.0.0.3 */
static uint16_t port;
static pthread_t server;
static int end_pipe[2];

static int listen_at(uint32_t host)
{
    struct sockaddr_in a = {
        .sin_family = AF_INET, .sin_addr.s_addr = htonl(host), .sin_port = htons(port)};
    socklen_t len = sizeof a;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(fd, (struct sockaddr *)&a, len) != 0 || listen(fd, 16) != 0) {
        close(fd);
        return -1;
    }
    getsockname(fd, (struct sockaddr *)&a, &len);
    port = ntohs(a.sin_port);
    return fd;
}

/* "/close" closes the connection behind the reply, whose body is the last byte of the server's
 * address and the Host header. */
static bool answer(int fd)
{
    char in[4096], body[128], reply[512];
    ssize_t n = recv(fd, in, sizeof in - 1, 0);
    if (n <= 0)
        return false;
    in[n] = '\0';
    struct sockaddr_in a;
    socklen_t len = sizeof a;
    getsockname(fd, (struct sockaddr *)&a, &len);
    const char *host = strstr(in, "Host: ");
    snprintf(body, sizeof body, "%u %.*s", ntohl(a.sin_addr.s_addr) & 0xff,
             host != NULL ? (int)strcspn(host + 6, "\r:") : 0, host != NULL ? host + 6 : "");
    bool closes = strncmp(in, "GET /close", 10) == 0;
    int size = snprintf(reply, sizeof reply, "HTTP/1.1 200 OK\r\n%sContent-Length: %zu\r\n\r\n%s",
                        closes ? "Connection: close\r\n" : "", strlen(body), body);
    send(fd, reply, (size_t)size, MSG_NOSIGNAL);
    return !closes;
}

static void *serve(void *arg)
{
    struct pollfd fds[1 + SERVERS + CONNECTIONS] = {{.fd = end_pipe[0], .events = POLLIN}};
    nfds_t n = 1 + SERVERS;
    (void)arg;
    for (int i = 0; i < SERVERS; i++)
        fds[1 + i] = (struct pollfd){.fd = listeners[i], .events = POLLIN};
    while (poll(fds, n, -1) > 0 && fds[0].revents == 0) {
        for (nfds_t i = 1; i < n; i++) {
            if (fds[i].revents == 0)
                continue;
            if (i <= SERVERS) {
                fds[n] = (struct pollfd){.fd = accept(fds[i].fd, NULL, NULL), .events = POLLIN};
                n += n < 1 + SERVERS + CONNECTIONS - 1;
            } else if (!answer(fds[i].fd)) {
                close(fds[i].fd);
                fds[i--] = fds[--n];
            }
        }
    }
    for (nfds_t i = 1; i < n; i++)
        close(fds[i].fd);
    return NULL;
}

/* ------------------------------------------------------------------- name server */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static const char *addresses; /* what every name has; "": there is no such name */
static bool mute;
static _Atomic unsigned asked;

static int look_up(const char *host, struct found *out, void *arg)
{
    char text[256], *rest = text, *one;
    (void)arg;
    asked++;
    pthread_mutex_lock(&lock);
    while (mute && strcmp(host, "mute.test") == 0)
        pthread_cond_wait(&changed, &lock);
    snprintf(text, sizeof text, "%s", addresses);
    pthread_mutex_unlock(&lock);
    while (text[0] != '\0' && (one = strsep(&rest, " ")) != NULL) {
        union address *a = &out->items[out->n++];
        if (inet_pton(AF_INET, one, &a->v4.sin_addr) == 1)
            a->any.sa_family = AF_INET;
        else if (inet_pton(AF_INET6, one, &a->v6.sin6_addr) == 1)
            a->any.sa_family = AF_INET6;
    }
    return out->n > 0 ? 0 : EAI_NONAME;
}

static void names_are(const char *text, bool is_mute)
{
    pthread_mutex_lock(&lock);
    addresses = text;
    mute = is_mute;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

/* ------------------------------------------------------------------------ client */

static struct resolver *resolver;
static struct transport *transport;
static int epoll_fd;
static unsigned n_done;
static struct outcome outcome;
static char body[256], reason[256];

static void on_done(void *tag, const struct outcome *o, void *arg)
{
    (void)tag;
    (void)arg;
    outcome = *o;
    snprintf(body, sizeof body, "%.*s", (int)o->body_len, o->body);
    snprintf(reason, sizeof reason, "%s", o->reason);
    n_done++;
}

static void run_until(unsigned done)
{
    uint64_t end = now_ns() + 20 * NS_PER_S;
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

static struct origin origin;
static char path_asked[64];
static const struct message get = {.method = "GET",
                                   .origin = &origin,
                                   .path = path_asked,
                                   .body_cap = 1 << 20,
                                   .keep = REPLY_BODY};

static void begin(struct channel *ch, const char *host, const char *path)
{
    char text[256];
    snprintf(text, sizeof text, "http://%s:%u", host, port);
    snprintf(path_asked, sizeof path_asked, "%s", path);
    origin_finish(&origin);
    origin_init(&origin, text);
    ops->begin(ch, &get);
}

static void send_and_wait(struct channel *ch, const char *host, const char *path)
{
    unsigned before = n_done;
    begin(ch, host, path);
    ck_assert_uint_eq(n_done, before); /* never from within */
    run_until(before + 1);
}

static struct channel *user(uint32_t number)
{
    struct channel *ch = ops->channel_open(transport, NULL, true, NULL);
    ops->channel_number(ch, number);
    return ch;
}

static void set_rules(uint64_t dns_ttl_ns)
{
    const struct transport_rules rules = {.parallel = 2, .dns_ttl_ns = dns_ttl_ns};
    ops->configure(transport, &rules);
}

static void set_up(void)
{
    struct err e;
    for (unsigned tries = 0; tries < 20; tries++) { /* the port may be taken at one of them */
        port = 0;
        for (uint32_t i = 0; i < SERVERS; i++)
            listeners[i] = listen_at(INADDR_LOOPBACK + i);
        if (listeners[1] >= 0 && listeners[2] >= 0)
            break;
        for (size_t i = 0; i < SERVERS; i++)
            close(listeners[i]);
    }
    ck_assert_int_eq(pipe(end_pipe), 0);
    ck_assert_int_eq(pthread_create(&server, NULL, serve, NULL), 0);
    ck_assert(transports_init(&e));
    names_are("127.0.0.1", false);
    asked = 0;
    epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    const struct resolver_config rc = {.lookup = look_up};
    resolver = resolver_create(&rc);
    const struct transport_config cfg = {
        .epoll_fd = epoll_fd, .resolver = resolver, .done = on_done};
    transport = ops->create(&cfg, &e);
    set_rules(0);
}

static void tear_down(void)
{
    ops->destroy(transport);
    resolver_close(resolver);
    close(epoll_fd);
    close(end_pipe[1]);
    pthread_join(server, NULL);
    close(end_pipe[0]);
}

static struct address_use use_of(const char *address)
{
    struct address_use uses[16];
    size_t n = resolver_uses(resolver, uses, 16);
    for (size_t i = 0; i < n; i++)
        if (strcmp(uses[i].address, address) == 0)
            return uses[i];
    return (struct address_use){.tries = UINT64_MAX};
}

/* ------------------------------------------------------------------------- tests */

START_TEST(a_name_is_looked_up_once)
{
    static const char *const spellings[] = {"api.test", "API.test", "api.test", "api.test."};
    for (unsigned i = 0; i < 8; i++) {
        struct channel *ch = user(i);
        send_and_wait(ch, spellings[i % 4], "/");
        ck_assert_msg(outcome.fail == FAIL_NONE, "%s: %s", spellings[i % 4], reason);
        ck_assert_int_eq(strncasecmp(body, "1 api.test", 10), 0);
        ck_assert(outcome.new_connection);
        send_and_wait(ch, spellings[i % 4], "/");
        ck_assert(!outcome.new_connection);
        ops->channel_close(ch);
    }
    ck_assert_uint_eq(asked, 2); /* that with a dot is another name */
}
END_TEST

START_TEST(an_address_is_not_looked_up)
{
    static const char *const hosts[] = {"127.0.0.1", "127.1", "localhost", "0x7f.1"};
    struct channel *ch = user(0);
    names_are("", false);
    send_and_wait(ch, hosts[_i], "/");
    ck_assert_msg(outcome.fail == FAIL_NONE, "%s", reason);
    ck_assert_uint_eq(asked, 0);
    ops->channel_close(ch);
}
END_TEST

START_TEST(user_i_takes_address_i)
{
    char wanted[32];
    names_are("127.0.0.3 127.0.0.1 127.0.0.2", false);
    for (uint32_t i = 0; i < 9; i++) {
        struct channel *ch = user(i), *sibling = ops->channel_open(transport, ch, true, NULL);
        snprintf(wanted, sizeof wanted, "%u api.test", i % 3 + 1);
        send_and_wait(ch, "api.test", "/close");
        ck_assert_str_eq(body, wanted);
        send_and_wait(ch, "api.test", "/"); /* on a new connection */
        ck_assert(outcome.new_connection);
        ck_assert_str_eq(body, wanted);
        ops->channel_reset(ch);
        send_and_wait(ch, "api.test", "/");
        ck_assert(outcome.new_connection);
        ck_assert_str_eq(body, wanted);
        send_and_wait(sibling, "api.test", "/");
        ck_assert_str_eq(body, wanted);
        ops->channel_close(sibling);
        ops->channel_close(ch);
    }
    ck_assert_uint_ge(use_of("127.0.0.2").connections, 9);
    ck_assert_uint_eq(use_of("127.0.0.2").tries, use_of("127.0.0.2").connections);
    ck_assert_uint_eq(asked, 1);
}
END_TEST

/* Nobody listens at the user's own: it takes the next one, also of the other family. */
START_TEST(an_address_that_refuses_gives_way_to_the_next)
{
    static const struct {
        const char *addresses;
        uint32_t user;
        const char *body;
    } cases[] = {{"127.0.0.2 127.0.0.8 127.0.0.9", 1, "2 api.test"},
                 {"127.0.0.1 127.0.0.2 127.0.0.8", 2, "1 api.test"},
                 {"127.0.0.8 127.0.0.3", 3, "3 api.test"},
                 {"::1 127.0.0.2", 0, "2 api.test"},
                 {"127.0.0.9 ::1 127.0.0.3", 1, "3 api.test"}};
    struct channel *ch = user(cases[_i].user);
    names_are(cases[_i].addresses, false);
    send_and_wait(ch, "api.test", "/");
    ck_assert_msg(outcome.fail == FAIL_NONE, "%s", reason);
    ck_assert_str_eq(body, cases[_i].body);
    ops->channel_close(ch);
}
END_TEST

START_TEST(all_that_refuse_are_told)
{
    static const char *const cases[] = {"127.0.0.7 127.0.0.8 127.0.0.9", "::1 127.0.0.9",
                                        "127.0.0.8 127.0.0.9 ::1", "127.0.0.9"};
    struct channel *ch = user(1);
    names_are(cases[_i], false);
    for (uint64_t n = 1; n <= 3; n++) {
        send_and_wait(ch, "api.test", "/");
        ck_assert_int_eq(outcome.fail, FAIL_REFUSED);
        ck_assert_ptr_nonnull(strstr(reason, "api.test"));
        ck_assert_uint_ge(use_of("127.0.0.9").tries, n);
        ck_assert_uint_eq(use_of("127.0.0.9").connections, 0);
    }
    ops->channel_close(ch);
}
END_TEST

START_TEST(a_name_that_is_not_there_fails_in_words)
{
    struct channel *ch = user(0);
    names_are("", false);
    for (unsigned i = 0; i < 3; i++) {
        send_and_wait(ch, "no.test", "/");
        ck_assert_int_eq(outcome.fail, FAIL_DNS);
        ck_assert_str_eq(reason, "could not resolve host: no.test (Name or service not known)");
        ck_assert_uint_eq(outcome.status, 0);
        ck_assert(!outcome.new_connection);
    }
    ck_assert_uint_eq(asked, 1); /* within a second; it is longer on a very slow machine */
    ops->channel_close(ch);
}
END_TEST

/* Others go on, and who waits can be given up at any time. */
START_TEST(a_mute_name_server_holds_nobody_else)
{
    struct channel *waits[40], *other = user(0);
    struct outcome o;
    names_are("127.0.0.2", true);
    for (uint32_t i = 0; i < 40; i++) {
        waits[i] = user(i);
        begin(waits[i], "mute.test", "/");
    }
    for (unsigned i = 0; i < 20; i++)
        send_and_wait(other, "api.test", "/");
    ck_assert_uint_eq(n_done, 20);
    for (uint32_t i = 0; i < 20; i++) {
        ops->abort(waits[i], &o);
        ck_assert_str_eq(o.reason, "while resolving the name");
        ck_assert_uint_gt(o.dns_us, 0);
        ck_assert_uint_eq(o.status, 0);
        ck_assert_ptr_nonnull(o.headers);
        begin(waits[i], i % 2 == 0 ? "mute.test" : "api.test", "/");
    }
    for (uint32_t i = 30; i < 40; i++)
        ops->channel_close(waits[i]); /* while they wait */
    run_until(30);
    names_are("127.0.0.2", false);
    run_until(50);
    ck_assert_int_eq(outcome.fail, FAIL_NONE);
    ck_assert_str_eq(body, "2 mute.test");
    ck_assert_uint_gt(outcome.dns_us, 0);
    ck_assert_uint_ge(outcome.connect_us, outcome.dns_us);
    ck_assert_uint_ge(outcome.first_byte_us, outcome.connect_us);
    for (uint32_t i = 0; i < 30; i++)
        ops->channel_close(waits[i]);
    ops->channel_close(other);
    ck_assert_uint_eq(asked, 2);
}
END_TEST

/* The phases count from when the request began, not from when its name was known. */
START_TEST(waiting_for_the_name_is_part_of_the_phases)
{
    struct channel *ch = user(0);
    names_are("127.0.0.1", true);
    uint64_t start = now_ns();
    begin(ch, "mute.test", "/");
    while (now_ns() - start < 30 * NS_PER_MS)
        poll(NULL, 0, 1);
    names_are("127.0.0.1", false);
    run_until(1);
    ck_assert_uint_ge(outcome.dns_us, 30000);
    ck_assert_uint_ge(outcome.first_byte_us, outcome.connect_us);
    ck_assert_uint_ge(outcome.connect_us, outcome.dns_us);
    send_and_wait(ch, "mute.test", "/");
    ck_assert_uint_eq(outcome.dns_us, 0);
    ops->channel_close(ch);
}
END_TEST

/* A new answer counts for new connections; one that is open stays, though the name be gone. */
START_TEST(a_name_may_change_or_go)
{
    struct channel *ch = user(0);
    set_rules(1);
    send_and_wait(ch, "api.test", "/");
    ck_assert_str_eq(body, "1 api.test");
    names_are("127.0.0.3", false);
    uint64_t end = now_ns() + 20 * NS_PER_S;
    do { /* the old address is used until the new one is known */
        ck_assert_uint_lt(now_ns(), end);
        send_and_wait(ch, "api.test", "/close");
        ck_assert_int_eq(outcome.fail, FAIL_NONE);
    } while (strcmp(body, "3 api.test") != 0);
    send_and_wait(ch, "api.test", "/");
    names_are("", false);
    unsigned before = asked;
    while (asked < before + 3) { /* the second has begun: what the first one said counts */
        send_and_wait(ch, "api.test", "/");
        ck_assert_msg(outcome.fail == FAIL_NONE, "%s", reason);
        ck_assert(!outcome.new_connection);
        ck_assert_uint_lt(now_ns(), end);
    }
    send_and_wait(ch, "api.test", "/close");
    ck_assert_int_eq(outcome.fail, FAIL_NONE);
    send_and_wait(ch, "api.test", "/");
    ck_assert_int_eq(outcome.fail, FAIL_DNS);
    ck_assert_str_eq(reason, "could not resolve host: api.test (Name or service not known)");
    send_and_wait(ch, "api.test", "/");
    ck_assert_int_eq(outcome.fail, FAIL_DNS);
    ops->channel_close(ch);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("transport_names");
    TCase *t = tcase_create("transport_names");
    tcase_set_timeout(t, 60);
    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_test(t, a_name_is_looked_up_once);
    tcase_add_loop_test(t, an_address_is_not_looked_up, 0, 4);
    tcase_add_test(t, user_i_takes_address_i);
    tcase_add_loop_test(t, an_address_that_refuses_gives_way_to_the_next, 0, 5);
    tcase_add_loop_test(t, all_that_refuse_are_told, 0, 4);
    tcase_add_test(t, a_name_that_is_not_there_fails_in_words);
    tcase_add_test(t, a_mute_name_server_holds_nobody_else);
    tcase_add_test(t, waiting_for_the_name_is_part_of_the_phases);
    tcase_add_test(t, a_name_may_change_or_go);
    suite_add_tcase(s, t);
    return s;
}

int main(void)
{
    return run_each_transport(suite);
}
