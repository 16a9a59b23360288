/* SPDX-License-Identifier: MIT */
/* A run that is made up, written down and read back: each second as it was, its figures in the
 * tables, and what happens when it cannot be written. */
#include <check.h>
#include <fcntl.h>
#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "src/base/mem.h"
#include "src/record/recording.h"
#include "src/record/recording_pack.h"
#include "src/record/recording_prune.h"
#include "src/record/recording_reader.h"
#include "tests/unit/stats/hist_record.h"
#include "tests/unit/stats/second_fixture.h"
#include "tests/unit/unit.h"

#define SECONDS 40

static char folder[64], path[96];
static struct snapshot snap;
static struct probe_snapshot *probes;

static void source_snapshot(void *run, struct snapshot *out)
{
    (void)run;
    *out = snap;
}

static void source_probes(void *run, struct probe_snapshot *out)
{
    (void)run;
    *out = *probes;
}

static uint32_t source_classes(void *run, char (*out)[SNAP_NAME])
{
    (void)run;
    snprintf(out[0], SNAP_NAME, "visitor");
    return 1;
}

static const struct run_source source = {
    .snapshot = source_snapshot, .probe_snapshot = source_probes, .classes = source_classes};

static void set_up(void)
{
    snprintf(folder, sizeof folder, "/tmp/ramptop-record.XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/run", folder);
    probes = mem_zalloc(sizeof *probes);
    snap.n_endpoints = 2;
    snprintf(snap.endpoints[0].method, sizeof snap.endpoints[0].method, "GET");
    snprintf(snap.endpoints[0].name, sizeof snap.endpoints[0].name, "/shop");
    snap.run.users_wanted = 12;
    snprintf(snap.run.end_reason, sizeof snap.run.end_reason, "the run time of 9 s is over");
}

static void tear_down(void)
{
    char *all = mem_printf("rm -rf %s", folder);
    ck_assert_int_eq(system(all), 0);
    free(all);
    free(probes);
}

/* The single number that this query gives. */
static double ask(const char *sql)
{
    sqlite3 *db;
    sqlite3_stmt *st;
    ck_assert_int_eq(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    sqlite3_busy_timeout(db, 10000);
    ck_assert_msg(sqlite3_prepare_v2(db, sql, -1, &st, NULL) == SQLITE_OK, "%s: %s", sql,
                  sqlite3_errmsg(db));
    ck_assert_int_eq(sqlite3_step(st), SQLITE_ROW);
    double value = sqlite3_column_type(st, 0) == SQLITE_NULL ? NAN : sqlite3_column_double(st, 0);
    sqlite3_finalize(st);
    sqlite3_close(db);
    return value;
}

static struct recording *begin(void)
{
    struct err e;
    struct recording *r = recording_create(path, &e);
    ck_assert_msg(r != NULL, "%s", e.text);
    recording_tell(r, "target", "http://t");
    recording_start(r, &source);
    return r;
}

static void finish(struct recording *r)
{
    struct err e;
    recording_leave(r);
    ck_assert_msg(recording_close(r, &snap, &e), "%s", e.text);
}

START_TEST(seconds_come_back_as_they_were)
{
    struct second *made = mem_array(SECONDS, sizeof *made);
    struct rng g;
    struct err e;
    struct recording *r = begin();
    rng_seed(&g, 7);
    for (uint32_t i = 0; i < SECONDS; i++) {
        second_random(&made[i], &g);
        made[i].number = 3 * i;
        recording_add(&made[i], r);
        struct buf kept = {0};
        recording_pack(&made[i], RECORDING_SECOND_BYTES, &kept); /* coarser, as these are large */
        buf_finish(&kept);
    }
    finish(r);
    struct recording_reader *back = recording_open(path, &e);
    ck_assert_msg(back != NULL, "%s", e.text);
    for (uint32_t i = 0; i < SECONDS; i++) {
        struct second s;
        ck_assert_int_eq(recording_next(back, &s, &e), RECORDING_SECOND);
        ck_assert_pstr_eq(second_difference(&made[i], &s), NULL);
        second_finish(&s);
        second_finish(&made[i]);
    }
    struct second none;
    ck_assert_int_eq(recording_next(back, &none, &e), RECORDING_END);
    recording_reader_close(back);
    free(made);
}
END_TEST

/* One second with requests of one endpoint: ten at 1 .. 10 ms, of which the last failed. */
static void add_second(struct recording *r, uint32_t number)
{
    struct second s = {.number = number, .length_ns = 1000000000, .has_now = true};
    struct second_endpoint e = {.requests = 10, .failures = 1, .bytes_in = 1000};
    struct latencies l = {0};
    hist_init(&l.ok);
    hist_init(&l.failed);
    for (uint64_t i = 1; i < 10; i++)
        hist_record(&l.ok, 1000 * i);
    hist_record(&l.failed, 10000);
    latencies_pack(&l, &e.service);
    latencies_finish(&l);
    statuses_count(&e.statuses, 200, 9);
    statuses_count(&e.statuses, 503, 1);
    s.now.users = 5 + number;
    s.n_endpoints = 1;
    s.endpoints = &e;
    recording_add(&s, r);
    latencies_packed_finish(&e.service);
}

START_TEST(tables_tell_the_figures)
{
    struct recording *r = begin();
    for (uint32_t i = 0; i < 5; i++)
        add_second(r, i);
    finish(r);
    ck_assert_double_eq(ask("SELECT count(*) FROM second"), 5);
    ck_assert_double_eq(ask("SELECT sum(requests) FROM second"), 50);
    ck_assert_double_eq(ask("SELECT users FROM per_second WHERE second = 4"), 9);
    ck_assert_double_eq(ask("SELECT rps FROM per_second WHERE second = 2"), 10);
    ck_assert_double_eq(ask("SELECT mean_ms FROM per_second WHERE second = 2"), 5);
    ck_assert_double_eq_tol(ask("SELECT p50_ms FROM per_second WHERE second = 2"), 5, 0.005);
    ck_assert_double_eq_tol(ask("SELECT max_ms FROM per_endpoint WHERE name = '/shop'"), 9, 0.009);
    ck_assert_double_eq_tol(ask("SELECT failed_p99_ms FROM per_endpoint"), 10, 0.01);
    ck_assert_double_eq(ask("SELECT sum(count) FROM status_second WHERE status = 503"), 5);
    ck_assert_double_eq(ask("SELECT users_wanted FROM load WHERE at_s = 0"), 12);
    ck_assert_double_eq(ask("SELECT count(*) FROM run WHERE key = 'end_reason'"), 1);
    ck_assert_double_eq(ask("SELECT count(*) FROM class WHERE name = 'visitor'"), 1);
}
END_TEST

START_TEST(probes_are_told_by_name_whatever_their_place)
{
    struct recording *r = begin();
    probes->n_probes = 1;
    snprintf(probes->probes[0].name, sizeof probes->probes[0].name, "db");
    probes->n_series = 2;
    for (uint32_t i = 0; i < 2; i++) {
        probes->series[i].limit = i == 0 ? NAN : 20;
        probes->series[i].past_s = 1;
        snprintf(probes->series[i].name, sizeof probes->series[i].name, "%s",
                 i == 0 ? "locks" : "connections");
        for (uint32_t s = 0; s < 3; s++)
            probes->history[i][s] = (float)(10 * i + s);
    }
    probes->newest_s = 2;
    for (uint32_t i = 0; i < 3; i++)
        add_second(r, i);
    finish(r);
    ck_assert_double_eq(ask("SELECT count(*) FROM series"), 2);
    ck_assert_double_eq(
        ask("SELECT value FROM per_series WHERE name = 'connections' AND second = 2"), 12);
    ck_assert_double_eq(ask("SELECT bound FROM series WHERE name = 'connections'"), 20);
    ck_assert(isnan(ask("SELECT bound FROM series WHERE name = 'locks'")));
}
END_TEST

START_TEST(only_its_owner_reads_it)
{
    struct stat st;
    struct err e;
    finish(begin());
    ck_assert_int_eq(stat(path, &st), 0);
    ck_assert_uint_eq(st.st_mode & 0777, 0600);
    ck_assert_ptr_null(recording_create(path, &e)); /* nothing is overwritten */
    ck_assert_ptr_nonnull(strstr(e.text, "File exists"));
}
END_TEST

START_TEST(a_full_disk_stops_it)
{
    struct err e;
    struct rlimit all, little = {.rlim_cur = 400000};
    struct recording *r = begin();
    struct rng g;
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &all);
    little.rlim_max = all.rlim_max;
    setrlimit(RLIMIT_FSIZE, &little);
    rng_seed(&g, 9);
    for (uint32_t i = 0; i < 2000 && !recording_stopped(r, &e); i++) {
        struct second s;
        second_random(&s, &g);
        s.number = i;
        recording_add(&s, r);
        second_finish(&s);
    }
    recording_leave(r); /* which does not wait for ever */
    ck_assert(!recording_close(r, &snap, &e));
    setrlimit(RLIMIT_FSIZE, &all);
    ck_assert_ptr_nonnull(strstr(e.text, "has stopped"));
    struct recording_reader *back = recording_open(path, &e); /* and what it has is whole */
    ck_assert_msg(back != NULL, "%s", e.text);
    struct second s;
    enum recording_next got;
    while ((got = recording_next(back, &s, &e)) == RECORDING_SECOND)
        second_finish(&s);
    ck_assert_msg(got == RECORDING_END, "%s", e.text);
    recording_reader_close(back);
}
END_TEST

/* A disk that stalls: whoever writes to a file waits until it goes on. */
static pthread_mutex_t disk = PTHREAD_MUTEX_INITIALIZER;
static sqlite3_vfs slow;
static struct {
    const sqlite3_io_methods *plain; /* databases and journals have their own */
    sqlite3_io_methods slow;
} files[4];
static int (*plain_write)(sqlite3_file *f, const void *data, int len, sqlite3_int64 at);
static int (*plain_open)(sqlite3_vfs *v, sqlite3_filename name, sqlite3_file *f, int flags,
                         int *out);
static atomic_bool waits;

static int slow_write(sqlite3_file *f, const void *data, int len, sqlite3_int64 at)
{
    atomic_store(&waits, true);
    pthread_mutex_lock(&disk);
    pthread_mutex_unlock(&disk);
    atomic_store(&waits, false);
    return plain_write(f, data, len, at);
}

static int slow_open(sqlite3_vfs *v, sqlite3_filename name, sqlite3_file *f, int flags, int *out)
{
    int rc = plain_open(v, name, f, flags, out), i = 0;
    if (rc != SQLITE_OK)
        return rc;
    while (files[i].plain != NULL && files[i].plain != f->pMethods)
        i++;
    ck_assert_int_lt(i, 3);
    if (files[i].plain == NULL) {
        files[i].plain = f->pMethods;
        files[i].slow = *f->pMethods;
        plain_write = files[i].plain->xWrite; /* the same for all */
        files[i].slow.xWrite = slow_write;
    }
    f->pMethods = &files[i].slow;
    return rc;
}

START_TEST(a_disk_that_stalls_holds_up_nobody)
{
    struct err e;
    slow = *sqlite3_vfs_find(NULL);
    plain_open = slow.xOpen;
    slow.xOpen = slow_open;
    slow.zName = "slow";
    ck_assert_int_eq(sqlite3_vfs_register(&slow, 1), SQLITE_OK);
    struct recording *r = begin();
    pthread_mutex_lock(&disk);
    add_second(r, 0);
    while (!atomic_load(&waits))
        sched_yield();
    for (uint32_t i = 1; i < 1000; i++) /* none of which waits */
        add_second(r, i);
    recording_leave(r);
    ck_assert(!recording_close(r, &snap, &e));
    ck_assert_ptr_nonnull(strstr(e.text, "the disk takes nothing"));
    pthread_mutex_unlock(&disk); /* it goes on: its thread writes all, and is gone */
    struct stat st;
    char *log = mem_printf("%s-wal", path);
    for (int i = 0; stat(log, &st) == 0 && i < 2000; i++)
        nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    free(log);
    ck_assert_double_eq(ask("SELECT count(*) FROM second"), 1000);
}
END_TEST

START_TEST(a_run_that_was_refused_leaves_nothing)
{
    struct err e;
    struct recording *r = recording_create(path, &e);
    ck_assert_ptr_nonnull(r);
    ck_assert(recording_close(r, NULL, &e));
    ck_assert_int_ne(access(path, F_OK), 0);
}
END_TEST

/* A file of 1,000 bytes that was written so long ago. */
static void put_file(const char *name, time_t age_s)
{
    char file[128];
    const struct timespec when[2] = {{.tv_sec = time(NULL) - age_s},
                                     {.tv_sec = time(NULL) - age_s}};
    snprintf(file, sizeof file, "%s/%s", folder, name);
    int fd = open(file, O_WRONLY | O_CREAT, 0600);
    ck_assert(fd >= 0 && ftruncate(fd, 1000) == 0 && futimens(fd, when) == 0);
    close(fd);
}

static bool file_is_there(const char *name)
{
    char file[128];
    snprintf(file, sizeof file, "%s/%s", folder, name);
    return access(file, F_OK) == 0;
}

START_TEST(old_ones_are_removed)
{
    put_file("a.sqlite", 5000);
    put_file("b.sqlite", 300);
    put_file("c.sqlite", 200);
    put_file("d.sqlite", 100);
    put_file("notes.txt", 9000);
    ck_assert_uint_eq(recordings_prune(folder, 10000, 4000), 0);
    ck_assert_uint_eq(recordings_prune(folder, 1000, 4000), 1); /* by age */
    ck_assert(!file_is_there("a.sqlite") && file_is_there("b.sqlite"));
    ck_assert_uint_eq(recordings_prune(folder, 1000, 2500), 1); /* by size, the oldest */
    ck_assert(!file_is_there("b.sqlite") && file_is_there("c.sqlite"));
    ck_assert(file_is_there("d.sqlite") && file_is_there("notes.txt"));
    ck_assert_uint_eq(recordings_prune("/nowhere", 0, 0), 0);
}
END_TEST

START_TEST(what_is_none_is_refused)
{
    struct err e;
    ck_assert_ptr_null(recording_open("/dev/null", &e));
    ck_assert_ptr_nonnull(strstr(e.text, "no recording"));
    ck_assert_ptr_null(recording_open("/nowhere/run", &e));
    ck_assert_ptr_null(recording_create("/nowhere/run", &e));
    ck_assert_ptr_nonnull(strstr(e.text, "No such file"));
}
END_TEST

int main(void)
{
    Suite *s = suite_create("recording");
    TCase *tc = tcase_create("recording");
    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, seconds_come_back_as_they_were);
    tcase_add_test(tc, tables_tell_the_figures);
    tcase_add_test(tc, probes_are_told_by_name_whatever_their_place);
    tcase_add_test(tc, only_its_owner_reads_it);
    tcase_add_test(tc, a_full_disk_stops_it);
    tcase_add_test(tc, a_disk_that_stalls_holds_up_nobody);
    tcase_add_test(tc, a_run_that_was_refused_leaves_nothing);
    tcase_add_test(tc, old_ones_are_removed);
    tcase_add_test(tc, what_is_none_is_refused);
    suite_add_tcase(s, tc);
    return unit_run(s);
}
