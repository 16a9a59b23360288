/* SPDX-License-Identifier: MIT */
#include "src/probe/guard.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#define GROUPS_MAX 256 /* at once; a probe has one */
#define GUARD_GRACE_NS 200000000

static int guard_fd = -1; /* the guard's pipe: a group to add, or its negative to remove */
static pthread_once_t guard_once = PTHREAD_ONCE_INIT;

/* -------------------------------------------------------------- in the guard */
/* Code after fork in a program with threads: system calls alone. */

static void update_group(pid_t groups[GROUPS_MAX], pid_t message)
{
    pid_t from = message > 0 ? 0 : -message, to = message > 0 ? message : 0;
    for (size_t i = 0; i < GROUPS_MAX; i++) {
        if (groups[i] == from) {
            groups[i] = to;
            return;
        }
    }
}

static void end_groups(const pid_t groups[GROUPS_MAX])
{
    const struct timespec grace = {.tv_nsec = GUARD_GRACE_NS};
    bool any = false;
    for (size_t i = 0; i < GROUPS_MAX; i++)
        any = (groups[i] != 0 && kill(-groups[i], SIGTERM) == 0) || any;
    if (any)
        nanosleep(&grace, NULL);
    for (size_t i = 0; i < GROUPS_MAX; i++)
        if (groups[i] != 0)
            kill(-groups[i], SIGKILL);
}

static _Noreturn void guard_main(int in)
{
    pid_t groups[GROUPS_MAX] = {0}, message;
    ssize_t n;
    setpgid(0, 0); /* away from Ctrl-C */
    prctl(PR_SET_NAME, "ramptop-guard");
    if (in != 0)
        dup2(in, 0);
    close_range(1, ~0U, 0);
    while ((n = read(0, &message, sizeof message)) == (ssize_t)sizeof message ||
           (n < 0 && errno == EINTR))
        if (n > 0)
            update_group(groups, message);
    end_groups(groups);
    _exit(0);
}

/* ------------------------------------------------------------------- with us */

static void start_guard(void)
{
    int fds[2];
    sigset_t all, before;
    if (pipe2(fds, O_CLOEXEC) != 0)
        return;
    sigfillset(&all); /* stay blocked in the guard: only the pipe ends it */
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pid_t pid = fork();
    if (pid == 0)
        guard_main(fds[0]);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    close(fds[0]);
    if (pid > 0)
        guard_fd = fds[1];
    else
        close(fds[1]);
}

/* Sends a message shorter than PIPE_BUF, so that those of several threads do not mix. */
static void write_guard(pid_t message)
{
    pthread_once(&guard_once, start_guard);
    while (guard_fd >= 0 && write(guard_fd, &message, sizeof message) < 0 && errno == EINTR)
        continue;
}

void guard_add(pid_t group)
{
    write_guard(group);
}

void guard_remove(pid_t group)
{
    write_guard(-group);
}
