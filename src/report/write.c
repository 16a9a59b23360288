/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/base/mem.h"
#include "src/base/out.h"
#include "src/report/report.h"

#define PIPE_LOOK_MS 100

static bool to_descriptor(int fd, const char *shown, const char *text, struct err *e)
{
    int why = fd == STDOUT_FILENO ? out_write(fd, text) : out_write_file(fd, text);
    return why == 0 || err_set(e, "cannot write %.300s: %s", shown, strerror(why));
}

/* A named pipe can be opened when somebody reads it. */
static int open_existing(const char *path, int flags)
{
    struct stat st;
    bool is_pipe = stat(path, &st) == 0 && S_ISFIFO(st.st_mode);
    for (;;) {
        int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | flags);
        if (fd >= 0 || errno != ENXIO || !is_pipe)
            return fd;
        if (out_given_up()) {
            errno = EINTR;
            return -1;
        }
        poll(NULL, 0, PIPE_LOOK_MS);
    }
}

static bool to_existing(const char *path, int flags, const char *text, struct err *e)
{
    int fd = open_existing(path, flags);
    if (fd < 0)
        return err_set(e, "cannot write %.300s: %s", path, strerror(errno));
    bool ok = to_descriptor(fd, path, text, e);
    close(fd);
    return ok;
}

/* mkostemp makes it 0600; a report may be read by who could read the one before, or by whom
 * the user's umask allows. */
static void allow_as_usual(int fd, const struct stat *before)
{
    mode_t mask = umask(0);
    umask(mask);
    fchmod(fd, before != NULL ? before->st_mode & 0777 : 0666 & ~mask);
}

/* A file is never seen half written: it is made beside, brought to the disk, renamed. */
static bool to_new_file(const char *path, const struct stat *before, const char *text,
                        struct err *e)
{
    sigset_t all, signals_before;
    char *beside = mem_printf("%s.XXXXXX", path);

    sigfillset(&all); /* a signal must not leave the file beside behind */
    pthread_sigmask(SIG_SETMASK, &all, &signals_before);
    int fd = mkostemp(beside, O_CLOEXEC), why = fd < 0 ? errno : 0;
    if (fd >= 0) {
        allow_as_usual(fd, before);
        why = out_write_file(fd, text);
        if (why == 0 && fsync(fd) != 0)
            why = errno;
        if (close(fd) != 0 && why == 0)
            why = errno;
        if (why == 0 && rename(beside, path) != 0)
            why = errno;
        if (why != 0)
            unlink(beside);
    }
    pthread_sigmask(SIG_SETMASK, &signals_before, NULL);
    free(beside);
    return why == 0 || err_set(e, "cannot write %.300s: %s", path, strerror(why));
}

/* "." or "folder", of "folder/name" */
static char *parent_folder(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (slash == NULL)
        return mem_strdup(".");
    return mem_strndup(path, slash > path ? (size_t)(slash - path) : 1);
}

static bool takes_new_files(const char *path)
{
    char *folder = parent_folder(path);
    bool ok = access(folder, W_OK | X_OK) == 0;
    free(folder);
    return ok;
}

bool report_write(const char *path, const char *text, struct err *e)
{
    struct stat st;
    if (strcmp(path, "-") == 0)
        return to_descriptor(STDOUT_FILENO, "to standard output", text, e);
    bool there = stat(path, &st) == 0, is_file = there && S_ISREG(st.st_mode);
    if (there && !is_file && !S_ISDIR(st.st_mode))
        return to_existing(path, 0, text, e);
    char *real = there ? realpath(path, NULL) : NULL;
    const char *to = real != NULL ? real : path;
    bool ok = is_file && !takes_new_files(to) ? to_existing(to, O_TRUNC, text, e)
                                              : to_new_file(to, is_file ? &st : NULL, text, e);
    free(real);
    return ok;
}

/* After a signal nobody may be there to read: the terminal hung up (EIO), or takes nothing. */
static bool write_to_reader(int fd, const char *text, bool by_signal, struct err *e)
{
    int why = out_write_within(fd, text, by_signal ? REPORT_PATIENCE_NS : UINT64_MAX);
    if (why == 0 || (by_signal && (why == EIO || why == EINTR)))
        return true;
    return err_set(e, "cannot write to standard %s: %s", fd == STDOUT_FILENO ? "output" : "error",
                   strerror(why));
}

bool report_end(const struct report_ending *r, struct err *e)
{
    bool json_is_printed = r->json != NULL && strcmp(r->path, "-") == 0;
    bool ok = r->json == NULL || report_write(r->path, r->json, e);
    if (r->log != NULL)
        write_to_reader(STDERR_FILENO, r->log, r->by_signal, NULL);
    if (json_is_printed)
        write_to_reader(STDERR_FILENO, r->text, r->by_signal, NULL);
    else
        ok = write_to_reader(STDOUT_FILENO, r->text, r->by_signal, ok ? e : NULL) && ok;
    free(r->json);
    free(r->log);
    free(r->text);
    return ok;
}

bool report_writable(const char *path, struct err *e)
{
    struct stat st;
    if (path == NULL || strcmp(path, "-") == 0)
        return true;
    bool there = stat(path, &st) == 0;
    if (there && S_ISDIR(st.st_mode))
        return err_set(e, "cannot write %.300s: %s", path, strerror(EISDIR));
    if (there ? access(path, W_OK) == 0 : takes_new_files(path))
        return true;
    return err_set(e, "cannot write %.300s: %s", path, strerror(errno));
}
