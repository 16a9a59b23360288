/* SPDX-License-Identifier: MIT */
/* Signals as a descriptor: noted, counted, suspended and continued, in real processes. */
#include <check.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "src/base/now.h"
#include "src/run/signals.h"
#include "tests/unit/unit.h"

static void wait_readable(void)
{
    struct pollfd p = {signals_fd(), POLLIN, 0};
    ck_assert_int_eq(poll(&p, 1, 10000), 1);
}

START_TEST(the_first_stop_signal_counts)
{
    signals_install();
    signals_install(); /* once is enough */
    ck_assert_int_eq(signals_stop(), 0);
    kill(getpid(), SIGTERM);
    wait_readable();
    ck_assert_int_eq(signals_stop(), SIGTERM);
    kill(getpid(), SIGINT);
    ck_assert_int_eq(signals_stop(), SIGTERM);
    ck_assert_int_eq(signals_stop_count(), 2);
    kill(getpid(), SIGPIPE); /* ignored */
}
END_TEST

START_TEST(size_and_stop_key_are_told_once)
{
    signals_install();
    kill(getpid(), SIGWINCH);
    wait_readable();
    signals_drain();
    ck_assert(signals_resized());
    ck_assert(!signals_resized());
    ck_assert(!signals_suspend_wanted());
    kill(getpid(), SIGTSTP);
    signals_drain();
    ck_assert(signals_suspend_wanted());
    ck_assert(signals_suspend_wanted()); /* until it is carried out */
}
END_TEST

START_TEST(nohup_is_respected)
{
    signal(SIGHUP, SIG_IGN);
    signals_install();
    kill(getpid(), SIGHUP);
    ck_assert_int_eq(signals_stop(), 0);
}
END_TEST

START_TEST(what_would_end_the_process_stops_the_run)
{
    const int ends[] = {SIGHUP,  SIGUSR1, SIGUSR2, SIGALRM,   SIGVTALRM, SIGPROF,
                        SIGXCPU, SIGPWR,  SIGPOLL, SIGSTKFLT, SIGRTMAX};
    signal(ends[_i], SIG_DFL); /* whoever runs the tests may have it ignored */
    signals_install();
    kill(getpid(), ends[_i]);
    wait_readable();
    ck_assert_int_eq(signals_stop(), ends[_i]);
}
END_TEST

START_TEST(what_was_ignored_stays_ignored)
{
    signal(SIGUSR1, SIG_IGN);
    signals_install();
    kill(getpid(), SIGUSR1);
    ck_assert_int_eq(signals_stop(), 0);
}
END_TEST

/* As some supervisors start their programs. */
START_TEST(ends_of_children_are_ours)
{
    int status;
    signal(SIGCHLD, SIG_IGN);
    signals_install();
    pid_t child = fork();
    if (child == 0)
        _exit(7);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 7);
}
END_TEST

static void *mask_of_thread(void *arg)
{
    pthread_sigmask(SIG_SETMASK, NULL, arg);
    return NULL;
}

START_TEST(later_threads_take_no_signals)
{
    sigset_t mask;
    pthread_t thread;
    signals_install();
    pthread_create(&thread, NULL, mask_of_thread, &mask);
    pthread_join(thread, NULL);
    ck_assert(sigismember(&mask, SIGINT) && sigismember(&mask, SIGTSTP));
    ck_assert(!sigismember(&mask, SIGSEGV));
}
END_TEST

START_TEST(a_child_starts_as_we_were_started)
{
    signals_install();
    pid_t child = fork();
    if (child == 0) {
        signals_reset();
        kill(getpid(), SIGTERM);
        _exit(0);
    }
    int status;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
    ck_assert(signals_fd() >= 0);
}
END_TEST

/* The child is the stopped program, we are its shell: a process group of its own with a
 * parent in another one of the same session, so that it may be stopped. */
static void be_suspended(int out)
{
    char result[3];
    signals_install();
    kill(getpid(), SIGTSTP);
    signals_drain();
    uint64_t ns = signals_suspend();
    result[0] = ns >= 20 * NS_PER_MS;     /* as long as the parent waited */
    result[1] = signals_suspend_wanted(); /* carried out */
    result[2] = signals_continued();      /* our own stop, not somebody else's */
    _exit(write(out, result, sizeof result) == sizeof result ? 0 : 1);
}

START_TEST(ctrl_z_stops_and_tells_for_how_long)
{
    int pipes[2], status;
    char result[3];
    ck_assert_int_eq(pipe(pipes), 0);
    pid_t child = fork();
    if (child == 0) {
        setpgid(0, 0);
        be_suspended(pipes[1]);
    }
    ck_assert_int_eq(waitpid(child, &status, WUNTRACED), child);
    ck_assert(WIFSTOPPED(status) && WSTOPSIG(status) == SIGTSTP);
    uint64_t from = now_ns();
    while (now_ns() - from < 30 * NS_PER_MS)
        poll(NULL, 0, 5);
    kill(child, SIGCONT);
    ck_assert_int_eq((int)read(pipes[0], result, sizeof result), (int)sizeof result);
    ck_assert_int_eq(result[0], 1);
    ck_assert_int_eq(result[1], 0);
    ck_assert_int_eq(result[2], 0);
    waitpid(child, &status, 0);
    ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}
END_TEST

/* Its parent is of another session, so nobody could continue it: the kernel does not stop it. */
START_TEST(what_no_shell_could_continue_was_not_stopped)
{
    int pipes[2], status;
    char result[3];
    ck_assert_int_eq(pipe(pipes), 0);
    pid_t child = fork();
    if (child == 0) {
        setsid();
        signals_install();
        kill(getpid(), SIGCONT); /* one from before proves nothing */
        kill(getpid(), SIGTSTP);
        signals_drain();
        result[0] = signals_suspend() == 0;
        _exit(write(pipes[1], result, 1) == 1 ? 0 : 1);
    }
    ck_assert_int_eq((int)read(pipes[0], result, 1), 1);
    ck_assert_int_eq(result[0], 1);
    waitpid(child, &status, 0);
    ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}
END_TEST

START_TEST(a_stop_from_outside_is_noticed)
{
    int pipes[2], status;
    char result;
    ck_assert_int_eq(pipe(pipes), 0);
    pid_t child = fork();
    if (child == 0) {
        signals_install();
        kill(getpid(), SIGSTOP);
        struct pollfd p = {signals_fd(), POLLIN, 0};
        poll(&p, 1, 10000);
        signals_drain();
        result = signals_continued() && !signals_continued();
        _exit(write(pipes[1], &result, 1) == 1 ? 0 : 1);
    }
    ck_assert_int_eq(waitpid(child, &status, WUNTRACED), child);
    ck_assert(WIFSTOPPED(status));
    kill(child, SIGCONT);
    ck_assert_int_eq((int)read(pipes[0], &result, 1), 1);
    ck_assert_int_eq(result, 1);
    waitpid(child, &status, 0);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("signals");
    TCase *t = tcase_create("signals");
    suite_add_tcase(s, t);
    tcase_set_timeout(t, 30);
    tcase_add_test(t, the_first_stop_signal_counts);
    tcase_add_test(t, size_and_stop_key_are_told_once);
    tcase_add_test(t, nohup_is_respected);
    tcase_add_loop_test(t, what_would_end_the_process_stops_the_run, 0, 11);
    tcase_add_test(t, what_was_ignored_stays_ignored);
    tcase_add_test(t, ends_of_children_are_ours);
    tcase_add_test(t, later_threads_take_no_signals);
    tcase_add_test(t, a_child_starts_as_we_were_started);
    tcase_add_test(t, ctrl_z_stops_and_tells_for_how_long);
    tcase_add_test(t, what_no_shell_could_continue_was_not_stopped);
    tcase_add_test(t, a_stop_from_outside_is_noticed);
    return unit_run(s);
}
