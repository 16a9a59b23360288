/* SPDX-License-Identifier: MIT */
/* fail_calls - makes chosen calls of a program fail, to see what it does then.
 *
 *     LD_PRELOAD=tests/tools/fail_calls.so FAIL_CALL=socket:3:EMFILE ramptop ...
 *
 * FAIL_CALL is CALL:WHEN[:ERROR], several separated by commas:
 *
 *     socket:3:EMFILE       the third socket() of the process fails once
 *     socket:3+:EMFILE      the third and all behind it
 *     socket:3-9:EMFILE     the third to the ninth
 *     own.write:1:EIO       counts and fails only what the program calls itself, not its libraries
 *     alloc:17              allocations of all kinds: always the program's own only, because
 *                           libraries crash without memory by themselves; ENOMEM
 *
 * CALL is a name of the table below: what several functions do alike has one name (`open` is
 * openat, open64, fopen and mkstemp too, `send` is sendto and sendmsg).  What the C library
 * calls inside itself is not seen: the write under fflush, the clone under fork.
 *
 *     FAIL_PROGRAM=ramptop  only in the program of this name (the default); its forks count on
 *                           with it, what they execute is left alone
 *     FAIL_LOG=FILE         a line for each of the first failures: "socket 3 EMFILE", callers
 *     FAIL_COUNT=FILE       receives how often each call was made: records of 32 bytes, a name
 *                           of 16, then two numbers of 8: all calls, the program's own
 *     FAIL_OPEN=FILE        receives at the end what descriptors were left open, a line each
 *
 * The callers are as in "ramptop+0x1234", for addr2line -e.
 *
 * A spec that cannot be read ends the program with 125 at its start.  Calls under the pressure of
 * several threads are counted in the order in which they come: a number is the same call in
 * each run only as far as the program is.  Needs the GNU C library. */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <link.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#define CALLS(X)                                                                                   \
    X(alloc)                                                                                       \
    X(open)                                                                                        \
    X(close) X(read) X(write) X(fcntl) X(ioctl) X(lseek) X(stat) X(access) X(rename) X(unlink)     \
        X(mkdir) X(opendir) X(readdir) X(fsync) X(dup) X(memfd_create) X(pipe) X(fflush) X(fclose) \
            X(socket) X(bind) X(listen) X(connect) X(accept) X(send) X(recv) X(getsockname)        \
                X(getsockopt) X(setsockopt) X(poll) X(epoll_create) X(epoll_ctl) X(epoll_wait)     \
                    X(eventfd) X(timerfd_create) X(timerfd_settime) X(signalfd) X(fork) X(spawn)   \
                        X(waitpid) X(pidfd_open) X(kill) X(pthread_create) X(tcgetattr)            \
                            X(tcsetattr) X(getrandom) X(getrlimit) X(setrlimit) X(realpath)        \
                                X(getaddrinfo)

#define ENUMERATED(name) CALL_##name,
#define NAMED(name) #name,
enum call { CALLS(ENUMERATED) CALL_NUM };
static const char *const call_names[] = {CALLS(NAMED)};

/* clang-format off */
static const struct error_name {
    const char *name;
    int number;
} errors[] = {
    {"EACCES", EACCES}, {"EADDRINUSE", EADDRINUSE}, {"EADDRNOTAVAIL", EADDRNOTAVAIL},
    {"EAGAIN", EAGAIN}, {"EBADF", EBADF}, {"ECONNREFUSED", ECONNREFUSED},
    {"ECONNRESET", ECONNRESET}, {"EEXIST", EEXIST}, {"EINTR", EINTR}, {"EINVAL", EINVAL},
    {"EIO", EIO}, {"EMFILE", EMFILE}, {"ENETUNREACH", ENETUNREACH}, {"ENFILE", ENFILE},
    {"ENOBUFS", ENOBUFS}, {"ENOENT", ENOENT}, {"ENOMEM", ENOMEM}, {"ENOSPC", ENOSPC},
    {"ENOSYS", ENOSYS}, {"ENOTDIR", ENOTDIR}, {"EPERM", EPERM}, {"EPIPE", EPIPE},
    {"EROFS", EROFS}, {"ETIMEDOUT", ETIMEDOUT},
};
/* clang-format on */

#define SPECS_MAX 8
#define LOGGED_MAX 20
#define FRAMES_MAX 8

static struct spec {
    enum call call;
    bool own;
    uint64_t from, to;
    int error;
} specs[SPECS_MAX];
static size_t specs_n;

struct count {
    char name[16];
    _Atomic uint64_t all, own;
};

/* Shared with forks, and with the file of FAIL_COUNT. */
static struct count *counts;
static _Atomic int logged;
static uintptr_t own_from, own_to; /* the addresses of the program */
static const char *log_path;

/* ------------------------------------------------------------------------ set-up */

static void give_up(const char *why, const char *what)
{
    dprintf(STDERR_FILENO, "fail_calls: %s %s\n", why, what);
    _exit(125);
}

static enum call find_call(const char *name)
{
    for (int i = 0; i < CALL_NUM; i++)
        if (strcmp(call_names[i], name) == 0)
            return (enum call)i;
    give_up("no such call:", name);
    return CALL_NUM;
}

static int find_error(const char *name)
{
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
        if (strcmp(errors[i].name, name) == 0)
            return errors[i].number;
    give_up("no such error:", name);
    return 0;
}

static void read_spec(char *text)
{
    struct spec s = {.error = ENOMEM};
    char *call = strsep(&text, ":"), *when = strsep(&text, ":"), *end;
    if (when == NULL || specs_n == SPECS_MAX)
        give_up("FAIL_CALL is CALL:WHEN[:ERROR], not", call);
    s.own = strncmp(call, "own.", 4) == 0;
    s.call = find_call(call + (s.own ? 4 : 0));
    s.own = s.own || s.call == CALL_alloc;
    s.from = s.to = strtoull(when, &end, 10);
    if (*end == '+')
        s.to = UINT64_MAX;
    else if (*end == '-')
        s.to = strtoull(end + 1, NULL, 10);
    if (s.from == 0)
        give_up("calls count from 1, not from", when);
    if (text != NULL)
        s.error = find_error(text);
    specs[specs_n++] = s;
}

/* The first of the list is the program itself. */
static int find_program(struct dl_phdr_info *info, size_t size, void *ignored)
{
    (void)size;
    (void)ignored;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *h = &info->dlpi_phdr[i];
        if (h->p_type != PT_LOAD || (h->p_flags & PF_X) == 0)
            continue;
        own_from = info->dlpi_addr + h->p_vaddr;
        own_to = own_from + h->p_memsz;
    }
    return 1;
}

static void map_counts(const char *path)
{
    size_t size = CALL_NUM * sizeof(struct count);
    int fd = path != NULL ? open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600) : -1;
    if (path != NULL && (fd < 0 || ftruncate(fd, (off_t)size) != 0))
        give_up("cannot write", path);
    void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
                   fd < 0 ? MAP_SHARED | MAP_ANONYMOUS : MAP_SHARED, fd, 0);
    if (fd >= 0)
        close(fd);
    if (p == MAP_FAILED)
        give_up("cannot map", "the counts");
    struct count *mapped = p;
    for (int i = 0; i < CALL_NUM; i++)
        strncpy(mapped[i].name, call_names[i], sizeof mapped[i].name - 1);
    counts = mapped;
}

/* What was there at the start is the caller's. */
static bool inherited[256];
static const char *open_path;
static pid_t main_pid;

static bool is_open(int fd)
{
    return syscall(SYS_fcntl, fd, F_GETFD) >= 0;
}

static void tell_open(int fd)
{
    char link[32], what[200], line[256];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = syscall(SYS_readlinkat, AT_FDCWD, link, what, sizeof what);
    int len = snprintf(line, sizeof line, "%d %.*s\n", fd, (int)(n > 0 ? n : 0), what);
    int to = (int)syscall(SYS_openat, AT_FDCWD, open_path,
                          O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (to >= 0) {
        syscall(SYS_write, to, line, (size_t)len);
        syscall(SYS_close, to);
    }
}

__attribute__((destructor)) static void end(void)
{
    if (open_path == NULL || getpid() != main_pid)
        return;
    for (int fd = 3; fd < (int)(sizeof inherited / sizeof *inherited); fd++)
        if (!inherited[fd] && is_open(fd))
            tell_open(fd);
}

__attribute__((constructor)) static void begin(void)
{
    const char *program = getenv("FAIL_PROGRAM"), *text = getenv("FAIL_CALL");
    char copy[1024], *at = copy, *one;
    if (strcmp(program_invocation_short_name, program != NULL ? program : "ramptop") != 0)
        return;
    snprintf(copy, sizeof copy, "%s", text != NULL ? text : "");
    while ((one = strsep(&at, ",")) != NULL)
        if (*one != '\0')
            read_spec(one);
    log_path = getenv("FAIL_LOG");
    open_path = getenv("FAIL_OPEN");
    main_pid = getpid();
    for (int fd = 0; fd < (int)(sizeof inherited / sizeof *inherited); fd++)
        inherited[fd] = is_open(fd);
    void *frame;
    backtrace(&frame, 1); /* the first one allocates */
    dl_iterate_phdr(find_program, NULL);
    map_counts(getenv("FAIL_COUNT"));
}

/* -------------------------------------------------------------------- the verdict */

static void log_failure(enum call call, uint64_t n, int error)
{
    char line[1024];
    void *frames[FRAMES_MAX];
    if (log_path == NULL || atomic_fetch_add(&logged, 1) >= LOGGED_MAX)
        return;
    int len = snprintf(line, sizeof line, "%s %llu %s", call_names[call], (unsigned long long)n,
                       strerrorname_np(error));
    int depth = backtrace(frames, FRAMES_MAX);
    for (int i = 3; i < depth && len < (int)sizeof line - 100; i++) { /* without our own */
        Dl_info who = {0};
        dladdr(frames[i], &who);
        const char *slash = who.dli_fname != NULL ? strrchr(who.dli_fname, '/') : NULL;
        len += snprintf(line + len, sizeof line - (size_t)len, " %.60s+0x%lx",
                        slash != NULL ? slash + 1 : "?",
                        (unsigned long)((uintptr_t)frames[i] - (uintptr_t)who.dli_fbase - 1));
    }
    line[len++] = '\n';
    int fd = (int)syscall(SYS_openat, AT_FDCWD, log_path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC,
                          0600);
    if (fd >= 0) {
        syscall(SYS_write, fd, line, (size_t)len);
        syscall(SYS_close, fd);
    }
}

/* Sets errno when it says yes. */
static bool fails(enum call call, const void *caller)
{
    if (counts == NULL)
        return false;
    bool own = (uintptr_t)caller >= own_from && (uintptr_t)caller < own_to;
    uint64_t n_all = ++counts[call].all, n_own = own ? ++counts[call].own : 0;
    for (size_t i = 0; i < specs_n; i++) {
        const struct spec *s = &specs[i];
        uint64_t n = s->own ? n_own : n_all;
        if (s->call != call || n < s->from || n > s->to)
            continue;
        log_failure(call, n, s->error);
        errno = s->error;
        return true;
    }
    return false;
}

/* --------------------------------------------------------------------- the calls */

/* NAME fails as BAD. */
#define FAILING(call, type, bad, name, params, args)                                               \
    type name params                                                                               \
    {                                                                                              \
        static type(*next) params;                                                                 \
        if (next == NULL)                                                                          \
            *(void **)&next = dlsym(RTLD_NEXT, #name);                                             \
        if (fails(CALL_##call, __builtin_return_address(0)))                                       \
            return bad;                                                                            \
        return next args;                                                                          \
    }

/* What Linux does although it fails: a descriptor is closed, a stream is gone. */
#define FAILING_DONE(call, type, bad, name, params, args)                                          \
    type name params                                                                               \
    {                                                                                              \
        static type(*next) params;                                                                 \
        if (next == NULL)                                                                          \
            *(void **)&next = dlsym(RTLD_NEXT, #name);                                             \
        bool failing = fails(CALL_##call, __builtin_return_address(0));                            \
        int error = errno;                                                                         \
        type result = next args;                                                                   \
        if (!failing)                                                                              \
            return result;                                                                         \
        errno = error;                                                                             \
        return bad;                                                                                \
    }

/* Functions whose last argument may be missing. */
#define FAILING_OPEN(name, before, args)                                                           \
    int name before                                                                                \
    {                                                                                              \
        static int(*next) before;                                                                  \
        va_list ap;                                                                                \
        va_start(ap, flags);                                                                       \
        mode_t mode = (flags & (O_CREAT | __O_TMPFILE)) != 0 ? va_arg(ap, mode_t) : 0;             \
        va_end(ap);                                                                                \
        if (next == NULL)                                                                          \
            *(void **)&next = dlsym(RTLD_NEXT, #name);                                             \
        if (fails(CALL_open, __builtin_return_address(0)))                                         \
            return -1;                                                                             \
        return next args;                                                                          \
    }

#define FAILING_CONTROL(call, name, type)                                                          \
    int name(int fd, type what, ...)                                                               \
    {                                                                                              \
        static int (*next)(int, type, ...);                                                        \
        va_list ap;                                                                                \
        va_start(ap, what);                                                                        \
        void *arg = va_arg(ap, void *);                                                            \
        va_end(ap);                                                                                \
        if (next == NULL)                                                                          \
            *(void **)&next = dlsym(RTLD_NEXT, #name);                                             \
        if (fails(CALL_##call, __builtin_return_address(0)))                                       \
            return -1;                                                                             \
        return next(fd, what, arg);                                                                \
    }

/* Fails by its value, as POSIX threads do it. */
#define FAILING_VALUE(call, name, params, args)                                                    \
    int name params                                                                                \
    {                                                                                              \
        static int(*next) params;                                                                  \
        int kept = errno;                                                                          \
        if (next == NULL)                                                                          \
            *(void **)&next = dlsym(RTLD_NEXT, #name);                                             \
        if (fails(CALL_##call, __builtin_return_address(0))) {                                     \
            int error = errno;                                                                     \
            errno = kept;                                                                          \
            return error;                                                                          \
        }                                                                                          \
        return next args;                                                                          \
    }

/* What the headers call when they check sizes; they declare it only then. */
int __open_2(const char *path, int flags);
int __open64_2(const char *path, int flags);
ssize_t __read_chk(int fd, void *to, size_t n, size_t size);
ssize_t __recv_chk(int fd, void *to, size_t n, size_t size, int flags);
int __poll_chk(struct pollfd *fds, nfds_t n, int ms, size_t size);
int __vasprintf_chk(char **to, int flag, const char *format, va_list ap);

/* clang-format off: a table */
FAILING_OPEN(open, (const char *path, int flags, ...), (path, flags, mode))
FAILING_OPEN(open64, (const char *path, int flags, ...), (path, flags, mode))
FAILING_OPEN(openat, (int at, const char *path, int flags, ...), (at, path, flags, mode))
FAILING_OPEN(openat64, (int at, const char *path, int flags, ...), (at, path, flags, mode))
FAILING(open, int, -1, __open_2, (const char *path, int flags), (path, flags))
FAILING(open, int, -1, __open64_2, (const char *path, int flags), (path, flags))
FAILING(open, FILE *, NULL, fopen, (const char *path, const char *mode), (path, mode))
FAILING(open, FILE *, NULL, fopen64, (const char *path, const char *mode), (path, mode))
FAILING(open, FILE *, NULL, fdopen, (int fd, const char *mode), (fd, mode))
FAILING(open, int, -1, mkstemp, (char *path), (path))
FAILING(open, int, -1, mkstemp64, (char *path), (path))
FAILING(open, int, -1, mkostemp, (char *path, int flags), (path, flags))
FAILING(open, int, -1, mkostemp64, (char *path, int flags), (path, flags))
FAILING_DONE(close, int, -1, close, (int fd), (fd))
FAILING(read, ssize_t, -1, read, (int fd, void *to, size_t n), (fd, to, n))
FAILING(read, ssize_t, -1, __read_chk, (int fd, void *to, size_t n, size_t size), (fd, to, n, size))
FAILING(read, ssize_t, -1, pread, (int fd, void *to, size_t n, off_t at), (fd, to, n, at))
FAILING(read, ssize_t, -1, pread64, (int fd, void *to, size_t n, off64_t at), (fd, to, n, at))
FAILING(read, ssize_t, -1, readlinkat, (int at, const char *path, char *to, size_t n),
        (at, path, to, n))
FAILING(write, ssize_t, -1, write, (int fd, const void *from, size_t n), (fd, from, n))
FAILING_CONTROL(fcntl, fcntl, int)
FAILING_CONTROL(fcntl, fcntl64, int)
FAILING_CONTROL(ioctl, ioctl, unsigned long)
FAILING(lseek, off_t, -1, lseek, (int fd, off_t at, int from), (fd, at, from))
FAILING(lseek, off64_t, -1, lseek64, (int fd, off64_t at, int from), (fd, at, from))
FAILING(stat, int, -1, stat, (const char *path, struct stat *to), (path, to))
FAILING(stat, int, -1, lstat, (const char *path, struct stat *to), (path, to))
FAILING(stat, int, -1, fstat, (int fd, struct stat *to), (fd, to))
FAILING(access, int, -1, access, (const char *path, int mode), (path, mode))
FAILING(rename, int, -1, rename, (const char *from, const char *to), (from, to))
FAILING(unlink, int, -1, unlink, (const char *path), (path))
FAILING(mkdir, int, -1, mkdir, (const char *path, mode_t mode), (path, mode))
FAILING(mkdir, char *, NULL, mkdtemp, (char *path), (path))
FAILING(opendir, DIR *, NULL, opendir, (const char *path), (path))
FAILING(readdir, struct dirent *, NULL, readdir, (DIR * dir), (dir))
FAILING(fsync, int, -1, fsync, (int fd), (fd))
FAILING(dup, int, -1, dup, (int fd), (fd))
FAILING(dup, int, -1, dup2, (int fd, int to), (fd, to))
FAILING(dup, int, -1, dup3, (int fd, int to, int flags), (fd, to, flags))
FAILING(memfd_create, int, -1, memfd_create, (const char *name, unsigned flags), (name, flags))
FAILING(pipe, int, -1, pipe, (int fds[2]), (fds))
FAILING(pipe, int, -1, pipe2, (int fds[2], int flags), (fds, flags))
FAILING(pipe, int, -1, socketpair, (int domain, int type, int protocol, int fds[2]),
        (domain, type, protocol, fds))
FAILING(fflush, int, EOF, fflush, (FILE * f), (f))
FAILING_DONE(fclose, int, EOF, fclose, (FILE * f), (f))
FAILING(socket, int, -1, socket, (int domain, int type, int protocol), (domain, type, protocol))
FAILING(bind, int, -1, bind, (int fd, const struct sockaddr *to, socklen_t n), (fd, to, n))
FAILING(listen, int, -1, listen, (int fd, int n), (fd, n))
FAILING(connect, int, -1, connect, (int fd, const struct sockaddr *to, socklen_t n), (fd, to, n))
FAILING(accept, int, -1, accept, (int fd, struct sockaddr *from, socklen_t *n), (fd, from, n))
FAILING(accept, int, -1, accept4, (int fd, struct sockaddr *from, socklen_t *n, int flags),
        (fd, from, n, flags))
FAILING(send, ssize_t, -1, send, (int fd, const void *from, size_t n, int flags),
        (fd, from, n, flags))
FAILING(send, ssize_t, -1, sendto,
        (int fd, const void *from, size_t n, int flags, const struct sockaddr *to, socklen_t to_n),
        (fd, from, n, flags, to, to_n))
FAILING(send, ssize_t, -1, sendmsg, (int fd, const struct msghdr *from, int flags),
        (fd, from, flags))
FAILING(recv, ssize_t, -1, recv, (int fd, void *to, size_t n, int flags), (fd, to, n, flags))
FAILING(recv, ssize_t, -1, __recv_chk, (int fd, void *to, size_t n, size_t size, int flags),
        (fd, to, n, size, flags))
FAILING(recv, ssize_t, -1, recvfrom,
        (int fd, void *to, size_t n, int flags, struct sockaddr *from, socklen_t *from_n),
        (fd, to, n, flags, from, from_n))
FAILING(getsockname, int, -1, getsockname, (int fd, struct sockaddr *to, socklen_t *n), (fd, to, n))
FAILING(getsockopt, int, -1, getsockopt, (int fd, int level, int name, void *to, socklen_t *n),
        (fd, level, name, to, n))
FAILING(setsockopt, int, -1, setsockopt,
        (int fd, int level, int name, const void *from, socklen_t n), (fd, level, name, from, n))
FAILING(poll, int, -1, poll, (struct pollfd * fds, nfds_t n, int ms), (fds, n, ms))
FAILING(poll, int, -1, __poll_chk, (struct pollfd * fds, nfds_t n, int ms, size_t size),
        (fds, n, ms, size))
FAILING(epoll_create, int, -1, epoll_create1, (int flags), (flags))
FAILING(epoll_ctl, int, -1, epoll_ctl, (int fd, int op, int of, struct epoll_event *e),
        (fd, op, of, e))
FAILING(epoll_wait, int, -1, epoll_wait, (int fd, struct epoll_event *e, int n, int ms),
        (fd, e, n, ms))
FAILING(eventfd, int, -1, eventfd, (unsigned n, int flags), (n, flags))
FAILING(timerfd_create, int, -1, timerfd_create, (int clock, int flags), (clock, flags))
FAILING(timerfd_settime, int, -1, timerfd_settime,
        (int fd, int flags, const struct itimerspec *to, struct itimerspec *old),
        (fd, flags, to, old))
FAILING(signalfd, int, -1, signalfd, (int fd, const sigset_t *set, int flags), (fd, set, flags))
FAILING(fork, pid_t, -1, fork, (void), ())
FAILING(waitpid, pid_t, -1, waitpid, (pid_t pid, int *status, int flags), (pid, status, flags))
FAILING(waitpid, pid_t, -1, wait4, (pid_t pid, int *status, int flags, struct rusage *used),
        (pid, status, flags, used))
FAILING(pidfd_open, int, -1, pidfd_open, (pid_t pid, unsigned flags), (pid, flags))
FAILING(kill, int, -1, kill, (pid_t pid, int signo), (pid, signo))
FAILING(tcgetattr, int, -1, tcgetattr, (int fd, struct termios *to), (fd, to))
FAILING(tcsetattr, int, -1, tcsetattr, (int fd, int when, const struct termios *to), (fd, when, to))
FAILING(getrandom, ssize_t, -1, getrandom, (void *to, size_t n, unsigned flags), (to, n, flags))
FAILING(getrlimit, int, -1, getrlimit, (__rlimit_resource_t what, struct rlimit *to), (what, to))
FAILING(setrlimit, int, -1, setrlimit, (__rlimit_resource_t what, const struct rlimit *to),
        (what, to))
FAILING(realpath, char *, NULL, realpath, (const char *path, char *to), (path, to))
FAILING_VALUE(spawn, posix_spawn,
              (pid_t * pid, const char *path, const posix_spawn_file_actions_t *actions,
               const posix_spawnattr_t *attr, char *const *argv, char *const *env),
              (pid, path, actions, attr, argv, env))
FAILING_VALUE(spawn, posix_spawnp,
              (pid_t * pid, const char *path, const posix_spawn_file_actions_t *actions,
               const posix_spawnattr_t *attr, char *const *argv, char *const *env),
              (pid, path, actions, attr, argv, env))
FAILING_VALUE(pthread_create, pthread_create,
              (pthread_t * thread, const pthread_attr_t *attr, void *(*f)(void *), void *arg),
              (thread, attr, f, arg))
/* clang-format on */

/* A name look-up says EAI_SYSTEM and leaves the rest to errno. */
int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
                struct addrinfo **to)
{
    static int (*next)(const char *, const char *, const struct addrinfo *, struct addrinfo **);
    if (next == NULL)
        *(void **)&next = dlsym(RTLD_NEXT, "getaddrinfo");
    return fails(CALL_getaddrinfo, __builtin_return_address(0)) ? EAI_SYSTEM
                                                                : next(node, service, hints, to);
}

/* ------------------------------------------------------------------- allocations */

/* The C library's own names for them: dlsym() allocates. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *old, size_t size);
void *__libc_memalign(size_t align, size_t size);

static bool alloc_fails(const void *caller)
{
    return counts != NULL && (uintptr_t)caller >= own_from && (uintptr_t)caller < own_to &&
           fails(CALL_alloc, caller);
}

void *malloc(size_t size)
{
    return alloc_fails(__builtin_return_address(0)) ? NULL : __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
    return alloc_fails(__builtin_return_address(0)) ? NULL : __libc_calloc(n, size);
}

void *realloc(void *old, size_t size)
{
    return alloc_fails(__builtin_return_address(0)) ? NULL : __libc_realloc(old, size);
}

void *aligned_alloc(size_t align, size_t size)
{
    return alloc_fails(__builtin_return_address(0)) ? NULL : __libc_memalign(align, size);
}

int posix_memalign(void **to, size_t align, size_t size)
{
    void *p = alloc_fails(__builtin_return_address(0)) ? NULL : __libc_memalign(align, size);
    if (p == NULL)
        return ENOMEM;
    *to = p;
    return 0;
}

/* These allocate inside the C library. */
char *strdup(const char *s)
{
    size_t n = strlen(s) + 1;
    char *p = alloc_fails(__builtin_return_address(0)) ? NULL : __libc_malloc(n);
    return p != NULL ? memcpy(p, s, n) : NULL;
}

char *strndup(const char *s, size_t max)
{
    size_t n = strnlen(s, max);
    char *p = alloc_fails(__builtin_return_address(0)) ? NULL : __libc_malloc(n + 1);
    if (p == NULL)
        return NULL;
    p[n] = '\0';
    return memcpy(p, s, n);
}

FAILING(alloc, int, -1, vasprintf, (char **to, const char *format, va_list ap), (to, format, ap))
FAILING(alloc, int, -1, __vasprintf_chk, (char **to, int flag, const char *format, va_list ap),
        (to, flag, format, ap))
FAILING(alloc, FILE *, NULL, open_memstream, (char **to, size_t *n), (to, n))
