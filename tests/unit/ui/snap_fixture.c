/* SPDX-License-Identifier: MIT */
#include "tests/unit/ui/snap_fixture.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/stats/probe_snapshot_fixture.h"

#define SECONDS 300
#define BREAKS_AT 270

const struct log_line snap_fixture_log[SNAP_FIXTURE_LOG] = {
    {1, 1700000000, LOG_LEVEL_INFO, "profile tlac.cfg read: 2 user classes, 5 endpoints"},
    {2, 1700000001, LOG_LEVEL_INFO, "level ramp drives the load"},
    {3, 1700000140, LOG_LEVEL_WARN, "the program was stopped for 3.2 s: schedules start afresh"},
    {4, 1700000270, LOG_LEVEL_ERROR,
     "GET /api/activity/state: the capture token found nothing at json:$.token in a reply of 4.2 "
     "KB "
     "that was answered with 200; the request counts as failed"},
};

/* Even noise in 0..1 that is the same on every machine. */
static double noise(uint32_t i, uint32_t salt)
{
    uint32_t x = i * 2654435761u + salt * 40503u;
    x ^= x >> 15;
    x *= 2246822519u;
    x ^= x >> 13;
    return (x % 1000) / 1000.0;
}

static uint32_t users_at(uint32_t second)
{
    return second < 20    ? second
           : second < 140 ? 20 + (second - 20) * 7 / 6
           : second < 230 ? 160
           : second < 250 ? 160 + (second - 230) * 8
                          : 320;
}

static struct snap_point point_at(uint32_t second)
{
    bool broken = second >= BREAKS_AT;
    double users = users_at(second), base = 12000 + users * 150;
    double p50 = base * (0.95 + 0.1 * noise(second, 1)) * (broken ? 2.2 : 1);
    double p95 = base * (1.9 + 0.3 * noise(second, 2)) * (broken ? 3.4 : 1);
    double p99 = base * (2.6 + 0.9 * noise(second, 3)) * (broken ? 5.4 : 1);
    return (struct snap_point){
        .second = second,
        .rps = (float)(users * (3.9 + 0.25 * noise(second, 4))),
        .fails_per_s = broken ? (float)(10 + 8 * noise(second, 5)) : 0,
        .users = (uint32_t)users,
        .users_wanted = (uint32_t)users,
        .in_flight = (uint32_t)(users * 0.9),
        .p50_us = (uint32_t)p50,
        .p95_us = (uint32_t)p95,
        .p99_us = (uint32_t)p99,
        .max_us = (uint32_t)(p99 * 2),
    };
}

static void fill_points(struct snapshot *s)
{
    for (uint32_t i = 0; i < SECONDS; i++) {
        if (i >= 201 && i <= 203)
            continue; /* seconds in which the program was stopped have no point */
        struct snap_point p = point_at(i);
        if (i == 200)
            p = (struct snap_point){.second = i, .gap = true};
        if (i == 215)
            p = (struct snap_point){
                .second = i, .idle = true, .users = p.users, .users_wanted = p.users_wanted};
        s->points[s->n_points++] = p;
    }
}

static struct snap_latency latency(uint64_t count, double p50_us)
{
    return (struct snap_latency){
        .count = count,
        .mean_us = p50_us * 1.4,
        .min_us = (uint64_t)(p50_us * 0.2),
        .p50_us = (uint64_t)p50_us,
        .p75_us = (uint64_t)(p50_us * 1.6),
        .p90_us = (uint64_t)(p50_us * 3.1),
        .p95_us = (uint64_t)(p50_us * 5.6),
        .p99_us = (uint64_t)(p50_us * 11.3),
        .p99_9_us = (uint64_t)(p50_us * 19.7),
        .max_us = (uint64_t)(p50_us * 38.2),
    };
}

static void add_endpoint(struct snapshot *s, const char *method, const char *name, double rps,
                         uint64_t requests, uint64_t failures, double p50_us)
{
    struct snap_endpoint *e = &s->endpoints[s->n_endpoints++];
    snprintf(e->method, sizeof e->method, "%s", method);
    snprintf(e->name, sizeof e->name, "%s", name);
    e->requests = requests;
    e->failures = failures;
    e->bytes_in = requests * 1843;
    e->rps = rps;
    e->fails_per_s = failures > 100 ? (double)failures / 60 : 0;
    e->window = latency((uint64_t)(rps * 10), p50_us);
    e->total = latency(requests - failures, p50_us * 0.7);
    if (failures > 0)
        e->total_failed = latency(failures, 1200);
    if (failures > 100)
        e->window_failed = latency(142, 900);
    e->statuses =
        (struct statuses){.n = 2, .code = {200, 503}, .count = {requests - failures, failures / 2}};
}

static void add_fail(struct snapshot *s, uint16_t endpoint, enum fail kind, uint16_t status,
                     uint64_t count, double per_s, double last_s, const char *text)
{
    struct snap_fail *f = &s->fails[s->n_fails++];
    *f = (struct snap_fail){.endpoint = endpoint,
                            .status = status,
                            .fail = (uint8_t)kind,
                            .count = count,
                            .per_s = per_s,
                            .first_s = 271.2,
                            .last_s = last_s};
    snprintf(f->text, sizeof f->text, "%s", text);
}

static void add_mark(struct snapshot *s, double at_s, enum snap_mark_kind kind, char letter,
                     const char *text)
{
    struct snap_mark *m = &s->marks[s->n_marks++];
    *m = (struct snap_mark){.at_s = at_s, .kind = (uint8_t)kind, .letter = letter};
    snprintf(m->text, sizeof m->text, "%s", text);
}

/* A log-normal hill, and a second, slower one of a fifth of its size. */
static void fill_distribution(struct snap_distribution *out, double count, double low_us,
                              double high_us, double middle_us)
{
    static const double percentiles[] = {0, 10, 25, 50, 75, 90, 95, 97.5, 99, 99.9, 99.99, 100};
    double step = pow(high_us / low_us, 1.0 / SNAP_BARS), sum = 0, weight[SNAP_BARS];
    for (int i = 0; i < SNAP_BARS; i++) {
        double at = log(low_us * pow(step, i + 0.5) / middle_us);
        weight[i] = exp(-at * at * 2) + 0.2 * exp(-(at - 2.3) * (at - 2.3) * 6);
        sum += weight[i];
    }
    out->n_bars = SNAP_BARS;
    for (int i = 0; i < SNAP_BARS; i++) {
        out->bars[i].low_us = (uint64_t)(low_us * pow(step, i)) + (i > 0);
        out->bars[i].high_us = (uint64_t)(low_us * pow(step, i + 1));
        out->bars[i].count = (uint64_t)(count * weight[i] / sum);
    }
    out->n_spectrum = sizeof percentiles / sizeof *percentiles;
    for (uint32_t i = 0; i < out->n_spectrum; i++) {
        double p = percentiles[i] / 100;
        out->spectrum[i].percentile = percentiles[i];
        out->spectrum[i].us = (uint64_t)(low_us * pow(high_us / low_us, 0.15 + 0.85 * p * p * p));
        out->spectrum[i].above = (uint64_t)(count * (1 - p));
    }
}

static void fill_health(struct snap_health *h)
{
    *h = (struct snap_health){
        .workers = 2,
        .cpu_percent = 31.4,
        .cores = 2,
        .lag_p50_ms = 0.02,
        .lag_p99_ms = 0.12,
        .loop_max_ms = 1.9,
        .open_fds = 412,
        .fd_limit = 65536,
        .rss_bytes = 31u << 20,
    };
}

static void fill_run(struct snapshot *s)
{
    snprintf(s->run.target, sizeof s->run.target, "https://staging:8443");
    snprintf(s->run.profile, sizeof s->run.profile, "tlac");
    snprintf(s->run.level, sizeof s->run.level, "ramp");
    s->run.tls = true;
    s->run.state = SNAP_RUNNING;
    s->run.driver = SNAP_DRIVER_MANUAL;
    s->run.users_wanted = 320;
    s->run.users_cap = 500;
    s->run.level_users = 160;
    s->run.spawn_rate = 10;
    s->run.window = SNAP_10S;
}

static void breaking(struct snapshot *s, const char *wide_name)
{
    memset(s, 0, sizeof *s);
    s->seq = 3000;
    s->elapsed_s = s->load_s = s->rate_s = 300.4;
    s->run.grace_s = 2;
    fill_run(s);
    fill_health(&s->health);
    fill_points(s);
    s->users = s->users_peak = 320;
    s->in_flight = 288;
    s->oldest_s = 1.94;
    s->finished = 723287;
    s->failures = 712;
    s->bytes_in = UINT64_C(1334018000);
    s->total = latency(722575, 38000);
    s->total_failed = latency(712, 1200);
    s->window_s = 10;
    s->rps = 1238.4;
    s->fails_per_s = 14.2;
    s->fail_percent = 1.15;
    s->window = latency(12242, 71000);
    s->window_failed = latency(142, 900);
    s->statuses = (struct statuses){
        .n = 5, .code = {200, 201, 304, 429, 503}, .count = {601287, 119800, 1200, 300, 188}};
    s->connect_us = 410;
    s->tls_us = 2900;
    s->first_byte_us = 96000;
    add_endpoint(s, "POST", "/api/run", 97.1, 41022, 612, 212000);
    add_endpoint(s, "PUT", "/api/activity/{id}", 318.4, 171204, 88, 96000);
    add_endpoint(s, "GET", "/api/activity/state", 611.9, 402771, 12, 48000);
    add_endpoint(s, "POST", wide_name, 44.0, 19980, 0, 61000);
    add_endpoint(s, "GET",
                 "/api/reports/by-school/{school}/classes/{class}/pupils/{pupil}/activities?all=1",
                 166.2, 88310, 0, 3100);
    add_fail(s, 0, FAIL_TIMEOUT, 0, 512, 9.0, 299.2,
             "no reply within 5.0 s, waiting for the first byte");
    add_fail(s, 1, FAIL_STATUS, 503, 188, 5.2, 298.7, "{\"error\":\"connection pool exhausted\"}");
    add_fail(s, 2, FAIL_CUT_BODY, 0, 12, 0, 281.0, "the reply ended after 1,024 of 4,096 bytes");
    add_mark(s, 140, SNAP_MARK_LOAD, '+', "users 150");
    add_mark(s, 204, SNAP_MARK_GAP, '~', "stopped for 3.2 s");
    add_mark(s, 229, SNAP_MARK_USER, 'a', "second app server taken out");
    add_mark(s, 231, SNAP_MARK_LOAD, '+', "users 160 -> 320");
    add_mark(s, 271.2, SNAP_MARK_ALERT, '!', "first timeout: POST /api/run");
    s->n_breaches = 1;
    s->breaches[0] = (struct snap_breach){
        .from_s = BREAKS_AT, .to_s = NAN, .percentile = 99, .us = 468000, .usual_us = 156000, .users = 320, .rps = 1238};
    fill_distribution(&s->distribution_window, 12384, 9000, 4200000, 71000);
    fill_distribution(&s->distribution_total, 723287, 2000, 8100000, 38000);
}

void snap_fixture_breaking(struct snapshot *s)
{
    breaking(s, "anmelden \xe7\x99\xbb\xe5\xbd\x95 \xf0\x9f\x98\x80");
}

void snap_fixture_ascii(struct snapshot *s)
{
    breaking(s, "login");
}

void snap_fixture_calm(struct snapshot *s)
{
    breaking(s, "login");
    snprintf(s->run.target, sizeof s->run.target, "http://127.0.0.1:8080");
    snprintf(s->run.profile, sizeof s->run.profile, "http://127.0.0.1:8080");
    s->run.level[0] = '\0';
    s->run.tls = false;
    s->run.users_cap = s->run.level_users = 0;
    s->run.users_wanted = s->users = s->users_peak = 50;
    s->run.run_time_s = s->run.ends_s = 600;
    s->n_endpoints = 1;
    s->n_fails = s->n_marks = s->n_breaches = 0;
    s->failures = 0;
    s->total_failed = s->window_failed = (struct snap_latency){0};
    s->fails_per_s = s->fail_percent = 0;
    s->rps = 12803;
    s->window = latency(128030, 3100);
    s->endpoints[0] = (struct snap_endpoint){.method = "GET",
                                             .name = "/",
                                             .requests = 3841000,
                                             .bytes_in = UINT64_C(3841000) * 842,
                                             .rps = 12803,
                                             .window = s->window,
                                             .total = s->window};
    for (uint32_t i = 0; i < s->n_points; i++) {
        struct snap_point *p = &s->points[i];
        *p = (struct snap_point){.second = i,
                                 .users = 50,
                                 .users_wanted = 50,
                                 .in_flight = 44,
                                 .rps = (float)(12500 + 600 * noise(i, 1)),
                                 .p50_us = (uint32_t)(3000 + 200 * noise(i, 2)),
                                 .p95_us = (uint32_t)(5200 + 500 * noise(i, 3)),
                                 .p99_us = (uint32_t)(8100 + 1500 * noise(i, 4)),
                                 .max_us = 16000};
    }
}

void snap_fixture_stages(struct snapshot *s)
{
    snap_fixture_calm(s);
    snprintf(s->run.profile, sizeof s->run.profile, "shop");
    snprintf(s->run.level, sizeof s->run.level, "stress");
    s->run.driver = SNAP_DRIVER_LEVEL;
    s->run.parts = SNAP_PARTS_STAGES;
    s->run.part = 2;
    s->run.n_parts = 4;
}

void snap_fixture_bursts(struct snapshot *s)
{
    snap_fixture_stages(s);
    s->run.parts = SNAP_PARTS_BURSTS;
    s->run.part = 1;
    s->run.n_parts = 5;
    s->run.waiting = 48;
}

void snap_fixture_sick(struct snapshot *s)
{
    breaking(s, "login");
    s->run.insecure = true;
    s->run.state = SNAP_RAMPING;
    s->run.driver = SNAP_DRIVER_LEVEL;
    s->run.users_wanted = 480;
    s->run.request_budget = 2000000;
    s->run.run_time_s = s->run.ends_s = 900;
    s->health.cpu_percent = 197;
    s->health.lag_p99_ms = 84.2;
    s->health.ring_fill_percent = 100;
    s->health.ring_lost = 1702;
    s->health.n_warnings = 2;
    snprintf(
        s->health.warnings[0], SNAP_TEXT,
        "The generator is the bottleneck: its workers use 197 %% of 2 cores; latencies are too "
        "high and the rate too low.");
    snprintf(s->health.warnings[1], SNAP_TEXT,
             "Samples were lost: 1,702 did not fit the rings, all counts are too low.");
}

void snap_fixture_failing(struct snapshot *s)
{
    breaking(s, "login");
    s->fail_percent = 100;
    s->fails_per_s = s->rps;
    s->window_failed = latency(12384, 900);
    s->window = (struct snap_latency){0};
    memset(&s->distribution_window, 0, sizeof s->distribution_window);
    for (uint32_t i = 0; i < s->n_endpoints; i++) {
        s->endpoints[i].window_failed = latency(1000, 900);
        s->endpoints[i].window = (struct snap_latency){0};
    }
    for (uint32_t i = s->n_points - 20; i < s->n_points; i++) {
        struct snap_point *p = &s->points[i];
        p->no_latency = true;
        p->fails_per_s = p->rps;
        p->p50_us = p->p95_us = p->p99_us = p->max_us = 0;
    }
}

void snap_fixture_empty(struct snapshot *s)
{
    memset(s, 0, sizeof *s);
    fill_run(s);
    fill_health(&s->health);
    s->elapsed_s = 0.3;
    s->run.state = SNAP_IDLE;
    s->run.users_wanted = 0;
    s->run.level_users = 0;
    s->run.level[0] = '\0';
    s->n_endpoints = 2;
    snprintf(s->endpoints[0].method, sizeof s->endpoints[0].method, "GET");
    snprintf(s->endpoints[0].name, sizeof s->endpoints[0].name, "/");
    snprintf(s->endpoints[1].method, sizeof s->endpoints[1].method, "POST");
    snprintf(s->endpoints[1].name, sizeof s->endpoints[1].name, "/login");
}

static void fill_detail(struct snap_detail *d)
{
    static const char *const rows[] = {
        "   pid  wait       for     waits for  what it does",
        "  4711  Lock       12.4 s       4702  UPDATE activity SET state = $1 WHERE id = $2",
        ("  4702  -           1.1 s          -  idle in transaction: SELECT state FROM activity "
         "WHERE id = $1 FOR UPDATE, and a text that is longer than any screen is wide"),
        "  4713  IO/Read    0.2 s          -  SELECT * FROM report \xe7\x99\xbb\xe5\xbd\x95"};
    d->seq = 1;
    d->probe = 1;
    d->at_s = 291;
    snprintf(d->title, sizeof d->title, "db: who waits for whom");
    d->n_rows = sizeof rows / sizeof *rows;
    for (uint32_t i = 0; i < d->n_rows; i++)
        snprintf(d->rows[i], sizeof d->rows[i], "%s", rows[i]);
}

void snap_fixture_probes(struct probe_snapshot *b)
{
    fixture_story(b, SECONDS - 1, BREAKS_AT);
    uint32_t cache = fixture_probe(b, "cache", "redis", "127.0.0.1:6379");
    b->probes[cache].state = PROBE_DOWN;
    b->probes[cache].seen_s = b->elapsed_s - 14;
    b->probes[cache].polls = 288;
    b->probes[cache].failed = 5;
    snprintf(b->probes[cache].text, SNAP_TEXT,
             "redis at 127.0.0.1:6379 does not answer: connection refused (is it running?)");
    fixture_series(b, cache, "", "memory", UNIT_BYTES, 256 << 20);
    for (uint32_t i = 0; i < SECONDS - 14; i++)
        fixture_value(b, i, (40 + noise(i, 9)) * 1048576);
    fill_detail(&b->detail);
}

static uint32_t add_state(struct probe_snapshot *b, const char *name, const char *type,
                          const char *where, enum probe_state state, double age_s, const char *text)
{
    uint32_t at = fixture_probe(b, name, type, where);
    struct snap_probe *p = &b->probes[at];
    p->state = state;
    p->seen_s = isnan(age_s) ? NAN : b->elapsed_s - age_s;
    p->failed = state == PROBE_DOWN || state == PROBE_DENIED ? 9 : 0;
    p->polls = state == PROBE_CONNECTING ? 0 : 290;
    snprintf(p->text, sizeof p->text, "%s", text);
    return at;
}

static void add_figure(struct probe_snapshot *b, uint32_t probe, const char *group,
                       const char *name, enum snap_unit unit, double limit, double age_s)
{
    fixture_series(b, probe, group, name, unit, limit);
    for (uint32_t i = 0; i + age_s < SECONDS; i++)
        fixture_value(b, i, (0.5 + 0.2 * noise(i, (unsigned)probe)) * (limit > 0 ? limit : 1000));
}

static void fill_remedy(struct snap_detail *d)
{
    static const char *const rows[] = {
        "No session waits for a lock.",
        "",
        "No statement has been running for 1 s.",
        "",
        ("running now           for      role        waits for            statement"),
        ("4711                  12.4 s   shop        Lock/transactionid   UPDATE activity SET "
         "state = $1, changed = now() WHERE id = $2 AND owner = $3 RETURNING id, state"),
        "4713                  1.2 s    shop        -                    SELECT 1",
        "",
        ("Which statements take most time: CREATE EXTENSION pg_stat_statements in this database "
         "would tell.")};
    d->seq = 1;
    d->at_s = 291;
    snprintf(d->title, sizeof d->title, "locks and statements of mon@db.internal:5432/shop");
    d->n_rows = sizeof rows / sizeof *rows;
    for (uint32_t i = 0; i < d->n_rows; i++)
        snprintf(d->rows[i], sizeof d->rows[i], "%s", rows[i]);
}

void snap_fixture_states(struct probe_snapshot *b)
{
    fixture_probe_snapshot(b, SECONDS - 1);
    uint32_t p = add_state(b, "engine", "docker", "/run/docker.sock", PROBE_LIVE, 0.4, "");
    static const char *const boxes[] = {"shop-api-1", "shop-worker-1", "shop-web-1"};
    for (size_t i = 0; i < sizeof boxes / sizeof *boxes; i++) {
        add_figure(b, p, boxes[i], "cpu", UNIT_PERCENT, 100, 1);
        add_figure(b, p, boxes[i], "memory", UNIT_BYTES, 512 << 20, 1);
    }
    p = add_state(b, "db", "postgres", "mon@db.internal:5432/shop", PROBE_DOWN, 14,
                  "PostgreSQL at db.internal:5432 refuses connections: too many clients already; "
                  "raise max_connections, or make the pools of the application smaller.");
    add_figure(b, p, "", "connections", UNIT_COUNT, 20, 15);
    add_figure(b, p, "", "tps", UNIT_PER_S, 0, 15);
    p = add_state(b, "status", "nginx", "127.0.0.1/status", PROBE_DENIED, NAN,
                  "127.0.0.1/status refuses this machine or its log-in (status 403): allow it "
                  "there, or set user and password, or bearer.");
    p = add_state(b, "queue", "command", "", PROBE_DENIED, NAN,
                  "a command of a profile runs only after `ramptop trust PROFILE`, or with "
                  "--trust.");
    b->probes[p].polls = b->probes[p].failed = 0;
    add_state(b, "cache", "redis", "127.0.0.1:6379", PROBE_CONNECTING, NAN, "");
    p = add_state(b, "metrics", "prometheus", "127.0.0.1:9100/metrics", PROBE_STALE, 5,
                  "its last poll has not returned: the target hangs, or can no longer be reached.");
    add_figure(b, p, "", "load", UNIT_COUNT, 0, 6);
    p = add_state(b, "old", "redis", "127.0.0.1:6380", PROBE_OFF, 130, "");
    add_figure(b, p, "", "memory", UNIT_BYTES, 256 << 20, 131);
    p = add_state(b, "app", "process", "pid 4711", PROBE_LIVE, 0.4,
                  "2 of its 14 processes cannot be read: their figures are missing in the sums.");
    add_figure(b, p, "", "cpu", UNIT_PERCENT, 0, 1);
    fill_remedy(&b->detail);
}
