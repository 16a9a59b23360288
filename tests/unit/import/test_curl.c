/* SPDX-License-Identifier: MIT */
/* Pasted curl commands, as browsers and manuals write them. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/buf.h"
#include "src/import/import.h"
#include "tests/unit/import/parsed.h"
#include "tests/unit/unit.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof *(a)))

static char *import_with(const char *command, const struct import_options *o)
{
    char *words[] = {(char *)command};
    char *text = NULL;
    struct err e = {""};
    ck_assert_msg(import_curl(words, 1, o, &text, &e), "%s", e.text);
    must_parse(text);
    return text;
}

/* ---------------------------------------------------- as browsers copy them */

static const char *const chrome_bash =
    "curl 'https://shop.example.com/api/v2/cart/items?ref=home&lang=de' \\\n"
    "  -H 'accept: application/json, text/plain, */*' \\\n"
    "  -H 'accept-language: de-DE,de;q=0.9' \\\n"
    "  -H 'authorization: Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjMifQ.c2lnbmF0dXJl' \\\n"
    "  -H 'content-type: application/json' \\\n"
    "  -b '_ga=GA1.2.3; session_id=s3cr3tcookie' \\\n"
    "  -H 'dnt: 1' \\\n"
    "  -H 'origin: https://shop.example.com' \\\n"
    "  -H 'priority: u=1, i' \\\n"
    "  -H 'sec-ch-ua: \"Chromium\";v=\"130\"' \\\n"
    "  -H 'user-agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36' \\\n"
    "  --data-raw $'{\"item\":7,\"note\":\"it\\'s \\\\u00fcber\\u0021\",\"price\":\"${5}\"}'";

START_TEST(chrome_for_bash)
{
    char *t = import_with(chrome_bash, NULL);
    has(t, "target = \"https://shop.example.com\";");
    has(t, "request = \"POST /api/v2/cart/items?ref=home&lang=de\";");
    has(t, "json = \"{\\\"item\\\":7,\\\"note\\\":\\\"it's "
           "\\\\u00fcber!\\\",\\\"price\\\":\\\"$${5}\\\"}\";");
    has(t, "auth = { bearer = \"${token}\"; };");
    has(t, "token = { secret = \"env:API_TOKEN\"; };");
    has(t, "Cookie = \"_ga=${ga}; session_id=${session_id}\";");
    has(t, "accept-language = \"de-DE,de;q=0.9\";");
    has(t, "export API_TOKEN='...'");
    has(t, "origin = \"https://shop.example.com\";");
    lacks(t, "eyJ");
    lacks(t, "s3cr3tcookie");
    lacks(t, "GA1.2.3");
    has(t, "sec-ch-ua = \"\\\"Chromium\\\";v=\\\"130\\\"\";"); /* as the command has it */
    has(t, "dnt = \"1\";");
    has(t, "priority = \"u=1, i\";");
    lacks(t, "content-type"); /* json says it */
    free(t);
}
END_TEST

/* Firefox writes --compressed and -X, and quotes all of it. */
static const char *const firefox_bash =
    "curl 'https://shop.example.com/login' --compressed -X POST "
    "-H 'User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0' "
    "-H 'Accept: text/html' -H 'Accept-Encoding: gzip, deflate, br, zstd' "
    "-H 'Content-Type: application/x-www-form-urlencoded' -H 'Connection: keep-alive' "
    "-H 'Cookie: csrftoken=abcdef123456' -H 'Upgrade-Insecure-Requests: 1' -H 'TE: trailers' "
    "--data-raw 'user=anna&password=correct+horse%21&csrf=abcdef123456'";

START_TEST(firefox_for_bash)
{
    char *t = import_with(firefox_bash, NULL);
    has(t, "request = \"POST /login\";");
    has(t, "gzip = true;");
    has(t, "form = { user = \"anna\"; password = \"${password}\"; csrf = \"${csrf}\"; };");
    has(t, "cookies = { csrftoken = \"${csrf}\"; };"); /* the same value, the same variable */
    lacks(t, "correct");
    lacks(t, "abcdef123456");
    has(t, "Connection = \"keep-alive\";");
    has(t, "TE = \"trailers\";");
    has(t, "# Changed: Accept-Encoding is \"gzip, deflate\".");
    has(t, "cookies = false;"); /* curl keeps none without -c */
    free(t);
}
END_TEST

/* Safari breaks lines as Chrome does, and writes the method in quotes. */
START_TEST(safari)
{
    char *t = import_with("curl 'https://shop.example.com/api/items/7' \\\n"
                          "-X 'PUT' \\\n"
                          "-H 'Content-Type: application/json; charset=utf-8' \\\n"
                          "-H 'Accept: */*' \\\n"
                          "-H 'Authorization: Basic YW5uYTpnZWhlaW1uaXM=' \\\n"
                          "--data-binary '{\"name\":\"x\",\"apiKey\":\"k-0815-4711\"}'",
                          NULL);
    has(t, "request = \"PUT /api/items/7\";");
    has(t, "auth = { basic = \"anna:${password}\"; };");
    has(t, "Content-Type = \"application/json; charset=utf-8\";");
    has(t, "api_key = { secret = \"env:API_KEY\"; };");
    lacks(t, "geheimnis");
    lacks(t, "k-0815");
    free(t);
}
END_TEST

START_TEST(chrome_for_cmd)
{
    char *t = import_with("curl ^\"https://shop.example.com/a?b=1^&c=2^\" ^\r\n"
                          "  -H ^\"accept: */*^\" ^\r\n"
                          "  -H ^\"content-type: application/json^\" ^\r\n"
                          "  --data-raw ^\"^{^\\^\"a^\\^\":1,^\\^\"t^\\^\":^\\^\"say "
                          "^\\^\\^\\^\"hi^\\^\\^\\^\" 100^%"
                          "^\\^\"^}^\"",
                          NULL);
    has(t, "request = \"POST /a?b=1&c=2\";");
    has(t, "json = \"{\\\"a\\\":1,\\\"t\\\":\\\"say \\\\\\\"hi\\\\\\\" 100%\\\"}\";");
    free(t);
}
END_TEST

START_TEST(chrome_multipart_upload)
{
    char *t = import_with(
        "curl 'https://shop.example.com/upload' "
        "-H 'content-type: multipart/form-data; boundary=----WebKitFormBoundaryX1' "
        "--data-raw $'------WebKitFormBoundaryX1\\r\\nContent-Disposition: form-data; "
        "name=\"title\""
        "\\r\\n\\r\\nHoliday\\r\\n------WebKitFormBoundaryX1\\r\\nContent-Disposition: form-data; "
        "name=\"photo\"; filename=\"a.jpg\"\\r\\nContent-Type: image/jpeg\\r\\n\\r\\n\\r\\n"
        "------WebKitFormBoundaryX1--\\r\\n'",
        NULL);
    has(t, "body = \"------WebKitFormBoundaryX1\\r\\nContent-Disposition: form-data; name=");
    has(t, "boundary=----WebKitFormBoundaryX1\"");
    has(t, "# The file \"a.jpg\" is empty, as browsers leave out what is in one.");
    free(t);
}
END_TEST

/* ---------------------------------------------------------- options, one by one */

static const struct {
    const char *command, *part;
} cases[] = {
    {"curl http://127.0.0.1:8080", "request = \"GET /\";"},
    {"http://127.0.0.1:8080/?a=1&b=2", "request = \"GET /?a=1&b=2\";"}, /* no shell around it */
    {"$ curl -s http://h/x", "request = \"GET /x\";"},
    {"sudo LANG=C curl http://h/x", "request = \"GET /x\";"},
    {"curl h.example/x#part", "target = \"http://h.example\";"},
    {"curl HTTPS://H.Example/X", "target = \"https://h.example\";"},
    {"curl 'http://[::1]:81/x y'", "request = \"GET /x%20y\";"},
    {"curl http://h/\xc3\xa4", "request = \"GET /%c3%a4\";"},
    {"curl -I http://h", "request = \"HEAD /\";"},
    {"curl -X delete http://h/1", "request = \"DELETE /1\";"},
    {"curl -XPATCH -d '' http://h/1", "request = \"PATCH /1\";"},
    {"curl -sSLk http://h", "insecure = true;"},
    {"curl -sSLk http://h", "follow = true;"},
    {"curl -L --max-redirs 3 http://h", "max_redirects = 3;"},
    {"curl -m 2.5 http://h", "timeout = 2.5;"},
    {"curl --max-time=10 http://h", "timeout = 10.0;"},
    {"curl --compressed http://h", "gzip = true;"},
    {"curl --http2 https://h", "http2 = true;"},
    {"curl -A me/1 http://h", "headers = { User-Agent = \"me/1\"; };"},
    {"curl -e http://r http://h", "headers = { Referer = \"http://r\"; };"},
    {"curl -r 0-99 http://h", "headers = { Range = \"bytes=0-99\"; };"},
    {"curl -H 'X-A: 1' -H 'x-a: 2' http://h", "\"X-A: 1\",\n          \"x-a: 2\"\n        );"},
    {"curl -H 'Content-Type: a/b' -H 'content-type: c/d' -d x http://h",
     "\"Content-Type: a/b\",\n          \"content-type: c/d\""},
    {"curl -H 'If-None-Match: \"a\"' http://h", "headers = { If-None-Match = \"\\\"a\\\"\"; };"},
    {"curl -b 'a=geheimnis' -b 'c=geheimnis-2; d=geheimnis-3' http://h",
     "headers = { Cookie = \"a=${a};c=${c}; d=${d}\"; };"},
    {"curl -b 'a=geheimnis; c=geheimnis-2' http://h", "cookies = { a = \"${a}\"; c = \"${c}\"; };"},
    /* Browsers put a backslash before what curl would make several URLs of. */
    {"curl 'http://h/?a\\[0\\]=1&b\\{c\\}=$\\{d\\}'", "request = \"GET /?a[0]=1&b{c}=$${d}\";"},
    {"curl ^\"http://h/?a^\\[0^\\]=1^\" ^\r\n -H ^\"x: y^\"", "request = \"GET /?a[0]=1\";"},
    {"curl -g 'http://h/[1-3]/{a,b}\\[c'", "request = \"GET /[1-3]/%7Ba,b%7D\\\\[c\";"},
    {"curl 'http://h/?a[]=1&b={}'", "request = \"GET /?a[]=1&b={}\";"},
    {"curl -g 'http://h/{id}/${x}?{a}'", "request = \"GET /%7Bid%7D/$%7Bx%7D?{a}\";"},
    {"curl -g 'http://h/{id}'", "# Changed: braces in a path are sent as %7B and %7D."},
    {"curl \"http://h/${ID}/x\"", "request = \"GET /${env:ID}/x\";"},
    /* "^" within quotes does not make it a command for cmd. */
    {"curl 'http://h' --json '{\"re\":\"^\"}'", "json = \"{\\\"re\\\":\\\"^\\\"}\";"},
    {"curl \"http://h\" --data-raw \"{\\\"re\\\":\\\"^\\\"}\"",
     "body = \"{\\\"re\\\":\\\"^\\\"}\";"},
    {"curl -H 'X-A;' http://h", "headers = { X-A = \"\"; };"},
    {"curl -H 'Host: other' http://h", "headers = { Host = \"other\"; };"},
    {"curl -d a=1 -d b=2 http://h", "form = { a = \"1\"; b = \"2\"; };"},
    {"curl -d 'a=1&a=2' http://h", "body = \"a=1&a=2\";"},
    {"curl -d 'a[0]=1' http://h", "{ request = \"POST /\";\n        body = \"a[0]=1\"; }"},
    {"curl -d 'a=1+2&b=%21' http://h", "form = { a = \"1 2\"; b = \"!\"; };"},
    {"curl -d 'a=1%202' http://h", "body = \"a=1%202\";"},
    {"curl --data-urlencode 'q=a b&c' http://h", "form = { q = \"a b&c\"; };"},
    {"curl -G -d q=1 --data-urlencode 'r=x y' http://h/s", "request = \"GET /s?q=1&r=x+y\";"},
    {"curl --url-query n=1 'http://h/s?m=2'", "request = \"GET /s?m=2&n=1\";"},
    {"curl --url-query 'n=a b&c' --url-query +d=e%20f --url-query 'g h' http://h/s",
     "request = \"GET /s?n=a+b%26c&d=e%20f&g+h\";"},
    {"curl --json '{\"a\":1}' http://h", "json = \"{\\\"a\\\":1}\";"},
    {"curl --json '{\"a\":1}' http://h", "headers = { Accept = \"application/json\"; };"},
    {"curl -H 'Content-Type: text/xml' -d '<a/>' http://h", "body = \"<a/>\";"},
    {"curl -d @body.json -H 'Content-Type: application/json' http://h", "file = \"body.json\";"},
    {"curl --data-raw @x http://h", "body = \"@x\";"},
    {"curl -T up.bin http://h/up", "request = \"PUT /up\";"},
    {"curl -T 'a/up 1.bin' http://h/dir/", "request = \"PUT /dir/up%201.bin\";"},
    {"curl -T up.bin 'http://h/dir/?a=/'", "request = \"PUT /dir/up.bin?a=/\";"},
    {"curl -T \"$F\" http://h", "request = \"PUT /${env:F}\";"},
    {"curl -F 'f=@a.PDF' http://h",
     "{ name = \"f\"; file = \"a.PDF\"; type = \"application/pdf\"; }"},
    {"curl -F 'j={\"a\":1};type=application/json' http://h",
     "{ name = \"j\"; value = \"{\\\"a\\\":1}\"; type = \"application/json\"; }"},
    {"curl -F 'j=\"a;\\\"b\\\\\"' http://h", "{ name = \"j\"; value = \"a;\\\"b\\\\\"; }"},
    {"curl -F 'f=@a.pdf;filename=x' -F 'q=\"' http://h",
     "filename = \"x\"; type = \"application/pdf\"; }"},
    {"curl -F 'f=@a.pdf;filename=x' -F 'q=\"' http://h", "{ name = \"q\"; value = \"\\\"\"; }"},
    {"export T=5; cd /tmp && curl http://h/$T", "request = \"GET /5\";"},
    {"set -e\ncurl http://h/1", "# Left out: a command that is not curl's (set)."},
    {"curl -b '_ga=1; _ga_X=1; mp_1_mixpanel=1; _gateway=geheim' http://h",
     "mp_1_mixpanel=${mp_1_mixpanel}; _gateway=${gateway}\""},
    {"curl -b 'mp_session=geheim' http://h", "cookies = { mp_session = \"${mp_session}\"; };"},
    {"curl --path-as-is http://h/a/../b", "# Left out: curl's option --path-as-is."},
    {"curl -F 'f=@\"a b.png\";type=image/png;filename=z.png' http://h",
     "{ name = \"f\"; file = \"a b.png\"; filename = \"z.png\"; type = \"image/png\"; }"},
    {"curl -F n=1 --form-string 's=@x;y' http://h", "{ name = \"s\"; value = \"@x;y\"; }"},
    {"curl -u anna:geheimnis http://h", "auth = { basic = \"anna:${password}\"; };"},
    {"curl -u anna http://h", "password = { secret = \"env:PASSWORD\"; };"},
    {"curl -u sk_test_4711:  http://h", "auth = { basic = \"${user_value}:\"; };"},
    {"curl http://%ff:x@h/", "auth = { basic = \"%ff:${password}\"; };"},
    {"curl http://a%40b:x@h/", "auth = { basic = \"a@b:${password}\"; };"},
    {"curl http://anna:geheimnis@h/", "target = \"http://h\";"},
    {"curl --oauth2-bearer abcdefgh http://h", "auth = { bearer = \"${token}\"; };"},
    {"curl -H \"Authorization: Bearer $TOKEN\" http://h", "token = { secret = \"env:TOKEN\"; };"},
    {"curl -H \"Authorization: Token abcdefgh\" http://h",
     "Authorization = \"Token ${authorization}\";"},
    {"curl \"http://h/u/$ID\"", "request = \"GET /u/${env:ID}\";"},
    {"curl \"http://h/u/${ID:-7}\"", "request = \"GET /u/${env:ID:-7}\";"},
    {"curl 'http://h/u/$ID'", "request = \"GET /u/$ID\";"},
    {"curl -X POST http://h/a?b=1",
     "{ request = \"POST /a?b=1\";\n        headers = (\"Content-Length:\"); }"},
    {"curl -b path=geheimnis http://h", "export TARGET_PATH='...'    # the cookie path"},
    {"curl -b lc_all=geheimnis http://h", "lc_all = { secret = \"env:TARGET_LC_ALL\"; };"},
    {"curl -b paths=geheimnis http://h", "secret = \"env:PATHS\"; };"},
    {"curl --json '{\"a\": 1' http://h", "body = \"{\\\"a\\\": 1\";"}, /* as it was pasted */
    {"curl --json '{\"a\": 1' http://h", "Content-Type = \"application/json\";"},
    {"curl http://h/1 http://h/2", "name = \"/{id}\";"},
    {"curl http://h/a --next http://i/b", "request = \"GET http://i/b\";"},
    {"curl http://h/a && curl -d x=1 http://h/b", "request = \"POST /b\";"},
    {"curl http://h/a | jq . > out 2>&1", "# Left out: what the shell does with curl's output."},
    {"curl --proxy http://p:1 http://h", "# Left out: curl's option --proxy."},
    {"curl -o /dev/null -w '%{http_code}' --no-keepalive http://h", "request = \"GET /\";"},
    {"curl -H 'X.Y: 1' http://h", "headers = (\"X.Y: 1\");"},
};

START_TEST(an_option_becomes_a_setting)
{
    char *t = import_with(cases[_i].command, NULL);
    has(t, cases[_i].part);
    lacks(t, "geheimnis");
    lacks(t, "sk_test_4711");
    free(t);
}
END_TEST

static const struct {
    const char *command, *message;
} wrong[] = {
    {"curl 'http://h", "a quote ' that is opened in the command is never closed; was all of it "
                       "pasted?"},
    {"curl \"http://h", "a quote \" that is opened in the command is never closed; was all of it "
                        "pasted?"},
    {"curl --dta x http://h", "\"--dta\" is not an option of curl (did you mean \"--data\"?)."},
    {"curl --frobnicate http://h", "\"--frobnicate\" is not an option of curl."},
    {"curl -\x01 http://h", "\"-\xef\xbf\xbd\" is not an option of curl."},
    {"curl http://h -H", "curl's option --header needs a value behind it; was all of the command "
                         "pasted?"},
    {"curl -s=1", "\"-=\" is not an option of curl."},
    {"curl --silent=1 http://h", "curl's option --silent takes no value."},
    {"curl -v -s", "there is no URL in the command."},
    {"curl ftp://h/x", "only http and https can be loaded, not \"ftp\"."},
    {"curl 'http://h h/'", "\"h h\" is not a host to send requests to."},
    {"curl http://h:99999/", "\"h:99999\" is not a host to send requests to."},
    {"curl http://$HOST/", "the host of the URL must be written out; a variable cannot stand there "
                           "(ramptop --host sets another one later)."},
    {"curl -d @- http://h", "the body comes from standard input (@-), which is not there to be "
                            "loaded; write it to a file and name that."},
    {"curl -G -d @a http://h", "data: the file \"a\" is not read here; put the text in its place."},
    {"curl --url-query a@b http://h",
     "url-query: the file \"b\" is not read here; put the text in its place."},
    {"curl 'http://h/[1-9]/[1-100]'",
     "curl makes more than 200 URLs of \"[1-100]\"; write one of them, to be varied in the profile "
     "with ${int:1:100} or ${choice:a|b}, or give -g if it is meant as it stands."},
    {"curl -d @a -d b http://h",
     "data: the file \"a\" is not read here; put the text in its place."},
    {"jq . x | curl -d @- -d b http://h",
     "data: what it reads from standard input, from jq is not there; put the text in its place."},
    {"curl -H @f http://h", "the headers are in a file (-H @FILE) that is not there; put them in "
                            "its place."},
    {"curl --resolve h:80:127.0.0.1 http://h/",
     "curl's option --resolve sends the request to another machine than its URL says; write that "
     "machine into the URL, and the name into -H 'Host: ...'."},
    {"curl -F a=1 -d b http://h", "the command has two of -d, -F and -T, which curl refuses; leave "
                                  "one of them out."},
    {"curl -F 'a=b;headers=\"X: 1\"' http://h",
     "a part of the form has headers=, which a part of a profile has not; leave it out."},
    {"curl -F 'a=@b,c' http://h",
     "a part of the form names several files; give each a part (-F) of its own."},
    {"curl -F '=(;type=a/b' http://h",
     "a part of a form is NAME=CONTENT or NAME=@FILE; there is no "
     "name in one of the --form."},
    {"curl http://h/ and then",
     "curl would take \"and\" for an address of its own; quote the words that belong together, or "
     "write http:// in front of it."},
    {"curl -H \xe2\x80\x9cX: 1\xe2\x80\x9d http://h",
     "the command holds quotes or dashes of a text processor, which a shell does not know; write "
     "\" ' and - in their place."},
    {"for i in 1 2; do curl http://h/$i; done",
     "curl stands in a loop over $i; paste its command alone, with one of the values in place of "
     "it."},
    {"cat f | while read -r u; do curl \"$u\"; done",
     "curl stands in a loop over $u; paste its command alone, with one of the values in place of "
     "it."},
    {"cat f | xargs -n1 curl -s http://h",
     "curl stands behind \"xargs\", which may give it other words or run something else; paste the "
     "command from the word curl on, its URL written out."},
    {"echo curl http://h", "curl stands behind \"echo\", which may give it other words or run "
                           "something else; paste the command from the word curl on, its URL "
                           "written out."},
    {"sh -c 'curl http://h'",
     "the curl command is a text within another one (\"sh\"); paste that text alone."},
    {"curl http://h -H Accept: text/html", "curl would take \"text/html\" for an address of its "
                                           "own; quote the words that belong together, "
                                           "or write http:// in front of it."},
    {"kubectl run t --image=curlimages/curl -it -- http://h/x",
     "there is no curl command in what was pasted, which begins with \"kubectl\"; paste one as in "
     "ramptop import curl 'curl http://127.0.0.1:8080/'."},
    {"curl: http://h/a",
     "there is no curl command in what was pasted, which begins with \"curl:\"; "
     "paste one as in ramptop import curl 'curl http://127.0.0.1:8080/'."},
    {"seq 3",
     "there is no curl command in what was pasted, which begins with \"seq\"; paste one as "
     "in ramptop import curl 'curl http://127.0.0.1:8080/'."},
    {"e.g. curl http://h", "curl stands behind \"e.g.\", which may give it other words or run "
                           "something else; paste the command from the word curl on, its URL "
                           "written out."},
    {"curl -F x http://h", "a part of a form is NAME=CONTENT or NAME=@FILE; there is no name in "
                           "one of the --form."},
    {"curl -K f http://h", "curl's option --config makes a request that a profile cannot "
                           "describe; leave it out."},
    {"curl -X 'A B' http://h", "\"A B\" is not a method that can be loaded."},
    {"curl -I -d x http://h", "the command asks for the head only and has a body as well; leave "
                              "one of the two out."},
    {"curl -m 1h http://h", "\"1h\" is not a number of seconds for --max-time."},
    {"Invoke-WebRequest -Uri http://h", "this is a command for PowerShell; copy it as cURL (bash) "
                                        "from the browser."},
    {"fetch(\"http://h\", {})", "this is JavaScript; copy it as cURL (bash) from the browser."},
    {" ", "there is no request in the command; paste one as in ramptop import curl 'curl "
          "http://127.0.0.1:8080/'."},
};

START_TEST(what_cannot_be_read_is_refused_in_words)
{
    char *words[] = {(char *)wrong[_i].command}, *text = words[0];
    struct err e = {""};
    ck_assert(!import_curl(words, 1, NULL, &text, &e));
    ck_assert_str_eq(e.text, wrong[_i].message);
    ck_assert_ptr_null(text);
}
END_TEST

/* Nothing is executed, and nothing is guessed at. */
START_TEST(what_a_shell_would_work_out_is_refused)
{
    static const char *const commands[] = {"curl http://h/$(id)", "curl \"http://h/`id`\"",
                                           "curl http://h/`id`",  "curl http://h/$1",
                                           "curl \"${A/b/c}\"",   "curl http://h/$$"};
    for (int i = 0; i < COUNT(commands); i++) {
        char *words[] = {(char *)commands[i]}, *text;
        struct err e = {""};
        ck_assert_msg(!import_curl(words, 1, NULL, &text, &e), "%s", commands[i]);
        ck_assert_ptr_nonnull(strstr(e.text, "nothing is executed here"));
    }
}
END_TEST

/* A profile would be printed that cannot be read. */
START_TEST(what_no_profile_holds_is_refused)
{
    struct buf command = {0};
    for (int form = 0; form < 2; form++) {
        char *text;
        struct err e = {""};
        buf_clear(&command);
        buf_text(&command, "curl http://h/");
        for (int i = 0; i < (form ? 65 : 7000); i++)
            buf_text(&command, form ? " -F a=b" : "/123456789");
        char *words[] = {command.data};
        ck_assert(!import_curl(words, 1, NULL, &text, &e));
        ck_assert_str_eq(e.text, form ? "a form of a profile has 64 parts at most, and there are "
                                        "more --form."
                                      : "path and query of a URL have more than 60000 bytes.");
    }
    buf_finish(&command);
    char *t = import_with("curl -L --max-redirs 0 http://h", NULL);
    lacks(t, "follow");
    lacks(t, "max_redirects");
    free(t);
}
END_TEST

/* Files of which curl sends the content, by the caller's function. */
static bool file_of_test(const char *file, char **text, size_t *len, struct err *e)
{
    static const char bytes[] = "a=1\r\nb=${2}\n", nul[] = "x\0y",
                      heads[] = "X-A: 1\n# no\nX-B: 2\n";
    bool lines = strcmp(file, "lines") == 0, binary = strcmp(file, "nul") == 0;
    if (!lines && !binary && strcmp(file, "heads") != 0)
        return err_set(e, "%s: cannot be opened.", file);
    *len = lines ? sizeof bytes - 1 : binary ? sizeof nul - 1 : sizeof heads - 1;
    *text = malloc(*len + 1);
    memcpy(*text, lines ? bytes : binary ? nul : heads, *len + 1);
    return true;
}

static const struct {
    const char *command, *part; /* NULL: refused */
} files[] = {
    {"curl -d @lines http://h", "body = \"a=1b=$${2}\";"},
    {"curl -d @lines http://h",
     "# What the file \"lines\" held when this was made is written out here."},
    {"curl --data-binary @lines http://h", "file = \"lines\";"},
    {"curl -d x --data-binary @lines http://h", "body = \"x&a=1\\r\\nb=$${2}\\n\";"},
    {"curl --data-urlencode n@lines http://h", "form = { n = \"a=1\\r\\nb=$${2}\\n\"; };"},
    {"curl -F 'a=<lines' http://h", "{ name = \"a\"; value = \"a=1\\r\\nb=$${2}\\n\"; }"},
    {"curl -H @heads http://h", "headers = { X-A = \"1\"; X-B = \"2\"; };"},
    {"curl -d @nul http://h", "body = \"xy\";"},
    {"curl -d @nowhere http://h",
     "# Changed: curl leaves the line breaks out of a file given with -d;"},
    {"curl -d @- http://h < lines", "body = \"a=1b=$${2}\";"},
    {"curl --data-binary @- http://h < lines", "file = \"lines\";"},
    {"curl -d a --data-binary @nul http://h", NULL},
    {"curl -F 'a=<nowhere' http://h", NULL},
};

START_TEST(what_files_hold_is_written_out)
{
    struct import_options o = {.keep_secrets = true, .read_file = file_of_test};
    char *words[] = {(char *)files[_i].command}, *text = NULL;
    struct err e = {""};
    bool ok = import_curl(words, 1, &o, &text, &e);
    ck_assert_msg(ok == (files[_i].part != NULL), "%s", e.text);
    if (ok) {
        must_parse(text);
        has(text, files[_i].part);
    }
    free(text);
}
END_TEST

/* The user's own shell has taken it apart already: $ and & are plain characters. */
START_TEST(words_are_taken_as_they_are)
{
    char curl[] = "curl", option[] = "-d", data[] = "a=$(id)&b=${x}",
         url[] = "http://h/$HOME?a=1&b=2";
    char *words[] = {curl, option, data, url}, *t;
    struct err e = {""};
    for (int skip = 0; skip < 2; skip++) {
        ck_assert_msg(import_curl(words + skip, 4 - (size_t)skip, NULL, &t, &e), "%s", e.text);
        must_parse(t);
        has(t, "request = \"POST /$HOME?a=1&b=2\";");
        has(t, "body = \"a=$(id)&b=$${x}\";");
        free(t);
    }
}
END_TEST

/* ------------------------------------------------------------------- secrets */

static const char *const full_of_secrets =
    "curl 'https://anna:URLPASS-1@h/api?api_key=QUERYKEY-2&page=1' -H 'X-Auth-Token: HEADTOK-3' "
    "-H 'X-Note: the token HEADTOK-3 again' -b 'sid=COOKIE-44; __Host-x=COOKIE-55' "
    "-H 'Content-Type: application/json' --data-raw '{\"user\":\"anna\",\"passwd\":\"JSONPASS-6\","
    "\"nested\":{\"client_secret\":\"JSONSEC-7\"},\"pin\":123456,\"copy\":\"QUERYKEY-2\","
    "\"jwt\":\"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjMifQ.JWTSIG-8\"}'";

static const char *const secret_values[] = {"URLPASS-1", "QUERYKEY-2", "HEADTOK-3",
                                            "COOKIE-44", "COOKIE-55",  "JSONPASS-6",
                                            "JSONSEC-7", "123456",     "JWTSIG-8"};

START_TEST(no_secret_is_printed)
{
    char *t = import_with(full_of_secrets, NULL);
    for (int i = 0; i < COUNT(secret_values); i++)
        lacks(t, secret_values[i]);
    has(t, "?api_key=${api_key}&page=1");
    has(t, "the token ${x_auth_token} again");
    has(t, "\\\"copy\\\":\\\"${api_key}\\\"");
    has(t, "\\\"pin\\\":${pin},");
    has(t, "Cookie = \"sid=${sid}; __Host-x=${host_x}\";");
    has(t, "export PASSWD='...'    # passwd in the body");
    free(t);
}
END_TEST

START_TEST(secrets_are_kept_when_asked_for)
{
    struct import_options o = {.keep_secrets = true};
    char *t = import_with(full_of_secrets, &o);
    for (int i = 0; i < COUNT(secret_values); i++)
        has(t, secret_values[i]);
    lacks(t, "secret =");
    free(t);
}
END_TEST

/* A $ in front of a variable would make it a literal ${. */
START_TEST(a_dollar_before_a_secret_does_not_bring_it_back)
{
    char *t = import_with("curl -H 'X-Api-Key: abcdefgh' -H 'X-B: cost $abcdefgh' http://h", NULL);
    has(t, "X-B = \"cost ${dollar}${x_api_key}\";");
    has(t, "dollar = \"$\";");
    lacks(t, "abcdefgh");
    free(t);
}
END_TEST

/* Within a longer text, escaped in JSON, encoded in a query, behind a scheme. */
START_TEST(copies_of_a_secret_in_other_dress_go_too)
{
    char *t =
        import_with("curl 'http://h/?note=x%20pa%22ss%2Fword%20y' -H 'X-Gate: Bearer opaque99' "
                    "-H 'X-Log: see eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjMifQ.c2lnbmF0 there' "
                    "-H 'Content-Type: application/json' "
                    "-d '{\"password\":\"pa\\\"ss/word\",\"n\":1}'",
                    NULL);
    has(t, "?note=x%20${password}%20y");
    has(t, "X-Log = \"see ${token} there\";");
    has(t, "X-Gate = \"${x_gate}\";");
    lacks(t, "ss/word");
    lacks(t, "ss%2Fword");
    lacks(t, "opaque99");
    lacks(t, "c2lnbmF0");
    free(t);
}
END_TEST

/* A document as the value of a field, an address in a header, XML. */
START_TEST(secrets_within_values_go_too)
{
    static const char *const commands[] = {
        "curl -F 'j={\"a\":1,\"password\":\"geheim-1\"};type=application/json' http://h",
        "curl -d 'data={\"password\":\"geheim-1\"}' http://h",
        "curl -d 'data=<a><password>geheim-1</password></a>' http://h",
        "curl 'http://h/?f=%7B%22token%22%3A%22geheim-1%22%7D'",
        "curl -d 'a=1&a=%7B%22token%22%3A%22geheim-1%22%7D' http://h",
        "curl -e 'http://h/?x=1&access_token=geheim-1&y=2' http://h",
        "curl -H 'X-Auth: geheim-1' http://h",
        "curl -H 'Content-Type: a/xml' -d '<s:Password n=\"2\">geheim-1</s:Password>' http://h"};
    for (int i = 0; i < COUNT(commands); i++) {
        char *t = import_with(commands[i], NULL);
        lacks(t, "geheim");
        has(t, "secret = \"env:");
        free(t);
    }
    char *t = import_with(commands[5], NULL);
    has(t, "Referer = \"http://h/?x=1&access_token=${access_token}&y=2\"");
    free(t);
}
END_TEST

/* What a terminal would obey must not reach it when the profile is printed. */
START_TEST(nothing_printed_steers_a_terminal)
{
    char *t = import_with("curl -d $'x\\e[31m\xc2\x9b"
                          "31m\xe2\x80\xae' -H 'Content-Type: a/b' http://h",
                          NULL);
    has(t, "body = \"x\\x1b[31m\\xc2\\x9b31m\\xe2\\x80\\xae\";");
    free(t);
}
END_TEST

START_TEST(a_flood_of_secrets_stays_hidden)
{
    struct buf command = {0};
    buf_text(&command, "curl http://h -d '");
    for (int i = 0; i < 300; i++)
        buf_printf(&command, "%stoken_%d=hidden-%d", i > 0 ? "&" : "", i, i);
    buf_text(&command, "'");
    char *t = import_with(command.data, NULL);
    lacks(t, "hidden-");
    has(t, "other_secrets");
    free(t);
    buf_finish(&command);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("import curl");
    TCase *tc = tcase_create("browsers");
    tcase_add_test(tc, chrome_for_bash);
    tcase_add_test(tc, firefox_for_bash);
    tcase_add_test(tc, safari);
    tcase_add_test(tc, chrome_for_cmd);
    tcase_add_test(tc, chrome_multipart_upload);
    suite_add_tcase(s, tc);
    tc = tcase_create("options");
    tcase_add_loop_test(tc, an_option_becomes_a_setting, 0, COUNT(cases));
    tcase_add_loop_test(tc, what_cannot_be_read_is_refused_in_words, 0, COUNT(wrong));
    tcase_add_test(tc, what_a_shell_would_work_out_is_refused);
    tcase_add_test(tc, what_no_profile_holds_is_refused);
    tcase_add_loop_test(tc, what_files_hold_is_written_out, 0, COUNT(files));
    tcase_add_test(tc, words_are_taken_as_they_are);
    suite_add_tcase(s, tc);
    tc = tcase_create("secrets");
    tcase_add_test(tc, no_secret_is_printed);
    tcase_add_test(tc, secrets_are_kept_when_asked_for);
    tcase_add_test(tc, a_dollar_before_a_secret_does_not_bring_it_back);
    tcase_add_test(tc, copies_of_a_secret_in_other_dress_go_too);
    tcase_add_test(tc, secrets_within_values_go_too);
    tcase_add_test(tc, nothing_printed_steers_a_terminal);
    tcase_add_test(tc, a_flood_of_secrets_stays_hidden);
    suite_add_tcase(s, tc);
    return unit_run(s);
}
