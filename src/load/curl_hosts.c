/* SPDX-License-Identifier: MIT */
#include "src/load/curl_hosts.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "src/base/buf.h"
#include "src/base/mem.h"
#include "src/base/now.h"
#include "src/base/num.h"
#include "src/profile/url.h"

/* Addresses that are tried for one request. */
#define REFUSALS_MAX 8
/* After this a user that met an address which does not answer tries its own one again. */
#define FURTHER_NS (30 * NS_PER_S)

/* A server that requests go to.  It stays: there are as many as profiles name. */
struct server {
    struct server *next;
    char *origin;
    size_t len;
    struct host *host; /* NULL: an address, or libcurl's own business */
    char *ascii;       /* the name as libcurl knows it, NULL for an address */
    unsigned port;
};

struct curl_hosts {
    struct hosts *hosts;
    struct server *servers;
};

/* ------------------------------------------------------------------------ servers */

static bool server_is_at(const struct server *s, const struct origin *o)
{
    return s->len == o->len && memcmp(s->origin, o->text, o->len) == 0;
}

/* Letters beyond ASCII are sent to name servers in a form of their own, which is libcurl's to
 * make.  NULL: it cannot (before 7.88), and looks such a name up itself. */
static char *encoded_host(const char *origin)
{
    char *out = NULL;
#ifdef CURLU_PUNYCODE
    CURLU *u = curl_url();
    char *host = NULL;
    if (u != NULL && curl_url_set(u, CURLUPART_URL, origin, 0) == CURLUE_OK &&
        curl_url_get(u, CURLUPART_HOST, &host, CURLU_PUNYCODE) == CURLUE_OK)
        out = mem_strdup(host);
    curl_free(host);
    curl_url_cleanup(u);
#else
    (void)origin;
#endif
    return out;
}

static bool host_is_ascii(const char *text)
{
    while (*text != '\0' && (unsigned char)*text < 0x80)
        text++;
    return *text == '\0';
}

/* Returns the host of an origin where it is a name; the caller frees it. */
static char *host_name(const struct origin *o)
{
    struct in_addr v4;
    if (o->host[0] == '[' || o->host[0] == '\0' || inet_aton(o->host, &v4) != 0)
        return NULL;
    return host_is_ascii(o->host) ? mem_strdup(o->host) : encoded_host(o->text);
}

static struct server *find_server(struct curl_hosts *n, const struct origin *o)
{
    struct server **at = &n->servers;
    for (; *at != NULL; at = &(*at)->next)
        if (server_is_at(*at, o))
            return *at;
    struct server *s = *at = mem_zalloc(sizeof *s);
    s->origin = mem_strdup(o->text);
    s->len = o->len;
    s->port = o->port;
    s->ascii = host_name(o);
    if (s->ascii != NULL)
        s->host = hosts_find(n->hosts, s->ascii, strlen(s->ascii));
    return s;
}

/* ------------------------------------------------------------------ telling libcurl */

static void take_resolve_list_back(struct curl_place *p, CURL *easy)
{
    if (p->list == NULL)
        return;
    curl_easy_setopt(easy, CURLOPT_RESOLVE, NULL);
    curl_slist_free_all(p->list);
    p->list = NULL;
}

static void line_add_address(struct buf *line, const union address *a)
{
    char text[INET6_ADDRSTRLEN];
    bool v6 = a->any.sa_family == AF_INET6;
    const void *bytes = v6 ? (const void *)&a->v6.sin6_addr : (const void *)&a->v4.sin_addr;
    if (inet_ntop(a->any.sa_family, bytes, text, sizeof text) == NULL)
        return;
    buf_text(line, v6 ? "[" : "");
    buf_text(line, text);
    buf_text(line, v6 ? "]" : "");
}

/* libcurl takes it in when it begins with the request, and keeps it from then on. */
static void tell_libcurl(struct curl_place *p, CURL *easy)
{
    const struct answer *a = host_answer(p->server->host);
    if (a == NULL || p->told == a->number)
        return;
    struct buf line = {0};
    buf_printf(&line, "%s:%u:", p->server->ascii, p->server->port);
    line_add_address(&line, &a->items[0].address);
    if (a->n > a->n_first) {
        buf_char(&line, ',');
        line_add_address(&line, &a->items[a->n_first].address);
    }
    take_resolve_list_back(p, easy);
    p->list = curl_slist_append(NULL, line.data);
    curl_easy_setopt(easy, CURLOPT_RESOLVE, p->list);
    p->told = a->number;
    buf_finish(&line);
}

/* ----------------------------------------------------------------------- requests */

bool curl_hosts_begin(struct curl_hosts *n, struct curl_place *p, CURL *easy,
                      const struct origin *origin)
{
    if (p->server == NULL || !server_is_at(p->server, origin)) {
        p->server = find_server(n, origin);
        p->told = 0;
    }
    p->begun_ns = p->waited_ns = 0;
    p->gone = false;
    p->refused = 0;
    struct host *host = p->server->host;
    if (host == NULL)
        return true;
    p->begun_ns = now_ns();
    enum host_state state = host_look(host, p->begun_ns);
    if (state == HOST_KNOWN || p->told != 0) { /* there may be a connection to what is gone */
        tell_libcurl(p, easy);
        return true;
    }
    if (state == HOST_ASKED)
        host_wait(host, &p->waiter);
    else
        host_wait_no_more(host, &p->waiter);
    return false;
}

static uint32_t saturated_us(uint64_t ns)
{
    return num_saturate(ns / NS_PER_US);
}

static void outcome_fill_unsent(struct curl_place *p, enum fail fail, const char *reason,
                                struct outcome *o)
{
    p->waited_ns = now_ns() - p->begun_ns;
    *o = (struct outcome){.fail = fail,
                          .dns_us = saturated_us(p->waited_ns),
                          .reason = reason,
                          .body = "",
                          .headers = "",
                          .retry_after_s = UINT32_MAX};
}

bool curl_hosts_resume(struct curl_place *p, struct host *host, CURL *easy, struct outcome *o)
{
    if (host_answer(host) == NULL) {
        outcome_fill_unsent(p, FAIL_DNS, host_failure(host), o);
        return false;
    }
    p->waited_ns = now_ns() - p->begun_ns;
    tell_libcurl(p, easy);
    return true;
}

bool curl_hosts_abort(struct curl_place *p, struct outcome *o)
{
    if (p->waiter.queue == NULL)
        return false;
    waiter_leave(&p->waiter);
    outcome_fill_unsent(p, FAIL_NONE, "while resolving the name", o);
    return true;
}

/* ------------------------------------------------------------------------ sockets */

static bool address_is(const union address *a, const struct sockaddr *s)
{
    if (a->any.sa_family != s->sa_family)
        return false;
    if (s->sa_family == AF_INET)
        return a->v4.sin_addr.s_addr ==
               ((const struct sockaddr_in *)(const void *)s)->sin_addr.s_addr;
    return memcmp(&a->v6.sin6_addr, &((const struct sockaddr_in6 *)(const void *)s)->sin6_addr,
                  sizeof a->v6.sin6_addr) == 0;
}

/* UINT_MAX: it is none of them. */
static unsigned address_index(const struct answer *a, const struct sockaddr *s)
{
    for (unsigned i = 0; i < a->n; i++)
        if (address_is(&a->items[i].address, s))
            return i;
    return UINT32_MAX;
}

/* All but the port. */
static void replace_address(struct sockaddr *s, const union address *by)
{
    if (s->sa_family == AF_INET) {
        ((struct sockaddr_in *)(void *)s)->sin_addr = by->v4.sin_addr;
        return;
    }
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)(void *)s;
    v6->sin6_addr = by->v6.sin6_addr;
    v6->sin6_scope_id = by->v6.sin6_scope_id;
}

static uint32_t first_address(const struct curl_place *p, const struct answer *a)
{
    bool further = p->further_of == a->number && p->begun_ns < p->further_until_ns;
    return p->number + (further ? p->further : 0);
}

bool curl_hosts_socket(struct curl_place *p, struct curl_sockaddr *address)
{
    if (p->begun_ns == 0)
        return true;
    const struct answer *a = host_answer(p->server->host);
    if (a == NULL) {
        p->gone = true;
        p->told = 0;
        return false;
    }
    unsigned given = address_index(a, &address->addr);
    if (given == UINT32_MAX) /* from an older answer */
        return true;
    unsigned mine = answer_place(a, given, first_address(p, a) + p->refused);
    replace_address(&address->addr, &a->items[mine].address);
    if (a->items[mine].tally != NULL)
        atomic_fetch_add_explicit(&a->items[mine].tally->tries, 1, memory_order_relaxed);
    return true;
}

/* ---------------------------------------------------------------------- the ends */

static void count_connections(const struct curl_place *p, CURL *easy)
{
    const struct answer *a = host_answer(p->server->host);
    union address at = {0};
    const char *ip = NULL;
    long n = 0;
    curl_easy_getinfo(easy, CURLINFO_PRIMARY_IP, &ip);
    curl_easy_getinfo(easy, CURLINFO_NUM_CONNECTS, &n);
    if (a == NULL || ip == NULL || n <= 0)
        return;
    if (inet_pton(AF_INET, ip, &at.v4.sin_addr) == 1)
        at.any.sa_family = AF_INET;
    else if (inet_pton(AF_INET6, ip, &at.v6.sin6_addr) == 1)
        at.any.sa_family = AF_INET6;
    unsigned i = address_index(a, &at.any);
    if (i != UINT32_MAX && a->items[i].tally != NULL)
        atomic_fetch_add_explicit(&a->items[i].tally->connections, (uint64_t)n,
                                  memory_order_relaxed);
}

/* The request began when it began to wait. */
static void outcome_add_wait(const struct curl_place *p, struct outcome *o)
{
    uint32_t *const phases[] = {&o->dns_us, &o->connect_us, &o->tls_us, &o->first_byte_us};
    uint32_t us = saturated_us(p->waited_ns);
    for (size_t i = 0; us > 0 && i < sizeof phases / sizeof *phases; i++)
        if (*phases[i] != 0)
            *phases[i] = *phases[i] < UINT32_MAX - us ? *phases[i] + us : UINT32_MAX;
}

/* Is there an address that was not tried? */
static bool has_another_address(struct curl_place *p, const struct outcome *o)
{
    const struct answer *a = host_answer(p->server->host);
    if ((o->fail != FAIL_REFUSED && o->fail != FAIL_UNREACHABLE) || o->bytes_out > 0 || a == NULL)
        return false;
    unsigned n = a->n_first > a->n - a->n_first ? a->n_first : a->n - a->n_first;
    return ++p->refused < n && p->refused < REFUSALS_MAX;
}

bool curl_hosts_over(struct curl_place *p, CURL *easy, bool connected, struct outcome *o)
{
    take_resolve_list_back(p, easy);
    if (p->begun_ns == 0)
        return false;
    if (p->gone && o->fail != FAIL_NONE) {
        o->fail = FAIL_DNS;
        o->reason = host_failure(p->server->host);
    }
    if (connected && o->connect_us == 0 && has_another_address(p, o)) {
        p->waited_ns = now_ns() - p->begun_ns;
        return true;
    }
    outcome_add_wait(p, o);
    if (connected && o->connect_us != 0)
        count_connections(p, easy);
    else if (o->fail == FAIL_REFUSED || o->fail == FAIL_UNREACHABLE || o->fail == FAIL_TIMEOUT)
        host_doubt(p->server->host, now_ns());
    p->begun_ns = 0; /* a request that libcurl refuses next has no name to wait for */
    return false;
}

/* An address that does not answer must not hold the same users for the rest of the run. */
static void prefer_next_address(struct curl_place *p, uint64_t now)
{
    const struct answer *a = host_answer(p->server->host);
    if (a == NULL)
        return;
    p->further = first_address(p, a) - p->number + 1;
    p->further_of = a->number;
    p->further_until_ns = now + FURTHER_NS;
}

void curl_hosts_given_up(struct curl_place *p, CURL *easy, bool connected, struct outcome *o)
{
    if (p->list != NULL) /* perhaps libcurl has not looked at it */
        p->told = 0;
    take_resolve_list_back(p, easy);
    if (p->begun_ns == 0)
        return;
    outcome_add_wait(p, o);
    if (!connected)
        return;
    if (o->connect_us != 0) {
        count_connections(p, easy);
        return;
    }
    uint64_t now = now_ns();
    prefer_next_address(p, now);
    host_doubt(p->server->host, now);
}

void curl_place_finish(struct curl_place *p)
{
    waiter_leave(&p->waiter);
    curl_slist_free_all(p->list);
}

/* ---------------------------------------------------------------------- the whole */

struct hosts *curl_hosts_all(struct curl_hosts *n)
{
    return n->hosts;
}

struct curl_hosts *curl_hosts_create(struct resolver *r, int epoll_fd, struct err *e)
{
    struct hosts *hosts = hosts_create(r, e);
    if (hosts == NULL)
        return NULL;
    struct epoll_event ev = {.events = EPOLLIN,
                             .data.u64 = TRANSPORT_TAG | (uint32_t)hosts_fd(hosts)};
    if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, hosts_fd(hosts), &ev) != 0) {
        err_set(e, "the resolver cannot be watched: %s", strerror(errno));
        hosts_destroy(hosts);
        return NULL;
    }
    struct curl_hosts *n = mem_zalloc(sizeof *n);
    n->hosts = hosts;
    return n;
}

void curl_hosts_destroy(struct curl_hosts *n)
{
    if (n == NULL)
        return;
    while (n->servers != NULL) {
        struct server *s = n->servers;
        n->servers = s->next;
        free(s->origin);
        free(s->ascii);
        free(s);
    }
    hosts_destroy(n->hosts);
    free(n);
}
