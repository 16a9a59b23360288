/* SPDX-License-Identifier: MIT */
/* The watch with kinds of probe that the tests steer. */
#include <check.h>
#include <math.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "src/base/mem.h"
#include "src/base/now.h"
#include "src/probe/probe.h"
#include "src/probe/watch.h"
#include "tests/unit/unit.h"

#define DEADLINE_NS (20 * NS_PER_S)

/* ------------------------------------------------------- a kind to be steered */

static _Atomic int mode; /* enum probe_state, or */
enum { HANGS = 100, GROUPS };
#define TENANT                                                                                     \
    "customer_production_eu_west_1_tenant_of_\xc3\xa4"                                             \
    "nnnn_application_"
static _Atomic double value, limit_now;
static _Atomic int looks, opened, closed, released;
static pthread_key_t of_thread; /* if has_key */
static bool has_key;

static void *steered_open(struct probe *p, const struct probe_spec *spec)
{
    (void)p;
    (void)spec;
    opened++;
    if (has_key)
        pthread_setspecific(of_thread, &mode);
    return &mode;
}

static enum probe_state steered_poll(void *self, struct probe *p, uint64_t deadline_ns,
                                     struct err *e)
{
    (void)self;
    (void)deadline_ns;
    int now = mode;
    looks++;
    if (now == HANGS) { /* as a call into a library that knows no deadline */
        while (!released) {
            const struct timespec t = {.tv_nsec = 1000000};
            nanosleep(&t, NULL);
        }
        /* by now it may have been left to itself */
        int late = probe_series(p, "", "late", UNIT_COUNT, SERIES_MAIN);
        probe_value(p, late, 1);
        probe_limit(p, late, 2);
        probe_note(p, late, "late");
        probe_set_removed(p, "", true);
        probe_where(p, "nowhere");
        probe_type(p, "late");
        probe_status_text(p, "late");
        probe_event(p, EVENT_FINDING, "", "late");
        return PROBE_LIVE;
    }
    if (now == GROUPS) { /* names that begin alike and are too long */
        probe_value(p, probe_series(p, TENANT "0001", "clients", UNIT_COUNT, 0), 1);
        probe_value(p, probe_series(p, TENANT "0002", "clients", UNIT_COUNT, 0), 2);
        probe_set_removed(p, TENANT "0001", true);
        probe_event(p, EVENT_PAUSE, TENANT "0002", "was paused");
        return PROBE_LIVE;
    }
    if (now != PROBE_LIVE) {
        err_set(e, "nobody listens at \x1b[31mthe port.");
        return (enum probe_state)now;
    }
    int conns = probe_series(p, "", "connections", UNIT_COUNT, SERIES_MAIN | SERIES_RESOURCE);
    probe_limit(p, conns, limit_now);
    probe_value(p, conns, value);
    probe_note(p, conns, "%d waiting", 7);
    probe_where(p, "here");
    return PROBE_LIVE;
}

static bool steered_answer(void *self, struct probe *p, uint64_t deadline_ns,
                           struct snap_detail *out, struct err *e)
{
    (void)self;
    (void)p;
    (void)deadline_ns;
    (void)e;
    strcpy(out->title, "answers");
    strcpy(out->rows[0], "one");
    out->n_rows = 1;
    return true;
}

static void steered_close(void *self)
{
    (void)self;
    closed++;
}

static const struct probe_ops steered = {
    .type = PROBE_REDIS,
    .period_ns = 20 * NS_PER_MS,
    .limit_ns = NS_PER_S,
    .open = steered_open,
    .poll = steered_poll,
    .answer = steered_answer,
    .close = steered_close,
};

const struct probe_ops *probe_ops_of(enum probe_type type, struct err *e)
{
    if (type == PROBE_NGINX) {
        err_set(e, "built without nginx.");
        return NULL;
    }
    return &steered;
}

/* ------------------------------------------------------------------- helpers */

static _Atomic int told;
static char told_text[SNAP_TEXT];

static void on_event(const struct snap_event *ev, void *arg)
{
    (void)arg;
    if (told++ == 0)
        memcpy(told_text, ev->text, sizeof told_text);
}

static struct watch *watch;
static struct probe_snapshot *probe_snap;

static void setup(void)
{
    const struct watch_config cfg = {.event = on_event};
    mode = PROBE_LIVE;
    value = 3;
    limit_now = 20;
    watch = watch_create(&cfg);
    probe_snap = mem_zalloc(sizeof *probe_snap);
}

static void teardown(void)
{
    watch_destroy(watch);
    free(probe_snap);
}

static struct probe_spec *spec_of(const char *text)
{
    struct err e;
    struct probe_spec *s = probe_spec_parse(text, &e);
    ck_assert_msg(s != NULL, "%s", s == NULL ? e.text : "");
    return s;
}

static void add(const char *text)
{
    struct err e;
    struct probe_spec *s = spec_of(text);
    ck_assert(watch_add_probe(watch, s, &e));
    probe_spec_unref(s);
}

static void wait_for(const _Atomic int *count)
{
    uint64_t end = now_ns() + DEADLINE_NS;
    while (*count == 0 && now_ns() < end)
        poll(NULL, 0, 2);
    ck_assert_int_ge(*count, 1);
}

static void wait_for_poll(void)
{
    wait_for(&looks);
}

static void wait_for_close(void)
{
    wait_for(&closed);
}

static bool in_time(bool (*is)(void))
{
    uint64_t end = now_ns() + DEADLINE_NS;
    do {
        watch_snapshot(watch, probe_snap);
        if (is())
            return true;
        poll(NULL, 0, 2);
    } while (now_ns() < end);
    return false;
}

static bool is_live(void)
{
    return probe_snap->n_probes > 0 && probe_snap->probes[0].state == PROBE_LIVE;
}

static bool is_down(void)
{
    return probe_snap->probes[0].state == PROBE_DOWN;
}

static bool is_full(void)
{
    return probe_snap->n_series > 0 && probe_snap->series[0].alarm == ALARM_FULL;
}

static bool is_calm(void)
{
    return probe_snap->series[0].alarm == ALARM_NONE;
}

static bool is_answered(void)
{
    return probe_snap->detail.seq > 0;
}

static bool two_polls(void)
{
    return probe_snap->n_series > 0 && probe_snap->series[0].count >= 2;
}

static bool is_denied(void)
{
    return probe_snap->n_probes > 0 && probe_snap->probes[0].state == PROBE_DENIED;
}

/* --------------------------------------------------------------------- tests */

START_TEST(a_probe_tells_and_the_board_shows)
{
    watch_start_axis(watch, now_ns());
    add("redis");
    ck_assert(in_time(two_polls));
    const struct snap_series *s = &probe_snap->series[0];
    ck_assert_str_eq(probe_snap->probes[0].name, "redis");
    ck_assert_str_eq(probe_snap->probes[0].where, "here");
    ck_assert_str_eq(s->name, "connections");
    ck_assert_str_eq(s->note, "7 waiting");
    ck_assert(s->now >= 3 && s->now <= 3 && s->limit >= 20 && s->mean >= 3);
    ck_assert(s->main && s->resource && !s->removed && isnan(s->first_full_s));
    ck_assert(snap_series_value(probe_snap, 0, probe_snap->newest_s) == 3);
}
END_TEST

static bool has_two(void)
{
    return probe_snap->n_series == 2 && probe_snap->n_events > 0;
}

START_TEST(long_names_that_begin_alike)
{
    mode = GROUPS;
    add("redis:127.0.0.1:1,as=a");
    watch_start_axis(watch, now_ns());
    ck_assert(in_time(has_two));
    const struct snap_series *first = &probe_snap->series[0], *second = &probe_snap->series[1];
    ck_assert_str_eq(first->group, "customer_production_eu..nnnn_application_0001");
    ck_assert_str_eq(second->group, "customer_production_eu..nnnn_application_0002");
    ck_assert(first->removed && !second->removed);
    ck_assert_double_eq(second->now, 2);
    ck_assert_str_eq(probe_snap->event[0].group, second->group);
}
END_TEST

START_TEST(a_limit_reached_is_told_once)
{
    watch_start_axis(watch, now_ns());
    add("redis");
    ck_assert(in_time(two_polls));
    value = 20;
    ck_assert(in_time(is_full));
    ck_assert_str_eq(told_text, "connections reached 20 of 20");
    ck_assert(!isnan(probe_snap->series[0].first_full_s));
    value = 4;
    ck_assert(in_time(is_calm));
    ck_assert_int_eq(told, 1);
    ck_assert_int_eq(probe_snap->n_events, 1);
    ck_assert_int_eq(probe_snap->event[0].kind, EVENT_FULL);
}
END_TEST

START_TEST(what_fails_says_why_and_comes_back)
{
    mode = PROBE_DOWN;
    add("redis");
    ck_assert(in_time(is_down));
    watch_wait_polled(watch, DEADLINE_NS);
    ck_assert(strchr(probe_snap->probes[0].text, '\x1b') == NULL);
    ck_assert(strstr(probe_snap->probes[0].text, "nobody listens") != NULL);
    mode = PROBE_LIVE;
    ck_assert(watch_retry_probe(watch, 0, false, NULL)); /* at once */
    ck_assert(in_time(is_live));
    ck_assert_str_eq(probe_snap->probes[0].text, "");
    ck_assert_int_eq(told, 2); /* lost, and there */
}
END_TEST

START_TEST(questions_are_answered)
{
    add("redis");
    ck_assert(in_time(is_live));
    ck_assert(watch_ask_detail(watch, 0, NULL));
    ck_assert(in_time(is_answered));
    ck_assert_str_eq(probe_snap->detail.rows[0], "one");
    ck_assert(!probe_snap->detail.asked);
}
END_TEST

START_TEST(asked_while_it_is_down_it_says_why)
{
    mode = PROBE_DOWN;
    add("redis");
    ck_assert(in_time(is_down));
    ck_assert(watch_ask_detail(watch, 0, NULL));
    ck_assert(in_time(is_answered));
    ck_assert(strstr(probe_snap->detail.rows[0], "nobody listens") != NULL);
    ck_assert_str_eq(probe_snap->detail.title, "redis");
}
END_TEST

/* Who waits for its answer must be told that there is none. */
START_TEST(a_probe_that_ends_has_answered)
{
    struct probe_specs one = {0}, none = {0};
    struct err e;
    probe_specs_add(&one, spec_of("redis"));
    mode = HANGS;
    watch_set_profile(watch, &one, false);
    wait_for_poll();
    ck_assert(watch_ask_detail(watch, 0, NULL));
    watch_snapshot(watch, probe_snap);
    ck_assert(probe_snap->detail.asked);
    watch_set_profile(watch, &none, false);
    watch_snapshot(watch, probe_snap);
    ck_assert(!probe_snap->detail.asked);
    ck_assert_str_eq(probe_snap->detail.rows[0], "The probe redis ended before it answered.");
    ck_assert(!watch_ask_detail(watch, 0, &e));
    ck_assert_str_eq(e.text, "redis is off: the profile in force does not watch it.");
    ck_assert(!watch_ask_detail(watch, 7, &e));
    released = 1;
    wait_for_close();
    probe_specs_finish(&one);
}
END_TEST

START_TEST(a_hanging_probe_holds_nobody_up)
{
    mode = HANGS;
    add("redis");
    watch_wait_polled(watch, 10 * NS_PER_MS);
    watch_snapshot(watch, probe_snap);
    ck_assert_int_eq(probe_snap->probes[0].state, PROBE_CONNECTING);
    watch_destroy(watch); /* returns, the thread does not */
    ck_assert_int_eq(closed, 0);
    released = 1;
    wait_for_close();
    free(probe_snap);
    setup();
}
END_TEST

static _Atomic int out;

/* As that of a library that cleans up after each of its threads. */
static void leave_slowly(void *arg)
{
    (void)arg;
    poll(NULL, 0, 50);
    out++;
}

static uint32_t search_once(const char *target, struct snap_offer *offers, uint32_t max)
{
    (void)target;
    (void)offers;
    (void)max;
    pthread_setspecific(of_thread, &mode);
    return 0;
}

START_TEST(no_thread_is_on_its_way_out_after_the_end)
{
    watch_destroy(watch);
    has_key = pthread_key_create(&of_thread, leave_slowly) == 0;
    watch = watch_create(&(struct watch_config){.discover = search_once});
    add("redis");
    wait_for_poll();
    watch_discover(watch, "http://127.0.0.1/");
    watch_destroy(watch);
    ck_assert_int_eq(out, 2);
    pthread_key_delete(of_thread);
    has_key = false;
    watch = watch_create(&(struct watch_config){0});
}
END_TEST

START_TEST(commands_of_a_profile_need_trust)
{
    struct probe_specs specs = {0};
    struct probe_spec *s = spec_of("command:/bin/true");
    s->typed = false;
    probe_specs_add(&specs, s);
    watch_set_profile(watch, &specs, false);
    ck_assert(in_time(is_denied));
    ck_assert(strstr(probe_snap->probes[0].text, "ramptop trust") != NULL);
    ck_assert_int_eq(opened, 0);
    watch_set_profile(watch, &specs, true);
    ck_assert(in_time(is_live));
    probe_specs_finish(&specs);
}
END_TEST

/* Trusted meanwhile, in another terminal. */
START_TEST(a_refused_probe_is_tried_again)
{
    struct probe_specs specs = {0};
    struct probe_spec *s = spec_of("command:/bin/true");
    struct err e;
    s->typed = false;
    probe_specs_add(&specs, s);
    watch_set_profile(watch, &specs, false);
    ck_assert(!watch_ask_detail(watch, 0, &e));
    ck_assert(strstr(e.text, "ramptop trust") != NULL);
    ck_assert(!watch_retry_probe(watch, 0, false, &e));
    ck_assert(strstr(e.text, "true: a command of a profile runs only after") != NULL);
    ck_assert(watch_retry_probe(watch, 0, true, &e));
    ck_assert(in_time(is_live));
    ck_assert_int_eq(opened, 1);
    probe_specs_finish(&specs);
    watch_set_profile(watch, &specs, false);
    ck_assert(!watch_retry_probe(watch, 0, true, &e));
    ck_assert_str_eq(e.text, "true is off: the profile in force does not watch it.");
    ck_assert_int_eq(opened, 1);
}
END_TEST

START_TEST(what_is_added_by_hand_stays_whatever_the_profile)
{
    struct probe_specs specs = {0}, none = {0};
    struct probe_spec *s = spec_of("command:/bin/true");
    s->typed = false;
    probe_specs_add(&specs, s);
    watch_set_profile(watch, &specs, false);
    ck_assert(in_time(is_denied));
    add("command:/bin/true"); /* in place of the one that may not run */
    ck_assert(in_time(is_live));
    watch_set_profile(watch, &none, false);
    watch_snapshot(watch, probe_snap);
    ck_assert(is_live());
    probe_specs_finish(&specs);
}
END_TEST

START_TEST(what_is_not_built_in_says_so)
{
    add("nginx:http://127.0.0.1/status");
    ck_assert(in_time(is_denied));
    ck_assert_str_eq(probe_snap->probes[0].text, "built without nginx.");
    struct err e;
    ck_assert(!watch_retry_probe(watch, 0, true, &e));
    ck_assert_str_eq(e.text, "nginx: built without nginx.");
}
END_TEST

/* It looks once in 30 s then, and its look is over at once: that is not a whole core. */
START_TEST(a_short_look_costs_little)
{
    mode = PROBE_DENIED;
    add("redis:127.0.0.1:1,period=1000s");
    ck_assert(in_time(is_denied));
    ck_assert(probe_snap->probes[0].cpu_percent > 0);
    ck_assert(probe_snap->probes[0].cpu_percent < 1);
}
END_TEST

/* ------------------------------------------------------------------------ lost */

static bool is_down_and_calm(void)
{
    return is_down() && probe_snap->series[0].alarm == ALARM_NONE;
}

START_TEST(what_is_down_is_not_in_alarm)
{
    watch_start_axis(watch, now_ns());
    value = 20;
    add("redis");
    ck_assert(in_time(is_full));
    mode = PROBE_DOWN;
    ck_assert(in_time(is_down_and_calm));
    ck_assert(probe_snap->series[0].now >= 20 && !isnan(probe_snap->series[0].first_full_s));
    mode = PROBE_LIVE;
    watch_retry_probe(watch, 0, false, NULL);
    ck_assert(in_time(is_full));
}
END_TEST

static bool is_stale(void)
{
    return probe_snap->probes[0].state == PROBE_STALE;
}

START_TEST(what_hangs_is_not_in_alarm_and_says_so)
{
    watch_start_axis(watch, now_ns());
    value = 20;
    add("redis");
    ck_assert(in_time(is_full));
    mode = HANGS;
    ck_assert(in_time(is_stale));
    ck_assert_int_eq(probe_snap->series[0].alarm, ALARM_NONE);
    ck_assert(strstr(probe_snap->probes[0].text, "has not returned") != NULL);
    released = 1;
}
END_TEST

/* ----------------------------------------------------------------------- room */

static void add_numbered(const char *prefix, int n)
{
    char text[64];
    snprintf(text, sizeof text, "redis:127.0.0.1:%d,as=%s%d", n + 1, prefix, n);
    add(text);
}

static struct probe_specs one_named(const char *prefix, int n)
{
    struct probe_specs specs = {0};
    char text[64];
    snprintf(text, sizeof text, "redis:127.0.0.1:%d,as=%s%d", n + 1, prefix, n);
    probe_specs_add(&specs, spec_of(text));
    return specs;
}

START_TEST(what_has_no_room_is_told)
{
    for (int i = 0; i < SNAP_PROBES; i++)
        add_numbered("p", i);
    struct probe_specs specs = one_named("more", 1);
    watch_set_profile(watch, &specs, false);
    watch_snapshot(watch, probe_snap);
    ck_assert_uint_eq(probe_snap->n_probes, SNAP_PROBES);
    ck_assert_uint_eq(probe_snap->n_events, 1);
    ck_assert_str_eq(probe_snap->event[0].probe, "more1");
    ck_assert_str_eq(probe_snap->event[0].text,
                     "is left out: there are 24 probes already, the maximum: remove some from the "
                     "profile or the command line");
    ck_assert_int_eq(told, 1);
    struct err e;
    ck_assert(!watch_add_probe(watch, specs.items[0], &e));
    ck_assert_str_eq(e.text, "there are 24 probes already, which is the maximum");
    probe_specs_finish(&specs);
}
END_TEST

static const char *wanted;

static bool is_wanted_live(void)
{
    for (uint32_t i = 0; i < probe_snap->n_probes; i++)
        if (strcmp(probe_snap->probes[i].name, wanted) == 0)
            return probe_snap->probes[i].state == PROBE_LIVE;
    return false;
}

static const struct snap_series *series_of(const char *probe)
{
    for (uint32_t i = 0; i < probe_snap->n_series; i++)
        if (strcmp(probe_snap->probes[probe_snap->series[i].probe].name, probe) == 0)
            return &probe_snap->series[i];
    return NULL;
}

/* Whoever tries one profile after the other has room for the next. */
START_TEST(places_are_used_again)
{
    char name[32];
    watch_start_axis(watch, now_ns());
    struct probe_specs first = one_named("switched", 0);
    watch_set_profile(watch, &first, false);
    wanted = "switched0";
    ck_assert(in_time(is_wanted_live));
    probe_specs_finish(&first);
    add("redis:127.0.0.1:9,as=keeps");
    for (int i = 1; i < 2 * SNAP_PROBES; i++) {
        struct probe_specs specs = one_named("switched", i);
        watch_set_profile(watch, &specs, false);
        snprintf(name, sizeof name, "switched%d", i);
        wanted = name;
        ck_assert_msg(in_time(is_wanted_live), "%s", name);
        ck_assert_ptr_nonnull(series_of(name));
        probe_specs_finish(&specs);
    }
    ck_assert_uint_eq(probe_snap->n_probes, SNAP_PROBES);
    ck_assert_uint_eq(probe_snap->n_series, SNAP_PROBES);
    ck_assert_int_eq(told, 0);
    ck_assert_ptr_null(series_of("switched0")); /* the oldest gave way */
    ck_assert_ptr_nonnull(series_of("switched30"));
    uint64_t before = series_of("keeps")->count;
    value = 11;
    uint64_t end = now_ns() + DEADLINE_NS;
    do
        watch_snapshot(watch, probe_snap);
    while (series_of("keeps")->last < 11 && now_ns() < end);
    ck_assert(series_of("keeps")->last >= 11 && series_of("keeps")->count > before);
    ck_assert(series_of("switched30")->last <= 3 && isnan(series_of("switched30")->alarm_s));
}
END_TEST

/* Its thread comes back when its place is another's, and so are its series. */
START_TEST(a_hanging_probe_may_lose_its_place)
{
    watch_start_axis(watch, now_ns());
    struct probe_specs hangs = one_named("hangs", 0), none = {0};
    watch_set_profile(watch, &hangs, false);
    wanted = "hangs0";
    ck_assert(in_time(is_wanted_live));
    mode = HANGS;
    ck_assert(in_time(is_stale));
    watch_set_profile(watch, &none, false);
    mode = PROBE_LIVE;
    for (int i = 0; i < SNAP_PROBES; i++)
        add_numbered("p", i);
    watch_snapshot(watch, probe_snap);
    ck_assert_str_eq(probe_snap->probes[0].name, "p23");
    released = 1;
    wait_for_close();
    wanted = "p23";
    ck_assert(in_time(is_wanted_live));
    ck_assert_str_eq(probe_snap->probes[0].where, "here");
    for (uint32_t i = 0; i < probe_snap->n_series; i++)
        ck_assert_str_eq(probe_snap->series[i].name, "connections");
    ck_assert_int_eq(told, 0);
    probe_specs_finish(&hangs);
}
END_TEST

static bool is_off(void)
{
    return probe_snap->n_probes == 2 && probe_snap->probes[0].state == PROBE_OFF &&
           probe_snap->probes[1].state == PROBE_LIVE;
}

START_TEST(another_profile_other_probes)
{
    struct probe_specs a = {0}, b = {0};
    probe_specs_add(&a, spec_of("redis:127.0.0.1:1"));
    probe_specs_add(&b, spec_of("redis:127.0.0.1:2,as=cache"));
    watch_set_profile(watch, &a, false);
    ck_assert(in_time(is_live));
    watch_set_profile(watch, &b, false);
    ck_assert(in_time(is_off));
    watch_set_profile(watch, &b, false); /* equal: goes on */
    ck_assert_int_eq(opened, 2);
    probe_specs_finish(&a);
    probe_specs_finish(&b);
}
END_TEST

/* The profile that comes after it has a probe of the same name, which must not wait for it. */
START_TEST(a_hanging_probe_is_replaced)
{
    struct probe_specs a = {0}, b = {0};
    probe_specs_add(&a, spec_of("redis:127.0.0.1:1"));
    probe_specs_add(&b, spec_of("redis:127.0.0.1:2"));
    watch_start_axis(watch, now_ns());
    mode = HANGS;
    watch_set_profile(watch, &a, false);
    wait_for_poll();
    mode = PROBE_LIVE;
    watch_set_profile(watch, &b, false);
    ck_assert(in_time(is_live));
    released = 1;
    wait_for_close();
    ck_assert(in_time(two_polls));
    ck_assert(is_live()); /* what ended late has taken nothing with it, and left nothing */
    ck_assert_int_eq(probe_snap->n_probes, 1);
    ck_assert_int_eq(probe_snap->n_series, 1);
    ck_assert_str_eq(probe_snap->series[0].name, "connections");
    ck_assert(!probe_snap->series[0].removed);
    ck_assert_str_eq(probe_snap->probes[0].where, "here");
    ck_assert_int_eq(told, 0);
    probe_specs_finish(&a);
    probe_specs_finish(&b);
}
END_TEST

START_TEST(a_target_that_comes_and_goes_does_not_flood_the_marks)
{
    add("redis");
    for (int i = 0; i < 10; i++) {
        mode = PROBE_DOWN;
        ck_assert(in_time(is_down));
        mode = PROBE_LIVE;
        watch_retry_probe(watch, 0, false, NULL);
        ck_assert(in_time(is_live));
    }
    watch_snapshot(watch, probe_snap);
    ck_assert_uint_le(probe_snap->events, 8); /* of 20 */
    ck_assert_uint_ge(probe_snap->events, 2);
}
END_TEST

static bool are_two(void)
{
    return probe_snap->n_probes == 2 && probe_snap->probes[0].state == PROBE_LIVE &&
           probe_snap->probes[1].state == PROBE_LIVE;
}

START_TEST(names_are_unique)
{
    struct err e;
    add("redis:127.0.0.1:1");
    ck_assert(in_time(is_live));
    add("redis:127.0.0.1:2");
    ck_assert(in_time(are_two));
    ck_assert_str_eq(probe_snap->probes[0].name, "redis");
    ck_assert_str_eq(probe_snap->probes[1].name, "redis 2");
    struct probe_spec *s = spec_of("redis:127.0.0.1:2");
    ck_assert(!watch_add_probe(watch, s, &e));
    ck_assert_str_eq(e.text, "the probe redis 2 watches that already");
    ck_assert_int_eq(opened, 2);
    probe_spec_unref(s);
}
END_TEST

/* Whoever mistyped an address types it again, and does not want both. */
START_TEST(what_never_answered_makes_room)
{
    mode = PROBE_DOWN;
    add("redis:127.0.0.1:1");
    ck_assert(in_time(is_down));
    mode = PROBE_LIVE;
    add("redis:127.0.0.1:2");
    ck_assert(in_time(is_live));
    ck_assert_int_eq(probe_snap->n_probes, 1);
    ck_assert_str_eq(probe_snap->probes[0].name, "redis");
    uint64_t end = now_ns() + DEADLINE_NS;
    while (closed == 0 && now_ns() < end)
        poll(NULL, 0, 2);
    ck_assert_int_eq(closed, 1);
    mode = PROBE_DOWN; /* one that answered once is no mistake */
    ck_assert(in_time(is_down));
    add("redis:127.0.0.1:3");
    watch_snapshot(watch, probe_snap);
    ck_assert_int_eq(probe_snap->n_probes, 2);
}
END_TEST

static bool is_ended(void)
{
    return probe_snap->probes[0].state == PROBE_OFF && closed == 1;
}

static bool is_warned(void)
{
    return probe_snap->n_events > 0;
}

START_TEST(a_threshold_is_told_as_it_was_meant)
{
    struct probe_spec *s = spec_of("redis");
    s->warns = mem_zalloc(sizeof *s->warns);
    s->n_warns = 1;
    s->warns[0] =
        (struct probe_warn){.series = mem_strdup("connections"), .bound = 3, .or_equal = true};
    watch_start_axis(watch, now_ns());
    ck_assert(watch_add_probe(watch, s, NULL));
    probe_spec_unref(s);
    ck_assert(in_time(is_warned));
    ck_assert_str_eq(probe_snap->event[0].text, "connections is 3, 3 or more"); /* not "over 3" */
}
END_TEST

START_TEST(one_is_watched_no_more_and_again)
{
    add("redis");
    ck_assert(in_time(is_live));
    watch_stop_probe(watch, 0);
    ck_assert(in_time(is_ended));
    ck_assert_int_eq(probe_snap->n_series, 1); /* what it told stays */
    ck_assert(probe_snap->probes[0].ended);
    ck_assert(watch_retry_probe(watch, 0, false, NULL));
    ck_assert(in_time(is_live));
    ck_assert_int_eq(opened, 2);
    ck_assert_int_eq(probe_snap->n_probes, 1);
    watch_stop_probe(watch, 7); /* none: nothing happens */
}
END_TEST

START_TEST(rates_of_counters)
{
    struct probe_counter c = {0};
    bool reset;
    ck_assert(isnan(probe_rate(&c, 100, 1, &reset)) && !reset);
    double r = probe_rate(&c, 150, 3, &reset);
    ck_assert(r >= 25 && r <= 25);
    ck_assert(isnan(probe_rate(&c, 150, 3, &reset)));
    ck_assert(isnan(probe_rate(&c, 10, 4, &reset)) && reset);
    r = probe_rate(&c, 10, 5, &reset);
    ck_assert(r >= 0 && r <= 0 && !reset);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("watch");
    TCase *t = tcase_create("watch");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, a_probe_tells_and_the_board_shows);
    tcase_add_test(t, long_names_that_begin_alike);
    tcase_add_test(t, a_limit_reached_is_told_once);
    tcase_add_test(t, what_fails_says_why_and_comes_back);
    tcase_add_test(t, questions_are_answered);
    tcase_add_test(t, a_hanging_probe_holds_nobody_up);
    tcase_add_test(t, no_thread_is_on_its_way_out_after_the_end);
    tcase_add_test(t, commands_of_a_profile_need_trust);
    tcase_add_test(t, what_is_not_built_in_says_so);
    tcase_add_test(t, another_profile_other_probes);
    tcase_add_test(t, a_hanging_probe_is_replaced);
    tcase_add_test(t, a_target_that_comes_and_goes_does_not_flood_the_marks);
    tcase_add_test(t, asked_while_it_is_down_it_says_why);
    tcase_add_test(t, a_probe_that_ends_has_answered);
    tcase_add_test(t, a_refused_probe_is_tried_again);
    tcase_add_test(t, what_is_added_by_hand_stays_whatever_the_profile);
    tcase_add_test(t, a_short_look_costs_little);
    tcase_add_test(t, what_is_down_is_not_in_alarm);
    tcase_add_test(t, what_hangs_is_not_in_alarm_and_says_so);
    tcase_add_test(t, what_has_no_room_is_told);
    tcase_add_test(t, places_are_used_again);
    tcase_add_test(t, a_hanging_probe_may_lose_its_place);
    tcase_add_test(t, names_are_unique);
    tcase_add_test(t, what_never_answered_makes_room);
    tcase_add_test(t, a_threshold_is_told_as_it_was_meant);
    tcase_add_test(t, one_is_watched_no_more_and_again);
    tcase_add_test(t, rates_of_counters);
    tcase_set_timeout(t, 60);
    suite_add_tcase(s, t);
    return unit_run(s);
}
