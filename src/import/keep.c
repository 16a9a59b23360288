/* SPDX-License-Identifier: MIT */
#include "src/import/keep.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/buf.h"
#include "src/base/mem.h"

#define HOSTS_SHOWN 6

static bool word_is_one_of(const char *text, size_t len, const char *const *list)
{
    for (; *list != NULL; list++) {
        if (strlen(*list) == len && strncasecmp(text, *list, len) == 0)
            return true;
    }
    return false;
}

static bool static_mime(const char *mime)
{
    static const char *const whole[] = {"text/css",
                                        "text/javascript",
                                        "application/javascript",
                                        "application/x-javascript",
                                        "application/ecmascript",
                                        "application/wasm",
                                        "application/manifest+json",
                                        "application/font-woff",
                                        "application/x-font-ttf",
                                        "application/vnd.ms-fontobject",
                                        NULL};
    static const char *const kinds[] = {"image", "font", "video", "audio", NULL};
    return word_is_one_of(mime, strcspn(mime, "; "), whole) ||
           word_is_one_of(mime, strcspn(mime, "/"), kinds);
}

static bool static_path(const char *url)
{
    static const char *const endings[] = {
        "css", "js",  "mjs",  "map",   "png", "jpg", "jpeg", "gif",  "webp", "avif", "svg", "ico",
        "bmp", "ttf", "woff", "woff2", "otf", "eot", "mp4",  "webm", "mp3",  "wasm", NULL};
    size_t len = strcspn(url, "?#"), dot = len;
    while (dot > 0 && url[dot - 1] != '.' && url[dot - 1] != '/')
        dot--;
    return dot > 0 && url[dot - 1] == '.' && word_is_one_of(url + dot, len - dot, endings);
}

static bool is_static(const struct keep_entry *e)
{
    static const char *const kinds[] = {"image", "font",     "stylesheet", "script",
                                        "media", "manifest", "texttrack",  NULL};
    bool asks = strcasecmp(e->method, "GET") == 0 || strcasecmp(e->method, "HEAD") == 0;
    if (!asks)
        return false;
    if (*e->resource != '\0' && word_is_one_of(e->resource, strlen(e->resource), kinds))
        return true;
    /* A reply that is a page or data is none, whatever its path ends in. */
    if (strncasecmp(e->mime, "text/html", 9) == 0 || strstr(e->mime, "json") != NULL)
        return false;
    return static_mime(e->mime) || static_path(e->url);
}

enum drop keep_kind(const struct keep *k, const struct keep_entry *e)
{
    if (strncasecmp(e->url, "ws://", 5) == 0 || strncasecmp(e->url, "wss://", 6) == 0 ||
        strcasecmp(e->resource, "websocket") == 0 || e->status == 101)
        return DROP_WEBSOCKET;
    if (strncasecmp(e->url, "http://", 7) != 0 && strncasecmp(e->url, "https://", 8) != 0)
        return DROP_SCHEME;
    if (!e->no_reply && (e->status < 100 || e->status > 599))
        return DROP_FAILED;
    if (e->preflight)
        return DROP_PREFLIGHT;
    if (is_static(e) && (k->o == NULL || !k->o->keep_static))
        return DROP_STATIC;
    return DROP_NOT;
}

/* --------------------------------------------------------------------- hosts */

static const char *host_of(const char *origin)
{
    const char *host = strstr(origin, "://");
    return host != NULL ? host + 3 : origin;
}

/* Without its port. */
static size_t name_len(const char *host)
{
    return *host == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":");
}

static bool host_is_same(const char *a, const char *b)
{
    size_t n = name_len(a);
    return n == name_len(b) && strncasecmp(a, b, n) == 0;
}

bool keep_origin(const struct keep *k, const char *origin, int status)
{
    const char *host = host_of(origin);
    if (k->target == NULL || strcmp(origin, k->target) == 0)
        return true;
    /* Another port of the same machine is a part of it; the step from http to https is not. */
    if (host_is_same(host, host_of(k->target)))
        return status < 300 || status > 399;
    if (k->o == NULL)
        return false;
    for (size_t i = 0; i < k->o->n_keep_hosts; i++) {
        const char *wanted = host_of(k->o->keep_hosts[i]);
        if (strcasecmp(host, wanted) == 0 ||
            (wanted[name_len(wanted)] == '\0' && host_is_same(host, wanted)))
            return true;
    }
    return k->o->keep_all_hosts;
}

void keep_count(struct keep *k, enum drop why, const char *origin)
{
    k->dropped[why]++;
    if (why != DROP_HOST || k->n_hosts == KEEP_MAX_HOSTS)
        return;
    for (size_t i = 0; i < k->n_hosts; i++) {
        if (strcmp(k->hosts[i], host_of(origin)) == 0)
            return;
    }
    k->hosts[k->n_hosts++] = mem_strdup(host_of(origin));
}

static void note_hosts(const struct keep *k, struct transcript *r)
{
    struct buf names = {0};
    for (size_t i = 0; i < k->n_hosts && i < HOSTS_SHOWN; i++)
        buf_printf(&names, "%s%.60s", i > 0 ? ", " : "", k->hosts[i]);
    if (k->n_hosts > HOSTS_SHOWN)
        buf_printf(&names, " and %zu more", k->n_hosts - HOSTS_SHOWN);
    tr_note(r, "Left out: requests to other hosts (%s; --keep-host HOST keeps one): %zu.",
            names.data, k->dropped[DROP_HOST]);
    buf_finish(&names);
}

void keep_notes(const struct keep *k, struct transcript *r)
{
    static const char *const what[DROP_COUNT] = {
        [DROP_UNREADABLE] = "entries that cannot be read",
        [DROP_SCHEME] = "what goes to no server (data:, blob:, extensions)",
        [DROP_WEBSOCKET] = "websockets",
        [DROP_FAILED] = "requests without a reply (blocked, cancelled, failed)",
        [DROP_PREFLIGHT] = "the browser's own preflights (OPTIONS)",
        [DROP_STATIC] = "images, fonts, styles, scripts (--keep-static keeps them)",
    };
    for (int i = 0; i < DROP_COUNT; i++) {
        if (k->dropped[i] > 0 && what[i] != NULL)
            tr_note(r, "Left out: %s: %zu.", what[i], k->dropped[i]);
    }
    if (k->dropped[DROP_HOST] > 0)
        note_hosts(k, r);
}

void keep_finish(struct keep *k)
{
    free(k->target);
    for (size_t i = 0; i < k->n_hosts; i++)
        free(k->hosts[i]);
}
