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

static void append_to_file(const struct log_line *l)
{
    static const char *const word[] = {"info", "warn", "error"};
    char stamp[32], text[LOG_TEXT_MAX + 64];
    time_t t = (time_t)l->wall_s;
    struct tm tm;
    localtime_r(&t, &tm);
    strftime(stamp, sizeof stamp, "%Y-%m-%d %H:%M:%S", &tm);
    int n = snprintf(text, sizeof text, "%s %-5s %s\n", stamp, word[l->level], l->text);
    /* A full disk must not stop the load; the line stays in memory. */
    if (write(file, text, (size_t)n) < 0)
        file = (close(file), -1);
}

void log_add(enum log_level level, const char *fmt, ...)
{
    char raw[LOG_TEXT_MAX * 2];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(raw, sizeof raw, fmt, ap);
    va_end(ap);

    pthread_mutex_lock(&lock);
    struct log_line *l = &lines[newest % LOG_KEEP];
    l->seq = ++newest;
    l->wall_s = now_wall_s();
    l->level = level;
    clean_text(l->text, sizeof l->text, raw, strlen(raw));
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
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (fd < 0)
        return err_set(e, "cannot open the log file %s: %s", path, strerror(errno));
    pthread_mutex_lock(&lock);
    if (file >= 0)
        close(file);
    file = fd;
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
