/* SPDX-License-Identifier: MIT */
#include "src/base/out.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "src/base/clean.h"
#include "src/base/mem.h"
#include "src/base/now.h"

#define LOOK_MS 100

static bool (*give_up)(void);

void out_give_up_when(bool (*hook)(void))
{
    give_up = hook;
}

bool out_given_up(void)
{
    return give_up != NULL && give_up();
}

/* A pipe that can be written to takes PIPE_BUF bytes without waiting. */
static ssize_t write_some(int fd, const char *text, size_t n)
{
    return write(fd, text, n < PIPE_BUF ? n : PIPE_BUF);
}

/* Where poll() itself fails, write() says what there is to say. */
static bool is_ready(int fd, int timeout_ms)
{
    struct pollfd p = {.fd = fd, .events = POLLOUT};
    int n = poll(&p, 1, timeout_ms);
    return n > 0 || (n < 0 && errno != EINTR && errno != EAGAIN);
}

static int write_within(int fd, const char *text, uint64_t patience_ns)
{
    size_t left = strlen(text);
    uint64_t waited_ns = 0;
    while (left > 0) {
        if (!is_ready(fd, LOOK_MS)) {
            waited_ns += LOOK_MS * NS_PER_MS;
            if (out_given_up() || waited_ns >= patience_ns)
                return EINTR;
            continue;
        }
        ssize_t n = write_some(fd, text, left);
        if (n < 0 && errno != EINTR && errno != EAGAIN)
            return errno;
        if (n > 0) {
            text += n;
            left -= (size_t)n;
        }
    }
    return 0;
}

int out_write_file(int fd, const char *text)
{
    return write_within(fd, text, UINT64_MAX);
}

int out_write_within(int fd, const char *text, uint64_t patience_ns)
{
    char *clean = clean_lines(text);
    int why = write_within(fd, clean, patience_ns);
    free(clean);
    return why;
}

int out_write(int fd, const char *text)
{
    return out_write_within(fd, text, UINT64_MAX);
}

void out_line(int fd, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    char *text = mem_vprintf(fmt, ap);
    va_end(ap);
    size_t len = strlen(text), size = 3 * len + 2; /* U+FFFD takes three bytes */
    char *line = mem_array(size, 1);
    len = clean_text(line, size - 1, text, len);
    line[len] = '\n';
    write_within(fd, line, UINT64_MAX);
    free(line);
    free(text);
}

static bool offer_bytes(int fd, const char *text)
{
    size_t left = strlen(text);
    while (left > 0 && is_ready(fd, 0)) {
        ssize_t n = write_some(fd, text, left);
        if (n <= 0)
            return false;
        text += n;
        left -= (size_t)n;
    }
    return left == 0;
}

bool out_offer(int fd, const char *text)
{
    char *clean = clean_lines(text);
    bool all = offer_bytes(fd, clean);
    free(clean);
    return all;
}

void out_progress(const char *text)
{
    if (!isatty(STDERR_FILENO))
        return;
    offer_bytes(STDERR_FILENO, "\r\x1b[K");
    if (text != NULL)
        out_offer(STDERR_FILENO, text);
}
