/* SPDX-License-Identifier: MIT */
#include "src/script/check.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/clean.h"
#include "src/base/human.h"
#include "src/base/mem.h"
#include "src/script/condition.h"
#include "src/script/excerpt.h"
#include "src/script/jsonpath.h"
#include "src/script/pattern.h"
#include "src/script/template.h"

#define BLANKS " \t\r\n"
#define NAME_MAX_BYTES 128
#define STOPS_MAX 64 /* bytes of a body that begin nothing */

struct check {
    enum check_kind kind;
    char *name;
    char *text; /* as in the profile */
    uint64_t limit;
    struct template *needle; /* CONTAINS, LACKS, where the text is not always the same */
    size_t text_len;
    size_t rare; /* where the byte of text is that a body has least of */
    struct pattern *pattern;
    struct jsonpath *path;
    char *header;
    struct condition *condition;
};

/* ------------------------------------------------------------------------- reading */

/* Returns the place of the byte of a text that is met least in JSON and HTML. */
static size_t rarest(const char *text)
{
    static const char common_first[] = " \"etaoinsrl:,dcumhpg_-<>/=fybw.0123456789vk{}[]";
    size_t best = 0, best_rank = 0;
    for (size_t i = 0; text[i] != '\0'; i++) {
        const char *found = strchr(common_first, text[i]);
        size_t rank = found != NULL ? (size_t)(found - common_first) : sizeof common_first;
        if (rank > best_rank) {
            best = i;
            best_rank = rank;
        }
    }
    return best;
}

static void make_name(struct buf *name, const struct check *c)
{
    char text[EXCERPT_MAX], figure[HUMAN_MAX];
    excerpt(text, c->text, strlen(c->text));
    switch (c->kind) {
    case CHECK_CONTAINS:
        buf_printf(name, "body contains \"%s\"", text);
        break;
    case CHECK_LACKS:
        buf_printf(name, "body lacks \"%s\"", text);
        break;
    case CHECK_MATCHES:
        buf_printf(name, "body matches %s", text);
        break;
    case CHECK_JSON:
    case CHECK_HEADER:
        buf_text(name, text);
        break;
    case CHECK_MIN_BYTES:
        buf_printf(name, "at least %s", human_bytes(figure, sizeof figure, (double)c->limit));
        break;
    case CHECK_MAX_BYTES:
        buf_printf(name, "at most %s", human_bytes(figure, sizeof figure, (double)c->limit));
        break;
    case CHECK_MAX_TIME:
        buf_printf(name, "at most %s", human_us(figure, sizeof figure, (double)c->limit, false));
        break;
    }
}

static char *clean_name(const char *given, const struct check *c)
{
    struct buf name = {0};
    char clean[NAME_MAX_BYTES];
    if (given != NULL)
        buf_text(&name, given);
    else
        make_name(&name, c);
    clean_text(clean, sizeof clean, name.data, name.len);
    buf_finish(&name);
    return mem_strdup(clean);
}

/* Over a `not` in front. */
static bool take_not(const char **at)
{
    *at += strspn(*at, BLANKS);
    if (strncmp(*at, "not", 3) != 0 || (*at)[3] == '\0' || strchr(BLANKS, (*at)[3]) == NULL)
        return false;
    *at += 3;
    *at += strspn(*at, BLANKS);
    return true;
}

static bool read_json(struct check *c, struct names *names, struct err *e)
{
    const char *at = c->text, *rest;
    bool negated = take_not(&at);
    c->path = jsonpath_compile_front(at, &rest, e);
    if (c->path == NULL)
        return false;
    if (*rest != '\0' && strchr(BLANKS "=!<>~", *rest) == NULL)
        return err_set(e,
                       "\"%.40s\" does not belong to a JSON path: a name follows a . or stands "
                       "in brackets",
                       rest);
    c->condition = condition_compile_rest(rest, negated, names, e);
    return c->condition != NULL;
}

static bool read_header(struct check *c, struct names *names, struct err *e)
{
    const char *at = c->text;
    bool negated = take_not(&at);
    size_t len = strcspn(at, BLANKS "=!<>~:\"");
    if (len == 0)
        return err_set(e, "the name of a header is missing, as in \"Content-Type contains json\"");
    if (at[len] == ':')
        return err_set(e,
                       "behind the name of a header stands an operator, not a colon: "
                       "\"%.*s == ...\"",
                       (int)(len < 60 ? len : 60), at);
    c->header = mem_strndup(at, len);
    c->condition = condition_compile_rest(at + len, negated, names, e);
    return c->condition != NULL;
}

static bool read_needle(struct check *c, struct names *names, struct err *e)
{
    if (*c->text == '\0')
        return err_set(e, "an empty text is in every body");
    if (strstr(c->text, "${") == NULL)
        return true;
    c->needle = template_compile(c->text, ENCODE_PLAIN, names, e);
    return c->needle != NULL;
}

static bool check_prepare(struct check *c, struct names *names, struct err *e)
{
    switch (c->kind) {
    case CHECK_CONTAINS:
    case CHECK_LACKS:
        return read_needle(c, names, e);
    case CHECK_MATCHES:
        if (*c->text == '\0')
            return err_set(e, "an empty pattern matches every body");
        c->pattern = pattern_compile(c->text, e);
        return c->pattern != NULL;
    case CHECK_JSON:
        return read_json(c, names, e);
    case CHECK_HEADER:
        return read_header(c, names, e);
    default:
        return true;
    }
}

struct check *check_compile(const struct check_spec *spec, struct names *names, struct err *e)
{
    struct check *c = mem_zalloc(sizeof *c);
    c->kind = spec->kind;
    c->limit = spec->limit;
    c->text = mem_strdup(spec->text != NULL ? spec->text : "");
    c->text_len = strlen(c->text);
    c->rare = rarest(c->text);
    c->name = clean_name(spec->name, c);
    if (check_prepare(c, names, e))
        return c;
    check_free(c);
    return NULL;
}

void check_free(struct check *c)
{
    if (c == NULL)
        return;
    free(c->name);
    free(c->text);
    free(c->header);
    template_free(c->needle);
    pattern_free(c->pattern);
    jsonpath_free(c->path);
    condition_free(c->condition);
    free(c);
}

const char *check_name(const struct check *c)
{
    return c->name;
}

unsigned check_needs(const struct check *c)
{
    return c->kind <= CHECK_JSON ? REPLY_BODY : c->kind == CHECK_HEADER ? REPLY_HEADERS : 0;
}

void check_uses(const struct check *c, void (*slot)(uint32_t index, void *arg),
                void (*feeder)(uint32_t index, void *arg), void *arg)
{
    if (c->needle != NULL)
        template_uses(c->needle, slot, feeder, arg);
    if (c->condition != NULL)
        condition_uses(c->condition, slot, feeder, arg);
}

/* ------------------------------------------------------------------------ the body */

static bool body_is_cut(const struct reply *r)
{
    return r->body_bytes > r->body_len;
}

static bool wanted_in_body(const struct check *c, const struct reply *r, const char *wanted,
                           struct err *why)
{
    char text[EXCERPT_MAX], body[EXCERPT_MAX];
    excerpt(text, c->text, c->text_len);
    if (r->body_len == 0)
        return err_set(why, "wanted %s \"%s\", found an empty one", wanted, text);
    return err_set(why, "wanted %s \"%s\", found%s \"%s\"", wanted, text,
                   body_is_cut(r) ? " in its first 4 MiB" : "",
                   excerpt(body, r->body, r->body_len));
}

/* The text to look for, or NULL. */
static const char *needle_of(const struct check *c, struct scope *scope, size_t *len,
                             struct err *why)
{
    struct buf *rendered = &scope->scratch[0];
    if (c->needle == NULL) {
        *len = c->text_len;
        return c->text;
    }
    buf_clear(rendered);
    buf_text(rendered, "");
    if (!template_render(c->needle, scope, rendered, why))
        return NULL;
    *len = rendered->len;
    return rendered->data;
}

/* memmem looks at each byte of a body; memchr at 32 at once, and a rare byte stops it seldom.
 * When it does not, the body is not what it was taken for. */
static const char *find_text(const struct check *c, const struct reply *r)
{
    const char *at = r->body + c->rare, *end = r->body + r->body_len;
    size_t behind = c->text_len - c->rare;
    if (r->body_len < c->text_len)
        return NULL;
    for (unsigned i = 0; i < STOPS_MAX; i++) {
        at = memchr(at, c->text[c->rare], (size_t)(end - at));
        if (at == NULL || (size_t)(end - at) < behind)
            return NULL;
        if (memcmp(at - c->rare, c->text, c->text_len) == 0)
            return at - c->rare;
        at++;
    }
    at -= c->rare;
    return memmem(at, (size_t)(end - at), c->text, c->text_len);
}

static bool check_text(const struct check *c, const struct reply *r, struct scope *scope,
                       struct err *why)
{
    size_t len;
    const char *needle = needle_of(c, scope, &len, why);
    if (needle == NULL)
        return false;
    if (len == 0)
        return err_set(why, "the text to look for, %.100s, is empty", c->text);
    const char *found = r->body_len == 0    ? NULL
                        : needle == c->text ? find_text(c, r)
                                            : memmem(r->body, r->body_len, needle, len);
    if (c->kind == CHECK_CONTAINS)
        return found != NULL || wanted_in_body(c, r, "a body with", why);
    if (found == NULL)
        return true;
    char text[EXCERPT_MAX];
    return err_set(why, "wanted a body without \"%s\", found it at byte %zu",
                   excerpt(text, c->text, c->text_len), (size_t)(found - r->body) + 1);
}

/* ---------------------------------------------------------- values with conditions */

struct judging {
    const struct check *check;
    struct scope *scope;
    bool all; /* must hold */
    bool decided, holds;
    uint64_t seen;
    const char *value; /* for the message: the first, or the one that decided */
    size_t len;
};

/* False: it is decided. */
static bool value_decides(struct judging *j, const char *text, size_t len)
{
    bool holds = condition_holds_for(j->check->condition, text, len, j->scope);
    j->decided = holds != j->all;
    j->holds = holds;
    return !j->decided;
}

static bool judge_json(const char *json, size_t json_len, void *arg)
{
    struct judging *j = arg;
    size_t len;
    const char *text = jsonpath_view(json, json_len, &j->scope->scratch[0], &len);
    if (j->seen++ == 0 || j->all) {
        j->value = json;
        j->len = json_len;
    }
    return value_decides(j, text, len);
}

static bool wanted_value(const struct check *c, const struct judging *j, struct err *why)
{
    char text[EXCERPT_MAX], value[EXCERPT_MAX];
    excerpt(text, c->text, c->text_len);
    if (j->seen == 0)
        return err_set(why, "wanted %s, found no such %s", text,
                       c->kind == CHECK_JSON ? "value" : "header");
    excerpt(value, j->value, j->len);
    bool quote = c->kind == CHECK_HEADER;
    if (j->seen == 1 || j->all)
        return err_set(why, "wanted %s, found %s%s%s", text, quote ? "\"" : "", value,
                       quote ? "\"" : "");
    return err_set(why, "wanted %s, found %llu values of which none is so, the first %s", text,
                   (unsigned long long)j->seen, value);
}

static bool check_json(const struct check *c, const struct reply *r, struct scope *scope,
                       struct err *why)
{
    char text[EXCERPT_MAX], body[EXCERPT_MAX];
    struct judging j = {.check = c, .scope = scope, .all = condition_wants_all(c->condition)};
    const char *json = r->body_len > 0 ? r->body : "";
    bool whole = jsonpath_each(c->path, json, r->body_len, judge_json, &j);
    if (j.decided)
        return j.holds || wanted_value(c, &j, why);
    if (!whole)
        return err_set(
            why, "wanted %s, found a body that %s: \"%s\"", excerpt(text, c->text, c->text_len),
            body_is_cut(r) ? "is longer than the 4 MiB that are looked at" : "is not JSON",
            excerpt(body, json, r->body_len));
    /* Not decided: of all none failed, or of some none held. */
    return j.all || wanted_value(c, &j, why);
}

static bool check_header(const struct check *c, const struct reply *r, struct scope *scope,
                         struct err *why)
{
    struct judging j = {.check = c, .scope = scope, .all = condition_wants_all(c->condition)};
    const char *value;
    size_t at = 0, len;
    bool more = true;
    while (more && (value = reply_next_header(r, c->header, &at, &len)) != NULL) {
        if (j.seen++ == 0 || j.all) {
            j.value = value;
            j.len = len;
        }
        more = value_decides(&j, value, len);
    }
    bool holds = j.decided ? j.holds : j.all;
    return holds || wanted_value(c, &j, why);
}

/* ------------------------------------------------------------------------ judgement */

static bool check_size(const struct check *c, const struct reply *r, struct err *why)
{
    char wanted[HUMAN_MAX], found[HUMAN_MAX];
    bool least = c->kind == CHECK_MIN_BYTES;
    if (least ? r->body_bytes >= c->limit : r->body_bytes <= c->limit)
        return true;
    human_count(wanted, sizeof wanted, c->limit);
    human_count(found, sizeof found, r->body_bytes);
    return err_set(why, "wanted at %s %s bytes, found %s", least ? "least" : "most", wanted, found);
}

static bool check_time(const struct check *c, const struct reply *r, struct err *why)
{
    char wanted[HUMAN_MAX], found[HUMAN_MAX];
    if (r->took_us <= c->limit)
        return true;
    human_us(wanted, sizeof wanted, (double)c->limit, false);
    human_us(found, sizeof found, (double)r->took_us, false);
    return err_set(why, "wanted at most %s, found %s", wanted, found);
}

bool check_passes(const struct check *c, const struct reply *r, struct scope *scope,
                  struct err *why)
{
    switch (c->kind) {
    case CHECK_CONTAINS:
    case CHECK_LACKS:
        return check_text(c, r, scope, why);
    case CHECK_MATCHES:
        return pattern_matches(c->pattern, r->body, r->body_len) ||
               wanted_in_body(c, r, "a body that matches", why);
    case CHECK_JSON:
        return check_json(c, r, scope, why);
    case CHECK_HEADER:
        return check_header(c, r, scope, why);
    case CHECK_MIN_BYTES:
    case CHECK_MAX_BYTES:
        return check_size(c, r, why);
    case CHECK_MAX_TIME:
        return check_time(c, r, why);
    }
    return true;
}
