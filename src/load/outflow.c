/* SPDX-License-Identifier: MIT */
#include "src/load/outflow.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* SplitMix64: any word of the stream without the ones before it. */
static uint64_t word_at(uint64_t seed, uint64_t i)
{
    uint64_t x = seed + (i + 1) * UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

void outflow_payload(uint64_t seed, uint64_t offset, char *to, size_t n)
{
    size_t done = 0;
    while (done < n) {
        uint64_t word = word_at(seed, (offset + done) / 8);
        size_t skip = (offset + done) % 8, len = 8 - skip;
        len = len < n - done ? len : n - done;
        memcpy(to + done, (const char *)&word + skip, len);
        done += len;
    }
}

void outflow_begin(struct outflow *o, const struct message *m)
{
    *o = (struct outflow){.pieces = m->body, .n = m->n_pieces};
}

static ssize_t read_file(const struct piece *p, uint64_t offset, char *to, size_t n)
{
    ssize_t got;
    do
        got = pread(p->fd, to, n, (off_t)offset);
    while (got < 0 && errno == EINTR);
    return got > 0 ? got : -1;
}

ssize_t outflow_read(struct outflow *o, char *to, size_t n)
{
    while (o->piece < o->n && o->offset == o->pieces[o->piece].len) {
        o->piece++;
        o->offset = 0;
    }
    if (o->piece == o->n || n == 0)
        return 0;
    const struct piece *p = &o->pieces[o->piece];
    uint64_t left = p->len - o->offset;
    ssize_t got = (ssize_t)(n < left ? n : left);
    switch (p->kind) {
    case PIECE_BYTES:
        memcpy(to, p->data + o->offset, (size_t)got);
        break;
    case PIECE_PAYLOAD:
        outflow_payload(p->seed, o->offset, to, (size_t)got);
        break;
    case PIECE_FILE:
        got = read_file(p, o->offset, to, (size_t)got);
        break;
    }
    if (got > 0)
        o->offset += (uint64_t)got;
    return got;
}

bool outflow_seek(struct outflow *o, uint64_t offset)
{
    o->piece = 0;
    while (o->piece < o->n && offset > o->pieces[o->piece].len)
        offset -= o->pieces[o->piece++].len;
    o->offset = offset;
    return o->piece < o->n || offset == 0;
}
