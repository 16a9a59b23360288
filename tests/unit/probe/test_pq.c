/* SPDX-License-Identifier: MIT */
/* libpq's user, without a server: nonsense, nobody, somebody who says nothing, somebody who
 * talks nonsense, and no secret in any text. */
#include <arpa/inet.h>
#include <check.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/base/now.h"
#include "src/probe/postgres/pg_words.h"
#include "src/probe/postgres/pq.h"
#include "tests/unit/unit.h"

/* The watch's side of a probe, as far as pq.c asks for it. */
static int wake_fd = -1;
static bool stopping;

int probe_wake_fd(const struct probe *p)
{
    (void)p;
    return wake_fd;
}

bool probe_stopping(const struct probe *p)
{
    (void)p;
    return __atomic_load_n(&stopping, __ATOMIC_RELAXED);
}

/* Nobody else gets that port, and without listen() all are refused there. */
static int bound_socket(uint16_t *port)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof a;
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&a, sizeof a), 0);
    ck_assert(getsockname(fd, (struct sockaddr *)&a, &len) == 0);
    *port = ntohs(a.sin_port);
    return fd;
}

static int listener(uint16_t *port)
{
    int fd = bound_socket(port);
    ck_assert_int_eq(listen(fd, 4), 0);
    return fd;
}

static struct pq_failure attempt(const char *conninfo, const struct secret *password,
                                 uint64_t allowed_ns, char *said, size_t size)
{
    struct pq_failure f;
    struct err e = {0};
    struct pq *q =
        pq_new(&(struct pq_config){.conninfo = conninfo, .password = password, .guarded = true});
    ck_assert(!pq_connect(q, now_ns() + allowed_ns, &f));
    ck_assert(!pq_connected(q) && f.connecting);
    pg_words_failure(&f, pq_place(q), &e);
    snprintf(said, size, "%s", e.text);
    ck_assert(pq_query(q, "SELECT 1", NULL, 0, now_ns() + NS_PER_S, &(struct pq_failure){0}) ==
              NULL);
    pq_free(q);
    return f;
}

static const char *const nonsense[] = {
    "postgresql://mon:p%zzw0rd@127.0.0.1/shop",
    "postgresql://mon:hush@p%zzw0rd@127.0.0.1/shop",
    "postgresql://mon:hush@w0rd@127.0.0.1:1/shop",
    "password=hush w0rd host=127.0.0.1",
    "passfile=/x password='hush w0rd host=127.0.0.1",
    "user=mon hush",
};

START_TEST(nonsense_is_told_without_quoting_a_password)
{
    char said[ERR_TEXT_MAX];
    struct pq_failure f = attempt(nonsense[_i], NULL, NS_PER_S, said, sizeof said);
    ck_assert_int_eq(f.why, WHY_CONNINFO);
    ck_assert_msg(strstr(said, "w0rd") == NULL, "%s", said);
    if (strstr(nonsense[_i], "pass") != NULL || strstr(nonsense[_i], "://") != NULL)
        ck_assert_msg(strstr(said, "hush") == NULL, "%s", said);
}
END_TEST

START_TEST(nobody_listens)
{
    char said[ERR_TEXT_MAX], conninfo[128];
    uint16_t port;
    int fd = bound_socket(&port);
    snprintf(conninfo, sizeof conninfo, "host=127.0.0.1 port=%u user=mon dbname=shop", port);
    struct pq_failure f = attempt(conninfo, NULL, 20 * NS_PER_S, said, sizeof said);
    ck_assert_int_eq(f.why, WHY_NOBODY);
    snprintf(conninfo, sizeof conninfo, "nobody listens at 127.0.0.1:%u: ", port);
    ck_assert_msg(strncmp(said, conninfo, strlen(conninfo)) == 0, "%s", said);
    f = attempt("host=/nonexistent user=mon dbname=shop", NULL, 20 * NS_PER_S, said, sizeof said);
    ck_assert_int_eq(f.why, WHY_NOBODY);
    close(fd);
}
END_TEST

START_TEST(who_says_nothing_is_left_at_the_deadline)
{
    char said[ERR_TEXT_MAX], conninfo[128];
    uint16_t port;
    int fd = listener(&port);
    snprintf(conninfo, sizeof conninfo, "host=127.0.0.1 port=%u user=mon dbname=shop", port);
    uint64_t begun = now_ns();
    struct pq_failure f = attempt(conninfo, NULL, NS_PER_S / 5, said, sizeof said);
    ck_assert_int_eq(f.why, WHY_LATE);
    ck_assert_uint_ge(now_ns() - begun, NS_PER_S / 5);
    ck_assert(strstr(said, "does not answer within 0.2 s") != NULL);
    close(fd);
}
END_TEST

START_TEST(a_stop_ends_waiting_and_a_question_does_not)
{
    char said[ERR_TEXT_MAX], conninfo[128];
    uint16_t port;
    int fd = listener(&port);
    wake_fd = eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK); /* readable */
    snprintf(conninfo, sizeof conninfo, "host=127.0.0.1 port=%u user=mon dbname=shop", port);
    struct pq_failure f = attempt(conninfo, NULL, NS_PER_S / 5, said, sizeof said);
    ck_assert_int_eq(f.why, WHY_LATE);
    __atomic_store_n(&stopping, true, __ATOMIC_RELAXED);
    f = attempt(conninfo, NULL, 100 * NS_PER_S, said, sizeof said);
    ck_assert_int_eq(f.why, WHY_STOPPED);
    stopping = false;
    close(wake_fd);
    wake_fd = -1;
    close(fd);
}
END_TEST

struct actor {
    int fd;
    const char *bytes;
    size_t len;
};

/* Takes connections, waits for a greeting, says its bytes, hangs up. */
static void *act(void *arg)
{
    const struct actor *a = arg;
    char greeting[4096];
    for (int i = 0; i < 2; i++) {
        int c = accept(a->fd, NULL, NULL);
        if (c < 0)
            return NULL;
        /* libpq asks for GSS or TLS first: no. */
        while (read(c, greeting, sizeof greeting) == 8)
            ck_assert_int_eq(write(c, "N", 1), 1);
        ssize_t n = write(c, a->bytes, a->len);
        (void)n;
        close(c);
    }
    return NULL;
}

static struct pq_failure meet(const char *bytes, size_t len, const struct secret *password,
                              char *said, size_t size)
{
    char conninfo[128];
    uint16_t port;
    pthread_t thread;
    struct actor a = {.fd = listener(&port), .bytes = bytes, .len = len};
    ck_assert_int_eq(pthread_create(&thread, NULL, act, &a), 0);
    snprintf(conninfo, sizeof conninfo, "host=127.0.0.1 port=%u user=mon dbname=shop", port);
    struct pq_failure f = attempt(conninfo, password, 20 * NS_PER_S, said, size);
    shutdown(a.fd, SHUT_RDWR);
    pthread_join(thread, NULL);
    close(a.fd);
    return f;
}

START_TEST(what_a_server_says_is_cleaned_and_scrubbed)
{
    char said[ERR_TEXT_MAX];
    char refusal[] = "E\0\0\0\0SFATAL\0VFATAL\0C28P01\0Mno \x1b[31m for 'se cret/1'\n at all\0";
    refusal[4] = sizeof refusal - 1;
    struct secret *password = secret_from("se cret/1", 9);
    struct pq_failure f = meet(refusal, sizeof refusal, password, said, sizeof said);
    ck_assert_int_eq(f.why, WHY_SERVER);
    ck_assert_str_eq(f.sqlstate, "28P01");
    ck_assert_msg(strstr(f.text, "*********") != NULL && strstr(f.text, "cret") == NULL, "%s",
                  f.text);
    ck_assert(strchr(f.text, '\x1b') == NULL && strchr(f.text, '\n') == NULL);
    secret_free(password);
}
END_TEST

START_TEST(who_is_no_server_is_told)
{
    static const char web[] = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n";
    char said[ERR_TEXT_MAX];
    struct pq_failure f = meet(web, sizeof web - 1, NULL, said, sizeof said);
    ck_assert(f.why != WHY_SERVER && f.why != WHY_STOPPED);
    ck_assert_uint_gt(strlen(said), 20);
}
END_TEST

START_TEST(a_password_file_that_others_may_read_is_left_alone)
{
    char path[] = "/tmp/ramptop-pgpass-XXXXXX", said[ERR_TEXT_MAX];
    static const char wants[] = "R\0\0\0\x08\0\0\0\x03"; /* its password in clear */
    int fd = mkstemp(path);
    ck_assert(fd >= 0 && write(fd, "*:*:*:*:hush\n", 13) == 13 && fchmod(fd, 0644) == 0);
    setenv("PGPASSFILE", path, 1);
    struct pq_failure f = meet(wants, 9, NULL, said, sizeof said);
    ck_assert_int_eq(f.why, WHY_NO_PASSWORD);
    ck_assert_msg(strstr(said, "chmod 600") != NULL, "%s", said);
    unsetenv("PGPASSFILE");
    unlink(path);
    close(fd);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("pq");
    TCase *tc = tcase_create("pq");
    unsetenv("PGPASSWORD");
    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, nonsense_is_told_without_quoting_a_password, 0,
                        sizeof nonsense / sizeof *nonsense);
    tcase_add_test(tc, nobody_listens);
    tcase_add_test(tc, who_says_nothing_is_left_at_the_deadline);
    tcase_add_test(tc, a_stop_ends_waiting_and_a_question_does_not);
    tcase_add_test(tc, what_a_server_says_is_cleaned_and_scrubbed);
    tcase_add_test(tc, who_is_no_server_is_told);
    tcase_add_test(tc, a_password_file_that_others_may_read_is_left_alone);
    suite_add_tcase(s, tc);
    return unit_run(s);
}
