/* SPDX-License-Identifier: MIT */
/* Any text compiled for each kind of place and rendered with hostile values.  The first
 * line is the value of every name; \n in it is a line feed, \0 a NUL.  The rest is the text.
 *
 * What stands outside ${...} is thinned out to what is harmless in the place, so that
 * anything else in the rendering came from a value; JSON is judged by another's reader. */
#include <ctype.h>
#include <jansson.h>

#include "src/base/buf.h"
#include "src/script/feeder.h"
#include "src/script/jsontext.h"
#include "src/script/secret.h"
#include "src/script/template.h"
#include "tests/fuzz/fuzz.h"

struct world {
    struct names *names;
    struct secret *secret;
    struct feeder *feeder;
    const struct feeder *feeders[1];
    struct scope scope;
    _Atomic uint64_t sequences[4096];
};

static char unescape(const char **at)
{
    if ((*at)[0] == '\\' && ((*at)[1] == 'n' || (*at)[1] == '0'))
        return *++*at == 'n' ? '\n' : '\0';
    return **at;
}

static void make_value(struct buf *value, const char *line)
{
    buf_add(value, "", 0);
    for (; *line != '\0'; line++)
        buf_char(value, unescape(&line));
}

static void make_feeder(struct world *w, const struct buf *value)
{
    struct buf csv = {0};
    buf_text(&csv, "col\n\"");
    for (size_t i = 0; i < value->len; i++) {
        if (value->data[i] == '"')
            buf_char(&csv, '"');
        buf_char(&csv, value->data[i]);
    }
    buf_text(&csv, "\"\n");
    w->feeder = feeder_parse(csv.data, csv.len, &(struct feeder_config){0}, NULL);
    if (w->feeder == NULL) /* no text: then something that is */
        w->feeder = feeder_parse("col\n\"/\n\"", 8, &(struct feeder_config){0}, NULL);
    must(w->feeder != NULL);
    w->feeders[0] = w->feeder;
    buf_finish(&csv);
}

static void open_world(struct world *w, const struct buf *value)
{
    uint32_t slot;
    w->names = names_create();
    w->secret = secret_from(value->data, value->len);
    make_feeder(w, value);
    must(names_slot(w->names, "v", &slot, NULL) && names_slot(w->names, "unset", &slot, NULL));
    must(names_constant(w->names, "c", value->data, NULL)); /* up to the first NUL */
    must(names_secret(w->names, "s", w->secret, NULL));
    must(names_feeder(w->names, "f", w->feeder, 0, NULL));
    scope_init(&w->scope, 2, w->feeders, 1);
    value_set(&w->scope.values[0], value->data, value->len);
    w->scope.rows[0] = 0;
    w->scope.sequences = w->sequences;
    rng_seed(&w->scope.rng, 1);
}

static void close_world(struct world *w)
{
    scope_finish(&w->scope);
    names_free(w->names);
    secret_free(w->secret);
    feeder_free(w->feeder);
}

/* The text, with an x for each character outside ${...} that may not stand there. */
static void thin_out(struct buf *out, const char *text, bool (*harmless)(unsigned char c))
{
    while (*text != '\0') {
        size_t whole = strncmp(text, "$${", 3) == 0  ? 3
                       : strncmp(text, "${", 2) == 0 ? strcspn(text, "}")
                                                     : 0;
        if (whole > 0)
            buf_add(out, text, whole);
        else
            buf_char(out, harmless((unsigned char)*text) ? *text : 'x');
        text += whole > 0 ? whole : 1;
    }
}

static bool harmless_in_url(unsigned char c)
{
    return c < 0x80 && (isalnum(c) || strchr("-._~/?&={}$", c) != NULL);
}

static bool harmless_in_json(unsigned char c)
{
    return c >= ' ' && c < 0x7f && c != '"' && c != '\\';
}

static void judge_url(const char *url, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (url[i] != '%') {
            must(url[i] != '\0' && harmless_in_url((unsigned char)url[i]));
            continue;
        }
        must(i + 2 < len && isxdigit((unsigned char)url[i + 1]) &&
             isxdigit((unsigned char)url[i + 2]));
        i += 2;
    }
}

/* Renders; false when it does not compile or cannot be rendered. */
static bool render(struct world *w, const char *text, enum encoding how, struct buf *out)
{
    struct err e = {""};
    struct template *t = template_compile(text, how, w->names, &e);
    if (t == NULL) {
        must(e.text[0] != '\0' && fuzz_is_clean(e.text));
        return false;
    }
    bool ok = names_sequences(w->names) < 4096 && template_render(t, &w->scope, out, &e);
    must(!template_is_fixed(t) || ok);
    if (!ok && names_sequences(w->names) < 4096)
        must(out->len == 0 && e.text[0] != '\0' && fuzz_is_clean(e.text));
    template_free(t);
    return ok;
}

static void try_header(struct world *w, const char *text)
{
    struct buf out = {0};
    if (render(w, text, ENCODE_HEADER, &out))
        must(strlen(out.data) == out.len && strpbrk(out.data, "\r\n") == NULL);
    buf_finish(&out);
}

static void try_url(struct world *w, const char *text)
{
    struct buf thin = {0}, out = {0};
    buf_char(&thin, '/');
    thin_out(&thin, text, harmless_in_url);
    if (render(w, thin.data, ENCODE_URL, &out))
        judge_url(out.data, out.len);
    buf_finish(&thin);
    buf_finish(&out);
}

/* One value of a query: whatever it holds, it stays one. */
static void try_query(struct world *w, const char *text)
{
    struct buf out = {0};
    if (render(w, text, ENCODE_QUERY, &out)) {
        judge_url(out.data, out.len);
        must(out.len == 0 || strpbrk(out.data, "&=?#/+") == NULL);
    }
    buf_finish(&out);
}

/* Between quotes of the target's: it stays one string. */
static void try_json(struct world *w, const char *text)
{
    struct buf thin = {0}, out = {0};
    buf_char(&thin, '"');
    thin_out(&thin, text, harmless_in_json);
    buf_char(&thin, '"');
    if (render(w, thin.data, ENCODE_JSON, &out)) {
        json_t *json = json_loadb(out.data, out.len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
        must(json != NULL && json_is_string(json));
        json_decref(json);
    }
    buf_finish(&thin);
    buf_finish(&out);
}

/* What another's reader takes is never complained about. */
static void try_json_text(const char *text)
{
    struct err e = {""};
    bool ok = json_text_ok(text, &e);
    must(ok || (e.text[0] != '\0' && fuzz_is_clean(e.text)));
    if (strchr(text, '$') != NULL)
        return;
    json_t *json = json_loads(text, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    must(json == NULL || ok);
    json_decref(json);
}

static void try_plain(struct world *w, const char *text)
{
    static const enum encoding kinds[] = {ENCODE_PLAIN, ENCODE_JSON};
    for (size_t i = 0; i < 2; i++) {
        struct buf out = {0};
        if (render(w, text, kinds[i], &out) && strchr(text, '$') == NULL)
            must(strcmp(out.data, text) == 0);
        buf_finish(&out);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct world w;
    char *lines[2], *block;
    struct buf value = {0};
    if (fuzz_lines(data, size, lines, 1, &block) < 1 || strlen(lines[0]) + 1 >= size) {
        free(block);
        return 0;
    }
    make_value(&value, lines[0]);
    lines[1] = lines[0] + strlen(lines[0]) + 1;
    open_world(&w, &value);
    try_plain(&w, lines[1]);
    try_json_text(lines[1]);
    try_header(&w, lines[1]);
    try_url(&w, lines[1]);
    try_query(&w, lines[1]);
    try_json(&w, lines[1]);
    close_world(&w);
    buf_finish(&value);
    free(block);
    return 0;
}
