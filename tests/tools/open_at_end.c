/* SPDX-License-Identifier: MIT */
/* open_at_end - tells which descriptors a program still has when it ends.
 *
 *     LD_PRELOAD=tests/tools/open_at_end.so OPEN_AT_END=FILE ramptop ...
 *
 * Only in the program called ramptop, not in its forks.  FILE gets a line for each descriptor
 * that is open behind main() and was not when the program began, and after the last of them the
 * command line.  Not told:
 *
 * - the one from which signals are read, and the pipe by whose end the guard of probes knows that
 *   the program is gone: both live as long as the process;
 * - anything, when another thread of the program still runs (a probe that hangs is left alone, and
 *   so is what it holds), or when the program was ended by a signal or _exit.
 *
 * Nothing here allocates and no descriptor is needed at the start, so that a run without memory or
 * without files to open goes as it would without this. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FDS_MAX 65536

static unsigned char inherited[FDS_MAX / 8];
static const char *told_to;
static pid_t program;

/* Calls f with each number in a folder of /proc; how many there were, -1 when it cannot be read. */
static int each_number(const char *folder, void (*f)(int number))
{
    _Alignas(struct dirent64) char entries[4096];
    int dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC), n = 0;
    ssize_t got;
    if (dir < 0)
        return -1;
    while ((got = syscall(SYS_getdents64, dir, entries, sizeof entries)) > 0) {
        for (ssize_t at = 0; at < got;) {
            const struct dirent64 *e = (const struct dirent64 *)(entries + at);
            const int number = atoi(e->d_name);
            at += e->d_reclen;
            if (e->d_name[0] == '.' || number == dir)
                continue;
            n++;
            if (f != NULL)
                f(number);
        }
    }
    close(dir);
    return n;
}

static void note_inherited(int fd)
{
    if (fd < FDS_MAX)
        inherited[fd / 8] |= (unsigned char)(1 << fd % 8);
}

/* ---------------------------------------------------------------------- the end */

static bool guard_met;
static char lines[16384];
static size_t used;

static void add_line(int fd, const char *what)
{
    int n = snprintf(lines + used, sizeof lines - used, "%d %s\n", fd, what);
    if (n > 0 && (size_t)n < sizeof lines - used)
        used += (size_t)n;
}

static void look_at(int fd)
{
    char link[40], what[200];
    if (fd <= 2 || (fd < FDS_MAX && (inherited[fd / 8] & 1 << fd % 8) != 0))
        return;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, what, sizeof what - 1);
    if (n < 0)
        return;
    what[n] = '\0';
    if (strcmp(what, "anon_inode:[signalfd]") == 0)
        return;
    if (strncmp(what, "pipe:", 5) == 0 && !guard_met &&
        (fcntl(fd, F_GETFL) & O_ACCMODE) == O_WRONLY) {
        guard_met = true;
        return;
    }
    add_line(fd, what);
}

static void add_command_line(void)
{
    char words[1024];
    int fd = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
    ssize_t n = fd >= 0 ? read(fd, words, sizeof words - 1) : -1;
    if (fd >= 0)
        close(fd);
    for (ssize_t i = 0; i < n; i++)
        if (words[i] == '\0' || words[i] == '\n')
            words[i] = ' ';
    words[n > 0 ? n : 0] = '\0';
    add_line((int)program, words);
}

__attribute__((destructor)) static void end(void)
{
    if (told_to == NULL || getpid() != program || each_number("/proc/self/task", NULL) != 1)
        return;
    each_number("/proc/self/fd", look_at);
    if (used == 0)
        return;
    add_command_line();
    int to = open(told_to, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (to >= 0 && write(to, lines, used) < 0)
        perror(told_to);
    if (to >= 0)
        close(to);
}

__attribute__((constructor)) static void begin(void)
{
    int kept = errno;
    if (strcmp(program_invocation_short_name, "ramptop") != 0)
        return;
    told_to = getenv("OPEN_AT_END");
    program = getpid();
    if (told_to != NULL && each_number("/proc/self/fd", note_inherited) < 0)
        told_to = NULL;
    errno = kept;
}
