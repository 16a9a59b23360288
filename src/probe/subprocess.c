/* SPDX-License-Identifier: MIT */
#include "src/probe/subprocess.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "src/base/mem.h"
#include "src/base/now.h"
#include "src/base/words.h"
#include "src/probe/guard.h"
#include "src/probe/readfile.h"

extern char **environ;

/* Returns whether a program gets the variable: only those that programs need to work at all,
 * since any other may be a secret of the user's. */
static bool variable_is_passed_on(const char *variable, bool to_ssh)
{
    static const char *const names[] = {
        "PATH=",   "HOME=",           "USER=", "LOGNAME=", "SHELL=",
        "TMPDIR=", "LANG=",           "TZ=",   "LC_",      "XDG_RUNTIME_DIR=",
        "DOCKER_", "CONTAINER_HOST=", NULL};
    static const char agent[] = "SSH_AUTH_SOCK=";
    return words_begin(names, variable) ||
           (to_ssh && strncmp(variable, agent, sizeof agent - 1) == 0);
}

static bool is_listed_variable(const char *variable, const char *const names[])
{
    for (size_t i = 0; names != NULL && names[i] != NULL; i++) {
        size_t len = strlen(names[i]);
        if (strncmp(variable, names[i], len) == 0 && variable[len] == '=')
            return true;
    }
    return false;
}

/* Returns an array that ends with NULL; only the array itself is owned. */
static char **minimal_environment(bool to_ssh, const char *const more[])
{
    size_t n = 0, kept = 0;
    while (environ != NULL && environ[n] != NULL)
        n++;
    char **out = mem_array(n + 1, sizeof *out);
    for (size_t i = 0; i < n; i++)
        if (variable_is_passed_on(environ[i], to_ssh) || is_listed_variable(environ[i], more))
            out[kept++] = environ[i];
    return out;
}

static void close_pipe_ends(int fds[2])
{
    for (int i = 0; i < 2; i++)
        if (fds[i] >= 0)
            close(fds[i]);
}

static bool prepare_spawn(posix_spawn_file_actions_t *files, posix_spawnattr_t *attr,
                          const int out[2], const int err[2])
{
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    return posix_spawn_file_actions_addopen(files, 0, "/dev/null", O_RDONLY, 0) == 0 &&
           posix_spawn_file_actions_adddup2(files, out[1], 1) == 0 &&
           posix_spawn_file_actions_adddup2(files, err[1], 2) == 0 &&
           posix_spawn_file_actions_addclosefrom_np(files, 3) == 0 &&
           posix_spawnattr_setsigmask(attr, &none) == 0 &&
           posix_spawnattr_setsigdefault(attr, &all) == 0 &&
           posix_spawnattr_setpgroup(attr, 0) == 0 &&
           posix_spawnattr_setflags(attr, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
                                              POSIX_SPAWN_SETSIGDEF) == 0;
}

static int spawn_program(struct subprocess *c, const char *const argv[], const char *const more[],
                         const int out[2], const int err[2])
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attr;
    posix_spawn_file_actions_init(&files);
    posix_spawnattr_init(&attr);
    char **environment = minimal_environment(strcmp(argv[0], "ssh") == 0, more);
    int why = prepare_spawn(&files, &attr, out, err)
                  ? posix_spawnp(&c->pid, argv[0], &files, &attr, (char *const *)argv, environment)
                  : ENOMEM;
    free(environment);
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attr);
    return why;
}

bool subprocess_start(struct subprocess *c, const char *const argv[], const char *const more[],
                      struct err *e)
{
    int out[2] = {-1, -1}, err[2] = {-1, -1};
    *c = (struct subprocess){.out_fd = -1, .err_fd = -1};
    int why = pipe2(out, O_CLOEXEC) != 0 || pipe2(err, O_CLOEXEC) != 0
                  ? errno
                  : spawn_program(c, argv, more, out, err);
    if (why != 0) {
        close_pipe_ends(out);
        close_pipe_ends(err);
        c->pid = 0;
        return err_set(e, "%.200s cannot be run: %s%s", argv[0], strerror(why),
                       why == ENOENT ? "; is it installed, and in PATH?" : ".");
    }
    guard_add(c->pid);
    close(out[1]);
    close(err[1]);
    c->out_fd = out[0];
    c->err_fd = err[0];
    fcntl(c->out_fd, F_SETFL, O_NONBLOCK);
    fcntl(c->err_fd, F_SETFL, O_NONBLOCK);
    return true;
}

static void store_rusage(struct subprocess *c, const struct rusage *used)
{
    uint64_t us = ((uint64_t)used->ru_utime.tv_sec + (uint64_t)used->ru_stime.tv_sec) * 1000000 +
                  (uint64_t)used->ru_utime.tv_usec + (uint64_t)used->ru_stime.tv_usec;
    c->cpu_ns = us * NS_PER_US;
    c->pid = 0;
}

bool subprocess_ended(struct subprocess *c)
{
    struct rusage used;
    if (c->pid == 0)
        return true;
    if (wait4(c->pid, &c->status, WNOHANG, &used) != c->pid)
        return false;
    c->group = c->pid;
    kill(-c->group, SIGTERM); /* processes left behind in its group */
    store_rusage(c, &used);
    return true;
}

uint64_t subprocess_cpu_ns(const struct subprocess *c)
{
    char path[40], text[64];
    snprintf(path, sizeof path, "/proc/%d/schedstat", (int)c->pid);
    return c->pid > 0 && readfile(path, text, sizeof text) > 0 ? strtoull(text, NULL, 10) : 0;
}

bool subprocess_ends_within(struct subprocess *c, uint64_t ns)
{
    const struct timespec pause = {.tv_nsec = 2000000};
    uint64_t until = now_ns() + ns;
    while (!subprocess_ended(c)) {
        if (now_ns() >= until)
            return false;
        nanosleep(&pause, NULL);
    }
    return true;
}

/* Ends processes left behind in a group that has had its TERM; nearly always there are none. */
static void end_left_group(pid_t group, uint64_t grace_ns)
{
    const struct timespec pause = {.tv_nsec = 2000000};
    uint64_t until = now_ns() + grace_ns;
    while (kill(-group, 0) == 0) {
        if (now_ns() >= until) {
            kill(-group, SIGKILL);
            return;
        }
        nanosleep(&pause, NULL);
    }
}

void subprocess_end(struct subprocess *c, uint64_t grace_ns)
{
    pid_t group = c->pid;
    struct rusage used;
    if (group != 0) {
        kill(-group, SIGTERM);
        bool ended = subprocess_ends_within(c, grace_ns);
        kill(-group, SIGKILL); /* also processes of its group that ignore TERM */
        if (!ended && wait4(c->pid, &c->status, 0, &used) == c->pid)
            store_rusage(c, &used);
    } else if (c->group != 0) {
        end_left_group(c->group, grace_ns);
        group = c->group;
    }
    if (group != 0)
        guard_remove(group);
    if (c->out_fd >= 0)
        close(c->out_fd);
    if (c->err_fd >= 0)
        close(c->err_fd);
    c->pid = c->group = 0;
    c->out_fd = c->err_fd = -1;
}

void subprocess_status(const struct subprocess *c, char *out, int size)
{
    int code = WIFEXITED(c->status) ? WEXITSTATUS(c->status) : 0;
    if (WIFSIGNALED(c->status))
        snprintf(out, (size_t)size, "killed by signal %d (%s)", WTERMSIG(c->status),
                 strsignal(WTERMSIG(c->status)));
    else
        snprintf(out, (size_t)size, "exit status %d%s", code,
                 code == 127   ? " (not found)"
                 : code == 126 ? " (not executable)"
                               : "");
}
