/* SPDX-License-Identifier: MIT */
#include "src/probe/promtext.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/buf.h"
#include "src/base/clean.h"
#include "src/base/mem.h"

/* A line while it is parsed; `at` is the next character. */
struct line {
    const char *at, *end;
};

static void line_skip_blanks(struct line *l)
{
    while (l->at < l->end && (*l->at == ' ' || *l->at == '\t'))
        l->at++;
}

static bool is_metric_name_char(char c, bool first)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == ':' ||
           (!first && c >= '0' && c <= '9');
}

/* Returns the length of the name at this place; 0: none. */
static size_t line_name_len(const struct line *l)
{
    size_t n = 0;
    while (l->at + n < l->end && is_metric_name_char(l->at[n], n == 0))
        n++;
    return n;
}

static bool line_take_char(struct line *l, char c)
{
    line_skip_blanks(l);
    if (l->at == l->end || *l->at != c)
        return false;
    l->at++;
    line_skip_blanks(l);
    return true;
}

/* Takes a quoted text as it is written: *n bytes at *text. */
static bool line_take_quoted(struct line *l, const char **text, size_t *n)
{
    line_skip_blanks(l);
    if (l->at == l->end || *l->at != '"')
        return false;
    const char *from = *text = l->at + 1;
    while (from < l->end && *from != '"')
        from += *from == '\\' && from + 1 < l->end ? 2 : 1;
    if (from >= l->end)
        return false;
    *n = (size_t)(from - *text);
    l->at = from + 1;
    return true;
}

struct label {
    const char *name, *value;
    size_t name_len, value_len;
    bool differs;
};

/* Takes a label and the comma behind it.  Returns false when there is none. */
static bool line_take_label(struct line *l, bool may_differ, struct label *out)
{
    line_skip_blanks(l);
    out->name = l->at;
    out->name_len = line_name_len(l);
    if (out->name_len == 0)
        return false;
    l->at += out->name_len;
    line_skip_blanks(l);
    out->differs = may_differ && l->at < l->end && *l->at == '!';
    l->at += out->differs ? 1 : 0;
    if (!line_take_char(l, '=') || !line_take_quoted(l, &out->value, &out->value_len))
        return false;
    line_skip_blanks(l);
    return line_take_char(l, ',') || (l->at < l->end && *l->at == '}');
}

/* ---------------------------------------------------------------- wanted metrics */

static char *unescape_label(const char *text, size_t len)
{
    struct buf b = {0};
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '\\' && i + 1 < len) {
            i++;
            buf_char(&b, text[i] == 'n' ? '\n' : text[i]);
        } else {
            buf_char(&b, text[i]);
        }
    }
    return buf_take(&b);
}

static bool parse_wanted_label(struct promtext_want *w, struct line *l, struct err *e)
{
    struct label one;
    if (w->n == PROMTEXT_LABELS)
        return err_set(e, "there are more than %d labels", PROMTEXT_LABELS);
    if (!line_take_label(l, true, &one))
        return err_set(e, "labels are written {code=\"200\",method!=\"get\"}; patterns are not "
                          "understood");
    w->labels[w->n].name = mem_strndup(one.name, one.name_len);
    w->labels[w->n].value = unescape_label(one.value, one.value_len);
    w->labels[w->n++].differs = one.differs;
    return true;
}

bool promtext_want(struct promtext_want *w, const char *text, struct err *e)
{
    struct line l = {text, text + strlen(text)};
    *w = (struct promtext_want){0};
    line_skip_blanks(&l);
    size_t n = line_name_len(&l);
    if (n == 0)
        return err_set(e, "a metric is a name, as in http_requests_total{code=\"200\"}");
    w->name = mem_strndup(l.at, n);
    l.at += n;
    if (line_take_char(&l, '{'))
        while (!line_take_char(&l, '}'))
            if (!parse_wanted_label(w, &l, e))
                return false;
    line_skip_blanks(&l);
    return l.at == l.end ||
           err_set(e, "a metric is a name with labels in braces, not an expression: those are for "
                      "a promql probe");
}

void promtext_want_finish(struct promtext_want *w)
{
    free(w->name);
    for (size_t i = 0; i < w->n; i++) {
        free(w->labels[i].name);
        free(w->labels[i].value);
    }
    *w = (struct promtext_want){0};
}

/* ----------------------------------------------------------------------- samples */

struct sample {
    const char *name;
    size_t name_len;
    struct line labels; /* from behind the opening brace up to the closing one; empty: none */
    double value;
};

/* Takes a number, by a copy: the text may end behind it without a NUL. */
static bool line_take_number(struct line *l, double *out)
{
    char text[64], *end;
    size_t n = 0;
    line_skip_blanks(l);
    while (l->at + n < l->end && l->at[n] != ' ' && l->at[n] != '\t')
        n++;
    if (n == 0 || n >= sizeof text)
        return false;
    memcpy(text, l->at, n);
    text[n] = '\0';
    *out = strtod(text, &end);
    l->at += n;
    return end == text + n;
}

static bool line_take_sample(struct line *l, struct sample *out)
{
    struct label one;
    double stamp;
    line_skip_blanks(l);
    out->name = l->at;
    out->name_len = line_name_len(l);
    if (out->name_len == 0)
        return false;
    l->at += out->name_len;
    out->labels = (struct line){l->at, l->at};
    if (line_take_char(l, '{')) {
        out->labels.at = l->at;
        while (l->at < l->end && *l->at != '}')
            if (!line_take_label(l, false, &one))
                return false;
        out->labels.end = l->at;
        if (!line_take_char(l, '}'))
            return false;
        out->labels.end++; /* includes the closing brace, which ends its last label */
    }
    if (!line_take_number(l, &out->value))
        return false;
    line_skip_blanks(l);
    if (l->at < l->end && *l->at != '#' && !line_take_number(l, &stamp))
        return false;
    line_skip_blanks(l);
    return l->at == l->end || *l->at == '#'; /* an exemplar of OpenMetrics */
}

/* Returns whether a written value, with its escapes, equals the text. */
static bool label_text_equals(const char *written, size_t len, const char *text)
{
    size_t i = 0;
    for (; i < len && *text != '\0'; i++, text++) {
        char c = written[i];
        if (c == '\\' && i + 1 < len) {
            c = written[++i];
            c = c == 'n' ? '\n' : c;
        }
        if (c != *text)
            return false;
    }
    return i == len && *text == '\0';
}

static bool sample_has_label(const struct sample *s, const char *name, const char *value)
{
    struct line l = s->labels;
    struct label one;
    size_t n = strlen(name);
    while (l.at < l.end && *l.at != '}' && line_take_label(&l, false, &one))
        if (one.name_len == n && memcmp(one.name, name, n) == 0)
            return label_text_equals(one.value, one.value_len, value);
    return *value == '\0'; /* a missing label is as good as empty */
}

static bool sample_fits(const struct promtext_want *w, const struct sample *s)
{
    if (strlen(w->name) != s->name_len || memcmp(w->name, s->name, s->name_len) != 0)
        return false;
    for (size_t i = 0; i < w->n; i++)
        if (sample_has_label(s, w->labels[i].name, w->labels[i].value) == w->labels[i].differs)
            return false;
    return true;
}

static void add_found_sample(struct promtext_found *f, double v)
{
    f->n++;
    if (isnan(v))
        return;
    f->max = f->known == 0 || v > f->max ? v : f->max;
    f->sum += v;
    f->known++;
}

size_t promtext_read(const char *text, size_t len, const struct promtext_want *wants, size_t n,
                     struct promtext_found *found, size_t *bad)
{
    size_t samples = 0;
    *bad = 0;
    for (size_t i = 0; i < n; i++)
        found[i] = (struct promtext_found){0};
    for (const char *at = text + clean_mark_len(text, len), *end = text + len; at < end;) {
        const char *feed = memchr(at, '\n', (size_t)(end - at));
        struct line l = {at, feed != NULL ? feed : end};
        struct sample s;
        at = feed != NULL ? feed + 1 : end;
        if (l.end > l.at && l.end[-1] == '\r')
            l.end--;
        line_skip_blanks(&l);
        if (l.at == l.end || *l.at == '#')
            continue;
        if (!line_take_sample(&l, &s)) {
            ++*bad;
            continue;
        }
        samples++;
        for (size_t i = 0; i < n; i++)
            if (sample_fits(&wants[i], &s))
                add_found_sample(&found[i], s.value);
    }
    return samples;
}
