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

#define KEPT_BYTES offsetof(struct exchange, begun) /* of one request, for the next */
#define FIELD_BYTES 4096 /* of a form's field at a time */

struct http {
    struct MHD_Daemon *daemon;
    struct service *service; /* borrowed, as is */
    struct truth *truth;
    struct head_wants wants;
    struct due due;          /* struct exchange, suspended until a time */
    struct exchange *asleep; /* suspended until the service wakes them */
    struct exchange *spare;
    struct page *prepared;
};

/* ------------------------------------------------------------------ replies */

/* The body is borrowed: an exchange keeps its own until the reply is out. */
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

static enum MHD_Result send_page(struct http *h, struct exchange *x, struct page *p)
{
    if (p->prepared == NULL) {
        p->prepared = response_create(p->type, &p->head, &p->body);
        if (p->prepared == NULL)
            return MHD_NO;
        p->next = h->prepared;
        h->prepared = p;
    }
    return MHD_queue_response(x->connection, p->status, p->prepared);
}

static enum MHD_Result send_answer(struct http *h, struct exchange *x, uint64_t t_ns)
{
    struct answer *a = &x->answer;
    a->page = NULL;
    a->type = NULL;
    a->status = 200;
    buf_clear(&a->head);
    buf_clear(&a->body);
    service_answer(h->service, x, t_ns);
    x->status = a->page != NULL ? a->page->status : a->status;
    if (a->page != NULL)
        return send_page(h, x, a->page);
    struct MHD_Response *r = response_create(a->type, &a->head, &a->body);
    if (r == NULL)
        return MHD_NO;
    enum MHD_Result result = MHD_queue_response(x->connection, a->status, r);
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
    struct exchange *x = h->spare;
    if (x != NULL)
        h->spare = x->next;
    else
        x = mem_zalloc(sizeof *x);
    x->http = h;
    x->connection = connection;
    x->fields = NULL;
    memset((char *)x + KEPT_BYTES, 0, sizeof *x - KEPT_BYTES);
    x->received_ns = now_ns();
    copy_word(x->path, sizeof x->path, uri, '?');
    copy_word(x->method, sizeof x->method, "", '\0');
    buf_clear(&x->target);
    buf_text(&x->target, uri);
    return x;
}

static const char *header(struct MHD_Connection *c, const char *name)
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

static void begin_request(struct http *h, struct exchange *x)
{
    struct MHD_Connection *c = x->connection;
    struct head head = {0};
    if (h->wants.account) {
        head.authorization = header(c, MHD_HTTP_HEADER_AUTHORIZATION);
        head.cookie = header(c, MHD_HTTP_HEADER_COOKIE);
    }
    if (h->wants.address)
        head.address = client_address(c);
    if (h->wants.encoding)
        head.accept_encoding = header(c, MHD_HTTP_HEADER_ACCEPT_ENCODING);
    if (h->wants.extra != NULL)
        head.extra = header(c, h->wants.extra);
    service_begin(h->service, x, &head);
}

static enum MHD_Result on_field(void *cls, enum MHD_ValueKind kind, const char *key,
                                const char *file, const char *type, const char *encoding,
                                const char *data, uint64_t at, size_t len)
{
    (void)kind;
    (void)type;
    (void)encoding;
    struct exchange *x = cls;
    if (key != NULL)
        service_field(x->http->service, x, &(struct field){key, file, data, len, at});
    return MHD_YES;
}

static void take_piece(struct http *h, struct exchange *x, const char *data, size_t len)
{
    if (x->form && x->fields == NULL) {
        x->fields = MHD_create_post_processor(x->connection, FIELD_BYTES, on_field, x);
        x->form = x->fields != NULL; /* else its Content-Type is none of a form */
    }
    if (x->fields != NULL)
        MHD_post_process(x->fields, data, len);
    service_piece(h->service, x, data, len);
}

static void end_fields(struct exchange *x)
{
    if (x->fields != NULL)
        MHD_destroy_post_processor(x->fields);
    x->fields = NULL;
}

static void put_to_sleep(struct http *h, struct exchange *x)
{
    x->asleep = true;
    x->previous = NULL;
    x->next = h->asleep;
    if (h->asleep != NULL)
        h->asleep->previous = x;
    h->asleep = x;
}

static void unlink_sleeper(struct http *h, struct exchange *x)
{
    x->asleep = false;
    if (x->next != NULL)
        x->next->previous = x->previous;
    if (x->previous != NULL)
        x->previous->next = x->next;
    else
        h->asleep = x->next;
}

/* True when the reply is to be sent later. */
static bool place(struct http *h, struct exchange *x, uint64_t t_ns)
{
    uint64_t due_ns = service_step(h->service, x, t_ns);
    x->ready = due_ns <= t_ns;
    if (due_ns == EXCHANGE_SLEEPS)
        put_to_sleep(h, x);
    else if (!x->ready)
        due_push(&h->due, due_ns, x);
    return !x->ready;
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
    struct exchange *x = *context;
    if (!x->begun) {
        x->begun = true;
        copy_word(x->method, sizeof x->method, method, '\0');
        begin_request(h, x);
        return MHD_YES;
    }
    if (*upload_size > 0) {
        take_piece(h, x, upload, *upload_size);
        *upload_size = 0;
        return MHD_YES;
    }
    end_fields(x);
    uint64_t t_ns = now_ns();
    if (!x->ready && place(h, x, t_ns)) {
        MHD_suspend_connection(connection);
        return MHD_YES;
    }
    return send_answer(h, x, t_ns);
}

static void on_completed(void *cls, struct MHD_Connection *connection, void **context,
                         enum MHD_RequestTerminationCode how)
{
    (void)connection;
    struct http *h = cls;
    struct exchange *x = *context;
    if (x == NULL)
        return;
    bool cut = how != MHD_REQUEST_TERMINATED_COMPLETED_OK;
    end_fields(x);
    service_done(h->service, x, cut);
    truth_add(h->truth, &(struct truth_line){
                            .received_ns = x->received_ns,
                            .sent_ns = now_ns(),
                            .method = x->method,
                            .path = x->path,
                            .status = x->status,
                            .service_ns = x->service_ns,
                            .wait_ns = x->wait_ns,
                            .cut = cut,
                        });
    x->next = h->spare;
    h->spare = x;
    *context = NULL;
}

/* ------------------------------------------------------------------- daemon */

struct http *http_start(struct service *service, int listen_fd, unsigned max_connections,
                        struct truth *truth, struct err *e)
{
    struct http *h = mem_zalloc(sizeof *h);
    h->service = service;
    h->wants = *service_wants(service);
    h->truth = truth;
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
    service_runs(service, h);
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
    struct exchange *x;
    uint64_t t_ns = now_ns();
    while ((x = due_take(&h->due, t_ns)) != NULL)
        if (!place(h, x, t_ns))
            MHD_resume_connection(x->connection);
    MHD_run(h->daemon);
    MHD_UNSIGNED_LONG_LONG ms;
    return MHD_get_timeout(h->daemon, &ms) == MHD_YES && ms == 0;
}

void http_wake(struct http *h, struct exchange *x)
{
    if (!x->asleep)
        return;
    unlink_sleeper(h, x);
    if (!place(h, x, now_ns()))
        MHD_resume_connection(x->connection);
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
    struct exchange *x;
    while ((x = due_take(&h->due, UINT64_MAX)) != NULL)
        MHD_resume_connection(x->connection);
    while ((x = h->asleep) != NULL) {
        unlink_sleeper(h, x);
        MHD_resume_connection(x->connection);
    }
    if (h->daemon != NULL)
        MHD_stop_daemon(h->daemon);
    while ((x = h->spare) != NULL) {
        h->spare = x->next;
        exchange_finish(x);
        free(x);
    }
    for (struct page *p = h->prepared; p != NULL; p = p->next) {
        MHD_destroy_response(p->prepared);
        p->prepared = NULL;
    }
    due_finish(&h->due);
    free(h);
}
