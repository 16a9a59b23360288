/* SPDX-License-Identifier: MIT */
/* log.h - what the program has to say while the screen owns the terminal.
 *
 * Keeps the newest LOG_KEEP messages in memory for the log view and for the
 * lines printed after the console has closed; optionally appends them to a file.
 * Never writes to stdout or stderr.
 *
 * Safety: every function may be called from any thread; a mutex guards all. */
#ifndef RAMPTOP_BASE_LOG_H
#define RAMPTOP_BASE_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/base/err.h"

#define LOG_KEEP 500
#define LOG_TEXT_MAX 240

enum log_level { LOG_LEVEL_INFO, LOG_LEVEL_WARN, LOG_LEVEL_ERROR };

struct log_line {
    uint64_t seq;  /* 1, 2, 3 ... over the life of the process */
    double wall_s; /* when, for the label */
    enum log_level level;
    char text[LOG_TEXT_MAX]; /* cleaned (base/clean.h) */
};

void log_add(enum log_level level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
#define log_info(...) log_add(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_warn(...) log_add(LOG_LEVEL_WARN, __VA_ARGS__)
#define log_error(...) log_add(LOG_LEVEL_ERROR, __VA_ARGS__)

/* Copies the newest lines, oldest first, into out (at most max); returns how
 * many.  *last_seq, if not NULL, becomes the newest sequence number. */
size_t log_copy(struct log_line *out, size_t max, uint64_t *last_seq);

/* Also append every later message to this file (created 0600).  Never waits: what a full disk
 * or a pipe that is not read does not take is missing there, and said in memory once. */
bool log_open_file(const char *path, struct err *e);
void log_close(void);

#endif
