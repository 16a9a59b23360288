/* SPDX-License-Identifier: MIT */
#include "src/import/write.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/buf.h"
#include "src/base/clean.h"
#include "src/base/mem.h"
#include "src/import/lang.h"

#define WIDTH 96
#define NAME_SHOWN 100
#define SHRINKS 20 /* so much shorter a request may become: secrets and captures go */
#define DEEPEST 16 /* blanks before a step */

/* The parts that stand once, at the top of the profile. */
struct common {
    struct tr_fields headers;
    const struct tr_request *auth; /* NULL: each for itself */
    bool gzip, follow;
    double timeout_s;
    int max_redirects;
};

/* ------------------------------------------------------------------- one line */

static void indent(struct buf *out, unsigned depth)
{
    buf_char(out, '\n');
    for (unsigned i = 0; i < depth; i++)
        buf_char(out, ' ');
}

/* A name that people read. */
static void quote_name(struct buf *out, const char *text)
{
    char clean[NAME_SHOWN];
    clean_text(clean, sizeof clean, text, strlen(text));
    lang_quote(out, *clean != '\0' ? clean : "unnamed");
}

/* A long text goes over several lines: libconfig puts strings that follow each other
 * together.  It is cut between characters, and not within ${...}. */
static void quote_long(struct buf *out, const char *text, unsigned depth)
{
    while (strlen(text) > WIDTH) {
        size_t requests_cut = 0;
        while (requests_cut < WIDTH - depth || ((unsigned char)text[requests_cut] & 0xc0) == 0x80) {
            bool variable;
            size_t special = lang_special(text + requests_cut, &variable);
            requests_cut += special > 0 ? special : 1;
        }
        if (text[requests_cut] == '\0')
            break;
        char *piece = mem_strndup(text, requests_cut);
        lang_quote(out, piece);
        free(piece);
        indent(out, depth);
        text += requests_cut;
    }
    lang_quote(out, text);
}

/* "seconds" with as many decimals as it needs, and always a point. */
static void write_seconds(struct buf *out, double s)
{
    double tenths = s * 10;
    bool round = tenths - (double)(int64_t)tenths < 1e-6;
    buf_printf(out, round ? "%.1f" : "%.3f", s);
}

static void group(struct buf *out, const char *name, const struct tr_fields *f, unsigned depth)
{
    size_t width = 0;
    if (f->n == 0)
        return;
    for (size_t i = 0; i < f->n; i++)
        width += strlen(f->items[i].name) + strlen(f->items[i].text) + 8;
    bool lines = width > WIDTH - depth - 20;
    indent(out, depth);
    buf_printf(out, "%s = {", name);
    for (size_t i = 0; i < f->n; i++) {
        if (lines)
            indent(out, depth + 2);
        else
            buf_char(out, ' ');
        buf_printf(out, "%s = ", f->items[i].name);
        quote_long(out, f->items[i].text, depth + 4);
        buf_char(out, ';');
    }
    if (lines)
        indent(out, depth);
    buf_text(out, lines ? "};" : " };");
}

/* Headers that a group cannot say: several of a name, one that is not sent, one whose name is
 * no setting's, and what says how long a body is. */
static bool needs_lines(const struct tr_fields *f)
{
    for (size_t i = 0; i < f->n; i++) {
        const char *name = f->items[i].name;
        if (f->items[i].off || !lang_setting_ok(name) || tr_field_find(f, name) != &f->items[i] ||
            strcasecmp(name, "Content-Length") == 0 || strcasecmp(name, "Transfer-Encoding") == 0)
            return true;
    }
    return false;
}

static void header_lines(struct buf *out, const struct tr_fields *f, unsigned depth)
{
    bool several = f->n > 1;
    indent(out, depth);
    buf_text(out, "headers = (");
    for (size_t i = 0; i < f->n; i++) {
        const struct tr_field *h = &f->items[i];
        bool empty = *h->text == '\0';
        char *line = mem_printf("%s%s%s", h->name, h->off ? ":" : empty ? ";" : ": ", h->text);
        if (several)
            indent(out, depth + 2);
        quote_long(out, line, depth + 4);
        buf_text(out, i + 1 < f->n ? "," : "");
        free(line);
    }
    if (several)
        indent(out, depth);
    buf_text(out, ");");
}

static void header_group(struct buf *out, const struct tr_fields *f, unsigned depth)
{
    if (needs_lines(f))
        header_lines(out, f, depth);
    else
        group(out, "headers", f, depth);
}

/* ------------------------------------------------------------------- a request */

static void auth(struct buf *out, const struct tr_request *q)
{
    if (q->bearer != NULL) {
        buf_text(out, "auth = { bearer = ");
        lang_quote(out, q->bearer);
        buf_text(out, "; };");
    } else {
        char *both = mem_printf("%s:%s", q->user, q->password);
        buf_text(out, "auth = { basic = ");
        lang_quote(out, both);
        buf_text(out, "; };");
        free(both);
    }
}

/* Writes a text of a part's head, which is a single line. */
static void quote_line(struct buf *out, const char *text)
{
    struct buf line = {0};
    for (; *text != '\0'; text++) {
        if ((unsigned char)*text >= ' ' && *text != 0x7f)
            buf_char(&line, *text);
    }
    lang_quote(out, line.data != NULL ? line.data : "");
    buf_finish(&line);
}

static void part(struct buf *out, const struct tr_part *p)
{
    buf_text(out, "{ name = ");
    quote_line(out, p->name);
    if (p->text != NULL) {
        buf_text(out, "; value = ");
        lang_quote(out, p->text);
    } else if (p->file != NULL) {
        buf_text(out, "; file = ");
        lang_quote(out, p->file);
    } else {
        buf_printf(out, "; payload = \"%llu\"", (unsigned long long)p->payload_bytes);
    }
    if (p->filename != NULL) {
        buf_text(out, "; filename = ");
        quote_line(out, p->filename);
    }
    if (p->type != NULL) {
        buf_text(out, "; type = ");
        quote_line(out, p->type);
    }
    buf_text(out, "; }");
}

static void setting(struct buf *out, unsigned depth, const char *name, const char *text)
{
    indent(out, depth);
    buf_printf(out, "%s = ", name);
    quote_long(out, text, depth + 2);
    buf_char(out, ';');
}

static void write_body(struct buf *out, const struct tr_request *q, unsigned depth)
{
    switch (q->body) {
    case TR_NONE:
        break;
    case TR_TEXT:
        setting(out, depth, "body", q->body_text);
        break;
    case TR_JSON:
        setting(out, depth, "json", q->body_text);
        break;
    case TR_FILE:
        setting(out, depth, "file", q->body_text);
        break;
    case TR_FORM:
        group(out, "form", &q->form, depth);
        break;
    case TR_PAYLOAD:
        indent(out, depth);
        buf_printf(out, "payload = \"%llu\";", (unsigned long long)q->payload_bytes);
        break;
    case TR_MULTIPART:
        indent(out, depth);
        buf_text(out, "multipart = (");
        for (size_t i = 0; i < q->n_parts; i++) {
            indent(out, depth + 2);
            part(out, &q->parts[i]);
            if (i + 1 < q->n_parts)
                buf_char(out, ',');
        }
        indent(out, depth);
        buf_text(out, ");");
    }
}

static void captures(struct buf *out, const struct tr_request *q, unsigned depth)
{
    struct tr_fields f = {0};
    for (size_t i = 0; i < q->n_captures; i++)
        tr_field_add(&f, q->captures[i].name, mem_strdup(q->captures[i].from));
    group(out, "capture", &f, depth);
    while (f.n > 0)
        tr_field_remove(&f, f.n - 1);
    free(f.items);
}

/* A Cookie header says it where a name is no setting's ("__Host-id") or comes twice. */
static void settle_cookies(struct tr_request *q)
{
    bool ok = true;
    struct tr_fields *f = &q->cookies;
    for (size_t i = 0; i < f->n; i++) {
        ok = ok && lang_setting_ok(f->items[i].name) &&
             tr_field_find(f, f->items[i].name) == &f->items[i];
    }
    if (ok)
        return;
    struct buf all = {0};
    for (size_t i = 0; i < f->n; i++)
        buf_printf(&all, "%s%s=%s", i > 0 ? "; " : "", f->items[i].name, f->items[i].text);
    while (f->n > 0)
        tr_field_remove(f, f->n - 1);
    tr_field_add(&q->headers, "Cookie", buf_take(&all));
}

/* A status that would not pass by itself, and a redirect that is part of the story. */
static bool expects(const struct tr_request *q)
{
    return q->status >= 300 && q->status <= 599 && q->status != 304;
}

static bool has_auth(const struct tr_request *q)
{
    return q->bearer != NULL || q->user != NULL;
}

static void request(struct buf *out, const struct transcript *r, const struct common *c,
                    const struct tr_request *q, unsigned depth)
{
    bool own = strcmp(q->origin, r->target) == 0;
    char *line = mem_printf("%s %s%s", q->method, own ? "" : q->origin, q->path);
    buf_text(out, "request = ");
    quote_long(out, line, depth + 2);
    buf_char(out, ';');
    free(line);
    if (q->sent_method != NULL)
        setting(out, depth, "method", q->sent_method);
    header_group(out, &q->headers, depth);
    group(out, "cookies", &q->cookies, depth);
    if (c->auth == NULL && has_auth(q)) {
        indent(out, depth);
        auth(out, q);
    }
    if (!c->gzip && q->gzip) {
        indent(out, depth);
        buf_text(out, "gzip = true;");
    }
    if (!c->follow && q->follow) {
        indent(out, depth);
        buf_text(out, "follow = true;");
    }
    if (c->timeout_s == 0 && q->timeout_s > 0) {
        indent(out, depth);
        buf_text(out, "timeout = ");
        write_seconds(out, q->timeout_s);
        buf_char(out, ';');
    }
    write_body(out, q, depth);
    captures(out, q, depth);
    if (expects(q)) {
        indent(out, depth);
        buf_printf(out, "expect = %u;", q->status);
    }
}

static void name_setting(struct buf *out, const char *name)
{
    buf_text(out, "name = ");
    quote_name(out, name);
    buf_char(out, ';');
}

/* ------------------------------------------------------------------- the tasks */

static void step(struct buf *out, const struct transcript *r, const struct common *c,
                 const struct tr_request *q, unsigned depth)
{
    buf_text(out, "{ ");
    if (q->name != NULL) {
        name_setting(out, q->name);
        indent(out, depth + 2);
    }
    request(out, r, c, q, depth + 2);
    buf_text(out, " }");
}

/* Steps are printed with a comma in front, so that the last has none behind it. */
static void steps(struct buf *out, const struct transcript *r, const struct common *c, size_t from,
                  size_t to, unsigned depth)
{
    for (size_t i = from; i < to; i++) {
        const struct tr_request *q = &r->requests[i];
        bool inside = i > from && q->parallel != 0 && q->parallel == q[-1].parallel;
        bool begins = !inside && q->parallel != 0;
        if (i > from)
            buf_char(out, ',');
        if (q->think_s > 0 && !inside) {
            indent(out, depth);
            buf_text(out, "{ think = ");
            write_seconds(out, q->think_s);
            buf_text(out, "; },");
        }
        if (begins) {
            indent(out, depth);
            buf_text(out, "{ parallel = (");
        }
        unsigned in = q->parallel != 0 ? depth + 4 : depth;
        indent(out, in);
        step(out, r, c, q, in);
        if (q->parallel != 0 && (i + 1 == to || q[1].parallel != q->parallel)) {
            indent(out, depth + 2);
            buf_text(out, "); }");
        }
    }
}

/* The name of a task's only request, NULL for none: it is counted under its method already. */
static const char *only_name(const struct tr_request *q, const struct tr_task *t)
{
    size_t method = strlen(q->method);
    if (q->name != NULL)
        return q->name;
    return strncmp(t->name, q->method, method) == 0 && t->name[method] == ' ' ? NULL : t->name;
}

static void task(struct buf *out, const struct transcript *r, const struct common *c, size_t from,
                 size_t to)
{
    const struct tr_task *t = &r->tasks[r->requests[from].task];
    const char *name = only_name(&r->requests[from], t);
    indent(out, 6);
    buf_text(out, "{ ");
    if (to - from == 1) {
        if (name != NULL) {
            name_setting(out, name);
            indent(out, 8);
        }
        request(out, r, c, &r->requests[from], 8);
    } else {
        name_setting(out, t->name);
        indent(out, 8);
        buf_text(out, "steps = (");
        steps(out, r, c, from, to, 10);
        indent(out, 8);
        buf_text(out, ");");
    }
    if (t->wait_s > 0) {
        indent(out, 8);
        buf_text(out, "wait = { constant = ");
        write_seconds(out, t->wait_s);
        buf_text(out, "; };");
    }
    buf_text(out, " }");
}

static void tasks(struct buf *out, const struct transcript *r, const struct common *c)
{
    for (size_t from = 0, to; from < r->n; from = to) {
        for (to = from + 1; to < r->n && r->requests[to].task == r->requests[from].task;)
            to++;
        if (from > 0)
            buf_char(out, ',');
        task(out, r, c, from, to);
    }
}

/* ------------------------------------------------------------------ what fits */

static size_t printed_size(const struct transcript *r, const struct common *c,
                           const struct tr_request *q)
{
    struct buf one = {0};
    step(&one, r, c, q, DEEPEST);
    size_t len = one.len + 100; /* a pause, a task around it */
    buf_finish(&one);
    return len;
}

static void drop_from(struct transcript *r, size_t n)
{
    for (size_t i = n; i < r->n; i++)
        tr_request_finish(&r->requests[i]);
    r->n_over += r->n - n;
    r->n = n;
}

static size_t fields_size(const struct tr_fields *f)
{
    size_t len = 0;
    for (size_t i = 0; i < f->n; i++)
        len += strlen(f->items[i].name) + strlen(f->items[i].text);
    return len;
}

void write_drop_hopeless(struct transcript *r)
{
    size_t total = 0, n = 0;
    for (; n < r->n && n < WRITE_MAX_REQUESTS && total < WRITE_MAX_BYTES * SHRINKS; n++) {
        const struct tr_request *q = &r->requests[n];
        total += strlen(q->path) + fields_size(&q->form);
        total += q->body_text != NULL ? strlen(q->body_text) : 0;
    }
    drop_from(r, n);
}

/* Drops the last requests if all of them are too many; false if not even one fits. */
static bool requests_cut(struct transcript *r, const struct common *c)
{
    size_t total = 0, n = 0;
    for (; n < r->n && n < WRITE_MAX_REQUESTS; n++) {
        struct tr_request *q = &r->requests[n];
        size_t len = printed_size(r, c, q);
        if (len > WRITE_MAX_BYTES / 2 && q->body != TR_NONE) {
            tr_body_clear(q);
            q->body = TR_PAYLOAD;
            q->payload_bytes = len;
            tr_note(r, "A body is too long for a profile; generated bytes stand in its place.");
            len = printed_size(r, c, q);
        }
        if (total + len > WRITE_MAX_BYTES)
            break;
        total += len;
    }
    drop_from(r, n);
    if (r->n_over > 0)
        tr_note(r, "The last %zu requests are left out: the profile would be too long.", r->n_over);
    return n > 0;
}

/* -------------------------------------------------------------- what is common */

static bool all_have(const struct transcript *r, const struct tr_field *f)
{
    for (size_t i = 0; i < r->n; i++) {
        const struct tr_fields *h = &r->requests[i].headers;
        const struct tr_field *other = tr_field_find(h, f->name);
        if (other == NULL || strcmp(other->text, f->text) != 0 || other->off || f->off ||
            needs_lines(h))
            return false;
    }
    return true;
}

static void lift_headers(struct transcript *r, struct common *c)
{
    struct tr_fields *first = &r->requests[0].headers;
    for (size_t k = 0; k < first->n;) {
        if (!all_have(r, &first->items[k])) {
            k++;
            continue;
        }
        tr_field_add(&c->headers, first->items[k].name, mem_strdup(first->items[k].text));
        for (size_t i = r->n; i-- > 0;) {
            struct tr_fields *h = &r->requests[i].headers;
            struct tr_field *f = tr_field_find(h, c->headers.items[c->headers.n - 1].name);
            tr_field_remove(h, (size_t)(f - h->items));
        }
    }
}

static bool same_text(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool captured(const struct transcript *r, const char *text)
{
    for (size_t i = 0; i < r->n; i++) {
        for (size_t k = 0; k < r->requests[i].n_captures; k++) {
            if (strstr(text, r->requests[i].captures[k].name) != NULL)
                return true;
        }
    }
    return false;
}

static void find_common(struct transcript *r, struct common *c)
{
    const struct tr_request *first = &r->requests[0];
    bool same_auth = has_auth(first) && (first->bearer == NULL || !captured(r, first->bearer));
    *c = (struct common){
        .gzip = true, .follow = true, .timeout_s = first->timeout_s, .max_redirects = -1};
    if (r->n > 1)
        lift_headers(r, c);
    for (size_t i = 0; i < r->n; i++) {
        const struct tr_request *q = &r->requests[i];
        c->gzip = c->gzip && q->gzip;
        c->follow = c->follow && q->follow;
        if (q->timeout_s != c->timeout_s)
            c->timeout_s = 0;
        if (q->max_redirects > c->max_redirects)
            c->max_redirects = q->max_redirects;
        same_auth = same_auth && same_text(q->bearer, first->bearer) &&
                    same_text(q->user, first->user) && same_text(q->password, first->password);
    }
    c->auth = same_auth ? first : NULL;
}

/* ---------------------------------------------------------------------- the head */

static void comment(struct buf *out, const char *text)
{
    buf_text(out, "#");
    size_t column = 1;
    while (*text != '\0') {
        size_t len = strcspn(text, " ");
        if (column + len + 1 > WIDTH - 4 && column > 1) {
            buf_text(out, "\n#");
            column = 1;
        }
        buf_char(out, ' ');
        buf_add(out, text, len);
        column += len + 1;
        text += len + (text[len] == ' ');
    }
    buf_char(out, '\n');
}

static void secrets(struct buf *out, const struct transcript *r)
{
    bool any = false;
    for (size_t i = 0; i < r->n_variables; i++) {
        const struct tr_variable *v = &r->variables[i];
        char clean[NAME_SHOWN];
        if (v->env == NULL)
            continue;
        if (!any)
            buf_text(out, "#\n# Secrets are not in this file.  Set them before it runs:\n");
        any = true;
        clean_text(clean, sizeof clean, v->about, strlen(v->about));
        buf_printf(out, "#     export %s='...'    # %s\n", v->env, clean);
    }
}

static void variables(struct buf *out, const struct transcript *r)
{
    if (r->n_variables == 0 && !r->dollar)
        return;
    buf_text(out, "\nvariables = {");
    for (size_t i = 0; i < r->n_variables; i++) {
        const struct tr_variable *v = &r->variables[i];
        indent(out, 2);
        if (v->env != NULL)
            buf_printf(out, "%s = { secret = \"env:%s\"; };", v->name, v->env);
        else
            setting(out, 0, v->name, v->text);
    }
    if (r->dollar)
        buf_text(out, "\n  dollar = \"$\";");
    buf_text(out, "\n};");
}

static void any_of(const struct transcript *r, bool *insecure, bool *http2)
{
    *insecure = *http2 = false;
    for (size_t i = 0; i < r->n; i++) {
        *insecure |= r->requests[i].insecure;
        *http2 |= r->requests[i].http2;
    }
}

static void write_head(struct buf *out, const struct transcript *r, const struct common *c)
{
    bool insecure, http2;
    any_of(r, &insecure, &http2);
    comment(out, r->title);
    for (size_t i = 0; i < r->n_notes; i++)
        comment(out, r->notes[i]);
    secrets(out, r);
    buf_text(out, "\ntarget = ");
    lang_quote(out, r->target);
    buf_char(out, ';');
    buf_text(out, insecure ? "\ninsecure = true;" : "");
    buf_text(out, http2 ? "\nhttp2 = true;" : "");
    buf_text(out, c->gzip ? "\ngzip = true;" : "");
    buf_text(out, c->follow ? "\nfollow = true;" : "");
    buf_text(out, r->no_cookies ? "\ncookies = false;" : "");
    if (c->max_redirects >= 0)
        buf_printf(out, "\nmax_redirects = %d;", c->max_redirects);
    if (c->timeout_s > 0) {
        buf_text(out, "\ntimeout = ");
        write_seconds(out, c->timeout_s);
        buf_char(out, ';');
    }
    header_group(out, &c->headers, 0);
    variables(out, r);
    if (c->auth != NULL) {
        buf_char(out, '\n');
        auth(out, c->auth);
    }
    buf_text(out, "\n\nuser_classes = (\n  { name = \"user\";");
    if (r->n_tasks > 1)
        buf_text(out, "\n    sequence = true;                    # in the order of the recording");
    else if (r->n_tasks == 0 || r->tasks[0].wait_s == 0)
        buf_text(out, "\n    wait = { between = [1.0, 3.0]; };   # seconds between two tasks");
    buf_text(out, "\n    tasks = (");
}

bool write_profile(struct transcript *r, char **profile_text, struct err *e)
{
    struct buf out = {0}, inner = {0};
    struct common c;
    for (size_t i = 0; i < r->n; i++)
        settle_cookies(&r->requests[i]);
    find_common(r, &c);
    bool ok = requests_cut(r, &c) || err_set(e, "the first request is too long for a profile.");
    if (ok) {
        tasks(&inner, r, &c);
        write_head(&out, r, &c);
        buf_text(&out, inner.data);
        buf_text(&out, "\n    );\n  }\n);\n\nlevels = {\n"
                       "  smoke = { users = 1; spawn_rate = 1.0; run_time = \"30s\"; };\n};\n");
        *profile_text = buf_take(&out);
    }
    buf_finish(&inner);
    while (c.headers.n > 0)
        tr_field_remove(&c.headers, c.headers.n - 1);
    free(c.headers.items);
    return ok;
}
