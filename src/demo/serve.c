/* SPDX-License-Identifier: MIT */
/* The event loop around http.c: requests, what the database answers, the time of the next
 * reply to the nanosecond (timerfd), signals, and the parent's end of the life pipe. */
#include "src/demo/demo.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "src/base/now.h"
#include "src/demo/http.h"
#include "src/demo/plain.h"
#include "src/demo/handler.h"
#include "src/demo/access_log.h"

#define BACKLOG 16384    /* the kernel takes less if somaxconn says so */
#define FILES_FOR_US 64u /* files beside connections: loop, access log, library */

enum source { SOURCE_HTTP, SOURCE_DATABASE, SOURCE_TIMER, SOURCE_SIGNAL, SOURCE_LIFE, SOURCES };

struct loop {
    int epoll_fd, timer_fd, signal_fd, listen_fd;
    uint64_t timer_ns; /* when the timer fires; UINT64_MAX: off */
    sigset_t mask, old_mask;
    bool masked;
    struct handler *handler;
    struct postgres *database; /* the service's; NULL: none */
    struct http *http;
    struct access_log *log;
};

static unsigned raise_files(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return 1024;
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
        getrlimit(RLIMIT_NOFILE, &limit);
    return limit.rlim_cur > 1000000 ? 1000000 : (unsigned)limit.rlim_cur;
}

static bool listen_on_port(struct loop *l, unsigned *port, struct err *e)
{
    struct sockaddr_in a = {.sin_family = AF_INET,
                            .sin_port = htons((uint16_t)*port),
                            .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof a;
    int one = 1;
    l->listen_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (l->listen_fd < 0)
        return err_set(e, "the demo target cannot open a socket: %s", strerror(errno));
    /* Lets a restart take the port while old connections linger; two servers on one
     * port it does not allow. */
    setsockopt(l->listen_fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    setsockopt(l->listen_fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (bind(l->listen_fd, (struct sockaddr *)&a, sizeof a) != 0 ||
        listen(l->listen_fd, BACKLOG) != 0) {
        if (errno == EADDRINUSE)
            return err_set(e,
                           "port %u on 127.0.0.1 is taken by another program; choose another "
                           "port, or 0 for a free one",
                           *port);
        return err_set(e, "the demo target cannot listen on 127.0.0.1:%u: %s", *port,
                       strerror(errno));
    }
    if (getsockname(l->listen_fd, (struct sockaddr *)&a, &len) != 0)
        return err_set(e, "the demo target cannot tell which port it got: %s", strerror(errno));
    *port = ntohs(a.sin_port);
    return true;
}

static bool watch_source(struct loop *l, int fd, enum source source, uint32_t events)
{
    struct epoll_event ev = {.events = events, .data.u32 = source};
    return epoll_ctl(l->epoll_fd, EPOLL_CTL_ADD, fd, &ev) == 0;
}

static bool loop_open(struct loop *l, int ready_fd, struct err *e)
{
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGHUP);
    l->mask = ends;
    sigaddset(&l->mask, SIGPIPE); /* never read: a closed socket or pipe is an errno */
    l->masked = sigprocmask(SIG_BLOCK, &l->mask, &l->old_mask) == 0;
    l->signal_fd = signalfd(-1, &ends, SFD_CLOEXEC | SFD_NONBLOCK);
    l->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    l->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (!watch_source(l, l->signal_fd, SOURCE_SIGNAL, EPOLLIN) ||
        !watch_source(l, l->timer_fd, SOURCE_TIMER, EPOLLIN) ||
        !watch_source(l, http_epoll_fd(l->http), SOURCE_HTTP, EPOLLIN))
        return err_set(e, "the demo target cannot set up its event loop: %s", strerror(errno));
    if (l->database != NULL && !watch_source(l, l->database->epoll_fd, SOURCE_DATABASE, EPOLLIN))
        return err_set(e, "the demo target cannot watch its database: %s", strerror(errno));
    /* No events asked for: EPOLLERR and EPOLLHUP always come.  A regular file cannot be
     * watched and has no other end. */
    if (ready_fd >= 0 && !watch_source(l, ready_fd, SOURCE_LIFE, 0) && errno != EPERM)
        return err_set(e, "the demo target cannot watch its parent: %s", strerror(errno));
    return true;
}

static void loop_close(struct loop *l)
{
    int fds[] = {l->epoll_fd, l->timer_fd, l->signal_fd, l->listen_fd};
    for (size_t i = 0; i < sizeof fds / sizeof *fds; i++)
        if (fds[i] >= 0)
            close(fds[i]);
    if (!l->masked)
        return;
    /* A pending signal has been obeyed; it must not end the caller as well. */
    struct timespec now = {0};
    while (sigtimedwait(&l->mask, NULL, &now) > 0)
        continue;
    sigprocmask(SIG_SETMASK, &l->old_mask, NULL);
}

static uint64_t due_ns(const struct loop *l)
{
    uint64_t http_ns = http_due_ns(l->http);
    uint64_t db_ns = l->database != NULL ? postgres_due_ns(l->database) : UINT64_MAX;
    uint64_t first_ns = http_ns < db_ns ? http_ns : db_ns;
    return first_ns > 0 ? first_ns : 1; /* 0 would mean never */
}

static void set_timer(struct loop *l)
{
    uint64_t at_ns = due_ns(l);
    if (at_ns == l->timer_ns)
        return;
    struct itimerspec spec = {0};
    if (at_ns != UINT64_MAX) {
        spec.it_value.tv_sec = (time_t)(at_ns / NS_PER_S);
        spec.it_value.tv_nsec = (long)(at_ns % NS_PER_S);
    }
    timerfd_settime(l->timer_fd, TFD_TIMER_ABSTIME, &spec, NULL);
    l->timer_ns = at_ns;
}

static void timer_passed(struct loop *l)
{
    uint64_t times;
    if (read(l->timer_fd, &times, sizeof times) == (ssize_t)sizeof times)
        l->timer_ns = UINT64_MAX; /* a timer that fired is off */
}

static void loop_run(struct loop *l)
{
    bool more = true;
    for (;;) {
        struct epoll_event events[SOURCES];
        int wait_ms = access_log_tick(l->log, now_ns());
        int n = epoll_wait(l->epoll_fd, events, SOURCES, more ? 0 : wait_ms);
        bool work = more, waited = false;
        for (int i = 0; i < n; i++) {
            if (events[i].data.u32 == SOURCE_SIGNAL || events[i].data.u32 == SOURCE_LIFE)
                return;
            if (events[i].data.u32 == SOURCE_TIMER)
                timer_passed(l);
            waited = waited || events[i].data.u32 != SOURCE_HTTP;
            work = true;
        }
        if (waited && l->database != NULL)
            handler_database_ready(l->handler);
        if (work)
            more = http_run(l->http);
        set_timer(l);
    }
}

static bool announce_port(int ready_fd, unsigned port, struct err *e)
{
    char line[16];
    int len = snprintf(line, sizeof line, "%u\n", port);
    if (ready_fd >= 0 && write(ready_fd, line, (size_t)len) != len)
        return err_set(e, "the demo target cannot tell its port: %s", strerror(errno));
    return true;
}

/* *plain: the description, if it has to be made. */
static bool open_handler(struct loop *l, const struct demo_config *cfg, struct description **plain,
                         struct err *e)
{
    const struct postgres_config pc = {
        .dsn = cfg->postgres, .pool = cfg->servers, .queue = cfg->queue, .seed = cfg->seed};
    if (cfg->postgres != NULL && (l->database = postgres_open(&pc, e)) == NULL)
        return false;
    if (cfg->description == NULL && (*plain = plain_describe(cfg, e)) == NULL) {
        postgres_close(l->database);
        return false;
    }
    l->handler = handler_create(*plain != NULL ? *plain : cfg->description, cfg->seed, l->database);
    return true;
}

bool demo_serve(const struct demo_config *cfg, int ready_fd, struct err *e)
{
    if (!demo_check(cfg, e))
        return false;
    struct loop l = {
        .epoll_fd = -1, .timer_fd = -1, .signal_fd = -1, .listen_fd = -1, .timer_ns = UINT64_MAX};
    struct description *plain = NULL;
    if (!open_handler(&l, cfg, &plain, e))
        return false;
    unsigned port = cfg->port;
    unsigned files = raise_files();
    unsigned ours = FILES_FOR_US + (cfg->postgres != NULL ? cfg->servers : 0);
    unsigned connections = files > 2 * ours ? files - ours : files / 2;
    bool ok = listen_on_port(&l, &port, e) &&
              (cfg->truth == NULL || (l.log = access_log_open(cfg->truth, e)) != NULL) &&
              (l.http = http_start(l.handler, l.listen_fd, connections, l.log, e)) != NULL &&
              loop_open(&l, ready_fd, e) && announce_port(ready_fd, port, e);
    if (ok)
        loop_run(&l);
    http_stop(l.http);
    handler_free(l.handler);
    description_free(plain);
    ok = access_log_close(l.log, ok ? e : NULL) && ok;
    loop_close(&l);
    return ok;
}
