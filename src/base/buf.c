/* SPDX-License-Identifier: MIT */
#include "src/base/buf.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "src/base/mem.h"

#define FIRST_ROOM 64
#define READ_BYTES ((size_t)64 * 1024)

void buf_reserve(struct buf *b, size_t len)
{
    size_t room = b->room > 0 ? b->room : FIRST_ROOM;
    while (room - b->len <= len)
        room *= 2;
    if (room == b->room)
        return;
    b->data = mem_grow(b->data, room, 1);
    b->room = room;
}

void buf_text(struct buf *b, const char *text)
{
    buf_add(b, text, strlen(text));
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
    va_list args, again;
    va_start(args, fmt);
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, fmt, args);
    if (len > 0) {
        buf_reserve(b, (size_t)len);
        vsnprintf(b->data + b->len, (size_t)len + 1, fmt, again);
        b->len += (size_t)len;
    }
    va_end(again);
    va_end(args);
}

bool buf_read(struct buf *b, int fd, size_t most)
{
    while (b->len <= most) {
        size_t left = most + 1 - b->len;
        buf_reserve(b, left < READ_BYTES ? left : READ_BYTES);
        ssize_t n = read(fd, b->data + b->len, left < READ_BYTES ? left : READ_BYTES);
        b->len += n > 0 ? (size_t)n : 0;
        b->data[b->len] = '\0';
        if (n == 0 || (n < 0 && errno != EINTR))
            return n == 0;
    }
    return true;
}

void buf_clear(struct buf *b)
{
    b->len = 0;
    if (b->data != NULL)
        b->data[0] = '\0';
}

char *buf_take(struct buf *b)
{
    char *data = b->data != NULL ? b->data : mem_zalloc(1);
    *b = (struct buf){0};
    return data;
}

void buf_finish(struct buf *b)
{
    free(b->data);
    *b = (struct buf){0};
}
