/* SPDX-License-Identifier: MIT */
/* A described service as a client sees it: the real server in its own process, spoken to
 * over a socket. */
#include <arpa/inet.h>
#include <check.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define ZLIB_CONST
#include <zlib.h>

#include "src/base/buf.h"
#include "src/base/now.h"
#include "src/demo/demo.h"
#include "src/demo/description.h"
#include "tests/unit/unit.h"

#define DEADLINE_MS 20000

static struct demo_child child;
static struct description *description;
static int fd = -1;

static void start(const char *text)
{
    struct problems p = {0};
    struct err e = {{0}};
    description = description_parse("d", text, strlen(text), &p);
    ck_assert_msg(description != NULL, "%s", p.n > 0 ? p.lines[0] : "?");
    struct demo_config cfg = demo_defaults();
    cfg.description = description;
    ck_assert_msg(demo_spawn(&cfg, &child, &e), "%s", e.text);
}

static void teardown(void)
{
    if (fd >= 0)
        close(fd);
    fd = -1;
    demo_end(&child);
    description_free(description);
    description = NULL;
}

static void dial(void)
{
    struct sockaddr_in a = {.sin_family = AF_INET,
                            .sin_port = htons((uint16_t)child.port),
                            .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (fd >= 0)
        close(fd);
    fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert_int_eq(connect(fd, (struct sockaddr *)&a, sizeof a), 0);
    struct timeval limit = {.tv_sec = DEADLINE_MS / 1000};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
}

struct reply {
    unsigned status;
    struct buf text;
    const char *body; /* in text */
    size_t body_len;
};

static struct reply got;

static void say(const char *data, size_t len)
{
    while (len > 0) {
        ssize_t n = send(fd, data, len, MSG_NOSIGNAL);
        ck_assert_int_gt(n, 0);
        data += n;
        len -= (size_t)n;
    }
}

/* Reads one reply; the connection stays usable. */
static void hear(void)
{
    char piece[65536];
    size_t want = 0;
    buf_clear(&got.text);
    got.status = 0;
    while (want == 0 || got.text.len < want) {
        ssize_t n = recv(fd, piece, sizeof piece, 0);
        ck_assert_msg(n > 0, "no reply: %s", got.text.data != NULL ? got.text.data : "");
        buf_add(&got.text, piece, (size_t)n);
        const char *end = strstr(got.text.data, "\r\n\r\n");
        if (end == NULL)
            continue;
        const char *length = strstr(got.text.data, "Content-Length: ");
        got.body_len = length != NULL && length < end ? strtoul(length + 16, NULL, 10) : 0;
        got.body = end + 4;
        want = (size_t)(got.body - got.text.data) + got.body_len;
        ck_assert_int_eq(sscanf(got.text.data, "HTTP/1.1 %u", &got.status), 1);
    }
    ck_assert_uint_eq(got.text.len, want);
}

/* headers: whole lines. */
static unsigned ask(const char *request, const char *headers, const char *body)
{
    struct buf out = {0};
    if (fd < 0)
        dial();
    buf_printf(&out, "%s HTTP/1.1\r\nHost: d\r\n%s", request, headers);
    if (body != NULL)
        buf_printf(&out, "Content-Length: %zu\r\n", strlen(body));
    buf_text(&out, "\r\n");
    if (body != NULL)
        buf_text(&out, body);
    say(out.data, out.len);
    buf_finish(&out);
    hear();
    return got.status;
}

#define JSON_TYPE "Content-Type: application/json\r\n"

static unsigned get(const char *path)
{
    char line[512];
    snprintf(line, sizeof line, "GET %s", path);
    return ask(line, "", NULL);
}

static unsigned post(const char *path, const char *json)
{
    char line[512];
    snprintf(line, sizeof line, "POST %s", path);
    return ask(line, JSON_TYPE, json);
}

static bool has_header(const char *line)
{
    const char *at = strstr(got.text.data, line);
    return at != NULL && at < got.body;
}

static void body_is(const char *want)
{
    ck_assert_str_eq(got.body, want);
}

static void stats_have(const char *want)
{
    ck_assert_uint_eq(get("/stats"), 200);
    ck_assert_msg(strstr(got.body, want) != NULL, "no %s in %s", want, got.body);
}

/* ------------------------------------------------------------------------- routes */

START_TEST(routes_answer_in_their_own_words)
{
    start("routes = ("
          "{ route = \"GET /a\"; json = \"{\\\"a\\\": 1}\"; headers = { X-Is = \"fixed\"; }; },"
          "{ route = \"GET /a/{id}\"; text = \"${path.id} ${query.q}\"; status = 203; "
          "  headers = { X-Id = \"${path.id}\"; }; },"
          "{ route = \"POST /a/{id}\"; json = \"{\\\"is\\\": ${body.x}, \\\"as\\\": "
          "\\\"${body.x}\\\"}\"; },"
          "{ route = \"GET /plain\"; },"
          "{ route = \"GET /big\"; html = \"<p>\"; bytes = 100000; } );");
    ck_assert_uint_eq(get("/a"), 200);
    body_is("{\"a\": 1}");
    ck_assert(has_header("X-Is: fixed\r\n") && has_header("Content-Type: application/json\r\n"));
    ck_assert_uint_eq(get("/a/x%20y?p=0&q=a+b"), 203);
    body_is("x y a b");
    ck_assert(has_header("X-Id: x y\r\n"));
    /* A line break in a header is left out with the header. */
    ck_assert_uint_eq(get("/a/x%0d%0aSet-Cookie:%20y"), 203);
    ck_assert(!has_header("Set-Cookie") && !has_header("X-Id"));
    ck_assert_uint_eq(post("/a/7", "{\"x\": [\"\\\"\"]}"), 200);
    body_is("{\"is\": [\"\\\"\"], \"as\": \"[\\\"\\\\\\\"\\\"]\"}");
    ck_assert_uint_eq(post("/a/7", ""), 200);
    body_is("{\"is\": null, \"as\": \"\"}");
    ck_assert_uint_eq(
        ask("POST /a/7", "Content-Type: application/x-www-form-urlencoded\r\n", "y=1&x=a%22b"),
        200);
    body_is("{\"is\": \"a\\\"b\", \"as\": \"a\\\"b\"}");
    ck_assert_uint_eq(get("/plain"), 200);
    body_is("{\"status\": \"ok\"}");
    ck_assert_uint_eq(get("/big"), 200);
    ck_assert_uint_eq(got.body_len, 100000);
    ck_assert_uint_eq(get("/nothing"), 404);
    ck_assert_uint_eq(ask("DELETE /a/7", "", NULL), 405);
    ck_assert(has_header("Allow: GET, HEAD, POST\r\n"));
    ck_assert_uint_eq(get("/about"), 200);
    ck_assert_uint_eq(get("/metrics"), 200);
    ck_assert_ptr_nonnull(
        strstr(got.body, "demo_requests_total{route=\"GET /a\",code=\"200\"} 1\n"));
    stats_have("\"GET /a/{id}\": {\"203\": 2}");
    stats_have("\"other\": {\"404\": 1, \"405\": 1}");
}
END_TEST

START_TEST(bodies_are_bounded)
{
    start("routes = ( { route = \"POST /a\"; json = \"{\\\"x\\\": ${body.x}}\"; } );");
    struct buf big = {0};
    buf_text(&big, "{\"x\": \"");
    while (big.len < 65000)
        buf_char(&big, 'x');
    buf_text(&big, "\"}");
    ck_assert_uint_eq(post("/a", big.data), 200);
    ck_assert_uint_eq(got.body_len, big.len);
    while (big.len < 70000)
        buf_char(&big, ' ');
    ck_assert_uint_eq(post("/a", big.data), 413);
    ck_assert_uint_eq(post("/a", "{}"), 200);
    buf_finish(&big);
}
END_TEST

START_TEST(one_in_so_many_fails)
{
    start("routes = ( { route = \"GET /a\"; fail = { every = 3; status = 502; }; } );");
    for (int i = 1; i <= 9; i++)
        ck_assert_uint_eq(get("/a"), i % 3 == 0 ? 502 : 200);
    stats_have("\"GET /a\": {\"200\": 6, \"502\": 3}");
}
END_TEST

/* A connection that was opened for it, as the one in use waits. */
static void ask_and_leave(const char *line, int *other)
{
    char text[256];
    dial();
    snprintf(text, sizeof text, "%s HTTP/1.1\r\nHost: d\r\n\r\n", line);
    say(text, strlen(text));
    *other = fd;
    fd = -1;
}

static void wait_for_stats(const char *want)
{
    uint64_t deadline_ns = now_ns() + DEADLINE_MS * NS_PER_MS;
    do {
        ck_assert_uint_eq(get("/stats"), 200);
        ck_assert_msg(now_ns() < deadline_ns, "never %s in %s", want, got.body);
    } while (strstr(got.body, want) == NULL);
}

START_TEST(a_full_pool_refuses_at_once)
{
    start("pools = { one = { size = 1; queue = 1; status = 509; }; };"
          "routes = ( { route = \"GET /a\"; pool = \"one\"; time = 3600; } );");
    int first, second;
    ask_and_leave("GET /a", &first);
    wait_for_stats("\"busy\": 1, \"waiting\": 0");
    int probe = fd;
    fd = -1;
    ask_and_leave("GET /a", &second);
    fd = probe;
    wait_for_stats("\"busy\": 1, \"waiting\": 1");
    ck_assert_uint_eq(get("/a"), 509);
    ck_assert(has_header("Retry-After: 1\r\n"));
    stats_have("\"accepted\": 2, \"refused\": 1");
    close(first);
    close(second);
}
END_TEST

/* The second pool is entered when the first one's time is over. */
START_TEST(stages_come_one_after_the_other)
{
    start("pools = { a = { size = 1; queue = 0; }; b = { size = 1; queue = 0; }; };"
          "routes = ( { route = \"GET /x\"; stages = ( { pool = \"a\"; time = 0.02; },"
          "                                            { pool = \"b\"; time = 3600; } ); },"
          "           { route = \"GET /b\"; pool = \"b\"; time = 3600; } );");
    int first;
    ask_and_leave("GET /x", &first);
    wait_for_stats("\"b\": {\"size\": 1, \"busy\": 1");
    stats_have("\"a\": {\"size\": 1, \"busy\": 0");
    ck_assert_uint_eq(get("/b"), 503);
    uint64_t before_ns = now_ns();
    ck_assert_uint_eq(get("/x"), 503); /* through the first pool, refused by the second */
    ck_assert_uint_ge(now_ns() - before_ns, 20 * NS_PER_MS);
    close(first);
}
END_TEST

/* -------------------------------------------------------------- accounts and limits */

#define ACCOUNTS                                                                                   \
    "accounts = { users = ( { name = \"boss\"; password = \"b\"; role = \"boss\"; },"              \
    "                       { name = \"*\"; password = \"x\"; role = \"user\"; } );"               \
    "             lockout = { failures = 5; time = 3600; }; cookie = \"sid\";"                     \
    "             csrf_header = \"X-CSRF\"; };"                                                    \
    "routes = ( { route = \"POST /login\"; login = true; },"                                       \
    "           { route = \"POST /logout\"; logout = true; },"                                     \
    "           { route = \"GET /me\"; auth = true; text = \"${account} ${role} ${csrf}\"; },"     \
    "           { route = \"GET /boss\"; auth = [\"boss\"]; },"                                    \
    "           { route = \"POST /form\"; auth = true; csrf = true; },"                            \
    "           { route = \"GET /limited\"; } );"

/* The value of a JSON text's member, up to the next quote. */
static void member(const char *name, char out[128])
{
    char key[64];
    snprintf(key, sizeof key, "\"%s\": \"", name);
    const char *at = strstr(got.body, key);
    ck_assert_msg(at != NULL, "no %s in %s", name, got.body);
    at += strlen(key);
    size_t n = strcspn(at, "\"");
    ck_assert_uint_lt(n, 128);
    memcpy(out, at, n);
    out[n] = '\0';
}

static void log_in(const char *json, char header[256])
{
    char token[128];
    ck_assert_uint_eq(post("/login", json), 200);
    member("token", token);
    ck_assert_uint_eq(strlen(token), 32);
    snprintf(header, 256, "Authorization: Bearer %s\r\n", token);
}

START_TEST(a_token_opens_what_is_closed)
{
    char bearer[256], other[256];
    start(ACCOUNTS);
    ck_assert_uint_eq(get("/me"), 401);
    ck_assert(has_header("WWW-Authenticate: Bearer\r\n"));
    log_in("{\"username\": \"kim\", \"password\": \"x\"}", bearer);
    ck_assert(has_header("Set-Cookie: sid="));
    ck_assert_uint_eq(ask("GET /me", bearer, NULL), 200);
    ck_assert_int_eq(strncmp(got.body, "kim user ", 9), 0);
    char csrf[256];
    snprintf(csrf, sizeof csrf, "X-CSRF: %s\r\n", got.body + 9);
    strcat(csrf, bearer);
    ck_assert_uint_eq(ask("POST /form", bearer, ""), 403);
    ck_assert_uint_eq(ask("POST /form", csrf, ""), 200);
    char cookie[256] = "Cookie: a=b; sid=";
    strcat(cookie, bearer + strlen("Authorization: Bearer "));
    ck_assert_uint_eq(ask("GET /me", cookie, NULL), 200);
    ck_assert_uint_eq(ask("GET /me", "Cookie: sid=guess\r\n", NULL), 401);
    ck_assert_uint_eq(ask("GET /me", "Authorization: Basic a2ltOng=\r\n", NULL), 200);
    ck_assert_uint_eq(ask("GET /me", "Authorization: Basic a2ltOnk=\r\n", NULL), 401);
    ck_assert_uint_eq(ask("GET /boss", bearer, NULL), 403);
    log_in("{\"username\": \"boss\", \"password\": \"b\"}", other);
    ck_assert_uint_eq(ask("GET /boss", other, NULL), 200);
    stats_have("\"tokens\": {\"issued\": 2, \"seen\": 2, ");
    ck_assert_uint_eq(ask("POST /logout", bearer, ""), 200);
    ck_assert_uint_eq(ask("GET /me", bearer, NULL), 401);
}
END_TEST

START_TEST(the_sixth_failed_login_is_locked_out)
{
    char bearer[256];
    start(ACCOUNTS);
    for (int i = 0; i < 5; i++)
        ck_assert_uint_eq(post("/login", "{\"username\": \"kim\", \"password\": \"no\"}"), 401);
    for (int i = 0; i < 5; i++) {
        ck_assert_uint_eq(post("/login", "{\"username\": \"kim\", \"password\": \"x\"}"), 429);
        ck_assert(has_header("Retry-After: 3600\r\n") || has_header("Retry-After: 3599\r\n"));
    }
    log_in("{\"username\": \"tim\", \"password\": \"x\"}", bearer);
    ck_assert_uint_eq(post("/login", "no JSON"), 401);
    ck_assert_uint_eq(post("/login", "[[[[[["), 401);
    stats_have("\"logins\": {\"passed\": 1, \"failed\": 7, \"locked\": 5}");
}
END_TEST

START_TEST(limits_count_users_and_addresses_apart)
{
    char kim[256], tim[256];
    start("rate_limits = { mine = { requests = 3; window = 3600; endpoints = \"GET /me\"; };"
          "  ours = { requests = 4; window = 3600; per = \"address\"; endpoints = \"GET "
          "/limited\"; };"
          "}; " ACCOUNTS);
    log_in("{\"username\": \"kim\", \"password\": \"x\"}", kim);
    log_in("{\"username\": \"tim\", \"password\": \"x\"}", tim);
    for (int i = 0; i < 3; i++) {
        char left[64];
        ck_assert_uint_eq(ask("GET /me", kim, NULL), 200);
        snprintf(left, sizeof left, "X-RateLimit-Remaining: %d\r\n", 2 - i);
        ck_assert(has_header(left) && has_header("X-RateLimit-Limit: 3\r\n"));
    }
    ck_assert_uint_eq(ask("GET /me", kim, NULL), 429);
    ck_assert(has_header("Retry-After: 3600\r\n") || has_header("Retry-After: 3599\r\n"));
    ck_assert(has_header("X-RateLimit-Reset: ") && has_header("X-RateLimit-Remaining: 0\r\n"));
    ck_assert_uint_eq(ask("GET /me", tim, NULL), 200);
    ck_assert_uint_eq(ask("GET /limited", kim, NULL), 200);
    ck_assert_uint_eq(ask("GET /limited", tim, NULL), 200);
    ck_assert_uint_eq(get("/limited"), 200);
    ck_assert_uint_eq(get("/limited"), 200);
    ck_assert_uint_eq(ask("GET /limited", tim, NULL), 429);
    stats_have("\"mine\": 1,\n    \"ours\": 1");
}
END_TEST

/* --------------------------------------------------------------- items and uploads */

START_TEST(items_live_and_die)
{
    start("collections = { things = { items = 3; max = 5; item = \"{\\\"n\\\": ${int:7:7}}\"; };"
          "                states = { id = \"text\"; }; };"
          "routes = ( { route = \"POST /t\"; create = \"things\"; },"
          " { route = \"GET /t\"; list = \"things\"; },"
          " { route = \"GET /t/{id}\"; get = \"things\"; },"
          " { route = \"PATCH /t/{id}\"; patch = \"things\"; set = \"{\\\"by\\\": "
          "\\\"${path.id}\\\"}\"; },"
          " { route = \"PUT /t/{id}\"; replace = \"things\"; },"
          " { route = \"DELETE /t/{id}\"; delete = \"things\"; },"
          " { route = \"GET /t/{id}/sub\"; exists = \"things\"; },"
          " { route = \"GET /s/{a}/{b}\"; get = \"states\"; id = \"${path.a}:${path.b}\"; default "
          "= \"{}\"; },"
          " { route = \"POST /s/{a}/{b}\"; save = \"states\"; id = \"${path.a}:${path.b}\"; },"
          " { route = \"POST /u\"; list = \"things\"; json = \"${items}\"; } );");
    ck_assert_uint_eq(post("/t", "{\"a\": \"b\", \"id\": 99}"), 201);
    body_is("{\"id\": 4, \"n\": 7, \"a\": \"b\"}");
    ck_assert_uint_eq(get("/t/4"), 200);
    body_is("{\"id\": 4, \"n\": 7, \"a\": \"b\"}");
    ck_assert_uint_eq(ask("PATCH /t/4", JSON_TYPE, "{\"a\": null}"), 200);
    body_is("{\"id\": 4, \"n\": 7, \"a\": null, \"by\": \"4\"}");
    ck_assert_uint_eq(ask("PATCH /t/4", JSON_TYPE, "{\"a\": "), 400);
    ck_assert_uint_eq(ask("PUT /t/4", JSON_TYPE, "[]"), 400);
    ck_assert_uint_eq(ask("PUT /t/4", JSON_TYPE, "{\"z\": 1}"), 200);
    body_is("{\"id\": 4, \"z\": 1}");
    ck_assert_uint_eq(ask("PATCH /t/77", JSON_TYPE, "{}"), 404);
    ck_assert_uint_eq(get("/t/4/sub"), 200);
    ck_assert_uint_eq(get("/t/5/sub"), 404);
    ck_assert_uint_eq(ask("DELETE /t/4", "", NULL), 204);
    ck_assert_uint_eq(ask("DELETE /t/4", "", NULL), 404);
    ck_assert_uint_eq(get("/t?limit=1&offset=1"), 200);
    body_is("{\"items\": [{\"id\": 2, \"n\": 7}], \"total\": 3}");
    ck_assert_uint_eq(get("/t?limit=2&page=2"), 200);
    body_is("{\"items\": [{\"id\": 1, \"n\": 7}], \"total\": 3}");
    ck_assert_uint_eq(post("/u?limit=1", ""), 200);
    body_is("[{\"id\": 3, \"n\": 7}]");
    for (int i = 0; i < 4; i++)
        ck_assert_uint_eq(post("/t", "{}"), 201);
    ck_assert_uint_eq(get("/t/1"), 404);
    ck_assert_uint_eq(get("/t/3"), 200);
    ck_assert_uint_eq(get("/s/kim/7"), 200);
    body_is("{}");
    ck_assert_uint_eq(post("/s/kim/7", "{\"x\": 1}"), 200);
    ck_assert_uint_eq(get("/s/kim/7"), 200);
    body_is("{\"id\": \"kim:7\", \"x\": 1}");
    stats_have("\"written_known\": 5, \"written_unknown\": 2");
}
END_TEST

START_TEST(a_job_is_polled_until_it_is_done)
{
    start(
        "pools = { two = { size = 1; queue = 1; status = 409; }; };"
        "collections = { runs = { id_name = \"run_id\"; job = { pool = \"two\"; time = 3600; }; };"
        "                quick = { job = { time = 0.03; states = [\"new\", \"busy\", \"over\"]; }; "
        "}; };"
        "routes = ( { route = \"POST /r\"; create = \"runs\"; status = 202; },"
        "           { route = \"GET /r/{id}\"; get = \"runs\"; },"
        "           { route = \"POST /q\"; create = \"quick\"; },"
        "           { route = \"GET /q/{id}\"; get = \"quick\"; } );");
    ck_assert_uint_eq(post("/r", "{}"), 202);
    body_is("{\"run_id\": 1, \"status\": \"running\"}");
    ck_assert_uint_eq(post("/r", "{}"), 202);
    body_is("{\"run_id\": 2, \"status\": \"queued\"}");
    ck_assert_uint_eq(post("/r", "{}"), 409);
    ck_assert_uint_eq(get("/r/3"), 404);
    ck_assert_uint_eq(post("/q", "{\"x\": 1}"), 201);
    body_is("{\"id\": 1, \"status\": \"busy\", \"x\": 1}");
    uint64_t deadline_ns = now_ns() + DEADLINE_MS * NS_PER_MS;
    do {
        ck_assert_uint_eq(get("/q/1"), 200);
        ck_assert(now_ns() < deadline_ns);
    } while (strstr(got.body, "\"busy\"") != NULL);
    body_is("{\"id\": 1, \"status\": \"over\", \"x\": 1}");
}
END_TEST

static unsigned upload(size_t bytes, bool multipart)
{
    static const char head[] =
        "--------boundary\r\nContent-Disposition: form-data; name=\"who\"\r\n\r\nkim\"s\r\n"
        "--------boundary\r\nContent-Disposition: form-data; name=\"file\"; "
        "filename=\"a.mp3\"\r\nContent-Type: audio/mpeg\r\n\r\n";
    static const char tail[] = "\r\n--------boundary--\r\n";
    struct buf body = {0}, all = {0};
    if (multipart)
        buf_text(&body, head);
    for (size_t i = 0; i < bytes; i++)
        buf_char(&body, (char)(i * 7)); /* NULs and all */
    if (multipart)
        buf_text(&body, tail);
    buf_printf(&all,
               "POST /up HTTP/1.1\r\nHost: d\r\nContent-Type: %s\r\nContent-Length: %zu\r\n\r\n",
               multipart ? "multipart/form-data; boundary=------boundary" : "audio/mpeg", body.len);
    buf_add(&all, body.data, body.len);
    if (fd < 0)
        dial();
    say(all.data, all.len);
    buf_finish(&body);
    buf_finish(&all);
    hear();
    return got.status;
}

START_TEST(uploads_are_counted_to_the_byte)
{
    start("routes = ( { route = \"POST /up\"; upload = { min = \"1k\"; max = \"1M\"; };"
          "  json = \"{\\\"bytes\\\": ${bytes}, \\\"who\\\": \\\"${body.who}\\\"}\"; } );");
    ck_assert_uint_eq(upload(1000, true), 200);
    body_is("{\"bytes\": 1000, \"who\": \"kim\\\"s\"}");
    ck_assert_uint_eq(upload(999, true), 400);
    ck_assert_uint_eq(upload(1000000, true), 200);
    ck_assert_uint_eq(upload(1000001, true), 413);
    ck_assert_uint_eq(upload(1000000, false), 200);
    body_is("{\"bytes\": 1000000, \"who\": \"\"}");
    ck_assert_uint_eq(upload(1000001, false), 413);
    ck_assert_uint_eq(upload(0, false), 400);
    stats_have(
        "\"POST /up\": {\"taken\": 3, \"bytes\": 2001000, \"too_large\": 2, \"too_small\": 2}");
}
END_TEST

/* --------------------------------------------------------------------------- gzip */

static void unpack(const char *data, size_t len, struct buf *out)
{
    z_stream z = {.next_in = (const Bytef *)data, .avail_in = (uInt)len};
    ck_assert_int_eq(inflateInit2(&z, MAX_WBITS + 16), Z_OK); /* gzip and nothing else */
    buf_reserve(out, 100000);
    z.next_out = (Bytef *)out->data;
    z.avail_out = 100000;
    ck_assert_int_eq(inflate(&z, Z_FINISH), Z_STREAM_END);
    ck_assert_uint_eq(z.avail_in, 0);
    out->len = z.total_out;
    inflateEnd(&z);
}

START_TEST(replies_are_packed_for_those_who_ask)
{
    start("routes = ( { route = \"GET /fixed\"; text = \"hello hello hello\"; bytes = 70000; gzip "
          "= true; },"
          " { route = \"GET /drawn/{x}\"; text = \"${path.x} ${path.x}x${path.x}\"; gzip = true; } "
          ");");
    static const char *const paths[] = {"GET /fixed", "GET /drawn/abcdefghij"};
    for (size_t i = 0; i < 2; i++) {
        struct buf plain = {0}, unpacked = {0};
        ck_assert_uint_eq(ask(paths[i], "", NULL), 200);
        ck_assert(!has_header("Content-Encoding") && has_header("Vary: Accept-Encoding\r\n"));
        buf_add(&plain, got.body, got.body_len);
        ck_assert_uint_eq(ask(paths[i], "Accept-Encoding: gzip;q=0\r\n", NULL), 200);
        ck_assert(!has_header("Content-Encoding"));
        ck_assert_uint_eq(ask(paths[i], "Accept-Encoding: deflate, gzip\r\n", NULL), 200);
        ck_assert(has_header("Content-Encoding: gzip\r\n"));
        unpack(got.body, got.body_len, &unpacked);
        ck_assert_uint_eq(unpacked.len, plain.len);
        ck_assert_int_eq(memcmp(unpacked.data, plain.data, plain.len), 0);
        buf_finish(&plain);
        buf_finish(&unpacked);
    }
}
END_TEST

static const char *const garbage[] = {
    "\x01\x02\x03\r\n\r\n",
    "GET\r\n\r\n",
    "GET / HTTP/9.9\r\n\r\n",
    "GET * HTTP/1.1\r\nHost: d\r\n\r\n",
    "GET /%zz%00/\x80 HTTP/1.1\r\nHost: d\r\n\r\n",
    "POST /login HTTP/1.1\r\nHost: d\r\nContent-Length: -5\r\n\r\nabc",
    "POST /login HTTP/1.1\r\nHost: d\r\nContent-Type: multipart/form-data\r\nContent-Length: "
    "3\r\n\r\nabc",
    "POST /login HTTP/1.1\r\nHost: d\r\nContent-Type: multipart/form-data; boundary=------x\r\n"
    "Content-Length: 12\r\n\r\n--------x\r\n\r",
    "POST /login HTTP/1.1\r\nHost: d\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    "POST /login HTTP/1.1\r\nHost: d\r\nContent-Length: 10\r\n\r\nabc",
    "GET /me HTTP/1.1\r\nHost: d\r\nAuthorization: Basic ====\r\nCookie: ;;=;sid\r\n\r\n",
};

START_TEST(garbage_does_not_stop_it)
{
    start(ACCOUNTS);
    ck_assert_uint_eq(get("/limited"), 200);
    for (size_t i = 0; i < sizeof garbage / sizeof *garbage; i++) {
        dial(); /* hangs up on the one before, whose reply nobody reads */
        say(garbage[i], strlen(garbage[i]));
    }
    dial();
    ck_assert_uint_eq(get("/limited"), 200);
    stats_have("\"GET /limited\": {\"200\": 2}");
}
END_TEST

static void finish(void)
{
    teardown();
    buf_finish(&got.text);
}

int main(void)
{
    Suite *s = suite_create("demo service");
    TCase *tc = tcase_create("service");
    tcase_set_timeout(tc, 60);
    tcase_add_checked_fixture(tc, NULL, finish);
    tcase_add_test(tc, routes_answer_in_their_own_words);
    tcase_add_test(tc, bodies_are_bounded);
    tcase_add_test(tc, one_in_so_many_fails);
    tcase_add_test(tc, a_full_pool_refuses_at_once);
    tcase_add_test(tc, stages_come_one_after_the_other);
    tcase_add_test(tc, a_token_opens_what_is_closed);
    tcase_add_test(tc, the_sixth_failed_login_is_locked_out);
    tcase_add_test(tc, limits_count_users_and_addresses_apart);
    tcase_add_test(tc, items_live_and_die);
    tcase_add_test(tc, a_job_is_polled_until_it_is_done);
    tcase_add_test(tc, uploads_are_counted_to_the_byte);
    tcase_add_test(tc, replies_are_packed_for_those_who_ask);
    tcase_add_test(tc, garbage_does_not_stop_it);
    suite_add_tcase(s, tc);
    return unit_run(s);
}
