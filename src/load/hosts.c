/* SPDX-License-Identifier: MIT */
#include "src/load/hosts.h"

#include <ctype.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"
#include "src/base/now.h"

/* An answer that is no older is believed, though nothing answers at its addresses. */
#define DOUBT_AGE_NS NS_PER_S

struct queue {
    struct waiter *first, *last;
};

struct host {
    struct question question; /* first: a question that was answered is its name */
    struct hosts *all;
    struct host *next;
    char *name; /* in small letters */
    bool asked; /* the question is under way */
    struct answer *answer;
    int why;
    uint64_t born_ns, until_ns; /* looked up then; to be looked up again then */
    struct queue waiting;
    char failure[400];
};

struct hosts {
    struct desk *desk;
    struct host *hosts;
    uint64_t ttl_ns;
    struct queue due;
};

/* ------------------------------------------------------------------------ waiters */

static void waiter_line_up(struct queue *q, struct waiter *w)
{
    w->queue = q;
    w->prev = q->last;
    w->next = NULL;
    if (q->last != NULL)
        q->last->next = w;
    else
        q->first = w;
    q->last = w;
}

void waiter_leave(struct waiter *w)
{
    struct queue *q = w->queue;
    if (q == NULL)
        return;
    if (w->prev != NULL)
        w->prev->next = w->next;
    else
        q->first = w->next;
    if (w->next != NULL)
        w->next->prev = w->prev;
    else
        q->last = w->prev;
    w->queue = NULL;
}

void host_wait(struct host *host, struct waiter *w)
{
    w->host = host;
    waiter_line_up(&host->waiting, w);
}

void host_wait_no_more(struct host *host, struct waiter *w)
{
    w->host = host;
    waiter_line_up(&host->all->due, w);
}

bool hosts_is_due(const struct hosts *n)
{
    return n->due.first != NULL;
}

void *hosts_next_due(struct hosts *n, struct host **host)
{
    struct waiter *w = n->due.first;
    if (w == NULL)
        return NULL;
    waiter_leave(w);
    *host = w->host;
    return w->owner;
}

/* -------------------------------------------------------------------------- names */

static uint64_t time_after(uint64_t at, uint64_t by)
{
    return at > UINT64_MAX - by ? UINT64_MAX : at + by;
}

/* The question is answered: takes over its reference. */
static void host_take_answer(struct host *host, uint64_t now)
{
    struct question *q = &host->question;
    answer_unref(host->answer);
    host->asked = false;
    host->answer = q->answer;
    host->why = q->why;
    host->born_ns = q->born_ns;
    host->until_ns = q->why == 0 ? time_after(q->born_ns, host->all->ttl_ns)
                                 : time_after(now, RESOLVER_FAILED_NS);
}

static void ask_resolver(struct host *host, uint64_t max_age_ns, uint64_t now)
{
    host->asked = true;
    if (resolver_ask(host->all->desk, &host->question, max_age_ns))
        host_take_answer(host, now);
}

enum host_state host_look(struct host *host, uint64_t now)
{
    if (now >= host->until_ns && !host->asked)
        ask_resolver(host, host->all->ttl_ns, now);
    if (host->answer != NULL)
        return HOST_KNOWN;
    return host->asked ? HOST_ASKED : HOST_BAD;
}

const struct answer *host_answer(const struct host *host)
{
    return host->answer;
}

const char *host_failure(struct host *host)
{
    snprintf(host->failure, sizeof host->failure, "could not resolve host: %s (%s)", host->name,
             gai_strerror(host->why));
    return host->failure;
}

void host_doubt(struct host *host, uint64_t now)
{
    if (!host->asked && now > host->born_ns && now - host->born_ns > DOUBT_AGE_NS)
        ask_resolver(host, DOUBT_AGE_NS, now);
}

struct host *hosts_find(struct hosts *n, const char *name, size_t len)
{
    struct host **at = &n->hosts;
    for (; *at != NULL; at = &(*at)->next)
        if (strncasecmp((*at)->name, name, len) == 0 && (*at)->name[len] == '\0')
            return *at;
    struct host *host = *at = mem_zalloc(sizeof *host);
    host->all = n;
    host->name = mem_strndup(name, len);
    for (char *c = host->name; *c != '\0'; c++)
        *c = (char)tolower((unsigned char)*c);
    host->question.host = host->name;
    return host;
}

/* ---------------------------------------------------------------------- the whole */

int hosts_fd(const struct hosts *n)
{
    return desk_fd(n->desk);
}

void hosts_on_event(struct hosts *n, uint64_t now)
{
    struct question *q;
    while ((q = desk_take(n->desk)) != NULL) {
        struct host *host = (struct host *)q;
        host_take_answer(host, now);
        while (host->waiting.first != NULL) {
            struct waiter *w = host->waiting.first;
            waiter_leave(w);
            waiter_line_up(&n->due, w);
        }
    }
}

void hosts_set_ttl(struct hosts *n, uint64_t ttl_ns)
{
    n->ttl_ns = ttl_ns != 0 ? ttl_ns : HOSTS_DEFAULT_TTL_NS;
    for (struct host *host = n->hosts; host != NULL; host = host->next)
        if (host->answer != NULL && host->why == 0)
            host->until_ns = time_after(host->born_ns, n->ttl_ns);
}

struct hosts *hosts_create(struct resolver *r, struct err *e)
{
    struct desk *desk = desk_open(r, e);
    if (desk == NULL)
        return NULL;
    struct hosts *n = mem_zalloc(sizeof *n);
    n->desk = desk;
    n->ttl_ns = HOSTS_DEFAULT_TTL_NS;
    return n;
}

void hosts_destroy(struct hosts *n)
{
    if (n == NULL)
        return;
    while (n->hosts != NULL) {
        struct host *host = n->hosts;
        n->hosts = host->next;
        if (host->asked)
            resolver_withdraw(&host->question);
        answer_unref(host->answer);
        free(host->name);
        free(host);
    }
    desk_close(n->desk);
    free(n);
}

unsigned answer_place(const struct answer *a, unsigned given, uint32_t number)
{
    bool first = given < a->n_first;
    unsigned from = first ? 0 : a->n_first, n = first ? a->n_first : a->n - a->n_first;
    return from + (given - from + number % n) % n;
}
