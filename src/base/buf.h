/* SPDX-License-Identifier: MIT */
/* buf.h - bytes that grow at the end.
 *
 * Zeroed to begin with.  data is NULL or ends with a NUL that does not count, so that
 * text in it can be used as a string.  Whoever holds the struct owns the memory;
 * buf_clear keeps it for the next use, so that a loop allocates nothing in the long run. */
#ifndef RAMPTOP_BASE_BUF_H
#define RAMPTOP_BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct buf {
    char *data;
    size_t len, room;
};

/* Makes room for that many more bytes and the NUL: adding them does not move data. */
void buf_reserve(struct buf *b, size_t len);

/* Inline, because texts are made of many short pieces. */
static inline void buf_add(struct buf *b, const void *data, size_t len)
{
    if (b->room - b->len <= len)
        buf_reserve(b, len);
    if (len > 0)
        memcpy(b->data + b->len, data, len);
    b->len += len;
    b->data[b->len] = '\0';
}

static inline void buf_char(struct buf *b, char c)
{
    buf_add(b, &c, 1);
}

void buf_text(struct buf *b, const char *text);
void buf_printf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Adds what a descriptor gives up to its end; or until b has more than `most` bytes, which is for
 * the caller to see.  data is a text in any case.  False with errno. */
bool buf_read(struct buf *b, int fd, size_t most);
void buf_clear(struct buf *b);
/* Hands the memory over to the caller (never NULL); b is empty afterwards. */
char *buf_take(struct buf *b);
void buf_finish(struct buf *b);

#endif
