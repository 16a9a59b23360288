/* SPDX-License-Identifier: MIT */
#include "src/base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "src/base/clean.h"
#include "src/base/now.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
/* Guarded by lock: */
static struct log_line lines[LOG_KEEP]; /* line seq is at (seq - 1) % LOG_KEEP */
static uint64_t newest;                 /* seq of the newest line, 0 before the first */
static int file = -1;
static uint64_t missing; /* lines that the file has not got */
static bool torn;        /* the file ends in the middle of a line */
static bool complained;  /* once per file is enough */

static struct log_line *line_keep(enum log_level level, const char *text)
{
    struct log_line *l = &lines[newest % LOG_KEEP];
    l->seq = ++newest;
    l->wall_s = now_wall_s();
    l->level = level;
    clean_text(l->text, sizeof l->text, text, strlen(text));
    return l;
}

static size_t format_line(const struct log_line *l, char *out, size_t size)
{
    static const char *const word[] = {"info", "warn", "error"};
    char stamp[32];
    time_t t = (time_t)l->wall_s;
    struct tm tm;
    localtime_r(&t, &tm);
    strftime(stamp, sizeof stamp, "%Y-%m-%d %H:%M:%S", &tm);
    return (size_t)snprintf(out, size, "%s %-5s %s\n", stamp, word[l->level], l->text);
}

/* A full disk, or a pipe that is not read, must not stop the load: the line stays in memory,
 * and the file says later that it has a gap. */
static bool file_append(const char *text, size_t n)
{
    char gap[96];
    ssize_t done;
    errno = ENOSPC; /* a write that was cut short: the disk is full */
    if (missing > 0 || torn) {
        int len = snprintf(gap, sizeof gap, "%s(%llu lines are missing here)\n", torn ? "\n" : "",
                           (unsigned long long)missing);
        if ((done = write(file, gap, (size_t)len)) != len) {
            torn |= done > 0;
            return false;
        }
        missing = 0;
        torn = false;
    }
    done = write(file, text, n);
    torn = done > 0 && (size_t)done < n;
    return done == (ssize_t)n;
}

static void append_to_file(const struct log_line *l)
{
    char text[LOG_TEXT_MAX + 64], why[LOG_TEXT_MAX];
    if (file_append(text, format_line(l, text, sizeof text)))
        return;
    missing++;
    if (complained)
        return;
    complained = true;
    snprintf(why, sizeof why, "Lines are missing in the log file: %s.",
             errno == EAGAIN ? "nobody reads what is in the pipe" : strerror(errno));
    line_keep(LOG_LEVEL_WARN, why);
}

void log_add(enum log_level level, const char *fmt, ...)
{
    char raw[LOG_TEXT_MAX * 2];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(raw, sizeof raw, fmt, ap);
    va_end(ap);

    pthread_mutex_lock(&lock);
    const struct log_line *l = line_keep(level, raw);
    if (file >= 0)
        append_to_file(l);
    pthread_mutex_unlock(&lock);
}

size_t log_copy(struct log_line *out, size_t max, uint64_t *last_seq)
{
    pthread_mutex_lock(&lock);
    size_t n = newest < LOG_KEEP ? (size_t)newest : LOG_KEEP;
    if (n > max)
        n = max;
    for (size_t i = 0; i < n; i++)
        out[i] = lines[(newest - n + i) % LOG_KEEP];
    if (last_seq != NULL)
        *last_seq = newest;
    pthread_mutex_unlock(&lock);
    return n;
}

bool log_open_file(const char *path, struct err *e)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0600);
    if (fd < 0 && errno == ENXIO)
        return err_set(e, "cannot open the log file %s: it is a pipe that nobody reads", path);
    if (fd < 0)
        return err_set(e, "cannot open the log file %s: %s", path, strerror(errno));
    pthread_mutex_lock(&lock);
    if (file >= 0)
        close(file);
    file = fd;
    missing = 0;
    torn = complained = false;
    pthread_mutex_unlock(&lock);
    return true;
}

void log_close(void)
{
    pthread_mutex_lock(&lock);
    if (file >= 0)
        close(file);
    file = -1;
    pthread_mutex_unlock(&lock);
}
