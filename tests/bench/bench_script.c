/* SPDX-License-Identifier: MIT */
/* bench_script - what the texts of one request cost, and what looking into its reply does.
 *
 *   tests/bench/bench_script [ROUNDS]      100,000 unless told
 *
 * Each line is one figure, nanoseconds per rendering, with the floor beside it: copying
 * as many bytes with memcpy.  For replies the other way beside it: jansson's json_loadb,
 * which builds a tree, and the look-up in it.  CPU time of this thread, the best of five
 * runs. */
#include "config.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/buf.h"
#include "src/base/now.h"
#include "src/script/capture.h"
#include "src/script/check.h"
#include "src/script/names.h"
#include "src/script/scope.h"
#include "src/script/template.h"

#define RUNS 5
#define MOST_TEXTS 4

static struct names *names;
static struct scope scope;
static unsigned long rounds = 100000;

/* The dearest thing to get wrong: that the compiler sees through the loop. */
static void keep(const void *p)
{
    __asm__ volatile("" : : "r"(p) : "memory");
}

static double best_ns(void (*once)(void *), void *arg)
{
    double best = 0;
    for (int run = 0; run < RUNS; run++) {
        uint64_t begin = now_thread_cpu_ns();
        for (unsigned long i = 0; i < rounds; i++)
            once(arg);
        double took = (double)(now_thread_cpu_ns() - begin) / (double)rounds;
        best = run == 0 || took < best ? took : best;
    }
    return best;
}

/* ------------------------------------------------------------------------- templates */

struct texts {
    struct template *items[MOST_TEXTS];
    size_t n;
    struct buf out;
};

static void render(void *arg)
{
    struct texts *t = arg;
    struct err why;
    buf_clear(&t->out);
    for (size_t i = 0; i < t->n; i++)
        template_render(t->items[i], &scope, &t->out, &why);
    keep(t->out.data);
}

struct copy {
    const char *from;
    char *to;
    size_t len;
};

static void copy(void *arg)
{
    struct copy *c = arg;
    memcpy(c->to, c->from, c->len);
    keep(c->to);
}

static void add(struct texts *t, const char *text, enum encoding how)
{
    struct err e;
    t->items[t->n] = template_compile(text, how, names, &e);
    if (t->items[t->n++] == NULL) {
        fprintf(stderr, "bench_script: %s\n", e.text);
        exit(1);
    }
}

static void show(const char *what, struct texts *t)
{
    double ns = best_ns(render, t);
    struct copy c = {.from = t->out.data, .len = t->out.len};
    c.to = malloc(c.len + 1);
    double floor = c.to != NULL ? best_ns(copy, &c) : 0;
    printf("  %-52s %7.1f ns   (memcpy of its %zu bytes: %.1f ns)\n", what, ns, c.len, floor);
    free(c.to);
    for (size_t i = 0; i < t->n; i++)
        template_free(t->items[i]);
    buf_finish(&t->out);
}

static void one(const char *text, enum encoding how)
{
    struct texts t = {0};
    add(&t, text, how);
    show(text, &t);
}

static void bench_request(void)
{
    struct texts t = {0};
    add(&t, "/api/sessions/${session}/state?view=full", ENCODE_URL);
    add(&t, "{\"user\": \"${user_name}\", \"text\": \"${text}\", \"final\": false}", ENCODE_JSON);
    add(&t, "Bearer ${token}", ENCODE_HEADER);
    show("URL with 1 variable, JSON with 2, header with 1", &t);
}

static void bench_places(void)
{
    one("a text without any place in it, as most of them are", ENCODE_PLAIN);
    one("/api/sessions/${session}", ENCODE_URL);
    one("q=${text}", ENCODE_QUERY);
    one("{\"text\": \"${text}\"}", ENCODE_JSON);
    one("Bearer ${token}", ENCODE_HEADER);
}

static void bench_generators(void)
{
    static const char *const texts[] = {"${uuid}",
                                        "${int:1:500}",
                                        "${float:0:1:3}",
                                        "${choice:a|b|c}",
                                        "${weighted:a=70|b=20|c=10}",
                                        "${name}",
                                        "${email}",
                                        "${sentence}",
                                        "${date}",
                                        "${seq}",
                                        "${hex:16}",
                                        "${base64:16}"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        one(texts[i], ENCODE_JSON);
}

/* --------------------------------------------------------------------------- replies */

static const char login_reply[] =
    "{\"status\": \"ok\", \"user\": {\"id\": 4711, \"name\": \"Ada Lovelace\", \"mail\": "
    "\"ada@example.test\", \"roles\": [\"pupil\", \"tutor\"], \"active\": true}, \"expires_in\": "
    "3600, "
    "\"token\": \"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3\", "
    "\"items\": [{\"id\": 1, \"done\": false}, {\"id\": 2, \"done\": true}]}";

static const char reply_headers[] =
    "HTTP/1.1 200 OK\r\nServer: nginx\r\nDate: Mon, 07 Jul 2025 10:00:00 GMT\r\nContent-Type: "
    "application/json; charset=utf-8\r\nContent-Length: 312\r\nConnection: keep-alive\r\n"
    "Set-Cookie: session=0b9ad1c3; Path=/; HttpOnly\r\nX-Cache: MISS\r\nETag: \"33a64df5\"\r\n\r\n";

struct looks {
    struct reply reply;
    struct capture *captures[2];
    struct check *checks[2];
    size_t n_captures, n_checks;
};

static void look(void *arg)
{
    struct looks *l = arg;
    bool ok = true;
    for (size_t i = 0; i < l->n_captures; i++)
        ok = capture_take(l->captures[i], &l->reply, &scope, NULL) && ok;
    for (size_t i = 0; i < l->n_checks; i++)
        ok = check_passes(l->checks[i], &l->reply, &scope, NULL) && ok;
    if (!ok) {
        fprintf(stderr, "bench_script: the reply is not what it was thought to be\n");
        exit(1);
    }
    keep(&ok);
}

static void must_compile(const void *compiled, const struct err *e)
{
    if (compiled != NULL)
        return;
    fprintf(stderr, "bench_script: %s\n", e->text);
    exit(1);
}

/* from, text: NULL for none. */
static double look_ns(const char *from, enum check_kind kind, const char *text, const char *body,
                      size_t len)
{
    struct err e;
    struct capture_spec capture = {.name = "it", .slot = 0, .from = from};
    struct check_spec check = {.kind = kind, .text = text};
    struct looks l = {.reply = {.status = 200,
                                .body = body,
                                .body_len = len,
                                .body_bytes = len,
                                .headers = reply_headers,
                                .headers_len = sizeof reply_headers - 1}};
    if (from != NULL)
        must_compile(l.captures[l.n_captures++] = capture_compile(&capture, &e), &e);
    if (text != NULL)
        must_compile(l.checks[l.n_checks++] = check_compile(&check, names, &e), &e);
    double ns = best_ns(look, &l);
    capture_free(l.captures[0]);
    check_free(l.checks[0]);
    return ns;
}

struct tree {
    const char *body;
    size_t len;
};

static void by_tree(void *arg)
{
    const struct tree *t = arg;
    json_t *root = json_loadb(t->body, t->len, 0, NULL);
    keep(json_string_value(json_object_get(root, "token")));
    json_decref(root);
}

static void show_look(const char *from, enum check_kind kind, const char *text)
{
    double ns = look_ns(from, kind, text, login_reply, sizeof login_reply - 1);
    printf("  %-28s %-32s %7.1f ns\n", from != NULL ? from : "", text != NULL ? text : "", ns);
}

static void bench_replies(void)
{
    printf("captures and checks on a reply of %zu bytes:\n", sizeof login_reply - 1);
    show_look("json:$.token", CHECK_CONTAINS, NULL);
    show_look("json:$.token", CHECK_CONTAINS, "\"status\": \"ok\"");
    show_look("json:$.token", CHECK_JSON, "$.status == \"ok\"");
    show_look("json:$.token", CHECK_JSON, "$.items[1].id == 2");
    show_look("json:$.items[*].id", CHECK_JSON, NULL);
    show_look("json:$..done", CHECK_JSON, NULL);
    show_look("header:ETag", CHECK_HEADER, "Content-Type contains json");
    show_look("cookie:session", CHECK_HEADER, NULL);
#ifdef HAVE_PCRE2
    show_look("regex:\"token\": \"([^\"]+)\"", CHECK_MATCHES, NULL);
#endif
    struct tree t = {login_reply, sizeof login_reply - 1};
    printf("  %-61s %7.1f ns\n", "jansson: json_loadb and token", best_ns(by_tree, &t));
}

/* The path's end is behind a megabyte of other values. */
static void bench_long_reply(void)
{
    struct buf body = {0};
    unsigned long before = rounds;
    buf_text(&body, "{\"list\": [");
    while (body.len < 1000000)
        buf_printf(&body, "{\"id\": %zu, \"text\": \"some words of a reply\"}, ", body.len);
    buf_text(&body, "0], \"token\": \"abc\"}");
    struct tree t = {body.data, body.len};
    rounds = rounds / 5000 + 1;
    double megabytes = (double)body.len / 1e6;
    printf("a reply of %zu bytes, nanoseconds per byte:\n", body.len);
    printf("  %-61s %7.3f ns\n", "json:$.token",
           look_ns("json:$.token", CHECK_JSON, NULL, body.data, body.len) / megabytes / 1e6);
    printf("  %-61s %7.3f ns\n", "$..token",
           look_ns("json:$..token", CHECK_JSON, NULL, body.data, body.len) / megabytes / 1e6);
    printf("  %-61s %7.3f ns\n", "body contains \"token\"",
           look_ns(NULL, CHECK_CONTAINS, "token", body.data, body.len) / megabytes / 1e6);
    printf("  %-61s %7.3f ns\n", "jansson: json_loadb and token",
           best_ns(by_tree, &t) / megabytes / 1e6);
    rounds = before;
    buf_finish(&body);
}

static void set(const char *name, const char *value)
{
    struct err e;
    uint32_t slot;
    if (!names_slot(names, name, &slot, &e)) {
        fprintf(stderr, "bench_script: %s\n", e.text);
        exit(1);
    }
    value_set(&scope.values[slot], value, strlen(value));
}

int main(int argc, char **argv)
{
    static _Atomic uint64_t sequences[16];
    if (argc > 1)
        rounds = strtoul(argv[1], NULL, 10);
    names = names_create();
    scope_init(&scope, 4, NULL, 0);
    scope.sequences = sequences;
    rng_seed(&scope.rng, 1);
    set("session", "0b9ad1c3-2f6f-4e0a-9d5e-6b7c8d9e0f1a");
    set("user_name", "pupil0042");
    set("text", "The quick brown fox said \"hello\" and jumped over the lazy dog.");
    set("token", "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3");
    printf("one rendering, CPU time, best of %d runs of %lu:\n", RUNS, rounds);
    bench_request();
    bench_places();
    bench_generators();
    bench_replies();
    bench_long_reply();
    scope_finish(&scope);
    names_free(names);
    return 0;
}
