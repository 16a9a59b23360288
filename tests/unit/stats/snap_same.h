/* SPDX-License-Identifier: MIT */
/* snap_same.h - two snapshots, field by field: all that comes out of the books. */
#ifndef RAMPTOP_TESTS_SNAP_SAME_H
#define RAMPTOP_TESTS_SNAP_SAME_H

#include <string.h>

#include "src/stats/snapshot.h"

/* Fields without padding inside. */
#define SNAP_DIFFERS(a, b, field) (memcmp(&(a)->field, &(b)->field, sizeof(a)->field) != 0)
#define SNAP_SAME(field)                                                                           \
    do {                                                                                           \
        if (SNAP_DIFFERS(a, b, field))                                                             \
            return #field;                                                                         \
    } while (0)

static inline const char *snap_endpoint_difference(const struct snap_endpoint *a,
                                                   const struct snap_endpoint *b)
{
    SNAP_SAME(method);
    SNAP_SAME(name);
    SNAP_SAME(requests);
    SNAP_SAME(failures);
    SNAP_SAME(client_failures);
    SNAP_SAME(bytes_in);
    SNAP_SAME(bytes_out);
    SNAP_SAME(total);
    SNAP_SAME(total_failed);
    SNAP_SAME(statuses.n);
    SNAP_SAME(statuses.others);
    SNAP_SAME(statuses.code);
    SNAP_SAME(statuses.count);
    SNAP_SAME(rps);
    SNAP_SAME(fails_per_s);
    SNAP_SAME(window);
    SNAP_SAME(window_failed);
    return NULL;
}

static inline const char *snap_point_difference(const struct snap_point *a,
                                                const struct snap_point *b)
{
    SNAP_SAME(second);
    SNAP_SAME(seconds);
    SNAP_SAME(gap);
    SNAP_SAME(idle);
    SNAP_SAME(no_latency);
    SNAP_SAME(silent);
    SNAP_SAME(rps);
    SNAP_SAME(fails_per_s);
    SNAP_SAME(users);
    SNAP_SAME(users_wanted);
    SNAP_SAME(in_flight);
    SNAP_SAME(p50_us);
    SNAP_SAME(p95_us);
    SNAP_SAME(p99_us);
    SNAP_SAME(max_us);
    return NULL;
}

static inline const char *snap_fail_difference(const struct snap_fail *a, const struct snap_fail *b)
{
    SNAP_SAME(endpoint);
    SNAP_SAME(status);
    SNAP_SAME(fail);
    SNAP_SAME(count);
    SNAP_SAME(per_s);
    SNAP_SAME(first_s);
    SNAP_SAME(last_s);
    return strcmp(a->text, b->text) == 0 ? NULL : "text";
}

static inline const char *snap_distribution_difference(const struct snap_distribution *a,
                                                       const struct snap_distribution *b)
{
    SNAP_SAME(n_bars);
    SNAP_SAME(bars);
    SNAP_SAME(n_spectrum);
    SNAP_SAME(spectrum);
    return NULL;
}

static inline const char *snap_health_difference(const struct snap_health *a,
                                                 const struct snap_health *b)
{
    SNAP_SAME(workers);
    SNAP_SAME(cpu_percent);
    SNAP_SAME(cpu_run_percent);
    SNAP_SAME(worker_cpu);
    SNAP_SAME(cores);
    SNAP_SAME(lag_p50_ms);
    SNAP_SAME(lag_p99_ms);
    SNAP_SAME(lag_count);
    SNAP_SAME(lag_p99_run_ms);
    SNAP_SAME(loop_max_ms);
    SNAP_SAME(ring_fill_percent);
    SNAP_SAME(ring_lost);
    SNAP_SAME(open_fds);
    SNAP_SAME(fd_limit);
    SNAP_SAME(rss_bytes);
    SNAP_SAME(n_warnings);
    for (uint32_t i = 0; i < a->n_warnings; i++)
        if (strcmp(a->warnings[i], b->warnings[i]) != 0)
            return "warnings";
    return NULL;
}

static inline const char *snap_now_difference(const struct snapshot *a, const struct snapshot *b)
{
    SNAP_SAME(elapsed_s);
    SNAP_SAME(load_s);
    SNAP_SAME(drain_s);
    SNAP_SAME(stopped_s);
    SNAP_SAME(rate_s);
    SNAP_SAME(users);
    SNAP_SAME(users_peak);
    SNAP_SAME(in_flight);
    SNAP_SAME(last_done_s);
    SNAP_SAME(last_heard_s);
    SNAP_SAME(oldest_s);
    SNAP_SAME(started);
    SNAP_SAME(finished);
    SNAP_SAME(failures);
    SNAP_SAME(client_failures);
    SNAP_SAME(aborted);
    SNAP_SAME(given_up);
    SNAP_SAME(given_up_s);
    SNAP_SAME(sent_again);
    SNAP_SAME(cut_short);
    SNAP_SAME(bytes_in);
    SNAP_SAME(bytes_out);
    SNAP_SAME(connections);
    SNAP_SAME(total);
    SNAP_SAME(total_failed);
    SNAP_SAME(statuses.n);
    SNAP_SAME(statuses.code);
    SNAP_SAME(statuses.count);
    return NULL;
}

static inline const char *snap_window_difference(const struct snapshot *a, const struct snapshot *b)
{
    SNAP_SAME(window_s);
    SNAP_SAME(rps);
    SNAP_SAME(fails_per_s);
    SNAP_SAME(fail_percent);
    SNAP_SAME(bytes_in_per_s);
    SNAP_SAME(window);
    SNAP_SAME(window_failed);
    SNAP_SAME(connect_us);
    SNAP_SAME(tls_us);
    SNAP_SAME(first_byte_us);
    SNAP_SAME(n_endpoints);
    SNAP_SAME(n_points);
    SNAP_SAME(n_past);
    SNAP_SAME(n_fails);
    SNAP_SAME(n_marks);
    SNAP_SAME(marks_dropped);
    return NULL;
}

/* The name of a field that differs, NULL for none. */
static inline const char *snap_difference(const struct snapshot *a, const struct snapshot *b)
{
    const char *field = snap_now_difference(a, b);
    if (field == NULL)
        field = snap_window_difference(a, b);
    for (uint32_t i = 0; i < SNAP_ENDPOINTS && field == NULL; i++)
        field = snap_endpoint_difference(&a->endpoints[i], &b->endpoints[i]);
    for (uint32_t i = 0; field == NULL && i < a->n_points; i++)
        field = snap_point_difference(&a->points[i], &b->points[i]);
    for (uint32_t i = 0; field == NULL && i < a->n_past; i++)
        field = snap_point_difference(&a->past[i], &b->past[i]);
    for (uint32_t i = 0; field == NULL && i < a->n_fails; i++)
        field = snap_fail_difference(&a->fails[i], &b->fails[i]);
    for (uint32_t i = 0; field == NULL && i < a->n_marks; i++)
        if (a->marks[i].at_s != b->marks[i].at_s || a->marks[i].kind != b->marks[i].kind ||
            a->marks[i].letter != b->marks[i].letter ||
            strcmp(a->marks[i].text, b->marks[i].text) != 0)
            field = "marks";
    if (field == NULL)
        field = snap_distribution_difference(&a->distribution_window, &b->distribution_window);
    if (field == NULL)
        field = snap_distribution_difference(&a->distribution_total, &b->distribution_total);
    return field != NULL ? field : snap_health_difference(&a->health, &b->health);
}

#endif
