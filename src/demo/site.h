/* SPDX-License-Identifier: MIT */
/* site.h - what stands between the HTTP side and those who answer.
 *
 *   http.c --struct exchange--> a site: plain.c (the target of known capacity)
 *                                       service.c (what a description says)
 *
 * http.c reads requests and sends replies; a site decides what is answered and when.  For
 * each request it calls begin, then piece for the body's bytes as they come, then step
 * when all is read and again whenever the time that step named has come, then answer, then
 * done.  A connection that ends earlier gets done at once, with cut set.
 *
 * A site may wait for more than time: its step then says EXCHANGE_SLEEPS, and it wakes the
 * exchange (http_wake) when its own descriptor or due time has brought what it waited for.
 *
 * One thread. */
#ifndef RAMPTOP_DEMO_SITE_H
#define RAMPTOP_DEMO_SITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/base/buf.h"

#define EXCHANGE_PATH_BYTES 128
#define EXCHANGE_METHOD_BYTES 16

/* What step says when only http_wake is to call it again. */
#define EXCHANGE_SLEEPS UINT64_MAX

struct http;

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

/* What of a request's head a site may look at; valid while begin runs.  NULL: not there. */
struct head {
    const char *path;   /* decoded, without the query */
    const char *target; /* path and query as they came */
    const char *authorization, *cookie, *accept_encoding, *content_type;
    const char *extra; /* the header that the site named */
    uint32_t address;  /* the client's, of IPv4 */
};

/* How a body is handed over. */
enum body_form { BODY_RAW, BODY_FIELDS /* urlencoded or multipart: taken apart */ };

/* One request, from its first line to the last byte of its reply. */
struct exchange {
    struct exchange *next, *previous; /* http.c's, as are these: */
    struct site *site;
    void *connection, *fields;
    struct buf target;
    bool begun; /* the head is complete */
    bool ready; /* the last step has been made */
    bool asleep;
    enum body_form form;
    /* for the site */
    char method[EXCHANGE_METHOD_BYTES]; /* cleaned and cut, as is */
    char path[EXCHANGE_PATH_BYTES];
    uint64_t received_ns;
    /* for the truth file, written by the site */
    unsigned status; /* what it is or will be; 0: not known */
    uint64_t service_ns, wait_ns;
    struct answer answer;
    /* the site's own, of state_size bytes; zeroed when new, kept for later requests */
    _Alignas(max_align_t) unsigned char state[];
};

struct field {
    const char *name, *file; /* file: NULL for one that is no file */
    const char *data;
    size_t len;
    uint64_t at; /* place of data in the field's value */
};

struct site;

struct site_ops {
    size_t state_size;
    bool wants_head; /* more of it than the path */
    void (*begin)(struct site *s, struct exchange *x, const struct head *head);
    void (*piece)(struct site *s, struct exchange *x, const char *data, size_t len);
    void (*field)(struct site *s, struct exchange *x, const struct field *f);
    /* When it wants to be called again, or 0: the answer can be given now. */
    uint64_t (*step)(struct site *s, struct exchange *x, uint64_t t_ns);
    void (*answer)(struct site *s, struct exchange *x, uint64_t t_ns);
    void (*done)(struct site *s, struct exchange *x, bool cut);
    void (*release)(void *state); /* what a state holds; NULL: nothing */
    void (*destroy)(struct site *s);
    /* Of a site that waits for more than time; else NULL, all three. */
    int (*wait_fd)(const struct site *s);
    uint64_t (*due_ns)(const struct site *s);
    void (*wait_over)(struct site *s); /* wait_fd is readable, or it is time: wakes exchanges */
};

struct site {
    const struct site_ops *ops;
    const char *header; /* one more it wants to see; NULL: none */
    struct http *http;  /* set once it runs */
};

void answer_header(struct answer *a, const char *name, const char *value);
/* The same for a page that is made. */
void page_header(struct page *p, const char *name, const char *value);
void page_finish(struct page *p);

#endif
