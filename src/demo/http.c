/* SPDX-License-Identifier: MIT */
#include "src/demo/http.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include <microhttpd.h>

#include "src/base/mem.h"
#include "src/base/now.h"
#include "src/demo/due.h"

/* Holds a request's head and its reply's; a body of any size streams through it. */
#define CONNECTION_BYTES 8192

#define FIELD_BYTES 4096 /* libmicrohttpd gives a form's field in pieces so long */

struct http {
    struct MHD_Daemon *daemon;
    struct handler *handler; /* borrowed, as is */
    struct access_log *log;
    const struct head_wants *wants;
    struct due due;         /* struct request, suspended until a time */
    struct request *asleep; /* suspended until the service wakes them */
    struct request *spare;
    struct page *prepared;
};

/* ------------------------------------------------------------------ replies */

/* The body is borrowed: a request keeps its own until the reply is out. */
static struct MHD_Response *response_create(const char *type, const struct buf *head,
                                            const struct buf *body)
{
    static char nothing[1];
    struct MHD_Response *r = MHD_create_response_from_buffer(
        body->len, body->data != NULL ? body->data : nothing, MHD_RESPMEM_PERSISTENT);
    if (r == NULL)
        return NULL;
    if (type != NULL)
        MHD_add_response_header(r, MHD_HTTP_HEADER_CONTENT_TYPE, type);
    for (const char *at = head->data; at != NULL && at < head->data + head->len;) {
        const char *value = at + strlen(at) + 1;
        MHD_add_response_header(r, at, value);
        at = value + strlen(value) + 1;
    }
    return r;
}

static enum MHD_Result send_page(struct http *h, struct request *q, struct page *p)
{
    if (p->prepared == NULL) {
        p->prepared = response_create(p->type, &p->head, &p->body);
        if (p->prepared == NULL)
            return MHD_NO;
        p->next = h->prepared;
        h->prepared = p;
    }
    return MHD_queue_response(q->connection, p->status, p->prepared);
}

static enum MHD_Result send_answer(struct http *h, struct request *q, uint64_t t_ns)
{
    struct answer *a = &q->answer;
    handler_answer(h->handler, q, t_ns);
    q->status = a->page != NULL ? a->page->status : a->status;
    if (a->page != NULL)
        return send_page(h, q, a->page);
    struct MHD_Response *r = response_create(a->type, &a->head, &a->body);
    if (r == NULL)
        return MHD_NO;
    enum MHD_Result result = MHD_queue_response(q->connection, a->status, r);
    MHD_destroy_response(r);
    return result;
}

/* ----------------------------------------------------------------- requests */

/* The truth file's columns are separated by blanks; text from outside must not
 * add any. */
static void copy_word(char *dst, size_t size, const char *src, char end)
{
    size_t n = 0;
    for (; src[n] != '\0' && src[n] != end && n < size - 1; n++)
        dst[n] = src[n] > ' ' && src[n] < 0x7f ? src[n] : '?';
    dst[n] = '\0';
    if (n == 0)
        memcpy(dst, "-", 2);
}

static void *on_request_line(void *cls, const char *uri, struct MHD_Connection *connection)
{
    struct http *h = cls;
    struct request *q = h->spare;
    if (q != NULL)
        h->spare = q->next;
    else
        q = mem_zalloc(sizeof *q);
    q->connection = connection;
    q->fields = NULL;
    request_reset(q);
    q->received_ns = now_ns();
    copy_word(q->path, sizeof q->path, uri, '?');
    copy_word(q->method, sizeof q->method, "", '\0');
    buf_text(&q->target, uri);
    return q;
}

static const char *request_header(struct MHD_Connection *c, const char *name)
{
    return MHD_lookup_connection_value(c, MHD_HEADER_KIND, name);
}

static uint32_t client_address(struct MHD_Connection *c)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(c, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    if (info == NULL || info->client_addr == NULL || info->client_addr->sa_family != AF_INET)
        return 0;
    struct sockaddr_in a;
    memcpy(&a, info->client_addr, sizeof a);
    return ntohl(a.sin_addr.s_addr);
}

static void begin_request(struct http *h, struct request *q)
{
    struct MHD_Connection *c = q->connection;
    struct head head = {0};
    if (h->wants->account) {
        head.authorization = request_header(c, MHD_HTTP_HEADER_AUTHORIZATION);
        head.cookie = request_header(c, MHD_HTTP_HEADER_COOKIE);
    }
    if (h->wants->address)
        head.address = client_address(c);
    if (h->wants->encoding)
        head.accept_encoding = request_header(c, MHD_HTTP_HEADER_ACCEPT_ENCODING);
    if (h->wants->extra != NULL)
        head.extra = request_header(c, h->wants->extra);
    handler_begin(h->handler, q, &head);
}

static enum MHD_Result on_field(void *cls, enum MHD_ValueKind kind, const char *key,
                                const char *file, const char *type, const char *encoding,
                                const char *data, uint64_t at, size_t len)
{
    (void)kind;
    (void)type;
    (void)encoding;
    struct request *q = cls;
    if (key != NULL)
        handler_field(q, &(struct field){key, file, data, len, at});
    return MHD_YES;
}

static void take_piece(struct request *q, const char *data, size_t len)
{
    if (q->form && q->fields == NULL) {
        q->fields = MHD_create_post_processor(q->connection, FIELD_BYTES, on_field, q);
        q->form = q->fields != NULL; /* else its Content-Type is none of a form */
    }
    if (q->fields != NULL)
        MHD_post_process(q->fields, data, len);
    handler_piece(q, data, len);
}

static void end_fields(struct request *q)
{
    if (q->fields != NULL)
        MHD_destroy_post_processor(q->fields);
    q->fields = NULL;
}

static void put_request_to_sleep(struct http *h, struct request *q)
{
    q->asleep = true;
    q->previous = NULL;
    q->next = h->asleep;
    if (h->asleep != NULL)
        h->asleep->previous = q;
    h->asleep = q;
}

static void unlink_sleeper(struct http *h, struct request *q)
{
    q->asleep = false;
    if (q->next != NULL)
        q->next->previous = q->previous;
    if (q->previous != NULL)
        q->previous->next = q->next;
    else
        h->asleep = q->next;
}

/* True when the reply is to be sent later. */
static bool place_request(struct http *h, struct request *q, uint64_t t_ns)
{
    uint64_t due_ns = handler_step(h->handler, q, t_ns);
    q->ready = due_ns <= t_ns;
    if (due_ns == REQUEST_SLEEPS)
        put_request_to_sleep(h, q);
    else if (!q->ready)
        due_push(&h->due, due_ns, q);
    return !q->ready;
}

/* The library calls this for the head, for each piece of the body, at the end of the
 * request, and again after a suspended connection was resumed. */
static enum MHD_Result on_request(void *cls, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *upload,
                                  size_t *upload_size, void **context)
{
    (void)url;
    (void)version;
    struct http *h = cls;
    struct request *q = *context;
    if (!q->begun) {
        q->begun = true;
        copy_word(q->method, sizeof q->method, method, '\0');
        begin_request(h, q);
        return MHD_YES;
    }
    if (*upload_size > 0) {
        take_piece(q, upload, *upload_size);
        *upload_size = 0;
        return MHD_YES;
    }
    end_fields(q);
    uint64_t t_ns = now_ns();
    if (!q->ready && place_request(h, q, t_ns)) {
        MHD_suspend_connection(connection);
        return MHD_YES;
    }
    return send_answer(h, q, t_ns);
}

static void on_completed(void *cls, struct MHD_Connection *connection, void **context,
                         enum MHD_RequestTerminationCode how)
{
    (void)connection;
    struct http *h = cls;
    struct request *q = *context;
    if (q == NULL)
        return;
    bool cut = how != MHD_REQUEST_TERMINATED_COMPLETED_OK;
    end_fields(q);
    handler_done(h->handler, q, cut);
    access_log_add(h->log, &(struct access_line){
                               .received_ns = q->received_ns,
                               .sent_ns = now_ns(),
                               .method = q->method,
                               .path = q->path,
                               .status = q->status,
                               .service_ns = q->service_ns,
                               .wait_ns = q->wait_ns,
                               .cut = cut,
                           });
    q->next = h->spare;
    h->spare = q;
    *context = NULL;
}

/* ------------------------------------------------------------------- daemon */

struct http *http_start(struct handler *handler, int listen_fd, unsigned max_connections,
                        struct access_log *log, struct err *e)
{
    struct http *h = mem_zalloc(sizeof *h);
    h->handler = handler;
    h->log = log;
    h->daemon = MHD_start_daemon(
        MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_TURBO | MHD_USE_SUPPRESS_DATE_NO_CLOCK,
        0, NULL, NULL, on_request, h, MHD_OPTION_LISTEN_SOCKET, listen_fd,
        MHD_OPTION_CONNECTION_LIMIT, max_connections, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        (size_t)CONNECTION_BYTES, MHD_OPTION_URI_LOG_CALLBACK, on_request_line, h,
        MHD_OPTION_NOTIFY_COMPLETED, on_completed, h, MHD_OPTION_END);
    if (h->daemon == NULL) {
        err_set(e, "the demo target cannot start: libmicrohttpd %s refused", MHD_get_version());
        http_stop(h);
        return NULL;
    }
    h->wants = handler_start(handler, h);
    return h;
}

int http_epoll_fd(const struct http *h)
{
    return MHD_get_daemon_info(h->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
}

unsigned http_connections(const struct http *h)
{
    return MHD_get_daemon_info(h->daemon, MHD_DAEMON_INFO_CURRENT_CONNECTIONS)->num_connections;
}

bool http_run(struct http *h)
{
    struct request *q;
    uint64_t t_ns = now_ns();
    while ((q = due_take(&h->due, t_ns)) != NULL)
        if (!place_request(h, q, t_ns))
            MHD_resume_connection(q->connection);
    MHD_run(h->daemon);
    MHD_UNSIGNED_LONG_LONG ms;
    return MHD_get_timeout(h->daemon, &ms) == MHD_YES && ms == 0;
}

void http_wake(struct http *h, struct request *q)
{
    if (!q->asleep)
        return;
    unlink_sleeper(h, q);
    if (!place_request(h, q, now_ns()))
        MHD_resume_connection(q->connection);
}

uint64_t http_due_ns(const struct http *h)
{
    return due_first_ns(&h->due);
}

void http_stop(struct http *h)
{
    if (h == NULL)
        return;
    /* The library aborts when it is stopped with suspended connections. */
    struct request *q;
    while ((q = due_take(&h->due, UINT64_MAX)) != NULL)
        MHD_resume_connection(q->connection);
    while ((q = h->asleep) != NULL) {
        unlink_sleeper(h, q);
        MHD_resume_connection(q->connection);
    }
    if (h->daemon != NULL)
        MHD_stop_daemon(h->daemon);
    while ((q = h->spare) != NULL) {
        h->spare = q->next;
        request_finish(q);
        free(q);
    }
    for (struct page *p = h->prepared; p != NULL; p = p->next) {
        MHD_destroy_response(p->prepared);
        p->prepared = NULL;
    }
    due_finish(&h->due);
    free(h);
}
