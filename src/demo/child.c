/* SPDX-License-Identifier: MIT */
/* The demo target as a child process: started, known to listen, ended. */
#include "src/demo/demo.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "src/base/log.h"
#include "src/base/now.h"

#define READY_MS 10000
#define END_MS 3000

/* The pipe carries one line: the port, or FAILED and a sentence. */
#define FAILED '!'

static void forget_parents_signals(void)
{
    sigset_t none;
    sigemptyset(&none);
    for (int i = 1; i < NSIG; i++)
        signal(i, SIG_DFL);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static _Noreturn void child_main(const struct demo_config *cfg, int ready_fd, pid_t parent)
{
    struct err e = {{0}};
    forget_parents_signals();
    setpgid(0, 0);
    /* The pipe tells of the parent's end as well; this also works while another
     * child of the parent holds the pipe's other end. */
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent)
        _exit(0);
    /* Closes all other descriptors of the parent: a socket held here would stay open when
     * the parent closes it. */
    if (dup2(ready_fd, 3) == 3) {
        fcntl(3, F_SETFD, FD_CLOEXEC);
        close_range(4, ~0U, 0);
        ready_fd = 3;
    }
    int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (null_fd >= 0) {
        dup2(null_fd, 0);
        dup2(null_fd, 1);
        close(null_fd);
    }
    if (demo_serve(cfg, ready_fd, &e))
        _exit(0);
    signal(SIGPIPE, SIG_IGN);
    char line[sizeof e.text + 1] = {FAILED};
    memcpy(line + 1, e.text, sizeof e.text);
    ssize_t n = write(ready_fd, line, strlen(line));
    _exit(n > 0 ? 1 : 2);
}

/* Reads until the newline of the port or, for a sentence, the end. */
static size_t read_report(int fd, char *line, size_t size)
{
    size_t used = 0;
    uint64_t deadline_ns = now_ns() + READY_MS * NS_PER_MS;
    while (used + 1 < size && memchr(line, '\n', used) == NULL) {
        uint64_t t_ns = now_ns();
        if (t_ns >= deadline_ns)
            break;
        struct pollfd p = {.fd = fd, .events = POLLIN};
        if (poll(&p, 1, (int)((deadline_ns - t_ns) / NS_PER_MS) + 1) <= 0)
            continue;
        ssize_t n = read(fd, line + used, size - 1 - used);
        if (n == 0 || (n < 0 && errno != EINTR))
            break;
        used += n > 0 ? (size_t)n : 0;
    }
    line[used] = '\0';
    return used;
}

bool demo_spawn(const struct demo_config *cfg, struct demo_child *child, struct err *e)
{
    *child = (struct demo_child){.life_fd = -1};
    int pipe_fds[2];
    if (pipe2(pipe_fds, O_CLOEXEC) != 0)
        return err_set(e, "the demo target cannot start: %s", strerror(errno));
    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid == 0)
        child_main(cfg, pipe_fds[1], parent);
    close(pipe_fds[1]);
    if (pid < 0) {
        close(pipe_fds[0]);
        return err_set(e, "the demo target cannot start: %s", strerror(errno));
    }
    *child = (struct demo_child){.pid = pid, .life_fd = pipe_fds[0]};
    char line[ERR_TEXT_MAX + 2] = "";
    size_t n = read_report(child->life_fd, line, sizeof line);
    if (n > 0 && line[0] != FAILED && line[n - 1] == '\n') {
        child->port = (unsigned)strtoul(line, NULL, 10);
        return true;
    }
    demo_end(child);
    if (n > 0 && line[0] == FAILED)
        return err_set(e, "%s", line + 1);
    return err_set(e, "the demo target ended before it was ready");
}

/* A sentence that came after the port: the truth file has a hole, say. */
static void pass_on_last_words(int fd)
{
    char line[ERR_TEXT_MAX + 2] = "";
    struct pollfd p = {.fd = fd, .events = POLLIN};
    if (poll(&p, 1, 0) == 1 && read_report(fd, line, sizeof line) > 0 && line[0] == FAILED)
        log_warn("%s", line + 1);
}

void demo_end(struct demo_child *child)
{
    if (child->pid <= 0)
        return;
    kill(child->pid, SIGTERM);
    int pid_fd = pidfd_open(child->pid, 0), dead = 0;
    struct pollfd p = {.fd = pid_fd, .events = POLLIN};
    if (pid_fd < 0 || poll(&p, 1, END_MS) != 1)
        dead = kill(child->pid, SIGKILL);
    if (pid_fd >= 0)
        close(pid_fd);
    /* A child that cannot be killed is not waited for: it ends when it sees its parent gone. */
    while (dead == 0 && waitpid(child->pid, NULL, 0) < 0 && errno == EINTR)
        continue;
    if (child->life_fd >= 0) {
        pass_on_last_words(child->life_fd);
        close(child->life_fd);
    }
    *child = (struct demo_child){.life_fd = -1};
}
