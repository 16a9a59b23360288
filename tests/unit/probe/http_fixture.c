/* SPDX-License-Identifier: MIT */
#include "tests/unit/probe/http_fixture.h"

#include <check.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "src/base/mem.h"

#define CONNECTIONS 512

static int listener = -1;
static pthread_t acceptor;
static http_fixture_serve *serve;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct {
    pthread_t thread;
    int fd; /* -1: its thread has closed it */
} connections[CONNECTIONS];
static int n_connections;

void http_fixture_put(int fd, const char *text)
{
    ssize_t n = send(fd, text, strlen(text), MSG_NOSIGNAL);
    (void)n;
}

void http_fixture_reply(int fd, const char *status, const char *body)
{
    char *text = mem_printf("HTTP/1.1 %s\r\nApi-Version: 1.41\r\nContent-Length: %zu\r\n\r\n%s",
                            status, strlen(body), body);
    http_fixture_put(fd, text);
    free(text);
}

void http_fixture_flow(int fd)
{
    http_fixture_put(fd, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
}

void http_fixture_chunk(int fd, const char *text)
{
    char *chunk = mem_printf("%zx\r\n%s\r\n", strlen(text), text);
    http_fixture_put(fd, chunk);
    free(chunk);
}

void http_fixture_until_closed(int fd)
{
    char c[64];
    while (read(fd, c, sizeof c) > 0)
        continue;
}

/* False: there is none any more. */
static bool read_request(int fd, char *in, size_t size)
{
    size_t len = 0;
    in[0] = '\0';
    while (strstr(in, "\r\n\r\n") == NULL) {
        ssize_t n = len < size - 1 ? read(fd, in + len, size - 1 - len) : 0;
        if (n <= 0)
            return false;
        len += (size_t)n;
        in[len] = '\0';
    }
    return true;
}

static void *connection(void *arg)
{
    int at = (int)(intptr_t)arg, fd = connections[at].fd;
    char in[4096], path[2048];
    while (read_request(fd, in, sizeof in) && sscanf(in, "GET %2047s ", path) == 1 &&
           serve(fd, path))
        continue;
    pthread_mutex_lock(&lock);
    close(fd);
    connections[at].fd = -1;
    pthread_mutex_unlock(&lock);
    return NULL;
}

static void *accept_main(void *arg)
{
    int fd;
    (void)arg;
    while ((fd = accept(listener, NULL, NULL)) >= 0) {
        pthread_mutex_lock(&lock);
        int at = n_connections++;
        ck_assert_int_lt(at, CONNECTIONS);
        connections[at].fd = fd;
        ck_assert_int_eq(
            pthread_create(&connections[at].thread, NULL, connection, (void *)(intptr_t)at), 0);
        pthread_mutex_unlock(&lock);
    }
    return NULL;
}

int http_fixture_begin(http_fixture_serve *how)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof a;
    serve = how;
    listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert_int_eq(bind(listener, (struct sockaddr *)&a, sizeof a), 0);
    ck_assert_int_eq(getsockname(listener, (struct sockaddr *)&a, &len), 0);
    ck_assert_int_eq(listen(listener, 64), 0);
    ck_assert_int_eq(pthread_create(&acceptor, NULL, accept_main, NULL), 0);
    return ntohs(a.sin_port);
}

void http_fixture_cut(void)
{
    pthread_mutex_lock(&lock);
    for (int i = 0; i < n_connections; i++)
        if (connections[i].fd >= 0)
            shutdown(connections[i].fd, SHUT_RDWR);
    pthread_mutex_unlock(&lock);
}

void http_fixture_end(void)
{
    shutdown(listener, SHUT_RDWR);
    pthread_join(acceptor, NULL);
    close(listener);
    http_fixture_cut();
    for (int i = 0; i < n_connections; i++)
        pthread_join(connections[i].thread, NULL);
    n_connections = 0;
}
