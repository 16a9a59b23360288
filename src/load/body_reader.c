/* SPDX-License-Identifier: MIT */
#include "src/load/body_reader.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* SplitMix64: any word of the stream without the ones before it. */
static uint64_t payload_word(uint64_t seed, uint64_t i)
{
    uint64_t x = seed + (i + 1) * UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

void payload_bytes(uint64_t seed, uint64_t offset, char *to, size_t n)
{
    size_t done = 0;
    while (done < n) {
        uint64_t word = payload_word(seed, (offset + done) / 8);
        size_t skip = (offset + done) % 8, len = 8 - skip;
        len = len < n - done ? len : n - done;
        memcpy(to + done, (const char *)&word + skip, len);
        done += len;
    }
}

void body_reader_begin(struct body_reader *r, const struct message *m)
{
    *r = (struct body_reader){.pieces = m->body, .n = m->n_pieces};
}

static ssize_t read_file_piece(const struct piece *p, uint64_t offset, char *to, size_t n)
{
    ssize_t got;
    do
        got = pread(p->fd, to, n, (off_t)offset);
    while (got < 0 && errno == EINTR);
    return got > 0 ? got : -1;
}

ssize_t body_reader_read(struct body_reader *r, char *to, size_t n)
{
    while (r->piece < r->n && r->offset == r->pieces[r->piece].len) {
        r->piece++;
        r->offset = 0;
    }
    if (r->piece == r->n || n == 0)
        return 0;
    const struct piece *p = &r->pieces[r->piece];
    uint64_t left = p->len - r->offset;
    ssize_t got = (ssize_t)(n < left ? n : left);
    switch (p->kind) {
    case PIECE_BYTES:
        memcpy(to, p->data + r->offset, (size_t)got);
        break;
    case PIECE_PAYLOAD:
        payload_bytes(p->seed, r->offset, to, (size_t)got);
        break;
    case PIECE_FILE:
        got = read_file_piece(p, r->offset, to, (size_t)got);
        break;
    }
    if (got > 0)
        r->offset += (uint64_t)got;
    return got;
}

bool body_reader_seek(struct body_reader *r, uint64_t offset)
{
    r->piece = 0;
    while (r->piece < r->n && offset > r->pieces[r->piece].len)
        offset -= r->pieces[r->piece++].len;
    r->offset = offset;
    return r->piece < r->n || offset == 0;
}
