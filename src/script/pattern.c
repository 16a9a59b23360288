/* SPDX-License-Identifier: MIT */
/* The workspace of a match (offsets, limits, the stack of compiled patterns) belongs to the
 * thread: patterns are shared, and matching allocates nothing in steady
 * state. */
#include "config.h"

#include "src/script/pattern.h"

#ifdef HAVE_PCRE2

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "src/base/mem.h"
#include "src/base/now.h"

#define PATTERN_BYTES_MAX 10000
#define PREPARED_BYTES_MAX 32768

/* libpcre2 limits the steps from one place in the text, not their sum: a+b takes up to n
 * steps from each of n places.  So a text is searched from a stretch of places at a time,
 * with a look at the clock between: the longer the text, the shorter the stretch. */
#define STEPS_MAX 1000000
#define STRETCH_MIN 16
#define STRETCH_MAX 1024
#define STRETCH_STEPS (1u << 26)
#define SEARCH_NS_MAX 100000000u

#define DEPTH_MAX 100000
#define HEAP_KIB_MAX 16384
#define JIT_STACK_START (32u << 10)
#define JIT_STACK_MAX (1u << 20)

struct pattern {
    pcre2_code *code;
    unsigned groups;
    bool utf;
};

/* A thread's own. */
struct workspace {
    pcre2_match_data *data;
    pcre2_match_context *limits;
    pcre2_jit_stack *stack;
};

static pthread_once_t workspace_once = PTHREAD_ONCE_INIT;
static pthread_key_t workspace_key;
static bool have_key; /* written once, before pthread_once returns */

static void workspace_free(void *arg)
{
    struct workspace *w = arg;
    pcre2_match_data_free(w->data);
    pcre2_match_context_free(w->limits);
    pcre2_jit_stack_free(w->stack);
    free(w);
}

static void create_key(void)
{
    have_key = pthread_key_create(&workspace_key, workspace_free) == 0;
}

/* NULL without memory or keys: then nothing matches. */
static struct workspace *workspace(void)
{
    static _Thread_local struct workspace *mine;
    if (mine != NULL)
        return mine;
    pthread_once(&workspace_once, create_key);
    struct workspace *w = mem_zalloc(sizeof *w);
    w->data = pcre2_match_data_create(2, NULL); /* the match and its first group */
    w->limits = pcre2_match_context_create(NULL);
    w->stack = pcre2_jit_stack_create(JIT_STACK_START, JIT_STACK_MAX, NULL);
    if (w->data == NULL || w->limits == NULL || !have_key ||
        pthread_setspecific(workspace_key, w) != 0) {
        workspace_free(w);
        return NULL;
    }
    pcre2_set_match_limit(w->limits, STEPS_MAX);
    pcre2_set_depth_limit(w->limits, DEPTH_MAX);
    pcre2_set_heap_limit(w->limits, HEAP_KIB_MAX);
    if (w->stack != NULL)
        pcre2_jit_stack_assign(w->limits, NULL, w->stack);
    return mine = w;
}

/* Does it ask for UTF-8 with (*UTF), which stands among the (*...) in front? */
static bool wants_utf(const char *text)
{
    while (strncmp(text, "(*", 2) == 0) {
        if (strncmp(text, "(*UTF)", 6) == 0)
            return true;
        text += strcspn(text, ")");
        text += *text == ')';
    }
    return false;
}

struct pattern *pattern_compile(const char *text, struct err *e)
{
    int error;
    PCRE2_SIZE at;
    uint32_t groups = 0;
    if (strlen(text) > PATTERN_BYTES_MAX) {
        err_set(e, "a regular expression has at most %d bytes", PATTERN_BYTES_MAX);
        return NULL;
    }
    bool utf = wants_utf(text);
    uint32_t options =
        PCRE2_NEVER_BACKSLASH_C | PCRE2_USE_OFFSET_LIMIT | (utf ? PCRE2_MATCH_INVALID_UTF : 0);
    pcre2_code *code =
        pcre2_compile((PCRE2_SPTR)text, PCRE2_ZERO_TERMINATED, options, &error, &at, NULL);
    if (code == NULL) {
        char why[200] = "";
        pcre2_get_error_message(error, (PCRE2_UCHAR *)why, sizeof why);
        err_set(e, "not a regular expression: %s, at byte %zu of \"%.100s\"", why, at + 1, text);
        return NULL;
    }
    /* A few bytes of {n} can come to very much, also in time for the machine code. */
    size_t size = 0;
    pcre2_pattern_info(code, PCRE2_INFO_SIZE, &size);
    if (size > PREPARED_BYTES_MAX) {
        pcre2_code_free(code);
        err_set(e, "the regular expression is too large");
        return NULL;
    }
    pcre2_jit_compile(code, PCRE2_JIT_COMPLETE); /* where it cannot, libpcre2 interprets */
    pcre2_pattern_info(code, PCRE2_INFO_CAPTURECOUNT, &groups);
    struct pattern *p = mem_zalloc(sizeof *p);
    *p = (struct pattern){.code = code, .groups = groups, .utf = utf};
    return p;
}

void pattern_free(struct pattern *p)
{
    if (p == NULL)
        return;
    pcre2_code_free(p->code);
    free(p);
}

static size_t stretch_of(size_t len)
{
    size_t stretch = len > 0 ? STRETCH_STEPS / len : STRETCH_MAX;
    return stretch > STRETCH_MAX ? STRETCH_MAX : stretch < STRETCH_MIN ? STRETCH_MIN : stretch;
}

/* Finds the next match that begins at or behind `from`: its offsets, or NULL. */
static const PCRE2_SIZE *pattern_run(const struct pattern *p, const char *text, size_t len,
                                     size_t from)
{
    struct workspace *w = workspace();
    size_t stretch = stretch_of(len);
    uint64_t begun_ns = 0;
    while (w != NULL && from <= len) {
        size_t last = len - from > stretch ? from + stretch : len;
        pcre2_set_offset_limit(w->limits, last);
        int rc = pcre2_match(p->code, (PCRE2_SPTR)text, len, from, 0, w->data, w->limits);
        const PCRE2_SIZE *found = pcre2_get_ovector_pointer(w->data);
        if (rc >= 0 && found[0] <= found[1]) /* \K can turn them round */
            return found;
        if (last == len || rc != PCRE2_ERROR_NOMATCH)
            return NULL;
        if (begun_ns == 0)
            begun_ns = now_ns();
        else if (now_ns() - begun_ns > SEARCH_NS_MAX)
            return NULL;
        from = last + 1;
    }
    return NULL;
}

bool pattern_matches(const struct pattern *p, const char *text, size_t len)
{
    return pattern_run(p, len > 0 ? text : "", len, 0) != NULL;
}

/* Where to go on behind a match: behind an empty one a character further on. */
static size_t next_place(const struct pattern *p, const char *text, size_t len,
                         const PCRE2_SIZE *found, size_t from)
{
    if (found[1] > found[0] && found[1] > from)
        return found[1];
    size_t at = (found[1] > from ? found[1] : from) + 1;
    while (p->utf && at < len && ((unsigned char)text[at] & 0xc0) == 0x80)
        at++;
    return at;
}

bool pattern_next(const struct pattern *p, const char *text, size_t len, size_t *from,
                  const char **value, size_t *value_len)
{
    const PCRE2_SIZE *found;
    text = len > 0 ? text : "";
    while ((found = pattern_run(p, text, len, *from)) != NULL) {
        unsigned group = p->groups > 0 ? 1 : 0;
        size_t start = found[2 * group], end = found[2 * group + 1];
        *from = next_place(p, text, len, found, *from);
        if (start == PCRE2_UNSET || start > end)
            continue; /* an alternative without the group */
        *value = text + start;
        *value_len = end - start;
        return true;
    }
    *from = len + 1;
    return false;
}

#else

struct pattern *pattern_compile(const char *text, struct err *e)
{
    (void)text;
    err_set(e, "this ramptop was built without regular expressions (install libpcre2-dev, then "
               "configure and build it again)");
    return NULL;
}

void pattern_free(struct pattern *p)
{
    (void)p;
}

bool pattern_matches(const struct pattern *p, const char *text, size_t len)
{
    (void)p;
    (void)text;
    (void)len;
    return false;
}

bool pattern_next(const struct pattern *p, const char *text, size_t len, size_t *from,
                  const char **value, size_t *value_len)
{
    (void)p;
    (void)text;
    (void)len;
    (void)from;
    (void)value;
    (void)value_len;
    return false;
}

#endif
