/* SPDX-License-Identifier: MIT */
/* http_fixture.h - a server of HTTP on loopback for tests: each connection on a thread of its
 * own, each request handed to the test. */
#ifndef RAMPTOP_TESTS_HTTP_FIXTURE_H
#define RAMPTOP_TESTS_HTTP_FIXTURE_H

#include <stdbool.h>

/* Answers to GET of that path on fd; false: the connection is over. */
typedef bool http_fixture_serve(int fd, const char *path);

/* The port on 127.0.0.1. */
int http_fixture_begin(http_fixture_serve *serve);
/* Ends all connections and waits for their threads. */
void http_fixture_end(void);
/* Ends all connections; new ones are taken. */
void http_fixture_cut(void);

void http_fixture_put(int fd, const char *text);
/* A whole reply with that body. */
void http_fixture_reply(int fd, const char *status, const char *body);
/* The beginning of a reply without an end, and a piece of its body. */
void http_fixture_flow(int fd);
void http_fixture_chunk(int fd, const char *text);
/* Until the other side closes. */
void http_fixture_until_closed(int fd);

#endif
