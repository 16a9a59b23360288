/* SPDX-License-Identifier: MIT */
#include "src/list/list.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/clean.h"
#include "src/base/human.h"
#include "src/list/grid.h"

#define WORD_MAX 64
#define LINE_MAX_SHOWN 400

/* Adds a single line, whatever is in the names. */
static void add_list_line(struct buf *out, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void add_list_line(struct buf *out, const char *fmt, ...)
{
    char raw[LINE_MAX_SHOWN], clean[LINE_MAX_SHOWN];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(raw, sizeof raw, fmt, ap);
    va_end(ap);
    clean_text(clean, sizeof clean, raw, strlen(raw));
    buf_text(out, clean);
    buf_char(out, '\n');
}

/* ---------------------------------------------------------------------- shares */

double list_class_share(const struct profile *p, const struct user_class *c)
{
    double all = 0;
    for (size_t i = 0; i < p->n_classes; i++)
        all += p->classes[i].fixed_count > 0 ? 0 : p->classes[i].weight;
    return all > 0 && c->fixed_count == 0 ? c->weight / all : 0;
}

double list_task_share(const struct user_class *c, const struct task *t)
{
    return c->total_weight > 0 ? (double)t->weight / c->total_weight : 0;
}

double list_mix_share(const struct mix *m, size_t class)
{
    size_t n = 0;
    for (size_t i = 0; i < m->n_class_of; i++)
        n += m->class_of[i] == class;
    return m->n_class_of > 0 ? (double)n / (double)m->n_class_of : 0;
}

const char *list_level_kind(const struct level *l)
{
    return l->kind == LEVEL_STAGES ? "stages" : l->kind == LEVEL_BURST ? "burst" : "steady";
}

char *list_probe_what(const struct probe_spec *s)
{
    struct buf out = {0};
    switch (s->type) {
    case PROBE_DOCKER:
        for (size_t i = 0; i < s->n_match; i++)
            buf_printf(&out, "%s%s", i > 0 ? ", " : "", s->match[i]);
        buf_printf(&out, "%s%s%s", s->n_match > 0 ? "" : "all containers",
                   *s->where != '\0' ? " of " : "", s->where);
        break;
    case PROBE_PROCESS:
        if (s->process != NULL)
            buf_printf(&out, "name=%s", s->process);
        else
            buf_printf(&out, s->pid > 0 ? "pid=%u" : "port=%u", s->pid > 0 ? s->pid : s->port);
        break;
    case PROBE_COMMAND:
        buf_text(&out, s->argv[0]);
        break;
    case PROBE_HOST:
        buf_text(&out, *s->where != '\0' ? s->where : "this machine");
        break;
    default:
        buf_text(&out, *s->where != '\0' ? s->where : "what PG* variables say");
        break;
    }
    return buf_take(&out);
}

/* ----------------------------------------------------------------------- words */

static const char *list_percent(char out[HUMAN_MAX], double share)
{
    return human_percent(out, HUMAN_MAX, share * 100);
}

/* "1h30m", "90s" is "1m30s", "800ms" */
static const char *span_words(char out[WORD_MAX], uint64_t ns)
{
    uint64_t s = ns / 1000000000, ms = ns / 1000000 % 1000;
    size_t len = 0;
    if (ns < 1000000000 && ns > 0) {
        snprintf(out, WORD_MAX, "%.6gms", (double)ns / 1e6);
        return out;
    }
    out[0] = '\0';
    if (s >= 3600)
        len += (size_t)snprintf(out + len, WORD_MAX - len, "%lluh", (unsigned long long)(s / 3600));
    if (s % 3600 >= 60)
        len += (size_t)snprintf(out + len, WORD_MAX - len, "%llum",
                                (unsigned long long)(s % 3600 / 60));
    if (s % 60 > 0 || ms > 0 || len == 0)
        snprintf(out + len, WORD_MAX - len, "%.6gs", (double)(s % 60) + (double)ms / 1000);
    return out;
}

static const char *wait_words(char out[2 * WORD_MAX + 16], const struct wait *w)
{
    char from[WORD_MAX], to[WORD_MAX];
    const size_t size = 2 * WORD_MAX + 16;
    span_words(from, w->min_ns);
    switch (w->kind) {
    case WAIT_NONE:
        snprintf(out, size, "no wait");
        break;
    case WAIT_CONSTANT:
        snprintf(out, size, "waits %s", from);
        break;
    case WAIT_BETWEEN:
        snprintf(out, size, "waits %s to %s", from, span_words(to, w->max_ns));
        break;
    case WAIT_PACING:
        snprintf(out, size, "one every %s", from);
        break;
    case WAIT_EXPONENTIAL:
        snprintf(out, size, "waits %s on average", from);
        break;
    }
    return out;
}

static const char *joined(char out[LINE_MAX_SHOWN], char *const *texts, size_t n)
{
    size_t len = 0;
    out[0] = '\0';
    for (size_t i = 0; i < n && len < LINE_MAX_SHOWN; i++)
        len +=
            (size_t)snprintf(out + len, LINE_MAX_SHOWN - len, "%s%s", i > 0 ? ", " : "", texts[i]);
    return out;
}

static void grid_row(struct grid *g, const char *const *cells)
{
    for (; *cells != NULL; cells++)
        grid_cell(g, "%s", *cells);
}

/* --------------------------------------------------------------------- classes */

/* The method of a task that is one request: without it "/items" stands for reading and
 * writing alike. */
static const char *method_of(const struct task *t)
{
    const struct step *only = t->steps.items;
    return t->steps.n == 1 && only->kind == STEP_REQUEST ? only->request->method : "";
}

static void add_task(struct grid *g, const struct profile *p, const struct user_class *c,
                     const struct task *t)
{
    char share[HUMAN_MAX], all[HUMAN_MAX], tags[LINE_MAX_SHOWN], wait[2 * WORD_MAX + 16];
    joined(tags, t->tags, t->n_tags);
    const char *method = method_of(t);
    grid_cell(g, "  %s%s%.60s", method, *method != '\0' ? " " : "", t->name);
    grid_cell(g, "%u", t->weight);
    grid_cell(g, "%s", list_percent(share, list_task_share(c, t)));
    grid_cell(g, "%s",
              c->fixed_count > 0
                  ? ""
                  : list_percent(all, list_class_share(p, c) * list_task_share(c, t)));
    grid_cell(g, "%s%s%s", tags, *tags != '\0' && t->own_wait ? "; " : "",
              t->own_wait ? wait_words(wait, &t->wait) : "");
}

static void add_class(struct grid *g, const struct profile *p, const struct user_class *c)
{
    char share[HUMAN_MAX], wait[2 * WORD_MAX + 16];
    grid_cell(g, "%.60s", c->name);
    if (c->fixed_count > 0)
        grid_cell(g, "%u user%s", c->fixed_count, c->fixed_count == 1 ? "" : "s");
    else
        grid_cell(g, "%u", c->weight);
    grid_cell(g, "%s", "");
    grid_cell(g, "%s", c->fixed_count > 0 ? "" : list_percent(share, list_class_share(p, c)));
    grid_cell(g, "%s%s", wait_words(wait, &c->wait), c->sequence ? "; in order" : "");
    for (size_t i = 0; i < c->n_tasks; i++)
        add_task(g, p, c, &c->tasks[i]);
}

static void add_classes(struct buf *out, const struct profile *p)
{
    static const char *const heads[] = {"class and tasks", "weight",     "of class",
                                        "of all",          "wait, tags", NULL};
    struct grid g = {.align = "lrrrl"};
    bool fixed = false;
    grid_row(&g, heads);
    for (size_t i = 0; i < p->n_classes; i++) {
        add_class(&g, p, &p->classes[i]);
        fixed = fixed || p->classes[i].fixed_count > 0;
    }
    grid_print(&g, out);
    if (fixed)
        buf_text(out, "Shares of all are those of the users beyond the fixed ones.\n");
}

/* ---------------------------------------------------------------------- levels */

static void add_stages(struct buf *out, const struct level *l)
{
    char over[WORD_MAX], hold[WORD_MAX];
    for (size_t i = 0; i < l->n_stages; i++) {
        const struct stage *s = &l->stages[i];
        buf_printf(out, "%s%u", i > 0 ? ", " : "", s->users);
        if (s->over_ns > 0)
            buf_printf(out, " over %s", span_words(over, s->over_ns));
        if (s->hold_ns == UINT64_MAX)
            buf_text(out, " and on");
        else if (s->hold_ns > 0)
            buf_printf(out, " for %s", span_words(hold, s->hold_ns));
    }
}

static void list_add_mix(struct buf *out, const struct profile *p, const struct level *l)
{
    char share[HUMAN_MAX];
    const char *between = l->kind == LEVEL_STEADY ? "" : "; ";
    for (size_t i = 0; l->mix != NULL && i < p->n_classes; i++) {
        double v = list_mix_share(l->mix, i);
        if (v <= 0)
            continue;
        buf_printf(out, "%s%.60s %s", between, p->classes[i].name, list_percent(share, v));
        between = ", ";
    }
}

static void add_level(struct grid *g, const struct profile *p, const struct level *l)
{
    char users[HUMAN_MAX], text[WORD_MAX];
    struct buf how = {0};
    grid_cell(g, "%.60s", l->name);
    grid_cell(g, "%s", human_count(users, sizeof users, l->users));
    if (l->kind == LEVEL_STAGES)
        grid_cell(g, "%s", "");
    else
        grid_cell(g, "%.6g/s", l->spawn_rate);
    grid_cell(g, "%s", l->run_time_ns > 0 ? span_words(text, l->run_time_ns) : "no end");
    if (l->kind == LEVEL_STAGES)
        add_stages(&how, l);
    if (l->kind == LEVEL_BURST && l->repeat > 1)
        buf_printf(&how, "burst, %u times every %s", l->repeat, span_words(text, l->every_ns));
    else if (l->kind == LEVEL_BURST)
        buf_text(&how, "burst");
    list_add_mix(&how, p, l);
    grid_cell(g, "%s", how.len > 0 ? how.data : "");
    buf_finish(&how);
}

static void add_levels(struct buf *out, const struct profile *p)
{
    static const char *const heads[] = {"level", "users", "spawned", "run time", "how", NULL};
    struct grid g = {.align = "lrrrl"};
    if (p->n_levels == 0)
        return;
    buf_char(out, '\n');
    grid_row(&g, heads);
    for (size_t i = 0; i < p->n_levels; i++)
        add_level(&g, p, &p->levels[i]);
    grid_print(&g, out);
}

/* --------------------------------------------- endpoints, goals and rate limits */

static bool sends(const struct steps *s, size_t endpoint)
{
    for (size_t i = 0; i < s->n; i++)
        if (s->items[i].kind == STEP_REQUEST && s->items[i].request->endpoint == endpoint)
            return true;
    return false;
}

/* No user sends it: the table of rate limits tells of it. */
static bool is_of_limits(const struct profile *p, size_t endpoint)
{
    bool of_limits = false;
    for (size_t i = 0; i < p->n_rate_limits && !of_limits; i++)
        of_limits = p->rate_limits[i].request->endpoint == endpoint;
    for (size_t i = 0; i < p->n_classes && of_limits; i++) {
        const struct user_class *c = &p->classes[i];
        of_limits = !sends(&c->on_start, endpoint) && !sends(&c->on_stop, endpoint);
        for (size_t t = 0; t < c->n_tasks && of_limits; t++)
            of_limits = !sends(&c->tasks[t].steps, endpoint);
    }
    return of_limits;
}

static void add_endpoints(struct buf *out, const struct profile *p)
{
    struct grid g = {.align = "ll"};
    buf_char(out, '\n');
    grid_cell(&g, "%s", "");
    grid_cell(&g, "endpoint");
    for (size_t i = 0; i < p->n_endpoints; i++) {
        if (is_of_limits(p, i))
            continue;
        grid_cell(&g, "%s", p->endpoints[i].method);
        grid_cell(&g, "%s", p->endpoints[i].name);
    }
    grid_print(&g, out);
}

/* "200 ms", or "200 ms..500 ms" where worse is still acceptable. */
static void add_bound(struct grid *g, enum goal_metric metric, const struct bound *b)
{
    char target[HUMAN_MAX], worst[HUMAN_MAX];
    if (!b->set) {
        grid_cell(g, "-");
        return;
    }
    if (metric == GOAL_SUCCESS) {
        list_percent(target, b->target);
        list_percent(worst, b->acceptable);
    } else {
        human_us(target, sizeof target, b->target, false);
        human_us(worst, sizeof worst, b->acceptable, false);
    }
    grid_cell(g, "%s%s%s", target, strcmp(target, worst) != 0 ? " / " : "",
              strcmp(target, worst) != 0 ? worst : "");
}

static void add_rates(struct buf *out, const struct goal *goal)
{
    for (size_t i = 0; i < goal->n_rates; i++) {
        const struct goal_rate *r = &goal->rates[i];
        char acceptable[WORD_MAX] = "";
        if (r->rps.acceptable < r->rps.target)
            snprintf(acceptable, sizeof acceptable, " (acceptable: %.6g)", r->rps.acceptable);
        add_list_line(out, "  %.60s: at least %.6g request%s per second with %u at once%s",
                      goal->name, r->rps.target, r->rps.target == 1 ? "" : "s", r->at, acceptable);
    }
}

static void add_goals(struct buf *out, const struct profile *p)
{
    static const char *const heads[] = {"goal / acceptable", "average",   "p50", "p95", "p99",
                                        "success",           "endpoints", NULL};
    struct grid g = {.align = "lrrrrrl"};
    char patterns[LINE_MAX_SHOWN];
    if (p->n_goals == 0)
        return;
    buf_char(out, '\n');
    grid_row(&g, heads);
    for (size_t i = 0; i < p->n_goals; i++) {
        const struct goal *goal = &p->goals[i];
        grid_cell(&g, "%.60s", goal->name);
        for (int m = 0; m < GOAL_METRICS; m++)
            add_bound(&g, (enum goal_metric)m, &goal->bounds[m]);
        grid_cell(&g, "%s", joined(patterns, goal->patterns, goal->n_patterns));
    }
    grid_print(&g, out);
    for (size_t i = 0; i < p->n_goals; i++)
        add_rates(out, &p->goals[i]);
}

static void add_limits(struct buf *out, const struct profile *p)
{
    static const char *const heads[] = {"rate limit", "after", "status",  "per",
                                        "window",     "class", "request", NULL};
    static const char *const per[] = {
        [LIMIT_ANY] = "-", [LIMIT_PER_USER] = "user", [LIMIT_PER_ADDRESS] = "address"};
    struct grid g = {.align = "lrrllll"};
    char window[WORD_MAX];
    if (p->n_rate_limits == 0)
        return;
    buf_char(out, '\n');
    grid_row(&g, heads);
    for (size_t i = 0; i < p->n_rate_limits; i++) {
        const struct rate_limit *l = &p->rate_limits[i];
        grid_cell(&g, "%.60s", l->name);
        if (l->after_min == l->after_max)
            grid_cell(&g, "%u", l->after_min);
        else
            grid_cell(&g, "%u to %u", l->after_min, l->after_max);
        grid_cell(&g, "%u", l->status);
        grid_cell(&g, "%s", per[l->per]);
        grid_cell(&g, "%s", l->window_ns > 0 ? span_words(window, l->window_ns) : "-");
        grid_cell(&g, "%.60s", p->classes[l->class].name);
        grid_cell(&g, "%s %s", l->request->method, l->request->name);
    }
    grid_print(&g, out);
}

static void add_probes(struct buf *out, const struct profile *p)
{
    static const char *const heads[] = {"probe", "type", "every", "watches", NULL};
    struct grid g = {.align = "llrl"};
    char period[WORD_MAX];
    if (p->probes.n == 0)
        return;
    buf_char(out, '\n');
    grid_row(&g, heads);
    for (size_t i = 0; i < p->probes.n; i++) {
        const struct probe_spec *s = p->probes.items[i];
        char *what = list_probe_what(s);
        grid_cell(&g, "%s", s->name);
        grid_cell(&g, "%s", probe_spec_word(s));
        grid_cell(&g, "%s", s->period_ns > 0 ? span_words(period, s->period_ns) : "-");
        grid_cell(&g, "%.200s", what);
        free(what);
    }
    grid_print(&g, out);
}

const char *list_request_left_out(const struct profile *p, size_t number)
{
    const char *told = p->requests[number]->left_out;
    for (size_t i = 0; told != NULL && i < number; i++)
        if (p->requests[i]->left_out != NULL && strcmp(p->requests[i]->left_out, told) == 0)
            return NULL;
    return told;
}

char *list_left_out(const struct profile *p)
{
    struct buf out = {0};
    for (size_t i = 0; i < p->n_requests; i++) {
        const char *told = list_request_left_out(p, i);
        if (told != NULL)
            buf_printf(&out,
                       "not sent to %.400s (headers of all go to the target; headers_to names "
                       "other servers)\n",
                       told);
    }
    return buf_take(&out);
}

char *list_text(const struct profile *p)
{
    char *left_out = list_left_out(p);
    struct buf out = {0};
    add_list_line(&out, "%s  %s", p->name, p->target);
    if (p->max_users > 0)
        buf_printf(&out, "at most %u users\n", p->max_users);
    buf_char(&out, '\n');
    add_classes(&out, p);
    add_levels(&out, p);
    add_endpoints(&out, p);
    add_goals(&out, p);
    add_limits(&out, p);
    add_probes(&out, p);
    if (*left_out != '\0')
        buf_printf(&out, "\n%s", left_out);
    free(left_out);
    return buf_take(&out);
}
