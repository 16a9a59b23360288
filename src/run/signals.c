/* SPDX-License-Identifier: MIT */
#include "src/run/signals.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "src/base/now.h"

static const int watched[] = {SIGINT, SIGTERM, SIGQUIT, SIGTSTP, SIGCONT, SIGWINCH};
/* Each would end the process at once, with the terminal as it is and the report lost, and stops
 * the run instead, unless whoever started the program had it ignored. */
static const int fatal_unless_ignored[] = {SIGHUP,  SIGUSR1, SIGUSR2, SIGALRM,   SIGVTALRM,
                                           SIGPROF, SIGXCPU, SIGPWR,  SIGSTKFLT, SIGPOLL};

static struct {
    int fd;
    sigset_t before; /* the mask main was started with */
    int stop, stop_count;
    bool suspend, continued, resized;
} signals = {.fd = -1};

static void add_unless_ignored(sigset_t *set, int signo)
{
    struct sigaction now;
    if (sigaction(signo, NULL, &now) == 0 && now.sa_handler != SIG_IGN)
        sigaddset(set, signo);
}

static void fill_watched_set(sigset_t *set)
{
    sigemptyset(set);
    for (size_t i = 0; i < sizeof watched / sizeof *watched; i++)
        sigaddset(set, watched[i]);
    for (size_t i = 0; i < sizeof fatal_unless_ignored / sizeof *fatal_unless_ignored; i++)
        add_unless_ignored(set, fatal_unless_ignored[i]);
    for (int signo = SIGRTMIN; signo <= SIGRTMAX; signo++)
        add_unless_ignored(set, signo);
}

void signals_ignore_file_size(void)
{
    signal(SIGXFSZ, SIG_IGN);
}

void signals_install(void)
{
    sigset_t set;

    if (signals.fd >= 0)
        return;
    fill_watched_set(&set);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGCHLD, SIG_DFL); /* ignored by who started us, it would keep our children's ends */
    pthread_sigmask(SIG_BLOCK, &set, &signals.before);
    signals.fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    if (signals.fd < 0) /* no descriptor left: better killed by Ctrl-C than deaf to it */
        pthread_sigmask(SIG_SETMASK, &signals.before, NULL);
}

void signals_reset(void)
{
    if (signals.fd < 0)
        return;
    signal(SIGPIPE, SIG_DFL);
    pthread_sigmask(SIG_SETMASK, &signals.before, NULL);
    close(signals.fd);
    signals.fd = -1;
}

int signals_fd(void)
{
    return signals.fd;
}

static void note_signal(int signo)
{
    switch (signo) {
    case SIGTSTP:
        signals.suspend = true;
        break;
    case SIGCONT:
        signals.continued = true;
        break;
    case SIGWINCH:
        signals.resized = true;
        break;
    default:
        if (signals.stop == 0)
            signals.stop = signo;
        signals.stop_count++;
    }
}

/* Where the descriptor does not say it: a program that hears no signal can only be killed. */
static void drain_without_descriptor(void)
{
    const struct timespec at_once = {0};
    sigset_t set;
    int signo;
    fill_watched_set(&set);
    while ((signo = sigtimedwait(&set, NULL, &at_once)) > 0)
        note_signal(signo);
}

void signals_drain(void)
{
    struct signalfd_siginfo got[8];
    ssize_t n;
    while (signals.fd >= 0) {
        n = read(signals.fd, got, sizeof got);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno != EAGAIN)
            drain_without_descriptor();
        if (n < (ssize_t)sizeof *got)
            return;
        for (size_t i = 0; i < (size_t)n / sizeof *got; i++)
            note_signal((int)got[i].ssi_signo);
    }
}

int signals_stop(void)
{
    signals_drain();
    return signals.stop;
}

int signals_stop_count(void)
{
    signals_drain();
    return signals.stop_count;
}

bool signals_suspend_wanted(void)
{
    return signals.suspend;
}

uint64_t signals_suspend(void)
{
    sigset_t tstp;
    uint64_t from = now_ns();

    signals_drain();
    signals.suspend = signals.continued = false;
    sigemptyset(&tstp);
    sigaddset(&tstp, SIGTSTP);
    signal(SIGTSTP, SIG_DFL); /* curses may have put a handler of its own there */
    kill(getpid(), SIGTSTP);
    pthread_sigmask(SIG_UNBLOCK, &tstp, NULL); /* stopped here, until SIGCONT */
    pthread_sigmask(SIG_BLOCK, &tstp, NULL);
    signals_drain();
    bool stopped = signals.continued; /* a stop is seen by SIGCONT, not by how long it took */
    signals.continued = false;
    return stopped ? now_ns() - from : 0;
}

bool signals_continued(void)
{
    bool was = signals.continued;
    signals.continued = false;
    return was;
}

bool signals_resized(void)
{
    bool was = signals.resized;
    signals.resized = false;
    return was;
}
