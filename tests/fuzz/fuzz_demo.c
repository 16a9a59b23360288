/* SPDX-License-Identifier: MIT */
/* Any bytes as a description of a service, and as the requests it is asked.
 *
 * Up to the first NUL the input is the description (none: the one below); behind it come
 * requests, each ended by a byte 1: a line "METHOD target", lines for the headers
 * Authorization, Cookie, Content-Type and the one against forged forms, and the body. */
#include <stdio.h>

#include "src/demo/description.h"
#include "src/demo/handler.h"
#include "tests/fuzz/fuzz.h"

#define REQUESTS_MAX 50
#define LINES 5

static const char usual[] =
    "pools = { p = { size = 1; queue = 1; }; };"
    "accounts = { users = ( { name = \"*\"; password = \"x\"; } ); lockout = { failures = 2; };"
    "  cookie = \"c\"; csrf_header = \"X-C\"; };"
    "rate_limits = { r = { requests = 9; endpoints = \"GET /a/{id}\"; }; };"
    "collections = { a = { items = 2; max = 4; item = \"{\\\"n\\\": ${int:1:9}}\"; };"
    "  t = { id = \"text\"; max = 3; }; j = { id = \"hex\"; job = { pool = \"p\"; time = 1; }; }; "
    "};"
    "routes = ( { route = \"POST /l\"; login = true; }, { route = \"POST /o\"; logout = true; },"
    "  { route = \"GET /a\"; list = \"a\"; gzip = true; },"
    "  { route = \"POST /a\"; create = \"a\"; auth = true; csrf = true; },"
    "  { route = \"GET /a/{id}\"; get = \"a\"; headers = { X = \"${path.id}\"; }; },"
    "  { route = \"PATCH /a/{id}\"; patch = \"a\"; set = \"{\\\"s\\\": ${body.n}}\"; },"
    "  { route = \"PUT /a/{id}\"; replace = \"a\"; }, { route = \"DELETE /a/{id}\"; delete = "
    "\"a\"; },"
    "  { route = \"GET /t/{id}\"; get = \"t\"; default = \"{}\"; },"
    "  { route = \"POST /t/{id}\"; save = \"t\"; }, { route = \"POST /j\"; create = \"j\"; },"
    "  { route = \"POST /u\"; upload = { min = 1; max = 9; }; json = \"[${bytes}, "
    "\\\"${body.f}\\\"]\"; },"
    "  { route = \"POST /e\"; json = \"{\\\"r\\\": ${body.x}, \\\"t\\\": "
    "\\\"${body.y[0].z}\\\"}\"; time = 0.1;"
    "    fail = { every = 5; }; }, { route = \"GET /q\"; text = \"${query.q}\"; pool = \"p\"; time "
    "= 1; } );";

static bool is_small(const struct description *d)
{
    uint64_t cost = 0;
    for (size_t i = 0; i < d->n_collections; i++)
        cost += d->collections[i].items * 100;
    for (size_t i = 0; i < d->n_pools; i++)
        cost += d->pools[i].size + d->pools[i].queue;
    for (size_t i = 0; i < d->n_routes; i++)
        cost += d->routes[i].high_bytes;
    return cost < 1000000;
}

static void check_answer(const struct answer *a)
{
    const struct buf *head = a->page != NULL ? &a->page->head : &a->head;
    unsigned status = a->page != NULL ? a->page->status : a->status;
    must(status >= 200 && status <= 599);
    must(head->len == 0 || head->data[head->len - 1] == '\0');
    for (size_t i = 0; i < head->len; i++)
        must(head->data[i] != '\r' && head->data[i] != '\n');
}

/* As libmicrohttpd hands a form over: field by field, a long one in pieces. */
static void send_fields(struct request *q, char *body)
{
    char *save = NULL;
    for (char *f = strtok_r(body, "&", &save); f != NULL; f = strtok_r(NULL, "&", &save)) {
        char *value = strchr(f, '=');
        struct field field = {.name = f};
        if (value != NULL)
            *value++ = '\0';
        field.data = value != NULL ? value : "";
        field.file = *f == '@' ? "file" : NULL;
        size_t len = strlen(field.data), half = len / 2;
        field.len = half;
        handler_field(q, &field);
        field = (struct field){f, field.file, field.data + half, len - half, half};
        if (half > 0)
            handler_field(q, &field);
    }
}

static void ask(struct handler *h, struct request *q, char *text, uint64_t *t_ns)
{
    char *lines[LINES], *body = text;
    for (size_t i = 0; i < LINES; i++) {
        lines[i] = strsep(&body, "\n");
        if (body == NULL)
            body = text + strlen(text);
        if (lines[i] == NULL)
            lines[i] = body;
    }
    char *target = strchr(lines[0], ' ');
    target = target != NULL ? target + 1 : lines[0];
    snprintf(q->method, sizeof q->method, "%.*s", (int)strcspn(lines[0], " "), lines[0]);
    request_reset(q);
    buf_text(&q->target, target);
    q->received_ns = *t_ns;
    snprintf(q->path, sizeof q->path, "%.*s", (int)strcspn(target, "?"), target);
    const struct head head = {.authorization = *lines[1] != '\0' ? lines[1] : NULL,
                              .cookie = *lines[2] != '\0' ? lines[2] : NULL,
                              .accept_encoding = "gzip",
                              .extra = *lines[4] != '\0' ? lines[4] : NULL};
    handler_begin(h, q, &head);
    q->form = q->form && strstr(lines[3], "form") != NULL;
    size_t len = strlen(body);
    if (len > 0)
        handler_piece(q, body, len);
    if (q->form)
        send_fields(q, body);
    for (uint64_t due_ns; (due_ns = handler_step(h, q, *t_ns)) > *t_ns;)
        *t_ns = due_ns;
    handler_answer(h, q, *t_ns);
    check_answer(&q->answer);
    q->status = q->answer.page != NULL ? q->answer.page->status : q->answer.status;
    handler_done(h, q, false);
}

static void serve(const struct description *d, char *requests)
{
    struct handler *h = handler_create(d, 1, NULL);
    struct request *q = calloc(1, sizeof *q);
    must(q != NULL);
    uint64_t t_ns = 1000000000;
    char *save = NULL;
    char *r = strtok_r(requests, "\x01", &save);
    for (int i = 0; i < REQUESTS_MAX && r != NULL; i++, r = strtok_r(NULL, "\x01", &save))
        ask(h, q, r, &t_ns);
    request_finish(q);
    free(q);
    handler_free(h);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = calloc(1, size + 1);
    must(text != NULL);
    if (size > 0)
        memcpy(text, data, size);
    size_t len = strlen(text);
    struct problems problems = {0};
    static struct description *usual_one; /* read once: reading takes longer than serving */
    if (usual_one == NULL)
        usual_one = description_parse("usual", usual, strlen(usual), &problems);
    must(usual_one != NULL);
    struct description *d =
        len > 0 ? description_parse("fuzz.demo", text, len, &problems) : usual_one;
    must((d == NULL) == (problems.n > 0));
    for (size_t i = 0; i < problems.n; i++)
        must(fuzz_is_clean(problems.lines[i]));
    if (d != NULL && is_small(d) && len < size)
        serve(d, text + len + 1);
    if (d != usual_one)
        description_free(d);
    problems_finish(&problems);
    free(text);
    return 0;
}
