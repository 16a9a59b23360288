/* SPDX-License-Identifier: MIT */
/* handler.h - what stands between the HTTP side and what is answered.
 *
 *   http.c      reads requests and sends replies
 *   handler.c   takes a request, decides whether and when it is answered
 *   reply.c     what is answered
 *   stats.c     what was counted, as JSON (/stats), Prometheus text (/metrics), words (/about)
 *
 * For each request http.c calls handler_begin, handler_piece for the body's bytes as they
 * come, handler_step when all is read and again whenever the time that step named has come,
 * then handler_answer, then handler_done.  A connection that ends earlier gets handler_done
 * at once, with cut set.
 *
 * A request may wait for more than time: its step then says REQUEST_SLEEPS, and the handler
 * wakes it (http_wake) when its database has brought what it waited for.
 *
 * One thread. */
#ifndef RAMPTOP_DEMO_HANDLER_H
#define RAMPTOP_DEMO_HANDLER_H

#include "src/demo/description.h"
#include "src/demo/limit.h"
#include "src/demo/postgres.h"

#define REQUEST_PATH_BYTES 128
#define REQUEST_METHOD_BYTES 16

/* Returned by handler_step when only http_wake is to call it again. */
#define REQUEST_SLEEPS UINT64_MAX

struct http;
struct live_route;

/* A reply that is always the same: prepared once. */
struct page {
    unsigned status;
    const char *type; /* NULL: no Content-Type */
    struct buf head;  /* as in struct answer */
    struct buf body;
    void *prepared;    /* http.c's */
    struct page *next; /* http.c's: another prepared one */
};

struct answer {
    struct page *page; /* the reply, unless NULL; then nothing below counts but status */
    unsigned status;
    const char *type;
    struct buf head; /* header lines: name, NUL, value, NUL ... */
    struct buf body;
};

enum built_in { BUILT_NONE, BUILT_STATS, BUILT_METRICS, BUILT_ABOUT };

enum verdict {
    VERDICT_FINE,
    VERDICT_NO_ROUTE,
    VERDICT_WRONG_METHOD,
    VERDICT_LIMITED,
    VERDICT_UNAUTHORIZED, /* 401 */
    VERDICT_FORBIDDEN,    /* 403, as is: */
    VERDICT_CSRF,
    VERDICT_TOO_LARGE,
    VERDICT_TOO_SMALL,
    VERDICT_FULL,        /* a pool's queue */
    VERDICT_NO_DATABASE, /* the pool has no connection, or lost it */
    VERDICT_STATEMENT,   /* the database refused it */
    VERDICT_FAILS,
    VERDICTS
};

/* A request, from its first line to the last byte of its reply. */
struct request {
    struct request *next, *previous; /* http.c's, as are these: */
    void *connection, *fields;
    char method[REQUEST_METHOD_BYTES]; /* cleaned and cut, as is */
    char path[REQUEST_PATH_BYTES];
    struct buf target;
    uint64_t received_ns;
    struct answer answer;
    /* the handler's */
    struct path split;               /* points into target */
    struct buf account, token, csrf; /* the caller's; empty: nobody known */
    struct buf body;                 /* JSON: as it came, or made of a form's fields */
    struct db_job job;               /* while it sleeps */
    /* From here on all is zero when a request begins. */
    bool begun; /* the head is complete */
    bool ready; /* the last step has been made */
    bool asleep;
    bool form; /* a body that is a form is taken apart */
    /* for the truth file */
    unsigned status; /* sent, or to be sent; 0: not known */
    uint64_t service_ns, wait_ns;
    /* the handler's */
    struct live_route *route;
    struct live_route *counted; /* where it is counted */
    enum built_in built_in;
    enum verdict verdict;
    size_t stage;
    bool stepped, gzip;
    uint32_t address;
    bool known; /* the caller is an account, with this role */
    const char *role;
    bool csrf_sent; /* the header for ${csrf} carries it */
    bool too_long, in_field, has_file;
    uint64_t raw_bytes, file_bytes;
    const struct limit_spec *limit; /* refused the request, or is nearest to it */
    struct limit_state left;
    const struct pool_spec *full;
};

void request_reset(struct request *q);  /* for the next one; memory is kept */
void request_finish(struct request *q); /* frees its memory, not the struct */

/* The parts of a request's head that the handler looks at. */
struct head_wants {
    bool account;  /* Authorization and Cookie */
    bool encoding; /* Accept-Encoding */
    bool address;
    const char *extra;
};

/* The values of those, valid while handler_begin runs.  NULL: not there, or not wanted. */
struct head {
    const char *authorization, *cookie, *accept_encoding, *extra;
    uint32_t address; /* the client's, of IPv4 */
};

struct field {
    const char *name, *file; /* file: NULL for one that is no file */
    const char *data;
    size_t len;
    uint64_t at; /* place of data in the field's value */
};

/* The description is borrowed.  database: NULL, or whose connections the places of all pools
 * are; the service's from now on. */
struct handler *handler_create(const struct description *d, uint64_t seed,
                               struct postgres *database);
void handler_free(struct handler *h);

/* Before the first request; what is returned lives as long as the handler. */
const struct head_wants *handler_start(struct handler *h, struct http *http);

void handler_begin(struct handler *h, struct request *q, const struct head *head);
void handler_piece(struct request *q, const char *data, size_t len);
void handler_field(struct request *q, const struct field *f);
/* Returns when to call it again, or 0 when the answer can be given now. */
uint64_t handler_step(struct handler *h, struct request *q, uint64_t t_ns);
void handler_answer(struct handler *h, struct request *q, uint64_t t_ns);
void handler_done(struct handler *h, struct request *q, bool cut);

/* The database's descriptor is readable, or its time has come. */
void handler_database_ready(struct handler *h);

#endif
