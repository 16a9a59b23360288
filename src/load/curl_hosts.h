/* SPDX-License-Identifier: MIT */
/* curl_hosts.h - names for libcurl, which is never left to look one up itself.
 *
 * Its own way is a thread for each request that needs a name; who gives such a request up
 * waits for that thread.  Here a request waits outside of libcurl until its name is known
 * (hosts.h), and libcurl is told where it is (CURLOPT_RESOLVE).  It sees the name still: for
 * TLS, for the Host header, for its choice of a connection.
 *
 * It is told one address of each family, which it tries side by side, the same ones for all
 * handles of a multi handle.  Which address that really is for a user is decided where a socket
 * is opened.  The next one, after a refusal, is tried with a transfer of its own: told of three
 * addresses of which two refuse, libcurl 7.88 waits for ever in curl_multi_socket_action.
 *
 * Private to src/load.  The worker's thread only. */
#ifndef RAMPTOP_LOAD_CURL_HOSTS_H
#define RAMPTOP_LOAD_CURL_HOSTS_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stdint.h>

#include "src/base/err.h"
#include "src/load/hosts.h"
#include "src/load/transport.h"

struct curl_hosts;
struct origin;
struct server;

/* Where a channel's requests go.  Zeroed to begin with, but for `waiter.owner`. */
struct curl_place {
    struct waiter waiter;
    uint32_t number; /* the user's: it begins with address number mod n */
    /* private */
    struct server *server;   /* the newest request's; NULL: none yet */
    uint64_t told;           /* number of the answer that libcurl has for it */
    struct curl_slist *list; /* by which it is being told */
    uint64_t begun_ns;       /* when the request began; 0: to an address */
    uint64_t waited_ns;      /* how long it waited for its name */
    bool gone;               /* a socket was refused to libcurl, since the name is gone */
    uint32_t refused;        /* addresses that refused so far */
    uint32_t further;        /* begins so many addresses later, since one did not answer; */
    uint64_t further_of, further_until_ns; /* in that answer, until then */
};

/* Has the resolver's descriptor watched at that epoll as one of the transport's sockets. */
struct curl_hosts *curl_hosts_create(struct resolver *r, int epoll_fd, struct err *e);
void curl_hosts_destroy(struct curl_hosts *n); /* NULL is fine */
struct hosts *curl_hosts_all(struct curl_hosts *n);

/* A request to that server begins.  True: libcurl can be given it.  False: it waits, and
 * hosts_next_due returns the waiter's owner when curl_hosts_resume is to be asked. */
bool curl_hosts_begin(struct curl_hosts *n, struct curl_place *p, CURL *easy,
                      const struct origin *origin);
/* The request is due.  True: libcurl can be given it.  False: it failed, *o says how. */
bool curl_hosts_resume(struct curl_place *p, struct host *host, CURL *easy, struct outcome *o);
/* The request is given up.  True: it still waited, and *o is filled. */
bool curl_hosts_abort(struct curl_place *p, struct outcome *o);

/* libcurl opens a socket: puts the user's own address in.  False: the name is gone since. */
bool curl_hosts_socket(struct curl_place *p, struct curl_sockaddr *address);
/* libcurl has done with the request.  connected: it opened a socket for it.  True: the address
 * refused and nothing was sent; libcurl is to be given it once more, for the next one.  False:
 * *o's phases are corrected, and its verdict if the name is gone. */
bool curl_hosts_over(struct curl_place *p, CURL *easy, bool connected, struct outcome *o);
/* libcurl was made to give it up. */
void curl_hosts_given_up(struct curl_place *p, CURL *easy, bool connected, struct outcome *o);
void curl_place_finish(struct curl_place *p);

#endif
