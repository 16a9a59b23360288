/* SPDX-License-Identifier: MIT */
#include "src/demo/http.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <microhttpd.h>

#include "src/base/mem.h"
#include "src/base/now.h"
#include "src/base/rng.h"
#include "src/demo/due.h"
#include "src/demo/metrics.h"
#include "src/demo/model.h"
#include "src/demo/routes.h"

/* Holds a request's head and its reply's; a body of any size streams through it. */
#define CONNECTION_BYTES 8192

#define PATH_MAX_BYTES 128
#define METHOD_MAX_BYTES 16

struct page {
    unsigned status;
    struct MHD_Response *response;
};

/* One request, from its first line to the last byte of its reply. */
struct request {
    struct request *next; /* in the list of spare ones */
    struct MHD_Connection *connection;
    uint64_t received_ns;
    uint64_t body_bytes;
    struct model_slot slot;
    struct page page; /* status 0: not decided yet */
    enum route route;
    bool begun; /* the head is complete */
    char method[METHOD_MAX_BYTES];
    char path[PATH_MAX_BYTES];
};

struct http {
    struct MHD_Daemon *daemon;
    struct demo_config cfg;
    struct model model;
    struct metrics metrics;
    struct truth *truth; /* borrowed */
    struct due due;      /* struct request, suspended */
    struct rng flaky;
    struct request *spare;
    struct page pages[ROUTE_COUNT]; /* prepared once; none for /write and /metrics */
    struct page failed, refused, get_only, write_only;
};

/* ------------------------------------------------------------------ replies */

static struct MHD_Response *response_create(const char *type, const char *text, size_t len)
{
    struct MHD_Response *r =
        MHD_create_response_from_buffer(len, (void *)(uintptr_t)text, MHD_RESPMEM_MUST_COPY);
    if (r != NULL)
        MHD_add_response_header(r, MHD_HTTP_HEADER_CONTENT_TYPE, type);
    return r;
}

static struct page page_create(unsigned status, const char *type, const char *text)
{
    return (struct page){status, response_create(type, text, strlen(text))};
}

static void page_header(struct page *p, const char *name, const char *value)
{
    if (p->response != NULL)
        MHD_add_response_header(p->response, name, value);
}

static char *about_text(const struct demo_config *cfg)
{
    static const char *const services[] = {
        [DEMO_CONST] = "constant", [DEMO_EXP] = "exponential", [DEMO_LOGNORMAL] = "lognormal"};
    char *text = NULL;
    size_t len;
    FILE *f = open_memstream(&text, &len);
    if (f == NULL)
        return mem_strdup("");
    fprintf(f,
            "ramptop's demo target\n\n"
            "One queue of at most %u requests in front of %u servers, each busy %g ms (%s)\n"
            "times the endpoint's factor.  A mix of endpoints breaks at\n"
            "%u / (%g ms x its mean factor) requests per second.\n\n"
            "  %-10s %6s %12s\n",
            cfg->queue, cfg->servers, cfg->service_ms, services[cfg->service], cfg->servers,
            cfg->service_ms, "endpoint", "factor", "breaks at/s");
    for (enum route r = 0; r < ROUTE_OTHER; r++)
        if (routes[r].factor > 0 && cfg->service_ms > 0)
            fprintf(f, "  %-10s %6g %12.6g  %s\n", routes[r].path, routes[r].factor,
                    demo_capacity(cfg, routes[r].factor), routes[r].about);
        else
            fprintf(f, "  %-10s %6s %12s  %s\n", routes[r].path, "-", "at once", routes[r].about);
    fclose(f);
    return text;
}

static void pages_create(struct http *h)
{
    char hello[64];
    double breaks_at = demo_capacity(&h->cfg, 1);
    if (isinf(breaks_at))
        snprintf(hello, sizeof hello, "hello from the demo target: no service time\n");
    else
        snprintf(hello, sizeof hello, "hello, I break at %.5g requests per second\n", breaks_at);
    char *about = about_text(&h->cfg);
    h->pages[ROUTE_HOME] = page_create(200, "text/plain", hello);
    h->pages[ROUTE_FAST] = page_create(200, "application/json", "{\"speed\":\"fast\"}\n");
    h->pages[ROUTE_SLOW] = page_create(200, "application/json", "{\"speed\":\"slow\"}\n");
    h->pages[ROUTE_FLAKY] = page_create(200, "application/json", "{\"luck\":\"good\"}\n");
    h->pages[ROUTE_ABOUT] = page_create(200, "text/plain", about);
    h->pages[ROUTE_HEALTH] = page_create(200, "application/json", "{\"status\":\"ok\"}\n");
    h->pages[ROUTE_OTHER] = page_create(404, "application/json", "{\"error\":\"not found\"}\n");
    h->failed = page_create(500, "application/json", "{\"error\":\"bad luck\"}\n");
    h->refused = page_create(503, "application/json", "{\"error\":\"queue full\"}\n");
    h->get_only = page_create(405, "application/json", "{\"error\":\"wrong method\"}\n");
    h->write_only = page_create(405, "application/json", "{\"error\":\"wrong method\"}\n");
    free(about);
    page_header(&h->refused, MHD_HTTP_HEADER_RETRY_AFTER, "1");
    page_header(&h->get_only, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
    page_header(&h->write_only, MHD_HTTP_HEADER_ALLOW, "POST, PUT");
}

static void pages_destroy(struct http *h)
{
    struct page *extra[] = {&h->failed, &h->refused, &h->get_only, &h->write_only};
    for (enum route r = 0; r < ROUTE_COUNT; r++)
        if (h->pages[r].response != NULL)
            MHD_destroy_response(h->pages[r].response);
    for (size_t i = 0; i < sizeof extra / sizeof *extra; i++)
        if (extra[i]->response != NULL)
            MHD_destroy_response(extra[i]->response);
}

static enum MHD_Result send_metrics(struct http *h, struct MHD_Connection *c)
{
    size_t len;
    unsigned connections =
        MHD_get_daemon_info(h->daemon, MHD_DAEMON_INFO_CURRENT_CONNECTIONS)->num_connections;
    char *text = metrics_text(&h->metrics, &h->cfg, &h->model, connections, &len);
    struct MHD_Response *r = response_create("text/plain; version=0.0.4; charset=utf-8", text, len);
    free(text);
    enum MHD_Result result = MHD_queue_response(c, 200, r);
    MHD_destroy_response(r);
    return result;
}

static enum MHD_Result send_written(struct MHD_Connection *c, uint64_t bytes)
{
    char text[64];
    int len = snprintf(text, sizeof text, "{\"bytes\":%llu}\n", (unsigned long long)bytes);
    struct MHD_Response *r = response_create("application/json", text, (size_t)len);
    enum MHD_Result result = MHD_queue_response(c, 200, r);
    MHD_destroy_response(r);
    return result;
}

static enum MHD_Result answer(struct http *h, struct request *r)
{
    if (r->page.response != NULL)
        return MHD_queue_response(r->connection, r->page.status, r->page.response);
    if (r->route == ROUTE_METRICS)
        return send_metrics(h, r->connection);
    return send_written(r->connection, r->body_bytes);
}

/* ----------------------------------------------------------------- requests */

/* The truth file's columns are separated by blanks; text from outside must not
 * add any. */
static void copy_word(char *dst, size_t size, const char *src, const char *end_at)
{
    size_t n = strcspn(src, end_at);
    if (n > size - 1)
        n = size - 1;
    for (size_t i = 0; i < n; i++)
        dst[i] = src[i] > ' ' && src[i] < 0x7f ? src[i] : '?';
    dst[n] = '\0';
    if (n == 0)
        memcpy(dst, "-", 2);
}

static void *on_request_line(void *cls, const char *uri, struct MHD_Connection *connection)
{
    struct http *h = cls;
    struct request *r = h->spare;
    if (r != NULL)
        h->spare = r->next;
    else
        r = mem_zalloc(sizeof *r);
    *r = (struct request){.connection = connection, .received_ns = now_ns(), .route = ROUTE_OTHER};
    copy_word(r->path, sizeof r->path, uri, "?");
    copy_word(r->method, sizeof r->method, "", "");
    return r;
}

/* Decides what the reply is and when.  True when it is to be sent later. */
static bool place(struct http *h, struct request *r)
{
    r->page = h->pages[r->route];
    if (r->page.response == NULL)
        r->page.status = 200;
    if (r->route == ROUTE_OTHER)
        return false;
    if (!route_takes(r->route, r->method)) {
        r->page = routes[r->route].write ? h->write_only : h->get_only;
        return false;
    }
    double factor = routes[r->route].factor;
    if (factor <= 0)
        return false;
    uint64_t t_ns = now_ns();
    if (!model_arrive(&h->model, t_ns, factor, &r->slot)) {
        r->page = h->refused;
        return false;
    }
    if (r->route == ROUTE_FLAKY && rng_below(&h->flaky, ROUTE_FLAKY_ONE_IN) == 0)
        r->page = h->failed;
    if (r->slot.done_ns <= t_ns)
        return false;
    due_push(&h->due, r->slot.done_ns, r);
    return true;
}

/* The library calls this for the head, for each piece of the body, at the end of the
 * request, and again after a suspended connection was resumed. */
static enum MHD_Result on_request(void *cls, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *upload,
                                  size_t *upload_size, void **context)
{
    (void)version;
    (void)upload;
    struct http *h = cls;
    struct request *r = *context;
    if (!r->begun) {
        r->begun = true;
        r->route = route_find(url);
        copy_word(r->method, sizeof r->method, method, "");
        return MHD_YES;
    }
    if (*upload_size > 0) {
        r->body_bytes += *upload_size;
        *upload_size = 0;
        return MHD_YES;
    }
    if (r->page.status == 0 && place(h, r)) {
        MHD_suspend_connection(connection);
        return MHD_YES;
    }
    return answer(h, r);
}

static void on_completed(void *cls, struct MHD_Connection *connection, void **context,
                         enum MHD_RequestTerminationCode how)
{
    (void)connection;
    struct http *h = cls;
    struct request *r = *context;
    if (r == NULL)
        return;
    bool cut = how != MHD_REQUEST_TERMINATED_COMPLETED_OK;
    if (cut)
        h->metrics.cut++;
    else
        metrics_count(&h->metrics, r->route, r->page.status);
    truth_add(h->truth, &(struct truth_line){
                            .received_ns = r->received_ns,
                            .sent_ns = now_ns(),
                            .method = r->method,
                            .path = r->path,
                            .status = r->page.status,
                            .service_ns = r->slot.service_ns,
                            .wait_ns = r->slot.wait_ns,
                            .cut = cut,
                        });
    r->next = h->spare;
    h->spare = r;
    *context = NULL;
}

/* ------------------------------------------------------------------- daemon */

struct http *http_start(const struct demo_config *cfg, int listen_fd, unsigned max_connections,
                        struct truth *truth, struct err *e)
{
    struct http *h = mem_zalloc(sizeof *h);
    h->cfg = *cfg;
    h->truth = truth;
    model_init(&h->model, cfg);
    rng_seed(&h->flaky, cfg->seed + 1);
    pages_create(h);
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
    return h;
}

int http_epoll_fd(const struct http *h)
{
    return MHD_get_daemon_info(h->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
}

bool http_run(struct http *h)
{
    struct request *r;
    uint64_t t_ns = now_ns();
    while ((r = due_take(&h->due, t_ns)) != NULL)
        MHD_resume_connection(r->connection);
    MHD_run(h->daemon);
    MHD_UNSIGNED_LONG_LONG ms;
    return MHD_get_timeout(h->daemon, &ms) == MHD_YES && ms == 0;
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
    struct request *r;
    while ((r = due_take(&h->due, UINT64_MAX)) != NULL)
        MHD_resume_connection(r->connection);
    if (h->daemon != NULL)
        MHD_stop_daemon(h->daemon);
    while ((r = h->spare) != NULL) {
        h->spare = r->next;
        free(r);
    }
    pages_destroy(h);
    due_finish(&h->due);
    model_finish(&h->model);
    free(h);
}
