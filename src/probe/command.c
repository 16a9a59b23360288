/* SPDX-License-Identifier: MIT */
/* The command probe: a command of the user's that prints figures, run for each poll, or running
 * on. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "src/base/buf.h"
#include "src/base/clean.h"
#include "src/base/mem.h"
#include "src/base/now.h"
#include "src/probe/command_line.h"
#include "src/probe/probe.h"
#include "src/probe/subprocess.h"

#define LIMIT_NS (3600 * NS_PER_S) /* limit of a profile's time-out, which is the real one */
#define RUN_NS (2 * NS_PER_S)      /* time of a run, unless the profile says otherwise */
#define SILENT_NS (30 * NS_PER_S)  /* longest silence of a command that runs on */
#define GRACE_NS (100 * NS_PER_MS) /* after TERM */
#define TURN_MS 20 /* between checks for the child's end, which makes no descriptor ready */
#define PRINT_MOST (64u << 10)     /* bytes of one run, or of one line */
#define SERIES_MOST 64
#define CHARTED 3

struct command {
    const struct probe_spec *spec;
    struct subprocess child;
    struct buf out;
    char said[160]; /* the first line on its standard error, cleaned */
    uint64_t heard_ns;
    size_t values, others; /* lines of this poll */
    bool left_out;         /* more names than SERIES_MOST were printed */
    size_t n_series;
    struct followed {
        char group[SNAP_GROUP], name[SNAP_SERIES_NAME];
        int series;
    } followed[SERIES_MOST];
};

static void *command_open(struct probe *p, const struct probe_spec *spec)
{
    struct command *s = mem_zalloc(sizeof *s);
    s->spec = spec;
    s->child.out_fd = s->child.err_fd = -1;
    probe_where(p, "%s", spec->argv[0]);
    return s;
}

static void command_end_child(struct command *s, struct probe *p)
{
    bool ran = s->child.pid != 0 || s->child.out_fd >= 0;
    subprocess_end(&s->child, GRACE_NS);
    if (ran && p != NULL)
        probe_cost(p, s->child.cpu_ns);
}

static void command_close(void *self)
{
    struct command *s = self;
    command_end_child(s, NULL);
    buf_finish(&s->out);
    free(s);
}

/* ----------------------------------------------------------------------- lines */

/* Finds or makes the series of a value; -1: there is no room. */
static int command_series(struct command *s, struct probe *p, const struct command_value *v)
{
    unsigned flags =
        (s->n_series < CHARTED ? SERIES_MAIN : 0) | (v->limit > 0 ? SERIES_RESOURCE : 0);
    for (size_t i = 0; i < s->n_series; i++)
        if (strcmp(s->followed[i].name, v->name) == 0 &&
            strcmp(s->followed[i].group, v->group) == 0)
            return s->followed[i].series;
    s->left_out = s->n_series == SERIES_MOST;
    if (s->left_out)
        return -1;
    int series = probe_series(p, v->group, v->name, v->percent ? UNIT_PERCENT : UNIT_COUNT, flags);
    if (series < 0)
        return -1;
    struct followed *f = &s->followed[s->n_series++];
    memcpy(f->group, v->group, sizeof f->group);
    memcpy(f->name, v->name, sizeof f->name);
    f->series = series;
    return series;
}

static void command_publish_value(struct command *s, struct probe *p, const struct command_value *v)
{
    int series = command_series(s, p, v);
    probe_limit(p, series, v->limit);
    probe_value(p, series, v->value);
}

static void command_read_line(struct command *s, struct probe *p, const char *line, size_t len)
{
    struct command_value v;
    if (len == 0)
        return;
    if (command_line(line, len, &v)) {
        s->values++;
        command_publish_value(s, p, &v);
    } else {
        s->others++;
    }
}

/* Reads whole lines; with `all` also a last one without line feed. */
static void command_read_lines(struct command *s, struct probe *p, bool all)
{
    size_t at = 0;
    const char *feed;
    while (at < s->out.len && (feed = memchr(s->out.data + at, '\n', s->out.len - at)) != NULL) {
        command_read_line(s, p, s->out.data + at, (size_t)(feed - s->out.data) - at);
        at = (size_t)(feed - s->out.data) + 1;
    }
    if (all && at < s->out.len) {
        command_read_line(s, p, s->out.data + at, s->out.len - at);
        at = s->out.len;
    }
    if (at > 0)
        memmove(s->out.data, s->out.data + at, s->out.len - at);
    s->out.len -= at;
}

/* --------------------------------------------------------------------- reading */

static void command_keep_error(struct command *s, const char *text, size_t len)
{
    const char *feed;
    while (s->said[0] == '\0' && len > 0) {
        feed = memchr(text, '\n', len);
        size_t n = feed != NULL ? (size_t)(feed - text) : len;
        clean_text(s->said, sizeof s->said, text, n);
        n += feed != NULL ? 1 : 0;
        text += n;
        len -= n;
    }
}

/* Reads everything available; returns false when the writing ends are closed. */
static bool command_drain(struct command *s, int fd, bool is_out)
{
    char data[4096];
    for (int turns = 0; turns < 32; turns++) {
        ssize_t n = read(fd, data, sizeof data);
        if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
            return false;
        if (n < 0)
            return true;
        s->heard_ns = now_ns();
        if (is_out)
            buf_add(&s->out, data, (size_t)n);
        else
            command_keep_error(s, data, (size_t)n);
        if (s->out.len > PRINT_MOST)
            return true;
    }
    return true;
}

/* Waits a moment and reads; returns false when both outputs have ended. */
static bool command_wait_output(struct command *s, struct probe *p, bool *woken, uint64_t until_ns)
{
    struct pollfd fds[3] = {{.fd = s->child.out_fd, .events = POLLIN},
                            {.fd = s->child.err_fd, .events = POLLIN},
                            {.fd = *woken ? -1 : probe_wake_fd(p), .events = POLLIN}};
    uint64_t now = now_ns();
    uint64_t ms = now >= until_ns ? 0 : (until_ns - now) / NS_PER_MS + 1;
    poll(fds, 3, ms < TURN_MS ? (int)ms : TURN_MS);
    *woken = *woken || fds[2].revents != 0;
    if (fds[0].fd >= 0 && !command_drain(s, fds[0].fd, true)) {
        close(s->child.out_fd);
        s->child.out_fd = -1;
    }
    if (fds[1].fd >= 0 && !command_drain(s, fds[1].fd, false)) {
        close(s->child.err_fd);
        s->child.err_fd = -1;
    }
    return s->child.out_fd >= 0 || s->child.err_fd >= 0;
}

/* -------------------------------------------------------------------- verdicts */

static bool command_start_child(struct command *s, struct err *e)
{
    s->said[0] = '\0';
    buf_clear(&s->out);
    s->heard_ns = now_ns();
    return subprocess_start(&s->child, (const char *const *)s->spec->argv,
                            (const char *const *)s->spec->environment, e);
}

static enum probe_state command_failure_state(struct command *s, struct err *e)
{
    char how[80];
    subprocess_status(&s->child, how, sizeof how);
    err_set(e, "%.80s ended: %s%s%s", s->spec->argv[0], how, s->said[0] != '\0' ? ": " : ".",
            s->said);
    return PROBE_DOWN;
}

static enum probe_state command_flood_state(const struct command *s, struct err *e)
{
    err_set(e, "%.80s prints more than %u KiB%s: it was ended.", s->spec->argv[0], PRINT_MOST >> 10,
            s->spec->runs_on ? " without a line's end" : "");
    return PROBE_DOWN;
}

static enum probe_state command_lines_state(struct command *s, struct probe *p, struct err *e)
{
    if (s->values == 0 && (s->others > 0 || !s->spec->runs_on)) {
        err_set(e, "%.80s prints no line name=value%s%s", s->spec->argv[0],
                s->said[0] != '\0' ? ": " : ".", s->said);
        return PROBE_DOWN;
    }
    if (s->others > 0)
        probe_status_text(p, "%zu lines are not name=value", s->others);
    else if (s->left_out)
        probe_status_text(p, "it prints more than %d names: the others are left out", SERIES_MOST);
    else
        probe_status_text(p, "%s", "");
    return PROBE_LIVE;
}

/* -------------------------------------------------------------- one run per poll */

static bool command_succeeded(const struct command *s)
{
    return s->child.status == 0;
}

/* Waits for the command's end.  Returns false with a sentence when it took too long, printed too
 * much, or is not wanted any more. */
static bool command_wait_end(struct command *s, struct probe *p, uint64_t until_ns, struct err *e)
{
    bool woken = false;
    double allowed_s = (double)(until_ns - now_ns()) / 1e9;
    for (;;) {
        bool open = command_wait_output(s, p, &woken, until_ns),
             ended = subprocess_ended(&s->child);
        if (s->out.len > PRINT_MOST)
            return command_flood_state(s, e) == PROBE_LIVE;
        /* Children left behind may hold the pipes; the command's own output is complete by now. */
        if (ended) {
            command_wait_output(s, p, &woken, 0);
            return true;
        }
        if (woken && probe_stopping(p))
            return err_set(e, "%.80s was ended.", s->spec->argv[0]);
        if (now_ns() >= until_ns)
            return err_set(e, "%.80s took longer than %.3g s: it was ended.", s->spec->argv[0],
                           allowed_s);
        if (!open) {
            const struct timespec pause = {.tv_nsec = 1000000};
            nanosleep(&pause, NULL);
        }
    }
}

static enum probe_state command_run_once(struct command *s, struct probe *p, struct err *e)
{
    uint64_t allowed = s->spec->timeout_ns != 0 ? s->spec->timeout_ns : RUN_NS;
    s->values = s->others = 0;
    if (!command_start_child(s, e))
        return PROBE_DENIED;
    bool ended = command_wait_end(s, p, now_ns() + allowed, e);
    command_end_child(s, p);
    if (!ended)
        return PROBE_DOWN;
    if (!command_succeeded(s))
        return command_failure_state(s, e);
    command_read_lines(s, p, true);
    return command_lines_state(s, p, e);
}

/* ------------------------------------------------------- a command that runs on */

/* Returns the state of a command that ended.  Its output ends a moment before the process, and
 * before its status is known. */
static enum probe_state command_ended_state(struct command *s, struct probe *p, struct err *e)
{
    bool woken = true;
    bool itself = subprocess_ends_within(&s->child, GRACE_NS);
    command_wait_output(s, p, &woken, 0);
    if (itself)
        return command_failure_state(s, e);
    err_set(e, "%.80s has closed its output: it is started anew.", s->spec->argv[0]);
    return PROBE_DOWN;
}

/* Reads the lines printed since the previous poll. */
static enum probe_state command_poll_lines(struct command *s, struct probe *p, struct err *e)
{
    uint64_t silent = s->spec->timeout_ns != 0 ? s->spec->timeout_ns : SILENT_NS;
    bool woken = true; /* no waiting: the next poll is soon */
    command_wait_output(s, p, &woken, 0);
    command_read_lines(s, p, false);
    if (s->out.len > PRINT_MOST)
        return command_flood_state(s, e);
    if (s->child.out_fd < 0 || subprocess_ended(&s->child))
        return command_ended_state(s, p, e);
    if (now_ns() - s->heard_ns > silent) {
        err_set(e, "%.80s has printed nothing for %.3g s: it is started anew.", s->spec->argv[0],
                (double)silent / 1e9);
        return PROBE_DOWN;
    }
    return command_lines_state(s, p, e);
}

static enum probe_state command_poll_running(struct command *s, struct probe *p,
                                             uint64_t deadline_ns, struct err *e)
{
    bool woken = false, fresh = s->child.pid == 0;
    uint64_t until = now_ns() + RUN_NS; /* the first lines are waited for */
    s->values = s->others = 0;
    if (fresh && !command_start_child(s, e))
        return PROBE_DENIED;
    while (fresh && s->out.len == 0 && !woken && now_ns() < until && now_ns() < deadline_ns &&
           command_wait_output(s, p, &woken, until))
        continue;
    enum probe_state state = command_poll_lines(s, p, e);
    if (state != PROBE_LIVE)
        command_end_child(s, p);
    return state;
}

static enum probe_state command_poll(void *self, struct probe *p, uint64_t deadline_ns,
                                     struct err *e)
{
    struct command *s = self;
    return s->spec->runs_on ? command_poll_running(s, p, deadline_ns, e)
                            : command_run_once(s, p, e);
}

const struct probe_ops probe_command = {
    .type = PROBE_COMMAND,
    .period_ns = NS_PER_S,
    .limit_ns = LIMIT_NS,
    .open = command_open,
    .poll = command_poll,
    .close = command_close,
};
