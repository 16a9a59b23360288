/* SPDX-License-Identifier: MIT */
#include "src/load/decode.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <zlib.h>

#include "src/base/mem.h"

#define CHUNK 16384
#define FREE_MAX 64 /* decoders that wait to be lent; more of them are freed */

enum coding { CODING_GZIP, CODING_DEFLATE };

enum stage {
    STAGE_HEAD,   /* the first two bytes tell what follows */
    STAGE_INSIDE, /* a gzip member or the one stream */
    STAGE_BEHIND  /* the rest does not matter */
};

/* A coding that is being undone. */
struct layer {
    z_stream z;
    bool z_ready; /* z is initialised: it stays so while the decoder waits */
    enum coding coding;
    enum stage stage;
    unsigned char head[2];
    unsigned n_head;
    unsigned n_streams; /* begun: members of gzip */
    uint64_t out_bytes;
    unsigned char out[CHUNK];
};

struct decoder {
    struct decoder *next;             /* in the list of those that wait */
    struct layer *layers[DECODE_MAX]; /* NULL: never needed */
    unsigned n;                       /* layers in use; the first takes the bytes that come in */
    uint64_t cap;
    const char *damage; /* NULL: none by now */
    char reason[160];
};

struct decoders {
    struct decoder *waiting;
    unsigned n_waiting;
};

/* ---------------------------------------------------------------------- pool */

struct decoders *decoders_create(void)
{
    return mem_zalloc(sizeof(struct decoders));
}

static void decoder_free(struct decoder *d)
{
    for (unsigned i = 0; i < DECODE_MAX; i++) {
        if (d->layers[i] != NULL && d->layers[i]->z_ready)
            inflateEnd(&d->layers[i]->z);
        free(d->layers[i]);
    }
    free(d);
}

void decoders_destroy(struct decoders *all)
{
    if (all == NULL)
        return;
    while (all->waiting != NULL) {
        struct decoder *d = all->waiting;
        all->waiting = d->next;
        decoder_free(d);
    }
    free(all);
}

void decoder_return(struct decoders *all, struct decoder *d)
{
    if (d == NULL)
        return;
    if (all->n_waiting == FREE_MAX) {
        decoder_free(d);
        return;
    }
    d->next = all->waiting;
    all->waiting = d;
    all->n_waiting++;
}

/* ------------------------------------------------------------------- codings */

static void set_damaged(struct decoder *d, const char *why)
{
    d->damage = why;
}

static void add_layer(struct decoder *d, enum coding coding)
{
    if (d->layers[d->n] == NULL)
        d->layers[d->n] = mem_zalloc(sizeof(struct layer));
    struct layer *l = d->layers[d->n++];
    l->coding = coding;
    l->stage = STAGE_HEAD;
    l->n_head = 0;
    l->n_streams = 0;
    l->out_bytes = 0;
}

static bool is_coding_word(const char *text, size_t len, const char *word)
{
    return len == strlen(word) && strncasecmp(text, word, len) == 0;
}

static void add_coding(struct decoder *d, const char *word, size_t len)
{
    if (len == 0 || is_coding_word(word, len, "identity"))
        return;
    if (d->n == DECODE_MAX) {
        set_damaged(d, "the reply is encoded too many times");
    } else if (is_coding_word(word, len, "gzip") || is_coding_word(word, len, "x-gzip")) {
        add_layer(d, CODING_GZIP);
    } else if (is_coding_word(word, len, "deflate")) {
        add_layer(d, CODING_DEFLATE);
    } else {
        snprintf(d->reason, sizeof d->reason,
                 "the reply's Content-Encoding is %.*s, which was not asked for",
                 (int)(len < 60 ? len : 60), word);
        set_damaged(d, d->reason);
    }
}

static bool is_header_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct decoder *decoder_lend(struct decoders *all, const char *codings, size_t len, uint64_t cap)
{
    struct decoder *d = all->waiting;
    if (d != NULL) {
        all->waiting = d->next;
        all->n_waiting--;
    } else {
        d = mem_zalloc(sizeof *d);
    }
    d->n = 0;
    d->cap = cap;
    d->damage = NULL;
    /* The coding that was applied last is undone first. */
    for (size_t end = len; d->damage == NULL;) {
        size_t begin = end;
        while (begin > 0 && codings[begin - 1] != ',')
            begin--;
        size_t from = begin, to = end;
        while (from < to && is_header_blank(codings[from]))
            from++;
        while (to > from && is_header_blank(codings[to - 1]))
            to--;
        add_coding(d, codings + from, to - from);
        if (begin == 0)
            break;
        end = begin - 1;
    }
    return d;
}

/* --------------------------------------------------------------------- bytes */

static void *zlib_alloc(void *unused, unsigned n, unsigned size)
{
    (void)unused;
    return mem_array(n, size);
}

static void zlib_free(void *unused, void *at)
{
    (void)unused;
    free(at);
}

/* 31: gzip with its check; 15: zlib; -15: nothing but deflate. */
static bool layer_begin(struct layer *l, int window_bits)
{
    l->stage = STAGE_INSIDE;
    l->n_streams++;
    if (l->z_ready)
        return inflateReset2(&l->z, window_bits) == Z_OK;
    memset(&l->z, 0, sizeof l->z);
    l->z.zalloc = zlib_alloc;
    l->z.zfree = zlib_free;
    l->z_ready = inflateInit2(&l->z, window_bits) == Z_OK;
    return l->z_ready;
}

static bool is_zlib_head(const unsigned char *head)
{
    return (head[0] & 0x0f) == Z_DEFLATED && head[0] >> 4 <= 7 &&
           (head[0] * 256u + head[1]) % 31 == 0;
}

/* Both bytes are there. */
static bool layer_take_head(struct decoder *d, struct layer *l)
{
    bool gzip = l->coding == CODING_GZIP;
    if (gzip && (l->head[0] != 0x1f || l->head[1] != 0x8b)) {
        if (l->n_streams == 0)
            set_damaged(d, "the reply says that it is gzip and is not");
        l->stage = STAGE_BEHIND;
        return d->damage == NULL;
    }
    if (!layer_begin(l, gzip ? 31 : is_zlib_head(l->head) ? 15 : -15))
        set_damaged(d, "zlib does not start");
    return d->damage == NULL;
}

static enum decode feed_layer(struct decoder *d, unsigned at, const unsigned char *data, size_t len,
                              decode_sink *sink, void *arg);

static enum decode layer_hand_on(struct decoder *d, unsigned at, size_t len, decode_sink *sink,
                                 void *arg)
{
    struct layer *l = d->layers[at];
    l->out_bytes += len;
    if (at + 1 == d->n)
        return sink(arg, (const char *)l->out, len) ? DECODE_OK : DECODE_STOPPED;
    if (l->out_bytes > d->cap)
        return DECODE_TOO_BIG;
    return feed_layer(d, at + 1, l->out, len, sink, arg);
}

/* Until the stream ends or the bytes do; *used: how many it took. */
static enum decode layer_inflate(struct decoder *d, unsigned at, const unsigned char *data,
                                 size_t len, size_t *used, decode_sink *sink, void *arg)
{
    struct layer *l = d->layers[at];
    l->z.next_in = (unsigned char *)(uintptr_t)data;
    l->z.avail_in = (unsigned)len;
    do {
        l->z.next_out = l->out;
        l->z.avail_out = CHUNK;
        int rc = inflate(&l->z, Z_NO_FLUSH);
        if (rc != Z_OK && rc != Z_STREAM_END && rc != Z_BUF_ERROR) {
            snprintf(d->reason, sizeof d->reason, "the reply's encoding is damaged: %s",
                     l->z.msg != NULL ? l->z.msg : "zlib does not say how");
            set_damaged(d, d->reason);
            return DECODE_DAMAGED;
        }
        size_t made = CHUNK - l->z.avail_out;
        enum decode done = made > 0 ? layer_hand_on(d, at, made, sink, arg) : DECODE_OK;
        if (done != DECODE_OK)
            return done;
        if (rc == Z_STREAM_END) {
            l->stage = l->coding == CODING_GZIP ? STAGE_HEAD : STAGE_BEHIND;
            l->n_head = 0;
            break;
        }
    } while (l->z.avail_in > 0 || l->z.avail_out == 0);
    *used = len - l->z.avail_in;
    return DECODE_OK;
}

static enum decode feed_layer(struct decoder *d, unsigned at, const unsigned char *data, size_t len,
                              decode_sink *sink, void *arg)
{
    struct layer *l = d->layers[at];
    while (len > 0 && l->stage != STAGE_BEHIND) {
        size_t used = 0;
        if (l->stage == STAGE_HEAD) {
            l->head[l->n_head++] = *data++;
            len--;
            if (l->n_head < 2)
                continue;
            if (!layer_take_head(d, l))
                return DECODE_DAMAGED;
            if (l->stage == STAGE_BEHIND)
                break;
            enum decode done = layer_inflate(d, at, l->head, 2, &used, sink, arg);
            if (done != DECODE_OK)
                return done;
            continue;
        }
        enum decode done = layer_inflate(d, at, data, len, &used, sink, arg);
        if (done != DECODE_OK)
            return done;
        data += used;
        len -= used;
    }
    return DECODE_OK;
}

enum decode decoder_feed(struct decoder *d, const char *data, size_t len, decode_sink *sink,
                         void *arg)
{
    if (len == 0)
        return DECODE_OK;
    if (d->damage != NULL)
        return DECODE_DAMAGED;
    if (d->n == 0)
        return sink(arg, data, len) ? DECODE_OK : DECODE_STOPPED;
    return feed_layer(d, 0, (const unsigned char *)data, len, sink, arg);
}

/* An empty body is one, whatever its headers say. */
static bool layer_is_whole(const struct layer *l)
{
    bool byte_behind = l->n_streams > 0 && l->head[0] != 0x1f;
    return l->stage == STAGE_BEHIND || (l->stage == STAGE_HEAD && (l->n_head == 0 || byte_behind));
}

enum decode decoder_end(struct decoder *d)
{
    for (unsigned i = 0; i < d->n && d->damage == NULL; i++)
        if (!layer_is_whole(d->layers[i]))
            set_damaged(d, "the reply's encoded body is cut short");
    return d->damage == NULL ? DECODE_OK : DECODE_DAMAGED;
}

const char *decoder_reason(const struct decoder *d)
{
    return d->damage != NULL ? d->damage : "";
}
