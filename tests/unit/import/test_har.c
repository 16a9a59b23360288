/* SPDX-License-Identifier: MIT */
/* Recorded browser sessions: shop.har beside this file, and small ones made here. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/buf.h"
#include "src/base/mem.h"
#include "src/import/import.h"
#include "tests/unit/import/parsed.h"
#include "tests/unit/unit.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof *(a)))

static char *import_text(const char *har, const struct import_options *o)
{
    struct err e = {""};
    char *text = NULL;
    ck_assert_msg(import_har("t.har", har, strlen(har), o, &text, &e), "%s", e.text);
    must_parse(text);
    return text;
}

static char *shop(const struct import_options *o)
{
    const char *top = getenv("top_srcdir");
    struct err e = {""};
    char *file = mem_printf("%s/tests/unit/import/shop.har", top != NULL ? top : "."), *har;
    size_t len;
    ck_assert_msg(import_read_file(file, &har, &len, &e), "%s", e.text);
    char *text = import_text(har, o);
    free(har);
    free(file);
    return text;
}

/* Where part stands behind `after`; both must be there. */
static void follows(const char *text, const char *after, const char *part)
{
    const char *at = strstr(text, after);
    ck_assert_msg(at != NULL && strstr(at, part) != NULL, "\"%s\" does not follow \"%s\" in:\n%s",
                  part, after, text);
}

/* ------------------------------------------------------------ a whole session */

START_TEST(pages_become_tasks_in_their_order)
{
    char *t = shop(NULL);
    has(t, "target = \"https://shop.example.com\";");
    has(t, "sequence = true;");
    follows(t, "{ name = \"Log in\";", "{ name = \"Shop \xe2\x80\x93 all items\";");
    follows(t, "{ name = \"Shop",
            "{ request = \"POST /api/orders\";"); /* its title is an address */
    follows(t, "request = \"GET /login\"", "{ think = 12.0; }");
    follows(t, "{ think = 12.0; }", "request = \"POST /api/login\"");
    follows(t, "request = \"POST /api/login\"", "wait = { constant = 7.5; };");
    has(t, "# Pauses of more than 30 seconds are cut to that.");
    follows(t, "GET /api/coupons/none", "wait = { constant = 30.0; };");
    free(t);
}
END_TEST

START_TEST(requests_at_the_same_time_are_parallel)
{
    char *t = shop(NULL), *begin = strstr(t, "{ parallel = ("), *end;
    ck_assert_ptr_nonnull(begin);
    end = strstr(begin, "); }");
    ck_assert_ptr_nonnull(end);
    char *group = mem_strndup(begin, (size_t)(end - begin));
    has(group, "GET /api/items?page=1");
    has(group, "GET /api/users/${user_id}/basket");
    lacks(group, "GET /shop");
    ck_assert_ptr_null(strstr(end, "{ parallel"));
    free(group);
    free(t);
}
END_TEST

START_TEST(what_a_reply_brought_is_captured_and_sent)
{
    char *t = shop(NULL);
    has(t, "access_token = \"json:$.access_token\";");
    has(t, "auth = { bearer = \"${access_token}\"; };");
    has(t, "user_id = \"json:$.user.id\";");
    has(t, "\\\"user_id\\\": \\\"${user_id}\\\"");
    has(t, "basket_uuid = \"json:$.basket.uuid\";");
    has(t, "request = \"POST /api/basket/${basket_uuid}/lines\";");
    has(t, "body = \"basket=${basket_uuid}&pay=by%20invoice\";"); /* as it was sent */
    has(t, "item_id_2 = \"json:$.items[1].id\";");
    has(t, "\\\"itemId\\\": ${item_id_2}");
    has(t, "csrf_token = \"regex:name=\\\"csrf_token\\\"[^>]*value=\\\"([^\\\"]+)\\\"\";");
    has(t, "\\\"csrf\\\": \\\"${csrf_token}\\\"");
    lacks(t, "tok-9f8e7d6c5b4a");
    lacks(t, "u-77aa88bb");
    lacks(t, "0b5c1f7e");
    lacks(t, "f00dfeed77aa");
    free(t);
}
END_TEST

START_TEST(paths_that_differ_in_an_id_count_as_one)
{
    char *t = shop(NULL);
    follows(t, "{ name = \"/api/items/{id}\";", "request = \"GET /api/items/${item_id}\";");
    follows(t, "${item_id}", "{ name = \"/api/items/{id}\";");
    lacks(t, "name = \"/api/basket");
    free(t);
}
END_TEST

START_TEST(a_status_that_is_not_2xx_is_expected)
{
    char *t = shop(NULL);
    follows(t, "GET /api/coupons/none", "expect = 404;");
    follows(t, "POST /api/orders", "expect = 302;");
    lacks(t, "expect = 200");
    lacks(t, "expect = 201");
    free(t);
}
END_TEST

START_TEST(secrets_of_a_session_are_not_printed)
{
    static const char *const secret[] = {"Sommer-2026!", "all-of-it-7", "abc123def456"};
    struct import_options o = {.keep_secrets = true};
    char *t = shop(NULL);
    for (int i = 0; i < COUNT(secret); i++)
        lacks(t, secret[i]);
    has(t, "export PASSWORD='...'    # password in the body");
    has(t, "cookies = { consent = \"${consent}\"; };"); /* nobody set it in the recording */
    lacks(t, "sid =");                                  /* the server did: the engine's */
    free(t);
    t = shop(&o);
    has(t, "Sommer-2026!");
    has(t, "consent = \"all-of-it-7\";");
    lacks(t, "secret =");
    free(t);
}
END_TEST

START_TEST(what_is_left_out_is_counted)
{
    char *t = shop(NULL);
    has(t, "# Left out: websockets: 1.");
    has(t, "# Left out: the browser's own preflights (OPTIONS): 1.");
    has(t, "# Left out: requests without a reply (blocked, cancelled, failed): 1.");
    has(t, "# Left out: what goes to no server (data:, blob:, extensions): 2.");
    has(t, "# Left out: images, fonts, styles, scripts (--keep-static keeps them): 3.");
    has(t, "other hosts (stats.example.net;");
    lacks(t, "app.css");
    lacks(t, "/collect");
    free(t);
}
END_TEST

START_TEST(static_files_and_hosts_are_kept_when_asked_for)
{
    static const char *const hosts[] = {"stats.example.net"};
    struct import_options o = {.keep_static = true, .keep_hosts = hosts, .n_keep_hosts = 1};
    char *t = shop(&o);
    has(t, "request = \"GET /static/app.css\";");
    has(t, "request = \"POST https://stats.example.net/collect\";");
    lacks(t, "cdn.example.net/");
    has(t, "other hosts (cdn.example.net;");
    free(t);
    o = (struct import_options){.keep_static = true, .keep_all_hosts = true};
    t = shop(&o);
    has(t, "request = \"GET https://cdn.example.net/logo.svg\";");
    lacks(t, "to other hosts (");
    free(t);
}
END_TEST

START_TEST(headers_that_all_have_stand_once_and_idle_ones_nowhere)
{
    char *t = shop(NULL), *first = strstr(t, "User-Agent");
    ck_assert_ptr_nonnull(first);
    ck_assert_ptr_null(strstr(first + 1, "User-Agent"));
    has(t, "gzip = true;");
    lacks(t, "Connection =");
    has(t, "# Left out: headers of the browser or of one connection (Connection).");
    has(t, "# Changed: Accept-Encoding is \"gzip, deflate\".");
    has(t, "# Left out: cookies that replies set; each user keeps what the target sets.");
    lacks(t, "If-None-Match");
    lacks(t, "Host =");
    follows(t, "POST /api/login", "Origin = \"https://shop.example.com\";");
    free(t);
}
END_TEST

/* --------------------------------------------------------------- small ones */

/* One entry; at ms after a full hour. */
static void entry(struct buf *b, unsigned at_ms, unsigned took_ms, const char *method,
                  const char *url, const char *request_more, const char *mime, const char *reply)
{
    buf_printf(b,
               "%s{\"startedDateTime\":\"2026-11-21T10:00:%02u.%03uZ\",\"time\":%u,\"request\":{"
               "\"method\":\"%s\",\"url\":\"%s\"%s},\"response\":{\"status\":200,\"content\":{"
               "\"mimeType\":\"%s\",\"text\":%s}}}",
               b->len > 0 ? "," : "", at_ms / 1000, at_ms % 1000, took_ms, method, url,
               request_more, mime, reply);
}

static char *import_entries(struct buf *b, const struct import_options *o)
{
    char *har = mem_printf("{\"log\":{\"version\":\"1.2\",\"entries\":[%s]}}", b->data);
    char *text = import_text(har, o);
    free(har);
    buf_finish(b);
    return text;
}

START_TEST(without_pages_a_gap_begins_a_task)
{
    struct buf b = {0};
    entry(&b, 0, 10, "GET", "http://h/a", "", "text/html", "\"\"");
    entry(&b, 600, 10, "GET", "http://h/b", "", "text/html", "\"\"");
    entry(&b, 9000, 10, "GET", "http://h/c", "", "text/html", "\"\"");
    char *t = import_entries(&b, NULL);
    follows(t, "GET /a", "{ think = 0.5; }");
    follows(t, "{ think = 0.5; }", "GET /b");
    follows(t, "GET /b", "wait = { constant = 8.5; };");
    follows(t, "wait = { constant = 8.5; };", "{ request = \"GET /c\";");
    free(t);
}
END_TEST

/* What the client had sent first is its own, and what came too late cannot have been used. */
START_TEST(only_what_the_server_brought_in_time_is_captured)
{
    struct buf b = {0};
    entry(&b, 0, 10, "GET", "http://h/items/abc123def", "", "application/json",
          "\"{\\\"id\\\":\\\"abc123def\\\",\\\"lang\\\":\\\"german\\\"}\"");
    entry(&b, 100, 500, "GET", "http://h/slow", "", "application/json",
          "\"{\\\"ticket\\\":\\\"t-998877\\\"}\"");
    entry(&b, 200, 10, "GET", "http://h/use/t-998877", "", "application/json", "\"\"");
    entry(&b, 900, 10, "GET", "http://h/items/abc123def?lang=german", "", "application/json",
          "\"\"");
    char *t = import_entries(&b, NULL);
    lacks(t, "capture");
    has(t, "GET /items/abc123def?lang=german");
    has(t, "GET /use/t-998877");
    free(t);
}
END_TEST

START_TEST(a_token_is_found_in_any_header_and_in_longer_texts)
{
    struct buf b = {0};
    entry(&b, 0, 10, "POST", "http://h/login", "", "application/json",
          "\"{\\\"data\\\":{\\\"odd name\\\":{\\\"token\\\":\\\"abcdefghij\\\"}}}\"");
    entry(&b, 100, 10, "GET", "http://h/a",
          ",\"headers\":[{\"name\":\"Authorization\",\"value\":\"Token abcdefghij\"},"
          "{\"name\":\"X-Trace\",\"value\":\"by abcdefghij here\"}]",
          "application/json", "\"\"");
    char *t = import_entries(&b, NULL);
    has(t, "capture = { token = \"json:$.data[\\\"odd name\\\"].token\"; };");
    has(t, "Authorization = \"Token ${token}\";");
    has(t, "X-Trace = \"by ${token} here\";");
    lacks(t, "abcdefghij");
    free(t);
}
END_TEST

START_TEST(a_cookie_that_is_echoed_in_a_header_is_captured)
{
    const char *har =
        "{\"log\":{\"entries\":[{\"startedDateTime\":\"2026-11-21T10:00:00Z\",\"time\":5,"
        "\"request\":{\"method\":\"GET\",\"url\":\"http://h/\"},\"response\":{\"status\":200,"
        "\"headers\":[{\"name\":\"Set-Cookie\",\"value\":\"XSRF-TOKEN=x1y2z3q4; Path=/\"}],"
        "\"content\":{}}},{\"startedDateTime\":\"2026-11-21T10:00:00.1Z\",\"time\":5,"
        "\"request\":{\"method\":\"DELETE\",\"url\":\"http://h/"
        "x\",\"headers\":[{\"name\":\"Cookie\","
        "\"value\":\"XSRF-TOKEN=x1y2z3q4\"},{\"name\":\"X-XSRF-TOKEN\",\"value\":\"x1y2z3q4\"}]},"
        "\"response\":{\"status\":204}}]}}";
    char *t = import_text(har, NULL);
    has(t, "capture = { xsrf_token = \"cookie:XSRF-TOKEN\"; };");
    has(t, "X-XSRF-TOKEN = \"${xsrf_token}\";");
    lacks(t, "x1y2z3q4");
    lacks(t, "cookies =");
    free(t);
}
END_TEST

START_TEST(uploads_become_generated_bytes)
{
    struct buf b = {0};
    entry(&b, 0, 10, "POST", "http://h/up",
          ",\"postData\":{\"mimeType\":\"multipart/form-data; boundary=xx\",\"params\":[{\"name\":"
          "\"t\",\"value\":\"a ${b}\"},{\"name\":\"f\",\"fileName\":\"a.png\",\"contentType\":"
          "\"image/png\"}]}",
          "text/html", "\"\"");
    entry(&b, 100, 10, "PUT", "http://h/raw",
          ",\"postData\":{\"mimeType\":\"application/octet-stream\",\"text\":\"a\\u0000b\"}",
          "text/html", "\"\"");
    char *t = import_entries(&b, NULL);
    has(t, "{ name = \"t\"; value = \"a $${b}\"; }");
    has(t, "{ name = \"f\"; payload = \"1024\"; filename = \"a.png\"; type = \"image/png\"; }");
    has(t, "payload = \"3\";");
    has(t, "Content-Type = \"application/octet-stream\"");
    has(t, "# Uploaded files are not in a recording");
    free(t);
}
END_TEST

/* What a page sends as a file of JSON is in the recording; a name of a file is one line. */
START_TEST(data_that_is_there_is_sent)
{
    struct buf b = {0};
    entry(&b, 0, 10, "POST", "http://h/up",
          ",\"postData\":{\"mimeType\":\"multipart/form-data; boundary=xx\",\"text\":"
          "\"--xx\\r\\nContent-Disposition: form-data; name=\\\"m\\\"; filename=\\\"blob\\\"\\r\\n"
          "Content-Type: application/json\\r\\n\\r\\n{\\\"a\\\":1}\\r\\n"
          "--xx\\r\\nContent-Disposition: form-data; name=\\\"f\\\"; "
          "filename=\\\"a\\u0007.png\\\"\\r\\n"
          "Content-Type: image/png\\r\\n\\r\\nabc\\r\\n--xx--\\r\\n\"}",
          "text/html", "\"\"");
    entry(&b, 100, 10, "PUT", "http://h/raw",
          ",\"postData\":{\"mimeType\":\"application/json\",\"encoding\":\"base64\","
          "\"text\":\"eyJhIjoxfQ==\"}",
          "text/html", "\"\"");
    char *t = import_entries(&b, NULL);
    has(t, "{ name = \"m\"; value = \"{\\\"a\\\":1}\"; filename = \"blob\"; type = "
           "\"application/json\"; }");
    has(t, "{ name = \"f\"; payload = \"3\"; filename = \"a.png\"; type = \"image/png\"; }");
    has(t, "json = \"{\\\"a\\\":1}\";");
    free(t);
}
END_TEST

/* A reply in base64, a BOM in front, an offset in the time: all are allowed. */
START_TEST(odd_but_right_files_are_read)
{
    char *t = import_text(
        "\xef\xbb\xbf{\"log\":{\"entries\":[{\"startedDateTime\":\"2026-11-21T23:59:59.5-02:30\","
        "\"time\":5,\"request\":{\"method\":\"GET\",\"url\":\"http://h/"
        "\"},\"response\":{\"status\":"
        "200,\"content\":{\"mimeType\":\"application/json\",\"encoding\":\"base64\",\"text\":"
        "\"eyJpZCI6ImFiYzEyMyJ9\"}}},{\"startedDateTime\":\"2026-11-22T02:30:00.5Z\",\"time\":5,"
        "\"request\":{\"method\":\"GET\",\"url\":\"http://h/"
        "abc123\"},\"response\":{\"status\":304}}]}}",
        NULL);
    has(t, "value_id = \"json:$.id\";");
    has(t, "GET /${value_id}");
    lacks(t, "expect");
    has(t, "{ think = 1.0; }");
    free(t);
}
END_TEST

/* One entry as it stands in many exports that are not a browser's. */
static const struct {
    const char *request, *response, *part;
} odd[] = {
    {"\"method\":\"post\",\"url\":\"http://h/a\"", ",\"response\":{\"status\":200}",
     "request = \"POST /a\";"},
    {"\"method\":\"post\",\"url\":\"http://h/a\"", ",\"response\":{\"status\":200}",
     "# Changed: methods in small letters are sent in capitals."},
    {"\"method\":\"GET\",\"url\":\"http://h/a\",\"queryString\":[{\"name\":\"x y\",\"value\":"
     "\"\xc3\xbc 1\"},{\"name\":\"z\"}]",
     ",\"response\":{\"status\":200}", "request = \"GET /a?x%20y=%C3%BC%201&z=\";"},
    {"\"method\":\"GET\",\"url\":\"http://h/"
     "a?b=1\",\"queryString\":[{\"name\":\"b\",\"value\":\"1\"}]",
     ",\"response\":{\"status\":200}", "request = \"GET /a?b=1\";"},
    {"\"method\":\"GET\",\"url\":\"http://h/a\"", "", "request = \"GET /a\";"},
    {"\"method\":\"GET\",\"url\":\"http://h/a\"", ",\"response\":{\"content\":{}}",
     "# No reply is recorded for 1 requests; any success counts."},
    {"\"method\":\"POST\",\"url\":\"http://h/a\",\"headers\":[{\"name\":\"Content-Length\","
     "\"value\":\"57\"}]",
     ",\"response\":{\"status\":200}", "payload = \"57\";"},
    {"\"method\":\"POST\",\"url\":\"http://h/a\",\"bodySize\":57", ",\"response\":{\"status\":200}",
     "# The body of POST /a (57 bytes) was not recorded; generated bytes stand in its place."},
    {"\"method\":\"POST\",\"url\":\"http://h/a\",\"bodySize\":-1", ",\"response\":{\"status\":200}",
     "{ request = \"POST /a\";\n        wait ="},
    {"\"method\":\"GET\",\"url\":\"http://h/a\",\"bodySize\":57", ",\"response\":{\"status\":200}",
     "{ request = \"GET /a\";\n        wait ="},
    {"\"method\":\"POST\",\"url\":\"http://h/a\",\"bodySize\":57,\"postData\":{\"mimeType\":"
     "\"text/plain\",\"text\":\"short\"}",
     ",\"response\":{\"status\":200}",
     "# Of the body of POST /a only 5 of 57 bytes were recorded."},
    {"\"method\":\"POST\",\"url\":\"http://h/a\",\"postData\":{\"mimeType\":"
     "\"application/x-www-form-urlencoded\",\"text\":\"q=a+b&r=1%2B1\"}",
     ",\"response\":{\"status\":200}", "form = { q = \"a b\"; r = \"1+1\"; };"},
    {"\"method\":\"POST\",\"url\":\"http://h/a\",\"postData\":{\"mimeType\":"
     "\"application/x-www-form-urlencoded\",\"params\":[{\"name\":\"a\",\"value\":\"b c\"}]}",
     ",\"response\":{\"status\":200}", "body = \"a=b%20c\";"},
    {"\"method\":\"GET\",\"url\":\"http://h/a\",\"headers\":[{\"name\":\"X-A\",\"value\":\"1\"},"
     "{\"name\":\"X-A\",\"value\":\"2\"},{\"name\":\"Host\",\"value\":\"other\"}]",
     ",\"response\":{\"status\":200}",
     "\"X-A: 1\",\n          \"X-A: 2\",\n          \"Host: other\""},
    {"\"method\":\"GET\",\"url\":\"http://h/a\",\"headers\":[{\"name\":\"DNT\",\"value\":\"1\"},"
     "{\"name\":\"Sec-Fetch-Mode\",\"value\":\"cors\"},{\"name\":\"Origin\",\"value\":\"http://"
     "h\"}]",
     ",\"response\":{\"status\":200}",
     "# Left out: headers of the browser or of one connection (DNT, Sec-Fetch-Mode)."},
    /* Cut within a character, as browsers do it in replies. */
    {"\"method\":\"GET\",\"url\":\"http://h/a\"",
     ",\"response\":{\"status\":200,\"content\":{\"text\":\"x\\ud83d\"}}", "request = \"GET /a\";"},
    {"\"method\":\"POST\",\"url\":\"http://h/a\",\"postData\":{\"mimeType\":\"text/"
     "plain\",\"text\":"
     "\"\\ud83d\\ude00\"}",
     ",\"response\":{\"status\":200}", "body = \"\xf0\x9f\x98\x80\";"},
};

START_TEST(odd_exports_are_read_and_changes_said)
{
    char *har = mem_printf("{\"log\":{\"entries\":[{\"request\":{%s}%s}]}}", odd[_i].request,
                           odd[_i].response);
    char *t = import_text(har, NULL);
    has(t, odd[_i].part);
    free(t);
    free(har);
}
END_TEST

/* A redirect that lasts, by the times, until its target is there. */
START_TEST(what_a_redirect_leads_to_follows_it)
{
    static const char *const locations[] = {"/home", "http://h/home", "//h/home", "home"};
    for (int i = 0; i < COUNT(locations); i++) {
        char *har = mem_printf(
            "{\"log\":{\"entries\":[{\"startedDateTime\":\"2026-11-21T10:00:00.000Z\",\"time\":731,"
            "\"request\":{\"method\":\"POST\",\"url\":\"http://h/"
            "login\"},\"response\":{\"status\":303,"
            "\"headers\":[{\"name\":\"Location\",\"value\":\"%s\"}]}},"
            "{\"startedDateTime\":\"2026-11-21T10:00:00.001Z\",\"time\":170,"
            "\"request\":{\"method\":\"GET\",\"url\":\"http://h/"
            "home\"},\"response\":{\"status\":200}},"
            "{\"startedDateTime\":\"2026-11-21T10:00:00.002Z\",\"time\":170,"
            "\"request\":{\"method\":\"GET\",\"url\":\"http://h/"
            "other\"},\"response\":{\"status\":200}}"
            "]}}",
            locations[i]);
        char *t = import_text(har, NULL), *parallel = strstr(t, "parallel");
        ck_assert_ptr_nonnull(parallel);
        ck_assert(strstr(t, "POST /login") < parallel && strstr(t, "GET /home") > parallel);
        follows(t, "GET /home", "GET /other");
        free(t);
        free(har);
    }
}
END_TEST

static const struct {
    const char *har, *message;
} wrong[] = {
    {"{\"log\":{\"entries\":[{\"request\":{\"method\":\"POST\",\"url\":\"http://h/a\",\"postData\":"
     "{\"text\":\"\\udc00x\"}},\"response\":{\"status\":200}}]}}",
     "t.har: POST /a holds half a character (a lone surrogate), which no text has; the bytes that "
     "were sent are not in the recording."},
    {"", "t.har:1: is not JSON (column 1); a HAR file is."},
    {"{\"log\":\n{\"secret\": hunter2", "t.har:2: is not JSON (column 17); a HAR file is."},
    {"[]", "t.har: is not a HAR file (it has no log.entries); save the network log as HAR in the "
           "browser's developer tools."},
    {"{\"log\":{\"entries\":[]}}", "t.har: no request is recorded in it."},
    {"{\"log\":{\"entries\":[1,{},{\"request\":{\"url\":\"data:x\"}}]}}",
     "t.har: none of its 3 requests is left: 0 are for static resources (--keep-static), 0 failed, "
     "3 "
     "are no http, 0 are preflights, 0 are for other hosts (--keep-all-hosts), 0 cannot be read."},
};

START_TEST(what_is_no_recording_is_refused_in_words)
{
    struct err e = {""};
    char *text;
    ck_assert(!import_har("t.har", wrong[_i].har, strlen(wrong[_i].har), NULL, &text, &e));
    ck_assert_str_eq(e.text, wrong[_i].message);
    ck_assert_ptr_null(text);
}
END_TEST

START_TEST(deep_nesting_is_refused_not_followed)
{
    size_t depth = 100000;
    char *har = mem_zalloc(depth + 1), *text;
    struct err e = {""};
    memset(har, '[', depth);
    ck_assert(!import_har("t.har", har, depth, NULL, &text, &e));
    ck_assert_ptr_nonnull(strstr(e.text, "is not JSON"));
    free(har);
}
END_TEST

/* A long session ends where a profile ends; the rest is counted. */
START_TEST(a_session_too_long_for_a_profile_is_cut)
{
    struct buf b = {0};
    char url[64], body[2100];
    memset(body, 'x', sizeof body - 1);
    body[sizeof body - 1] = '\0';
    char *post = mem_printf(",\"postData\":{\"mimeType\":\"text/plain\",\"text\":\"%s\"}", body);
    for (unsigned i = 0; i < 200; i++) {
        snprintf(url, sizeof url, "http://h/page%u", i);
        entry(&b, i * 250, 1, "POST", url, post, "text/html", "\"\"");
    }
    free(post);
    struct err e = {""};
    char *har = mem_printf("{\"log\":{\"entries\":[%s]}}", b.data), *t;
    ck_assert_msg(import_har("t.har", har, strlen(har), NULL, &t, &e), "%s", e.text);
    must_parse(t);
    has(t, "requests are left out: the profile would be too long.");
    has(t, "POST /page0\"");
    lacks(t, "POST /page199\"");
    free(t);
    free(har);
    buf_finish(&b);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("import har");
    TCase *tc = tcase_create("session");
    tcase_add_test(tc, pages_become_tasks_in_their_order);
    tcase_add_test(tc, requests_at_the_same_time_are_parallel);
    tcase_add_test(tc, what_a_reply_brought_is_captured_and_sent);
    tcase_add_test(tc, paths_that_differ_in_an_id_count_as_one);
    tcase_add_test(tc, a_status_that_is_not_2xx_is_expected);
    tcase_add_test(tc, secrets_of_a_session_are_not_printed);
    tcase_add_test(tc, what_is_left_out_is_counted);
    tcase_add_test(tc, static_files_and_hosts_are_kept_when_asked_for);
    tcase_add_test(tc, headers_that_all_have_stand_once_and_idle_ones_nowhere);
    suite_add_tcase(s, tc);
    tc = tcase_create("small");
    tcase_add_test(tc, without_pages_a_gap_begins_a_task);
    tcase_add_test(tc, only_what_the_server_brought_in_time_is_captured);
    tcase_add_test(tc, a_token_is_found_in_any_header_and_in_longer_texts);
    tcase_add_test(tc, a_cookie_that_is_echoed_in_a_header_is_captured);
    tcase_add_test(tc, uploads_become_generated_bytes);
    tcase_add_test(tc, data_that_is_there_is_sent);
    tcase_add_test(tc, odd_but_right_files_are_read);
    tcase_add_loop_test(tc, odd_exports_are_read_and_changes_said, 0, COUNT(odd));
    tcase_add_test(tc, what_a_redirect_leads_to_follows_it);
    tcase_add_loop_test(tc, what_is_no_recording_is_refused_in_words, 0, COUNT(wrong));
    tcase_add_test(tc, deep_nesting_is_refused_not_followed);
    tcase_add_test(tc, a_session_too_long_for_a_profile_is_cut);
    suite_add_tcase(s, tc);
    return unit_run(s);
}
