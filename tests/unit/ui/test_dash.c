/* SPDX-License-Identifier: MIT */
/* The whole console in one process: a real session, a terminal whose keys the test types
 * from a second thread, and the session's own figures to see what they did.  The load is
 * held from the first key on, so nothing is requested. */
#include <check.h>
#include <locale.h>
#include <poll.h>
#include <pthread.h>
#include <pty.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "src/base/now.h"
#include "src/profile/profile.h"
#include "src/run/session.h"
#include "src/run/signals.h"
#include "tests/unit/unit.h"
#include "ui/dash.h"
#include "ui/tty.h"

static int master, slave;
static struct session *session;
static struct run_source source;
static struct tty *tty;
static struct profile *profile;
static char folder[] = "/tmp/ramptop-dash-XXXXXX";
static char saved[64];
static pthread_t reader;
static atomic_bool done;

/* Keeps the terminal empty; what is on it is the views' tests' matter. */
static void *read_terminal(void *arg)
{
    char bytes[4096];
    (void)arg;
    while (!atomic_load_explicit(&done, memory_order_relaxed)) {
        struct pollfd p = {master, POLLIN, 0};
        if (poll(&p, 1, 20) > 0 && read(master, bytes, sizeof bytes) < 0)
            break;
    }
    return NULL;
}

static void open_console(uint64_t run_time_ns)
{
    char device[64];
    struct winsize size = {.ws_row = 40, .ws_col = 120};
    struct err e = {{0}};
    struct problems problems = {0};

    setlocale(LC_ALL, "C.UTF-8");
    setenv("TERM", "xterm-256color", 1);
    signals_install();
    ck_assert_int_eq(openpty(&master, &slave, device, NULL, &size), 0);
    profile = profile_from_url("http://127.0.0.1:9/", &(struct profile_overrides){0}, &problems);
    ck_assert_ptr_nonnull(profile);
    session = session_open(
        &(struct session_config){
            .profile = profile, .users_set = true, .workers = 1, .run_time_ns = run_time_ns},
        &e);
    ck_assert_msg(session != NULL, "%s", e.text);
    source = session_source(session);
    tty = tty_open(&(struct tty_options){.color = true, .device = device}, &e);
    ck_assert_msg(tty != NULL, "%s", e.text);
    atomic_store(&done, false);
    pthread_create(&reader, NULL, read_terminal, NULL);
}

static void close_console(void)
{
    tty_close(tty);
    session_close(session, NS_PER_S, NULL);
    atomic_store(&done, true);
    pthread_join(reader, NULL);
    profile_unref(profile);
    close(slave);
    close(master);
}

static void type(const char *keys)
{
    ssize_t n = write(master, keys, strlen(keys));
    (void)n; /* what was not typed is missed by the next wait */
}

/* ------------------------------------------------------------- a user and his keys */

static bool has_mark(const struct snapshot *s, const char *text)
{
    for (uint32_t i = 0; i < s->n_marks; i++) {
        if (strcmp(s->marks[i].text, text) == 0)
            return true;
    }
    return false;
}

static bool is_saved(const struct snapshot *s, const char *text)
{
    char line[512] = "";
    FILE *f = fopen(saved, "r");
    (void)s;
    if (f == NULL)
        return false;
    bool found = false;
    while (!found && fgets(line, sizeof line, f) != NULL)
        found = strstr(line, text) != NULL;
    fclose(f);
    return found;
}

static bool has_probe(const struct snapshot *s, const char *name)
{
    static struct probe_snapshot probe_snap;
    (void)s;
    session_probe_snapshot(session, &probe_snap);
    for (uint32_t i = 0; i < probe_snap.n_probes; i++)
        if (strcmp(probe_snap.probes[i].name, name) == 0)
            return true;
    return false;
}

static const struct keystroke {
    const char *keys;
    int64_t users; /* wanted then, -1: not looked at */
    int window;    /* -1: not looked at */
    bool (*also)(const struct snapshot *s, const char *text);
    const char *text;
} script[] = {
    {" ", 0, -1, has_mark, "held"},
    {"+", 1, -1, NULL, NULL},
    {"++", 3, -1, NULL, NULL}, /* the second starts from the first, not from the snapshot */
    {"]", 13, -1, NULL, NULL},
    {"-", 12, -1, NULL, NULL},
    {"=100\r", 12, -1, NULL, NULL}, /* asks ... */
    {"\rm after no\r", 12, -1, has_mark, "after no"},
    {"=100\ry", 100, -1, NULL, NULL},
    {"u", 12, -1, NULL, NULL},
    {"ww", -1, SNAP_ALL, NULL, NULL},
    {"w", -1, SNAP_1S, NULL, NULL},
    {"mdeploy\r", -1, -1, has_mark, "deploy"},
    {":users 15\r", 15, -1, NULL, NULL},
    {":us\t20\r", 20, -1, NULL, NULL},
    {":\x1b[A\x1b[A\r", 15, -1, NULL, NULL},           /* the line before the last */
    {"\x1b[200~]]q\ry\x1b[201~+", 16, -1, NULL, NULL}, /* what is pasted is no key */
    {":users \x1b[200~15\r\n\x1b[201~\r", 15, -1, NULL, NULL},
    {":probe ho\t\r", 15, -1, has_probe, "host"},
    {"6jjcK\r\r1", 15, -1, NULL, NULL},
    {"rx\r5\r", 15, -1, NULL, NULL}, /* an error, then a key that does nothing */
    {":profile /nowhere/at/all.cfg\r", 15, -1, NULL, NULL},
    {"\x1b", 15, -1, NULL, NULL},
    {"\x0c?\t\tfgg", 15, -1, NULL, NULL},
    {NULL, 0, 0, NULL, NULL},
};

static const struct keystroke *failed_step;
static int64_t failed_users;

static bool reached(const struct keystroke *step, const struct snapshot *s)
{
    return (step->users < 0 || s->run.users_wanted == (uint64_t)step->users) &&
           (step->window < 0 || (int)s->run.window == step->window) &&
           (step->also == NULL || step->also(s, step->text));
}

static bool wait_for(const struct keystroke *step)
{
    static struct snapshot s;
    uint64_t deadline = now_ns() + 20 * NS_PER_S;
    for (;;) {
        session_snapshot(session, &s);
        if (reached(step, &s))
            return true;
        if (now_ns() > deadline)
            break;
        poll(NULL, 0, 10);
    }
    failed_step = step;
    failed_users = s.run.users_wanted;
    return false;
}

static void *play(void *arg)
{
    (void)arg;
    for (const struct keystroke *step = script; step->keys != NULL; step++) {
        type(step->keys);
        if (!wait_for(step))
            break;
    }
    char line[128];
    snprintf(line, sizeof line, ":save %s\r", saved);
    type(line);
    if (failed_step == NULL)
        wait_for(&(struct keystroke){"save", -1, -1, is_saved, "127.0.0.1:9"});
    type("\x1b\x1b\x1b");
    poll(NULL, 0, 100); /* an Esc directly before a letter would be Alt and that letter */
    type("q");
    return NULL;
}

START_TEST(keys_drive_the_session)
{
    pthread_t user;
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(saved, sizeof saved, "%s/screen.txt", folder);
    open_console(0);
    pthread_create(&user, NULL, play, NULL);
    enum dash_end end =
        dash_run(&source, tty, &(struct dash_options){.chars = -1, .profile_dir = folder});
    pthread_join(user, NULL);
    ck_assert_msg(failed_step == NULL, "\"%s\" led to %ld users wanted",
                  failed_step != NULL ? failed_step->keys : "", (long)failed_users);
    ck_assert_int_eq(end, DASH_QUIT);
    close_console();
    unlink(saved);
    rmdir(folder);
}
END_TEST

/* ---------------------------------------------------------------- the ways it ends */

START_TEST(a_signal_ends_it)
{
    open_console(0);
    kill(getpid(), SIGTERM);
    ck_assert_int_eq(dash_run(&source, tty, &(struct dash_options){.chars = -1}), DASH_SIGNAL);
    close_console();
}
END_TEST

START_TEST(a_hang_up_ends_it)
{
    open_console(0);
    atomic_store(&done, true);
    pthread_join(reader, NULL);
    close(slave);
    close(master);
    ck_assert_int_eq(dash_run(&source, tty, &(struct dash_options){.chars = -1}), DASH_HANGUP);
    tty_close(tty);
    session_close(session, NS_PER_S, NULL);
    profile_unref(profile);
}
END_TEST

START_TEST(the_end_of_the_run_ends_it_when_asked_to)
{
    open_console(NS_PER_S / 10);
    ck_assert_int_eq(
        dash_run(&source, tty, &(struct dash_options){.chars = -1, .quit_when_done = true}),
        DASH_FINISHED);
    close_console();
}
END_TEST

static void *quit_when_over(void *arg)
{
    static struct snapshot s;
    uint64_t deadline = now_ns() + 20 * NS_PER_S;
    (void)arg;
    do {
        poll(NULL, 0, 10);
        session_snapshot(session, &s);
    } while (s.run.state != SNAP_DONE && now_ns() < deadline);
    type("q");
    return NULL;
}

START_TEST(a_finished_run_stays_on_screen_until_q)
{
    pthread_t user;
    open_console(NS_PER_S / 10);
    pthread_create(&user, NULL, quit_when_over, NULL);
    ck_assert_int_eq(dash_run(&source, tty, &(struct dash_options){.chars = -1}), DASH_FINISHED);
    pthread_join(user, NULL);
    close_console();
}
END_TEST

int main(void)
{
    Suite *s = suite_create("dash");
    TCase *t = tcase_create("dash");
    suite_add_tcase(s, t);
    tcase_set_timeout(t, 120);
    tcase_add_test(t, keys_drive_the_session);
    tcase_add_test(t, a_signal_ends_it);
    tcase_add_test(t, a_hang_up_ends_it);
    tcase_add_test(t, the_end_of_the_run_ends_it_when_asked_to);
    tcase_add_test(t, a_finished_run_stays_on_screen_until_q);
    return unit_run(s);
}
