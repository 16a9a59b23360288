/* SPDX-License-Identifier: MIT */
#include "src/probe/probe.h"

#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "src/base/clean.h"
#include "src/base/mem.h"
#include "src/base/now.h"
#include "src/base/rng.h"
#include "src/probe/watch_inner.h"

#define BACKOFF_FIRST_NS (NS_PER_S / 2)
#define BACKOFF_MOST_NS (8 * NS_PER_S)
#define DENIED_NS (30 * NS_PER_S) /* repeated bad log-ins lock accounts */
#define LOSSES_NS (60 * NS_PER_S)
#define STACK_BYTES (512u << 10)

static void probe_lock(const struct probe *p)
{
    pthread_mutex_lock(&p->watch->lock);
}

static void probe_unlock(const struct probe *p)
{
    pthread_mutex_unlock(&p->watch->lock);
}

static struct watch_slot *probe_slot(const struct probe *p)
{
    return &p->watch->slots[p->slot];
}

/* Returns whether the probe still has its slot: a probe that hung when it was to stop has lost
 * it to another.  With the lock held. */
static bool probe_has_slot(const struct probe *p)
{
    return probe_slot(p)->probe == p;
}

__attribute__((format(printf, 3, 0))) __attribute__((format(printf, 3, 0))) static void
format_clean_text(char *out, size_t size, const char *fmt, va_list ap)
{
    char raw[2 * SNAP_TEXT];
    int n = vsnprintf(raw, sizeof raw, fmt, ap);
    size_t len = n < 0 ? 0 : (size_t)n < sizeof raw ? (size_t)n : sizeof raw - 1;
    clean_text(out, size, raw, len);
}

/* Returns whether the byte continues a UTF-8 character. */
static bool is_utf8_tail(char c)
{
    return ((unsigned char)c & 0xc0) == 0x80;
}

/* Cleans a group's name and cuts its middle when it is too long: names that begin alike differ
 * at their end. */
static void clean_group(char out[SNAP_GROUP], const char *group)
{
    enum { HALF = SNAP_GROUP / 2 - 2 };
    char whole[256];
    size_t len = clean_text(whole, sizeof whole, group, strlen(group));
    size_t head = HALF, tail = len - HALF;
    if (len < SNAP_GROUP) {
        memcpy(out, whole, len + 1);
        return;
    }
    while (head > 0 && is_utf8_tail(whole[head]))
        head--;
    while (is_utf8_tail(whole[tail]))
        tail++;
    snprintf(out, SNAP_GROUP, "%.*s..%s", (int)head, whole, whole + tail);
}

/* ------------------------------------------------------------------- series */

/* Returns the track behind a number; NULL when the probe has lost its slot, and with it perhaps
 * its series. */
static struct track *series_track(const struct probe *p, int series)
{
    return series < 0 || !probe_has_slot(p) ? NULL : p->series[series];
}

static bool track_is_of_group(const struct track *t, const char *group)
{
    return t != NULL && strcmp(t->shown.group, group) == 0;
}

static int find_series(const struct probe *p, const char *group, const char *name)
{
    for (int i = 0; i < p->n_series; i++) {
        const struct track *t = p->series[i];
        if (track_is_of_group(t, group) && strcmp(t->shown.name, name) == 0)
            return i;
    }
    return -1;
}

/* Returns the number of a dropped series, or a new one; -1: there is none. */
static int free_series_number(const struct probe *p)
{
    for (int i = 0; i < p->n_series; i++)
        if (p->series[i] == NULL)
            return i;
    return p->n_series < SNAP_SERIES ? p->n_series : -1;
}

/* Finds a series that an earlier probe in this slot had: a probe that starts again goes on with
 * it. */
static struct track *slot_track(const struct probe *p, const char *group, const char *name)
{
    const struct watch *w = p->watch;
    for (uint32_t i = 0; i < w->n_tracks; i++) {
        const struct snap_series *s = &w->tracks[i]->shown;
        if (s->probe == p->slot && strcmp(s->group, group) == 0 && strcmp(s->name, name) == 0)
            return w->tracks[i];
    }
    return NULL;
}

/* Returns how long a value stands for the time after it. */
static uint64_t value_hold_ns(const struct probe *p)
{
    return p->period_ns * 5 / 2;
}

static struct track *new_track(const struct probe *p, const char *group, const char *name,
                               enum snap_unit unit, unsigned flags)
{
    struct watch *w = p->watch;
    if (w->n_tracks == SNAP_SERIES && !watch_drop_oldest_series(w))
        return NULL;
    struct track *t = mem_zalloc(sizeof *t);
    track_init(t, unit, flags, value_hold_ns(p));
    t->shown.probe = (uint16_t)p->slot;
    snprintf(t->shown.group, sizeof t->shown.group, "%s", group);
    snprintf(t->shown.name, sizeof t->shown.name, "%s", name);
    w->tracks[w->n_tracks++] = t;
    return t;
}

/* Returns the track of a series that is new to the probe; NULL: the probe snapshot is full. */
static struct track *acquire_track(const struct probe *p, const char *group, const char *name,
                                   enum snap_unit unit, unsigned flags)
{
    struct track *t = slot_track(p, group, name);
    if (t != NULL)
        track_restart(t, unit, flags, value_hold_ns(p));
    else if ((t = new_track(p, group, name, unit, flags)) == NULL)
        return NULL;
    track_set_load(t, p->watch->constant, now_ns(), p->watch->start_ns);
    track_set_warns(t, p->spec->warns, p->spec->n_warns);
    t->shown.removed = false;
    return t;
}

static const char *no_room =
    "has more figures than there is room for: all probes together have " NAME_OF(SNAP_SERIES);

int probe_series(struct probe *p, const char *group, const char *name, enum snap_unit unit,
                 unsigned flags)
{
    char g[SNAP_GROUP], n[SNAP_SERIES_NAME];
    clean_group(g, group);
    clean_text(n, sizeof n, name, strlen(name));
    probe_lock(p);
    int i = probe_has_slot(p) ? find_series(p, g, n) : -1;
    bool full = false;
    if (i < 0 && probe_has_slot(p)) {
        int number = free_series_number(p);
        struct track *t = number >= 0 ? acquire_track(p, g, n, unit, flags) : NULL;
        full = t == NULL && !p->told_full;
        p->told_full = p->told_full || full;
        if (t != NULL) {
            i = number;
            p->n_series += i == p->n_series;
            p->series[i] = t;
        }
    }
    probe_unlock(p);
    if (full)
        watch_event(p->watch, p->spec->name, EVENT_PROBE, "", no_room);
    return i;
}

/* -------------------------------------------------------------------- values */

static void full_event_text(const struct snap_series *s, char *out, size_t size)
{
    char now[48], limit[48];
    snap_format_value(s->unit, s->now, now, sizeof now);
    snap_format_value(s->unit, s->limit, limit, sizeof limit);
    if (s->unit == UNIT_PERCENT)
        snprintf(out, size, "%s reached %s of its limit", s->name, now);
    else
        snprintf(out, size, "%s reached %s of %s", s->name, now, limit);
}

static void warn_event_text(const struct snap_series *s, const struct probe_warn *w, char *out,
                            size_t size)
{
    char now[48], bound[48];
    snap_format_value(s->unit, s->now, now, sizeof now);
    snap_format_value(w->of_limit ? UNIT_PERCENT : s->unit, w->bound, bound, sizeof bound);
    const char *of = w->of_limit && s->unit != UNIT_PERCENT ? " of its limit" : "";
    if (w->or_equal)
        snprintf(out, size, "%s is %s, %s%s or %s", s->name, now, bound, of,
                 w->below ? "less" : "more");
    else
        snprintf(out, size, "%s is %s, %s %s%s", s->name, now, w->below ? "below" : "over", bound,
                 of);
}

static void leak_event_text(const struct snap_series *s, char *out, size_t size)
{
    char rate[48];
    snap_format_value(s->unit, s->per_min, rate, sizeof rate);
    snprintf(out, size, "%s grows by %s a minute under constant load: a leak", s->name, rate);
}

static void send_track_events(struct probe *p, const struct track_news *news,
                              const struct snap_series *s)
{
    char text[SNAP_TEXT];
    if (news->full) {
        full_event_text(s, text, sizeof text);
        watch_event(p->watch, p->spec->name, EVENT_FULL, s->group, text);
    }
    if (news->warn) {
        warn_event_text(s, news->crossed, text, sizeof text);
        watch_event(p->watch, p->spec->name, EVENT_WARN, s->group, text);
    }
    if (news->leak) {
        leak_event_text(s, text, sizeof text);
        watch_event(p->watch, p->spec->name, EVENT_LEAK, s->group, text);
    }
}

void probe_value(struct probe *p, int series, double value)
{
    struct track_news news = {0};
    struct snap_series shown = {0};
    probe_lock(p);
    struct track *t = series_track(p, series);
    if (t != NULL) {
        news = track_add_value(t, isfinite(value) ? value : NAN, now_ns(), p->watch->start_ns);
        shown = t->shown;
    }
    probe_unlock(p);
    send_track_events(p, &news, &shown);
}

void probe_limit(struct probe *p, int series, double limit)
{
    probe_lock(p);
    struct track *t = series_track(p, series);
    if (t != NULL)
        track_set_limit(t, limit);
    probe_unlock(p);
}

void probe_resource(struct probe *p, int series, bool resource)
{
    probe_lock(p);
    struct track *t = series_track(p, series);
    if (t != NULL)
        t->shown.resource = resource;
    probe_unlock(p);
}

void probe_note(struct probe *p, int series, const char *fmt, ...)
{
    char text[SNAP_NOTE];
    va_list ap;
    va_start(ap, fmt);
    format_clean_text(text, sizeof text, fmt, ap);
    va_end(ap);
    probe_lock(p);
    struct track *t = series_track(p, series);
    if (t != NULL)
        memcpy(t->shown.note, text, sizeof text);
    probe_unlock(p);
}

void probe_set_removed(struct probe *p, const char *group, bool removed)
{
    char g[SNAP_GROUP];
    clean_group(g, group);
    probe_lock(p);
    for (int i = 0; probe_has_slot(p) && i < p->n_series; i++) {
        struct track *t = p->series[i];
        if (!track_is_of_group(t, g))
            continue;
        t->shown.removed = removed;
        if (!removed)
            continue;
        track_target_lost(t, now_ns(), p->watch->start_ns);
        t->shown.now = NAN;
    }
    probe_unlock(p);
}

void probe_drop_group(struct probe *p, const char *group)
{
    char g[SNAP_GROUP];
    clean_group(g, group);
    probe_lock(p);
    for (int i = 0; probe_has_slot(p) && i < p->n_series; i++) {
        if (!track_is_of_group(p->series[i], g))
            continue;
        watch_drop_track(p->watch, p->series[i]);
        p->series[i] = NULL;
    }
    probe_unlock(p);
}

/* Judges the memory of a restarted target anew, from what it needs to start.  With the lock
 * held. */
static void restart_group_growth(const struct probe *p, const char *group)
{
    for (int i = 0; i < p->n_series; i++)
        if (track_is_of_group(p->series[i], group))
            track_target_restarted(p->series[i], now_ns(), p->watch->start_ns);
}

void probe_event(struct probe *p, enum snap_event_kind kind, const char *group, const char *fmt,
                 ...)
{
    char text[SNAP_TEXT], g[SNAP_GROUP];
    va_list ap;
    va_start(ap, fmt);
    format_clean_text(text, sizeof text, fmt, ap);
    va_end(ap);
    clean_group(g, group);
    probe_lock(p);
    bool here = probe_has_slot(p);
    if (here && (kind == EVENT_START || kind == EVENT_RESTART))
        restart_group_growth(p, g);
    probe_unlock(p);
    if (here)
        watch_event(p->watch, p->spec->name, kind, g, text);
}

/* ------------------------------------------------------------ about the probe */

void probe_where(struct probe *p, const char *fmt, ...)
{
    va_list ap;
    char text[SNAP_NAME];
    va_start(ap, fmt);
    format_clean_text(text, sizeof text, fmt, ap);
    va_end(ap);
    probe_lock(p);
    if (probe_has_slot(p))
        memcpy(probe_slot(p)->shown.where, text, sizeof text);
    probe_unlock(p);
}

void probe_type(struct probe *p, const char *type)
{
    probe_lock(p);
    if (probe_has_slot(p))
        snprintf(probe_slot(p)->shown.type, sizeof probe_slot(p)->shown.type, "%s", type);
    probe_unlock(p);
}

void probe_status_text(struct probe *p, const char *fmt, ...)
{
    va_list ap;
    char text[SNAP_TEXT];
    va_start(ap, fmt);
    format_clean_text(text, sizeof text, fmt, ap);
    va_end(ap);
    probe_lock(p);
    enum probe_state state = probe_slot(p)->shown.state;
    if (probe_has_slot(p) && (state == PROBE_LIVE || state == PROBE_CONNECTING))
        memcpy(probe_slot(p)->shown.text, text, sizeof text);
    probe_unlock(p);
}

void probe_cost(struct probe *p, uint64_t cpu_ns)
{
    p->extra_cpu_ns += cpu_ns;
}

int probe_wake_fd(const struct probe *p)
{
    return p->wake_fd;
}

bool probe_stopping(const struct probe *p)
{
    probe_lock(p);
    bool stop = p->stop;
    probe_unlock(p);
    return stop;
}

double probe_rate(struct probe_counter *c, double value, double at_s, bool *reset)
{
    struct probe_counter before = *c;
    bool back = before.seen && value < before.value;
    *c = (struct probe_counter){.value = value, .at_s = at_s, .seen = true};
    if (reset != NULL)
        *reset = back;
    if (!before.seen || back || at_s <= before.at_s)
        return NAN;
    return (value - before.value) / (at_s - before.at_s);
}

/* --------------------------------------------------------------------- thread */

void probe_wake(struct probe *p)
{
    uint64_t one = 1;
    ssize_t n = write(p->wake_fd, &one, sizeof one); /* a full counter wakes as well */
    (void)n;
}

static void probe_sleep_until(const struct probe *p, uint64_t t_ns)
{
    struct pollfd fd = {.fd = p->wake_fd, .events = POLLIN};
    uint64_t now = now_ns();
    while (now < t_ns) {
        uint64_t ms = (t_ns - now + NS_PER_MS - 1) / NS_PER_MS;
        if (poll(&fd, 1, ms > 60000 ? 60000 : (int)ms) != 0)
            return;
        now = now_ns();
    }
}

struct probe_requests {
    bool stop, ask, retry;
};

static struct probe_requests take_probe_requests(struct probe *p)
{
    uint64_t n;
    ssize_t got = read(p->wake_fd, &n, sizeof n); /* does not block: there may be nothing */
    (void)got;
    probe_lock(p);
    struct probe_requests w = {p->stop, p->ask, p->retry};
    p->ask = p->retry = false;
    probe_unlock(p);
    return w;
}

static uint64_t probe_cpu_ns(const struct probe *p)
{
    return now_thread_cpu_ns() + p->extra_cpu_ns;
}

/* Returns the CPU cost in percent over the last polls, since polls of a streaming probe have no
 * fixed length.  A single poll counts as one period, however short it was. */
static double probe_cost_percent(struct probe *p, uint64_t now)
{
    unsigned at = p->n_cost % COST_POLLS;
    uint64_t cpu = probe_cpu_ns(p), then_ns = p->cost[at].at_ns, then_cpu = p->cost[at].cpu_ns;
    if (p->n_cost < COST_POLLS) {
        then_ns = p->cost[0].at_ns;
        then_cpu = p->cost[0].cpu_ns;
    }
    uint64_t span_ns = now - then_ns > p->period_ns ? now - then_ns : p->period_ns;
    double percent = p->n_cost == 0 ? 0 : 100.0 * (double)(cpu - then_cpu) / (double)span_ns;
    p->cost[at].at_ns = now;
    p->cost[at].cpu_ns = cpu;
    p->n_cost++;
    return percent;
}

static bool is_failed_state(enum probe_state s)
{
    return s == PROBE_DOWN || s == PROBE_DENIED;
}

/* Writes the event about a loss or return of the target, "" for none.  When the target comes and
 * goes, LOSSES_TOLD losses are reported in LOSSES_NS; the next one after that time, if the
 * target is away then.  With the lock held. */
static void state_event_text(struct watch_slot *s, uint64_t now, const char *why, char *out,
                             size_t size)
{
    out[0] = '\0';
    uint64_t *oldest = &s->lost_ns[s->losses % LOSSES_TOLD];
    bool due = *oldest == 0 || now - *oldest >= LOSSES_NS;
    if (is_failed_state(s->shown.state) && !s->lost && due) {
        s->lost = true;
        s->losses++;
        *oldest = now;
        snprintf(out, size, "%s", why);
    } else if (s->shown.state == PROBE_LIVE && s->lost) {
        s->lost = false;
        snprintf(out, size, "%s", s->was_live ? "is back" : "is there now");
    }
}

static void record_poll(struct probe *p, uint64_t begun, enum probe_state state,
                        const struct err *e)
{
    uint64_t now = now_ns();
    double cost = probe_cost_percent(p, now);
    char text[SNAP_TEXT] = "", news[SNAP_TEXT];
    if (is_failed_state(state))
        clean_text(text, sizeof text, e->text, strlen(e->text));
    probe_lock(p);
    if (!probe_has_slot(p)) {
        probe_unlock(p);
        return;
    }
    struct watch_slot *s = probe_slot(p);
    enum probe_state before = s->shown.state;
    s->shown.polls++;
    s->shown.failed += is_failed_state(state);
    s->shown.took_ms = (double)(now - begun) / (double)NS_PER_MS;
    s->shown.cpu_percent = cost;
    if (before != state)
        s->since_ns = now;
    /* the poll itself has set a status text, or the old one stays; the text of a failure ends
     * with it */
    if (is_failed_state(state) || is_failed_state(before))
        memcpy(s->shown.text, text, sizeof text);
    s->shown.state = state;
    state_event_text(s, now, text, news, sizeof news);
    for (int i = 0; is_failed_state(state) && i < p->n_series; i++)
        if (p->series[i] != NULL)
            track_target_lost(p->series[i], now, p->watch->start_ns);
    if (state == PROBE_LIVE) {
        s->seen_ns = now;
        s->was_live = true;
    }
    s->polled = true;
    p->watch->seq++;
    pthread_cond_broadcast(&p->watch->changed);
    probe_unlock(p);
    if (news[0] != '\0')
        watch_event(p->watch, p->spec->name, EVENT_PROBE, "", news);
}

/* Counts a poll that was cut short and brought nothing: everything else stays as it is. */
static void record_woken_poll(const struct probe *p)
{
    probe_lock(p);
    if (probe_has_slot(p))
        probe_slot(p)->shown.polls++;
    probe_unlock(p);
}

/* Asks the kind for details.  Returns false with a sentence when it has none, or when the probe
 * fails. */
static bool probe_detail(struct probe *p, struct snap_detail *d, struct err *e)
{
    probe_lock(p);
    if (probe_has_slot(p) && p->failed > 0)
        err_set(e, "%s", probe_slot(p)->shown.text);
    probe_unlock(p);
    if (p->failed > 0)
        return false;
    if (p->ops->answer == NULL)
        return err_set(e, "The probe %s has no details to tell.", p->spec->name);
    return p->ops->answer(p->self, p, now_ns() + p->ops->limit_ns, d, e);
}

static void answer_detail(struct probe *p)
{
    struct snap_detail *d = mem_zalloc(sizeof *d);
    struct err e = {0};
    if (!probe_detail(p, d, &e)) {
        d->n_rows = 1;
        clean_text(d->rows[0], sizeof d->rows[0], e.text, strlen(e.text));
    }
    probe_lock(p);
    if (probe_has_slot(p))
        watch_set_detail(p->watch, p->slot, d);
    probe_unlock(p);
    free(d);
}

static uint64_t probe_backoff_ns(const struct probe *p, struct rng *dice, enum probe_state state)
{
    if (state == PROBE_DENIED)
        return DENIED_NS;
    uint64_t ns = BACKOFF_FIRST_NS;
    for (unsigned i = 1; i < p->failed && ns < BACKOFF_MOST_NS; i++)
        ns *= 2;
    return ns - rng_below(dice, ns / 4 + 1); /* apart from other probes of the same target */
}

/* Returns the next moment of the schedule that is still to come. */
static uint64_t next_poll_ns(uint64_t last, uint64_t period_ns, uint64_t now)
{
    uint64_t next = last + period_ns;
    return next > now ? next : now + period_ns - (now - last) % period_ns;
}

static enum probe_state poll_target(struct probe *p)
{
    struct err e = {0};
    uint64_t begun = now_ns(), allowed = p->ops->streams ? p->period_ns : p->ops->limit_ns;
    enum probe_state state = p->ops->poll(p->self, p, begun + allowed, &e);
    if (probe_stopping(p))
        return state;
    if (state == PROBE_CONNECTING) {
        record_woken_poll(p);
        return state;
    }
    p->failed = is_failed_state(state) ? p->failed + 1 : 0;
    record_poll(p, begun, state, &e);
    return state;
}

static void probe_loop(struct probe *p)
{
    struct rng dice;
    uint64_t next = now_ns();
    rng_seed(&dice, next ^ p->slot);
    for (;;) {
        probe_sleep_until(p, next);
        struct probe_requests wants = take_probe_requests(p);
        if (wants.stop)
            return;
        if (wants.ask)
            answer_detail(p);
        uint64_t now = now_ns();
        if (now < next && !wants.retry)
            continue;
        uint64_t at = now < next ? now : next;
        enum probe_state state = poll_target(p);
        now = now_ns();
        if (is_failed_state(state))
            next = now + probe_backoff_ns(p, &dice, state);
        else if (state == PROBE_CONNECTING)
            next = now; /* at once, after the request that woke the poll */
        else
            next = p->ops->streams ? now : next_poll_ns(at, p->period_ns, now);
    }
}

static void *probe_main(void *arg)
{
    struct probe *p = arg;
    struct watch *w = p->watch;
    pthread_setname_np(pthread_self(), "probe"); /* lets tools tell its CPU time apart */
    probe_cost_percent(p, now_ns());
    p->self = p->ops->open(p, p->spec);
    probe_loop(p);
    p->ops->close(p->self);
    probe_lock(p);
    if (probe_has_slot(p))
        watch_slot_off(w, probe_slot(p));
    probe_unlock(p);
    close(p->wake_fd);
    probe_spec_unref(p->spec);
    free(p);
    watch_thread_ends(w);
    return NULL;
}

static struct probe *probe_new(struct watch *w, uint32_t slot, const struct probe_ops *ops)
{
    struct probe *p = mem_zalloc(sizeof *p);
    p->watch = w;
    p->ops = ops;
    p->slot = slot;
    p->spec = probe_spec_ref(w->slots[slot].spec);
    p->period_ns = p->spec->period_ns != 0 ? p->spec->period_ns : ops->period_ns;
    p->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return p;
}

static bool start_probe_thread(struct probe *p)
{
    sigset_t all, before;
    pthread_t thread;
    pthread_attr_t attr;
    if (p->wake_fd < 0)
        return false;
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, STACK_BYTES);
    sigfillset(&all); /* signals are for the main thread */
    pthread_sigmask(SIG_SETMASK, &all, &before);
    bool ok = pthread_create(&thread, &attr, probe_main, p) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attr);
    return ok;
}

bool probe_start(struct watch *w, uint32_t slot, const struct probe_ops *ops)
{
    struct probe *p = probe_new(w, slot, ops);
    w->slots[slot].probe = p;
    w->slots[slot].shown.period_s = (double)p->period_ns / (double)NS_PER_S;
    w->slots[slot].shown.answers = ops->answer != NULL;
    watch_thread_begins(w);
    if (start_probe_thread(p))
        return true;
    w->slots[slot].probe = NULL;
    watch_thread_failed(w);
    if (p->wake_fd >= 0)
        close(p->wake_fd);
    probe_spec_unref(p->spec);
    free(p);
    return false;
}
