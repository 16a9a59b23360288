/* SPDX-License-Identifier: MIT */
#include "src/record/recording_pack.h"

#include <zlib.h>

#include "src/base/mem.h"

#define BITS_WITH_PHASES 3 /* 8 of 1024 */
#define BITS_MAX 6         /* 64 of 1024 */
/* No second of a run comes near; a file that claims more is made to harm. */
#define UNPACKED_MAX (16u << 20)

/* Without memory for it nothing is appended: the figures of the second are in columns, too. */
static void deflate_second(const struct second *s, struct buf *out)
{
    struct buf bytes = {0};
    second_write(s, &bytes);
    uLongf len = compressBound((uLong)bytes.len);
    buf_reserve(out, len);
    if (compress2((Bytef *)out->data + out->len, &len, (const Bytef *)bytes.data, (uLong)bytes.len,
                  Z_DEFAULT_COMPRESSION) == Z_OK)
        out->len += len;
    out->data[out->len] = '\0';
    buf_finish(&bytes);
}

static void drop_phases(struct second *s)
{
    for (uint32_t i = 0; i < s->n_endpoints; i++)
        for (int k = 0; k < SECOND_PHASES; k++)
            hist_sparse_finish(&s->endpoints[i].phases[k]);
}

void recording_pack(struct second *s, size_t most, struct buf *out)
{
    size_t before = out->len;
    deflate_second(s, out);
    for (unsigned bits = 1; bits <= BITS_MAX && out->len - before > most; bits++) {
        out->len = before;
        if (bits > BITS_WITH_PHASES)
            drop_phases(s);
        second_coarsen(s, bits);
        deflate_second(s, out);
    }
}

bool recording_unpack(const void *data, size_t len, struct second *out, struct err *e)
{
    z_stream z = {.next_in = (Bytef *)data, .avail_in = (uInt)len};
    struct buf bytes = {0};
    bool ok = len <= UNPACKED_MAX && inflateInit(&z) == Z_OK;
    int got = Z_OK;
    while (ok && got == Z_OK && bytes.len <= UNPACKED_MAX) {
        buf_reserve(&bytes, 1u << 16);
        z.next_out = (Bytef *)bytes.data + bytes.len;
        z.avail_out = (uInt)(bytes.room - bytes.len - 1);
        got = inflate(&z, Z_NO_FLUSH);
        bytes.len = (size_t)((char *)z.next_out - bytes.data);
    }
    inflateEnd(&z);
    if (got != Z_STREAM_END || z.avail_in != 0)
        ok = err_set(e, "it is damaged");
    ok = ok && second_read(bytes.data, bytes.len, out, e);
    buf_finish(&bytes);
    return ok;
}
