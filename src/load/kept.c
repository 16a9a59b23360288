/* SPDX-License-Identifier: MIT */
#include "src/load/kept.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "src/base/hash.h"
#include "src/base/now.h"

/* Closed at once: for another reason than idleness. */
#define SHORTEST_NS (100 * NS_PER_MS)
/* Where all are given up before the target closes them, nothing is learned any more: after that
 * time it is learned anew.  One alone may have been closed for another reason, by a restart for
 * example. */
#define SEEN_HOLDS_NS (5 * NS_PER_S)
#define REPEATED_HOLDS_NS (60 * NS_PER_S)
/* A target under load closes late, all at once where it is one thread.  One that is open for far
 * longer than it should be is doubted for so long: a close about the limit confirms it again. */
#define DOUBT_NS (3 * NS_PER_S)

bool kept_is_quiet(int fd)
{
    char c;
    return recv(fd, &c, 1, MSG_PEEK | MSG_DONTWAIT) < 0 &&
           (errno == EAGAIN || errno == EWOULDBLOCK);
}

/* Linux' numbers of the states, which its header for TCP_INFO does not name. */
enum { STATE_CLOSE = 7, STATE_CLOSE_WAIT = 8, STATE_LAST_ACK = 9 };

/* Returns how many of the bytes that went out had not arrived where the end was sent, for the end
 * says which had.  Linux counts the SYN among those that have. */
static int64_t bytes_unacknowledged(const struct tcp_info *i)
{
    return (int64_t)(i->tcpi_bytes_sent - i->tcpi_bytes_retrans - i->tcpi_bytes_acked) + 1;
}

enum kept_end kept_ending(int fd, uint64_t request_bytes)
{
    struct tcp_info info = {0};
    socklen_t len = sizeof info;
    int error = 0;
    if (request_bytes == 0 || getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) != 0 ||
        len < offsetof(struct tcp_info, tcpi_bytes_retrans) + sizeof info.tcpi_bytes_retrans)
        return KEPT_OPEN;
    bool closed = info.tcpi_state == STATE_CLOSE;
    len = sizeof error;
    if (closed && getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0)
        return KEPT_OPEN;
    /* A reset behind the target's end is EPIPE: the answer to what came after it. */
    if (info.tcpi_state == STATE_CLOSE_WAIT || info.tcpi_state == STATE_LAST_ACK || error == EPIPE)
        return bytes_unacknowledged(&info) >= (int64_t)request_bytes ? KEPT_ENDED_BEFORE
                                                                     : KEPT_ENDED;
    return error == ECONNRESET ? KEPT_RESET : KEPT_OPEN;
}

size_t kept_bytes(int fd)
{
    int n = 0;
    return ioctl(fd, FIONREAD, &n) == 0 && n > 0 ? (size_t)n : 0;
}

bool kept_says_end(int fd)
{
    unsigned char b[64];
    ssize_t n = recv(fd, b, sizeof b, MSG_PEEK | MSG_DONTWAIT);
    if (n < 5 || n >= (ssize_t)sizeof b || n != 5 + (b[3] << 8 | b[4]))
        return false;
    return b[0] == 21 || (b[0] == 23 && n == 5 + 2 + 1 + 16);
}

uint16_t kept_port(int fd)
{
    struct sockaddr_storage a;
    socklen_t len = sizeof a;
    if (getsockname(fd, (struct sockaddr *)&a, &len) != 0)
        return 0;
    if (a.ss_family == AF_INET)
        return ntohs(((struct sockaddr_in *)&a)->sin_port);
    return a.ss_family == AF_INET6 ? ntohs(((struct sockaddr_in6 *)&a)->sin6_port) : 0;
}

uint32_t kept_peer(const char *ip, int port)
{
    uint64_t h = hash_bytes(HASH_BEGIN, &port, sizeof port);
    uint32_t peer = hash_fold(ip != NULL ? hash_bytes(h, ip, strlen(ip)) : h);
    return peer != 0 ? peer : 1;
}

static struct kept_target *target_find(struct kept_limits *l, uint32_t peer)
{
    for (unsigned i = 0; i < l->n; i++)
        if (l->targets[i].peer == peer)
            return &l->targets[i];
    return NULL;
}

/* Returns the peer's entry, or the oldest one made ready for it. */
static struct kept_target *target_find_or_add(struct kept_limits *l, uint32_t peer)
{
    struct kept_target *t = target_find(l, peer);
    if (t != NULL)
        return t;
    t = &l->targets[0];
    for (unsigned i = 1; i < l->n; i++)
        if (l->targets[i].learned_ns < t->learned_ns)
            t = &l->targets[i];
    if (l->n < KEPT_PEERS)
        t = &l->targets[l->n++];
    *t = (struct kept_target){.peer = peer};
    return t;
}

/* A tenth, and what a busy machine may be late. */
static uint64_t idle_margin(uint64_t limit_ns)
{
    uint64_t tenth = limit_ns / 10, least = 50 * NS_PER_MS;
    return tenth > least ? tenth : least;
}

static bool is_about_idle(uint64_t ns, uint64_t limit_ns)
{
    uint64_t apart = ns > limit_ns ? ns - limit_ns : limit_ns - ns;
    return limit_ns > 0 && apart <= idle_margin(limit_ns);
}

/* A connection is, or was, open for far longer than the limit says. */
static void doubt_limit(struct kept_limit *limit, uint64_t idle_ns, uint64_t now_ns)
{
    bool far = idle_ns > limit->ns + limit->ns / 2 + idle_margin(limit->ns);
    if (far && limit->until_ns > now_ns + DOUBT_NS)
        limit->until_ns = now_ns + DOUBT_NS;
}

static bool limit_holds(const struct kept_limit *limit, uint64_t now_ns)
{
    return limit->ns > 0 && now_ns < limit->until_ns;
}

void kept_closed(struct kept_limits *l, uint32_t peer, uint64_t idle_ns, uint64_t now_ns)
{
    if (idle_ns < SHORTEST_NS)
        return;
    struct kept_target *t = target_find_or_add(l, peer);
    uint64_t before_ns = is_about_idle(idle_ns, t->repeated.ns) ? t->repeated.ns : t->seen.ns;
    t->learned_ns = now_ns;
    doubt_limit(&t->repeated, idle_ns, now_ns);
    if (is_about_idle(idle_ns, before_ns))
        t->repeated = (struct kept_limit){.ns = idle_ns < before_ns ? idle_ns : before_ns,
                                          .until_ns = now_ns + REPEATED_HOLDS_NS + 10 * idle_ns};
    /* The shortest: a target that is late closes after any time, but not before. */
    if (!limit_holds(&t->seen, now_ns) || idle_ns < t->seen.ns)
        t->seen = (struct kept_limit){.ns = idle_ns, .until_ns = now_ns + SEEN_HOLDS_NS + idle_ns};
}

void kept_told(struct kept_limits *l, uint32_t peer, uint64_t limit_ns, uint64_t now_ns)
{
    struct kept_target *t = target_find_or_add(l, peer);
    t->learned_ns = now_ns;
    t->repeated =
        (struct kept_limit){.ns = limit_ns, .until_ns = now_ns + REPEATED_HOLDS_NS + 10 * limit_ns};
}

unsigned kept_timeout_s(const char *value, size_t len)
{
    static const char word[] = "timeout=";
    unsigned s = 0;
    size_t at = 0;
    while (at + sizeof word - 1 < len && strncasecmp(value + at, word, sizeof word - 1) != 0)
        at++;
    for (at += sizeof word - 1; at < len && value[at] >= '0' && value[at] <= '9'; at++)
        if (s < 1000000)
            s = s * 10 + (unsigned)(value[at] - '0');
    return s;
}

static bool limit_is_exceeded(struct kept_limit *limit, uint64_t idle_ns, uint64_t now_ns)
{
    if (!limit_holds(limit, now_ns) || idle_ns + idle_margin(limit->ns) < limit->ns)
        return false;
    doubt_limit(limit, idle_ns, now_ns);
    return true;
}

bool kept_too_long(struct kept_limits *l, uint32_t peer, uint64_t idle_ns, uint64_t now_ns)
{
    struct kept_target *t = target_find(l, peer);
    if (t == NULL)
        return false;
    bool seen = limit_is_exceeded(&t->seen, idle_ns, now_ns);
    return limit_is_exceeded(&t->repeated, idle_ns, now_ns) || seen;
}
