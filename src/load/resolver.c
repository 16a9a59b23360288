/* SPDX-License-Identifier: MIT */
#include "src/load/resolver.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "src/base/buf.h"
#include "src/base/clean.h"
#include "src/base/log.h"
#include "src/base/mem.h"
#include "src/base/now.h"

#define TALLIES_MAX 256 /* addresses of one name that are counted */
#define LOGGED_MAX 8    /* addresses in a message */

/* An address that a name has or had. */
struct used {
    struct tally tally;
    union address address;
    struct used *next;
};

/* A name that somebody asked for: it stays. */
struct lookup {
    struct lookup *next, *queued;
    char *host;
    struct answer *answer; /* the newest that holds, NULL for none */
    int why;
    uint64_t born_ns; /* 0: was never looked up */
    bool under_way;   /* queued, or on a thread */
    struct question *waiting;
    struct used *used;
    unsigned n_used;
};

struct resolver {
    struct resolver_config cfg;
    pthread_mutex_t lock;
    pthread_cond_t work; /* the queue or `closed` changed */
    pthread_cond_t left; /* a thread has left, or went into a lookup */
    struct lookup *lookups;
    struct lookup *first, **last;   /* the queue */
    uint64_t answers;               /* made so far */
    unsigned threads, idle, inside; /* inside: in a lookup */
    bool closed;
};

struct desk {
    struct resolver *resolver;
    int fd;
    struct question *told;
};

/* -------------------------------------------------------------------- addresses */

socklen_t address_length(const union address *a)
{
    return a->any.sa_family == AF_INET6 ? sizeof a->v6 : sizeof a->v4;
}

static int compare_addresses(const void *x, const void *y)
{
    const union address *a = x, *b = y;
    if (a->any.sa_family != b->any.sa_family)
        return a->any.sa_family < b->any.sa_family ? -1 : 1;
    if (a->any.sa_family != AF_INET6)
        return memcmp(&a->v4.sin_addr, &b->v4.sin_addr, sizeof a->v4.sin_addr);
    int order = memcmp(&a->v6.sin6_addr, &b->v6.sin6_addr, sizeof a->v6.sin6_addr);
    if (order != 0 || a->v6.sin6_scope_id == b->v6.sin6_scope_id)
        return order;
    return a->v6.sin6_scope_id < b->v6.sin6_scope_id ? -1 : 1;
}

bool address_same(const union address *a, const union address *b)
{
    return compare_addresses(a, b) == 0;
}

static void address_text(const union address *a, char out[INET6_ADDRSTRLEN])
{
    const void *bytes = a->any.sa_family == AF_INET6 ? (const void *)&a->v6.sin6_addr
                                                     : (const void *)&a->v4.sin_addr;
    if (inet_ntop(a->any.sa_family, bytes, out, INET6_ADDRSTRLEN) == NULL)
        out[0] = '\0';
}

struct answer *answer_ref(struct answer *a)
{
    atomic_fetch_add_explicit(&a->refs, 1, memory_order_relaxed);
    return a;
}

void answer_unref(struct answer *a)
{
    if (a != NULL && atomic_fetch_sub_explicit(&a->refs, 1, memory_order_acq_rel) == 1)
        free(a);
}

/* NULL: too many are counted already. */
static struct tally *address_tally(struct lookup *l, const union address *a)
{
    struct used **at = &l->used;
    for (; *at != NULL; at = &(*at)->next)
        if (address_same(&(*at)->address, a))
            return &(*at)->tally;
    if (l->n_used == TALLIES_MAX)
        return NULL;
    l->n_used++;
    *at = mem_zalloc(sizeof **at);
    (*at)->address = *a;
    return &(*at)->tally;
}

/* Sorts what was found, each address once; how many stand there then. */
static unsigned addresses_settle_order(struct found *f, unsigned *n_first)
{
    sa_family_t preferred = f->items[0].any.sa_family;
    unsigned n = 0, n_other = 0;
    union address other[RESOLVER_ADDRESSES];
    qsort(f->items, f->n, sizeof *f->items, compare_addresses);
    for (unsigned i = 0; i < f->n; i++) {
        if (i > 0 && address_same(&f->items[i - 1], &f->items[i]))
            continue;
        if (f->items[i].any.sa_family == preferred)
            f->items[n++] = f->items[i];
        else
            other[n_other++] = f->items[i];
    }
    *n_first = n;
    memcpy(f->items + n, other, n_other * sizeof *other);
    return n + n_other;
}

static bool same_addresses(const struct answer *a, const struct found *f, unsigned n_first)
{
    if (a == NULL || a->n != f->n || a->n_first != n_first)
        return false;
    for (unsigned i = 0; i < a->n; i++)
        if (!address_same(&a->items[i].address, &f->items[i]))
            return false;
    return true;
}

/* l: whose addresses are counted; NULL: they are not. */
static struct answer *answer_make(struct resolver *r, struct lookup *l, const struct found *f,
                                  unsigned n_first)
{
    struct answer *a = mem_zalloc(sizeof *a + f->n * sizeof a->items[0]);
    a->number = ++r->answers;
    a->n = f->n;
    a->n_first = n_first;
    atomic_init(&a->refs, 1);
    for (unsigned i = 0; i < f->n; i++) {
        a->items[i].address = f->items[i];
        a->items[i].tally = l != NULL ? address_tally(l, &f->items[i]) : NULL;
    }
    return a;
}

/* ----------------------------------------------------------------------- lookup */

static int system_lookup(const char *host, struct found *out, void *arg)
{
    const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    struct addrinfo *all = NULL;
    (void)arg;
    int why = getaddrinfo(host, NULL, &hints, &all);
    if (why != 0)
        return why;
    for (const struct addrinfo *a = all; a != NULL && out->n < RESOLVER_ADDRESSES; a = a->ai_next)
        if (a->ai_addrlen <= sizeof out->items[0] &&
            (a->ai_family == AF_INET || a->ai_family == AF_INET6))
            memcpy(&out->items[out->n++], a->ai_addr, a->ai_addrlen);
    freeaddrinfo(all);
    return out->n > 0 ? 0 : EAI_NONAME;
}

/* No name server is asked for these (RFC 6761). */
static bool is_localhost(const char *host)
{
    static const char tail[] = ".localhost";
    size_t len = strlen(host), n = sizeof tail - 1;
    return strcmp(host, tail + 1) == 0 || (len > n && strcmp(host + len - n, tail) == 0);
}

static void answer_localhost(struct resolver *r, struct lookup *l)
{
    struct found f = {.n = 2};
    f.items[0].v6 =
        (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    f.items[1].v4 =
        (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    l->answer = answer_make(r, NULL, &f, 1);
    l->born_ns = UINT64_MAX;
}

static struct lookup *lookup_find(struct resolver *r, const char *host)
{
    struct lookup **at = &r->lookups;
    for (; *at != NULL; at = &(*at)->next)
        if (strcmp((*at)->host, host) == 0)
            return *at;
    *at = mem_zalloc(sizeof **at);
    (*at)->host = mem_strdup(host);
    if (is_localhost(host))
        answer_localhost(r, *at);
    return *at;
}

/* A name server that is not there says nothing of the name. */
static bool is_passing_error(int why)
{
    return why == EAI_AGAIN || why == EAI_MEMORY || why == EAI_SYSTEM;
}

static void log_addresses(const struct lookup *l)
{
    const struct answer *a = l->answer;
    struct buf text = {0};
    for (unsigned i = 0; i < a->n && i < LOGGED_MAX; i++) {
        char one[INET6_ADDRSTRLEN];
        address_text(&a->items[i].address, one);
        buf_text(&text, i > 0 ? ", " : "");
        buf_text(&text, one);
    }
    log_info("%s has %u address%s: %s%s", l->host, a->n, a->n == 1 ? "" : "es", text.data,
             a->n > LOGGED_MAX ? " ..." : "");
    buf_finish(&text);
}

/* With the lock: what a lookup came to is noted. */
static void lookup_note_result(struct resolver *r, struct lookup *l, int why, struct found *f)
{
    int before = l->why;
    unsigned n_first = 0;
    l->why = why;
    l->born_ns = r->cfg.clock();
    if (why == 0) {
        f->n = addresses_settle_order(f, &n_first);
        if (same_addresses(l->answer, f, n_first))
            return;
        answer_unref(l->answer);
        l->answer = answer_make(r, l, f, n_first);
        log_addresses(l);
        return;
    }
    if (!is_passing_error(why)) {
        answer_unref(l->answer);
        l->answer = NULL;
    }
    if (why != before)
        log_warn("%s could not be resolved: %s%s", l->host, gai_strerror(why),
                 l->answer != NULL ? "; the addresses found before are used" : "");
}

static void fill_answer(const struct lookup *l, struct question *q)
{
    q->answer = l->answer != NULL ? answer_ref(l->answer) : NULL;
    q->why = l->why;
    q->born_ns = l->born_ns;
}

static void lookup_tell_waiting(struct lookup *l)
{
    const uint64_t one = 1;
    struct question *q = l->waiting;
    l->waiting = NULL;
    while (q != NULL) {
        struct question *next = q->next;
        fill_answer(l, q);
        q->lookup = NULL;
        q->next = q->desk->told;
        q->desk->told = q;
        while (write(q->desk->fd, &one, sizeof one) < 0 && errno == EINTR)
            ;
        q = next;
    }
}

/* ---------------------------------------------------------------------- threads */

static void resolver_free(struct resolver *r)
{
    while (r->lookups != NULL) {
        struct lookup *l = r->lookups;
        r->lookups = l->next;
        while (l->used != NULL) {
            struct used *u = l->used;
            l->used = u->next;
            free(u);
        }
        answer_unref(l->answer);
        free(l->host);
        free(l);
    }
    pthread_mutex_destroy(&r->lock);
    pthread_cond_destroy(&r->work);
    pthread_cond_destroy(&r->left);
    free(r);
}

static struct lookup *lookup_next(struct resolver *r)
{
    struct lookup *l = r->first;
    if (l == NULL)
        return NULL;
    r->first = l->queued;
    if (r->first == NULL)
        r->last = &r->first;
    return l;
}

/* With the lock, which is not held while the name is looked up. */
static void lookup_run(struct resolver *r, struct lookup *l)
{
    struct found f = {0};
    r->inside++;
    pthread_cond_signal(&r->left);
    pthread_mutex_unlock(&r->lock);
    int why = r->cfg.lookup(l->host, &f, r->cfg.arg);
    pthread_mutex_lock(&r->lock);
    r->inside--;
    l->under_way = false;
    if (r->closed)
        return;
    lookup_note_result(r, l, why != 0 || f.n > 0 ? why : EAI_NONAME, &f);
    lookup_tell_waiting(l);
}

static void *resolver_main(void *arg)
{
    struct resolver *r = arg;
    pthread_setname_np(pthread_self(), "resolver");
    pthread_mutex_lock(&r->lock);
    while (!r->closed) {
        struct lookup *l = lookup_next(r);
        if (l != NULL) {
            lookup_run(r, l);
            continue;
        }
        r->idle++;
        pthread_cond_wait(&r->work, &r->lock);
        r->idle--;
    }
    bool last = --r->threads == 0;
    bool orphan = r->first == NULL && r->last == NULL; /* resolver_close has gone */
    pthread_cond_signal(&r->left);
    pthread_mutex_unlock(&r->lock);
    if (last && orphan)
        resolver_free(r);
    return NULL;
}

static bool start_thread(struct resolver *r)
{
    pthread_t thread;
    pthread_attr_t attr;
    sigset_t all, old;
    sigfillset(&all);
    pthread_attr_init(&attr);
    pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED); /* a thread may never come back */
    pthread_sigmask(SIG_SETMASK, &all, &old);                    /* signals are the main thread's */
    bool ok = pthread_create(&thread, &attr, resolver_main, r) == 0;
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    pthread_attr_destroy(&attr);
    r->threads += ok;
    return ok;
}

/* With the lock.  False: there is no thread, and none can be started. */
static bool queue_lookup(struct resolver *r, struct lookup *l)
{
    unsigned queued = 1;
    for (const struct lookup *other = r->first; other != NULL; other = other->queued)
        queued++;
    if (queued > r->idle && r->threads < r->cfg.threads && !start_thread(r) && r->threads == 0)
        return false;
    l->under_way = true;
    l->queued = NULL;
    *r->last = l;
    r->last = &l->queued;
    pthread_cond_signal(&r->work);
    return true;
}

/* -------------------------------------------------------------------- questions */

static bool lookup_is_fresh(const struct resolver *r, const struct lookup *l, uint64_t max_age_ns)
{
    uint64_t now = r->cfg.clock();
    if (l->born_ns == 0)
        return false;
    if (l->why != 0)
        max_age_ns = RESOLVER_FAILED_NS;
    return l->born_ns >= now || now - l->born_ns <= max_age_ns;
}

bool resolver_ask(struct desk *d, struct question *q, uint64_t max_age_ns)
{
    struct resolver *r = d->resolver;
    pthread_mutex_lock(&r->lock);
    struct lookup *l = lookup_find(r, q->host);
    bool known = lookup_is_fresh(r, l, max_age_ns);
    q->desk = d;
    q->lookup = NULL;
    if (!known && !l->under_way && !queue_lookup(r, l)) {
        struct found none = {0};
        lookup_note_result(r, l, EAI_MEMORY, &none);
        known = true;
    }
    if (known) {
        fill_answer(l, q);
    } else {
        q->lookup = l;
        q->next = l->waiting;
        l->waiting = q;
    }
    pthread_mutex_unlock(&r->lock);
    return known;
}

static bool question_take_out(struct question **at, const struct question *q)
{
    for (; *at != NULL; at = &(*at)->next) {
        if (*at != q)
            continue;
        *at = q->next;
        return true;
    }
    return false;
}

void resolver_withdraw(struct question *q)
{
    if (q->desk == NULL)
        return;
    struct resolver *r = q->desk->resolver;
    pthread_mutex_lock(&r->lock);
    if (q->lookup != NULL)
        question_take_out(&q->lookup->waiting, q);
    else if (question_take_out(&q->desk->told, q))
        answer_unref(q->answer);
    q->lookup = NULL;
    q->desk = NULL;
    pthread_mutex_unlock(&r->lock);
}

struct question *desk_take(struct desk *d)
{
    struct resolver *r = d->resolver;
    uint64_t n;
    pthread_mutex_lock(&r->lock);
    struct question *q = d->told;
    if (q != NULL) {
        d->told = q->next;
        q->desk = NULL;
    } else {
        while (read(d->fd, &n, sizeof n) < 0 && errno == EINTR)
            ;
    }
    pthread_mutex_unlock(&r->lock);
    return q;
}

struct desk *desk_open(struct resolver *r, struct err *e)
{
    int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (fd < 0) {
        err_set(e, "no descriptor for the resolver: %s (open files: ulimit -n)", strerror(errno));
        return NULL;
    }
    struct desk *d = mem_zalloc(sizeof *d);
    d->resolver = r;
    d->fd = fd;
    return d;
}

void desk_close(struct desk *d)
{
    if (d == NULL)
        return;
    close(d->fd);
    free(d);
}

int desk_fd(const struct desk *d)
{
    return d->fd;
}

/* ------------------------------------------------------------------------- life */

struct resolver *resolver_create(const struct resolver_config *cfg)
{
    struct resolver *r = mem_zalloc(sizeof *r);
    if (cfg != NULL)
        r->cfg = *cfg;
    if (r->cfg.threads == 0)
        r->cfg.threads = RESOLVER_THREADS;
    if (r->cfg.lookup == NULL)
        r->cfg.lookup = system_lookup;
    if (r->cfg.clock == NULL)
        r->cfg.clock = now_ns;
    r->last = &r->first;
    pthread_mutex_init(&r->lock, NULL);
    pthread_cond_init(&r->work, NULL);
    pthread_cond_init(&r->left, NULL);
    return r;
}

void resolver_close(struct resolver *r)
{
    if (r == NULL)
        return;
    pthread_mutex_lock(&r->lock);
    r->closed = true;
    pthread_cond_broadcast(&r->work);
    while (r->threads > r->inside) /* idle ones go at once */
        pthread_cond_wait(&r->left, &r->lock);
    bool last = r->threads == 0;
    r->first = NULL;
    r->last = NULL; /* from here on the last thread frees all */
    pthread_mutex_unlock(&r->lock);
    if (last)
        resolver_free(r);
}

static struct address_use address_use_find(const struct lookup *l, const struct used *u)
{
    struct address_use out = {
        .tries = atomic_load_explicit(&u->tally.tries, memory_order_relaxed),
        .connections = atomic_load_explicit(&u->tally.connections, memory_order_relaxed)};
    clean_text(out.host, sizeof out.host, l->host, strlen(l->host));
    address_text(&u->address, out.address);
    return out;
}

static void add_use_to_others(struct address_use *others, const struct address_use *use)
{
    others->tries += use->tries;
    others->connections += use->connections;
    snprintf(others->host, sizeof others->host, "(others)");
    others->address[0] = '\0';
}

size_t resolver_uses(struct resolver *r, struct address_use *out, size_t max)
{
    size_t n = 0;
    pthread_mutex_lock(&r->lock);
    for (const struct lookup *l = r->lookups; l != NULL && max > 0; l = l->next) {
        for (const struct used *u = l->used; u != NULL; u = u->next) {
            const struct address_use use = address_use_find(l, u);
            if (n < max)
                out[n++] = use;
            else
                add_use_to_others(&out[max - 1], &use);
        }
    }
    pthread_mutex_unlock(&r->lock);
    return n;
}
